package doctor_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"drawbridge/bridge"
	"drawbridge/bridge/bridgetest"
	"drawbridge/bridge/credential"
	"drawbridge/directory"
	"drawbridge/doctor"
	"drawbridge/scim/server"
)

// clinic is a real installation with doctor sessions and the SCIM routes.
type clinic struct {
	*bridgetest.Kit
	sessions *doctor.Sessions
	handler  http.Handler
	mu       sync.Mutex
	open     int // copies that are open now
}

func start(t *testing.T) *clinic {
	t.Helper()
	c := &clinic{Kit: bridgetest.Start(t)}
	c.sessions = doctor.New(doctor.Config{Bridge: c.Bridge, Now: c.Clock.Now, Open: func(context.Context) (doctor.Copy, error) {
		other := bridgetest.Start(t)
		c.count(1)
		return doctor.Copy{
			Bridge: other.Bridge, SCIM: server.New(server.Config{Bridge: other.Bridge, Now: c.Clock.Now}),
			Close: func(context.Context) error { c.count(-1); return nil },
		}, nil
	}})
	c.handler = c.sessions.Handler(server.New(server.Config{Bridge: c.Bridge, Now: c.Clock.Now}))
	return c
}

func (c *clinic) count(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open += n
}

// send sends a SCIM request; session "" is a request to the real connection.
func (c *clinic) send(session, method, path, authorization, body string) (int, string) {
	c.T.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/scim+json")
	if strings.HasPrefix(path, "/oauth2/") {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	if session != "" {
		r.Header.Set(doctor.Header, session)
	}
	rec := httptest.NewRecorder()
	c.handler.ServeHTTP(rec, r)
	text, err := io.ReadAll(rec.Body)
	c.OK(err)
	return rec.Code, string(text)
}

const mira = `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"mira@acme.test","active":true}`

func (c *clinic) connect(kind directory.CredentialKind) credential.Secret {
	c.T.Helper()
	_, secret, err := c.CreateConnection(c.T.Context(), c.Op, bridge.ConnectionDraft{ID: "acme-okta", Tenant: "acme", Type: directory.Okta, Token: bridge.TokenOptions{Kind: kind}})
	c.OK(err)
	return secret
}

func (c *clinic) begin() doctor.Session {
	c.T.Helper()
	s, err := c.sessions.Begin(c.T.Context(), c.Op, "acme-okta")
	c.OK(err)
	return s
}

// trace is everything that a run of doctor must leave as it was (D7).
func (c *clinic) trace() string {
	c.T.Helper()
	ctx := c.T.Context()
	c.OK(c.Flush(ctx))
	all, err := c.Connections(ctx, c.Op, "acme")
	c.OK(err)
	seen := all[0]
	seats, err := c.Seats(ctx, c.Op, "acme")
	c.OK(err)
	alerts, err := c.Alerts(ctx, c.Op, "acme", bridge.RecentAlerts)
	c.OK(err)
	var out strings.Builder
	for _, line := range c.AuditOf("acme") {
		out.WriteString(string(line.Action) + "\n")
	}
	out.WriteString(bridgetest.Kinds(c.EventsOf("acme", 0)))
	out.WriteString(strings.Join([]string{"", string(seen.Health.State), seen.LastRequest.String(), seen.LastSuccess.String()}, "\n"))
	for range alerts {
		out.WriteString("\nalert")
	}
	for range seen.Tokens {
		out.WriteString("\ntoken")
	}
	for range seats.Occupied {
		out.WriteString("\nseat")
	}
	return out.String()
}

func TestD7ASessionLeavesNoTrace(t *testing.T) {
	t.Parallel()
	for _, kind := range []directory.CredentialKind{directory.BearerToken, directory.BasicSecret, directory.ClientSecret} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			c := start(t)
			c.NewTenant("acme", 1)
			idp := c.connect(kind)
			before := c.trace()
			s := c.begin()
			if s.Credential.Token.Kind != kind {
				t.Fatalf("the copy has a %s, the connection a %s", s.Credential.Token.Kind, kind)
			}
			for name, secret := range map[string]credential.Secret{"of the copy": s.Credential, "of the identity provider": idp} {
				authorization, status := c.authorize(s.Secret, secret)
				if status != http.StatusOK {
					t.Fatalf("the credential %s: %d", name, status)
				}
				if status, body := c.send(s.Secret, "GET", "/scim/v2/acme-okta/Users", authorization, ""); status != http.StatusOK {
					t.Errorf("the credential %s: %d %s", name, status, body)
				}
			}
			authorization, _ := c.authorize(s.Secret, idp)
			if status, body := c.send(s.Secret, "POST", "/scim/v2/acme-okta/Users", authorization, mira); status != http.StatusCreated {
				t.Fatalf("%d %s", status, body)
			}
			wrong := idp
			wrong.Text = "dbr_" + strings.Repeat("x", 43)
			if authorization, status := c.authorize(s.Secret, wrong); status == http.StatusOK {
				if status, _ = c.send(s.Secret, "GET", "/scim/v2/acme-okta/Users", authorization, ""); status != http.StatusUnauthorized {
					t.Errorf("a wrong secret: %d", status)
				}
			}
			c.OK(c.sessions.End(t.Context(), c.Op, "acme-okta", s.ID))
			if after := c.trace(); after != before {
				t.Errorf("before:\n%s\nafter:\n%s", before, after)
			}
			if status, _ := c.send(s.Secret, "GET", "/scim/v2/acme-okta/Users", authorization, ""); status != http.StatusServiceUnavailable {
				t.Errorf("a session that has ended answers %d", status)
			}
			if c.open != 0 {
				t.Errorf("%d copies are open", c.open)
			}
		})
	}
}

