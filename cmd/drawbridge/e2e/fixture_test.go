package e2e

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"drawbridge/cmd/drawbridge/app"
)

// fixture is what scripts/fixture.py recorded about a store of an earlier release.
type fixture struct {
	Made        time.Time                    `json:"made"`
	Credentials map[string]map[string]string `json:"credentials"`
	Commands    []struct {
		Command []string `json:"command"`
		Said    any      `json:"said"`
	} `json:"commands"`
}

func unzipped(t *testing.T, path string) []byte {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// TestUpgrade opens the store of each earlier release, which has every kind of record that the release could write. The file passes the
// check. This release upgrades and serves it, every command prints what it printed then, every credential still works, and new records can
// be added. The clock shows the day when the file was made, so that nothing is too old.
func TestUpgrade(t *testing.T) {
	t.Parallel()
	stores, err := filepath.Glob("../../../store/bolt/testdata/*.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	for i := range stores {
		stores[i] = strings.TrimSuffix(stores[i], ".json.gz") + ".db.gz"
	}
	for _, version := range releases(t) {
		if want := "../../../store/bolt/testdata/release-" + version + ".db.gz"; !slices.Contains(stores, want) {
			t.Errorf("the store of release %s is missing: make it with scripts/fixture.py, which docs/releases.md explains", version)
		}
	}
	for _, path := range stores {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".db.gz"), func(t *testing.T) {
			var was fixture
			if err := json.Unmarshal(unzipped(t, strings.TrimSuffix(path, ".db.gz")+".json.gz"), &was); err != nil {
				t.Fatal(err)
			}
			data := shortDir(t)
			if err := os.WriteFile(app.StorePath(data), unzipped(t, path), 0o600); err != nil {
				t.Fatal(err)
			}
			for _, args := range [][]string{{"check", app.StorePath(data)}, {"check", "--repair", "--data", data}, {"compact", "--data", data}} {
				done(t, args...) // a store of an older release is looked at and written again as it is
			}
			s := startAt(t, data, was.Made)
			for _, asked := range was.Commands {
				if said, ok := asked.Said.(map[string]any); ok && strings.HasPrefix(strings.Join(asked.Command, " "), "user why") {
					delete(said, "next") // what that release would do next, in its own sentences
					delete(said, "syncs")
					statements, _ := said["statements"].([]any)
					for _, statement := range statements {
						if fields, ok := statement.(map[string]any); ok {
							delete(fields, "text")
						}
					}
				}
				stdout := done(t, append(asked.Command, "--data", data, "-o", "json")...)
				if missing := lost(asked.Said, printed(t, asked.Command, stdout), ""); missing != "" {
					t.Errorf("drawbridge %s: %s", strings.Join(asked.Command, " "), missing)
				}
			}
			for name, credential := range was.Credentials {
				want := map[string]int{"revoked": http.StatusUnauthorized, "client": http.StatusOK, "password": http.StatusCreated, "second": http.StatusCreated}[name]
				if want == 0 {
					want = http.StatusOK
				}
				if status, answer := use(t, s.url, credential); status != want {
					t.Errorf("the credential %q: %d, want %d: %s", name, status, want, answer)
				}
			}
			done(t, "tenant", "update", "acme", "--name", "Acme AG", "--data", data)
			done(t, "user", "recover", "acme", "fay@acme.example", "--done", "--data", data)
			done(t, "audit", "verify", "--data", data)
			done(t, "check", "--data", data)
		})
	}
}

// releases are the versions in the changelog.
func releases(t *testing.T) []string {
	t.Helper()
	changelog, err := os.ReadFile("../../../CHANGELOG.md")
	if err != nil {
		t.Fatal(err)
	}
	var versions []string
	for _, heading := range regexp.MustCompile(`(?m)^## \[(.+)\]`).FindAllStringSubmatch(string(changelog), -1) {
		versions = append(versions, heading[1])
	}
	if len(versions) == 0 {
		t.Fatal("the changelog has no version")
	}
	return versions
}

// startAt serves a data folder with a clock that starts at the given time.
func startAt(t *testing.T, data string, at time.Time) *server {
	t.Helper()
	cfg, err := app.Load(app.Source{Flags: map[string]string{"data": data, "listen": "127.0.0.1:0", "api.enabled": "true"}})
	if err != nil {
		t.Fatal(err)
	}
	s := &server{log: &lockedBuffer{}}
	began := time.Now()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	s.app, err = app.New(cfg, app.Options{
		Logger: slog.New(slog.NewTextHandler(s.log, nil)), Now: func() time.Time { return at.Add(time.Since(began)) }, Program: path,
		Env: []string{"GOMEMLIMIT=off"}, // many servers are in this process
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.app.Stop(context.Background()); err != nil {
			t.Errorf("stop: %v", err)
		}
	})
	if err := s.app.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.url = s.app.BaseURL()
	return s
}

