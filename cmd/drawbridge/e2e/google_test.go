package e2e

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"drawbridge/console/client"
	"drawbridge/console/wire"
	"drawbridge/google/googletest"
	"drawbridge/scim/emulator"
)

// TestGoogleDirectoryIsFollowed reads a simulated Google Directory through the server: a check, a preview that writes nothing, a run, a run
// that finds nothing to do, a void run, and a suspension.
func TestGoogleDirectoryIsFollowed(t *testing.T) {
	t.Parallel()
	account := googletest.New(time.Now, "admin@acme.test")
	account.Add("admin@acme.test", "Ad", "Min", nil)
	mira := account.Add("mira@acme.test", "Mira", "Bell", nil)
	google := httptest.NewServer(account)
	t.Cleanup(google.Close)
	data := shortDir(t)
	s := start(t, map[string]string{"google.endpoint": google.URL, "outbound.allow": "127.0.0.0/8", "google.every": "24h", "data": data})
	ctx := t.Context()
	waitFor(t, "the first run of the job pull", func() bool { // the next one is a day later
		all, err := s.operator.Jobs(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return slices.ContainsFunc(all.Items, func(j wire.Job) bool { return j.Name == "pull" && j.Success != nil })
	})
	if _, err := s.operator.CreateTenant(ctx, wire.TenantCreate{Slug: "acme", Name: "Acme", Plan: "business", Seats: 10}); err != nil {
		t.Fatal(err)
	}
	key := account.NewKey("acme-project")
	made, err := s.operator.CreateConnection(ctx, wire.ConnectionCreate{
		Slug: "acme-google", Tenant: "acme", Type: "google-directory", Google: &wire.GoogleCreate{Admin: "admin@acme.test", Credentials: string(key)},
	})
	if err != nil || made.Auth != "none" || made.Token != "" {
		t.Fatalf("the connection is %+v, %v", made, err)
	}
	if c, err := s.operator.CheckConnection(ctx, "acme-google"); err != nil || !c.OK {
		t.Fatalf("the check gave %+v, %v", c, err)
	}
	sync := func(preview bool) wire.SyncResult {
		t.Helper()
		r, err := s.operator.SyncConnection(ctx, "acme-google", client.DryRun(preview))
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if r := sync(true); r.Outcome != "complete" || r.Counts.Created != 2 || r.Seats.After == nil || *r.Seats.After != 2 {
		t.Errorf("the preview gave %+v", r)
	}
	if out, err := command(t, "connection", "sync", "acme-google", "--preview", "--data", data).CombinedOutput(); err != nil || !strings.Contains(string(out), "would be created") || strings.Contains(string(out), "user.create") {
		t.Errorf("the preview on the command line does not speak plainly: %s, %v", out, err)
	}
	if users, err := s.operator.Seats(ctx, "acme"); err != nil || users.Occupied != 0 {
		t.Errorf("the preview took %d seats, %v", users.Occupied, err)
	}
	if r := sync(false); r.Outcome != "complete" || r.Counts.Created != 2 {
		t.Errorf("the run gave %+v", r)
	}
	if why, err := s.operator.WhyUser(ctx, "acme", "mira@acme.test"); err != nil || len(why.Syncs) != 1 || !why.Syncs[0].Pulled || !strings.Contains(why.Next, "a run that finds the user inactive suspends the user") {
		t.Errorf("what the next run will do: %+v, %v", why, err)
	}
	if out, err := command(t, "connection", "show", "acme-google", "--data", data).CombinedOutput(); err != nil || strings.Contains(string(out), "token create") {
		t.Errorf("connection show offers a token for a directory that is read: %s, %v", out, err)
	}
	if r := sync(false); r.Outcome != "complete" || r.Counts.Unchanged != 2 || len(r.Changes) != 0 {
		t.Errorf("the second run gave %+v", r)
	}
	account.Set(mira, googletest.Person{"suspended": true})
	account.Settle()
	account.SetFault(func(c googletest.Call) *googletest.Fault {
		if c.Kind == "users" {
			return &googletest.Fault{Empty: true}
		}
		return nil
	})
	if r := sync(false); r.Outcome != "void" || r.Counts.Suspended != 0 {
		t.Errorf("the run without pages gave %+v", r)
	}
	account.SetFault(nil)
	if r := sync(false); r.Outcome != "complete" || r.Counts.Suspended != 1 {
		t.Errorf("the run after the suspension gave %+v", r)
	}
	keyIsReplaced(t, s, account, func() wire.SyncResult { return sync(false) })
	if out, err := command(t, "doctor", "--data", data, "--connection", "acme-google").CombinedOutput(); err != nil || !strings.Contains(string(out), "ok       read users") {
		t.Errorf("doctor said: %s, %v", out, err)
	}
}

// keyIsReplaced revokes the key of the service account and gives the connection another one. No key is shown.
func keyIsReplaced(t *testing.T, s *server, account *googletest.Account, sync func() wire.SyncResult) {
	t.Helper()
	ctx := t.Context()
	account.RevokeKeys()
	if r := sync(); r.Outcome != "void" || !strings.Contains(r.Reason, "key") {
		t.Errorf("the run with a revoked key gave %+v", r)
	}
	text := string(account.NewKey("acme-project"))
	if _, err := s.operator.UpdateConnection(ctx, "acme-google", "", wire.ConnectionUpdate{Google: &wire.GoogleUpdate{Credentials: &text}}); err != nil {
		t.Fatal(err)
	}
	if r := sync(); r.Outcome != "complete" {
		t.Errorf("the run with the new key gave %+v", r)
	}
	c, err := s.operator.Connection(ctx, "acme-google")
	if err != nil || c.Health.State != "healthy" {
		t.Errorf("the connection is %s, %v", c.Health.State, err)
	}
	shown, err := json.Marshal(c)
	if err != nil || strings.Contains(string(shown), "PRIVATE KEY") || strings.Contains(s.log.String(), "PRIVATE KEY") {
		t.Errorf("the private key is shown: %v", err)
	}
}

// TestGoogleDirectoryIsObserved rehearses a move from Okta to Google Workspace: the runs change a copy, the tenant stays as it is, and the promotion hands
// the people and the group over to the directory, with the same ids.
func TestGoogleDirectoryIsObserved(t *testing.T) {
	t.Parallel()
	account := googletest.New(time.Now, "admin@acme.test")
	account.Add("admin@acme.test", "Ad", "Min", nil)
	mira := account.Add("mira@acme.test", "Mira", "Bell", nil)
	team := account.AddGroup("team@acme.test", "Team")
	account.Join(team, mira)
	google := httptest.NewServer(account)
	t.Cleanup(google.Close)
	settings := map[string]string{"google.endpoint": google.URL, "outbound.allow": "127.0.0.0/8", "google.every": "24h"}
	if bridges() > 1 {
		settings["store.observe_url"] = database.Database(t)
	}
	s := start(t, settings)
	ctx := t.Context()
	okta := session(s.tenant(t, "acme", "okta", 10), emulator.OktaOIN{})
	play(t, okta,
		emulator.Step{
			Method: "POST", Path: "/Users", Expect: emulator.Expect{Status: []int{http.StatusCreated}, Body: `{"id": "${mira}"}`},
			Body: `{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "mira@acme.test", "externalId": "00u1", "active": true}`,
		},
		emulator.Step{
			Method: "POST", Path: "/Groups", Expect: emulator.Expect{Status: []int{http.StatusCreated}, Body: `{"id": "${team}"}`},
			Body: `{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Team", "members": [{"value": "${mira}"}]}`,
		},
	)
	_, err := s.operator.CreateConnection(ctx, wire.ConnectionCreate{
		Slug: "acme-google", Tenant: "acme", Type: "google-directory", Google: &wire.GoogleCreate{Admin: "admin@acme.test", Credentials: string(account.NewKey("acme-project"))},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.operator.StartObservation(ctx, "acme-google", wire.ObservationStart{TakeOver: "acme"}); err != nil {
		t.Fatal(err)
	}
	r, err := s.operator.SyncConnection(ctx, "acme-google", false)
	if err != nil || r.Outcome != "complete" || !r.Observed || r.Counts.Created != 1 || r.Counts.Adopted != 2 {
		t.Fatalf("the run gave %+v, %v", r, err)
	}
	before, err := s.operator.User(ctx, "acme", okta.Vars["mira"])
	if err != nil || before.Connection != "acme" {
		t.Fatalf("mira is managed by %q before the promotion, %v", before.Connection, err)
	}
	journal, err := s.operator.Journal(ctx, "acme-google", client.JournalSearch{})
	if err != nil || len(journal.Items) == 0 || !journal.Items[0].Observed {
		t.Errorf("the journal does not say that the run was observed: %+v, %v", journal.Items, err)
	}
	o, err := s.operator.Observation(ctx, "acme-google")
	if err != nil || o.Changes != 3 || o.Seats.Before != 1 || o.Seats.After != 2 {
		t.Fatalf("the difference is %+v, %v", o, err)
	}
	changes, err := s.operator.ObservedChanges(ctx, "acme-google")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range changes.Items {
		if want := map[string]string{"mira@acme.test": "userName", "Team": "displayName"}[c.Name]; c.MatchedBy != want {
			t.Errorf("%s is matched by %q, want %q", c.Name, c.MatchedBy, want)
		}
	}
	if done, err := s.operator.Promote(ctx, "acme-google", o.Digest); err != nil || !done.Done || done.Promoted != 3 {
		t.Fatalf("the promotion gave %+v, %v", done, err)
	}
	after, err := s.operator.User(ctx, "acme", okta.Vars["mira"])
	if err != nil || after.Connection != "acme-google" || after.ExternalID != mira || !after.Active {
		t.Errorf("mira is %+v, %v", after, err)
	}
	if r, err := s.operator.SyncConnection(ctx, "acme-google", false); err != nil || r.Observed || len(r.Changes) != 0 || r.Counts.Unchanged != 2 {
		t.Errorf("the run after the promotion gave %+v, %v", r, err)
	}
}

// TestSlowDirectoryDelaysNoOther runs the job while the listing of one directory does not end. Another directory is read meanwhile.
func TestSlowDirectoryDelaysNoOther(t *testing.T) {
	t.Parallel()
	account := googletest.New(time.Now, "admin@acme.test")
	account.Add("admin@acme.test", "Ad", "Min", nil)
	var first atomic.Bool
	release := make(chan struct{})
	google := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/users") && first.CompareAndSwap(false, true) {
			<-release
		}
		account.ServeHTTP(w, r)
	}))
	t.Cleanup(google.Close)
	end := sync.OnceFunc(func() { close(release) })
	t.Cleanup(end)
	s := start(t, map[string]string{"google.endpoint": google.URL, "outbound.allow": "127.0.0.0/8", "google.every": "24h"})
	ctx := t.Context()
	waitFor(t, "the first run of the job pull", func() bool { // the next one is a day later
		all, err := s.operator.Jobs(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return slices.ContainsFunc(all.Items, func(j wire.Job) bool { return j.Name == "pull" && j.Success != nil })
	})
	for _, slug := range []string{"acme", "beta"} {
		ok[wire.Tenant](t)(s.operator.CreateTenant(ctx, wire.TenantCreate{Slug: slug, Name: slug, Plan: "business", Seats: 10}))
		_, err := s.operator.CreateConnection(ctx, wire.ConnectionCreate{
			Slug: slug + "-google", Tenant: slug, Type: "google-directory", Google: &wire.GoogleCreate{Admin: "admin@acme.test", Credentials: string(account.NewKey("acme-project"))},
		})
		must(t, err)
	}
	occupied := func() (n int) {
		for _, slug := range []string{"acme", "beta"} {
			seats, err := s.operator.Seats(ctx, slug)
			must(t, err)
			n += seats.Occupied
		}
		return n
	}
	ended := make(chan error, 1)
	go func() {
		_, err := s.operator.RunJob(ctx, "pull", false)
		ended <- err
	}()
	waitFor(t, "the other directory", func() bool { return occupied() == 1 })
	end()
	must(t, <-ended)
	if n := occupied(); n != 2 {
		t.Errorf("%d people after the job, want 2", n)
	}
}

// shell runs commands against a server, as a person who sets up Google does.
type shell struct {
	*testing.T
	data string
}

func (t *shell) run(args ...string) (string, bool) {
	out, err := command(t, append(args, "--data", t.data)...).CombinedOutput()
	return string(out), err == nil
}

// fails runs a command that must fail, and say this.
func (t *shell) fails(args []string, says ...string) {
	t.Helper()
	out, fine := t.run(args...)
	waitFor(t.T, "the end of a run by the job", func() bool {
		if strings.Contains(out, "try again when it has ended") {
			out, fine = t.run(args...)
		}
		return !strings.Contains(out, "try again when it has ended")
	})
	if fine {
		t.Errorf("%q succeeds:\n%s", args, out)
	}
	for _, text := range says {
		if !strings.Contains(strings.Join(strings.Fields(out), " "), text) {
			t.Errorf("%q does not say %q:\n%s", args, text, out)
		}
	}
}

func (t *shell) works(args ...string) string {
	t.Helper()
	out, fine := t.run(args...)
	if !fine {
		t.Errorf("%q: %s", args, out)
	}
	return out
}

// file writes a file of this name.
func (t *shell) file(name string, text []byte) string {
	t.Helper()
	path := filepath.Join(shortDir(t), name)
	must(t.T, os.WriteFile(path, text, 0o600))
	return path
}

// TestMistakesOfAGoogleSetupAreExplained makes each mistake of a first setup on the command line. The answer names the place in the
// consoles of Google, or the setting, and nothing is half applied.
func TestMistakesOfAGoogleSetupAreExplained(t *testing.T) {
	t.Parallel()
	account := googletest.New(time.Now, "admin@acme.test")
	account.Add("admin@acme.test", "Ad", "Min", googletest.Person{"organizations": []any{map[string]any{"title": "Chief", "primary": true}}})
	ada := account.Add("ada@acme.test", "Ada", "Bell", googletest.Person{"organizations": []any{map[string]any{"title": "Boss", "primary": true}}})
	account.Add("bob@acme.test", "Bob", "Bell", googletest.Person{"organizations": []any{map[string]any{"title": "Boss", "primary": true}}})
	one, two := account.AddGroup("one@acme.test", "One"), account.AddGroup("two@acme.test", "Two")
	account.Join(one, two) // a circle
	account.Join(two, one)
	account.Join(two, ada)
	google := httptest.NewServer(account)
	t.Cleanup(google.Close)
	data := shortDir(t)
	s := start(t, map[string]string{"google.endpoint": google.URL, "outbound.allow": "127.0.0.0/8", "google.every": "24h", "data": data})
	if _, err := s.operator.CreateTenant(t.Context(), wire.TenantCreate{Slug: "acme", Name: "Acme", Plan: "business", Seats: 10}); err != nil {
		t.Fatal(err)
	}
	sh := &shell{T: t, data: data}
	people := func() int {
		t.Helper()
		seats, err := s.operator.Seats(t.Context(), "acme")
		if err != nil {
			t.Fatal(err)
		}
		return seats.Occupied
	}
	key := sh.file("key.json", account.NewKey("acme-project"))
	create := func(slug string, more ...string) []string {
		return append([]string{"connection", "create", slug, "--tenant", "acme", "--type", "google-directory"}, more...)
	}
	check, sync := []string{"connection", "check", "acme-google"}, []string{"connection", "sync", "acme-google"}
	set := func(name, value string) { sh.works("connection", "update", "acme-google", "--google-"+name, value) }

	sh.fails(create("acme-google", "--google-credentials", sh.file("photo.json", []byte("JFIF")), "--google-admin", "admin@acme.test"),
		"not the JSON key of a service account", "Google Cloud console > IAM & Admin > Service Accounts")
	sh.fails(create("acme-google", "--google-credentials", sh.file("me.json", []byte(`{"type":"authorized_user"}`)), "--google-admin", "admin@acme.test"), "the sign-in of a person (gcloud)")
	if out, _ := sh.run("connection", "list", "--tenant", "acme"); strings.Contains(out, "acme-google") {
		t.Errorf("a connection was made of a file that is no key:\n%s", out)
	}
	sh.works(create("acme-google", "--google-credentials", key, "--google-admin", "nobody@acme.test")...)
	sh.fails(check, "the company has no user nobody@acme.test", "Google Admin console > Directory > Users")
	sh.fails(sync, "the company has no user nobody@acme.test")
	set("admin", "ada@acme.test")
	sh.fails(check, "ada@acme.test", "Google Admin console > Account > Admin roles", "skipped read members: the groups cannot be read")
	sh.fails(sync, "Google Admin console > Account > Admin roles", "--google-admin must name one")
	set("admin", "admin@acme.test")
	account.SetScopes("https://www.googleapis.com/auth/admin.directory.user.readonly", "https://www.googleapis.com/auth/admin.directory.group.readonly")
	sh.fails(check, "Manage Domain Wide Delegation", "113456789012345678901", "lacks the scope https://www.googleapis.com/auth/admin.directory.group.member.readonly")
	sh.fails(sync, "Manage Domain Wide Delegation", "admin.directory.group.member.readonly")
	account.SetScopes("https://www.googleapis.com/auth/admin.directory.user.readonly", "https://www.googleapis.com/auth/admin.directory.group.readonly",
		"https://www.googleapis.com/auth/admin.directory.group.member.readonly")
	set("customer", "C0wrong")
	sh.fails(check, "C0wrong", "Google Admin console > Account > Account settings > Profile > Customer ID")
	sh.fails(sync, "Customer ID")
	set("customer", "my_customer")
	account.SetTokenClock(func() time.Time { return time.Now().Add(-6 * time.Minute) })
	sh.fails(check, "the clock of this server is 6m", "ahead of Google's: put it right (NTP)")
	sh.fails(sync, "put it right (NTP)")
	account.SetTokenClock(time.Now)
	if n := people(); n != 0 {
		t.Errorf("runs that failed made %d people", n)
	}
	sh.fails(create("acme-second", "--google-credentials", key, "--google-admin", "admin@acme.test"), "acme-google")

	account.SetFault(func(c googletest.Call) *googletest.Fault { return &googletest.Fault{Duplicate: c.Kind == "users"} })
	sh.works(check...)
	sh.works(sync...) // each person is twice in the pages, and the groups are a circle
	account.SetFault(nil)
	if n := people(); n != 3 {
		t.Errorf("%d people, want 3", n)
	}
	sh.fails([]string{"connection", "attributes", "acme-google", "--set", "userName=title"}, "the mapping would give", "the same userName, Boss")
	if out := sh.works("user", "list", "acme"); !strings.Contains(out, "ada@acme.test") || !strings.Contains(out, "bob@acme.test") {
		t.Errorf("a refused mapping changed people:\n%s", out)
	}
}
