package bridge_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"drawbridge/bridge"
	"drawbridge/directory"
	"drawbridge/policy"
)

func TestCreateUserIsSeenAtOnce(t *testing.T) {
	k := start(t)
	acme := k.tenant("acme", 0)
	okta := k.idp(acme, "acme-okta")
	after := k.lastEvent(acme)
	out := k.create(okta, person{name: "ann@acme.test", external: "e1"})
	if out.Effect != bridge.Created || out.User.State != directory.Active || out.User.Version != 1 || out.User.Connection != "acme-okta" {
		t.Fatalf("created %+v", out)
	}
	found, err := k.User(bg, okta, out.User.ID)
	k.ok(err)
	if found.User.UserName != "ann@acme.test" || found.User.Statement != directory.SaidActive || !found.User.AcceptedAt.Equal(k.clock.Now()) {
		t.Fatalf("stored %+v", found.User)
	}
	if got := kinds(k.events(acme, after)); got != "user.created" {
		t.Errorf("events %s", got)
	}
}

func TestUserNameIsUniqueWhateverItsCase(t *testing.T) {
	k := start(t)
	okta := k.idp(k.tenant("acme", 0), "acme-okta")
	ann := k.create(okta, person{name: "ann@acme.test"}).User
	_, err := k.CreateUser(bg, okta, person{name: "ANN@acme.test"}.edit)
	e := k.fails(err, directory.Conflict, "")
	if e.Field != "userName" || !strings.Contains(e.Message, ann.ID.String()) {
		t.Errorf("%+v does not name the user", e)
	}
	bob := k.create(okta, person{name: "bob@acme.test"}).User
	_, err = k.EditUser(bg, okta, bob.ID, directory.Precondition{}, person{name: "Ann@acme.test"}.edit)
	k.fails(err, directory.Conflict, "")
	// One's own name is no conflict.
	k.edit(okta, bob.ID, person{name: "BOB@acme.test"}.edit)
}

func TestANoOpWritesNothing(t *testing.T) {
	k := start(t)
	acme := k.tenant("acme", 0)
	okta := k.idp(acme, "acme-okta")
	ann := k.create(okta, person{name: "ann@acme.test", title: "CEO"}).User
	after, lines := k.lastEvent(acme), len(k.audit(acme))
	k.clock.Advance(time.Hour)
	for _, edit := range []directory.UserEdit{
		person{name: "ann@acme.test", title: "CEO"}.edit,
		active(true), title("CEO"), patch(func(*directory.UserDraft) {}),
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
		out := k.edit(okta, ann.ID, edit)
		if out.Effect != bridge.Unchanged || out.User.Version != 1 || !out.User.Modified.Equal(ann.Modified) {
			t.Errorf("a no-op gave %s, version %d", out.Effect, out.User.Version)
		}
	}
	if got := k.events(acme, after); len(got) > 0 {
		t.Errorf("events %s", kinds(got))
	}
	if got := len(k.audit(acme)); got != lines {
		t.Errorf("%d audit lines more", got-lines)
	}
}

func TestEditBumpsVersionAndChecksPrecondition(t *testing.T) {
	k := start(t)
	okta := k.idp(k.tenant("acme", 0), "acme-okta")
	ann := k.create(okta, person{name: "ann@acme.test"}).User
	k.clock.Advance(time.Minute)
	out := k.edit(okta, ann.ID, title("CEO"))
	if out.User.Version != 2 || !out.User.Modified.After(ann.Modified) || out.Effect != bridge.Changed {
		t.Errorf("%+v", out)
	}
	_, err := k.EditUser(bg, okta, ann.ID, directory.Precondition{MatchSet: true, Match: []uint64{1}}, title("CTO"))
	k.fails(err, directory.Stale, "")
	err = k.DeleteUser(bg, okta, ann.ID, directory.Precondition{MatchSet: true, Match: []uint64{1}})
	k.fails(err, directory.Stale, "")
	_, err = k.EditUser(bg, okta, ann.ID, directory.Precondition{MatchSet: true, Match: []uint64{2}}, title("CTO"))
	k.ok(err)
}

