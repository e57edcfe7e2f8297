package provision_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"drawbridge/bridge/targets"
)

// tokens is a token endpoint. What it answers can be changed.
type tokens struct {
	*httptest.Server
	mu     sync.Mutex
	asked  []string // the forms
	token  string
	answer http.HandlerFunc // nil: it gives the token
}

func newTokens(t *testing.T, token string) *tokens {
	t.Helper()
	e := &tokens{token: token}
	e.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, secret, _ := r.BasicAuth()
		text, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		e.mu.Lock()
		e.asked = append(e.asked, id+":"+secret+" "+string(text))
		token, answer := e.token, e.answer
		e.mu.Unlock()
		if answer != nil {
			answer(w, r)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"access_token": token, "token_type": "Bearer", "expires_in": 3600})
	}))
	t.Cleanup(e.Close)
	return e
}

// set sets the token that is given from now on, and what is answered instead of it.
func (e *tokens) set(token string, answer http.HandlerFunc) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.token, e.answer = token, answer
}

func (e *tokens) forms() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.asked
}

// A target with client credentials fetches a token, uses it until it expires, and fetches another one if the application refuses it.
func TestClientCredentialsFetchATokenWhenItIsNeeded(t *testing.T) {
	t.Parallel()
	k := start(t)
	e := newTokens(t, k.token)
	k.NewUser(k.idp, person("ann"))
	k.target(func(d *targets.Draft) { d.TokenURL, d.ClientID, d.Scope, d.Secret = e.URL, "bridge", "scim", "s3cret" })
	k.run()
	k.NewUser(k.idp, person("bob"))
	k.later(time.Minute)
	k.run()
	k.equal()
	if got := e.forms(); len(got) != 1 || got[0] != "bridge:s3cret grant_type=client_credentials&scope=scim" {
		t.Fatalf("asked %q", got)
	}
	k.later(2 * time.Hour) // the token has expired
	k.NewUser(k.idp, person("eve"))
	k.run()
	k.equal()
	if got := len(e.forms()); got != 2 {
		t.Errorf("asked %d times", got)
	}
	e.set("another one", nil) // the application refuses it, and so does the next one
	k.later(2 * time.Hour)
	k.NewUser(k.idp, person("zoe"))
	k.run()
	if s := k.state().State; !strings.Contains(s.Error, "refused the credential") {
		t.Errorf("state %+v", s)
	}
	e.set(k.token, nil)
	k.quiet()
	k.equal()
}

// A token endpoint that hangs, refuses the client, redirects, or gives no token is an error that an operator reads. Nothing is sent to the
// application, no person is blamed, and the people arrive when it works again.
func TestHostileTokenEndpointsAreErrors(t *testing.T) {
	t.Parallel()
	write := func(status int, text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, text)
		}
	}
	for name, c := range map[string]struct {
		does http.HandlerFunc
		want string
	}{
		"hangs":           {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, "the token endpoint did not answer in time"},
		"refuses":         {write(http.StatusUnauthorized, `{"error":"invalid_client"}`), "refused the client credentials: invalid_client"},
		"an error in 200": {write(http.StatusOK, `{"error":"invalid_scope"}`), "refused the client credentials: invalid_scope"},
		"redirects": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://169.254.169.254/latest/", http.StatusFound)
		}, "a redirect, which is not followed"},
		"is busy": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "600")
			w.WriteHeader(http.StatusServiceUnavailable)
		}, "the token endpoint answered 503"},
		"no token":                {write(http.StatusOK, `{"token_type":"Bearer"}`), "gave no bearer token"},
		"another type":            {write(http.StatusOK, `{"access_token":"x","token_type":"mac"}`), "gave no bearer token"},
		"no JSON":                 {write(http.StatusOK, "<html>"), "gave no bearer token"},
		"sends without end":       {endless, "gave no bearer token"},
		"ends before it is asked": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "ended the connection"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := start(t)
			k.patience = 20 * time.Second
			if name == "hangs" {
				k.patience = 100 * time.Millisecond
			}
			k.restart()
			e := newTokens(t, k.token)
			e.set(k.token, c.does)
			k.NewUser(k.idp, person("ann"))
			k.target(func(d *targets.Draft) { d.TokenURL, d.ClientID, d.Secret = e.URL, "bridge", "s3cret" })
			k.run()
			s := k.state().State
			if !strings.Contains(s.Error, c.want) || s.FailingSince.IsZero() || s.Next.IsZero() || strings.Contains(s.Error, "s3cret") {
				t.Errorf("state %+v", s)
			}
			if wait := s.Next.Sub(k.Clock.Now()); name == "is busy" && wait < 590*time.Second {
				t.Errorf("it is tried again after %s", wait)
			}
			if failures, err := k.Targets.Failures(t.Context(), k.Op, at("acme")); err != nil || len(failures) > 0 || k.requests.Load() > 0 {
				t.Errorf("failures %+v, %v, after %d requests", failures, err, k.requests.Load())
			}
			e.set(k.token, nil)
			k.patience = 20 * time.Second
			k.restart()
			k.quiet()
			k.equal()
		})
	}
}

// endless answers until the other side has enough.
func endless(w http.ResponseWriter, _ *http.Request) {
	part := make([]byte, 1<<16)
	for i := range part {
		part[i] = ' '
	}
	for range 2 << 30 >> 16 {
		if _, err := w.Write(part); err != nil {
			return
		}
	}
}
