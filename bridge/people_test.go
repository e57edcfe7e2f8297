package bridge_test

import (
	"strings"
	"testing"
	"time"

	"drawbridge/directory"
)

func TestWhy(t *testing.T) {
	k := start(t)
	acme := k.tenant("acme", 0)
	okta := k.idp(acme, "acme-okta")
	u := k.create(okta, person{name: "ada@acme.example"})
	w, err := k.WhyUser(bg, k.op, acme, u.User.ID)
	k.ok(err)
	if len(w.Said) != 2 || w.Said[0].What != "active" || !strings.Contains(w.Next, "suspends the user at once") || w.Won == nil || w.Won.Rule != "L1" {
		t.Errorf("a new user: %+v", w)
	}
	k.clock.Advance(time.Hour)
	_, _, err = k.SuspendUser(bg, k.op, acme, u.User.ID, directory.Hold, "lost laptop")
	k.ok(err)
	k.clock.Advance(time.Hour)
	k.edit(okta, u.User.ID, active(true)) // the sync wants otherwise, and the hold wins
	w, err = k.WhyUser(bg, k.op, acme, u.User.ID)
	k.ok(err)
	if w.User.State != directory.Suspended || w.Won == nil || w.Won.Rule != "L4" || !strings.Contains(w.Next, "holds") {
		t.Errorf("a held user: %+v", w)
	}
	found := false
	for _, s := range w.Said {
		found = found || s.What == "suspended" && s.By.Kind == directory.ByOperator && strings.Contains(s.Text, "lost laptop") && strings.Contains(s.Text, "holds until")
	}
	if !found {
		t.Errorf("the operator's word is missing: %+v", w.Said)
	}
	_, err = k.WhyUser(bg, k.op, k.tenant("birch", 0), u.User.ID)
	k.fails(err, directory.NotFound, "")
}

func TestRecovery(t *testing.T) {
	k := start(t)
	acme := k.tenant("acme", 1)
	okta := k.idp(acme, "acme-okta")
	u := k.create(okta, person{name: "ada@acme.example"})
	got, err := k.RecoverUser(bg, k.op, acme, u.User.ID, false)
	k.ok(err)
	if got.User.State != directory.Recovery || !got.User.Active() {
		t.Errorf("user %+v", got.User)
	}
	seats, err := k.Seats(bg, k.op, acme)
	k.ok(err)
	if seats.Occupied != 1 || seats.Billable != 1 {
		t.Errorf("seats %+v", seats)
	}
	got = k.edit(okta, u.User.ID, active(true)) // a sync does not end it
	if got.User.State != directory.Recovery {
		t.Errorf("after a sync: %s", got.User.State)
	}
	got, err = k.RecoverUser(bg, k.op, acme, u.User.ID, true)
	k.ok(err)
	if got.User.State != directory.Active {
		t.Errorf("after the recovery: %s", got.User.State)
	}
	_, _, err = k.SuspendUser(bg, k.op, acme, u.User.ID, "", "")
	k.ok(err)
	_, err = k.RecoverUser(bg, k.op, acme, u.User.ID, false)
	k.fails(err, directory.Conflict, "L6")
}

func TestConversion(t *testing.T) {
	k := start(t)
	acme := k.tenant("acme", 1)
	okta := k.idp(acme, "acme-okta")
	u := k.create(okta, person{name: "ada@acme.example"})
	got, notice, err := k.ConvertUser(bg, k.op, acme, u.User.ID, directory.Guest)
	k.ok(err)
	if got.User.Type != directory.Guest || !strings.Contains(string(notice), "acme-okta") {
		t.Errorf("user %+v, notice %q", got.User, notice)
	}
	k.create(okta, person{name: "bob@acme.example"}) // takes the one seat
	_, _, err = k.ConvertUser(bg, k.op, acme, u.User.ID, directory.TeamMember)
	k.fails(err, directory.Refused, "B2")
	_, err = k.EditTenant(bg, k.op, acme, directory.Precondition{}, func(t directory.Tenant) (directory.Tenant, error) { t.Seats = 2; return t, nil })
	k.ok(err)
	got, _, err = k.ConvertUser(bg, k.op, acme, u.User.ID, directory.TeamMember)
	k.ok(err)
	if got.User.Type != directory.TeamMember {
		t.Errorf("user %+v", got.User)
	}
	again, _, err := k.ConvertUser(bg, k.op, acme, u.User.ID, directory.TeamMember)
	k.ok(err)
	if again.User.Version != got.User.Version {
		t.Error("a conversion to the same type changes something")
	}
}

func TestDeletionRequests(t *testing.T) {
	k := start(t)
	acme := k.tenant("acme", 0)
	okta := k.idp(acme, "acme-okta")
	u := k.create(okta, person{name: "ada@acme.example"})
	_, err := k.RequestDeletion(bg, k.op, acme, u.User.ID, " ")
	k.fails(err, directory.Invalid, "")
	q, err := k.RequestDeletion(bg, k.op, acme, u.User.ID, "left")
	k.ok(err)
	_, err = k.RequestDeletion(bg, k.op, acme, u.User.ID, "left")
	k.fails(err, directory.Conflict, "D3")
	_, err = k.DecideDeletion(bg, k.op, acme, q.ID, true, false, "") // not suspended yet
	k.fails(err, directory.Conflict, "D1")
	k.edit(okta, u.User.ID, active(false))
	birch := k.tenant("birch", 0)
	_, err = k.DecideDeletion(bg, k.op, birch, q.ID, true, false, "")
	k.fails(err, directory.NotFound, "")
	done, err := k.DecideDeletion(bg, k.op, acme, q.ID, true, false, "gone for good")
	k.ok(err)
	if done.Status != directory.RequestApproved {
		t.Errorf("request %+v", done)
	}
	_, err = k.User(bg, pointed(k.op, acme), u.User.ID)
	k.fails(err, directory.NotFound, "")
	_, err = k.DecideDeletion(bg, k.op, acme, q.ID, false, false, "")
	k.fails(err, directory.Conflict, "D3")

	other := k.create(okta, person{name: "bob@acme.example"})
	late, err := k.RequestDeletion(bg, k.op, acme, other.User.ID, "left")
	k.ok(err)
	k.clock.Advance(15 * 24 * time.Hour)
	_, err = k.DecideDeletion(bg, k.op, acme, late.ID, true, true, "")
	k.fails(err, directory.Conflict, "D3")
	all, err := k.DeletionRequests(bg, k.op, acme)
	k.ok(err)
	if len(all) != 2 || all[1].Status != directory.RequestExpired {
		t.Errorf("requests %+v", all)
	}
	_, err = k.RequestDeletion(bg, k.op, acme, other.User.ID, "still gone") // a new one may be filed
	k.ok(err)
	none, err := k.DeletionRequests(bg, k.op, birch)
	k.ok(err)
	if len(none) != 0 {
		t.Errorf("another tenant's requests: %+v", none)
	}
}

func TestSettingsTellTheirSource(t *testing.T) {
	k := start(t)
	hold := directory.Hold
	acme := k.tenant("acme", 0, func(o *directory.Overrides) { o.ManualSuspension = &hold })
	all, err := k.Settings(bg, k.op, acme)
	k.ok(err)
	from := map[string]string{}
	for _, s := range all {
		from[s.Name] = s.Source
	}
	if from["suspension_manual"] != "tenant" || from["included_guests"] != "plan" || from["rehire"] != "default" {
		t.Errorf("settings %+v", all)
	}
}

func pointed(p directory.Principal, tenant directory.TenantID) directory.Principal {
	p.Tenant = tenant
	return p
}
