package e2e

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"drawbridge/console/client"
	"drawbridge/console/wire"
	"drawbridge/google/googletest"
)

// TestC11TwoCompaniesReadWithOneGoogleProject shares the key of a service account with two companies by the command line: both are read, the
// key is replaced for both at once, and the one that is detached keeps its people and says why nothing is read.
func TestC11TwoCompaniesReadWithOneGoogleProject(t *testing.T) {
	t.Parallel()
	account := googletest.New(time.Now, "admin@acme.test")
	account.Add("admin@acme.test", "Ad", "Min", nil)
	google := httptest.NewServer(account)
	t.Cleanup(google.Close)
	data := shortDir(t)
	s := start(t, map[string]string{"google.endpoint": google.URL, "outbound.allow": "127.0.0.0/8", "google.every": "24h", "data": data})
	ctx := t.Context()
	drawbridge := func(args ...string) string {
		t.Helper()
		out, err := command(t, append(args, "--data", data)...).CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
		if strings.Contains(string(out), "PRIVATE KEY") {
			t.Errorf("%v prints the key", args)
		}
		return string(out)
	}
	says := func(text string, words ...string) {
		t.Helper()
		for _, w := range words {
			if !strings.Contains(text, w) {
				t.Errorf("%q does not say %q", text, w)
			}
		}
	}
	key := filepath.Join(data, "key.json")
	write := func() {
		t.Helper()
		if err := os.WriteFile(key, account.NewKey("shared-project"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	sync := func(company, outcome string) wire.SyncResult {
		t.Helper()
		r, err := s.operator.SyncConnection(ctx, company+"-google", client.DryRun(false))
		if err != nil || r.Outcome != outcome {
			t.Fatalf("%s: %s %s, %v", company, r.Outcome, r.Reason, err)
		}
		return r
	}
	companies := []string{"acme", "birch"}
	for _, company := range companies {
		drawbridge("tenant", "create", company, "--name", company, "--plan", "business", "--seats", "9")
	}
	write()
	drawbridge("google-project", "create", "shared", "--tenants", "acme", "--key-file", key)
	drawbridge("google-project", "share", "shared", "--tenant", "birch")
	for _, company := range companies {
		drawbridge("connection", "create", company+"-google", "--tenant", company, "--type", "google-directory", "--google-project", "shared", "--google-admin", "admin@acme.test")
		drawbridge("connection", "check", company+"-google")
		if r := sync(company, "complete"); r.Counts.Created != 1 {
			t.Errorf("%s: %+v", company, r.Counts)
		}
	}
	account.RevokeKeys()
	sync("acme", "void")
	write()
	drawbridge("google-project", "rotate", "shared", "--key-file", key)
	for _, company := range companies {
		sync(company, "complete")
	}
	says(drawbridge("google-project", "detach", "shared", "--tenant", "birch", "--dry-run"), "birch-google: nothing is changed any more", "Nothing was done.")
	says(drawbridge("google-project", "list"), "acme, birch", "acme-google, birch-google")
	drawbridge("google-project", "detach", "shared", "--tenant", "birch")
	sync("acme", "complete")
	says(sync("birch", "void").Reason, "the Google project shared was detached from this company")
	says(drawbridge("connection", "show", "birch-google"), "nothing: the Google project shared was detached", "failing")
	if seats, err := s.operator.Seats(ctx, "birch"); err != nil || seats.Occupied != 1 {
		t.Errorf("%d people have access, %v", seats.Occupied, err)
	}
}
