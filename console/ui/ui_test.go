package ui

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path"
	"regexp"
	"strings"
	"testing"
)

func serve(t *testing.T, h http.Handler, method, target string, header http.Header) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, target, http.NoBody)
	for name, values := range header {
		r.Header[name] = values
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func open(t *testing.T) *console {
	t.Helper()
	c, err := load(embedded)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestEachAnswerHasANonceOfItsOwn(t *testing.T) {
	t.Parallel()
	c := open(t)
	seen := map[string]bool{}
	for _, target := range []string{"/console/", "/console/companies", "/console/companies/acme/people/1?tab=x", "/console/no/such/page"} {
		res := serve(t, c, http.MethodGet, target, nil)
		text := res.Body.String()
		policy := res.Header().Get("Content-Security-Policy")
		nonce := regexp.MustCompile(`'nonce-([^']+)'`).FindStringSubmatch(policy)
		if res.Code != http.StatusOK || len(nonce) != 2 || seen[nonce[1]] {
			t.Fatalf("%s: status %d, policy %q; each answer has a nonce of its own", target, res.Code, policy)
		}
		seen[nonce[1]] = true
		for _, part := range []string{"default-src 'none'", "require-trusted-types-for 'script'", "trusted-types 'none'", "frame-ancestors 'none'", "base-uri 'none'"} {
			if !strings.Contains(policy, part) {
				t.Errorf("the policy lacks %s", part)
			}
		}
		if strings.Contains(policy, "unsafe") {
			t.Errorf("the policy allows what it should not: %s", policy)
		}
		for name, want := range map[string]string{"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Resource-Policy": "same-origin"} {
			if got := res.Header().Get(name); got != want {
				t.Errorf("%s: %s is %q, not %q", target, name, got, want)
			}
		}
		if n := strings.Count(text, `nonce="`+nonce[1]+`"`); n != 2 {
			t.Errorf("%s: the nonce is %d times in the page, not at the meta element and the import map alone", target, n)
		}
		if strings.Contains(text, "<style") || strings.Contains(text, " style=") || strings.Contains(text, " on") && regexp.MustCompile(`\son\w+=`).MatchString(text) {
			t.Errorf("%s: the page has inline code or styles", target)
		}
	}
}

// A page that knows that no operator is signed in need not ask, and be refused. A browser keeps the cookie back when another site opens the page.
func TestThePageSaysSignedOutOnlyIfThatIsCertain(t *testing.T) {
	t.Parallel()
	c := open(t)
	for _, row := range []struct {
		site, cookie string
		want         bool
	}{
		{"none", "", true},
		{"same-origin", "", true},
		{"cross-site", "", false},
		{"same-site", "", false},
		{"", "", false},
		{"none", "drawbridge_session=secret", false},
	} {
		header := http.Header{}
		for name, value := range map[string]string{"Sec-Fetch-Site": row.site, "Cookie": row.cookie} {
			if value != "" {
				header.Set(name, value)
			}
		}
		text := serve(t, c, http.MethodGet, "/console/", header).Body.String()
		if got := strings.Contains(text, "data-signed-out"); got != row.want {
			t.Errorf("site %q, cookie %q: the page says that the browser is signed out: %t", row.site, row.cookie, got)
		}
	}
}

func TestAddressesOfTheConsoleServeThePage(t *testing.T) {
	t.Parallel()
	c := open(t)
	for _, row := range []struct {
		method, target string
		status         int
	}{
		{http.MethodGet, "/console", http.StatusPermanentRedirect},
		{http.MethodHead, "/console/", http.StatusOK},
		{http.MethodPost, "/console/", http.StatusMethodNotAllowed},
		{http.MethodGet, "/console/assets/" + c.build + "/app/main.js", http.StatusOK},
		{http.MethodGet, "/console/assets/" + c.build + "/app/", http.StatusNotFound},
		{http.MethodGet, "/console/assets/" + c.build + "/../page.html", http.StatusNotFound},
		{http.MethodGet, "/console/assets/0123456789abcdef/app/main.js", http.StatusNotFound},
		{http.MethodGet, "/console/assets/", http.StatusNotFound},
	} {
		if res := serve(t, c, row.method, row.target, nil); res.Code != row.status {
			t.Errorf("%s %s: %d, not %d", row.method, row.target, res.Code, row.status)
		}
	}
}

func TestEveryAssetIsServed(t *testing.T) {
	t.Parallel()
	c := open(t)
	for name, a := range c.assets {
		target := "/console/assets/" + c.build + "/" + name
		plain := serve(t, c, http.MethodGet, target, nil)
		if !bytes.Equal(plain.Body.Bytes(), a.plain) || plain.Header().Get("Content-Encoding") != "" {
			t.Errorf("%s differs from the file", name)
		}
		if plain.Header().Get("Content-Type") == "application/octet-stream" {
			t.Errorf("%s has no type of its own", name)
		}
		if !strings.Contains(plain.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("%s is not cached for ever", name)
		}
		packed := serve(t, c, http.MethodGet, target, http.Header{"Accept-Encoding": {"br, gzip"}})
		if a.compressed == nil {
			continue
		}
		z, err := gzip.NewReader(packed.Body)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if text, err := io.ReadAll(z); err != nil || !bytes.Equal(text, a.plain) {
			t.Errorf("%s is another file when it is compressed: %v", name, err)
		}
	}
}

// TestEveryImportExists compares every import of every script with the import map and the existing files.
func TestEveryImportExists(t *testing.T) {
	t.Parallel()
	c := open(t)
	text := serve(t, c, http.MethodGet, "/console/", nil).Body.String()
	found := regexp.MustCompile(`(?s)<script type="importmap"[^>]*>(.*?)</script>`).FindStringSubmatch(text)
	if len(found) != 2 {
		t.Fatal("the page has no import map")
	}
	var imports struct {
		Imports map[string]string `json:"imports"`
	}
	if err := json.Unmarshal([]byte(found[1]), &imports); err != nil {
		t.Fatalf("the import map is no JSON: %v", err)
	}
	for name, target := range imports.Imports {
		if c.assets[strings.TrimPrefix(target, "/console/assets/"+c.build+"/")] == nil {
			t.Errorf("%s leads to %s, which does not exist", name, target)
		}
	}
	dynamic := regexp.MustCompile(`import\(\s*["']([^"']+)["']\s*\)`)
	for name, a := range c.assets {
		if path.Ext(name) != ".js" || name == "boot.js" {
			continue
		}
		for _, m := range append(imported.FindAllSubmatch(a.plain, -1), dynamic.FindAllSubmatch(a.plain, -1)...) {
			to := string(m[1])
			if strings.HasPrefix(to, ".") {
				if c.assets[path.Join(path.Dir(name), to)] == nil {
					t.Errorf("%s imports %s, which does not exist", name, to)
				}
			} else if imports.Imports[to] == "" {
				t.Errorf("%s imports %s, which the import map does not know", name, to)
			}
		}
	}
	for _, link := range regexp.MustCompile(`(?:href|src)="([^"]+)"`).FindAllStringSubmatch(text, -1) {
		if res := serve(t, c, http.MethodGet, link[1], nil); res.Code != http.StatusOK {
			t.Errorf("the page names %s: %d", link[1], res.Code)
		}
	}
}

func TestRootRedirectsBrowsersToTheConsole(t *testing.T) {
	t.Parallel()
	rest := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	h := Front(rest)
	browser := http.Header{"Accept": {"text/html,application/xhtml+xml,*/*;q=0.8"}}
	for _, row := range []struct {
		method, target, location string
		header                   http.Header
	}{
		{http.MethodGet, "/", "/console/", browser},
		{http.MethodGet, "/", "", nil},
		{http.MethodPost, "/", "", browser},
		{http.MethodGet, "/scim/v2/acme/Users", "", browser},
		{http.MethodGet, "/api/v1/links/dbl_x", "/console/link#dbl_x", browser},
		{http.MethodGet, "/api/v1/links/dbl_x", "", http.Header{"Accept": {"application/json"}}},
		{http.MethodPost, "/api/v1/links/dbl_x", "", browser},
		{http.MethodGet, "/api/v1/links/a%22%3Cb", "/console/link#a%22%3Cb", browser},
		{http.MethodGet, "/api/v1/tenants", "", browser},
	} {
		res := serve(t, h, row.method, row.target, row.header)
		if got := res.Header().Get("Location"); got != row.location || (row.location == "") != (res.Code == http.StatusTeapot) {
			t.Errorf("%s %s: %d to %q, not to %q", row.method, row.target, res.Code, got, row.location)
		}
	}
}
