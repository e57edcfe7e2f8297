package bridge_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"drawbridge/bridge"
	"drawbridge/bridge/bridgetest"
	"drawbridge/bridge/credential"
	"drawbridge/directory"
)

func (k *kit) change(p directory.Principal, id directory.ID, all ...directory.MemberEdit) bridge.GroupResult {
	k.T.Helper()
	out, err := k.EditGroup(bg, p, id, directory.Precondition{}, bridgetest.Steps(all...))
	k.OK(err)
	return out
}

func TestMembersJoinAndLeaveGroups(t *testing.T) {
	t.Parallel()
	k := start(t)
	okta := k.NewIdP(k.NewTenant("acme", 0), "acme-okta")
	u := k.NewUsers(okta, 4)
	g := k.NewGroup(okta, "Sales", bridgetest.Add(u[0], u[1]))
	is := func(want ...directory.ID) {
		t.Helper()
		if got := k.MembersOf(okta, g.ID); !slices.Equal(got, want) {
			t.Errorf("members %v, want %v", got, want)
		}
	}
	is(u[0], u[1])
	k.change(okta, g.ID, bridgetest.Add(u[2]), bridgetest.Remove(u[0]))
	is(u[1], u[2])
	k.change(okta, g.ID, bridgetest.Replace(u[0], u[1], u[3]))
	is(u[0], u[1], u[3])
	k.change(okta, g.ID, bridgetest.Remove(u[0], u[1]), bridgetest.Add(u[0])) // in order: u0 stays
	is(u[0], u[3])
	where := func(value string) directory.MemberEdit {
		return directory.MemberEdit{Op: directory.RemoveMembersWhere, Where: directory.Compare{Path: directory.Path{Name: "value"}, Op: directory.Equal, Value: value, CaseExact: true}}
	}
	k.change(okta, g.ID, where(u[3].String()))
	is(u[0])
	k.change(okta, g.ID, where("nobody"))
	is(u[0])
	k.change(okta, g.ID, bridgetest.Add(u...), directory.MemberEdit{
		Op:    directory.RemoveMembersWhere,
		Where: directory.Not{Expr: directory.Compare{Path: directory.Path{Name: "value"}, Op: directory.Equal, Value: u[2].String(), CaseExact: true}},
	})
	is(u[2])
	k.change(okta, g.ID, bridgetest.Replace())
	is()
	k.change(okta, g.ID, bridgetest.Replace(u...), directory.MemberEdit{Op: directory.RemoveMembersWhere, Where: directory.Present{Path: directory.Path{Name: "value"}}})
	is()
}

func TestGroupNoOpsWriteNothing(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	okta := k.NewIdP(acme, "acme-okta")
	u := k.NewUsers(okta, 3)
	g := k.NewGroup(okta, "Sales", bridgetest.Add(u[0], u[1]))
	after, lines := k.LastEvent(acme), len(k.AuditOf(acme))
	k.Clock.Advance(time.Hour)
	for _, e := range []directory.GroupEdit{
		bridgetest.Steps(bridgetest.Add(u[0])), bridgetest.Steps(bridgetest.Remove(u[2])), bridgetest.Steps(bridgetest.Replace(u[1], u[0])), bridgetest.Steps(bridgetest.Add(u[2]), bridgetest.Remove(u[2])), bridgetest.Steps(bridgetest.Remove(u[0]), bridgetest.Add(u[0])),
		bridgetest.Steps(), bridgetest.Team("Sales"), bridgetest.Steps(bridgetest.Step(directory.RemoveMembers), bridgetest.Step(directory.AddMembers)),
		bridgetest.Steps(directory.MemberEdit{Op: directory.RemoveMembers, Members: []directory.MemberRef{{Value: "no id"}}}),
	} {
		out, err := k.EditGroup(bg, okta, g.ID, directory.Precondition{}, e)
		k.OK(err)
		if out.Effect != bridge.Unchanged || out.Group.Version != g.Version {
			t.Errorf("%s, version %d", out.Effect, out.Group.Version)
		}
	}
	if got := k.EventsOf(acme, after); len(got) != 0 {
		t.Errorf("events %s", bridgetest.Kinds(got))
	}
	if got := len(k.AuditOf(acme)); got != lines {
		t.Errorf("%d audit lines more", got-lines)
	}
	user, err := k.User(bg, okta, u[0])
	k.OK(err)
	if user.User.Version != 1 || len(user.Groups) != 1 || user.Groups[0].DisplayName != "Sales" {
		t.Errorf("%+v", user)
	}
}

