package bolt

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"drawbridge/directory"
	"drawbridge/store"
)

var rosterTime = time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)

func auditLine(tenant directory.TenantID) []directory.Audit {
	return []directory.Audit{{Time: rosterTime, Tenant: tenant, Action: "test", Outcome: directory.Done}}
}

// putTenant writes a tenant with so many people.
func putTenant(t *testing.T, s *Store, id directory.TenantID, name string, people ...directory.ID) {
	t.Helper()
	err := s.Update(context.Background(), id, nil, func(store.Reader) (directory.Change, error) {
		c := directory.Change{Tenant: &directory.Tenant{ID: id, Name: name, Version: 1, Created: rosterTime, Modified: rosterTime, Status: directory.TenantActive}, Audit: auditLine(id)}
		for _, u := range people {
			c.Users = append(c.Users, directory.User{ID: u, Version: 1, UserName: u.String(), State: directory.Active, Document: directory.Document(`{}`)})
		}
		return c, nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// The roster has what the summaries have, after every kind of write: a new tenant, a change of it, of its people, a hand-over in and out.
func TestRosterFollowsEveryWrite(t *testing.T) {
	ctx := context.Background()
	s, err := Open(filepath.Join(t.TempDir(), "store.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
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
		return directory.Change{Tenant: &directory.Tenant{ID: "dogwood", Name: "Dogwood", Version: 2, Created: rosterTime, Modified: rosterTime, Status: directory.TenantActive}, Audit: auditLine("dogwood")}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	same("a publish")
	err = s.Erase(ctx, "acme", func(store.Reader) (directory.Change, error) {
		return directory.Change{Tenant: &directory.Tenant{ID: "acme", Version: 3, Created: rosterTime, Modified: rosterTime, Status: directory.TenantGone}, Audit: auditLine("acme")}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	same("an erasure")
}

// Whoever has been answered is in the roster, however many write at the same time.
func TestRosterHasWhatWasAnswered(t *testing.T) {
	ctx := context.Background()
	s, err := Open(filepath.Join(t.TempDir(), "store.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
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
