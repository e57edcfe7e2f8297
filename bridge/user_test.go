package bridge_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"drawbridge/bridge"
	"drawbridge/bridge/bridgetest"
	"drawbridge/directory"
	"drawbridge/policy"
)

func TestCreatedUserIsReadAtOnce(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	okta := k.NewIdP(acme, "acme-okta")
	after := k.LastEvent(acme)
	out := k.NewUser(okta, bridgetest.Person{Name: "ann@acme.test", External: "e1"})
	if out.Effect != bridge.Created || out.User.State != directory.Active || out.User.Version != 1 || out.User.Connection != "acme-okta" {
		t.Fatalf("created %+v", out)
	}
	found, err := k.User(bg, okta, out.User.ID)
	k.OK(err)
	if found.User.UserName != "ann@acme.test" || found.User.Statement != directory.SaidActive || !found.User.AcceptedAt.Equal(k.Clock.Now()) {
		t.Fatalf("stored %+v", found.User)
	}
	if got := bridgetest.Kinds(k.EventsOf(acme, after)); got != "user.created" {
		t.Errorf("events %s", got)
	}
}

func TestUserNameIsUniqueWithoutCase(t *testing.T) {
	t.Parallel()
	k := start(t)
	okta := k.NewIdP(k.NewTenant("acme", 0), "acme-okta")
	ann := k.NewUser(okta, bridgetest.Person{Name: "ann@acme.test"}).User
	_, err := k.CreateUser(bg, okta, bridgetest.Person{Name: "ANN@acme.test"}.Draft)
	e := k.Fails(err, directory.Conflict, "")
	if e.Field != "userName" || !strings.Contains(e.Message, ann.ID.String()) {
		t.Errorf("%+v does not name the user", e)
	}
	bob := k.NewUser(okta, bridgetest.Person{Name: "bob@acme.test"}).User
	_, err = k.EditUser(bg, okta, bob.ID, directory.Precondition{}, bridgetest.Person{Name: "Ann@acme.test"}.Draft)
	k.Fails(err, directory.Conflict, "")
	// The resource's own name is not a conflict.
	k.ChangeUser(okta, bob.ID, bridgetest.Person{Name: "BOB@acme.test"}.Draft)
}

func TestNoOpWritesNothing(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	okta := k.NewIdP(acme, "acme-okta")
	ann := k.NewUser(okta, bridgetest.Person{Name: "ann@acme.test", Title: "CEO"}).User
	after, lines := k.LastEvent(acme), len(k.AuditOf(acme))
	k.Clock.Advance(time.Hour)
	for _, edit := range []directory.UserEdit{
		bridgetest.Person{Name: "ann@acme.test", Title: "CEO"}.Draft,
		bridgetest.SetActive(true), bridgetest.SetTitle("CEO"), bridgetest.Patch(func(*directory.UserDraft) {}),
		func(*directory.User) (directory.UserDraft, error) { // the same in another order
			a := directory.Attributes{
				{Name: "TITLE", Value: "CEO"},
				{Name: "userName", Value: "ann@acme.test"},
				{Name: "nickName", Value: nil},
				{Name: "schemas", Value: []any{"urn:ietf:params:scim:schemas:core:2.0:User"}},
			}
			return directory.UserDraft{UserName: "ann@acme.test", Document: a.Document()}, nil
		},
	} {
		out := k.ChangeUser(okta, ann.ID, edit)
		if out.Effect != bridge.Unchanged || out.User.Version != 1 || !out.User.Modified.Equal(ann.Modified) {
			t.Errorf("a no-op gave %s, version %d", out.Effect, out.User.Version)
		}
	}
	if got := k.EventsOf(acme, after); len(got) > 0 {
		t.Errorf("events %s", bridgetest.Kinds(got))
	}
	if got := len(k.AuditOf(acme)); got != lines {
		t.Errorf("%d audit lines more", got-lines)
	}
}

func TestEditBumpsVersionAndChecksPrecondition(t *testing.T) {
	t.Parallel()
	k := start(t)
	okta := k.NewIdP(k.NewTenant("acme", 0), "acme-okta")
	ann := k.NewUser(okta, bridgetest.Person{Name: "ann@acme.test"}).User
	k.Clock.Advance(time.Minute)
	out := k.ChangeUser(okta, ann.ID, bridgetest.SetTitle("CEO"))
	if out.User.Version != 2 || !out.User.Modified.After(ann.Modified) || out.Effect != bridge.Changed {
		t.Errorf("%+v", out)
	}
	_, err := k.EditUser(bg, okta, ann.ID, directory.Precondition{MatchSet: true, Match: []uint64{1}}, bridgetest.SetTitle("CTO"))
	k.Fails(err, directory.Stale, "")
	err = k.DeleteUser(bg, okta, ann.ID, directory.Precondition{MatchSet: true, Match: []uint64{1}})
	k.Fails(err, directory.Stale, "")
	_, err = k.EditUser(bg, okta, ann.ID, directory.Precondition{MatchSet: true, Match: []uint64{2}}, bridgetest.SetTitle("CTO"))
	k.OK(err)
}

