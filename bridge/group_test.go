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

func (k *kit) people(p directory.Principal, n int) []directory.ID {
	k.t.Helper()
	var out []directory.ID
	for i := range n {
		out = append(out, k.create(p, person{name: fmt.Sprintf("user%d@%s.test", i, p.Tenant)}).User.ID)
	}
	return out
}

func (k *kit) change(p directory.Principal, id directory.ID, all ...directory.MemberEdit) bridge.GroupResult {
	k.t.Helper()
	out, err := k.EditGroup(bg, p, id, directory.Precondition{}, steps(all...))
	k.ok(err)
	return out
}

func TestGroupMembershipSteps(t *testing.T) {
	k := start(t)
	okta := k.idp(k.tenant("acme", 0), "acme-okta")
	u := k.people(okta, 4)
	g := k.group(okta, "Sales", add(u[0], u[1]))
	is := func(want ...directory.ID) {
		t.Helper()
		if got := k.members(okta, g.ID); !slices.Equal(got, want) {
			t.Errorf("members %v, want %v", got, want)
		}
	}
	is(u[0], u[1])
	k.change(okta, g.ID, add(u[2]), remove(u[0]))
	is(u[1], u[2])
	k.change(okta, g.ID, replace(u[0], u[1], u[3]))
	is(u[0], u[1], u[3])
	k.change(okta, g.ID, remove(u[0], u[1]), add(u[0])) // in order: u0 stays
	is(u[0], u[3])
	where := func(value string) directory.MemberEdit {
		return directory.MemberEdit{Op: directory.RemoveMembersWhere, Where: directory.Compare{Path: directory.Path{Name: "value"}, Op: directory.Equal, Value: value, CaseExact: true}}
	}
	k.change(okta, g.ID, where(u[3].String()))
	is(u[0])
	k.change(okta, g.ID, where("nobody"))
	is(u[0])
	k.change(okta, g.ID, add(u...), directory.MemberEdit{
		Op:    directory.RemoveMembersWhere,
		Where: directory.Not{Expr: directory.Compare{Path: directory.Path{Name: "value"}, Op: directory.Equal, Value: u[2].String(), CaseExact: true}},
	})
	is(u[2])
	k.change(okta, g.ID, replace())
	is()
	k.change(okta, g.ID, replace(u...), directory.MemberEdit{Op: directory.RemoveMembersWhere, Where: directory.Present{Path: directory.Path{Name: "value"}}})
	is()
}

func TestGroupNoOpsWriteNothing(t *testing.T) {
	k := start(t)
	acme := k.tenant("acme", 0)
	okta := k.idp(acme, "acme-okta")
	u := k.people(okta, 3)
	g := k.group(okta, "Sales", add(u[0], u[1]))
	after, lines := k.lastEvent(acme), len(k.audit(acme))
	k.clock.Advance(time.Hour)
	for _, e := range []directory.GroupEdit{
		steps(add(u[0])), steps(remove(u[2])), steps(replace(u[1], u[0])), steps(add(u[2]), remove(u[2])), steps(remove(u[0]), add(u[0])),
		steps(), team("Sales"), steps(step(directory.RemoveMembers), step(directory.AddMembers)),
		steps(directory.MemberEdit{Op: directory.RemoveMembers, Members: []directory.MemberRef{{Value: "no id"}}}),
	} {
		out, err := k.EditGroup(bg, okta, g.ID, directory.Precondition{}, e)
		k.ok(err)
		if out.Effect != bridge.Unchanged || out.Group.Version != g.Version {
			t.Errorf("%s, version %d", out.Effect, out.Group.Version)
		}
	}
	if got := k.events(acme, after); len(got) != 0 {
		t.Errorf("events %s", kinds(got))
	}
	if got := len(k.audit(acme)); got != lines {
		t.Errorf("%d audit lines more", got-lines)
	}
	user, err := k.User(bg, okta, u[0])
	k.ok(err)
	if user.User.Version != 1 || len(user.Groups) != 1 || user.Groups[0].DisplayName != "Sales" {
		t.Errorf("%+v", user)
	}
}

