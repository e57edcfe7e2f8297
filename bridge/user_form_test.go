package bridge_test

import (
	"strings"
	"testing"
	"time"

	"drawbridge/bridge"
	"drawbridge/bridge/bridgetest"
	"drawbridge/directory"
)

func TestWhyExplainsTheState(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	okta := k.NewIdP(acme, "acme-okta")
	u := k.NewUser(okta, bridgetest.Person{Name: "ada@acme.example"})
	w, err := k.WhyUser(bg, k.Op, acme, u.User.ID)
	k.OK(err)
	if len(w.Said) != 2 || w.Said[0].What != "active" || !strings.Contains(w.Next, "suspends the user at once") || w.Won == nil || w.Won.Rule != "L1" {
		t.Errorf("a new user: %+v", w)
	}
	k.Clock.Advance(time.Hour)
	_, _, err = k.SuspendUser(bg, k.Op, acme, u.User.ID, bridge.SuspendOrder{Mode: directory.Hold, Reason: "lost laptop"})
	k.OK(err)
	k.Clock.Advance(time.Hour)
	k.ChangeUser(okta, u.User.ID, bridgetest.SetActive(true)) // the sync wants otherwise, and the hold wins
	w, err = k.WhyUser(bg, k.Op, acme, u.User.ID)
	k.OK(err)
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
	_, err = k.WhyUser(bg, k.Op, k.NewTenant("birch", 0), u.User.ID)
	k.Fails(err, directory.NotFound, "")
}

func TestRecoveryKeepsTheSeat(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 1)
	okta := k.NewIdP(acme, "acme-okta")
	u := k.NewUser(okta, bridgetest.Person{Name: "ada@acme.example"})
	got, err := k.RecoverUser(bg, k.Op, acme, u.User.ID)
	k.OK(err)
	if got.User.State != directory.Recovery || !got.User.Active() {
		t.Errorf("user %+v", got.User)
	}
	seats, err := k.Seats(bg, k.Op, acme)
	k.OK(err)
	if seats.Occupied != 1 || seats.Billable != 1 {
		t.Errorf("seats %+v", seats)
	}
	got = k.ChangeUser(okta, u.User.ID, bridgetest.SetActive(true)) // a sync does not end it
	if got.User.State != directory.Recovery {
		t.Errorf("after a sync: %s", got.User.State)
	}
	got, err = k.EndRecovery(bg, k.Op, acme, u.User.ID)
	k.OK(err)
	if got.User.State != directory.Active {
		t.Errorf("after the recovery: %s", got.User.State)
	}
	_, _, err = k.SuspendUser(bg, k.Op, acme, u.User.ID, bridge.SuspendOrder{})
	k.OK(err)
	_, err = k.RecoverUser(bg, k.Op, acme, u.User.ID)
	k.Fails(err, directory.Conflict, "L6")
}

func TestGuestBecomesAMemberWithASeat(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 1)
	okta := k.NewIdP(acme, "acme-okta")
	u := k.NewUser(okta, bridgetest.Person{Name: "ada@acme.example"})
	got, notice, err := k.ConvertUser(bg, k.Op, acme, u.User.ID, directory.Guest)
	k.OK(err)
	if got.User.Type != directory.Guest || !strings.Contains(string(notice), "acme-okta") {
		t.Errorf("user %+v, notice %q", got.User, notice)
	}
	k.NewUser(okta, bridgetest.Person{Name: "bob@acme.example"}) // takes the one seat
	_, _, err = k.ConvertUser(bg, k.Op, acme, u.User.ID, directory.TeamMember)
	k.Fails(err, directory.Refused, "B2")
	_, err = k.EditTenant(bg, k.Op, acme, directory.Precondition{}, func(t directory.Tenant) (directory.Tenant, error) { t.Seats = 2; return t, nil })
	k.OK(err)
	got, _, err = k.ConvertUser(bg, k.Op, acme, u.User.ID, directory.TeamMember)
	k.OK(err)
	if got.User.Type != directory.TeamMember {
		t.Errorf("user %+v", got.User)
	}
	again, _, err := k.ConvertUser(bg, k.Op, acme, u.User.ID, directory.TeamMember)
	k.OK(err)
	if again.User.Version != got.User.Version {
		t.Error("a conversion to the same type changes something")
	}
}

