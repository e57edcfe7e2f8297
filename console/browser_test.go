package console_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"drawbridge/console"
	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/internal/openidtest"
	"drawbridge/internal/web"
)

func TestSignInMethodsAreListed(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	var m wire.SignInMethods
	d.do("GET", "/session/methods", "", 200, &m)
	if !m.Password || m.OIDC != nil || m.Forgot || !m.FirstOwner {
		t.Errorf("of a new server: %+v", m)
	}
	cfg := d.config
	cfg.OIDC = &console.OIDC{Issuer: "https://login.example.com/tenant"}
	cfg.Authenticate = console.Operators(d.bridge.Ops) // no operator is signed in
	d.hire("ada@msp.example", directory.RoleOwner, directory.Scope{All: true})
	d.handler = contracted(t, cfg)
	d.do("GET", "/session/methods", "", 200, &m)
	if m.OIDC == nil || m.OIDC.Label != "login.example.com" || m.FirstOwner {
		t.Errorf("with a provider and an Owner: %+v", m)
	}
	cfg.OIDC.Label = "Example SSO"
	d.do("GET", "/session/methods", "", 200, &m)
	if m.OIDC.Label != "Example SSO" {
		t.Errorf("%+v", m)
	}
}

// TestOIDCLeadsABrowserToTheConsole returns from the provider as a browser does, with and without success.
func TestOIDCLeadsABrowserToTheConsole(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	provider := openidtest.New(t)
	d.hire("ada@msp.example", directory.RoleOwner, directory.Scope{All: true})
	cfg := d.config
	cfg.Authenticate, cfg.Console = console.Operators(d.bridge.Ops), true
	cfg.OIDC = &console.OIDC{Client: http.DefaultClient, Issuer: provider.URL, ClientID: "drawbridge", ClientSecret: "s", Domains: []string{"msp.example"}}
	d.handler = contracted(t, cfg)
	back := func(claim, value string, header ...string) (status int, location, cookie string) {
		t.Helper()
		away := d.do("GET", "/session/oidc", "", 302, nil)
		to, err := url.Parse(away.Header().Get("Location"))
		if err != nil {
			t.Fatal(err)
		}
		provider.Challenge = to.Query().Get("code_challenge")
		provider.Claims = map[string]any{
			"iss": provider.URL, "aud": "drawbridge", "sub": "42", "nonce": to.Query().Get("nonce"), "exp": time.Now().Add(time.Minute).Unix(),
			"iat": time.Now().Unix(), "email": "ada@msp.example", "email_verified": true,
		}
		query := url.Values{"code": {"good"}, "state": {to.Query().Get("state")}}
		if claim == "state" {
			query.Set("state", value)
		} else if claim != "" {
			provider.Claims[claim] = value
		}
		browser, _, _ := strings.Cut(away.Header().Get("Set-Cookie"), ";")
		want := http.StatusSeeOther
		if len(header) == 0 {
			want = http.StatusOK
		}
		rec := d.do("GET", "/session/oidc/callback?"+query.Encode(), "", want, nil, append(header, "Cookie", browser)...)
		cookie, _, _ = strings.Cut(rec.Header().Get("Set-Cookie"), ";")
		return rec.Code, rec.Header().Get("Location"), cookie
	}
	html := []string{"Accept", "text/html,application/xhtml+xml,*/*;q=0.8"}
	_, location, cookie := back("", "", html...)
	if location != "/console/" {
		t.Errorf("after a sign-in the browser goes to %q", location)
	}
	d.do("GET", "/me", "", 200, nil, "Cookie", cookie)
	for claim, want := range map[string][2]string{
		"state": {"wrong", "flow"}, "nonce": {"wrong", "provider"}, "email": {"ada@evil.example", "email"}, "sub": {"43", "operator"},
	} {
		if _, location, cookie := back(claim, want[0], html...); location != "/console/sign-in#oidc="+want[1] || cookie != "" {
			t.Errorf("after a wrong %s the browser goes to %q with the cookie %q", claim, location, cookie)
		}
	}
	if status, _, cookie := back("", ""); status != 200 || cookie == "" { // a program
		t.Errorf("a program gets %d", status)
	}
}

func TestLinksLeadABrowserToTheConsole(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	body := `{"first_name":"A","last_name":"B","email":"a@msp.example","role":"owner"}`
	var link wire.OperatorLink
	d.do("POST", "/operators", body, 201, &link)
	if link.URL != "https://api.example.com/api/v1/links/"+link.Link {
		t.Errorf("without the console: %s", link.URL)
	}
	cfg := d.config
	cfg.Console = true
	d.handler = contracted(t, cfg)
	d.do("POST", "/operators", strings.Replace(body, "a@", "b@", 1), 201, &link)
	if link.URL != "https://api.example.com/console/link#"+link.Link {
		t.Errorf("with the console: %s", link.URL)
	}
	if console.LinkPage("", "dbl_x") != "" || console.LinkURL("", "dbl_x") != "" {
		t.Error("a link begins with nothing")
	}
}

