package app

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

// openOperations lists what a surface answers without a credential, as METHOD URL, from its own description.
func openOperations(t *testing.T, base, document string) (all []string) {
	t.Helper()
	status, text := fetch(t, http.DefaultClient, http.MethodGet, base+document, "", http.NoBody)
	var doc struct {
		Security []any                                 `json:"security"`
		Paths    map[string]map[string]json.RawMessage `json:"paths"`
	}
	if err := json.Unmarshal([]byte(text), &doc); status != http.StatusOK || err != nil {
		t.Fatalf("%s: %d %v", document, status, err)
	}
	for path, methods := range doc.Paths {
		for method, raw := range methods {
			var op struct {
				Security *[]any `json:"security"`
			}
			if json.Unmarshal(raw, &op) != nil || op.Security == nil || len(*op.Security) > 0 {
				continue
			}
			all = append(all, strings.ToUpper(method)+" "+base+strings.NewReplacer("{link}", "dbl_x", "{code}", "x").Replace(path))
		}
	}
	return all
}

// Requests without a credential, and with a wrong one, are refused to an address that sends too many. Requests with a valid credential are
// served.
func TestStrangersAreThrottledOnEverySurface(t *testing.T) {
	t.Parallel()
	for _, from := range []string{"/api/v1/openapi.json", ""} {
		t.Run(from, func(t *testing.T) {
			a, c := start(t, func(c *Config) {
				c.API.Enabled = true
				c.Limits.OpenRate, c.Limits.OpenBurst, c.Limits.OpenDelay = 0.001, 40, time.Millisecond
			})
			a.waitReady(t)
			issued := connected(t, c)
			base := a.BaseURL()
			all := []string{
				"POST " + base + "/oauth2/token", "GET " + base + "/invitation/acme/x", "POST " + base + "/invitation/acme/x",
				"GET " + base + "/scim/v2/" + issued.Slug + "/ServiceProviderConfig", "GET " + base + "/api/v1/tenants", "GET " + base + "/api/v1/openapi.json", "GET " + base + "/app/v1/openapi.json",
			}
			if from != "" {
				if all = openOperations(t, base, from); len(all) == 0 {
					t.Fatal("nothing is open")
				}
			}
			send := func(what string) int {
				method, url, _ := strings.Cut(what, " ")
				status, _ := fetch(t, http.DefaultClient, method, url, "", strings.NewReader(`{}`))
				return status
			}
			for range 40 {
				send(all[0])
			}
			for _, what := range all {
				if got := send(what); got != http.StatusTooManyRequests {
					t.Errorf("%s: %d, want 429", what, got)
				}
			}
			if got, text := fetch(t, http.DefaultClient, http.MethodGet, base+"/scim/v2/"+issued.Slug+"/Users", issued.Token, http.NoBody); got != http.StatusOK {
				t.Errorf("a connection: %d %s", got, text)
			}
			if _, err := c.Status(t.Context()); err != nil {
				t.Errorf("an operator: %v", err)
			}
		})
	}
}
