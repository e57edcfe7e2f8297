package e2e

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"drawbridge/console/wire"
	"drawbridge/scim/emulator"
)

// TestCredentialOpensOneConnection is row 62 of docs/quirks.md: HTTP Basic and OAuth 2.0 client credentials, each on a connection of its
// own. Neither opens another connection.
func TestCredentialOpensOneConnection(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	other := s.tenant(t, "other", "okta", 10)
	one := func(kind string) wire.Issued {
		t.Helper()
		if _, err := s.operator.CreateTenant(t.Context(), wire.TenantCreate{Slug: kind, Name: kind, Plan: "business"}); err != nil {
			t.Fatal(err)
		}
		issued, err := s.operator.CreateConnection(t.Context(), wire.ConnectionCreate{Slug: kind, Tenant: kind, Type: "ping", Auth: kind})
		if err != nil {
			t.Fatal(err)
		}
		return issued
	}
	status := func(base string, auth emulator.Auth) int {
		t.Helper()
		c := &emulator.Client{Base: base, Auth: auth}
		ex := c.Do(t.Context(), http.MethodGet, "/Users", nil, nil)
		if ex.Err != nil {
			t.Fatal(ex.Err)
		}
		return ex.Status
	}
	check := func(what string, got, want int) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %d, want %d", what, got, want)
		}
	}

	basic := one("basic")
	check("basic", status(basic.BaseURL, emulator.Basic(basic.UserName, basic.Token)), http.StatusOK)
	check("basic with a wrong password", status(basic.BaseURL, emulator.Basic(basic.UserName, "x")), http.StatusUnauthorized)
	check("basic with a wrong name", status(basic.BaseURL, emulator.Basic("x", basic.Token)), http.StatusUnauthorized)
	check("basic elsewhere", status(other.BaseURL, emulator.Basic(basic.UserName, basic.Token)), http.StatusUnauthorized)

	oauth := one("oauth")
	form := url.Values{"grant_type": {"client_credentials"}, "scope": {"scim"}}
	inBody := url.Values{"grant_type": {"client_credentials"}, "client_id": {oauth.ClientID}, "client_secret": {oauth.Token}}
	for _, c := range []struct {
		name string
		auth emulator.Auth
		form url.Values
		want int
	}{
		{"in the header", emulator.Basic(oauth.ClientID, oauth.Token), form, http.StatusOK},
		{"in the body", "", inBody, http.StatusOK},
		{"a wrong secret", emulator.Basic(oauth.ClientID, "x"), form, http.StatusUnauthorized},
		{"another grant", emulator.Basic(oauth.ClientID, oauth.Token), url.Values{"grant_type": {"password"}}, http.StatusBadRequest},
	} {
		tokens := &emulator.Client{Base: oauth.TokenURL, Auth: c.auth, Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}}
		ex := tokens.Do(t.Context(), http.MethodPost, "", tokens.Header, []byte(c.form.Encode()))
		if ex.Err != nil || ex.Status != c.want {
			t.Errorf("%s: %d %v %s, want %d", c.name, ex.Status, ex.Err, ex.Answer.Body, c.want)
			continue
		}
		if c.want != http.StatusOK {
			continue
		}
		var reply struct {
			Token   string `json:"access_token"`
			Type    string `json:"token_type"`
			Expires int    `json:"expires_in"`
		}
		if err := json.Unmarshal(ex.Answer.Body, &reply); err != nil || reply.Token == "" || !strings.EqualFold(reply.Type, "bearer") || reply.Expires <= 0 {
			t.Errorf("%s: %s", c.name, ex.Answer.Body)
			continue
		}
		check("an access token", status(oauth.BaseURL, emulator.Bearer(reply.Token)), http.StatusOK)
		check("an access token elsewhere", status(other.BaseURL, emulator.Bearer(reply.Token)), http.StatusUnauthorized)
	}
	check("the client secret as a token", status(oauth.BaseURL, emulator.Bearer(oauth.Token)), http.StatusUnauthorized)
}

// TestRateLimitOfAConnection is row 56 of docs/quirks.md: a connection that sends too much gets whole seconds in Retry-After, succeeds
// after that time, and slows down no other connection.
func TestRateLimitOfAConnection(t *testing.T) {
	s := start(t, map[string]string{"limits.scim_rate": "5", "limits.scim_burst": "5"})
	noisy, quiet := s.tenant(t, "noisy", "okta", 10), s.tenant(t, "quiet", "okta", 10)
	c := &emulator.Client{Base: noisy.BaseURL, Auth: emulator.Bearer(noisy.Token)}
	throttled := 0
	for range 20 {
		ex := c.Do(t.Context(), http.MethodGet, "/Users", nil, nil)
		if ex.Status != http.StatusTooManyRequests {
			continue
		}
		throttled++
		if after := ex.Answer.Header.Get("Retry-After"); after == "" || strings.Trim(after, "0123456789") != "" {
			t.Fatalf("Retry-After is %q", after)
		}
		if problems := (emulator.Vars{}).Match(`{"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "429", "detail": "*"}`, ex.Answer.Body); len(problems) > 0 {
			t.Fatal(problems)
		}
	}
	if throttled == 0 {
		t.Error("twenty requests at once passed a limit of five")
	}
	play(t, session(quiet, emulator.OktaAIW{}), emulator.OktaAIW{}.Test()...)
	play(t, session(noisy, emulator.OktaAIW{}), emulator.OktaAIW{}.Create(emulator.NewCast("", "acme.test").Mira)...)
}

// A client that names a connection or a company that no store can contain gets the same answer as any other without a credential (C3).
func TestUnknownConnectionGetsTheUsualAnswer(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	acme := s.tenant(t, "acme", "okta", 10)
	_, want := ask(t, "GET", s.url+"/scim/v2/nobody/Users", "wrong", "")
	for _, name := range []string{"a%00b", "%ff", "%00", "acme%00"} {
		for _, token := range []string{"", acme.Token} {
			if status, got := ask(t, "GET", s.url+"/scim/v2/"+name+"/Users", token, ""); status != 401 || got != want {
				t.Errorf("%s: %d %s", name, status, got)
			}
		}
		if status, _ := ask(t, "GET", s.url+"/invitation/"+name+"/dbi_x", "", ""); status != 404 {
			t.Errorf("an invitation of %s: %d", name, status)
		}
		if status, _ := ask(t, "GET", s.url+"/app/v1/tenants/"+name+"/access?email=a@b.example", "dba_x", ""); status != 401 {
			t.Errorf("an application of %s: %d", name, status)
		}
	}
}
