package console_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"math/big"
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
)

// openID is a provider that confirms all given claims.
type openID struct {
	*httptest.Server
	t         *testing.T
	key       *rsa.PrivateKey
	claims    map[string]any
	challenge string
}

func newOpenID(t *testing.T) *openID {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p := &openID{t: t, key: key}
	mux := http.NewServeMux()
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	b64 := base64.RawURLEncoding.EncodeToString
	answer := func(w http.ResponseWriter, v any) {
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(v); err != nil {
			t.Error(err)
		}
	}
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]any{
			"issuer": p.URL, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/keys",
			"id_token_signing_alg_values_supported": []string{"RS256"},
		})
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]any{"keys": []any{map[string]any{
			"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "1", "n": b64(key.N.Bytes()), "e": b64(big.NewInt(int64(key.E)).Bytes()),
		}}})
	})
	mux.HandleFunc("/token", func(w http.ResponseWriter, r *http.Request) {
		sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
		if r.FormValue("code") != "good" || b64(sum[:]) != p.challenge {
			http.Error(w, `{"error":"invalid_grant"}`, http.StatusBadRequest)
			return
		}
		answer(w, map[string]any{"access_token": "x", "token_type": "Bearer", "id_token": p.sign()})
	})
	return p
}

func (p *openID) sign() string {
	b64 := base64.RawURLEncoding.EncodeToString
	claims, err := json.Marshal(p.claims)
	if err != nil {
		p.t.Fatal(err)
	}
	text := b64([]byte(`{"alg":"RS256","kid":"1"}`)) + "." + b64(claims)
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, p.key, crypto.SHA256, sum[:])
	if err != nil {
		p.t.Fatal(err)
	}
	return text + "." + b64(signature)
}

func TestOIDC(t *testing.T) {
	d := newDesk(t)
	provider := newOpenID(t)
	cfg := d.config
	cfg.Authenticate = console.Operators(d.bridge.Ops)
	cfg.OIDC = &console.OIDC{
		Client: http.DefaultClient,
		Issuer: provider.URL, ClientID: "drawbridge", ClientSecret: "s", Domains: []string{"msp.example"},
		Groups: []console.GroupRole{{Group: "techs", Role: directory.RoleTechnician}, {Group: "admins", Role: directory.RoleAdmin}},
	}
	d.handler = contracted(t, cfg)
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
		provider.challenge = q.Get("code_challenge")
		provider.claims = map[string]any{
			"iss": provider.URL, "aud": "drawbridge", "sub": "42", "nonce": q.Get("nonce"), "exp": time.Now().Add(time.Minute).Unix(), "iat": time.Now().Unix(),
			"email": "Ada@MSP.example", "email_verified": true, "groups": []string{"all", "techs", "admins"},
		}
		back := url.Values{"code": {"good"}, "state": {q.Get("state")}}
		if change != nil {
			change(provider.claims, back)
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
		"another PKCE challenge": func(map[string]any, url.Values) { provider.challenge = "x" },
	} {
		t.Run(name, func(*testing.T) { signIn(401, change) })
	}
	signIn(401, nil, "drawbridge_oidc=other") // another browser

	// Sign-ins that are begun and never finished are in nobody's way; what they leave is in their own browser.
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

// The cookie of a sign-in is opened only by the server that sealed it, unchanged, and for ten minutes.
func TestOIDCCookie(t *testing.T) {
	d := newDesk(t)
	provider := newOpenID(t)
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
