package bridge_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"drawbridge/bridge"
	"drawbridge/bridge/bridgetest"
	"drawbridge/directory"
)

func row(line int, name string, edits ...func(*bridge.ImportRow)) bridge.ImportRow {
	r := bridge.ImportRow{Line: line, UserForm: bridge.UserForm{UserName: name}}
	for _, edit := range edits {
		edit(&r)
	}
	return r
}

func inState(s string) func(*bridge.ImportRow) { return func(r *bridge.ImportRow) { r.State = s } }

func named(n string) func(*bridge.ImportRow) { return func(r *bridge.ImportRow) { r.DisplayName = n } }

func effects(i bridge.Import) string {
	out := make([]string, len(i.Lines))
	for n, l := range i.Lines {
		out[n] = string(l.Effect)
		if l.Rule != "" {
			out[n] += " " + string(l.Rule)
		}
	}
	return strings.Join(out, ", ")
}

func (k *kit) look(tenant directory.TenantID, rows []bridge.ImportRow, o bridge.ImportOptions) bridge.Import {
	k.T.Helper()
	o.Expect = ""
	lines, events := len(k.AuditOf(tenant)), k.LastEvent(tenant)
	out, err := k.ImportUsers(bg, k.Op, tenant, rows, o)
	k.OK(err)
	again, err := k.ImportUsers(bg, k.Op, tenant, rows, o)
	k.OK(err)
	if out.Applied || out.Digest != again.Digest || len(k.AuditOf(tenant)) != lines || k.LastEvent(tenant) != events {
		k.T.Errorf("a preview did something, or differs from itself: %s, %s", out.Digest, again.Digest)
	}
	return out
}

// apply previews a table and does it.
func (k *kit) apply(tenant directory.TenantID, rows []bridge.ImportRow, o bridge.ImportOptions) bridge.Import {
	k.T.Helper()
	seen := k.look(tenant, rows, o)
	o.Expect = seen.Digest
	out, err := k.ImportUsers(bg, k.Op, tenant, rows, o)
	k.OK(err)
	if !out.Applied || effects(out) != effects(seen) || out.After != seen.After {
		k.T.Errorf("the preview said %s, and it was %s", effects(seen), effects(out))
	}
	return out
}

// The preview of each row says what the import will do with it, and counts the seats as they are after the rows above it.
func TestImportPreviewsEveryRow(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 4)
	okta := k.NewIdP(acme, "acme-okta")
	scim := k.NewUser(okta, bridgetest.Person{Name: "scim@acme.example"}).User
	old := k.hand(acme, "old@acme.example")
	gone := k.hand(acme, "gone@acme.example")
	_, _, err := k.SuspendUser(bg, k.Op, acme, gone.ID, bridge.SuspendOrder{})
	k.OK(err)
	rows := []bridge.ImportRow{
		row(2, "scim@acme.example"), row(3, "scim@acme.example", named("Other")), row(4, "OLD@acme.example", named("Old One")),
		row(5, "gone@acme.example", inState("active")), row(6, "new@acme.example", named("New")), row(7, "late@acme.example"),
		row(8, "off@acme.example", inState("suspended")), row(9, "bad address@acme", func(r *bridge.ImportRow) { r.Email = "nope" }),
		row(10, "old@acme.example", inState("suspended")), row(11, "x@acme.example", inState("recovery")),
		{Line: 12, Problem: "the row has 2 cells, the first line 3"},
	}
	seen := k.look(acme, rows, bridge.ImportOptions{})
	want := "unchanged, refuse L9, update, reactivate, create, refuse B2, create, refuse, refuse, refuse, refuse"
	if effects(seen) != want || seen.Before.Occupied != 2 || seen.After.Occupied != 4 {
		t.Fatalf("%s\nseats %+v to %+v", effects(seen), seen.Before, seen.After)
	}
	if l := seen.Lines[5]; !strings.Contains(l.Message, "4 of 4") || !strings.Contains(seen.Lines[1].Message, `"acme-okta"`) || seen.Lines[10].Message != rows[10].Problem {
		t.Errorf("%+v", seen.Lines)
	}
	if c := seen.Lines[2].Changes; len(c) != 1 || c[0] != (bridge.ImportChange{Field: "display_name", To: "Old One"}) || seen.Lines[2].User != old.ID {
		t.Errorf("%+v", seen.Lines[2])
	}
	before := len(k.AuditOf(acme))
	_, err = k.ImportUsers(bg, k.Op, acme, rows, bridge.ImportOptions{Expect: seen.Digest})
	if e := k.Fails(err, directory.Conflict, ""); e.Field != "skip_refused" || len(k.AuditOf(acme)) != before {
		t.Errorf("%+v", e)
	}
	done := k.apply(acme, rows, bridge.ImportOptions{SkipRefused: true})
	if effects(done) != want {
		t.Errorf("done: %s", effects(done))
	}
	if k.stands(acme, scim.ID) != directory.Active || k.stands(acme, gone.ID) != directory.Active || k.seats(acme).Occupied != 4 {
		t.Errorf("seats %+v", k.seats(acme))
	}
	denied := 0
	for _, l := range k.AuditOf(acme)[before:] {
		if l.Outcome == directory.WasDenied {
			denied++
			if l.Rule != "L9" && l.Rule != "B2" || !strings.HasPrefix(l.Reason, "line ") {
				t.Errorf("%+v", l)
			}
		}
	}
	if denied != 2 {
		t.Errorf("%d refusals are on record", denied)
	}
	again := k.look(acme, []bridge.ImportRow{rows[0], rows[2], rows[3], rows[4], rows[6]}, bridge.ImportOptions{})
	if effects(again) != "unchanged, unchanged, unchanged, unchanged, unchanged" {
		t.Errorf("again: %s", effects(again))
	}
}