func TestGroupEventNamesAddedAndRemovedMembers(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	okta := k.NewIdP(acme, "acme-okta")
	u := k.NewUsers(okta, 3)
	g := k.NewGroup(okta, "Sales", bridgetest.Add(u[0]))
	after := k.LastEvent(acme)
	out := k.change(okta, g.ID, bridgetest.Add(u[1], u[2]), bridgetest.Remove(u[0]))
	if out.Group.Version != 2 || out.Group.Members != 2 || out.Effect != bridge.Changed {
		t.Errorf("%+v", out)
	}
	events := k.EventsOf(acme, after)
	want := `{"displayName":"Sales","members":2,"changed":["members"],"added":["` + u[1].String() + `","` + u[2].String() + `"],"removed":["` + u[0].String() + `"]}`
	if bridgetest.Kinds(events) != "group.members_changed" || string(events[0].Data) != want {
		t.Errorf("events %s %s, want %s", bridgetest.Kinds(events), events[0].Data, want)
	}
}

func TestGroupDisplayNameIsUnique(t *testing.T) {
	t.Parallel()
	k := start(t)
	okta := k.NewIdP(k.NewTenant("acme", 0), "acme-okta")
	g := k.NewGroup(okta, "Sales")
	_, err := k.CreateGroup(bg, okta, bridgetest.Team("SALES"))
	if e := k.Fails(err, directory.Conflict, ""); e.Field != "displayName" || !strings.Contains(e.Message, g.ID.String()) {
		t.Errorf("%+v", e)
	}
	other := k.NewGroup(okta, "Other")
	_, err = k.EditGroup(bg, okta, other.ID, directory.Precondition{}, bridgetest.Team("sales"))
	k.Fails(err, directory.Conflict, "")
	_, err = k.EditGroup(bg, okta, other.ID, directory.Precondition{}, bridgetest.Team("OTHER"))
	k.OK(err)
}

func TestUnknownGroupMembersAreRefusedOrIgnored(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	ignore := directory.Ignore
	okta := k.NewIdP(acme, "acme-okta")
	lenient := k.NewIdP(acme, "acme-entra", func(d *bridge.ConnectionDraft) { d.UnknownMembers = &ignore })
	u := k.NewUsers(okta, 1)
	gone := k.NewUser(okta, bridgetest.Person{Name: "gone@acme.test"}).User.ID
	k.OK(k.DeleteUser(bg, okta, gone, directory.Precondition{}))
	refs := directory.MemberEdit{Op: directory.AddMembers}
	for _, value := range []string{"x1", "x2", u[0].String(), gone.String(), k.Clock.NewID().String(), "x5", "x6", "x7"} {
		refs.Members = append(refs.Members, directory.MemberRef{Value: value})
	}
	_, err := k.CreateGroup(bg, okta, bridgetest.Team("Sales", refs))
	e := k.Fails(err, directory.Invalid, "")
	if e.Field != "members" || !strings.Contains(e.Message, `"x1", "x2"`) || !strings.Contains(e.Message, "and 2 more") || strings.Contains(e.Message, "x6") {
		t.Errorf("%+v", e)
	}
	many := directory.MemberEdit{Op: directory.AddMembers}
	for range 5_000 {
		many.Members = append(many.Members, directory.MemberRef{Value: k.Clock.NewID().String()})
	}
	_, err = k.CreateGroup(bg, okta, bridgetest.Team("Sales", many))
	if e := k.Fails(err, directory.Invalid, ""); !strings.Contains(e.Message, " and at least 95 more") {
		t.Errorf("5,000 unknown members are not refused early: %+v", e)
	}
	g, err := k.CreateGroup(bg, lenient, bridgetest.Team("Sales", refs))
	k.OK(err)
	if got := k.MembersOf(okta, g.Group.ID); !slices.Equal(got, u) {
		t.Errorf("members %v", got)
	}
	lines := k.AuditOf(acme)
	if last := lines[len(lines)-1]; !slices.Contains(last.Deviations, "members.unknown_ignored") {
		t.Errorf("audit %+v", last)
	}
}

