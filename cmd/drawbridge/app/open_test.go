package app

import (
	"bytes"
	"encoding/json"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"drawbridge/console/ui"
	"drawbridge/invitepage"
)

// openTable is the table "What answers without a credential" of SECURITY.md: METHOD and path of each row.
func openTable(t *testing.T) []string {
	t.Helper()
	_, section, found := strings.Cut(shipped(t, "SECURITY.md"), "## What answers without a credential\n")
	if !found {
		t.Fatal("SECURITY.md has no such section")
	}
	section, _, _ = strings.Cut(section, "\n## ")
	var all []string
	for _, row := range regexp.MustCompile("(?m)^\\| (`[^|]+`) \\|").FindAllStringSubmatch(section, -1) {
		for _, entry := range regexp.MustCompile("`([A-Z]+ [^`]+)`").FindAllStringSubmatch(row[1], -1) {
			all = append(all, entry[1])
		}
	}
	if len(all) == 0 {
		t.Fatal("the table of SECURITY.md is empty")
	}
	return all
}

// mountedPrefixes are the prefixes that the listeners have, read from the source, so that a new one cannot be missed.
func mountedPrefixes(t *testing.T) []string {
	t.Helper()
	known := map[string]string{"invitepage.Prefix": invitepage.Prefix, "ui.Prefix": ui.Prefix}
	var all []string
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`\{Prefix: ([^,]+),`).FindAllStringSubmatch(string(text), -1) {
			prefix, literal := known[m[1]], strings.Trim(m[1], `"`)
			if prefix == "" && literal != m[1] {
				prefix = literal
			}
			if prefix == "" {
				t.Errorf("%s mounts %s, which this test does not know", file, m[1])
			}
			all = append(all, prefix)
		}
	}
	return all
}