// printed reads what a command printed: one JSON text, or one a line from those that print lines.
func printed(t *testing.T, args []string, stdout string) any {
	t.Helper()
	var out any
	if args[1] != "tail" && args[1] != "export" {
		if err := json.Unmarshal([]byte(stdout), &out); err != nil {
			t.Fatalf("%s: %v", args, err)
		}
		return out
	}
	lines := []any{}
	for line := range strings.Lines(stdout) {
		if err := json.Unmarshal([]byte(line), &out); err != nil {
			t.Fatalf("%s: %v", args, err)
		}
		lines = append(lines, out)
	}
	return lines
}

// lost describes a value that the old release printed and this one does not; a later release may print more, never less.
func lost(then, now any, at string) string {
	switch then := then.(type) {
	case map[string]any:
		now, _ := now.(map[string]any)
		for key, value := range then {
			if key == "base_url" { // where the server listens is nothing of the store's
				continue
			}
			if key == "looked" && more(value, now[key]) { // at lines of the audit trail, of which the jobs of the server write some
				continue
			}
			if missing := lost(value, now[key], at+"."+key); missing != "" {
				return missing
			}
		}
	case []any:
		now, _ := now.([]any)
		if len(now) < len(then) {
			return fmt.Sprintf("%s had %d entries and has %d", at, len(then), len(now))
		}
		for i, value := range then {
			if missing := lost(value, counterpart(value, now, i), fmt.Sprintf("%s[%d]", at, i)); missing != "" {
				return missing
			}
		}
	default:
		if !reflect.DeepEqual(then, now) {
			return fmt.Sprintf("%s was %v and is %v", at, then, now)
		}
	}
	return ""
}

// counterpart gives the entry of now with the name of value: a later release adds settings between those that there were. An entry
// without a name has the one at its place.
func counterpart(value any, now []any, i int) any {
	named, _ := value.(map[string]any)
	name, ok := named["name"].(string)
	if !ok {
		return now[i]
	}
	for _, entry := range now {
		if entry, _ := entry.(map[string]any); entry["name"] == name {
			return entry
		}
	}
	return now[i]
}

// more reports whether a number is at least what it was then.
func more(then, now any) bool {
	was, ok1 := then.(float64)
	is, ok2 := now.(float64)
	return ok1 && ok2 && is >= was
}

// use sends the request that a credential of a fixture is for.
func use(t *testing.T, base string, credential map[string]string) (status int, answer string) {
	t.Helper()
	method, body, kind := http.MethodGet, io.Reader(http.NoBody), "application/json"
	switch {
	case credential["secret"] != "":
		method, kind = http.MethodPost, "application/x-www-form-urlencoded"
		body = strings.NewReader(url.Values{"grant_type": {"client_credentials"}, "client_id": {credential["id"]}, "client_secret": {credential["secret"]}}.Encode())
	case credential["password"] != "":
		text, err := json.Marshal(map[string]string{"email": credential["email"], "password": credential["password"], "code": credential["code"]})
		if err != nil {
			t.Fatal(err)
		}
		method, body = http.MethodPost, bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, base+credential["url"], body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	if credential["authorization"] != "" {
		req.Header.Set("Authorization", credential["authorization"])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

// Every command of an older program that opens a newer store refuses it with a sentence, and leaves the file unchanged.
func TestNewerFormatIsRefused(t *testing.T) {
	t.Parallel()
	data := shortDir(t)
	p := serve(t, data)
	makeTenant(t, p.operator, "acme", "okta", 0)
	if err := p.end(t, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	path := app.StorePath(data)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before = regexp.MustCompile(`("magic":"drawbridge","format":)[0-9]`).ReplaceAll(before, []byte("${1}9"))
	if err := os.WriteFile(path, before, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"serve", "--listen", "127.0.0.1:0", "--data", data},
		{"check", path},
		{"check", "--repair", "--data", data},
		{"compact", "--data", data},
		{"restore", path, "--no-checksum", "--data", filepath.Join(shortDir(t), "new")},
	} {
		stdout, stderr, code := run(t, args...)
		if text := stdout + stderr; code == 0 || !strings.Contains(text, "newer release (format 9") || strings.Contains(text, "goroutine") {
			t.Errorf("%s ended with %d: %s", args, code, text)
		}
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file was changed: %v", err)
	}
}