// A removal of a user who is not a member succeeds, because identity providers repeat removals. It is visible.
func TestRemovalOfANonMemberSucceeds(t *testing.T) {
	t.Parallel()
	k := start(t)
	okta := k.NewIdP(k.NewTenant("acme", 0), "acme-okta")
	u := k.NewUsers(okta, 2)
	g := k.NewGroup(okta, "Sales", bridgetest.Add(u...))
	remove := func(values ...string) directory.MemberEdit {
		e := directory.MemberEdit{Op: directory.RemoveMembers}
		for _, value := range values {
			e.Members = append(e.Members, directory.MemberRef{Value: value})
		}
		return e
	}
	where := func(display string) directory.MemberEdit {
		return directory.MemberEdit{Op: directory.RemoveMembersWhere, Where: directory.Compare{Path: directory.Path{Name: "display"}, Op: directory.Equal, Value: display}}
	}
	for _, tt := range []struct {
		name string
		edit directory.MemberEdit
		want []string
	}{
		{"somebody else", remove(k.Clock.NewID().String()), []string{bridge.NoEffect}},
		{"text", remove("somebody"), []string{bridge.NoEffect}},
		{"a condition", where("nobody"), []string{bridge.NoEffect}},
		{"a member", remove(u[0].String()), nil},
		{"the same again", remove(u[0].String()), []string{bridge.NoEffect}},
		{"a member and another", remove(u[1].String(), u[0].String()), []string{bridge.NoEffect}},
	} {
		out, err := k.EditGroup(bg, okta, g.ID, directory.Precondition{}, bridgetest.Team("Sales", tt.edit))
		if k.OK(err); !slices.Equal(out.Deviations, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, out.Deviations, tt.want)
		}
	}
	if left := k.MembersOf(okta, g.ID); len(left) != 0 {
		t.Errorf("members %v", left)
	}
}

func TestGroupsMayBeNestedButNotInACycle(t *testing.T) {
	t.Parallel()
	k := start(t)
	okta := k.NewIdP(k.NewTenant("acme", 0), "acme-okta")
	u := k.NewUsers(okta, 1)
	c := k.NewGroup(okta, "C", bridgetest.Add(u...))
	b := k.NewGroup(okta, "B", bridgetest.Add(c.ID))
	a := k.NewGroup(okta, "A", bridgetest.Add(b.ID))
	for _, child := range []directory.ID{a.ID, b.ID, c.ID} {
		_, err := k.EditGroup(bg, okta, c.ID, directory.Precondition{}, bridgetest.Steps(bridgetest.Add(child)))
		if e := k.Fails(err, directory.Invalid, ""); e.Field != "members" {
			t.Errorf("%+v", e)
		}
	}
	user, err := k.User(bg, okta, u[0])
	k.OK(err)
	if len(user.Groups) != 3 || user.Groups[0].Indirect || !user.Groups[2].Indirect {
		t.Errorf("groups %+v", user.Groups)
	}
	k.OK(k.DeleteGroup(bg, okta, b.ID, directory.Precondition{}))
	out, err := k.Group(bg, okta, a.ID, bridge.WithMembers)
	k.OK(err)
	if out.Group.Version != a.Version+1 || len(out.Members) != 0 {
		t.Errorf("%+v", out)
	}
	k.change(okta, c.ID, bridgetest.Add(a.ID)) // the cycle is gone
}

func TestG1IdentityProvidersCannotWriteBuiltInGroups(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	okta := k.NewIdP(acme, "acme-okta")
	owners := k.BuiltIn(acme, directory.Owners)
	none := directory.Precondition{}
	_, err := k.Group(bg, okta, owners.ID, bridge.WithoutMembers)
	k.Fails(err, directory.NotFound, "")
	_, err = k.EditGroup(bg, okta, owners.ID, none, bridgetest.Team("x"))
	k.Fails(err, directory.NotFound, "")
	k.Fails(k.DeleteGroup(bg, okta, owners.ID, none), directory.NotFound, "")
	_, err = k.CreateGroup(bg, okta, bridgetest.Team("x", bridgetest.Add(owners.ID)))
	k.Fails(err, directory.Invalid, "")
	op := k.Op
	op.Tenant = acme
	_, err = k.EditGroup(bg, op, owners.ID, none, bridgetest.Team("x"))
	k.Fails(err, directory.Refused, "G1")
	k.Fails(k.DeleteGroup(bg, op, owners.ID, none), directory.Refused, "G1")
	k.NewGroup(okta, "Owners") // an IdP's own group of that name is another group
}

func TestB5PlanWithoutGroupsOrSCIMRefusesThem(t *testing.T) {
	t.Parallel()
	k := start(t, func(c *bridgetest.Config) {
		c.Plans = append(c.Plans, directory.Plan{Name: "lean", Title: "Lean", SCIM: true})
	})
	okta := k.NewIdP(k.NewTenantOn("lean", "lean", 0), "lean-okta")
	_, err := k.CreateGroup(bg, okta, bridgetest.Team("Sales"))
	k.Fails(err, directory.Refused, "B5")

	small := k.NewTenant("small", 0)
	secret := k.connect(small, "small-okta")
	k.toStarter(small, "small-okta")
	_, err = k.Authenticate(bg, "small-okta", bridgetest.Bearer(secret.Text), credential.Client{})
	if e := k.Fails(err, directory.Refused, "B5"); !strings.Contains(e.Message, "Teams Starter Pack") {
		t.Error(e.Message)
	}
}