func TestErrorsOfAnEditArePassedThrough(t *testing.T) {
	t.Parallel()
	k := start(t)
	okta := k.NewIdP(k.NewTenant("acme", 0), "acme-okta")
	own := &directory.Error{Code: directory.Invalid, Field: "emails", Message: "no"}
	_, err := k.CreateUser(bg, okta, func(*directory.User) (directory.UserDraft, error) { return directory.UserDraft{}, own })
	if !errors.Is(err, own) {
		t.Errorf("got %v", err)
	}
}

func TestL3SuspensionFreesTheSeatAndKeepsMemberships(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 1)
	okta := k.NewIdP(acme, "acme-okta")
	ann := k.NewUser(okta, bridgetest.Person{Name: "ann@acme.test"}).User
	g := k.NewGroup(okta, "Sales", bridgetest.Add(ann.ID))
	after := k.LastEvent(acme)
	out := k.ChangeUser(okta, ann.ID, bridgetest.SetActive(false))
	if out.User.State != directory.Suspended || out.User.Statement != directory.SaidInactive || len(out.Groups) != 1 {
		t.Errorf("%+v", out)
	}
	if got := bridgetest.Kinds(k.EventsOf(acme, after)); got != "user.suspended" {
		t.Errorf("events %s", got)
	}
	k.NewUser(okta, bridgetest.Person{Name: "bob@acme.test"})
	if got := k.MembersOf(okta, g.ID); len(got) != 1 {
		t.Errorf("members %v", got)
	}
	_, err := k.EditUser(bg, okta, ann.ID, directory.Precondition{}, bridgetest.SetActive(true))
	if e := k.Fails(err, directory.Refused, "B2"); !strings.Contains(e.Message, "1 of 1 seats in use") {
		t.Error(e.Message)
	}
}

func TestB2CreateIsRefusedWithNumbersAndRecorded(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 2)
	okta := k.NewIdP(acme, "acme-okta")
	k.NewUser(okta, bridgetest.Person{Name: "a@acme.test"})
	k.NewUser(okta, bridgetest.Person{Name: "b@acme.test"})
	after := k.LastEvent(acme)
	_, err := k.CreateUser(bg, okta, bridgetest.Person{Name: "c@acme.test"}.Draft)
	if e := k.Fails(err, directory.Refused, "B2"); !strings.Contains(e.Message, "2 of 2 seats in use") {
		t.Error(e.Message)
	}
	events := k.EventsOf(acme, after)
	if bridgetest.Kinds(events) != "seat.refused" || events[0].Data.Value("occupied") != directory.Number("2") || events[0].Data.Value("limit") != directory.Number("2") {
		t.Errorf("events %+v", events)
	}
	lines := k.AuditOf(acme)
	last := lines[len(lines)-1]
	if last.Outcome != directory.WasDenied || last.Rule != "B2" || last.Subject.Name != "c@acme.test" || last.Request != "req-1" {
		t.Errorf("audit %+v", last)
	}
	// An inactive user takes no seat.
	k.NewUser(okta, bridgetest.Person{Name: "d@acme.test", Active: bridgetest.No()})
}

func TestL4YieldReactivatesOnActiveTrueOnly(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	okta := k.NewIdP(acme, "acme-okta")
	ann := k.NewUser(okta, bridgetest.Person{Name: "ann@acme.test"}).User
	k.Clock.Advance(time.Minute)
	_, notice, err := k.SuspendUser(bg, k.Op, acme, ann.ID, bridge.SuspendOrder{Reason: "left early"})
	k.OK(err)
	if !strings.Contains(string(notice), "ends the suspension") {
		t.Errorf("notice %q", notice)
	}
	for _, edit := range []directory.UserEdit{bridgetest.SetTitle("CEO"), bridgetest.Person{Name: "ann@acme.test", Title: "COO"}.Draft} {
		if out := k.ChangeUser(okta, ann.ID, edit); out.User.State != directory.Suspended {
			t.Fatal("a write that does not state active has reactivated")
		}
	}
	after := k.LastEvent(acme)
	out := k.ChangeUser(okta, ann.ID, bridgetest.SetActive(true))
	if out.User.State != directory.Active || out.User.Suspension != nil {
		t.Errorf("%+v", out.User)
	}
	events := k.EventsOf(acme, after)
	reason, _ := events[0].Data.Value("reason").(string)
	if bridgetest.Kinds(events) != "user.reactivated" || !strings.Contains(reason, "Olga") || !strings.Contains(reason, "acme-okta") {
		t.Errorf("events %s: %q names not both sides", bridgetest.Kinds(events), reason)
	}
	lines := k.AuditOf(acme)
	if last := lines[len(lines)-1]; last.Rule != "L4" || last.Reason != reason {
		t.Errorf("audit %+v", last)
	}
}