func TestErrorsOfAnEditArePassedThrough(t *testing.T) {
	k := start(t)
	okta := k.idp(k.tenant("acme", 0), "acme-okta")
	own := &directory.Error{Code: directory.Invalid, Field: "emails", Message: "no"}
	_, err := k.CreateUser(bg, okta, func(*directory.User) (directory.UserDraft, error) { return directory.UserDraft{}, own })
	if !errors.Is(err, own) {
		t.Errorf("got %v", err)
	}
}

func TestL3SuspensionFreesTheSeatAndKeepsMemberships(t *testing.T) {
	k := start(t)
	acme := k.tenant("acme", 1)
	okta := k.idp(acme, "acme-okta")
	ann := k.create(okta, person{name: "ann@acme.test"}).User
	g := k.group(okta, "Sales", add(ann.ID))
	after := k.lastEvent(acme)
	out := k.edit(okta, ann.ID, active(false))
	if out.User.State != directory.Suspended || out.User.Statement != directory.SaidInactive || len(out.Groups) != 1 {
		t.Errorf("%+v", out)
	}
	if got := kinds(k.events(acme, after)); got != "user.suspended" {
		t.Errorf("events %s", got)
	}
	k.create(okta, person{name: "bob@acme.test"})
	if got := k.members(okta, g.ID); len(got) != 1 {
		t.Errorf("members %v", got)
	}
	_, err := k.EditUser(bg, okta, ann.ID, directory.Precondition{}, active(true))
	if e := k.fails(err, directory.Refused, "B2"); !strings.Contains(e.Message, "1 of 1 seats in use") {
		t.Error(e.Message)
	}
}

func TestB2CreateIsRefusedWithNumbersAndRecorded(t *testing.T) {
	k := start(t)
	acme := k.tenant("acme", 2)
	okta := k.idp(acme, "acme-okta")
	k.create(okta, person{name: "a@acme.test"})
	k.create(okta, person{name: "b@acme.test"})
	after := k.lastEvent(acme)
	_, err := k.CreateUser(bg, okta, person{name: "c@acme.test"}.edit)
	if e := k.fails(err, directory.Refused, "B2"); !strings.Contains(e.Message, "2 of 2 seats in use") {
		t.Error(e.Message)
	}
	events := k.events(acme, after)
	if kinds(events) != "seat.refused" || events[0].Data.Value("occupied") != directory.Number("2") || events[0].Data.Value("limit") != directory.Number("2") {
		t.Errorf("events %+v", events)
	}
	lines := k.audit(acme)
	last := lines[len(lines)-1]
	if last.Outcome != directory.WasDenied || last.Rule != "B2" || last.Subject.Name != "c@acme.test" || last.Request != "req-1" {
		t.Errorf("audit %+v", last)
	}
	// An inactive user takes no seat.
	k.create(okta, person{name: "d@acme.test", active: no()})
}

func TestL4YieldReactivatesOnActiveTrueOnly(t *testing.T) {
	k := start(t)
	acme := k.tenant("acme", 0)
	okta := k.idp(acme, "acme-okta")
	ann := k.create(okta, person{name: "ann@acme.test"}).User
	k.clock.Advance(time.Minute)
	_, notice, err := k.SuspendUser(bg, k.op, acme, ann.ID, "", "left early")
	k.ok(err)
	if !strings.Contains(string(notice), "ends this suspension") {
		t.Errorf("notice %q", notice)
	}
	for _, edit := range []directory.UserEdit{title("CEO"), person{name: "ann@acme.test", title: "COO"}.edit} {
		if out := k.edit(okta, ann.ID, edit); out.User.State != directory.Suspended {
			t.Fatal("a write that does not state active has reactivated")
		}
	}
	after := k.lastEvent(acme)
	out := k.edit(okta, ann.ID, active(true))
	if out.User.State != directory.Active || out.User.Suspension != nil {
		t.Errorf("%+v", out.User)
	}
	events := k.events(acme, after)
	reason, _ := events[0].Data.Value("reason").(string)
	if kinds(events) != "user.reactivated" || !strings.Contains(reason, "Olga") || !strings.Contains(reason, "acme-okta") {
		t.Errorf("events %s: %q names not both sides", kinds(events), reason)
	}
	lines := k.audit(acme)
	if last := lines[len(lines)-1]; last.Rule != "L4" || last.Reason != reason {
		t.Errorf("audit %+v", last)
	}
}

