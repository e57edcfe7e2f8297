package e2e

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"drawbridge/store/postgres/pgtest"
)

// TestConfigCheckAsksTheDatabase runs config check --connect against a real PostgreSQL. Each mistake gets a sentence that says what is
// wrong, without the password. A correct database passes.
func TestConfigCheckAsksTheDatabase(t *testing.T) {
	if bridges() < 2 {
		return // it needs PostgreSQL
	}
	t.Parallel()
	c := ok[*pgtest.Cluster](t)(pgtest.Init(pgtest.Folder(t), pgtest.Quick()))
	t.Cleanup(c.Stop)
	if err := c.Exec("postgres", "create role drawbridge login password 's3cret-word'", "create role other login password 's3cret-word'", "create database good owner drawbridge", "create database bare owner drawbridge", "create database newer owner drawbridge"); err != nil {
		t.Fatal(err)
	}
	if err := c.RequirePassword("postgres"); err != nil {
		t.Fatal(err)
	}
	as := func(user, database string) string {
		return strings.Replace(c.URL(database), "postgres@", user+"@", 1)
	}
	for _, database := range []string{"good", "newer"} {
		cmd := command(t, "migrate", "up", "--data", t.TempDir())
		cmd.Env = append(cmd.Env, "DRAWBRIDGE_STORE_URL="+as("drawbridge:s3cret-word", database))
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	if err := c.Exec("newer", "update schema_version set version = 99, min_reader = 99"); err != nil {
		t.Fatal(err)
	}
	page := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(page.Close)
	for name, check := range map[string]struct {
		url, says string
		good      bool
	}{
		"all is well":               {as("drawbridge:s3cret-word", "good"), "store.url: the database answers, and its schema is up to date", true},
		"no schema yet":             {as("drawbridge:s3cret-word", "bare"), "run drawbridge migrate up", false},
		"a newer schema":            {as("drawbridge:s3cret-word", "newer"), "the database is of a newer release", false},
		"a wrong password":          {as("drawbridge:s3cret-wrong", "good"), "the user or the password in store.url is wrong", false},
		"no password":               {as("drawbridge", "good"), "the user or the password in store.url is wrong", false},
		"an unknown user":           {as("nobody:s3cret-word", "good"), "the user or the password in store.url is wrong", false},
		"an unknown database":       {as("drawbridge:s3cret-word", "missing"), "the database in store.url does not exist: create it first", false},
		"a user without any rights": {as("other:s3cret-word", "good"), "the user in store.url may not do that", false},
		"an unknown host":           {"postgres://drawbridge:s3cret-word@nowhere.invalid/good", "there is no address for nowhere.invalid", false},
		"a closed port":             {"postgres://drawbridge:s3cret-word@127.0.0.1:1/good?sslmode=disable", "could not be reached at 127.0.0.1:1: is it running", false},
		"something else answers":    {"postgres://drawbridge:s3cret-word@" + strings.TrimPrefix(page.URL, "http://") + "/good?sslmode=disable", "PostgreSQL that listens", false},
		"it does not speak TLS":     {strings.Replace(as("drawbridge:s3cret-word", "good"), "sslmode=disable", "sslmode=require", 1), "does not speak TLS", false},
	} {
		cmd := command(t, "config", "check", "--connect", "--data", filepath.Join(t.TempDir(), "data"), "--listen", "127.0.0.1:0")
		cmd.Env = append(cmd.Env, "DRAWBRIDGE_STORE_URL="+check.url)
		out, err := cmd.CombinedOutput()
		if text := string(out); !strings.Contains(text, check.says) || (err == nil) != check.good || strings.Contains(text, "s3cret") || strings.Contains(text, "SQLSTATE") || strings.Contains(text, "failed to connect") || strings.Contains(text, "context deadline") {
			t.Errorf("%s: %v, want %q:\n%s", name, err, check.says, text)
		}
	}
}