func TestGroupEventNamesWhoCameAndWent(t *testing.T) {
	k := start(t)
	acme := k.tenant("acme", 0)
	okta := k.idp(acme, "acme-okta")
	u := k.people(okta, 3)
	g := k.group(okta, "Sales", add(u[0]))
	after := k.lastEvent(acme)
	out := k.change(okta, g.ID, add(u[1], u[2]), remove(u[0]))
	if out.Group.Version != 2 || out.Group.Members != 2 || out.Effect != bridge.Changed {
		t.Errorf("%+v", out)
	}
	events := k.events(acme, after)
	want := `{"displayName":"Sales","members":2,"added":["` + u[1].String() + `","` + u[2].String() + `"],"removed":["` + u[0].String() + `"]}`
	if kinds(events) != "group.members_changed" || string(events[0].Data) != want {
		t.Errorf("events %s %s, want %s", kinds(events), events[0].Data, want)
	}
}

func TestGroupDisplayNameIsUnique(t *testing.T) {
	k := start(t)
	okta := k.idp(k.tenant("acme", 0), "acme-okta")
	g := k.group(okta, "Sales")
	_, err := k.CreateGroup(bg, okta, team("SALES"))
	if e := k.fails(err, directory.Conflict, ""); e.Field != "displayName" || !strings.Contains(e.Message, g.ID.String()) {
		t.Errorf("%+v", e)
	}
	other := k.group(okta, "Other")
	_, err = k.EditGroup(bg, okta, other.ID, directory.Precondition{}, team("sales"))
	k.fails(err, directory.Conflict, "")
	_, err = k.EditGroup(bg, okta, other.ID, directory.Precondition{}, team("OTHER"))
	k.ok(err)
}

func TestGroupMembersThatDoNotExist(t *testing.T) {
	k := start(t)
	acme := k.tenant("acme", 0)
	ignore := directory.Ignore
	okta := k.idp(acme, "acme-okta")
	lenient := k.idp(acme, "acme-entra", func(d *bridge.ConnectionDraft) { d.UnknownMembers = &ignore })
	u := k.people(okta, 1)
	gone := k.create(okta, person{name: "gone@acme.test"}).User.ID
	k.ok(k.DeleteUser(bg, okta, gone, directory.Precondition{}))
	refs := directory.MemberEdit{Op: directory.AddMembers}
	for _, value := range []string{"x1", "x2", u[0].String(), gone.String(), k.clock.NewID().String(), "x5", "x6", "x7"} {
		refs.Members = append(refs.Members, directory.MemberRef{Value: value})
	}
	_, err := k.CreateGroup(bg, okta, team("Sales", refs))
	e := k.fails(err, directory.Invalid, "")
	if e.Field != "members" || !strings.Contains(e.Message, `"x1", "x2"`) || !strings.Contains(e.Message, "and 2 more") || strings.Contains(e.Message, "x6") {
		t.Errorf("%+v", e)
	}
	g, err := k.CreateGroup(bg, lenient, team("Sales", refs))
	k.ok(err)
	if got := k.members(okta, g.Group.ID); !slices.Equal(got, u) {
		t.Errorf("members %v", got)
	}
	lines := k.audit(acme)
	if last := lines[len(lines)-1]; !slices.Contains(last.Deviations, "members.unknown_ignored") {
		t.Errorf("audit %+v", last)
	}
}

func TestGroupsMayBeNestedButNotInACircle(t *testing.T) {
	k := start(t)
	okta := k.idp(k.tenant("acme", 0), "acme-okta")
	u := k.people(okta, 1)
	c := k.group(okta, "C", add(u...))
	b := k.group(okta, "B", add(c.ID))
	a := k.group(okta, "A", add(b.ID))
	for _, child := range []directory.ID{a.ID, b.ID, c.ID} {
		_, err := k.EditGroup(bg, okta, c.ID, directory.Precondition{}, steps(add(child)))
		if e := k.fails(err, directory.Invalid, ""); e.Field != "members" {
			t.Errorf("%+v", e)
		}
	}
	user, err := k.User(bg, okta, u[0])
	k.ok(err)
	if len(user.Groups) != 3 || user.Groups[0].Indirect || !user.Groups[2].Indirect {
		t.Errorf("groups %+v", user.Groups)
	}
	k.ok(k.DeleteGroup(bg, okta, b.ID, directory.Precondition{}))
	out, err := k.Group(bg, okta, a.ID, true)
	k.ok(err)
	if out.Group.Version != a.Version+1 || len(out.Members) != 0 {
		t.Errorf("%+v", out)
	}
	k.change(okta, c.ID, add(a.ID)) // the circle is no more
}