func TestL4HoldKeepsTheSuspensionAndRecordsTheConflictOnce(t *testing.T) {
	k := start(t)
	acme := k.tenant("acme", 0)
	okta := k.idp(acme, "acme-okta")
	ann := k.create(okta, person{name: "ann@acme.test"}).User
	_, notice, err := k.SuspendUser(bg, k.op, acme, ann.ID, directory.Hold, "investigation")
	k.ok(err)
	if !strings.Contains(string(notice), "holds") {
		t.Errorf("notice %q", notice)
	}
	k.clock.Advance(time.Minute)
	after := k.lastEvent(acme)
	out := k.edit(okta, ann.ID, person{name: "ann@acme.test", title: "CEO", active: yes()}.edit)
	if out.User.State != directory.Suspended || out.User.Document.Value("title") != "CEO" {
		t.Errorf("%+v", out.User)
	}
	if got := kinds(k.events(acme, after)); got != "user.updated user.suspension_held" {
		t.Errorf("events %s", got)
	}
	after = k.lastEvent(acme)
	k.clock.Advance(time.Hour)
	if out := k.edit(okta, ann.ID, active(true)); out.Effect != bridge.Unchanged {
		t.Errorf("a repeat gave %s", out.Effect)
	}
	if got := k.events(acme, after); len(got) != 0 {
		t.Errorf("events %s", kinds(got))
	}
	released, err := k.ReleaseUser(bg, k.op, acme, ann.ID)
	k.ok(err)
	if released.User.State != directory.Active {
		t.Errorf("%+v", released.User)
	}
}

func TestL4TheTenantsHoldIsTheDefault(t *testing.T) {
	k := start(t)
	hold := directory.Hold
	acme := k.tenant("acme", 0, func(o *directory.Overrides) { o.ManualSuspension = &hold })
	okta := k.idp(acme, "acme-okta")
	ann := k.create(okta, person{name: "ann@acme.test"}).User
	k.clock.Advance(time.Minute)
	_, _, err := k.SuspendUser(bg, k.op, acme, ann.ID, "", "")
	k.ok(err)
	if out := k.edit(okta, ann.ID, active(true)); out.User.State != directory.Suspended {
		t.Error("hold did not hold")
	}
	// The operator changes the mode of the suspension.
	_, notice, err := k.SuspendUser(bg, k.op, acme, ann.ID, directory.Yield, "")
	k.ok(err)
	if strings.Contains(string(notice), "holds") {
		t.Errorf("notice %q", notice)
	}
	if out := k.edit(okta, ann.ID, active(true)); out.User.State != directory.Active {
		t.Error("yield did not yield")
	}
}

func TestD4DeleteBySuspendingIsGoneForTheIdP(t *testing.T) {
	k := start(t)
	acme := k.tenant("acme", 1)
	okta := k.idp(acme, "acme-okta")
	ann := k.create(okta, person{name: "ann@acme.test", external: "e1"}).User
	g := k.group(okta, "Sales", add(ann.ID))
	k.ok(k.JoinBuiltIn(bg, k.op, acme, directory.Security, ann.ID))
	after := k.lastEvent(acme)
	k.ok(k.DeleteUser(bg, okta, ann.ID, directory.Precondition{}))

	_, err := k.User(bg, okta, ann.ID)
	k.fails(err, directory.NotFound, "")
	k.fails(k.DeleteUser(bg, okta, ann.ID, directory.Precondition{}), directory.NotFound, "")
	_, err = k.EditUser(bg, okta, ann.ID, directory.Precondition{}, active(true))
	k.fails(err, directory.NotFound, "")
	op := k.op
	op.Tenant = acme
	seen, err := k.User(bg, op, ann.ID)
	k.ok(err)
	if !seen.User.Gone() || len(seen.Groups) != 0 {
		t.Errorf("the operator sees %+v", seen)
	}
	if got := k.members(okta, g.ID); len(got) != 0 {
		t.Errorf("members %v", got)
	}
	group, err := k.Group(bg, okta, g.ID, false)
	k.ok(err)
	if group.Group.Version != g.Version+1 {
		t.Errorf("version of the group %d", group.Group.Version)
	}
	if got := kinds(k.events(acme, after)); got != "user.suspended group.members_changed group.members_changed" {
		t.Errorf("events %s", got)
	}
	page, err := k.ListUsers(bg, okta, directory.Query{Count: 10}, func(*directory.User, []directory.GroupRef) error { return nil })
	k.ok(err)
	if page.Total != 0 {
		t.Errorf("%d users are listed", page.Total)
	}
	// Another person does not get the account, and the seat is free.
	_, err = k.CreateUser(bg, okta, person{name: "ann@acme.test", external: "e2"}.edit)
	k.fails(err, directory.Conflict, "L5")
	if other := k.create(okta, person{name: "bo@acme.test", external: "e2"}); other.Effect != bridge.Created {
		t.Errorf("%+v", other)
	}
}

