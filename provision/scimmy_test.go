package provision_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// scimmy installs an application on SCIMMY, and gives its folder.
func scimmy(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	for _, name := range []string{"package.json", "server.mjs"} {
		text, err := os.ReadFile(filepath.Join("testdata", "scimmy", name))
		if err == nil {
			err = os.WriteFile(filepath.Join(folder, name), text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	install := exec.CommandContext(t.Context(), "npm", "install", "--silent", "--no-audit", "--no-fund", "--prefer-offline")
	install.Dir = folder
	if out, err := install.CombinedOutput(); err != nil {
		t.Fatalf("npm install: %v\n%s", err, out)
	}
	return folder
}

// launch starts the application, and gives its URL.
func launch(t *testing.T, folder, token string) *url.URL {
	t.Helper()
	node := exec.Command("node", "server.mjs", token)
	node.Dir, node.Stderr = folder, os.Stderr
	in, err := node.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := node.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := node.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		_ = node.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("it did not start: %v", err)
	}
	at, err := url.Parse(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// After any sequence of changes and faults both sides are equal before SCIMMY, too. It needs node and npm, so it runs where
// DRAWBRIDGE_SCIMMY=required, as in make ci.
func TestBothSidesBecomeEqualOnScimmy(t *testing.T) {
	t.Parallel()
	if os.Getenv("DRAWBRIDGE_SCIMMY") != "required" {
		return
	}
	folder := scimmy(t)
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			becomeEqual(t, seed, func(k *kit) {
				to := launch(t, folder, k.token)
				pass := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to) }}
				k.proxy.next = http.StripPrefix("/scim/v2/mirror-scim", pass)
				k.other = func() string { return overSCIM(t, k) }
			})
		})
	}
}

// overSCIM is what describe says of our own server, read by SCIM and without faults.
func overSCIM(t *testing.T, k *kit) string {
	t.Helper()
	type record struct {
		ID, ExternalID, UserName, DisplayName, Title string
		Active                                       bool
		Members                                      []struct{ Value string }
	}
	read := func(path string) []record {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/scim/v2/mirror-scim"+path+"?count=1000", nil)
		r.Header.Set("Authorization", "Bearer "+k.token)
		w := httptest.NewRecorder()
		k.proxy.next.ServeHTTP(w, r)
		var out struct{ Resources []record }
		if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil || w.Code != http.StatusOK {
			t.Fatalf("%s: %d %v %s", path, w.Code, err, w.Body)
		}
		return out.Resources
	}
	var out []string
	names := map[string]string{}
	for _, u := range read("/Users") {
		if u.Active {
			names[u.ID] = u.UserName
		}
		out = append(out, fmt.Sprintf("%s %s title=%q active=%v", u.ExternalID, u.UserName, u.Title, u.Active))
	}
	for _, g := range read("/Groups") {
		var in []string
		for _, m := range g.Members {
			if name := names[m.Value]; name != "" {
				in = append(in, name)
			}
		}
		slices.Sort(in)
		out = append(out, fmt.Sprintf("%s group %s %v", g.ExternalID, g.DisplayName, in))
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}