func TestB5AConnectionNeedsAPlanWithSCIM(t *testing.T) {
	t.Parallel()
	k := start(t)
	starter := k.NewTenantOn("starter", "tiny", 0)
	_, _, err := k.CreateConnection(bg, k.Op, bridge.ConnectionDraft{Tenant: starter, Type: directory.Okta})
	k.Fails(err, directory.Conflict, "B5")

	small := k.NewTenant("small", 0)
	k.connect(small, "small-okta")
	downgrade := func(t directory.Tenant) (directory.Tenant, error) { t.Plan = "starter"; return t, nil }
	_, err = k.EditTenant(bg, k.Op, small, directory.Precondition{}, downgrade)
	if e := k.Fails(err, directory.Conflict, "B5"); !strings.Contains(e.Message, "small-okta") {
		t.Error(e.Message)
	}
	k.toStarter(small, "small-okta")
	_, err = k.EditConnection(bg, k.Op, "small-okta", directory.Precondition{}, func(c directory.Connection) (directory.Connection, error) { c.Paused = false; return c, nil })
	k.Fails(err, directory.Conflict, "B5")
	_, err = k.RotateToken(bg, k.Op, "small-okta", bridge.TokenOptions{})
	k.Fails(err, directory.Conflict, "B5")
}

func TestL9OneConnectionManagesAGroup(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	okta, entra := k.NewIdP(acme, "acme-okta"), k.NewIdP(acme, "acme-entra")
	g := k.NewGroup(okta, "Sales")
	_, err := k.EditGroup(bg, entra, g.ID, directory.Precondition{}, bridgetest.Team("Mine"))
	k.Fails(err, directory.Refused, "L9")
	k.OK(k.ReleaseManagement(bg, k.Op, acme, directory.GroupKind, g.ID))
	_, err = k.CreateGroup(bg, entra, bridgetest.Team("Sales")) // no connection manages it, but the name is taken
	k.Fails(err, directory.Conflict, "")
	after := k.LastEvent(acme)
	out, err := k.EditGroup(bg, entra, g.ID, directory.Precondition{}, bridgetest.Team("Sales"))
	k.OK(err)
	if out.Group.Connection != "acme-entra" || bridgetest.Kinds(k.EventsOf(acme, after)) != "group.adopted" {
		t.Errorf("%+v", out)
	}
}

func TestG4MappedGroupsGrantBuiltInGroups(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	okta := k.NewIdP(acme, "acme-okta", func(d *bridge.ConnectionDraft) {
		d.Mappings = []directory.GroupMapping{{DisplayName: "it admins", Grants: directory.Owners}, {ExternalID: "sec", Grants: directory.Security}}
	})
	u := k.NewUsers(okta, 3)
	admins := k.NewGroup(okta, "IT Admins", bridgetest.Add(u[0], u[1]))
	owners := k.BuiltIn(acme, directory.Owners)
	op := k.Op
	op.Tenant = acme
	is := func(want ...directory.ID) {
		t.Helper()
		if got := k.MembersOf(op, owners.ID); !slices.Equal(got, want) {
			t.Errorf("owners %v, want %v", got, want)
		}
	}
	is(u[0], u[1])
	after := k.LastEvent(acme)
	k.change(okta, admins.ID, bridgetest.Remove(u[1]))
	is(u[0])
	if got := bridgetest.Kinds(k.EventsOf(acme, after)); got != "group.members_changed protected_group.changed" {
		t.Errorf("events %s", got)
	}
	// A grant by a group cannot be taken away by hand, and the last Owner stays.
	k.Fails(k.LeaveBuiltIn(bg, k.Op, acme, directory.Owners, u[0]), directory.Conflict, "G4")
	_, err := k.EditGroup(bg, okta, admins.ID, directory.Precondition{}, bridgetest.Steps(bridgetest.Replace()))
	k.Fails(err, directory.Refused, "G3")
	is(u[0])
	k.Fails(k.DeleteGroup(bg, okta, admins.ID, directory.Precondition{}), directory.Refused, "G3")
	_, err = k.EditGroup(bg, okta, admins.ID, directory.Precondition{}, bridgetest.Team("Renamed"))
	k.Fails(err, directory.Refused, "G3")
	k.Fails(k.ReleaseManagement(bg, k.Op, acme, directory.GroupKind, admins.ID), directory.Refused, "G3")
	_, err = k.EditConnection(bg, k.Op, "acme-okta", directory.Precondition{}, func(c directory.Connection) (directory.Connection, error) {
		c.Mappings = nil
		return c, nil
	})
	k.Fails(err, directory.Refused, "G3")
	// One request may replace the one Owner by the other.
	k.change(okta, admins.ID, bridgetest.Replace(u[2]))
	is(u[2])
	// A grant by hand is a second source: the union of both counts.
	k.OK(k.JoinBuiltIn(bg, k.Op, acme, directory.Owners, u[2]))
	k.change(okta, admins.ID, bridgetest.Replace())
	is(u[2])
	k.change(okta, admins.ID, bridgetest.Replace(u[2], u[1]))
	after = k.LastEvent(acme)
	_, err = k.EditGroup(bg, okta, admins.ID, directory.Precondition{}, bridgetest.Team("Renamed"))
	k.OK(err)
	is(u[2])
	if got := bridgetest.Kinds(k.EventsOf(acme, after)); got != "group.updated protected_group.changed" {
		t.Errorf("events %s", got)
	}
	// New mappings take effect at once.
	_, err = k.EditConnection(bg, k.Op, "acme-okta", directory.Precondition{}, func(c directory.Connection) (directory.Connection, error) {
		c.Mappings = []directory.GroupMapping{{DisplayName: "renamed", Grants: directory.Owners}}
		return c, nil
	})
	k.OK(err)
	is(u[1], u[2])
	// The grant ends with its source.
	k.OK(k.DeleteGroup(bg, okta, admins.ID, directory.Precondition{}))
	is(u[2])
}