func TestL5ARestoredUserKeepsTheExternalID(t *testing.T) {
	k := start(t)
	acme := k.tenant("acme", 0)
	okta := k.idp(acme, "acme-okta")
	ann := k.create(okta, person{name: "ann@acme.test", external: "e1"}).User
	k.ok(k.DeleteUser(bg, okta, ann.ID, directory.Precondition{}))
	back := k.create(okta, person{name: "ann@acme.test"})
	if back.User.ID != ann.ID || back.Effect != bridge.Restored || back.User.ExternalID != "e1" || back.User.Document.Value("externalId") != "e1" {
		t.Errorf("%s %+v %s", back.Effect, back.User, back.User.Document)
	}
}

func TestL9ADeletedUserOfAFinalisedConnectionIsRestoredByTheNext(t *testing.T) {
	k := start(t)
	acme := k.tenant("acme", 0)
	okta := k.idp(acme, "acme-okta")
	ann := k.create(okta, person{name: "ann@acme.test"}).User
	k.ok(k.DeleteUser(bg, okta, ann.ID, directory.Precondition{}))
	k.disconnect("acme-okta", directory.Finalise)
	entra := k.idp(acme, "acme-entra")
	back := k.create(entra, person{name: "ann@acme.test", external: "x1"})
	if back.User.ID != ann.ID || back.Effect != bridge.Restored || back.User.Connection != "acme-entra" || !back.User.Active() {
		t.Errorf("%s %+v", back.Effect, back.User)
	}
}

func TestL5ASharedExternalIDIsVisible(t *testing.T) {
	k := start(t)
	acme := k.tenant("acme", 0)
	okta := k.idp(acme, "acme-okta")
	k.create(okta, person{name: "ann@acme.test", external: "e1"})
	k.create(okta, person{name: "bo@acme.test", external: "e1"})
	lines := k.audit(acme)
	if last := lines[len(lines)-1]; !slices.Contains(last.Deviations, bridge.SharedExternalID) {
		t.Errorf("%+v", last)
	}
}

func TestD4DeleteByRemovingLeavesATombstone(t *testing.T) {
	k := start(t)
	del := directory.OnDeleteRemove
	acme := k.tenant("acme", 0, func(o *directory.Overrides) { o.OnDelete = &del })
	okta := k.idp(acme, "acme-okta")
	ann := k.create(okta, person{name: "ann@acme.test", external: "e1"}).User
	g := k.group(okta, "Sales", add(ann.ID))
	after := k.lastEvent(acme)
	k.ok(k.DeleteUser(bg, okta, ann.ID, directory.Precondition{}))
	if got := kinds(k.events(acme, after)); got != "user.deleted group.members_changed" {
		t.Errorf("events %s", got)
	}
	if got := k.members(okta, g.ID); len(got) != 0 {
		t.Errorf("members %v", got)
	}
	// By userName alone the newcomer gets a new id; by externalId the old one comes back.
	byName := k.create(okta, person{name: "ann@acme.test"})
	if byName.User.ID == ann.ID || byName.Effect != bridge.Created {
		t.Errorf("%+v", byName)
	}
	k.clock.Advance(29 * 24 * time.Hour)
	back := k.create(okta, person{name: "ann.smith@acme.test", external: "e1"})
	if back.User.ID != ann.ID || back.Effect != bridge.Restored || !back.User.Created.Equal(ann.Created) || back.User.Version != 1 {
		t.Errorf("%+v", back)
	}
}