func TestL4HoldKeepsTheSuspensionAndRecordsTheConflictOnce(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	okta := k.NewIdP(acme, "acme-okta")
	ann := k.NewUser(okta, bridgetest.Person{Name: "ann@acme.test"}).User
	_, notice, err := k.SuspendUser(bg, k.Op, acme, ann.ID, bridge.SuspendOrder{Mode: directory.Hold, Reason: "investigation"})
	k.OK(err)
	if !strings.Contains(string(notice), "holds") {
		t.Errorf("notice %q", notice)
	}
	k.Clock.Advance(time.Minute)
	after := k.LastEvent(acme)
	out := k.ChangeUser(okta, ann.ID, bridgetest.Person{Name: "ann@acme.test", Title: "CEO", Active: bridgetest.Yes()}.Draft)
	if out.User.State != directory.Suspended || out.User.Document.Value("title") != "CEO" {
		t.Errorf("%+v", out.User)
	}
	if got := bridgetest.Kinds(k.EventsOf(acme, after)); got != "user.updated user.suspension_held" {
		t.Errorf("events %s", got)
	}
	after = k.LastEvent(acme)
	k.Clock.Advance(time.Hour)
	if out := k.ChangeUser(okta, ann.ID, bridgetest.SetActive(true)); out.Effect != bridge.Unchanged {
		t.Errorf("a repeat gave %s", out.Effect)
	}
	if got := k.EventsOf(acme, after); len(got) != 0 {
		t.Errorf("events %s", bridgetest.Kinds(got))
	}
	released, err := k.ReleaseUser(bg, k.Op, acme, ann.ID)
	k.OK(err)
	if released.User.State != directory.Active {
		t.Errorf("%+v", released.User)
	}
}

func TestL4TheTenantsHoldIsTheDefault(t *testing.T) {
	t.Parallel()
	k := start(t)
	hold := directory.Hold
	acme := k.NewTenant("acme", 0, func(o *directory.Overrides) { o.ManualSuspension = &hold })
	okta := k.NewIdP(acme, "acme-okta")
	ann := k.NewUser(okta, bridgetest.Person{Name: "ann@acme.test"}).User
	k.Clock.Advance(time.Minute)
	_, _, err := k.SuspendUser(bg, k.Op, acme, ann.ID, bridge.SuspendOrder{})
	k.OK(err)
	if out := k.ChangeUser(okta, ann.ID, bridgetest.SetActive(true)); out.User.State != directory.Suspended {
		t.Error("hold did not hold")
	}
	// The operator changes the mode of the suspension.
	_, notice, err := k.SuspendUser(bg, k.Op, acme, ann.ID, bridge.SuspendOrder{Mode: directory.Yield})
	k.OK(err)
	if strings.Contains(string(notice), "holds") {
		t.Errorf("notice %q", notice)
	}
	if out := k.ChangeUser(okta, ann.ID, bridgetest.SetActive(true)); out.User.State != directory.Active {
		t.Error("yield did not yield")
	}
}

func TestD4DeleteBySuspendingIsGoneForTheIdP(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 1)
	okta := k.NewIdP(acme, "acme-okta")
	ann := k.NewUser(okta, bridgetest.Person{Name: "ann@acme.test", External: "e1"}).User
	g := k.NewGroup(okta, "Sales", bridgetest.Add(ann.ID))
	k.OK(k.JoinBuiltIn(bg, k.Op, acme, directory.Security, ann.ID))
	after := k.LastEvent(acme)
	k.OK(k.DeleteUser(bg, okta, ann.ID, directory.Precondition{}))

	_, err := k.User(bg, okta, ann.ID)
	k.Fails(err, directory.NotFound, "")
	k.Fails(k.DeleteUser(bg, okta, ann.ID, directory.Precondition{}), directory.NotFound, "")
	_, err = k.EditUser(bg, okta, ann.ID, directory.Precondition{}, bridgetest.SetActive(true))
	k.Fails(err, directory.NotFound, "")
	op := k.Op
	op.Tenant = acme
	seen, err := k.User(bg, op, ann.ID)
	k.OK(err)
	if !seen.User.Gone() || len(seen.Groups) != 0 {
		t.Errorf("the operator sees %+v", seen)
	}
	if got := k.MembersOf(okta, g.ID); len(got) != 0 {
		t.Errorf("members %v", got)
	}
	group, err := k.Group(bg, okta, g.ID, bridge.WithoutMembers)
	k.OK(err)
	if group.Group.Version != g.Version+1 {
		t.Errorf("version of the group %d", group.Group.Version)
	}
	if got := bridgetest.Kinds(k.EventsOf(acme, after)); got != "user.suspended group.members_changed group.members_changed" {
		t.Errorf("events %s", got)
	}
	page, err := k.ListUsers(bg, okta, directory.Query{Count: 10}, func(*directory.User, []directory.GroupRef) error { return nil })
	k.OK(err)
	if page.Total != 0 {
		t.Errorf("%d users are listed", page.Total)
	}
	// Another person does not inherit the user, and the seat is free.
	_, err = k.CreateUser(bg, okta, bridgetest.Person{Name: "ann@acme.test", External: "e2"}.Draft)
	k.Fails(err, directory.Conflict, "L5")
	if other := k.NewUser(okta, bridgetest.Person{Name: "bo@acme.test", External: "e2"}); other.Effect != bridge.Created {
		t.Errorf("%+v", other)
	}
}