func TestG1BuiltInGroupsAreOutOfReachForIdPs(t *testing.T) {
	k := start(t)
	acme := k.tenant("acme", 0)
	okta := k.idp(acme, "acme-okta")
	owners := k.builtIn(acme, directory.Owners)
	none := directory.Precondition{}
	_, err := k.Group(bg, okta, owners.ID, false)
	k.fails(err, directory.NotFound, "")
	_, err = k.EditGroup(bg, okta, owners.ID, none, team("x"))
	k.fails(err, directory.NotFound, "")
	k.fails(k.DeleteGroup(bg, okta, owners.ID, none), directory.NotFound, "")
	_, err = k.CreateGroup(bg, okta, team("x", add(owners.ID)))
	k.fails(err, directory.Invalid, "")
	op := k.op
	op.Tenant = acme
	_, err = k.EditGroup(bg, op, owners.ID, none, team("x"))
	k.fails(err, directory.Refused, "G1")
	k.fails(k.DeleteGroup(bg, op, owners.ID, none), directory.Refused, "G1")
	k.group(okta, "Owners") // an IdP's own group of that name is another group
}

func TestB5PlansWithoutGroupsOrSCIM(t *testing.T) {
	k := start(t, func(c *bridgetest.Config) {
		c.Plans = append(c.Plans, directory.Plan{Name: "lean", Title: "Lean", SCIM: true})
	})
	okta := k.idp(k.tenantOn("lean", "lean", 0), "lean-okta")
	_, err := k.CreateGroup(bg, okta, team("Sales"))
	k.fails(err, directory.Refused, "B5")

	small := k.tenant("small", 0)
	secret := k.connect(small, "small-okta")
	k.toStarter(small, "small-okta")
	_, err = k.Authenticate(bg, "small-okta", bearer(secret.Text), credential.Client{})
	if e := k.fails(err, directory.Refused, "B5"); !strings.Contains(e.Message, "Teams Starter Pack") {
		t.Error(e.Message)
	}
}

func TestB5AConnectionNeedsAPlanWithSCIM(t *testing.T) {
	k := start(t)
	starter := k.tenantOn("starter", "tiny", 0)
	_, _, err := k.CreateConnection(bg, k.op, bridge.ConnectionDraft{Tenant: starter, Type: directory.Okta})
	k.fails(err, directory.Conflict, "B5")

	small := k.tenant("small", 0)
	k.connect(small, "small-okta")
	downgrade := func(t directory.Tenant) (directory.Tenant, error) { t.Plan = "starter"; return t, nil }
	_, err = k.EditTenant(bg, k.op, small, directory.Precondition{}, downgrade)
	if e := k.fails(err, directory.Conflict, "B5"); !strings.Contains(e.Message, "small-okta") {
		t.Error(e.Message)
	}
	k.toStarter(small, "small-okta")
	_, err = k.EditConnection(bg, k.op, "small-okta", directory.Precondition{}, func(c directory.Connection) (directory.Connection, error) { c.Paused = false; return c, nil })
	k.fails(err, directory.Conflict, "B5")
}

