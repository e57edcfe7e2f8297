package server

import (
	"errors"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"drawbridge/bridge/credential"
	"drawbridge/directory"
	"drawbridge/internal/web"
)

// tokenScope is the scope of every access token.
const tokenScope = "scim"

// oauthError is an error of RFC 6749 §5.2.
type oauthError struct {
	status      int
	code        string
	description string
}

func (e *oauthError) Error() string { return e.code + ": " + e.description }

func invalidRequest(description string) error {
	return &oauthError{http.StatusBadRequest, "invalid_request", description}
}

// token is POST /oauth2/token: the client credentials grant (RFC 6749 §4.4). The client secret decides the connection, as a
// bearer token does (C3).
func (s *server) token(c *call) error {
	w := c.response
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Pragma", "no-cache")
	if w.Request.Method != http.MethodPost {
		h.Set("Allow", http.MethodPost)
		return &oauthError{http.StatusMethodNotAllowed, "invalid_request", "a token is asked for with POST"}
	}
	if err := w.Stranger(); err != nil {
		s.metrics.throttle("", "")
		return err
	}
	id, secret, err := c.client()
	if err != nil {
		return err
	}
	from := credential.Client{Address: w.Origin.Address, UserAgent: agent(w.Request.Header), Request: w.ID}
	issued, lifetime, err := s.bridge.IssueAccessToken(c.ctx, "", id, secret, from)
	if err != nil {
		if directory.CodeOf(err) == directory.Unauthorized {
			return s.stranger(c, invalidClient())
		}
		return err
	}
	w.Tenant, w.Connection = string(issued.Token.Tenant), string(issued.Token.Connection)
	c.label.tenant, c.label.connection = issued.Token.Tenant, issued.Token.Connection
	c.note.token(id, lifetime)
	return c.writeToken(issued, lifetime)
}

// client reads the request: the grant, and id and secret by either method of RFC 6749 §2.3.1.
func (c *call) client() (id, secret string, err error) {
	form, err := c.form()
	if err != nil {
		return "", "", err
	}
	id, secret = form.Get("client_id"), form.Get("client_secret")
	if headers := c.response.Request.Header["Authorization"]; len(headers) > 0 {
		c.credential = true
		scheme, rest, _ := strings.Cut(strings.TrimSpace(headers[0]), " ")
		user, password, ok := basic(strings.TrimLeft(rest, " "))
		if len(headers) > 1 || !strings.EqualFold(scheme, "Basic") || !ok {
			return "", "", invalidClient()
		}
		if form.Has("client_secret") {
			return "", "", invalidRequest("the client authenticates twice: in the Authorization header and in the body")
		}
		// The header has both form-encoded. Some clients do not encode them, which makes no difference for the secrets that are issued
		// here.
		user, password = formDecoded(user), formDecoded(password)
		if id != "" && id != user {
			return "", "", invalidRequest("client_id is not the client in the Authorization header")
		}
		id, secret = user, password
	}
	switch grant := form.Get("grant_type"); grant {
	case "":
		return "", "", invalidRequest("grant_type is missing")
	case "client_credentials":
	default:
		return "", "", &oauthError{http.StatusBadRequest, "unsupported_grant_type", "only client_credentials is offered"}
	}
	if id == "" || secret == "" {
		return "", "", invalidClient()
	}
	return id, secret, nil
}

// form reads the body. A parameter may occur in it only once (RFC 6749 §3.2).
func (c *call) form() (url.Values, error) {
	w, s := c.response, c.server
	media, _, err := mime.ParseMediaType(w.Request.Header.Get("Content-Type"))
	if err != nil || media != "application/x-www-form-urlencoded" {
		return nil, invalidRequest("send application/x-www-form-urlencoded")
	}
	b := s.buffer()
	defer s.release(b)
	if b.b, err = w.ReadBody(b.b, web.StrangerBody); err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(b.b))
	if err != nil {
		return nil, invalidRequest("the body is not form-encoded")
	}
	for name, values := range form {
		if len(values) > 1 {
			return nil, invalidRequest("a parameter is given more than once: " + name[:min(len(name), 40)])
		}
	}
	return form, nil
}

func formDecoded(text string) string {
	plain, err := url.QueryUnescape(text)
	if err != nil {
		return text
	}
	return plain
}

func invalidClient() error {
	return &oauthError{http.StatusUnauthorized, "invalid_client", "the client is unknown, or its secret is wrong, expired or revoked"}
}

func (c *call) writeToken(issued credential.Secret, lifetime time.Duration) error {
	return c.writeOAuth(http.StatusOK, directory.Attributes{
		{Name: "access_token", Value: issued.Text},
		{Name: "token_type", Value: "Bearer"},
		number("expires_in", int(lifetime.Seconds())),
		{Name: "scope", Value: tokenScope},
	})
}

// writeTokenError writes an error as RFC 6749 §5.2 does.
func (c *call) writeTokenError(err error) {
	var e *oauthError
	if !errors.As(err, &e) {
		e = &oauthError{http.StatusInternalServerError, "server_error", "an internal error; the log has more under the id of this request"}
		var d *directory.Error
		if errors.As(err, &d) {
			switch d.Code {
			case directory.Throttled:
				e = &oauthError{http.StatusTooManyRequests, "temporarily_unavailable", d.Message}
			case directory.Unavailable:
				e = &oauthError{http.StatusServiceUnavailable, "temporarily_unavailable", d.Message}
			case directory.TooLarge:
				e = &oauthError{http.StatusRequestEntityTooLarge, "invalid_request", d.Message}
			case directory.Invalid:
				e = &oauthError{http.StatusBadRequest, "invalid_request", d.Message}
			case directory.Refused, directory.Forbidden:
				e = &oauthError{http.StatusForbidden, "unauthorized_client", d.Message}
			}
			if d.RetryAfter > 0 {
				c.response.Set("Retry-After", strconv.Itoa(int(d.RetryAfter.Seconds())))
			}
		}
	}
	if e.status == http.StatusUnauthorized && c.credential {
		c.response.Set("Www-Authenticate", `Basic realm="drawbridge"`)
	}
	// It is written; there is nothing left to report.
	_ = c.writeOAuth(e.status, directory.Attributes{{Name: "error", Value: e.code}, {Name: "error_description", Value: e.description}})
}

func (c *call) writeOAuth(status int, body directory.Attributes) error {
	s := c.server
	b := s.buffer()
	defer s.release(b)
	b.b = directory.AppendJSON(b.b, body)
	c.send(status, mediaJSON, b.b)
	return nil
}