func TestL5ARestoredUserKeepsTheExternalID(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	okta := k.NewIdP(acme, "acme-okta")
	ann := k.NewUser(okta, bridgetest.Person{Name: "ann@acme.test", External: "e1"}).User
	k.OK(k.DeleteUser(bg, okta, ann.ID, directory.Precondition{}))
	back := k.NewUser(okta, bridgetest.Person{Name: "ann@acme.test"})
	if back.User.ID != ann.ID || back.Effect != bridge.Restored || back.User.ExternalID != "e1" || back.User.Document.Value("externalId") != "e1" {
		t.Errorf("%s %+v %s", back.Effect, back.User, back.User.Document)
	}
}

func TestL9ADeletedUserOfAFinalisedConnectionIsRestoredByTheNext(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	okta := k.NewIdP(acme, "acme-okta")
	ann := k.NewUser(okta, bridgetest.Person{Name: "ann@acme.test"}).User
	k.OK(k.DeleteUser(bg, okta, ann.ID, directory.Precondition{}))
	k.disconnect("acme-okta", directory.Finalise)
	entra := k.NewIdP(acme, "acme-entra")
	back := k.NewUser(entra, bridgetest.Person{Name: "ann@acme.test", External: "x1"})
	if back.User.ID != ann.ID || back.Effect != bridge.Restored || back.User.Connection != "acme-entra" || !back.User.Active() {
		t.Errorf("%s %+v", back.Effect, back.User)
	}
}

func TestL5ASharedExternalIDIsVisible(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	okta := k.NewIdP(acme, "acme-okta")
	k.NewUser(okta, bridgetest.Person{Name: "ann@acme.test", External: "e1"})
	k.NewUser(okta, bridgetest.Person{Name: "bo@acme.test", External: "e1"})
	lines := k.AuditOf(acme)
	if last := lines[len(lines)-1]; !slices.Contains(last.Deviations, bridge.SharedExternalID) {
		t.Errorf("%+v", last)
	}
	cy := k.NewUser(okta, bridgetest.Person{Name: "cy@acme.test", External: "e3"}).User
	edit := func(external string) bridge.UserResult {
		got, err := k.EditUser(bg, okta, cy.ID, directory.Precondition{}, func(u *directory.User) (directory.UserDraft, error) {
			return directory.UserDraft{UserName: u.UserName, ExternalID: external, Document: u.Document}, nil
		})
		k.OK(err)
		return got
	}
	for external, shared := range map[string]bool{"e4": false, "e1": true} {
		if got := edit(external); slices.Contains(got.Deviations, bridge.SharedExternalID) != shared {
			t.Errorf("%s: %v", external, got.Deviations)
		}
	}
}

func TestD4DeleteByRemovingLeavesATombstone(t *testing.T) {
	t.Parallel()
	k := start(t)
	del := directory.OnDeleteRemove
	acme := k.NewTenant("acme", 0, func(o *directory.Overrides) { o.OnDelete = &del })
	okta := k.NewIdP(acme, "acme-okta")
	ann := k.NewUser(okta, bridgetest.Person{Name: "ann@acme.test", External: "e1"}).User
	g := k.NewGroup(okta, "Sales", bridgetest.Add(ann.ID))
	after := k.LastEvent(acme)
	k.OK(k.DeleteUser(bg, okta, ann.ID, directory.Precondition{}))
	if got := bridgetest.Kinds(k.EventsOf(acme, after)); got != "user.deleted group.members_changed" {
		t.Errorf("events %s", got)
	}
	if got := k.MembersOf(okta, g.ID); len(got) != 0 {
		t.Errorf("members %v", got)
	}
	// By userName alone the new user gets a new id. With the externalId the old user is restored.
	byName := k.NewUser(okta, bridgetest.Person{Name: "ann@acme.test"})
	if byName.User.ID == ann.ID || byName.Effect != bridge.Created {
		t.Errorf("%+v", byName)
	}
	k.Clock.Advance(29 * 24 * time.Hour)
	back := k.NewUser(okta, bridgetest.Person{Name: "ann.smith@acme.test", External: "e1"})
	if back.User.ID != ann.ID || back.Effect != bridge.Restored || !back.User.Created.Equal(ann.Created) || back.User.Version != 1 {
		t.Errorf("%+v", back)
	}
}

func TestD6IDIsNotReusedAfterTheGrace(t *testing.T) {
	t.Parallel()
	k := start(t)
	del := directory.OnDeleteRemove
	acme := k.NewTenant("acme", 0, func(o *directory.Overrides) { o.OnDelete = &del })
	okta := k.NewIdP(acme, "acme-okta")
	ann := k.NewUser(okta, bridgetest.Person{Name: "ann@acme.test", External: "e1"}).User
	k.OK(k.DeleteUser(bg, okta, ann.ID, directory.Precondition{}))
	k.Clock.Advance(31 * 24 * time.Hour)
	if back := k.NewUser(okta, bridgetest.Person{Name: "ann@acme.test", External: "e1"}); back.User.ID == ann.ID {
		t.Error("the id lives again after the grace")
	}
}

