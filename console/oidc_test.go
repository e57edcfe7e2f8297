package console_test

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"drawbridge/bridge/operators"
	"drawbridge/console"
	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/internal/openidtest"
)

// federated is a kit whose operators sign in at an OpenID provider, which gives roles by groups.
func federated(t *testing.T) (*kit, *openidtest.Provider) {
	t.Helper()
	d := newKit(t)
	provider := openidtest.New(t)
	cfg := d.config
	cfg.Authenticate = console.Operators(d.bridge.Ops)
	cfg.OIDC = &console.OIDC{
		Client: http.DefaultClient,
		Issuer: provider.URL, ClientID: "drawbridge", ClientSecret: "s", Domains: []string{"msp.example"},
		Groups: []console.GroupRole{{Group: "techs", Role: directory.RoleTechnician}, {Group: "admins", Role: directory.RoleAdmin}},
	}
	d.handler = contracted(t, cfg)
	return d, provider
}

func TestOIDCSignsIn(t *testing.T) {
	t.Parallel()
	d, provider := federated(t)
	v, _, err := d.bridge.CreateOperator(t.Context(), operators.Local("local", "", "x"), operators.Draft{
		FirstName: "Ada", LastName: "L", Email: "ada@msp.example", Role: directory.RoleReadOnly, MFARequired: true,
	})
	if err != nil {
		t.Fatal(err)
	}

	// signIn plays both redirects; change alters something on the way.
	signIn := func(want int, change func(claims map[string]any, back url.Values), cookie ...string) *httptest.ResponseRecorder {
		t.Helper()
		away := d.do("GET", "/session/oidc", "", 302, nil)
		to, err := url.Parse(away.Header().Get("Location"))
		if err != nil {
			t.Fatal(err)
		}
		q := to.Query()
		if q.Get("response_type") != "code" || q.Get("code_challenge_method") != "S256" || q.Get("redirect_uri") != "https://api.example.com/api/v1/session/oidc/callback" {
			t.Fatalf("the way to the provider: %s", to)
		}
		provider.Challenge = q.Get("code_challenge")
		provider.Claims = map[string]any{
			"iss": provider.URL, "aud": "drawbridge", "sub": "42", "nonce": q.Get("nonce"), "exp": time.Now().Add(time.Minute).Unix(), "iat": time.Now().Unix(),
			"email": "Ada@MSP.example", "email_verified": true, "groups": []string{"all", "techs", "admins"},
		}
		back := url.Values{"code": {"good"}, "state": {q.Get("state")}}
		if change != nil {
			change(provider.Claims, back)
		}
		browser, _, _ := strings.Cut(away.Header().Get("Set-Cookie"), ";")
		if len(cookie) > 0 {
			browser = cookie[0]
		}
		rec := d.do("GET", "/session/oidc/callback?"+back.Encode(), "", want, nil, "Cookie", browser)
		d.do("GET", "/session/oidc/callback?"+back.Encode(), "", 401, nil, "Cookie", browser) // never a second time
		return rec
	}

	for name, change := range map[string]func(claims map[string]any, back url.Values){
		"another state":          func(_ map[string]any, back url.Values) { back.Set("state", "x") },
		"another code":           func(_ map[string]any, back url.Values) { back.Set("code", "bad") },
		"the provider says no":   func(_ map[string]any, back url.Values) { back.Set("error", "access_denied") },
		"another nonce":          func(c map[string]any, _ url.Values) { c["nonce"] = "x" },
		"for another client":     func(c map[string]any, _ url.Values) { c["aud"] = "other" },
		"from another issuer":    func(c map[string]any, _ url.Values) { c["iss"] = "https://evil.example" },
		"expired":                func(c map[string]any, _ url.Values) { c["exp"] = time.Now().Add(-time.Hour).Unix() },
		"not verified":           func(c map[string]any, _ url.Values) { c["email_verified"] = false },
		"a foreign domain":       func(c map[string]any, _ url.Values) { c["email"] = "ada@evil.example" },
		"nobody known":           func(c map[string]any, _ url.Values) { c["email"] = "eve@msp.example" },
		"no group with a role":   func(c map[string]any, _ url.Values) { c["groups"] = []string{"all"} },
		"an answer without any":  func(c map[string]any, _ url.Values) { maps.DeleteFunc(c, func(string, any) bool { return true }) },
		"another PKCE challenge": func(map[string]any, url.Values) { provider.Challenge = "x" },
	} {
		t.Run(name, func(*testing.T) { signIn(401, change) })
	}
	signIn(401, nil, "drawbridge_oidc=other") // another browser

	// Unfinished sign-ins cost the server nothing: their state is in the browser.
	for range 1001 {
		d.do("GET", "/session/oidc", "", 302, nil)
	}
	rec := signIn(200, nil)
	cookie, _, _ := strings.Cut(rec.Header().Get("Set-Cookie"), ";")
	var me wire.Account
	d.do("GET", "/me", "", 200, &me, "Cookie", cookie)
	if me.Operator == nil || me.Operator.ID != v.Operator.ID.String() || me.Role != "administrator" || me.Operator.Status != "active" || me.EnrolOnly {
		t.Errorf("account %+v", me)
	}
	// From now on the subject counts, for every address; another subject cannot take the account over by its address.
	signIn(200, func(c map[string]any, _ url.Values) { c["email"] = "ada.new@msp.example" })
	signIn(401, func(c map[string]any, _ url.Values) { c["sub"] = "43" })
}