func TestL9OneConnectionManagesAGroup(t *testing.T) {
	k := start(t)
	acme := k.tenant("acme", 0)
	okta, entra := k.idp(acme, "acme-okta"), k.idp(acme, "acme-entra")
	g := k.group(okta, "Sales")
	_, err := k.EditGroup(bg, entra, g.ID, directory.Precondition{}, team("Mine"))
	k.fails(err, directory.Refused, "L9")
	k.ok(k.ReleaseManagement(bg, k.op, acme, directory.GroupKind, g.ID))
	_, err = k.CreateGroup(bg, entra, team("Sales")) // nobody manages it, but the name is taken
	k.fails(err, directory.Conflict, "")
	after := k.lastEvent(acme)
	out, err := k.EditGroup(bg, entra, g.ID, directory.Precondition{}, team("Sales"))
	k.ok(err)
	if out.Group.Connection != "acme-entra" || kinds(k.events(acme, after)) != "group.adopted" {
		t.Errorf("%+v", out)
	}
}

func TestG4MappedGroupsGrantBuiltInGroups(t *testing.T) {
	k := start(t)
	acme := k.tenant("acme", 0)
	okta := k.idp(acme, "acme-okta", func(d *bridge.ConnectionDraft) {
		d.Mappings = []directory.GroupMapping{{DisplayName: "it admins", Grants: directory.Owners}, {ExternalID: "sec", Grants: directory.Security}}
	})
	u := k.people(okta, 3)
	admins := k.group(okta, "IT Admins", add(u[0], u[1]))
	owners := k.builtIn(acme, directory.Owners)
	op := k.op
	op.Tenant = acme
	is := func(want ...directory.ID) {
		t.Helper()
		if got := k.members(op, owners.ID); !slices.Equal(got, want) {
			t.Errorf("owners %v, want %v", got, want)
		}
	}
	is(u[0], u[1])
	after := k.lastEvent(acme)
	k.change(okta, admins.ID, remove(u[1]))
	is(u[0])
	if got := kinds(k.events(acme, after)); got != "group.members_changed protected_group.changed" {
		t.Errorf("events %s", got)
	}
	// A grant by a group cannot be taken away by hand, and the last Owner stays.
	k.fails(k.LeaveBuiltIn(bg, k.op, acme, directory.Owners, u[0]), directory.Conflict, "G4")
	_, err := k.EditGroup(bg, okta, admins.ID, directory.Precondition{}, steps(replace()))
	k.fails(err, directory.Refused, "G3")
	is(u[0])
	k.fails(k.DeleteGroup(bg, okta, admins.ID, directory.Precondition{}), directory.Refused, "G3")
	_, err = k.EditGroup(bg, okta, admins.ID, directory.Precondition{}, team("Renamed"))
	k.fails(err, directory.Refused, "G3")
	k.fails(k.ReleaseManagement(bg, k.op, acme, directory.GroupKind, admins.ID), directory.Refused, "G3")
	_, err = k.EditConnection(bg, k.op, "acme-okta", directory.Precondition{}, func(c directory.Connection) (directory.Connection, error) {
		c.Mappings = nil
		return c, nil
	})
	k.fails(err, directory.Refused, "G3")
	// Swapping the one for the other in one request is fine.
	k.change(okta, admins.ID, replace(u[2]))
	is(u[2])
	// A grant by hand is a second source: the union of both counts.
	k.ok(k.JoinBuiltIn(bg, k.op, acme, directory.Owners, u[2]))
	k.change(okta, admins.ID, replace())
	is(u[2])
	k.change(okta, admins.ID, replace(u[2], u[1]))
	after = k.lastEvent(acme)
	_, err = k.EditGroup(bg, okta, admins.ID, directory.Precondition{}, team("Renamed"))
	k.ok(err)
	is(u[2])
	if got := kinds(k.events(acme, after)); got != "group.updated protected_group.changed" {
		t.Errorf("events %s", got)
	}
	// New mappings are made true at once.
	_, err = k.EditConnection(bg, k.op, "acme-okta", directory.Precondition{}, func(c directory.Connection) (directory.Connection, error) {
		c.Mappings = []directory.GroupMapping{{DisplayName: "renamed", Grants: directory.Owners}}
		return c, nil
	})
	k.ok(err)
	is(u[1], u[2])
	// The source goes, and with it the grant.
	k.ok(k.DeleteGroup(bg, okta, admins.ID, directory.Precondition{}))
	is(u[2])
}