func TestDeletionRequestIsApprovedOrRejected(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	okta := k.NewIdP(acme, "acme-okta")
	u := k.NewUser(okta, bridgetest.Person{Name: "ada@acme.example"})
	_, err := k.RequestDeletion(bg, k.Op, acme, u.User.ID, " ")
	k.Fails(err, directory.Invalid, "")
	q, err := k.RequestDeletion(bg, k.Op, acme, u.User.ID, "left")
	k.OK(err)
	_, err = k.RequestDeletion(bg, k.Op, acme, u.User.ID, "left")
	k.Fails(err, directory.Conflict, "D3")
	_, err = k.DecideDeletion(bg, k.Op, acme, q.ID, bridge.DeletionDecision{Approve: true}) // not suspended yet
	k.Fails(err, directory.Conflict, "D1")
	k.ChangeUser(okta, u.User.ID, bridgetest.SetActive(false))
	birch := k.NewTenant("birch", 0)
	_, err = k.DecideDeletion(bg, k.Op, birch, q.ID, bridge.DeletionDecision{Approve: true})
	k.Fails(err, directory.NotFound, "")
	done, err := k.DecideDeletion(bg, k.Op, acme, q.ID, bridge.DeletionDecision{Approve: true, Answer: "gone for good"})
	k.OK(err)
	if done.Status != directory.RequestApproved {
		t.Errorf("request %+v", done)
	}
	_, err = k.User(bg, pointed(k.Op, acme), u.User.ID)
	k.Fails(err, directory.NotFound, "")
	_, err = k.DecideDeletion(bg, k.Op, acme, q.ID, bridge.DeletionDecision{})
	k.Fails(err, directory.Conflict, "D3")

	other := k.NewUser(okta, bridgetest.Person{Name: "bob@acme.example"})
	late, err := k.RequestDeletion(bg, k.Op, acme, other.User.ID, "left")
	k.OK(err)
	k.Clock.Advance(15 * 24 * time.Hour)
	_, err = k.DecideDeletion(bg, k.Op, acme, late.ID, bridge.DeletionDecision{Approve: true, Force: true})
	k.Fails(err, directory.Conflict, "D3")
	all, err := k.DeletionRequests(bg, k.Op, acme)
	k.OK(err)
	if len(all) != 2 || all[1].Status != directory.RequestExpired {
		t.Errorf("requests %+v", all)
	}
	_, err = k.RequestDeletion(bg, k.Op, acme, other.User.ID, "still gone") // a new one may be filed
	k.OK(err)
	none, err := k.DeletionRequests(bg, k.Op, birch)
	k.OK(err)
	if len(none) != 0 {
		t.Errorf("another tenant's requests: %+v", none)
	}
}

func TestSettingsNameTheirSource(t *testing.T) {
	t.Parallel()
	k := start(t)
	hold := directory.Hold
	acme := k.NewTenant("acme", 0, func(o *directory.Overrides) { o.ManualSuspension = &hold })
	all, err := k.Settings(bg, k.Op, acme)
	k.OK(err)
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

func TestD3ARequestEndsWithItsUser(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	okta := k.NewIdP(acme, "acme-okta")
	ann := k.NewUser(okta, bridgetest.Person{Name: "ann@acme.test"}).User
	k.ChangeUser(okta, ann.ID, bridgetest.SetActive(false))
	filed, err := k.RequestDeletion(bg, k.Op, acme, ann.ID, "left in May")
	k.OK(err)
	k.OK(k.RemoveUser(bg, k.Op, acme, ann.ID, directory.Removal{Reason: "cleaned up"}))
	all, err := k.DeletionRequests(bg, k.Op, acme)
	k.OK(err)
	if len(all) != 1 || all[0].ID != filed.ID || all[0].Status != directory.RequestObsolete || all[0].Decided.ID != k.Op.Actor.ID {
		t.Errorf("%+v", all)
	}
	_, err = k.DecideDeletion(bg, k.Op, acme, filed.ID, bridge.DeletionDecision{Approve: true})
	k.Fails(err, directory.Conflict, "D3")
}
