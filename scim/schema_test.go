package scim_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"drawbridge/directory"
	"drawbridge/scim"
)

// C35, C36, C37: the standard schemas are served as defined, and every attribute states all of its characteristics.
func TestStandardSchemasAreComplete(t *testing.T) {
	t.Parallel()
	c := catalog(t)
	var out []byte
	for _, s := range c.Schemas() {
		out = append(append(out, s.Definition().Document()...), '\n')
	}
	golden(t, "schemas.jsonl", out)

	var check func(s *scim.Schema, list []*scim.Attribute)
	check = func(s *scim.Schema, list []*scim.Attribute) {
		for _, a := range list {
			if a.Name == "" || a.Description == "" || a.Type == "" || a.Mutability == "" || a.Returned == "" || a.Uniqueness == "" {
				t.Errorf("%s: %s has something missing: %+v", s.URN, a.Name, a)
			}
			if (a.Type == scim.Complex) != (len(a.Sub) > 0) || (a.Type == scim.Reference) != (len(a.ReferenceTypes) > 0) {
				t.Errorf("%s: %s: %+v", s.URN, a.Name, a)
			}
			check(s, a.Sub)
		}
	}
	for _, s := range c.Schemas() {
		check(s, s.Attributes)
	}
	for _, name := range []string{"schemas", "id", "externalId", "meta"} {
		if a := c.User.Attribute(name); a == nil || a.Description == "" {
			t.Errorf("%s: %+v", name, a)
		}
	}
	if a := c.User.Attribute("externalId"); !a.CaseExact {
		t.Error("externalId has case")
	}
}

// D42, F73, H104: paths in any case, with and without URN.
func TestPathsAreResolved(t *testing.T) {
	t.Parallel()
	c := catalog(t)
	tests := []struct {
		path  string
		want  directory.Path
		found bool
		alias bool
	}{
		{"USERNAME", directory.Path{Name: "userName"}, true, false},
		{"name.GivenName", directory.Path{Name: "name", Sub: "givenName"}, true, false},
		{"meta.lastmodified", directory.Path{Name: "meta", Sub: "lastModified"}, true, false},
		{"urn:ietf:params:scim:schemas:core:2.0:User:userName", directory.Path{Name: "userName"}, true, false},
		{"URN:IETF:params:scim:schemas:core:2.0:user:emails.VALUE", directory.Path{Name: "emails", Sub: "value"}, true, false},
		{enterprise + ":manager.value", directory.Path{Schema: enterprise, Name: "manager", Sub: "value"}, true, false},
		{enterprise + ":Manager.$REF", directory.Path{Schema: enterprise, Name: "manager", Sub: "$ref"}, true, false},
		{"urn:scim:schemas:extension:enterprise:1.0:department", directory.Path{Schema: enterprise, Name: "department"}, true, true},
		{"urn:scim:schemas:extension:enterprise:2.0:User:department", directory.Path{Schema: enterprise, Name: "department"}, true, true},
		{"urn:ietf:params:scim:schemas:extension:enterprise:2.0User:department", directory.Path{Schema: enterprise, Name: "department"}, true, true},
		{"urn:scim:schemas:core:1.0:userName", directory.Path{Name: "userName"}, true, true},
		{"", directory.Path{}, false, false},
		{"department", directory.Path{}, false, false},
		{"givenName", directory.Path{}, false, false},
		{"name.", directory.Path{}, false, false},
		{"name.givenName.x", directory.Path{}, false, false},
		{"nosuch", directory.Path{}, false, false},
		{"urn:x:y:userName", directory.Path{}, false, false},
		{enterprise + ":userName", directory.Path{}, false, false},
		{enterprise + "x:department", directory.Path{}, false, false},
		{enterprise + ".department", directory.Path{Schema: enterprise, Name: "department"}, true, true},
		{enterprise + ".nosuch", directory.Path{}, false, false},
		{enterprise + ":", directory.Path{}, false, false},
	}
	for _, test := range tests {
		var q scim.Quirks
		target, found := c.User.Lookup(test.path, &q)
		if found != test.found {
			t.Errorf("%s: found is %v", test.path, found)
			continue
		}
		if !found {
			continue
		}
		if d := cmp.Diff(test.want, target.Path()); d != "" {
			t.Errorf("%s: %s", test.path, d)
		}
		if alias := len(q.Names()) > 0; alias != test.alias {
			t.Errorf("%s: quirks %v", test.path, q.Names())
		}
	}
	target, found := c.User.Resolve(enterprise)
	if !found || target.Attribute != nil || target.Extension == nil {
		t.Errorf("the URN alone: %+v %v", target, found)
	}
	if target, found := c.User.Resolve(scim.UserSchema); !found || target != (scim.Target{}) {
		t.Errorf("the URN of the core schema alone: %+v %v", target, found)
	}
}