// What an operator may delete: a group that nobody manages, or by force and with a reason; its grants go with it.
func TestD2RemoveGroup(t *testing.T) {
	k := start(t)
	acme := k.tenant("acme", 0)
	okta := k.idp(acme, "acme-okta", func(d *bridge.ConnectionDraft) {
		d.Mappings = []directory.GroupMapping{{DisplayName: "IT", Grants: directory.Owners}, {DisplayName: "Safe", Grants: directory.Security}}
	})
	ada := k.create(okta, person{name: "ada@acme.example"}).User.ID
	it, safe, team := k.group(okta, "IT", add(ada)), k.group(okta, "Safe", add(ada)), k.group(okta, "Team", add(ada))
	k.fails(k.RemoveGroup(bg, okta, acme, team.ID, false, ""), directory.Forbidden, "")
	no := k.fails(k.RemoveGroup(bg, k.op, acme, team.ID, false, ""), directory.Conflict, "D2")
	if !strings.Contains(no.Message, "delete it in Okta first") {
		t.Error(no.Message)
	}
	onelogin := k.idp(acme, "acme-onelogin", func(d *bridge.ConnectionDraft) { d.Type = directory.OneLogin })
	role := k.group(onelogin, "Role")
	no = k.fails(k.RemoveGroup(bg, k.op, acme, role.ID, false, ""), directory.Conflict, "D2")
	if !strings.Contains(no.Message, "OneLogin never says that a group is gone") {
		t.Error(no.Message)
	}
	k.ok(k.RemoveGroup(bg, k.op, acme, role.ID, true, "the role is gone"))
	op := k.op
	op.Tenant = acme
	k.fails(k.DeleteGroup(bg, op, team.ID, directory.Precondition{}), directory.Conflict, "D2")
	k.fails(k.RemoveGroup(bg, k.op, acme, team.ID, true, ""), directory.Invalid, "")
	k.fails(k.RemoveGroup(bg, k.op, acme, k.builtIn(acme, directory.Owners).ID, true, "why"), directory.Refused, "G1")
	k.fails(k.RemoveGroup(bg, k.op, acme, it.ID, true, "the last Owner is in it"), directory.Refused, "G3")
	k.fails(k.RemoveGroup(bg, k.op, k.tenant("other", 0), team.ID, true, "of another tenant"), directory.NotFound, "")
	after := k.lastEvent(acme)
	k.ok(k.RemoveGroup(bg, k.op, acme, safe.ID, true, "left behind"))
	if got := kinds(k.events(acme, after)); got != "group.members_changed group.deleted" && got != "group.deleted group.members_changed" {
		t.Errorf("events %s", got)
	}
	if got := k.members(op, k.builtIn(acme, directory.Security).ID); len(got) != 0 {
		t.Errorf("security still has %v", got)
	}
	lines := k.audit(acme)
	if !slices.ContainsFunc(lines, func(a directory.Audit) bool {
		return a.Action == "group.delete" && a.Rule == "D2" && a.Reason == "forced: left behind" && a.Actor.Kind == directory.ByOperator
	}) {
		t.Error("no audit line says who deleted the group and why")
	}
	k.ok(k.ReleaseManagement(bg, k.op, acme, directory.GroupKind, team.ID))
	k.ok(k.RemoveGroup(bg, k.op, acme, team.ID, false, ""))
	_, err := k.Group(bg, okta, team.ID, false)
	k.fails(err, directory.NotFound, "")
	k.group(okta, "Team", add(ada)) // the name is free again
}

func TestG4MovingAGrantBetweenGroupsLosesNobody(t *testing.T) {
	k := start(t)
	acme := k.tenant("acme", 0)
	okta := k.idp(acme, "acme-okta", func(d *bridge.ConnectionDraft) {
		d.Mappings = []directory.GroupMapping{{DisplayName: "A", Grants: directory.Owners}}
	})
	u := k.people(okta, 1)
	k.group(okta, "A", add(u...))
	k.group(okta, "B", add(u...))
	after := k.lastEvent(acme)
	_, err := k.EditConnection(bg, k.op, "acme-okta", directory.Precondition{}, func(c directory.Connection) (directory.Connection, error) {
		c.Mappings = []directory.GroupMapping{{DisplayName: "B", Grants: directory.Owners}}
		return c, nil
	})
	k.ok(err)
	op := k.op
	op.Tenant = acme
	if got := k.members(op, k.builtIn(acme, directory.Owners).ID); !slices.Equal(got, u) {
		t.Errorf("owners %v", got)
	}
	if got := kinds(k.events(acme, after)); got != "connection.updated" {
		t.Errorf("events %s", got)
	}
}

