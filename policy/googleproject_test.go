package policy_test

import (
	"testing"

	"drawbridge/directory"
	"drawbridge/policy"
)

// An operator sees a Google project that is attached to a company in the scope, and manages one whose companies are all in it (C11).
func TestC11GoogleProject(t *testing.T) {
	t.Parallel()
	g := directory.GoogleProject{Name: "shared", Tenants: map[directory.TenantID]directory.ProjectShare{"acme": {}, "birch": {}}}
	if got := policy.ProjectScope(&g); got.All || len(got.Tenants) != 2 {
		t.Errorf("scope %+v", got)
	}
	for _, c := range []struct {
		scope        directory.Scope
		sees, manage bool
	}{
		{directory.Scope{All: true}, true, true},
		{directory.Scope{Tenants: []directory.TenantID{"acme", "birch"}}, true, true},
		{directory.Scope{Tenants: []directory.TenantID{"acme"}}, true, false},
		{directory.Scope{Tenants: []directory.TenantID{"cedar"}}, false, false},
		{directory.Scope{}, false, false},
	} {
		p := directory.Principal{Access: directory.Access{Scope: c.scope}}
		if sees, manage := policy.SeesProject(p, &g), policy.ManageProject(p, &g) == nil; sees != c.sees || manage != c.manage {
			t.Errorf("%+v: sees %v, manages %v", c.scope, sees, manage)
		}
	}
}