// An operator may delete a group without a managing connection, or any group by force and with a reason; its grants are removed with it.
func TestD2ManagedGroupIsRemovedOnlyByForce(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	okta := k.NewIdP(acme, "acme-okta", func(d *bridge.ConnectionDraft) {
		d.Mappings = []directory.GroupMapping{{DisplayName: "IT", Grants: directory.Owners}, {DisplayName: "Safe", Grants: directory.Security}}
	})
	ada := k.NewUser(okta, bridgetest.Person{Name: "ada@acme.example"}).User.ID
	it, safe, team := k.NewGroup(okta, "IT", bridgetest.Add(ada)), k.NewGroup(okta, "Safe", bridgetest.Add(ada)), k.NewGroup(okta, "Team", bridgetest.Add(ada))
	k.Fails(k.RemoveGroup(bg, okta, acme, team.ID, directory.Removal{}), directory.Forbidden, "")
	no := k.Fails(k.RemoveGroup(bg, k.Op, acme, team.ID, directory.Removal{}), directory.Conflict, "D2")
	if !strings.Contains(no.Message, "delete it in Okta first") {
		t.Error(no.Message)
	}
	onelogin := k.NewIdP(acme, "acme-onelogin", func(d *bridge.ConnectionDraft) { d.Type = directory.OneLogin })
	role := k.NewGroup(onelogin, "Role")
	no = k.Fails(k.RemoveGroup(bg, k.Op, acme, role.ID, directory.Removal{}), directory.Conflict, "D2")
	if !strings.Contains(no.Message, "OneLogin never says that a group is gone") {
		t.Error(no.Message)
	}
	k.OK(k.RemoveGroup(bg, k.Op, acme, role.ID, directory.Removal{Force: true, Reason: "the role is gone"}))
	op := k.Op
	op.Tenant = acme
	k.Fails(k.DeleteGroup(bg, op, team.ID, directory.Precondition{}), directory.Conflict, "D2")
	k.Fails(k.RemoveGroup(bg, k.Op, acme, team.ID, directory.Removal{Force: true}), directory.Invalid, "")
	k.Fails(k.RemoveGroup(bg, k.Op, acme, k.BuiltIn(acme, directory.Owners).ID, directory.Removal{Force: true, Reason: "why"}), directory.Refused, "G1")
	k.Fails(k.RemoveGroup(bg, k.Op, acme, it.ID, directory.Removal{Force: true, Reason: "the last Owner is in it"}), directory.Refused, "G3")
	k.Fails(k.RemoveGroup(bg, k.Op, k.NewTenant("other", 0), team.ID, directory.Removal{Force: true, Reason: "of another tenant"}), directory.NotFound, "")
	after := k.LastEvent(acme)
	k.OK(k.RemoveGroup(bg, k.Op, acme, safe.ID, directory.Removal{Force: true, Reason: "left behind"}))
	if got := bridgetest.Kinds(k.EventsOf(acme, after)); got != "group.members_changed group.deleted" && got != "group.deleted group.members_changed" {
		t.Errorf("events %s", got)
	}
	if got := k.MembersOf(op, k.BuiltIn(acme, directory.Security).ID); len(got) != 0 {
		t.Errorf("security still has %v", got)
	}
	lines := k.AuditOf(acme)
	if !slices.ContainsFunc(lines, func(a directory.Audit) bool {
		return a.Action == "group.delete" && a.Rule == "D2" && a.Reason == "forced: left behind" && a.Actor.Kind == directory.ByOperator
	}) {
		t.Error("no audit line says who deleted the group and why")
	}
	k.OK(k.ReleaseManagement(bg, k.Op, acme, directory.GroupKind, team.ID))
	k.OK(k.RemoveGroup(bg, k.Op, acme, team.ID, directory.Removal{}))
	_, err := k.Group(bg, okta, team.ID, bridge.WithoutMembers)
	k.Fails(err, directory.NotFound, "")
	k.NewGroup(okta, "Team", bridgetest.Add(ada)) // the name is free again
}

