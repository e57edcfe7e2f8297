package bridge_test

import (
	"testing"

	"drawbridge/bridge"
	"drawbridge/bridge/bridgetest"
	"drawbridge/directory"
)

func TestG4RolesNameTheirSources(t *testing.T) {
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
	if grant, err := k.MappedTo(bg, k.Op, acme, g.ID); err != nil || len(grant.BuiltIns) != 1 || grant.BuiltIns[0] != directory.Administrators {
		t.Errorf("%+v %v", grant, err)
	}
	_, err = k.Roles(bg, k.Op, acme, directory.ID{9})
	k.Fails(err, directory.NotFound, "")
}