// strangersRequests are what a stranger may try on a listener: every operation of the APIs, every mount, SCIM, the files of the console, and what servers
// often have.
func strangersRequests(t *testing.T) (all []string) {
	t.Helper()
	for _, file := range []string{"console/openapi.json", "application/openapi.json"} {
		var doc struct {
			Paths map[string]map[string]json.RawMessage `json:"paths"`
		}
		if err := json.Unmarshal([]byte(shipped(t, file)), &doc); err != nil || len(doc.Paths) == 0 {
			t.Fatalf("%s: %v", file, err)
		}
		for path, methods := range doc.Paths {
			for method := range methods {
				all = append(all, strings.ToUpper(method)+" "+regexp.MustCompile(`\{[^}]+\}`).ReplaceAllString(path, "acme-okta"))
			}
		}
	}
	paths := mountedPrefixes(t)
	for _, prefix := range []string{"/api/v1", "/app/v1"} {
		for _, name := range []string{"/openapi.json", "/openapi.yaml", "/openapi-3.0.json", "/openapi-3.0.yaml", "/reference", "/docs", "/schemas", "/"} {
			paths = append(paths, prefix+name)
		}
	}
	for _, connection := range []string{"acme-okta", "nowhere"} {
		for _, name := range []string{"", "/", "/Users", "/Users/1", "/Groups", "/Groups/1", "/Me", "/Bulk", "/.search", "/Users/.search", "/Schemas", "/Schemas/x", "/ResourceTypes", "/ResourceTypes/User", "/ServiceProviderConfig", "/x"} {
			paths = append(paths, "/scim/v2/"+connection+name)
		}
	}
	err := fs.WalkDir(os.DirFS(filepath.Join("..", "..", "..", "console", "ui", "assets")), ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(path, ".js") && !strings.Contains(path, "/vendor/") && len(paths) < 200 {
			paths = append(paths, "/console/"+path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	paths = append(paths, "/", "/scim/v2", "/scim/v2/", "/oauth2/token", "/console", "/console/sign-in", "/console/tenants/acme", "/invitation/acme/x", "/app/", "/api/", "/favicon.ico", "/robots.txt", "/debug/pprof/", "/debug/vars", "/healthz", "/status",
		"/.well-known/security.txt", "/.well-known/openid-configuration", "/index.html", "/data/drawbridge.db")
	for _, path := range paths {
		for _, method := range []string{"GET", "POST", "PUT", "DELETE"} {
			all = append(all, method+" "+path)
		}
	}
	return all
}

// opened are the requests of a stranger that base answers with 2xx or 3xx.
func opened(t *testing.T, base string, requests []string) (found []string) {
	t.Helper()
	stranger := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for _, request := range requests {
		method, path, _ := strings.Cut(request, " ")
		req, err := http.NewRequestWithContext(t.Context(), method, base+path, bytes.NewReader([]byte("{}")))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Accept", "text/html, */*")
		res, err := stranger.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_, err = io.Copy(io.Discard, res.Body)
		if res.Body.Close(); err != nil {
			t.Fatal(err)
		}
		if res.StatusCode < 400 {
			found = append(found, request)
		}
	}
	return found
}

// matches reports whether a row of the table, in which {x} matches one part of a path and * any rest, names a request.
func matches(row, request string) bool {
	pattern := regexp.QuoteMeta(row)
	pattern = regexp.MustCompile(`\\\{[^}]+\\\}`).ReplaceAllString(pattern, "[^/]+")
	pattern = strings.ReplaceAll(pattern, `\*`, ".*")
	return regexp.MustCompile("^" + pattern + "$").MatchString(request)
}

// TestOpenPagesAreThoseOfSECURITY starts the server with each shipped configuration, sends every request on every listener without a
// credential, and compares what answers with the table in SECURITY.md.
func TestOpenPagesAreThoseOfSECURITY(t *testing.T) {
	t.Parallel()
	table, requests := openTable(t), strangersRequests(t)
	configurations := map[string]Source{
		"README, the first start":           {},
		"README, HTTPS with a certificate":  {Flags: map[string]string{"base_url": "https://scim.example.com"}},
		"README, the console":               {Flags: map[string]string{"api.enabled": "true"}},
		"the API on an address of its own":  {Flags: map[string]string{"api.listen": "127.0.0.1:0"}},
		"configs/production.yaml":           {File: filepath.Join(configs, "production.yaml")},
		"configs/production.yaml, with API": {File: filepath.Join(configs, "production.yaml"), Flags: map[string]string{"api.enabled": "true"}},
		"configs/dev.yaml":                  {File: filepath.Join(configs, "dev.yaml")},
		"configs/drawbridge.example.yaml":   {File: filepath.Join(configs, "drawbridge.example.yaml")},
		"the image":                         {Env: imageEnv(t)},
		"compose":                           {Env: append(imageEnv(t), "DRAWBRIDGE_LISTEN=0.0.0.0:8080", "DRAWBRIDGE_METRICS_LISTEN=0.0.0.0:9090")},
		"metrics.listen with a token":       {Flags: map[string]string{"metrics.listen": "127.0.0.1:0", "metrics.token": "a long enough metrics token, 0123456789"}},
	}
	seen := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(configurations)) {
		given := loaded(t, configurations[name])
		a, _ := start(t, func(c *Config) {
			data, stop := c.Data, c.ShutdownTimeout
			*c = *given
			c.Data, c.ShutdownTimeout, c.Backup.Dir = data, stop, ""
			c.Limits.OpenRate, c.Limits.OpenBurst, c.Limits.FailureRate, c.Limits.FailureBurst = 1e6, 1e6, 1e6, 1e6
			if c.BaseURL == "" && !strings.HasPrefix(c.Listen, "127.0.0.1:") {
				c.BaseURL = "http://scim.example.com" // a test listens on this machine alone; the name tells the server that others reach it
			}
			c.Listen = "127.0.0.1:0"
			if c.Metrics.Listen != "" {
				c.Metrics.Listen = "127.0.0.1:0"
			}
		})
		a.waitReady(t)
		var found, onMetrics []string
		for _, at := range a.listening() {
			switch all := opened(t, "http://"+at.String(), requests); {
			case at.String() == a.Addr() || at.String() == a.apiAddr:
				found = append(found, all...)
			case given.Metrics.Listen != "":
				onMetrics = append(onMetrics, all...)
			default:
				t.Errorf("%s: the server listens on %s, which this test does not know", name, at)
			}
		}
		for _, request := range slices.Concat(found, onMetrics) {
			i := slices.IndexFunc(table, func(row string) bool { return matches(row, request) })
			if i < 0 {
				t.Errorf("%s: %s answers without a credential, and SECURITY.md does not say so", name, request)
				continue
			}
			seen[table[i]] = true
		}
		reachable := given.BaseURL != "" || !strings.HasPrefix(given.Listen, "127.0.0.1:") || given.Metrics.Listen != ""
		if slices.Contains(found, "GET /metrics") == reachable {
			t.Errorf("%s: /metrics answers: %v", name, !reachable)
		}
		if given.Metrics.Listen != "" {
			want := []string{"GET /livez", "GET /metrics", "GET /readyz"}
			if given.Metrics.Token != "" {
				want = slices.Delete(want, 1, 2)
			}
			if slices.Sort(onMetrics); !slices.Equal(onMetrics, want) {
				t.Errorf("%s: metrics.listen answers %v, want %v", name, onMetrics, want)
			}
		}
	}
	for _, row := range table {
		if !seen[row] {
			t.Errorf("SECURITY.md says that %s answers without a credential, and it does not", row)
		}
	}
}

// TestOpenPagesAreThoseOfSECURITY tries the addresses that the server has recorded, so each listener must be opened where serve records it.
func TestEveryListenerIsScanned(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]int{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(regexp.MustCompile(`\.Listen(TCP|TLS|AndServe\w*)?\(.*"tcp|:?= listenTCP\(|ListenAndServe|tls\.Listen\(`).FindAll(text, -1)); n > 0 && !strings.HasSuffix(file, "_test.go") {
			found[file] = n
		}
	}
	// listen.go has listenTCP, which the others call. try.go opens a listener for config check, and closes it at once.
	if want := map[string]int{"listen.go": 1, "serve.go": 2, "probe.go": 1, "try.go": 1}; !maps.Equal(found, want) {
		t.Errorf("listeners are opened in %v, want %v: let serve run a new one, and name it here", found, want)
	}
}