func TestG4MovingAGrantBetweenGroupsLosesNoMember(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	okta := k.NewIdP(acme, "acme-okta", func(d *bridge.ConnectionDraft) {
		d.Mappings = []directory.GroupMapping{{DisplayName: "A", Grants: directory.Owners}}
	})
	u := k.NewUsers(okta, 1)
	k.NewGroup(okta, "A", bridgetest.Add(u...))
	k.NewGroup(okta, "B", bridgetest.Add(u...))
	after := k.LastEvent(acme)
	_, err := k.EditConnection(bg, k.Op, "acme-okta", directory.Precondition{}, func(c directory.Connection) (directory.Connection, error) {
		c.Mappings = []directory.GroupMapping{{DisplayName: "B", Grants: directory.Owners}}
		return c, nil
	})
	k.OK(err)
	op := k.Op
	op.Tenant = acme
	if got := k.MembersOf(op, k.BuiltIn(acme, directory.Owners).ID); !slices.Equal(got, u) {
		t.Errorf("owners %v", got)
	}
	if got := bridgetest.Kinds(k.EventsOf(acme, after)); got != "connection.updated" {
		t.Errorf("events %s", got)
	}
}

func TestB4GuestsAreInNoBuiltInGroupButSecurity(t *testing.T) {
	t.Parallel()
	k := start(t)
	three := 3
	acme := k.NewTenant("acme", 0, func(o *directory.Overrides) { o.GuestMaxGroups = &three })
	okta := k.NewIdP(acme, "acme-okta", func(d *bridge.ConnectionDraft) {
		d.Mappings = []directory.GroupMapping{{DisplayName: "it admins", Grants: directory.Administrators}, {DisplayName: "Externals", Guest: true}}
	})
	ann := k.NewUser(okta, bridgetest.Person{Name: "ann@acme.test", UserType: "guest"}).User
	for _, name := range []directory.BuiltIn{directory.Owners, directory.Administrators, directory.ProvisionManagers} {
		k.Fails(k.JoinBuiltIn(bg, k.Op, acme, name, ann.ID), directory.Refused, "B4")
	}
	k.Fails(k.JoinBuiltIn(bg, k.Op, acme, directory.TeamMembers, ann.ID), directory.Refused, "G2")
	k.OK(k.JoinBuiltIn(bg, k.Op, acme, directory.Security, ann.ID))

	// Nor through a mapped group, and a member of one cannot become a guest.
	bo := k.NewUser(okta, bridgetest.Person{Name: "bo@acme.test"}).User
	admins := k.NewGroup(okta, "it admins", bridgetest.Add(bo.ID))
	_, err := k.EditGroup(bg, okta, admins.ID, directory.Precondition{}, bridgetest.Steps(bridgetest.Add(ann.ID)))
	k.Fails(err, directory.Refused, "B4")
	_, _, err = k.ConvertUser(bg, k.Op, acme, bo.ID, directory.Guest)
	if e := k.Fails(err, directory.Refused, "B4"); !strings.Contains(e.Message, "out of Administrators") {
		t.Error(e.Message)
	}
	_, err = k.CreateGroup(bg, okta, bridgetest.Team("Externals", bridgetest.Add(bo.ID)))
	k.Fails(err, directory.Refused, "B4")

	// The last Owner is not lost by a conversion.
	boss := k.owner(acme, "boss@acme.test")
	_, _, err = k.ConvertUser(bg, k.Op, acme, boss, directory.Guest)
	k.Fails(err, directory.Refused, "B4")

	// A built-in group counts like any other.
	one := 1
	k.Override(acme, func(o *directory.Overrides) { o.GuestMaxGroups = &one })
	_, err = k.CreateGroup(bg, okta, bridgetest.Team("Sales", bridgetest.Add(ann.ID)))
	k.Fails(err, directory.Refused, "B4")
}

