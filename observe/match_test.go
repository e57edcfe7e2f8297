package observe_test

import (
	"testing"

	"drawbridge/bridge"
	"drawbridge/bridge/bridgetest"
	"drawbridge/directory"
	"drawbridge/observe"
)

// is asks for one value of an attribute.
func is(name, sub, value string) directory.Query {
	return directory.Query{Where: directory.Compare{Path: directory.Path{Name: name, Sub: sub}, Op: directory.Equal, Value: directory.Fold(value)}, Count: 10}
}

// byName gives the changes by the names of their records.
func byName(d difference) map[string]observe.Change {
	out := map[string]observe.Change{}
	for i := range d.All {
		out[d.All[i].Name] = d.All[i]
	}
	return out
}

// TestDifferenceSaysByWhatARecordWasMatched searches as identity providers do, and writes what was found.
func TestDifferenceSaysByWhatARecordWasMatched(t *testing.T) {
	t.Parallel()
	k := start(t)
	entra := k.NewIdP(k.tenant, "acme-entra", func(d *bridge.ConnectionDraft) { d.Type = directory.Entra })
	ids := map[string]directory.ID{}
	for _, name := range []string{"ada@acme.test", "bob@acme.test", "cy@acme.test", "dee@acme.test"} {
		ids[name] = k.NewUser(entra, bridgetest.Person{Name: name, External: "e-" + name, Email: name, Active: new(true)}).User.ID
	}
	k.OK(k.DeleteUser(t.Context(), entra, ids["dee@acme.test"], directory.Precondition{}))
	team := k.NewGroup(entra, "Staff").ID
	b, idp := k.begin(observe.Options{TakeOver: "acme-entra"})

	found := func(q directory.Query) {
		t.Helper()
		page, err := b.ListUsers(t.Context(), idp, q, nil)
		k.OK(err)
		if page.Total != 1 {
			t.Fatalf("%v finds %d users", q.Where, page.Total)
		}
	}
	edit := func(name string) {
		t.Helper()
		_, err := b.EditUser(t.Context(), idp, ids[name], directory.Precondition{}, bridgetest.Person{Name: name, External: "o-" + name, Email: name}.Draft)
		k.OK(err)
	}
	found(is("userName", "", "ada@acme.test"))
	edit("ada@acme.test")
	found(is("externalId", "", "o-ada@acme.test")) // the first search counts
	found(is("emails", "value", "bob@acme.test"))
	edit("bob@acme.test")
	edit("cy@acme.test") // without a search
	_, err := b.ListGroups(t.Context(), idp, is("displayName", "", "Staff"), func(*directory.Group, []directory.Member) error { return nil })
	k.OK(err)
	_, err = b.EditGroup(t.Context(), idp, team, directory.Precondition{}, bridgetest.Team("Staff"))
	k.OK(err)
	_, err = b.CreateUser(t.Context(), idp, bridgetest.Person{Name: "new@acme.test"}.Draft)
	k.OK(err)
	found(is("userName", "", "new@acme.test"))

	got := byName(k.difference())
	for name, want := range map[string]string{"ada@acme.test": "userName", "bob@acme.test": "emails.value", "cy@acme.test": "id", "Staff": "displayName", "new@acme.test": ""} {
		if c, there := got[name]; !there || c.By != want {
			t.Errorf("%s is matched by %q, want %q", name, c.By, want)
		}
	}
	if out := k.promote(); !out.Done {
		t.Fatalf("the promotion gave %+v", out)
	}
}

// TestRestoreSaysByWhatItMatched creates users again whom the identity provider has deleted.
func TestRestoreSaysByWhatItMatched(t *testing.T) {
	t.Parallel()
	k := start(t)
	for name, externalID := range map[string]string{"ada@acme.test": "1", "bob@acme.test": ""} {
		id := k.NewUser(k.okta, bridgetest.Person{Name: name, External: externalID, Active: new(true)}).User.ID
		k.OK(k.DeleteUser(t.Context(), k.okta, id, directory.Precondition{}))
	}
	b, idp := k.begin(observe.Options{})
	for _, p := range []bridgetest.Person{{Name: "renamed@acme.test", External: "1"}, {Name: "bob@acme.test"}} {
		_, err := b.CreateUser(t.Context(), idp, p.Draft)
		k.OK(err)
	}
	got := byName(k.difference())
	for name, want := range map[string]string{"renamed@acme.test": "externalId", "bob@acme.test": "userName"} {
		if c := got[name]; c.Effect != observe.Restore || c.By != want {
			t.Errorf("%s: %s, matched by %q, want %q", name, c.Effect, c.By, want)
		}
	}
}

// TestDifferenceNamesDuplicates creates people whom the tenant has under other names.
func TestDifferenceNamesDuplicates(t *testing.T) {
	t.Parallel()
	k := start(t)
	entra := k.NewIdP(k.tenant, "acme-entra", func(d *bridge.ConnectionDraft) { d.Type = directory.Entra })
	ada := k.NewUser(entra, bridgetest.Person{Name: "ada", Email: "ada@acme.test"}).User.ID
	bob := k.NewUser(entra, bridgetest.Person{Name: "bob@acme.test", Email: "robert@acme.test"}).User.ID
	b, idp := k.begin(observe.Options{TakeOver: "acme-entra"})
	for _, p := range []bridgetest.Person{
		{Name: "ada@acme.test"},                // the address of ada is the new userName
		{Name: "b.ob", Email: "bob@acme.test"}, // the userName of bob is the new address
		{Name: "cy", Email: "cy@acme.test"},
	} {
		_, err := b.CreateUser(t.Context(), idp, p.Draft)
		k.OK(err)
	}
	got := byName(k.difference())
	for name, want := range map[string]directory.ID{"ada@acme.test": ada, "b.ob": bob} {
		if c := got[name]; c.Effect != observe.Create || len(c.Same) != 1 || c.Same[0].ID != want || c.Same[0].UserName == "" {
			t.Errorf("%s: %s, perhaps the same as %v", name, c.Effect, c.Same)
		}
	}
	if c := got["cy"]; len(c.Same) != 0 {
		t.Errorf("cy is perhaps the same as %v", c.Same)
	}
}
