package bridge_test

import (
	"slices"
	"strings"
	"testing"

	"drawbridge/bridge"
	"drawbridge/bridge/bridgetest"
	"drawbridge/directory"
	"drawbridge/store"
)

// bulkEffects writes the rows of a bulk action as one text.
func bulkEffects(b bridge.Bulk) string {
	var out []string
	for _, r := range b.Rows {
		text := strings.TrimSuffix(r.UserName, "@acme.test") + " " + string(r.Effect)
		if r.Rule != "" {
			text += " " + string(r.Rule)
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}

// A preview of a bulk action considers the effects of the users on each other, such as the last Owner and the last seat. It writes nothing.
// The action does what the preview says, in one transaction.
func TestBulkMatchesItsPreview(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 3)
	okta := k.NewIdP(acme, "acme-okta")
	var names []string
	for _, name := range []string{"ada", "bob", "cyd"} {
		u := k.NewUser(okta, bridgetest.Person{Name: name + "@acme.test"})
		names = append(names, u.User.UserName)
		if name != "cyd" {
			k.OK(k.JoinBuiltIn(bg, k.Op, acme, directory.Owners, u.User.ID))
		}
	}
	lines := len(k.AuditOf(acme))
	do := func(d bridge.BulkDraft, want string) bridge.Bulk {
		t.Helper()
		seen, err := k.BulkUsers(bg, k.Op, acme, d)
		k.OK(err)
		if got := bulkEffects(seen); got != want || seen.Applied {
			t.Fatalf("the preview says %q, want %q", got, want)
		}
		if now := len(k.AuditOf(acme)); now != lines {
			t.Fatalf("the preview wrote %d lines", now-lines)
		}
		d.Expect = seen.Digest
		if seen.Counts[bridge.BulkRefuses] > 0 {
			_, err := k.BulkUsers(bg, k.Op, acme, d)
			if no := k.Fails(err, directory.Conflict, ""); no.Field != "skip_refused" {
				t.Errorf("with refused users: %v", no)
			}
			d.SkipRefused = true
		}
		done, err := k.BulkUsers(bg, k.Op, acme, d)
		k.OK(err)
		if bulkEffects(done) != want || !done.Applied || done.After != seen.After {
			t.Fatalf("it did %q with %+v, and the preview said %q with %+v", bulkEffects(done), done.After, want, seen.After)
		}
		lines = len(k.AuditOf(acme))
		return seen
	}
	seen := do(bridge.BulkDraft{Verb: bridge.BulkSuspend, Users: append(names, names[0], "nobody"), Reason: "left"},
		"ada change, bob refuse G3, cyd change, nobody refuse")
	if seen.Before.Occupied != 3 || seen.After.Occupied != 1 || !strings.Contains(string(seen.Rows[0].Notice), "acme-okta") {
		t.Errorf("the preview %+v", seen)
	}
	var refused []string
	for _, l := range k.AuditOf(acme) {
		if l.Outcome == directory.WasDenied {
			refused = append(refused, string(l.Action)+" "+l.Subject.Name+" "+string(l.Rule))
		}
	}
	if !slices.Equal(refused, []string{"user.suspend bob@acme.test G3"}) {
		t.Errorf("refusals in the trail: %v", refused)
	}
	do(bridge.BulkDraft{Verb: bridge.BulkSuspend, Users: names[:1]}, "ada unchanged")
	for _, name := range []string{"dan", "eve"} { // no seat is left for both who were suspended
		k.NewUser(okta, bridgetest.Person{Name: name + "@acme.test"})
		if name == "dan" {
			lines = len(k.AuditOf(acme))
			do(bridge.BulkDraft{Verb: bridge.BulkRelease, Users: []string{names[0], names[2]}}, "ada change, cyd refuse B2")
			_, _, err := k.SuspendUser(bg, k.Op, acme, userNamed(k, acme, names[0]).ID, bridge.SuspendOrder{})
			k.OK(err)
		}
	}
	lines = len(k.AuditOf(acme))
	do(bridge.BulkDraft{Verb: bridge.BulkDelete, Users: []string{names[0], names[1]}, Reason: "left"}, "ada refuse D2, bob refuse D1")

	seen, err := k.BulkUsers(bg, k.Op, acme, bridge.BulkDraft{Verb: bridge.BulkSuspend, Users: []string{"dan@acme.test"}})
	k.OK(err)
	_, _, err = k.SuspendUser(bg, k.Op, acme, userNamed(k, acme, "dan@acme.test").ID, bridge.SuspendOrder{})
	k.OK(err)
	_, err = k.BulkUsers(bg, k.Op, acme, bridge.BulkDraft{Verb: bridge.BulkSuspend, Users: []string{"dan@acme.test"}, Expect: seen.Digest})
	if no := k.Fails(err, directory.Conflict, ""); no.Field != "expect" {
		t.Errorf("after another change: %v", no)
	}
	_, err = k.BulkUsers(bg, k.Op, acme, bridge.BulkDraft{Verb: bridge.BulkSuspend})
	k.Fails(err, directory.Invalid, "")
	_, err = k.BulkUsers(bg, k.Op, "nowhere", bridge.BulkDraft{Verb: bridge.BulkSuspend, Users: names})
	k.Fails(err, directory.NotFound, "")
}

// A row of a table that is refused after it was decided leaves nothing.
func TestRefusedRowLeavesNothing(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0, func(o *directory.Overrides) { o.MemberDomains = &[]string{"acme.test"} })
	rows := []bridge.ImportRow{
		{Line: 2, UserForm: bridge.UserForm{UserName: "ada@acme.test"}},
		{Line: 3, UserForm: bridge.UserForm{UserName: "bob@other.test", Type: "member"}}, // a guest by the domain
	}
	seen, err := k.ImportUsers(bg, k.Op, acme, rows, bridge.ImportOptions{})
	k.OK(err)
	if seen.Lines[1].Effect != bridge.ImportRefuses {
		t.Fatalf("the row is not refused: %+v", seen.Lines[1])
	}
	done, err := k.ImportUsers(bg, k.Op, acme, rows, bridge.ImportOptions{Expect: seen.Digest, SkipRefused: true})
	k.OK(err)
	if !done.Applied || done.Counts[bridge.ImportCreates] != 1 {
		t.Errorf("%+v", done)
	}
	var names []string
	_, err = k.ListUsers(bg, directory.Principal{Tenant: acme, Actor: k.Op.Actor, Access: k.Op.Access}, directory.Query{Count: 10}, func(u *directory.User, _ []directory.GroupRef) error {
		names = append(names, u.UserName)
		return nil
	})
	k.OK(err)
	if !slices.Equal(names, []string{"ada@acme.test"}) {
		t.Errorf("the tenant has %v", names)
	}
}

// userNamed finds a user by userName.
func userNamed(k *kit, tenant directory.TenantID, name string) directory.User {
	k.T.Helper()
	var found directory.User
	k.OK(k.Store.View(bg, tenant, nil, func(r store.Reader) error {
		u, err := r.UserByName(name)
		found = u.Clone()
		return err
	}))
	return found
}
