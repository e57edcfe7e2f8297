package app

import (
	"net/http"
	"os"
	"strings"
	"testing"
)

func TestAPIIsOffUnlessAsked(t *testing.T) {
	t.Parallel()
	a, _ := start(t, nil)
	a.waitReady(t)
	if got, text := fetch(t, http.DefaultClient, "GET", a.BaseURL()+"/api/v1/tenants", "", http.NoBody); got != 404 || strings.Contains(text, "items") {
		t.Errorf("the operator API is on the network: %d %s", got, text)
	}
	if link, err := a.FirstLink(t.Context()); link.URL != "" || err != nil {
		t.Errorf("a link for an API that is not on the network: %+v %v", link, err)
	}
}

// TestFirstOwnerSignsInByTheLink does what a first start does: the link, the first Owner, a session.
func TestFirstOwnerSignsInByTheLink(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Config){
		"beside SCIM":        func(c *Config) { c.API.Enabled = true },
		"on its own address": func(c *Config) { c.API.Listen = "127.0.0.1:0" },
	} {
		t.Run(name, func(t *testing.T) {
			a, _ := start(t, change)
			a.waitReady(t)
			api := a.APIURL() + "/api/v1"
			send := func(method, url, body string, header ...string) (int, http.Header) {
				t.Helper()
				req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
				if err != nil {
					t.Fatal(err)
				}
				req.Header.Set("Content-Type", "application/json")
				for i := 0; i+1 < len(header); i += 2 {
					req.Header.Set(header[i], header[i+1])
				}
				res, err := http.DefaultClient.Do(req)
				if err != nil {
					t.Fatal(err)
				}
				defer res.Body.Close()
				return res.StatusCode, res.Header
			}
			if got, _ := send("GET", api+"/tenants", ""); got != 401 {
				t.Errorf("without a credential: %d", got)
			}
			first, err := a.FirstLink(t.Context())
			link := first.URL
			if err != nil || !strings.HasPrefix(link, api+"/links/dbl_") {
				t.Fatalf("link %q: %v", link, err)
			}
			if text, err := os.ReadFile(first.File); string(text) != link+"\n" || err != nil {
				t.Errorf("%s has %q (%v)", first.File, text, err)
			}
			if info, err := os.Stat(first.File); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%s: %v %v", first.File, info.Mode(), err)
			}
			if got, _ := send("GET", link, ""); got != 200 {
				t.Errorf("looking at the link: %d", got)
			}
			if got, _ := send("POST", link, `{"email":"ada@msp.example","first_name":"Ada","last_name":"L","password":"a good long sentence"}`); got != 200 {
				t.Fatalf("using the link: %d", got)
			}
			got, header := send("POST", api+"/session", `{"email":"ada@msp.example","password":"a good long sentence"}`)
			cookie := header.Get("Set-Cookie")
			if got != 201 || !strings.Contains(cookie, "HttpOnly") || !strings.Contains(cookie, "SameSite=Strict") {
				t.Fatalf("signing in: %d, cookie %q", got, cookie)
			}
			cookie, _, _ = strings.Cut(cookie, ";")
			if got, _ := send("POST", api+"/tenants", `{"slug":"acme","name":"Acme"}`, "Cookie", cookie); got != 201 {
				t.Errorf("as the Owner: %d", got)
			}
			if got, _ := send("POST", api+"/me/api-keys", `{"label":"first"}`, "Cookie", cookie); got != 201 {
				t.Errorf("an API key of the first Owner: %d", got)
			}
			if got, _ := send("POST", api+"/tenants", `{"slug":"evil","name":"Evil"}`, "Cookie", cookie, "Origin", "https://evil.example"); got != 403 {
				t.Errorf("from another site's page: %d", got)
			}
			if got, _ := send("GET", link, ""); got != 404 {
				t.Errorf("the link works twice: %d", got)
			}
			if a.config.API.Listen != "" {
				if got, _ := send("GET", a.BaseURL()+"/api/v1/tenants", "", "Cookie", cookie); got != 404 {
					t.Errorf("the API is beside SCIM too: %d", got)
				}
			}
			if err := a.Stop(t.Context()); err != nil {
				t.Error(err)
			}
			if _, err := os.Stat(first.File); !os.IsNotExist(err) {
				t.Errorf("%s is there after a stop: %v", first.File, err)
			}
		})
	}
}