// If a change after the preview alters the effect, the import is a conflict and does nothing. Other changes are no conflict.
func TestImportIsRefusedIfThePreviewIsOutdated(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 2)
	okta := k.NewIdP(acme, "acme-okta")
	rows := []bridge.ImportRow{row(2, "ann@acme.example"), row(3, "bob@acme.example")}
	seen := k.look(acme, rows, bridge.ImportOptions{})
	k.NewUser(okta, bridgetest.Person{Name: "zoe@acme.example"}) // takes the second seat
	_, err := k.ImportUsers(bg, k.Op, acme, rows, bridge.ImportOptions{Expect: seen.Digest, SkipRefused: true})
	if e := k.Fails(err, directory.Conflict, ""); e.Field != "expect" || k.seats(acme).Occupied != 1 {
		t.Errorf("%+v", e)
	}
	seen = k.look(acme, rows[:1], bridge.ImportOptions{})
	_, err = k.ImportUsers(bg, k.Op, acme, rows, bridge.ImportOptions{Expect: seen.Digest})
	k.Fails(err, directory.Conflict, "")
	_, err = k.ImportUsers(bg, k.Op, acme, rows[:1], bridge.ImportOptions{Expect: seen.Digest, Invite: true})
	k.Fails(err, directory.Conflict, "")
	beta := k.NewTenant("beta", 0)
	k.hand(beta, "elsewhere@beta.example")
	done, err := k.ImportUsers(bg, k.Op, acme, rows[:1], bridge.ImportOptions{Expect: seen.Digest})
	k.OK(err)
	if effects(done) != "create" {
		t.Errorf("%s", effects(done))
	}
	_, err = k.ImportUsers(bg, k.Op, acme, rows[:1], bridge.ImportOptions{Expect: seen.Digest}) // a repeat has another effect
	k.Fails(err, directory.Conflict, "")
	_, err = k.ImportUsers(bg, okta, acme, rows, bridge.ImportOptions{})
	k.Fails(err, directory.Forbidden, "")
	_, err = k.ImportUsers(bg, k.Op, "nowhere", rows, bridge.ImportOptions{})
	k.Fails(err, directory.NotFound, "")
	none := k.apply(acme, nil, bridge.ImportOptions{})
	if len(none.Lines) != 0 {
		t.Errorf("%+v", none)
	}
}

