package bridge_test

import (
	"slices"
	"testing"

	"drawbridge/bridge"
	"drawbridge/bridge/bridgetest"
	"drawbridge/directory"
)

func TestG4RolesNameTheirSources(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	okta := k.NewIdP(acme, "acme-okta", func(d *bridge.ConnectionDraft) {
		d.Mappings = []directory.GroupMapping{{DisplayName: "it admins", Grants: directory.Administrators}}
	})
	ann := k.NewUser(okta, bridgetest.Person{Name: "ann@acme.test"}).User
	if roles, err := k.Roles(bg, k.Op, acme, ann.ID); err != nil || len(roles) != 0 {
		t.Fatalf("%+v %v", roles, err)
	}
	g := k.NewGroup(okta, "IT Admins", bridgetest.Add(ann.ID))
	k.OK(k.JoinBuiltIn(bg, k.Op, acme, directory.Administrators, ann.ID))
	k.OK(k.JoinBuiltIn(bg, k.Op, acme, directory.Owners, ann.ID))

	roles, err := k.Roles(bg, k.Op, acme, ann.ID)
	k.OK(err)
	if len(roles) != 2 || roles[0].Name != directory.Owners || roles[1].Name != directory.Administrators {
		t.Fatalf("%+v", roles)
	}
	if s := roles[0].Sources; len(s) != 1 || !s[0].ByHand() {
		t.Errorf("Owners: %+v", s)
	}
	mapped := bridge.RoleSource{Group: g.ID, DisplayName: "IT Admins", Connection: "acme-okta"}
	if s := roles[1].Sources; len(s) != 2 || !s[0].ByHand() || s[1] != mapped {
		t.Errorf("Administrators: %+v", s)
	}
	_, err = k.Roles(bg, k.Op, acme, directory.ID{9})
	k.Fails(err, directory.NotFound, "")
}

func TestG4AGroupNamedLikeABuiltInOneIsVisible(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	okta := k.NewIdP(acme, "acme-okta", func(d *bridge.ConnectionDraft) {
		d.Mappings = []directory.GroupMapping{{DisplayName: "Administrators", Grants: directory.Administrators}}
	})
	made, err := k.CreateGroup(bg, okta, bridgetest.Team("OWNERS"))
	k.OK(err)
	if !slices.Contains(made.Deviations, bridge.LikeBuiltIn) {
		t.Errorf("no sign of the built-in group: %v", made.Deviations)
	}
	lines := k.AuditOf(acme)
	if last := lines[len(lines)-1]; !slices.Contains(last.Deviations, bridge.LikeBuiltIn) {
		t.Errorf("no sign in the audit trail: %+v", last)
	}
	if mapped, err := k.CreateGroup(bg, okta, bridgetest.Team("Administrators")); err != nil || len(mapped.Deviations) > 0 {
		t.Errorf("a mapped group: %v %v", mapped.Deviations, err)
	}
	sales := k.NewGroup(okta, "Sales")
	renamed, err := k.EditGroup(bg, okta, sales.ID, directory.Precondition{}, bridgetest.Team("Security"))
	if k.OK(err); !slices.Contains(renamed.Deviations, bridge.LikeBuiltIn) {
		t.Errorf("a rename: %v", renamed.Deviations)
	}
	again, err := k.EditGroup(bg, okta, sales.ID, directory.Precondition{}, bridgetest.Team("security"))
	if k.OK(err); len(again.Deviations) > 0 {
		t.Errorf("said a second time: %v", again.Deviations)
	}
}

func TestG4MappingsWithoutAMatchAreNamed(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	mappings := []directory.GroupMapping{
		{DisplayName: "IT Admins", Grants: directory.Administrators}, {ExternalID: "e1", Grants: directory.Security}, {DisplayName: "Guests", Guest: true},
	}
	okta := k.NewIdP(acme, "acme-okta", func(d *bridge.ConnectionDraft) { d.Mappings = mappings })
	it := k.NewGroup(okta, "it admins")
	unmatched, err := k.UnmatchedMappings(bg, k.Op, "acme-okta")
	if k.OK(err); !slices.Equal(unmatched, mappings[1:]) {
		t.Errorf("%+v", unmatched)
	}
	_, err = k.EditGroup(bg, okta, it.ID, directory.Precondition{}, bridgetest.Team("Information Technology"))
	k.OK(err)
	unmatched, err = k.UnmatchedMappings(bg, k.Op, "acme-okta")
	if k.OK(err); !slices.Equal(unmatched, mappings) {
		t.Errorf("after the rename: %+v", unmatched)
	}
}
