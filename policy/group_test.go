package policy_test

import (
	"strings"
	"testing"

	"drawbridge/directory"
	"drawbridge/policy"
)

// A mapping names one group in one way, and grants one thing that can be granted (G4).
func TestG4MappingsAreChecked(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		mapping directory.GroupMapping
		says    string // "": it is accepted
	}{
		{"by name", directory.GroupMapping{DisplayName: "Bosses", Grants: directory.Owners}, ""},
		{"by externalId", directory.GroupMapping{ExternalID: "g-1", Grants: directory.Security}, ""},
		{"administrators", directory.GroupMapping{ExternalID: "g-1", Grants: directory.Administrators}, ""},
		{"provision managers", directory.GroupMapping{ExternalID: "g-1", Grants: directory.ProvisionManagers}, ""},
		{"guests", directory.GroupMapping{DisplayName: "Partners", Guest: true}, ""},
		{"no group", directory.GroupMapping{Grants: directory.Owners}, "one of them"},
		{"a group in two ways", directory.GroupMapping{DisplayName: "Bosses", ExternalID: "g-1", Grants: directory.Owners}, "one of them"},
		{"a name that is too long", directory.GroupMapping{DisplayName: strings.Repeat("x", 1025), Grants: directory.Owners}, "1024"},
		{"no grant", directory.GroupMapping{DisplayName: "Bosses"}, "say what it grants"},
		{"two grants", directory.GroupMapping{DisplayName: "Bosses", Grants: directory.Owners, Guest: true}, "say what it grants"},
		{"Team Members", directory.GroupMapping{DisplayName: "All", Grants: directory.TeamMembers}, "without a mapping"},
		{"an unknown group", directory.GroupMapping{DisplayName: "All", Grants: "kings"}, `"kings" is not a built-in group`},
	} {
		good := directory.GroupMapping{DisplayName: "Good", Grants: directory.Owners}
		err := policy.CheckMappings([]directory.GroupMapping{good, c.mapping})
		var e *directory.Error
		if e, _ = err.(*directory.Error); (err == nil) != (c.says == "") || err != nil && (e == nil || e.Code != directory.Invalid || e.Field != "mappings" || !strings.Contains(e.Message, c.says)) { //nolint:errorlint // it is made here
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// Two grants are equal if they give the same, whatever group gives it (G4).
func TestG4GrantsAreCompared(t *testing.T) {
	t.Parallel()
	owners, both := policy.Grant{BuiltIns: []directory.BuiltIn{directory.Owners}}, policy.Grant{BuiltIns: []directory.BuiltIn{directory.Owners, directory.Security}}
	for _, c := range []struct {
		a, b policy.Grant
		same bool
	}{
		{policy.Grant{}, policy.Grant{}, true},
		{owners, policy.Grant{BuiltIns: []directory.BuiltIn{directory.Owners}}, true},
		{owners, both, false},
		{owners, policy.Grant{BuiltIns: []directory.BuiltIn{directory.Security}}, false},
		{policy.Grant{Guest: true}, policy.Grant{}, false},
		{policy.Grant{Guest: true}, policy.Grant{Guest: true}, true},
	} {
		if got := c.a.Equal(c.b); got != c.same || c.b.Equal(c.a) != got {
			t.Errorf("%+v and %+v: %t", c.a, c.b, got)
		}
	}
	if !(policy.Grant{}).Empty() || owners.Empty() || (policy.Grant{Guest: true}).Empty() {
		t.Error("only a grant of nothing is empty")
	}
}