// A recent authentication tells the provider to ask for the password again, and is refused if the provider says that it did not.
func TestOIDCAsksAgainForAuthentication(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	provider := openidtest.New(t)
	d.do("POST", "/operators", `{"first_name":"Ada","last_name":"L","email":"ada@msp.example","role":"administrator","all_tenants":true}`, 201, nil)
	cfg := d.config
	cfg.Authenticate = console.Operators(d.bridge.Ops)
	cfg.OIDC = &console.OIDC{Client: http.DefaultClient, Issuer: provider.URL, ClientID: "drawbridge", ClientSecret: "s", Domains: []string{"msp.example"}}
	d.handler = contracted(t, cfg)
	for _, c := range []struct {
		query  string
		asked  time.Duration // before now; 0: the provider does not say
		prompt string
		want   int
		proof  bool // dangerous actions are allowed
	}{
		{"", 0, "", 200, false}, // the provider may have asked days ago
		{"", time.Hour, "", 200, false},
		{"", time.Minute, "", 200, true},
		{"?fresh=true", 0, "login", 401, false},
		{"?fresh=true", time.Second, "login", 200, true},
		{"?fresh=true", time.Hour, "login", 401, false},
	} {
		away := d.do("GET", "/session/oidc"+c.query, "", 302, nil)
		to, err := url.Parse(away.Header().Get("Location"))
		if err != nil {
			t.Fatal(err)
		}
		q := to.Query()
		if q.Get("prompt") != c.prompt || (q.Get("max_age") == "0") != (c.prompt != "") {
			t.Errorf("%s leads to %s", c.query, to)
		}
		provider.Expect(q, "ada@msp.example", d.now())
		if c.asked > 0 {
			provider.Claims["auth_time"] = d.now().Add(-c.asked).Unix()
		}
		cookie, _, _ := strings.Cut(away.Header().Get("Set-Cookie"), ";")
		back := url.Values{"code": {"good"}, "state": {q.Get("state")}}
		rec := d.do("GET", "/session/oidc/callback?"+back.Encode(), "", c.want, nil, "Cookie", cookie)
		var account wire.Account
		if err := json.Unmarshal(rec.Body.Bytes(), &account); err != nil {
			t.Fatal(err)
		}
		if account.RecentProof != c.proof || (account.ProvedUntil != nil) != (c.want == 200 && c.asked > 0) {
			t.Errorf("%q, asked %s ago: proof %v until %v", c.query, c.asked, account.RecentProof, account.ProvedUntil)
		}
	}
}

// Only the server that sealed the cookie of a sign-in can open it, unchanged, and for ten minutes.
func TestOIDCCookieIsSealed(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	provider := openidtest.New(t)
	cfg := d.config
	cfg.Authenticate = console.Operators(d.bridge.Ops)
	cfg.OIDC = &console.OIDC{Client: http.DefaultClient, Issuer: provider.URL, ClientID: "drawbridge", ClientSecret: "s", Domains: []string{"msp.example"}}
	handler := contracted(t, cfg)
	cfg.Secret = []byte("a secret of another installation")
	other := contracted(t, cfg)

	d.handler = handler
	away := d.do("GET", "/session/oidc", "", 302, nil)
	to, err := url.Parse(away.Header().Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	back := "/session/oidc/callback?" + url.Values{"code": {"bad"}, "state": {to.Query().Get("state")}}.Encode()
	cookie, _, _ := strings.Cut(away.Header().Get("Set-Cookie"), ";")
	name, value, _ := strings.Cut(cookie, "=")
	for _, hidden := range []string{to.Query().Get("state"), to.Query().Get("nonce")} {
		if text, _ := base64.RawURLEncoding.DecodeString(value); strings.Contains(string(text), hidden) || hidden == "" {
			t.Errorf("the cookie shows %q", hidden)
		}
	}
	refused := func(why, cookie, want string) {
		t.Helper()
		var p wire.Problem
		d.do("GET", back, "", 401, &p, "Cookie", name+"="+cookie)
		if !strings.Contains(p.Detail, want) {
			t.Errorf("%s: %s", why, p.Detail)
		}
	}
	changed := []byte(value)
	changed[len(changed)/2] ^= 1
	refused("changed", string(changed), "another browser")
	refused("cut short", value[:10], "another browser")
	refused("missing", "", "another browser")
	d.handler = other
	refused("of another server", value, "another browser")
	d.handler = handler
	d.clock += 11 * time.Minute
	refused("expired", value, "another browser")
	d.clock -= 11 * time.Minute
	refused("good, with a wrong code", value, "did not accept the code")
	refused("used", value, "another browser")
}