func TestL5RehireRevivesTheSameID(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"inactive", "deleted"} {
		t.Run(how, func(t *testing.T) {
			k := start(t)
			acme := k.NewTenant("acme", 1)
			okta := k.NewIdP(acme, "acme-okta")
			ann := k.NewUser(okta, bridgetest.Person{Name: "ann@acme.test", External: "e1"}).User
			if how == "inactive" {
				k.ChangeUser(okta, ann.ID, bridgetest.SetActive(false))
			} else {
				k.OK(k.DeleteUser(bg, okta, ann.ID, directory.Precondition{}))
			}
			after := k.LastEvent(acme)
			back := k.NewUser(okta, bridgetest.Person{Name: "ann.new@acme.test", External: "e1", Title: "back"})
			if back.Effect != bridge.Restored || back.User.ID != ann.ID || back.User.State != directory.Active ||
				back.User.UserName != "ann.new@acme.test" || back.User.Gone() || !back.User.Created.Equal(ann.Created) {
				t.Errorf("%+v", back)
			}
			if got := bridgetest.Kinds(k.EventsOf(acme, after)); got != "user.restored seats.notice" { // one of one seat
				t.Errorf("events %s", got)
			}
			seen, err := k.User(bg, okta, ann.ID)
			k.OK(err)
			if seen.User.Document.Value("title") != "back" {
				t.Errorf("stored %s", seen.User.Document)
			}
		})
	}
}

func TestL5RehireNeedsASeat(t *testing.T) {
	t.Parallel()
	k := start(t)
	okta := k.NewIdP(k.NewTenant("acme", 1), "acme-okta")
	ann := k.NewUser(okta, bridgetest.Person{Name: "ann@acme.test", External: "e1"}).User
	k.OK(k.DeleteUser(bg, okta, ann.ID, directory.Precondition{}))
	k.NewUser(okta, bridgetest.Person{Name: "bob@acme.test"})
	_, err := k.CreateUser(bg, okta, bridgetest.Person{Name: "ann@acme.test", External: "e1"}.Draft)
	k.Fails(err, directory.Refused, "B2")
	_, err = k.User(bg, okta, ann.ID)
	k.Fails(err, directory.NotFound, "")
}

func TestL5PostDoesNotEndAnOperatorsSuspension(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	okta := k.NewIdP(acme, "acme-okta")
	ann := k.NewUser(okta, bridgetest.Person{Name: "ann@acme.test", External: "e1"}).User
	_, _, err := k.SuspendUser(bg, k.Op, acme, ann.ID, bridge.SuspendOrder{Mode: directory.Hold})
	k.OK(err)
	_, err = k.CreateUser(bg, okta, bridgetest.Person{Name: "ann@acme.test", External: "e1"}.Draft)
	k.Fails(err, directory.Conflict, "L5")
	// Nor after a DELETE: the user is restored and stays suspended.
	k.Clock.Advance(time.Minute)
	k.OK(k.DeleteUser(bg, okta, ann.ID, directory.Precondition{}))
	back := k.NewUser(okta, bridgetest.Person{Name: "ann@acme.test", External: "e1"})
	if back.User.ID != ann.ID || back.User.State != directory.Suspended || back.User.Gone() {
		t.Errorf("%+v", back)
	}
	if _, err := k.User(bg, okta, ann.ID); err != nil {
		t.Error(err)
	}
}

// The refusal of a POST names an update as a way only if an update reactivates the user.
func TestL5RefusedPostNamesTheWayThatWorks(t *testing.T) {
	t.Parallel()
	for mode, works := range map[directory.SuspensionMode]bool{directory.Yield: true, directory.Hold: false} {
		k := start(t)
		acme := k.NewTenant("acme", 0)
		okta := k.NewIdP(acme, "acme-okta")
		ann := k.NewUser(okta, bridgetest.Person{Name: "ann@acme.test"}).User
		_, _, err := k.SuspendUser(bg, k.Op, acme, ann.ID, bridge.SuspendOrder{Mode: mode})
		k.OK(err)
		_, err = k.CreateUser(bg, okta, bridgetest.Person{Name: "ann@acme.test"}.Draft)
		if e := k.Fails(err, directory.Conflict, "L5"); strings.Contains(e.Message, "active: true in an update") != works || !strings.Contains(e.Message, "an operator must release the user first") {
			t.Errorf("%s: %s", mode, e.Message)
		}
		if back := k.ChangeUser(okta, ann.ID, bridgetest.SetActive(true)); (back.User.State == directory.Active) != works {
			t.Errorf("%s: %+v", mode, back)
		}
	}
}

