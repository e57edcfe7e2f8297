package bridge_test

import (
	"strings"
	"testing"

	"drawbridge/bridge"
	"drawbridge/bridge/bridgetest"
	"drawbridge/directory"
)

// A user whom the IdP deleted is found by name. If another user has the name, an operator can change the userName, the connection can
// release the user, and then the user can be released (L9, C10).
func TestDeletedUserIsFoundAndReleased(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	okta := k.NewIdP(acme, "acme-okta")
	bob := k.NewUser(okta, bridgetest.Person{Name: "bob@acme.example"}).User
	k.OK(k.DeleteUser(bg, okta, bob.ID, directory.Precondition{}))

	find := func(name string) directory.ID {
		t.Helper()
		id, err := k.FindUser(bg, k.Op, acme, name)
		k.OK(err)
		return id
	}
	if id := find("BOB@acme.example"); id != bob.ID {
		t.Errorf("found %s", id)
	}
	here := k.Op
	here.Tenant = acme
	other := k.NewUser(here, bridgetest.Person{Name: "bob@acme.example"})
	if id := find("bob@acme.example"); id != other.User.ID {
		t.Errorf("the live one is %s, found %s", other.User.ID, id)
	}
	_, err := k.ReleaseUser(bg, k.Op, acme, bob.ID)
	k.Fails(err, directory.Conflict, "L9")
	if !strings.Contains(err.Error(), "give user "+bob.ID.String()+" another userName") {
		t.Errorf("it says %s", err)
	}

	name := "bob.old@acme.example"
	_, err = k.EditPerson(bg, k.Op, acme, bob.ID, bridge.PersonEdit{UserName: &name})
	k.OK(err)
	k.OK(k.ReleaseManagement(bg, k.Op, acme, directory.UserKind, bob.ID))
	kept, err := k.User(bg, here, bob.ID)
	k.OK(err)
	if u := kept.User; !u.Gone() || u.Connection != "" {
		t.Errorf("%+v", u)
	}
	out, err := k.ReleaseUser(bg, k.Op, acme, bob.ID)
	k.OK(err)
	if out.User.State != directory.Active || out.User.UserName != name {
		t.Errorf("%+v", out.User)
	}
}

// A search for a userName that only several deleted users have is a conflict that names them.
func TestSharedNameOfDeletedUsersIsAConflict(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	var ids []string
	for _, slug := range []string{"acme-okta", "acme-entra"} {
		idp := k.NewIdP(acme, slug)
		u := k.NewUser(idp, bridgetest.Person{Name: "bob@acme.example"}).User
		k.OK(k.DeleteUser(bg, idp, u.ID, directory.Precondition{}))
		ids = append(ids, u.ID.String())
	}
	_, err := k.FindUser(bg, k.Op, acme, "bob@acme.example")
	k.Fails(err, directory.Conflict, "")
	for _, id := range ids {
		if !strings.Contains(err.Error(), id) {
			t.Errorf("it does not name %s: %s", id, err)
		}
	}
	_, err = k.FindUser(bg, k.Op, acme, "nobody@acme.example")
	k.Fails(err, directory.NotFound, "")
}
