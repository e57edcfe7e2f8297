package console_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"drawbridge/console"
)

// The document and the reference are public, also on the network, and nothing else is. Every operation of the document is on the page, and
// every link on it works.
func TestReferenceIsCompleteAndPublic(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	network := d.config
	network.Authenticate = console.Operators(d.bridge.Ops)
	handler := console.New(network)
	get := func(path string) *httptest.ResponseRecorder {
		rec := httptest.NewRecorder()
		handler.ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody))
		return rec
	}
	for path, want := range map[string]int{
		"/api/v1/openapi.json": 200, "/api/v1/openapi.yaml": 200, "/api/v1/reference": 200, "/api/v1/tenants": 401, "/api/v1/status": 401, "/api/v1/nothing": 401, "/api/v1/reference/x": 401,
	} {
		if rec := get(path); rec.Code != want {
			t.Errorf("%s: %d, want %d", path, rec.Code, want)
		}
	}
	rec := get("/api/v1/reference")
	page := rec.Body.String()
	if csp := rec.Header().Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") {
		t.Errorf("Content-Security-Policy: %s", csp)
	}
	for _, r := range console.Routes(network) {
		if !strings.Contains(page, `<section id="`+r.ID+`">`) {
			t.Errorf("%s is not in the reference", r.ID)
		}
	}
	for _, m := range regexp.MustCompile(`href="#([^"]+)"`).FindAllStringSubmatch(page, -1) {
		if !strings.Contains(page, `id="`+m[1]+`"`) {
			t.Errorf("#%s leads nowhere", m[1])
		}
	}
	if strings.Contains(page, "ZgotmplZ") {
		t.Error("the template refused a value")
	}
}