func TestL5RepeatedPostAnswersTheSame(t *testing.T) {
	t.Parallel()
	k := start(t)
	accept := directory.ReplayAccept
	acme := k.NewTenant("acme", 0, func(o *directory.Overrides) { o.Replay = &accept })
	okta := k.NewIdP(acme, "acme-okta")
	ann := k.NewUser(okta, bridgetest.Person{Name: "ann@acme.test", External: "e1"}).User
	after := k.LastEvent(acme)
	k.Clock.Advance(9 * time.Minute)
	again := k.NewUser(okta, bridgetest.Person{Name: "ann@acme.test", External: "e1"})
	if again.Effect != bridge.Replayed || again.User.ID != ann.ID || again.User.Version != 1 {
		t.Errorf("%+v", again)
	}
	if got := k.EventsOf(acme, after); len(got) != 0 {
		t.Errorf("events %s", bridgetest.Kinds(got))
	}
	_, err := k.CreateUser(bg, okta, bridgetest.Person{Name: "ann@acme.test", External: "e1", Title: "other"}.Draft)
	k.Fails(err, directory.Conflict, "")
	k.Clock.Advance(2 * time.Minute)
	_, err = k.CreateUser(bg, okta, bridgetest.Person{Name: "ann@acme.test", External: "e1"}.Draft)
	k.Fails(err, directory.Conflict, "")
}

func TestL9OneConnectionManagesAUser(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	okta, entra := k.NewIdP(acme, "acme-okta"), k.NewIdP(acme, "acme-entra")
	ann := k.NewUser(okta, bridgetest.Person{Name: "ann@acme.test"}).User
	_, err := k.EditUser(bg, entra, ann.ID, directory.Precondition{}, bridgetest.SetTitle("CEO"))
	if e := k.Fails(err, directory.Refused, "L9"); !strings.Contains(e.Message, "acme-okta") {
		t.Error(e.Message)
	}
	k.Fails(k.DeleteUser(bg, entra, ann.ID, directory.Precondition{}), directory.Refused, "L9")
	if seen, err := k.User(bg, entra, ann.ID); err != nil || seen.User.Version != 1 {
		t.Errorf("%+v %v", seen, err)
	}
	k.OK(k.ReleaseManagement(bg, k.Op, acme, directory.UserKind, ann.ID))
	after := k.LastEvent(acme)
	out := k.ChangeUser(entra, ann.ID, bridgetest.SetActive(true))
	if out.User.Connection != "acme-entra" || out.User.Statement != directory.SaidActive {
		t.Errorf("%+v", out.User)
	}
	if got := bridgetest.Kinds(k.EventsOf(acme, after)); got != "user.adopted" {
		t.Errorf("events %s", got)
	}
	_, err = k.EditUser(bg, okta, ann.ID, directory.Precondition{}, bridgetest.SetTitle("CEO"))
	k.Fails(err, directory.Refused, "L9")
}

func TestD1D2BindOperatorsNotIdentityProviders(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	okta := k.NewIdP(acme, "acme-okta")
	ann := k.NewUser(okta, bridgetest.Person{Name: "ann@acme.test", External: "e1"}).User
	k.Fails(k.RemoveUser(bg, k.Op, acme, ann.ID, directory.Removal{Force: true, Reason: "because"}), directory.Conflict, "D1")
	_, _, err := k.SuspendUser(bg, k.Op, acme, ann.ID, bridge.SuspendOrder{})
	k.OK(err)
	if e := k.Fails(k.RemoveUser(bg, k.Op, acme, ann.ID, directory.Removal{}), directory.Conflict, "D2"); !strings.Contains(e.Message, "deprovision in Okta first") {
		t.Error(e.Message)
	}
	k.Fails(k.RemoveUser(bg, k.Op, acme, ann.ID, directory.Removal{Force: true}), directory.Invalid, "")
	k.ChangeUser(okta, ann.ID, bridgetest.SetActive(false))
	k.OK(k.RemoveUser(bg, k.Op, acme, ann.ID, directory.Removal{}))
	k.Fails(k.RemoveUser(bg, k.Op, acme, ann.ID, directory.Removal{}), directory.NotFound, "")
	// The tombstone answers a later POST (L5).
	if back := k.NewUser(okta, bridgetest.Person{Name: "ann@acme.test", External: "e1"}); back.User.ID != ann.ID {
		t.Error("the tombstone was not found")
	}
}

func TestD2ForcedDeletionIsRecordedWithItsReason(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	okta := k.NewIdP(acme, "acme-okta")
	ann := k.NewUser(okta, bridgetest.Person{Name: "ann@acme.test"}).User
	_, _, err := k.SuspendUser(bg, k.Op, acme, ann.ID, bridge.SuspendOrder{})
	k.OK(err)
	k.OK(k.RemoveUser(bg, k.Op, acme, ann.ID, directory.Removal{Force: true, Reason: "court order"}))
	lines := k.AuditOf(acme)
	if last := lines[len(lines)-1]; last.Action != "user.delete" || last.Rule != "D2" || !strings.Contains(last.Reason, "court order") {
		t.Errorf("audit %+v", last)
	}
}