func TestD6AfterTheGraceTheIdIsNotGivenAgain(t *testing.T) {
	k := start(t)
	del := directory.OnDeleteRemove
	acme := k.tenant("acme", 0, func(o *directory.Overrides) { o.OnDelete = &del })
	okta := k.idp(acme, "acme-okta")
	ann := k.create(okta, person{name: "ann@acme.test", external: "e1"}).User
	k.ok(k.DeleteUser(bg, okta, ann.ID, directory.Precondition{}))
	k.clock.Advance(31 * 24 * time.Hour)
	if back := k.create(okta, person{name: "ann@acme.test", external: "e1"}); back.User.ID == ann.ID {
		t.Error("the id lives again after the grace")
	}
}

func TestL5RehireRevivesTheSameID(t *testing.T) {
	for _, how := range []string{"inactive", "deleted"} {
		t.Run(how, func(t *testing.T) {
			k := start(t)
			acme := k.tenant("acme", 1)
			okta := k.idp(acme, "acme-okta")
			ann := k.create(okta, person{name: "ann@acme.test", external: "e1"}).User
			if how == "inactive" {
				k.edit(okta, ann.ID, active(false))
			} else {
				k.ok(k.DeleteUser(bg, okta, ann.ID, directory.Precondition{}))
			}
			after := k.lastEvent(acme)
			back := k.create(okta, person{name: "ann.new@acme.test", external: "e1", title: "back"})
			if back.Effect != bridge.Restored || back.User.ID != ann.ID || back.User.State != directory.Active ||
				back.User.UserName != "ann.new@acme.test" || back.User.Gone() || !back.User.Created.Equal(ann.Created) {
				t.Errorf("%+v", back)
			}
			if got := kinds(k.events(acme, after)); got != "user.restored seats.notice" { // one of one seat
				t.Errorf("events %s", got)
			}
			seen, err := k.User(bg, okta, ann.ID)
			k.ok(err)
			if seen.User.Document.Value("title") != "back" {
				t.Errorf("stored %s", seen.User.Document)
			}
		})
	}
}

func TestL5RehireNeedsASeat(t *testing.T) {
	k := start(t)
	okta := k.idp(k.tenant("acme", 1), "acme-okta")
	ann := k.create(okta, person{name: "ann@acme.test", external: "e1"}).User
	k.ok(k.DeleteUser(bg, okta, ann.ID, directory.Precondition{}))
	k.create(okta, person{name: "bob@acme.test"})
	_, err := k.CreateUser(bg, okta, person{name: "ann@acme.test", external: "e1"}.edit)
	k.fails(err, directory.Refused, "B2")
	_, err = k.User(bg, okta, ann.ID)
	k.fails(err, directory.NotFound, "")
}

func TestL5TheOperatorsSuspensionIsNotUndoneByPOST(t *testing.T) {
	k := start(t)
	acme := k.tenant("acme", 0)
	okta := k.idp(acme, "acme-okta")
	ann := k.create(okta, person{name: "ann@acme.test", external: "e1"}).User
	_, _, err := k.SuspendUser(bg, k.op, acme, ann.ID, directory.Hold, "")
	k.ok(err)
	_, err = k.CreateUser(bg, okta, person{name: "ann@acme.test", external: "e1"}.edit)
	k.fails(err, directory.Conflict, "L5")
	// Not even by way of a DELETE first: the record comes back and the hold holds.
	k.clock.Advance(time.Minute)
	k.ok(k.DeleteUser(bg, okta, ann.ID, directory.Precondition{}))
	back := k.create(okta, person{name: "ann@acme.test", external: "e1"})
	if back.User.ID != ann.ID || back.User.State != directory.Suspended || back.User.Gone() {
		t.Errorf("%+v", back)
	}
	if _, err := k.User(bg, okta, ann.ID); err != nil {
		t.Error(err)
	}
}