// Many users are invited at once. A user with an expired link gets another one; a user with a valid link keeps it.
func TestImportInvitesUsers(t *testing.T) {
	t.Parallel()
	p := &bridgetest.Postman{}
	k := start(t, bridgetest.Posted(p))
	acme := k.NewTenant("acme", 0)
	rows := []bridge.ImportRow{row(2, "ann@acme.example"), row(3, "bob@acme.example"), row(4, "nobody", named("No Address"))}
	done := k.apply(acme, rows, bridge.ImportOptions{Invite: true, SkipRefused: true})
	if effects(done) != "invite, invite, refuse L1" || done.Lines[0].State != "invited" {
		t.Fatalf("%s", effects(done))
	}
	if n, _ := k.Deliver(); n != 2 {
		t.Errorf("%d mails", n)
	}
	first := link(t, p, directory.UserInvitationMail, "ann@acme.example")
	if again := k.look(acme, rows[:2], bridge.ImportOptions{Invite: true}); effects(again) != "unchanged, unchanged" {
		t.Errorf("at once: %s", effects(again))
	}
	_, err := k.use(acme, link(t, p, directory.UserInvitationMail, "bob@acme.example"))
	k.OK(err)
	k.Clock.Advance(6 * 24 * time.Hour)
	again := k.apply(acme, rows[:2], bridge.ImportOptions{Invite: true})
	if effects(again) != "invite, unchanged" {
		t.Errorf("a week later: %s", effects(again))
	}
	k.send()
	_, err = k.openLink(acme, first)
	k.Fails(err, directory.NotFound, "")
	_, err = k.openLink(acme, link(t, p, directory.UserInvitationMail, "ann@acme.example"))
	k.OK(err)
	states := []bridge.ImportRow{row(2, "ann@acme.example", inState("active")), row(3, "bob@acme.example", inState("active")), row(4, "ann@acme.example", inState("invited"))}
	if got := effects(k.look(acme, states, bridge.ImportOptions{})); got != "refuse, refuse, unchanged" {
		t.Errorf("%s", got)
	}
	// A user who never accepted returns as invited.
	ann := again.Lines[0].User
	_, _, err = k.SuspendUser(bg, k.Op, acme, ann, bridge.SuspendOrder{})
	k.OK(err)
	back := k.apply(acme, states[:1], bridge.ImportOptions{})
	if effects(back) != "invite" || back.Lines[0].State != "invited" || k.stands(acme, ann) != directory.Invited {
		t.Errorf("%s %+v", effects(back), back.Lines)
	}
	// Without a mail server every row has an error that says so.
	dry := start(t)
	beta := dry.NewTenant("beta", 0)
	none := dry.look(beta, rows[:1], bridge.ImportOptions{Invite: true})
	if effects(none) != "refuse L1" || !strings.Contains(none.Lines[0].Message, "mail.host") {
		t.Errorf("%+v", none.Lines)
	}
}

// The preview names the seats that an import buys, and they are part of what it expects.
func TestImportBuysSeats(t *testing.T) {
	t.Parallel()
	k := start(t)
	grow := directory.OnLimitGrow
	most := 3
	acme := k.NewTenant("acme", 1, func(o *directory.Overrides) { o.OnLimit, o.SeatsMax = &grow, &most })
	rows := []bridge.ImportRow{row(2, "a@acme.example"), row(3, "b@acme.example"), row(4, "c@acme.example"), row(5, "d@acme.example")}
	done := k.apply(acme, rows, bridge.ImportOptions{SkipRefused: true})
	if effects(done) != "create, create, create, refuse B2" || done.Bought != 2 || k.seats(acme).Purchased != 3 {
		t.Errorf("%s, bought %d, %+v", effects(done), done.Bought, k.seats(acme))
	}
	guests := k.NewTenant("guests", 0, func(o *directory.Overrides) { o.MemberDomains = &[]string{"guests.example"} })
	foreign := row(2, "x@elsewhere.example", func(r *bridge.ImportRow) { r.Type = "member" })
	if got := effects(k.look(guests, []bridge.ImportRow{foreign}, bridge.ImportOptions{})); got != "refuse B4" {
		t.Errorf("a member by the table and a guest by the address: %s", got)
	}
}

// A large table is imported in one transaction, and fast.
func TestLargeImportIsOneTransaction(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	var rows []bridge.ImportRow
	for n := range 2000 {
		rows = append(rows, row(n+2, fmt.Sprintf("u%d@acme.example", n), named(fmt.Sprint("User ", n))))
	}
	done := k.apply(acme, rows, bridge.ImportOptions{})
	if done.Counts[bridge.ImportCreates] != 2000 || k.seats(acme).Occupied != 2000 {
		t.Errorf("%+v", done.Counts)
	}
	var made []string
	for _, e := range k.EventsOf(acme, 0) {
		if e.Kind == directory.UserCreated {
			made = append(made, e.Subject.ID)
		}
	}
	slices.Sort(made)
	if all := slices.Compact(slices.Clone(made)); len(all) != len(made) || len(made) == 0 {
		t.Errorf("%d people have %d ids", len(made), len(all))
	}
}