func TestG4MappedGuestGroups(t *testing.T) {
	k := start(t)
	included := 0
	acme := k.tenant("acme", 0, func(o *directory.Overrides) { o.IncludedGuests = &included })
	okta := k.idp(acme, "acme-okta", func(d *bridge.ConnectionDraft) {
		d.Mappings = []directory.GroupMapping{{DisplayName: "Externals", Guest: true}}
	})
	u := k.people(okta, 2)
	after := k.lastEvent(acme)
	g := k.group(okta, "Externals", add(u[0]))
	typeOf := func(id directory.ID) directory.UserType {
		t.Helper()
		out, err := k.User(bg, okta, id)
		k.ok(err)
		return out.User.Type
	}
	if typeOf(u[0]) != directory.Guest || typeOf(u[1]) != directory.TeamMember {
		t.Error("the mapping does not make guests")
	}
	if got := kinds(k.events(acme, after)); got != "user.converted group.created group.members_changed" {
		t.Errorf("events %s", got)
	}
	k.edit(okta, u[0], title("still a guest"))
	if typeOf(u[0]) != directory.Guest {
		t.Error("a write made the guest a member")
	}
	// A member who is in another group already cannot become a guest there: one group at most.
	k.group(okta, "Sales", add(u[1]))
	_, err := k.EditGroup(bg, okta, g.ID, directory.Precondition{}, steps(add(u[1])))
	k.fails(err, directory.Refused, "B4")
	k.change(okta, g.ID, replace())
	if typeOf(u[0]) != directory.TeamMember {
		t.Error("the guest did not become a member again")
	}
	report, err := k.Seats(bg, k.op, acme)
	k.ok(err)
	if report.Occupied != 2 || report.Members != 2 || report.Guests != 0 {
		t.Errorf("%+v", report)
	}
}