func TestL5Replay(t *testing.T) {
	k := start(t)
	accept := directory.ReplayAccept
	acme := k.tenant("acme", 0, func(o *directory.Overrides) { o.Replay = &accept })
	okta := k.idp(acme, "acme-okta")
	ann := k.create(okta, person{name: "ann@acme.test", external: "e1"}).User
	after := k.lastEvent(acme)
	k.clock.Advance(9 * time.Minute)
	again := k.create(okta, person{name: "ann@acme.test", external: "e1"})
	if again.Effect != bridge.Replayed || again.User.ID != ann.ID || again.User.Version != 1 {
		t.Errorf("%+v", again)
	}
	if got := k.events(acme, after); len(got) != 0 {
		t.Errorf("events %s", kinds(got))
	}
	_, err := k.CreateUser(bg, okta, person{name: "ann@acme.test", external: "e1", title: "other"}.edit)
	k.fails(err, directory.Conflict, "")
	k.clock.Advance(2 * time.Minute)
	_, err = k.CreateUser(bg, okta, person{name: "ann@acme.test", external: "e1"}.edit)
	k.fails(err, directory.Conflict, "")
}

func TestL9OneConnectionManagesAUser(t *testing.T) {
	k := start(t)
	acme := k.tenant("acme", 0)
	okta, entra := k.idp(acme, "acme-okta"), k.idp(acme, "acme-entra")
	ann := k.create(okta, person{name: "ann@acme.test"}).User
	_, err := k.EditUser(bg, entra, ann.ID, directory.Precondition{}, title("CEO"))
	if e := k.fails(err, directory.Refused, "L9"); !strings.Contains(e.Message, "acme-okta") {
		t.Error(e.Message)
	}
	k.fails(k.DeleteUser(bg, entra, ann.ID, directory.Precondition{}), directory.Refused, "L9")
	if seen, err := k.User(bg, entra, ann.ID); err != nil || seen.User.Version != 1 {
		t.Errorf("%+v %v", seen, err)
	}
	k.ok(k.ReleaseManagement(bg, k.op, acme, directory.UserKind, ann.ID))
	after := k.lastEvent(acme)
	out := k.edit(entra, ann.ID, active(true))
	if out.User.Connection != "acme-entra" || out.User.Statement != directory.SaidActive {
		t.Errorf("%+v", out.User)
	}
	if got := kinds(k.events(acme, after)); got != "user.adopted" {
		t.Errorf("events %s", got)
	}
	_, err = k.EditUser(bg, okta, ann.ID, directory.Precondition{}, title("CEO"))
	k.fails(err, directory.Refused, "L9")
}

func TestD1D2AreAskedOfPersons(t *testing.T) {
	k := start(t)
	acme := k.tenant("acme", 0)
	okta := k.idp(acme, "acme-okta")
	ann := k.create(okta, person{name: "ann@acme.test", external: "e1"}).User
	k.fails(k.RemoveUser(bg, k.op, acme, ann.ID, true, "because"), directory.Conflict, "D1")
	_, _, err := k.SuspendUser(bg, k.op, acme, ann.ID, "", "")
	k.ok(err)
	if e := k.fails(k.RemoveUser(bg, k.op, acme, ann.ID, false, ""), directory.Conflict, "D2"); !strings.Contains(e.Message, "deprovision in Okta first") {
		t.Error(e.Message)
	}
	k.fails(k.RemoveUser(bg, k.op, acme, ann.ID, true, ""), directory.Invalid, "")
	k.edit(okta, ann.ID, active(false))
	k.ok(k.RemoveUser(bg, k.op, acme, ann.ID, false, ""))
	k.fails(k.RemoveUser(bg, k.op, acme, ann.ID, false, ""), directory.NotFound, "")
	// The tombstone answers a later POST (L5).
	if back := k.create(okta, person{name: "ann@acme.test", external: "e1"}); back.User.ID != ann.ID {
		t.Error("the tombstone was not found")
	}
}

