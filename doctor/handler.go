package doctor

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"drawbridge/bridge"
	"drawbridge/directory"
)

// Header names the session that a request belongs to.
const Header = "Drawbridge-Doctor"

// tokenBody is the maximum size of a request for an access token, in bytes.
const tokenBody = 4 << 10

// noSession is the answer to a request that names a session that this process does not have. Another process with the same address may
// have it, so doctor asks again.
const noSession = `{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"503","detail":"this process has no such doctor session: it has ended, or another process has it"}`

// Handler answers requests that belong to a session from its copy, and gives all others to next.
func (s *Sessions) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		secret := r.Header.Get(Header)
		if secret == "" {
			next.ServeHTTP(w, r)
			return
		}
		x := s.use(secret)
		if x == nil {
			w.Header().Set("Content-Type", "application/scim+json")
			w.Header().Set("Retry-After", "1")
			w.Header().Set(Header, "unknown")
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = io.WriteString(w, noSession)
			return
		}
		r = r.Clone(r.Context())
		r.Header.Del(Header)
		if err := s.present(x, r); err != nil {
			status := http.StatusServiceUnavailable
			if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
				status = http.StatusRequestEntityTooLarge
			}
			http.Error(w, "the credential cannot be checked: "+err.Error(), status)
			return
		}
		x.copy.SCIM.ServeHTTP(w, r)
	})
}

// present replaces a valid credential of the real connection in a request by that of the copy. All other requests stay unchanged, and the
// copy refuses them.
func (s *Sessions) present(x *session, r *http.Request) error {
	own := x.Credential
	if r.URL.Path == "/oauth2/token" {
		return s.presentClient(x, r)
	}
	given, ok := readAuthorization(r.Header.Get("Authorization"))
	if !ok {
		return nil
	}
	if good, err := s.opens(r, x, given); err != nil || !good {
		return err
	}
	switch own.Token.Kind {
	case directory.BasicSecret:
		r.SetBasicAuth(string(own.Token.ID), own.Text)
	default:
		r.Header.Set("Authorization", "Bearer "+own.Text)
	}
	return nil
}

// presentClient is present for a request to the token endpoint, which has the credential in the header or in the form.
func (s *Sessions) presentClient(x *session, r *http.Request) error {
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, tokenBody))
	if err != nil {
		return err
	}
	defer func() {
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		r.Header.Set("Content-Length", strconv.Itoa(len(body)))
	}()
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil // the copy reports what is wrong with the form
	}
	inHeader := r.Header.Get("Authorization") != ""
	given := bridge.Credential{Kind: directory.ClientSecret, User: form.Get("client_id"), Secret: form.Get("client_secret")}
	if inHeader {
		c, ok := readAuthorization(r.Header.Get("Authorization"))
		if !ok || c.Kind != directory.BasicSecret {
			return nil
		}
		given.User, given.Secret = unescape(c.User), unescape(c.Secret)
	}
	if good, err := s.opens(r, x, given); err != nil || !good {
		return err
	}
	id, secret := string(x.Credential.Token.ID), x.Credential.Text
	if inHeader {
		r.SetBasicAuth(id, secret)
		form.Del("client_id")
	} else {
		form.Set("client_id", id)
		form.Set("client_secret", secret)
	}
	body = []byte(form.Encode())
	return nil
}

// opens reports whether a credential is valid for the real connection.
func (s *Sessions) opens(r *http.Request, x *session, c bridge.Credential) (bool, error) {
	err := s.cfg.Bridge.VerifyCredential(r.Context(), x.Connection, c)
	if directory.CodeOf(err) == directory.Unauthorized {
		return false, nil
	}
	return err == nil, err
}

// readAuthorization reads a bearer token, with or without its scheme, or a user name and password.
func readAuthorization(header string) (bridge.Credential, bool) {
	scheme, rest, cut := strings.Cut(strings.TrimSpace(header), " ")
	rest = strings.TrimSpace(rest)
	switch {
	case header == "":
		return bridge.Credential{}, false
	case !cut:
		return bridge.Credential{Kind: directory.BearerToken, Secret: scheme}, true
	case strings.EqualFold(scheme, "Bearer"):
		return bridge.Credential{Kind: directory.BearerToken, Secret: rest}, true
	case strings.EqualFold(scheme, "Basic"):
		plain, err := base64.StdEncoding.DecodeString(rest)
		user, password, ok := strings.Cut(string(plain), ":")
		return bridge.Credential{Kind: directory.BasicSecret, User: user, Secret: password}, err == nil && ok
	}
	return bridge.Credential{}, false
}

func unescape(text string) string {
	plain, err := url.QueryUnescape(text)
	if err != nil {
		return text
	}
	return plain
}