// authorize gives the Authorization header of a secret, by the token endpoint for OAuth.
func (c *clinic) authorize(session string, s credential.Secret) (header string, status int) {
	c.T.Helper()
	r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
	switch s.Token.Kind {
	case directory.BasicSecret:
		r.SetBasicAuth(string(s.Token.ID), s.Text)
	case directory.ClientSecret:
		form := url.Values{"grant_type": {"client_credentials"}, "client_id": {string(s.Token.ID)}, "client_secret": {s.Text}}
		status, body := c.send(session, "POST", "/oauth2/token", "", form.Encode())
		_, rest, _ := strings.Cut(body, `"access_token":"`)
		token, _, _ := strings.Cut(rest, `"`)
		return "Bearer " + token, status
	default:
		r.Header.Set("Authorization", "Bearer "+s.Text)
	}
	return r.Header.Get("Authorization"), http.StatusOK
}

func TestD7ACredentialOfTheCopyOpensNothingElse(t *testing.T) {
	t.Parallel()
	c := start(t)
	c.NewTenant("acme", 1)
	idp := c.connect(directory.BearerToken)
	s := c.begin()
	if status, _ := c.send("", "GET", "/scim/v2/acme-okta/Users", "Bearer "+s.Credential.Text, ""); status != http.StatusUnauthorized {
		t.Errorf("the real connection answers %d", status)
	}
	if status, _ := c.send("", "POST", "/scim/v2/acme-okta/Users", "Bearer "+idp.Text, mira); status != http.StatusCreated {
		t.Errorf("the real connection does not work beside a session: %d", status)
	}
	if _, body := c.send(s.Secret, "GET", "/scim/v2/acme-okta/Users", "Bearer "+idp.Text, ""); strings.Contains(body, "mira") {
		t.Errorf("a session shows people: %s", body)
	}
	if status, _ := c.send("guessed", "GET", "/scim/v2/acme-okta/Users", "Bearer "+idp.Text, ""); status != http.StatusServiceUnavailable {
		t.Errorf("an unknown session: %d", status)
	}
}

func TestD7ObstaclesAreReportedFirst(t *testing.T) {
	t.Parallel()
	c := start(t)
	c.NewTenant("acme", 1)
	c.connect(directory.BearerToken)
	_, err := c.EditConnection(t.Context(), c.Op, "acme-okta", directory.Precondition{}, func(x directory.Connection) (directory.Connection, error) { x.Paused = true; return x, nil })
	c.OK(err)
	_, err = c.sessions.Begin(t.Context(), c.Op, "acme-okta")
	if e := c.Fails(err, directory.Conflict, "L4"); !strings.Contains(e.Message, "is paused") {
		t.Error(e.Message)
	}
	_, err = c.EditTenant(t.Context(), c.Op, "acme", directory.Precondition{}, func(x directory.Tenant) (directory.Tenant, error) { x.Plan = "starter"; return x, nil })
	c.OK(err)
	_, err = c.sessions.Begin(t.Context(), c.Op, "acme-okta")
	c.Fails(err, directory.Refused, "B5")
	_, err = c.sessions.Begin(t.Context(), c.Op, "nothing")
	c.Fails(err, directory.NotFound, "")
}

func TestSessionsAreBounded(t *testing.T) {
	t.Parallel()
	c := start(t)
	c.NewTenant("acme", 1)
	idp := c.connect(directory.BearerToken)
	alive := func(s doctor.Session) bool {
		status, _ := c.send(s.Secret, "GET", "/scim/v2/acme-okta/Users", "Bearer "+idp.Text, "")
		return status == http.StatusOK
	}
	first := c.begin()
	c.Clock.Advance(time.Second)
	second := c.begin()
	c.Clock.Advance(time.Second)
	third := c.begin()
	if alive(first) || !alive(second) || !alive(third) || c.open != 2 {
		t.Errorf("an operator has %d sessions, want the last 2", c.open)
	}
	stranger := c.Op
	stranger.Actor.ID = "another"
	c.OK(c.sessions.End(t.Context(), stranger, "acme-okta", third.ID))
	if !alive(third) {
		t.Error("an operator ended the session of another one")
	}
	c.Clock.Advance(4 * time.Minute)
	alive(third)
	c.Clock.Advance(4 * time.Minute)
	c.OK(c.sessions.Expire(t.Context()))
	if c.open != 1 || !alive(third) || alive(second) {
		t.Errorf("%d sessions are open, want the one that is used", c.open)
	}
	var err error
	for i := range 20 {
		stranger.Actor.ID = strings.Repeat("x", i+1)
		_, begun := c.sessions.Begin(t.Context(), stranger, "acme-okta")
		err = errors.Join(err, begun)
	}
	if directory.CodeOf(err) != directory.Unavailable || c.open > 8 {
		t.Errorf("%d sessions are open: %v", c.open, err)
	}
	c.OK(c.sessions.Close(t.Context()))
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() { _, _ = c.sessions.Begin(t.Context(), c.Op, "acme-okta") }) // most are refused
	}
	group.Wait()
	if c.open > 2 {
		t.Errorf("an operator who begins many at once has %d sessions", c.open)
	}
	c.OK(c.sessions.Close(t.Context()))
	if c.open != 0 {
		t.Errorf("%d sessions are open after the end", c.open)
	}
}