func TestD2ForcedDeletionIsRecordedWithItsReason(t *testing.T) {
	k := start(t)
	acme := k.tenant("acme", 0)
	okta := k.idp(acme, "acme-okta")
	ann := k.create(okta, person{name: "ann@acme.test"}).User
	_, _, err := k.SuspendUser(bg, k.op, acme, ann.ID, "", "")
	k.ok(err)
	k.ok(k.RemoveUser(bg, k.op, acme, ann.ID, true, "court order"))
	lines := k.audit(acme)
	if last := lines[len(lines)-1]; last.Action != "user.delete" || last.Rule != "D2" || !strings.Contains(last.Reason, "court order") {
		t.Errorf("audit %+v", last)
	}
}

func TestG3TheLastOwnerStays(t *testing.T) {
	k := start(t)
	acme := k.tenant("acme", 0)
	okta := k.idp(acme, "acme-okta")
	ann := k.create(okta, person{name: "ann@acme.test"}).User
	k.ok(k.JoinBuiltIn(bg, k.op, acme, directory.Owners, ann.ID))
	check := func(err error) {
		t.Helper()
		k.fails(err, directory.Refused, "G3")
	}
	_, err := k.EditUser(bg, okta, ann.ID, directory.Precondition{}, active(false))
	check(err)
	check(k.DeleteUser(bg, okta, ann.ID, directory.Precondition{}))
	_, _, err = k.SuspendUser(bg, k.op, acme, ann.ID, "", "")
	check(err)
	check(k.LeaveBuiltIn(bg, k.op, acme, directory.Owners, ann.ID))
	del := directory.OnDeleteRemove
	k.override(acme, func(o *directory.Overrides) { o.OnDelete = &del })
	check(k.DeleteUser(bg, okta, ann.ID, directory.Precondition{}))

	bob := k.create(okta, person{name: "bob@acme.test", active: no()}).User
	k.ok(k.JoinBuiltIn(bg, k.op, acme, directory.Owners, bob.ID))
	check(k.LeaveBuiltIn(bg, k.op, acme, directory.Owners, ann.ID)) // a suspended Owner is none
	k.edit(okta, bob.ID, active(true))
	after := k.lastEvent(acme)
	k.ok(k.DeleteUser(bg, okta, ann.ID, directory.Precondition{}))
	if got := kinds(k.events(acme, after)); got != "user.deleted protected_group.changed" {
		t.Errorf("events %s", got)
	}
	_, err = k.EditUser(bg, okta, bob.ID, directory.Precondition{}, active(false))
	check(err)
}

func TestB4GuestsByUserType(t *testing.T) {
	k := start(t)
	included := 1
	acme := k.tenant("acme", 2, func(o *directory.Overrides) { o.IncludedGuests = &included })
	okta := k.idp(acme, "acme-okta")
	guest := k.create(okta, person{name: "g1@else.test", userType: "Guest"}).User
	if guest.Type != directory.Guest {
		t.Fatalf("%+v", guest)
	}
	a, b := k.group(okta, "A", add(guest.ID)), k.group(okta, "B")
	_, err := k.EditGroup(bg, okta, b.ID, directory.Precondition{}, steps(add(guest.ID)))
	if e := k.fails(err, directory.Refused, "B4"); !strings.Contains(e.Message, "2 groups") || !strings.Contains(e.Message, "1 at most") {
		t.Error(e.Message)
	}
	if got := k.members(okta, a.ID); len(got) != 1 {
		t.Errorf("members %v", got)
	}
	k.create(okta, person{name: "m1@acme.test"})
	m2 := k.create(okta, person{name: "m2@acme.test"}).User
	// The first guest is included; a second one would be a third seat, and so would the first as a member.
	_, err = k.CreateUser(bg, okta, person{name: "g2@else.test", userType: "guest"}.edit)
	k.fails(err, directory.Refused, "B2")
	_, err = k.EditUser(bg, okta, guest.ID, directory.Precondition{}, person{name: "g1@else.test"}.edit)
	k.fails(err, directory.Refused, "B2")
	k.edit(okta, m2.ID, active(false))
	after := k.lastEvent(acme)
	out := k.edit(okta, guest.ID, person{name: "g1@else.test"}.edit)
	if out.User.Type != directory.TeamMember {
		t.Errorf("%+v", out.User)
	}
	if got := kinds(k.events(acme, after)); got != "user.updated user.converted seats.notice" {
		t.Errorf("events %s", got)
	}
	k.fails(k.LeaveBuiltIn(bg, k.op, acme, directory.TeamMembers, out.User.ID), directory.Refused, "G2")
}

