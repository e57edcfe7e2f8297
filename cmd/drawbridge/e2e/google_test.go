package e2e

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"drawbridge/console/client"
	"drawbridge/console/wire"
	"drawbridge/google/googletest"
	"drawbridge/scim/emulator"
)

// TestGoogleDirectoryIsFollowed reads a stand-in of Google through the server: a check, a preview that writes nothing, a run, a run that finds
// nothing to do, a void run, and a suspension.
func TestGoogleDirectoryIsFollowed(t *testing.T) {
	account := googletest.New(time.Now, "admin@acme.test")
	account.Add("admin@acme.test", "Ad", "Min", nil)
	mira := account.Add("mira@acme.test", "Mira", "Bell", nil)
	google := httptest.NewServer(account)
	t.Cleanup(google.Close)
	data := shortDir(t)
	s := start(t, map[string]string{"google.endpoint": google.URL, "google.every": "24h", "data": data})
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
	if r := sync(true); r.Outcome != "complete" || r.Counts.Created != 2 {
		t.Errorf("the preview gave %+v", r)
	}
	if users, err := s.operator.Seats(ctx, "acme"); err != nil || users.Occupied != 0 {
		t.Errorf("the preview took %d seats, %v", users.Occupied, err)
	}
	if r := sync(false); r.Outcome != "complete" || r.Counts.Created != 2 {
		t.Errorf("the run gave %+v", r)
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
	account.RevokeKeys()
	if r := sync(false); r.Outcome != "void" || !strings.Contains(r.Reason, "key") {
		t.Errorf("the run with a revoked key gave %+v", r)
	}
	key = account.NewKey("acme-project")
	text := string(key)
	if _, err := s.operator.UpdateConnection(ctx, "acme-google", "", wire.ConnectionUpdate{Google: &wire.GoogleUpdate{Credentials: &text}}); err != nil {
		t.Fatal(err)
	}
	if r := sync(false); r.Outcome != "complete" {
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
	if out, err := command(t, "doctor", "--data", data, "--connection", "acme-google").CombinedOutput(); err != nil || !strings.Contains(string(out), "ok       read users") {
		t.Errorf("doctor said: %s, %v", out, err)
	}
}

// TestGoogleDirectoryIsObserved rehearses a move from Okta to Google Workspace: the runs change a copy, the tenant stays as it is, and the promotion hands
// the people and the group over to the directory, with the same ids.
func TestGoogleDirectoryIsObserved(t *testing.T) {
	account := googletest.New(time.Now, "admin@acme.test")
	account.Add("admin@acme.test", "Ad", "Min", nil)
	mira := account.Add("mira@acme.test", "Mira", "Bell", nil)
	team := account.AddGroup("team@acme.test", "Team")
	account.Join(team, mira)
	google := httptest.NewServer(account)
	t.Cleanup(google.Close)
	settings := map[string]string{"google.endpoint": google.URL, "google.every": "24h"}
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
