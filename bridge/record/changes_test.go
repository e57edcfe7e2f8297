package record_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"drawbridge/bridge/bridgetest"
	"drawbridge/bridge/record"
	"drawbridge/directory"
)

// next waits for changes after a cursor.
func next(t *testing.T, c *record.Changes, p directory.Principal, cursor string) record.ChangesPage {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		page, err := c.Since(ctx, p, cursor)
		if err != nil {
			t.Fatal(err)
		}
		if len(page.Changes) > 0 || page.Reset {
			return page
		}
		if err := c.Wait(ctx, page); err != nil {
			t.Fatal(err)
		}
		cursor = page.Next
	}
}

func changesOf(t *testing.T, s *record.Service) *record.Changes {
	t.Helper()
	c, err := s.NewChanges(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestChangesNameTenantsKindsAndSubjects(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme, beta := k.NewTenant("acme", 0), k.NewTenant("beta", 0)
	okta, entra := k.NewIdP(acme, "acme-okta"), k.NewIdP(beta, "beta-entra")
	k.NewUser(okta, bridgetest.Person{Name: "before"})
	c := changesOf(t, k.Record)

	first := next(t, c, k.Op, "")
	if !first.Reset || len(first.Changes) > 0 {
		t.Fatalf("without a cursor: %+v", first)
	}
	made := k.NewUser(okta, bridgetest.Person{Name: "new"})
	page := next(t, c, k.Op, first.Next)
	one := page.Changes[0]
	if len(page.Changes) != 1 || one.Tenant != acme || one.More || !slices.Contains(one.Kinds, directory.UserCreated) ||
		!slices.ContainsFunc(one.Subjects, func(s directory.Subject) bool { return s.ID == made.User.ID.String() && s.Name == "" }) {
		t.Errorf("after a new user: %+v", page.Changes)
	}

	k.NewOperator("beate@msp.example", directory.RoleHelpDesk, beta)
	narrow, _ := k.SignInAs("beate@msp.example", "")
	k.NewUser(okta, bridgetest.Person{Name: "another"})
	waited := map[string]bool{}
	for _, id := range k.NewUsers(entra, 60) {
		waited[id.String()] = true
	}
	for cursor := page.Next; len(waited) > 0; {
		page := next(t, c, narrow, cursor)
		cursor = page.Next
		for _, one := range page.Changes {
			if one.Tenant != beta {
				t.Fatalf("an operator of beta is told of %+v", one)
			}
			for _, s := range one.Subjects {
				delete(waited, s.ID)
			}
			if one.More { // more than one change names
				clear(waited)
			}
		}
	}

	gamma := k.NewTenant("gamma", 0)
	k.Clock.Advance(time.Minute) // the list of tenants is read again
	k.NewUser(okta, bridgetest.Person{Name: "last"})
	for cursor := page.Next; ; {
		page := next(t, c, k.Op, cursor)
		cursor = page.Next
		if slices.ContainsFunc(page.Changes, func(one record.Changed) bool { return one.Tenant == gamma }) {
			break
		}
	}
}

func TestChangesOfAnotherProcessAreAnnounced(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	okta := k.NewIdP(acme, "acme-okta")
	here, there := changesOf(t, k.Record), changesOf(t, k.Record)
	at := next(t, here, k.Op, "").Next
	k.Clock.Advance(time.Minute)
	if page := next(t, there, k.Op, at); !page.Reset {
		t.Errorf("a process that watches since a moment ago knows what happened before: %+v", page)
	}
	at = next(t, here, k.Op, "").Next
	k.Clock.Advance(time.Second)
	k.NewUser(okta, bridgetest.Person{Name: "new"})
	if page := next(t, there, k.Op, at); page.Reset || page.Changes[0].Tenant != acme {
		t.Errorf("the cursor of another process: %+v", page)
	}
	k.Clock.Advance(10 * time.Minute)
	page, err := there.Since(t.Context(), k.Op, at)
	k.OK(err)
	if len(page.Changes) != 1 { // it is watched although there was no caller for long
		t.Errorf("later: %+v", page)
	}
	k.Clock.Advance(-time.Hour)
	if page, err := there.Since(t.Context(), k.Op, at); err != nil || !page.Reset {
		t.Errorf("after a clock that was ahead: %+v, %v", page, err)
	}
	for _, bad := range []string{"x", "AAAA", "ZHJhd2JyaWRnZSAxIHg", "????"} {
		_, err := here.Since(t.Context(), k.Op, bad)
		k.Fails(err, directory.Invalid, "")
	}
}