// TestBackgroundRequestsDoNotKeepASessionAlive lets a page refresh itself for longer than a session may be idle.
func TestBackgroundRequestsDoNotKeepASessionAlive(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	_, cookie := d.hire("ada@msp.example", directory.RoleOwner, directory.Scope{All: true})
	var first, me wire.Account
	d.do("GET", "/me", "", 200, &first, "Cookie", cookie)
	if !first.RecentProof || first.Expires == nil || first.IdleUntil == nil || first.ProvedUntil == nil {
		t.Fatalf("%+v", first)
	}
	d.clock += 50 * time.Minute
	d.do("GET", "/me", "", 200, &me, "Cookie", cookie, "Drawbridge-Background", "1")
	if !me.IdleUntil.Equal(*first.IdleUntil) || me.RecentProof {
		t.Errorf("a background request moved the end from %s to %s; recent proof %v", first.IdleUntil, me.IdleUntil, me.RecentProof)
	}
	d.do("GET", "/me", "", 200, &me, "Cookie", cookie)
	if moved := me.IdleUntil.Sub(*first.IdleUntil); moved < 49*time.Minute {
		t.Errorf("a request of a person moved the end by %s", moved)
	}
	d.clock += 40 * time.Minute
	d.do("GET", "/me", "", 200, nil, "Cookie", cookie, "Drawbridge-Background", "1")
	d.clock += 21 * time.Minute
	d.do("GET", "/me", "", 401, nil, "Cookie", cookie, "Drawbridge-Background", "1")
	d.do("GET", "/me", "", 401, nil, "Cookie", cookie)
}

// TestCookieOverHTTPSIsBoundToTheHost signs in through a proxy that speaks HTTPS.
func TestCookieOverHTTPSIsBoundToTheHost(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	d.hire("ada@msp.example", directory.RoleOwner, directory.Scope{All: true})
	cfg := d.config
	cfg.Authenticate = console.Operators(d.bridge.Ops)
	var err error
	if cfg.Proxies, err = web.ParseProxies([]string{"192.0.2.0/24"}); err != nil { // where httptest's requests come from
		t.Fatal(err)
	}
	d.handler = contracted(t, cfg)
	https := []string{"X-Forwarded-Proto", "https", "X-Forwarded-For", "198.51.100.7"}
	rec := d.do("POST", "/session", `{"email":"ada@msp.example","password":"`+password+`"}`, 201, nil, https...)
	cookie := rec.Header().Get("Set-Cookie")
	if !strings.HasPrefix(cookie, "__Host-drawbridge_session=dbs_") || !strings.Contains(cookie, "Secure") || !strings.Contains(cookie, "Path=/;") || strings.Contains(cookie, "Domain") {
		t.Fatalf("cookie %q", cookie)
	}
	cookie, _, _ = strings.Cut(cookie, ";")
	d.do("GET", "/me", "", 200, nil, append(https, "Cookie", cookie)...)
	d.do("GET", "/me", "", 401, nil, append(https, "Cookie", strings.TrimPrefix(cookie, "__Host-"))...) // as a page of a subdomain could set it
	d.do("GET", "/me", "", 401, nil, "Cookie", cookie)
}

func TestConnectionTypesHaveSetupSteps(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	var types wire.Page[wire.IdentityProvider]
	d.do("GET", "/connection-types", "", 200, &types)
	if len(types.Items) != len(directory.ConnectionTypes()) || types.Items[0].Type != "okta" || len(types.Items[0].Auth) == 0 {
		t.Errorf("%+v", types.Items)
	}
	d.do("POST", "/tenants", `{"slug":"acme","name":"Acme"}`, 201, nil)
	d.do("POST", "/connections", `{"slug":"acme-okta","tenant":"acme","type":"okta"}`, 201, nil)
	var setup wire.ConnectionSetup
	rec := d.do("GET", "/connections/acme-okta/setup", "", 200, &setup)
	if setup.BaseURL != "https://scim.example.com/scim/v2/acme-okta" || setup.TokenURL != "https://scim.example.com/oauth2/token" || setup.Setup.Title != "okta" {
		t.Errorf("%+v", setup)
	}
	if strings.Contains(rec.Body.String(), "dbt_") {
		t.Error("the setup shows a credential")
	}
}