func TestG4MappedGroupsMakeGuests(t *testing.T) {
	t.Parallel()
	k := start(t)
	included := 0
	acme := k.NewTenant("acme", 0, func(o *directory.Overrides) { o.IncludedGuests = &included })
	okta := k.NewIdP(acme, "acme-okta", func(d *bridge.ConnectionDraft) {
		d.Mappings = []directory.GroupMapping{{DisplayName: "Externals", Guest: true}}
	})
	u := k.NewUsers(okta, 2)
	after := k.LastEvent(acme)
	g := k.NewGroup(okta, "Externals", bridgetest.Add(u[0]))
	typeOf := func(id directory.ID) directory.UserType {
		t.Helper()
		out, err := k.User(bg, okta, id)
		k.OK(err)
		return out.User.Type
	}
	if typeOf(u[0]) != directory.Guest || typeOf(u[1]) != directory.TeamMember {
		t.Error("the mapping does not make guests")
	}
	if got := bridgetest.Kinds(k.EventsOf(acme, after)); got != "user.converted group.created group.members_changed" {
		t.Errorf("events %s", got)
	}
	k.ChangeUser(okta, u[0], bridgetest.SetTitle("still a guest"))
	if typeOf(u[0]) != directory.Guest {
		t.Error("a write made the guest a member")
	}
	// A member who is in another group already cannot become a guest there: one group at most.
	k.NewGroup(okta, "Sales", bridgetest.Add(u[1]))
	_, err := k.EditGroup(bg, okta, g.ID, directory.Precondition{}, bridgetest.Steps(bridgetest.Add(u[1])))
	k.Fails(err, directory.Refused, "B4")
	k.change(okta, g.ID, bridgetest.Replace())
	if typeOf(u[0]) != directory.TeamMember {
		t.Error("the guest did not become a member again")
	}
	report, err := k.Seats(bg, k.Op, acme)
	k.OK(err)
	if report.Occupied != 2 || report.Members != 2 || report.Guests != 0 {
		t.Errorf("%+v", report)
	}
}

// A user may be a guest by several groups. If all their mappings are removed at once, the user is converted once.
func TestG4MappingsRemovedTogetherConvertOnce(t *testing.T) {
	t.Parallel()
	k := start(t)
	three := 3
	acme := k.NewTenant("acme", 0, func(o *directory.Overrides) { o.GuestMaxGroups = &three })
	okta := k.NewIdP(acme, "acme-okta", func(d *bridge.ConnectionDraft) {
		d.Mappings = []directory.GroupMapping{{DisplayName: "A", Guest: true}, {DisplayName: "B", Guest: true}}
	})
	people := k.NewUsers(okta, 2)
	k.NewGroup(okta, "A", bridgetest.Add(people...))
	k.NewGroup(okta, "B", bridgetest.Add(people...))
	remap := func(mappings ...directory.GroupMapping) {
		_, err := k.EditConnection(bg, k.Op, "acme-okta", directory.Precondition{}, func(c directory.Connection) (directory.Connection, error) {
			c.Mappings = mappings
			return c, nil
		})
		k.OK(err)
	}
	check := func(when string, want directory.UserType, version uint64) {
		t.Helper()
		for _, id := range people {
			u, err := k.User(bg, okta, id)
			k.OK(err)
			if u.User.Type != want || u.User.Version != version {
				t.Errorf("%s: %s is a %s in version %d", when, u.User.UserName, u.User.Type, u.User.Version)
			}
		}
		seats, err := k.Seats(bg, k.Op, acme)
		k.OK(err)
		if guests := seats.Guests; guests != map[directory.UserType]int{directory.Guest: 2}[want] {
			t.Errorf("%s: %d guests", when, guests)
		}
	}
	check("two mappings", directory.Guest, 2)
	remap()
	check("none", directory.TeamMember, 3)
	remap(directory.GroupMapping{DisplayName: "A", Guest: true}, directory.GroupMapping{DisplayName: "B", Guest: true})
	check("both again", directory.Guest, 4)
	remap(directory.GroupMapping{DisplayName: "B", Guest: true})
	check("one of them", directory.Guest, 4)
}

func TestG2EveryMemberIsInTeamMembers(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	okta := k.NewIdP(acme, "acme-okta")
	people := k.NewUsers(okta, 3)
	k.NewUser(okta, bridgetest.Person{Name: "guest@acme.test", UserType: "Guest"})
	k.ChangeUser(okta, people[2], bridgetest.SetActive(false)) // memberships are kept
	k.Op.Tenant = acme
	team := k.BuiltIn(acme, directory.TeamMembers)
	if got := k.MembersOf(k.Op, team.ID); !slices.Equal(got, people) {
		t.Errorf("Team Members holds %v, want %v", got, people)
	}
	_, err := k.ListGroups(bg, k.Op, directory.Query{Count: 10, BuiltIn: true, Members: true}, func(g *directory.Group, members []directory.Member) error {
		want := map[directory.BuiltIn]int{directory.TeamMembers: 3}[g.BuiltIn]
		if g.Members != want || len(members) != want {
			t.Errorf("%s is listed with %d members and counts %d, want %d", g.DisplayName, len(members), g.Members, want)
		}
		return nil
	})
	k.OK(err)
}