func TestB4GuestsByForeignAddress(t *testing.T) {
	k := start(t)
	acme := k.tenant("acme", 0, func(o *directory.Overrides) { o.MemberDomains = &[]string{"acme.test"} })
	okta := k.idp(acme, "acme-okta")
	guest := k.create(okta, person{name: "g1@else.test"}).User
	if guest.Type != directory.Guest {
		t.Fatalf("%+v", guest)
	}
	_, _, err := k.ConvertUser(bg, k.op, acme, guest.ID, directory.TeamMember)
	if e := k.fails(err, directory.Refused, "B4"); !strings.Contains(e.Message, "member_domains") {
		t.Error(e.Message)
	}
	out := k.edit(okta, guest.ID, person{name: "g1@acme.test"}.edit)
	if out.User.Type != directory.TeamMember {
		t.Errorf("%+v", out.User)
	}
	if out = k.edit(okta, guest.ID, person{name: "g1@else.test"}.edit); out.User.Type != directory.Guest {
		t.Errorf("%+v", out.User)
	}
	for _, domain := range []string{"acme", "a@acme.test", "*.acme.test"} {
		err := policy.CheckOverrides(directory.Overrides{MemberDomains: &[]string{domain}})
		if e := k.fails(err, directory.Invalid, ""); e.Field != "member_domains" {
			t.Errorf("%+v", e)
		}
	}
}

func TestNamesThatLieAreRefused(t *testing.T) {
	k := start(t)
	okta := k.idp(k.tenant("acme", 0), "acme-okta")
	for _, name := range []string{"", "  ", "a\x00b", "a\nb", "ann\u202Etset.emca", strings.Repeat("x", 1025)} {
		_, err := k.CreateUser(bg, okta, person{name: name}.edit)
		if e := k.fails(err, directory.Invalid, ""); e.Field != "userName" {
			t.Errorf("%q: %+v", name, e)
		}
		_, err = k.CreateGroup(bg, okta, team(name))
		k.fails(err, directory.Invalid, "")
	}
}

func TestTenantsDoNotSeeEachOther(t *testing.T) {
	k := start(t)
	acme, beta := k.tenant("acme", 0), k.tenant("beta", 0)
	okta, other := k.idp(acme, "acme-okta"), k.idp(beta, "beta-okta")
	ann := k.create(okta, person{name: "ann@acme.test", external: "e1"}).User
	g := k.group(okta, "Sales", add(ann.ID))
	none := directory.Precondition{}
	_, err := k.User(bg, other, ann.ID)
	k.fails(err, directory.NotFound, "")
	_, err = k.EditUser(bg, other, ann.ID, none, active(false))
	k.fails(err, directory.NotFound, "")
	k.fails(k.DeleteUser(bg, other, ann.ID, none), directory.NotFound, "")
	_, err = k.Group(bg, other, g.ID, true)
	k.fails(err, directory.NotFound, "")
	_, err = k.EditGroup(bg, other, g.ID, none, team("Mine"))
	k.fails(err, directory.NotFound, "")
	k.fails(k.DeleteGroup(bg, other, g.ID, none), directory.NotFound, "")
	_, err = k.CreateGroup(bg, other, team("Sales", add(ann.ID)))
	k.fails(err, directory.Invalid, "")
	if same := k.create(other, person{name: "ann@acme.test", external: "e1"}); same.Effect != bridge.Created {
		t.Errorf("%+v", same)
	}
	_, _, err = k.SuspendUser(bg, k.op, beta, ann.ID, "", "")
	k.fails(err, directory.NotFound, "")
	k.fails(k.RemoveUser(bg, k.op, beta, ann.ID, true, "x"), directory.NotFound, "")
	k.fails(k.JoinBuiltIn(bg, k.op, beta, directory.Owners, ann.ID), directory.NotFound, "")
	// A connection cannot do what operators do.
	_, err = k.Seats(bg, okta, beta)
	k.fails(err, directory.Forbidden, "")
	_, err = k.Events(bg, okta, beta, 0, 0)
	k.fails(err, directory.Forbidden, "")
}