func TestG3TheLastOwnerStays(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	okta := k.NewIdP(acme, "acme-okta")
	ann := k.NewUser(okta, bridgetest.Person{Name: "ann@acme.test"}).User
	k.OK(k.JoinBuiltIn(bg, k.Op, acme, directory.Owners, ann.ID))
	check := func(err error) {
		t.Helper()
		k.Fails(err, directory.Refused, "G3")
	}
	_, err := k.EditUser(bg, okta, ann.ID, directory.Precondition{}, bridgetest.SetActive(false))
	check(err)
	check(k.DeleteUser(bg, okta, ann.ID, directory.Precondition{}))
	_, _, err = k.SuspendUser(bg, k.Op, acme, ann.ID, bridge.SuspendOrder{})
	check(err)
	check(k.LeaveBuiltIn(bg, k.Op, acme, directory.Owners, ann.ID))
	del := directory.OnDeleteRemove
	k.Override(acme, func(o *directory.Overrides) { o.OnDelete = &del })
	check(k.DeleteUser(bg, okta, ann.ID, directory.Precondition{}))

	bob := k.NewUser(okta, bridgetest.Person{Name: "bob@acme.test", Active: bridgetest.No()}).User
	k.OK(k.JoinBuiltIn(bg, k.Op, acme, directory.Owners, bob.ID))
	check(k.LeaveBuiltIn(bg, k.Op, acme, directory.Owners, ann.ID)) // a suspended Owner is none
	k.ChangeUser(okta, bob.ID, bridgetest.SetActive(true))
	after := k.LastEvent(acme)
	k.OK(k.DeleteUser(bg, okta, ann.ID, directory.Precondition{}))
	if got := bridgetest.Kinds(k.EventsOf(acme, after)); got != "user.deleted protected_group.changed" {
		t.Errorf("events %s", got)
	}
	_, err = k.EditUser(bg, okta, bob.ID, directory.Precondition{}, bridgetest.SetActive(false))
	check(err)
}

func TestB4UserTypeMakesGuests(t *testing.T) {
	t.Parallel()
	k := start(t)
	included := 1
	acme := k.NewTenant("acme", 2, func(o *directory.Overrides) { o.IncludedGuests = &included })
	okta := k.NewIdP(acme, "acme-okta")
	guest := k.NewUser(okta, bridgetest.Person{Name: "g1@else.test", UserType: "Guest"}).User
	if guest.Type != directory.Guest {
		t.Fatalf("%+v", guest)
	}
	a, b := k.NewGroup(okta, "A", bridgetest.Add(guest.ID)), k.NewGroup(okta, "B")
	_, err := k.EditGroup(bg, okta, b.ID, directory.Precondition{}, bridgetest.Steps(bridgetest.Add(guest.ID)))
	if e := k.Fails(err, directory.Refused, "B4"); !strings.Contains(e.Message, "2 groups") || !strings.Contains(e.Message, "1 at most") {
		t.Error(e.Message)
	}
	if got := k.MembersOf(okta, a.ID); len(got) != 1 {
		t.Errorf("members %v", got)
	}
	k.NewUser(okta, bridgetest.Person{Name: "m1@acme.test"})
	m2 := k.NewUser(okta, bridgetest.Person{Name: "m2@acme.test"}).User
	// The first guest is included; a second one would be a third seat, and so would the first as a member.
	_, err = k.CreateUser(bg, okta, bridgetest.Person{Name: "g2@else.test", UserType: "guest"}.Draft)
	k.Fails(err, directory.Refused, "B2")
	_, err = k.EditUser(bg, okta, guest.ID, directory.Precondition{}, bridgetest.Person{Name: "g1@else.test"}.Draft)
	k.Fails(err, directory.Refused, "B2")
	k.ChangeUser(okta, m2.ID, bridgetest.SetActive(false))
	after := k.LastEvent(acme)
	out := k.ChangeUser(okta, guest.ID, bridgetest.Person{Name: "g1@else.test"}.Draft)
	if out.User.Type != directory.TeamMember {
		t.Errorf("%+v", out.User)
	}
	if got := bridgetest.Kinds(k.EventsOf(acme, after)); got != "user.updated user.converted seats.notice" {
		t.Errorf("events %s", got)
	}
	k.Fails(k.LeaveBuiltIn(bg, k.Op, acme, directory.TeamMembers, out.User.ID), directory.Refused, "G2")
}

func TestB4ForeignAddressMakesGuests(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0, func(o *directory.Overrides) { o.MemberDomains = &[]string{"acme.test"} })
	okta := k.NewIdP(acme, "acme-okta")
	guest := k.NewUser(okta, bridgetest.Person{Name: "g1@else.test"}).User
	if guest.Type != directory.Guest {
		t.Fatalf("%+v", guest)
	}
	_, _, err := k.ConvertUser(bg, k.Op, acme, guest.ID, directory.TeamMember)
	if e := k.Fails(err, directory.Refused, "B4"); !strings.Contains(e.Message, "member_domains") {
		t.Error(e.Message)
	}
	out := k.ChangeUser(okta, guest.ID, bridgetest.Person{Name: "g1@acme.test"}.Draft)
	if out.User.Type != directory.TeamMember {
		t.Errorf("%+v", out.User)
	}
	if out = k.ChangeUser(okta, guest.ID, bridgetest.Person{Name: "g1@else.test"}.Draft); out.User.Type != directory.Guest {
		t.Errorf("%+v", out.User)
	}
	for _, domain := range []string{"acme", "a@acme.test", "*.acme.test"} {
		err := policy.CheckOverrides(directory.Overrides{MemberDomains: &[]string{domain}})
		if e := k.Fails(err, directory.Invalid, ""); e.Field != "member_domains" {
			t.Errorf("%+v", e)
		}
	}
}