func TestG5ConcurrentChangesOfOneGroupLoseNoMember(t *testing.T) {
	t.Parallel()
	k := start(t)
	okta := k.NewIdP(k.NewTenant("acme", 0), "acme-okta")
	u := k.NewUsers(okta, 100)
	g := k.NewGroup(okta, "Sales")
	var wait sync.WaitGroup
	for _, id := range u {
		wait.Add(1)
		go func() {
			defer wait.Done()
			if _, err := k.EditGroup(bg, okta, g.ID, directory.Precondition{}, bridgetest.Steps(bridgetest.Add(id))); err != nil {
				t.Error(err)
			}
		}()
	}
	wait.Wait()
	if got := k.MembersOf(okta, g.ID); len(got) != 100 {
		t.Errorf("%d members", len(got))
	}
	out, err := k.Group(bg, okta, g.ID, bridge.WithoutMembers)
	k.OK(err)
	if out.Group.Version != 101 || out.Group.Members != 100 {
		t.Errorf("%+v", out.Group)
	}
}

func TestB2SeatsNeverOverflowUnderConcurrency(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 10)
	okta := k.NewIdP(acme, "acme-okta")
	var wait sync.WaitGroup
	var mu sync.Mutex
	made, refused := 0, 0
	for i := range 50 {
		wait.Add(1)
		go func() {
			defer wait.Done()
			_, err := k.CreateUser(bg, okta, bridgetest.Person{Name: fmt.Sprintf("u%d", i)}.Draft)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				made++
			} else if directory.CodeOf(err) == directory.Refused {
				refused++
			}
		}()
	}
	wait.Wait()
	report, err := k.Seats(bg, k.Op, acme)
	k.OK(err)
	if made != 10 || refused != 40 || report.Occupied != 10 {
		t.Errorf("made %d, refused %d, occupied %d", made, refused, report.Occupied)
	}
	if got := len(k.EventsOf(acme, 0)); got < 50 {
		t.Errorf("only %d events", got)
	}
}

func TestConcurrentCreatesHaveOneWinner(t *testing.T) {
	t.Parallel()
	k := start(t)
	okta := k.NewIdP(k.NewTenant("acme", 0), "acme-okta")
	var wait sync.WaitGroup
	var mu sync.Mutex
	codes := map[directory.Code]int{}
	for range 20 {
		wait.Add(1)
		go func() {
			defer wait.Done()
			_, err := k.CreateUser(bg, okta, bridgetest.Person{Name: "ann@acme.test"}.Draft)
			mu.Lock()
			defer mu.Unlock()
			codes[directory.CodeOf(err)]++
		}()
	}
	wait.Wait()
	if codes[""] != 1 || codes[directory.Conflict] != 19 {
		t.Errorf("%v", codes)
	}
}

func TestE1E2EveryWriteHasItsAuditLineAndEventsWithoutAGap(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 5)
	okta := k.NewIdP(acme, "acme-okta")
	var wait sync.WaitGroup
	for i := range 20 {
		wait.Add(1)
		go func() {
			defer wait.Done()
			out, err := k.CreateUser(bg, okta, bridgetest.Person{Name: fmt.Sprintf("u%d", i)}.Draft)
			if err != nil {
				return
			}
			_, _ = k.EditUser(bg, okta, out.User.ID, directory.Precondition{}, bridgetest.SetTitle("x"))
			_, _ = k.EditUser(bg, okta, out.User.ID, directory.Precondition{}, bridgetest.SetActive(false))
			_ = k.DeleteUser(bg, okta, out.User.ID, directory.Precondition{})
		}()
	}
	wait.Wait()
	lines := k.AuditOf(acme)
	subjects := map[string]bool{}
	for i, line := range lines {
		if line.Seq != uint64(i+1) || line.Tenant != acme || line.Actor.ID == "" || line.Action == "" {
			t.Fatalf("audit line %d is %+v", i, line)
		}
		subjects[string(line.Action)+" "+line.Subject.ID] = true
	}
	events := k.EventsOf(acme, 0)
	for i, e := range events {
		if e.Seq != uint64(i+1) || e.Tenant != acme {
			t.Fatalf("event %d is %+v", i, e)
		}
		action := map[directory.EventKind]string{directory.UserCreated: "user.create", directory.UserUpdated: "user.update"}[e.Kind]
		if action != "" && !subjects[action+" "+e.Subject.ID] {
			t.Errorf("no audit line for %s %s", e.Kind, e.Subject.ID)
		}
	}
	if len(lines) < len(events)-1 {
		t.Errorf("%d lines for %d events", len(lines), len(events))
	}
}