// A user may be a guest by several groups; when all their mappings go at once, the user is converted once.
func TestG4MappingsThatGoTogether(t *testing.T) {
	k := start(t)
	three := 3
	acme := k.tenant("acme", 0, func(o *directory.Overrides) { o.GuestMaxGroups = &three })
	okta := k.idp(acme, "acme-okta", func(d *bridge.ConnectionDraft) {
		d.Mappings = []directory.GroupMapping{{DisplayName: "A", Guest: true}, {DisplayName: "B", Guest: true}}
	})
	people := k.people(okta, 2)
	k.group(okta, "A", add(people...))
	k.group(okta, "B", add(people...))
	remap := func(mappings ...directory.GroupMapping) {
		_, err := k.EditConnection(bg, k.op, "acme-okta", directory.Precondition{}, func(c directory.Connection) (directory.Connection, error) {
			c.Mappings = mappings
			return c, nil
		})
		k.ok(err)
	}
	check := func(when string, want directory.UserType, version uint64) {
		t.Helper()
		for _, id := range people {
			u, err := k.User(bg, okta, id)
			k.ok(err)
			if u.User.Type != want || u.User.Version != version {
				t.Errorf("%s: %s is a %s in version %d", when, u.User.UserName, u.User.Type, u.User.Version)
			}
		}
		seats, err := k.Seats(bg, k.op, acme)
		k.ok(err)
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
	k := start(t)
	acme := k.tenant("acme", 0)
	okta := k.idp(acme, "acme-okta")
	people := k.people(okta, 3)
	k.create(okta, person{name: "guest@acme.test", userType: "Guest"})
	k.edit(okta, people[2], active(false)) // memberships are kept
	k.op.Tenant = acme
	team := k.builtIn(acme, directory.TeamMembers)
	if got := k.members(k.op, team.ID); !slices.Equal(got, people) {
		t.Errorf("Team Members holds %v, want %v", got, people)
	}
	_, err := k.ListGroups(bg, k.op, directory.Query{Count: 10, BuiltIn: true, Members: true}, func(g *directory.Group, members []directory.Member) error {
		want := map[directory.BuiltIn]int{directory.TeamMembers: 3}[g.BuiltIn]
		if g.Members != want || len(members) != want {
			t.Errorf("%s is listed with %d members and counts %d, want %d", g.DisplayName, len(members), g.Members, want)
		}
		return nil
	})
	k.ok(err)
}

func TestG5ConcurrentChangesOfOneGroupLoseNobody(t *testing.T) {
	k := start(t)
	okta := k.idp(k.tenant("acme", 0), "acme-okta")
	u := k.people(okta, 100)
	g := k.group(okta, "Sales")
	var wait sync.WaitGroup
	for _, id := range u {
		wait.Add(1)
		go func() {
			defer wait.Done()
			if _, err := k.EditGroup(bg, okta, g.ID, directory.Precondition{}, steps(add(id))); err != nil {
				t.Error(err)
			}
		}()
	}
	wait.Wait()
	if got := k.members(okta, g.ID); len(got) != 100 {
		t.Errorf("%d members", len(got))
	}
	out, err := k.Group(bg, okta, g.ID, false)
	k.ok(err)
	if out.Group.Version != 101 || out.Group.Members != 100 {
		t.Errorf("%+v", out.Group)
	}
}

func TestB2SeatsNeverOverflowUnderConcurrency(t *testing.T) {
	k := start(t)
	acme := k.tenant("acme", 10)
	okta := k.idp(acme, "acme-okta")
	var wait sync.WaitGroup
	var mu sync.Mutex
	made, refused := 0, 0
	for i := range 50 {
		wait.Add(1)
		go func() {
			defer wait.Done()
			_, err := k.CreateUser(bg, okta, person{name: fmt.Sprintf("u%d", i)}.edit)
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
	report, err := k.Seats(bg, k.op, acme)
	k.ok(err)
	if made != 10 || refused != 40 || report.Occupied != 10 {
		t.Errorf("made %d, refused %d, occupied %d", made, refused, report.Occupied)
	}
	if got := len(k.events(acme, 0)); got < 50 {
		t.Errorf("only %d events", got)
	}
}

func TestConcurrentCreatesHaveOneWinner(t *testing.T) {
	k := start(t)
	okta := k.idp(k.tenant("acme", 0), "acme-okta")
	var wait sync.WaitGroup
	var mu sync.Mutex
	codes := map[directory.Code]int{}
	for range 20 {
		wait.Add(1)
		go func() {
			defer wait.Done()
			_, err := k.CreateUser(bg, okta, person{name: "ann@acme.test"}.edit)
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
	k := start(t)
	acme := k.tenant("acme", 5)
	okta := k.idp(acme, "acme-okta")
	var wait sync.WaitGroup
	for i := range 20 {
		wait.Add(1)
		go func() {
			defer wait.Done()
			out, err := k.CreateUser(bg, okta, person{name: fmt.Sprintf("u%d", i)}.edit)
			if err != nil {
				return
			}
			_, _ = k.EditUser(bg, okta, out.User.ID, directory.Precondition{}, title("x"))
			_, _ = k.EditUser(bg, okta, out.User.ID, directory.Precondition{}, active(false))
			_ = k.DeleteUser(bg, okta, out.User.ID, directory.Precondition{})
		}()
	}
	wait.Wait()
	lines := k.audit(acme)
	subjects := map[string]bool{}
	for i, line := range lines {
		if line.Seq != uint64(i+1) || line.Tenant != acme || line.Actor.ID == "" || line.Action == "" {
			t.Fatalf("audit line %d is %+v", i, line)
		}
		subjects[line.Action+" "+line.Subject.ID] = true
	}
	events := k.events(acme, 0)
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