// A company that names its domains makes guests of Owners with other addresses. Their next write is refused, but not a deprovisioning.
func TestB4NeverRefusesADeprovisioning(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	okta := k.NewIdP(acme, "acme-okta")
	k.owner(acme, "boss@acme.test")
	ann := k.NewUser(okta, bridgetest.Person{Name: "ann@else.test"}).User
	k.OK(k.JoinBuiltIn(bg, k.Op, acme, directory.Owners, ann.ID))
	k.Override(acme, func(o *directory.Overrides) { o.MemberDomains = &[]string{"acme.test"} })

	_, err := k.EditUser(bg, okta, ann.ID, directory.Precondition{}, bridgetest.SetActive(true))
	k.Fails(err, directory.Refused, "B4")
	out := k.ChangeUser(okta, ann.ID, bridgetest.SetActive(false))
	if out.User.State != directory.Suspended || out.User.Type != directory.Guest {
		t.Errorf("%+v", out.User)
	}

	// Neither a sync nor a release brings the guest back into Owners.
	_, err = k.EditUser(bg, okta, ann.ID, directory.Precondition{}, bridgetest.SetActive(true))
	k.Fails(err, directory.Refused, "B4")
	_, err = k.ReleaseUser(bg, k.Op, acme, ann.ID)
	k.Fails(err, directory.Refused, "B4")
	k.OK(k.LeaveBuiltIn(bg, k.Op, acme, directory.Owners, ann.ID))
	if out = k.ChangeUser(okta, ann.ID, bridgetest.SetActive(true)); out.User.State != directory.Active || out.User.Type != directory.Guest {
		t.Errorf("%+v", out.User)
	}
}

func TestMisleadingNamesAreRefused(t *testing.T) {
	t.Parallel()
	k := start(t)
	okta := k.NewIdP(k.NewTenant("acme", 0), "acme-okta")
	for _, name := range []string{"", "  ", "a\x00b", "a\nb", "ann\u202Etset.emca", strings.Repeat("x", 1025)} {
		_, err := k.CreateUser(bg, okta, bridgetest.Person{Name: name}.Draft)
		if e := k.Fails(err, directory.Invalid, ""); e.Field != "userName" {
			t.Errorf("%q: %+v", name, e)
		}
		_, err = k.CreateGroup(bg, okta, bridgetest.Team(name))
		k.Fails(err, directory.Invalid, "")
	}
}

func TestTenantsCannotReadEachOther(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme, beta := k.NewTenant("acme", 0), k.NewTenant("beta", 0)
	okta, other := k.NewIdP(acme, "acme-okta"), k.NewIdP(beta, "beta-okta")
	ann := k.NewUser(okta, bridgetest.Person{Name: "ann@acme.test", External: "e1"}).User
	g := k.NewGroup(okta, "Sales", bridgetest.Add(ann.ID))
	none := directory.Precondition{}
	_, err := k.User(bg, other, ann.ID)
	k.Fails(err, directory.NotFound, "")
	_, err = k.EditUser(bg, other, ann.ID, none, bridgetest.SetActive(false))
	k.Fails(err, directory.NotFound, "")
	k.Fails(k.DeleteUser(bg, other, ann.ID, none), directory.NotFound, "")
	_, err = k.Group(bg, other, g.ID, bridge.WithMembers)
	k.Fails(err, directory.NotFound, "")
	_, err = k.EditGroup(bg, other, g.ID, none, bridgetest.Team("Mine"))
	k.Fails(err, directory.NotFound, "")
	k.Fails(k.DeleteGroup(bg, other, g.ID, none), directory.NotFound, "")
	_, err = k.CreateGroup(bg, other, bridgetest.Team("Sales", bridgetest.Add(ann.ID)))
	k.Fails(err, directory.Invalid, "")
	if same := k.NewUser(other, bridgetest.Person{Name: "ann@acme.test", External: "e1"}); same.Effect != bridge.Created {
		t.Errorf("%+v", same)
	}
	_, _, err = k.SuspendUser(bg, k.Op, beta, ann.ID, bridge.SuspendOrder{})
	k.Fails(err, directory.NotFound, "")
	k.Fails(k.RemoveUser(bg, k.Op, beta, ann.ID, directory.Removal{Force: true, Reason: "x"}), directory.NotFound, "")
	k.Fails(k.JoinBuiltIn(bg, k.Op, beta, directory.Owners, ann.ID), directory.NotFound, "")
	// A connection cannot do what operators do.
	_, err = k.Seats(bg, okta, beta)
	k.Fails(err, directory.Forbidden, "")
	_, err = k.Events(bg, okta, beta, 0, 0)
	k.Fails(err, directory.Forbidden, "")
}
