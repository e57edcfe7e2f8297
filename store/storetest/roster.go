package storetest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"drawbridge/directory"
	"drawbridge/store"
)

// RunRoster tests the roster of a store. open makes an empty store, which the test does not close.
func RunRoster(t *testing.T, open func(t *testing.T) store.Store) {
	t.Helper()
	for _, test := range []struct {
		name string
		run  func(t *testing.T, open func(t *testing.T) store.Store)
	}{
		{"it follows every write", rosterFollowsEveryWrite},
		{"it has every tenant that was created", rosterHasEveryCreatedTenant},
		{"it has connections and pending decisions", rosterHasConnectionsAndPendingDecisions},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.run(t, open)
		})
	}
}

func rosterTime() time.Time { return time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC) }

func auditLine(tenant directory.TenantID) []directory.Audit {
	return []directory.Audit{{Time: rosterTime(), Tenant: tenant, Action: "test", Outcome: directory.Done}}
}

// putTenant writes a tenant with so many people.
func putTenant(t *testing.T, s store.Store, id directory.TenantID, name string, people ...directory.ID) {
	t.Helper()
	err := s.Update(context.Background(), id, nil, func(store.Reader) (directory.Change, error) {
		c := directory.Change{Tenant: &directory.Tenant{ID: id, Name: name, Version: 1, Created: rosterTime(), Modified: rosterTime(), Status: directory.TenantActive}, Audit: auditLine(id)}
		for _, u := range people {
			c.Users = append(c.Users, directory.User{ID: u, Version: 1, UserName: u.String(), State: directory.Active, Document: directory.Document(`{}`)})
		}
		return c, nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// The roster agrees with the summaries after every kind of write: a new tenant, a change of it, of its people, a hand-over in and out.
func rosterFollowsEveryWrite(t *testing.T, open func(t *testing.T) store.Store) {
	ctx := context.Background()
	s := open(t)
	same := func(after string) {
		t.Helper()
		var want, got []string
		text := func(t *directory.Tenant, u *directory.Usage) string {
			return fmt.Sprintf("%s %q %s %d", t.ID, t.Name, t.Status, u.Users[directory.TeamMember][directory.Active])
		}
		if err := s.Summaries(ctx, nil, func(sum *store.Summary) error {
			want = append(want, text(&sum.Tenant, &sum.Usage))
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		rows, err := s.Roster(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			got = append(got, text(&row.Tenant, &row.Usage))
		}
		if !slices.Equal(got, want) {
			t.Errorf("after %s the roster has\n%q, want\n%q", after, got, want)
		}
	}
	same("nothing")
	putTenant(t, s, "birch", "Birch")
	putTenant(t, s, "acme", "Acme", directory.ID{1})
	same("two tenants")
	putTenant(t, s, "acme", "ACME", directory.ID{1}, directory.ID{2})
	same("another name and another person")
	putTenant(t, s, "cedar", "Cedar")
	same("a third tenant")
	stage, err := s.Stage(ctx, "dogwood")
	if err != nil {
		t.Fatal(err)
	}
	if err := stage.Put(ctx, directory.Change{Users: []directory.User{{ID: directory.ID{9}, Version: 1, UserName: "x", State: directory.Active, Document: directory.Document(`{}`)}}}); err != nil {
		t.Fatal(err)
	}
	same("a stage")
	err = stage.Publish(ctx, func(store.Reader) (directory.Change, error) {
		return directory.Change{Tenant: &directory.Tenant{ID: "dogwood", Name: "Dogwood", Version: 2, Created: rosterTime(), Modified: rosterTime(), Status: directory.TenantActive}, Audit: auditLine("dogwood")}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	same("a publish")
	err = s.Erase(ctx, "acme", func(store.Reader) (directory.Change, error) {
		return directory.Change{Tenant: &directory.Tenant{ID: "acme", Version: 3, Created: rosterTime(), Modified: rosterTime(), Status: directory.TenantGone}, Audit: auditLine("acme")}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	same("an erasure")
}

// A tenant whose creation was acknowledged is in the roster, however many clients write at the same time.
func rosterHasEveryCreatedTenant(t *testing.T, open func(t *testing.T) store.Store) {
	ctx := context.Background()
	s := open(t)
	var all sync.WaitGroup
	for w := range 4 {
		all.Go(func() {
			for i := range 20 {
				id := directory.TenantID(fmt.Sprintf("t%d-%02d", w, i))
				putTenant(t, s, id, string(id))
				rows, err := s.Roster(ctx)
				if err != nil || !slices.ContainsFunc(rows, func(row *store.RosterRow) bool { return row.Tenant.ID == id }) {
					t.Errorf("%s is not in the roster: %v", id, err)
				}
			}
		})
	}
	all.Wait()
}

// After every kind of write, the row of a tenant has its pending decisions and the last use of its credentials.
func rosterHasConnectionsAndPendingDecisions(t *testing.T, open func(t *testing.T) store.Store) {
	ctx := context.Background()
	s := open(t)
	putTenant(t, s, "acme", "Acme")
	putTenant(t, s, "birch", "Birch")
	row := func(step string) *store.RosterRow {
		t.Helper()
		rows, err := s.Roster(ctx)
		if err != nil || len(rows) != 2 {
			t.Fatalf("%s: %d rows, %v", step, len(rows), err)
		}
		return rows[0]
	}
	change := func(c directory.Change) {
		t.Helper()
		c.Audit = auditLine("acme")
		if err := s.Update(ctx, "acme", nil, func(store.Reader) (directory.Change, error) { return c, nil }); err != nil {
			t.Fatal(err)
		}
	}
	if r := row("nothing"); len(r.Connections)+len(r.Alerts)+len(r.Held)+len(r.Requests) != 0 {
		t.Errorf("%+v", r)
	}
	token := directory.Token{ID: "t", Tenant: "acme", Connection: "acme-okta", Hash: [32]byte{1}, Created: rosterTime()}
	pending := directory.DeletionRequest{ID: directory.ID{7}, Tenant: "acme", Status: directory.RequestPending, Created: rosterTime(), Expires: rosterTime().Add(time.Hour)}
	change(directory.Change{
		Connections: []directory.Connection{{ID: "acme-okta", Tenant: "acme", Type: directory.Okta, Version: 1}},
		Tokens:      []directory.Token{token}, Requests: []directory.DeletionRequest{pending},
		KVs: []directory.KV{{Kind: directory.AlertKV, Key: "a", Value: directory.Document(`{}`)}, {Kind: directory.HeldKV, Key: "h", Value: directory.Document(`{}`)}},
	})
	if r := row("a write"); len(r.Connections) != 1 || len(r.Connections[0].Tokens) != 1 || len(r.Connections[0].Uses) != 0 || len(r.Alerts) != 1 || len(r.Held) != 1 || len(r.Requests) != 1 {
		t.Errorf("%+v", r)
	}
	before := row("a write")
	for i := range 3 {
		use := directory.Use{Tenant: "acme", Connection: "acme-okta", Token: "t", Last: rosterTime().Add(time.Duration(i) * time.Hour), Success: rosterTime().Add(time.Duration(i) * time.Hour)}
		if err := s.Touch(ctx, []directory.Use{use}); err != nil {
			t.Fatal(err)
		}
		if r := row("a use"); len(r.Connections[0].Uses) != 1 || !r.Connections[0].Uses[0].Success.Equal(use.Success) || len(r.Alerts) != 1 {
			t.Errorf("after use %d: %+v", i, r)
		}
	}
	if len(before.Connections[0].Uses) != 0 {
		t.Error("a row that was given changed afterwards")
	}
	// A use and a write before the roster is read again: both are in the row.
	token.Revoked = rosterTime()
	pending.Status = directory.RequestRejected
	if err := s.Touch(ctx, []directory.Use{{Tenant: "acme", Connection: "acme-okta", Token: "t", Last: rosterTime().Add(9 * time.Hour)}}); err != nil {
		t.Fatal(err)
	}
	change(directory.Change{Tokens: []directory.Token{token}, Requests: []directory.DeletionRequest{pending}, DropKVs: []directory.KVRef{{Kind: directory.AlertKV, Key: "a"}}})
	if r := row("a use and a write"); len(r.Connections[0].Tokens) != 0 || !r.Connections[0].Uses[0].Last.Equal(rosterTime().Add(9*time.Hour)) || len(r.Alerts)+len(r.Requests) != 0 || len(r.Held) != 1 {
		t.Errorf("%+v", r)
	}
}
