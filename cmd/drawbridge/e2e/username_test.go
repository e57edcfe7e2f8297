package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"drawbridge/cmd/drawbridge/app"
)

// TestUpgradeOfUserNames opens a store of the release that compared userNames byte by byte. Users whose names are equal now are not merged:
// each is found by its id and its name, and is reported until an administrator renames or deletes it.
func TestUpgradeOfUserNames(t *testing.T) {
	t.Parallel()
	var was struct {
		Token string
		Users map[string]struct{ ID, UserName string }
	}
	text, err := os.ReadFile("../../../store/bolt/testdata/names3.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &was); err != nil {
		t.Fatal(err)
	}
	data := shortDir(t)
	if err := os.WriteFile(app.StorePath(data), unzipped(t, "../../../store/bolt/testdata/names3.db.gz"), 0o600); err != nil {
		t.Fatal(err)
	}
	done(t, "check", app.StorePath(data))
	s := startAt(t, data, time.Now()) // the deadlines of connections are compared with the clock of the machine
	base := s.url + "/scim/v2/acme-okta/Users"
	ask := func(method, path, body string, want int) map[string]any {
		t.Helper()
		status, text := fetch(t, method, base+path, was.Token, body)
		if status != want {
			t.Fatalf("%s %s %s: %d, want %d: %s", method, path, body, status, want, text)
		}
		var out map[string]any
		if err := json.Unmarshal([]byte(text), &out); err != nil && text != "" {
			t.Fatal(err)
		}
		return out
	}
	collisions := func(want string) { // the metric follows the answer of a write
		t.Helper()
		waitFor(t, fmt.Sprintf("the metric to be %q", want), func() bool {
			_, text := fetch(t, http.MethodGet, s.url+"/metrics", "", "")
			return regexp.MustCompile(`(?m)^drawbridge_store_name_collisions.*`).FindString(text) == want
		})
	}
	for kind, u := range was.Users {
		if got := ask("GET", "/"+u.ID, "", 200); got["userName"] != u.UserName {
			t.Errorf("%s has the userName %q", kind, got["userName"])
		}
		list := ask("GET", "?filter="+url.QueryEscape(fmt.Sprintf("userName eq %q", u.UserName)), "", 200)
		if found := fmt.Sprint(list["Resources"]); !strings.Contains(found, u.ID) {
			t.Errorf("%s is not found by its own spelling, but %v", kind, found)
		}
		ask("POST", "", fmt.Sprintf(`{"userName":%q}`, strings.ToUpper(u.UserName)), map[string]int{"hidden": 400}[kind]+map[bool]int{true: 409}[kind != "hidden"])
	}
	collisions(`drawbridge_store_name_collisions{tenant="acme"} 2`)
	report := done(t, "check", "--data", data)
	for _, kind := range []string{"composed", "decomposed", "wide", "plain"} {
		if !strings.Contains(report, was.Users[kind].ID) {
			t.Errorf("check does not name %s:\n%s", kind, report)
		}
	}
	ask("PATCH", "/"+was.Users["decomposed"].ID, `{"Operations":[{"op":"replace","path":"userName","value":"second@acme.example"}]}`, 200)
	ask("DELETE", "/"+was.Users["wide"].ID, "", 204)
	collisions("")
	done(t, "audit", "verify", "--data", data)
}
