package bridge_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"drawbridge/bridge"
	"drawbridge/bridge/bridgetest"
	"drawbridge/directory"
)

// withRoles is a user whom the identity provider gives roles and entitlements.
func withRoles(name string, roles, entitlements []string) directory.UserEdit {
	list := func(values []string) string {
		var out []string
		for _, v := range values {
			out = append(out, fmt.Sprintf(`{"value":%q}`, v))
		}
		return "[" + strings.Join(out, ",") + "]"
	}
	return func(*directory.User) (directory.UserDraft, error) {
		return directory.UserDraft{UserName: name, Document: directory.Document(fmt.Sprintf(
			`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":%q,"roles":%s,"entitlements":%s}`, name, list(roles), list(entitlements)))}, nil
	}
}

// rolesText is the built-in groups of a user with what grants each.
func (k *kit) rolesText(tenant directory.TenantID, id directory.ID) string {
	k.T.Helper()
	all, err := k.Roles(bg, k.Op, tenant, id)
	k.OK(err)
	many, err := k.RolesOf(bg, k.Op, tenant, []directory.ID{id})
	k.OK(err)
	var out []string
	for _, r := range all {
		for _, s := range r.Sources {
			text := string(r.Name) + " by hand"
			if s.ByAttribute {
				text = string(r.Name) + " by " + string(s.Connection)
			}
			out = append(out, text)
		}
		if r.Name != directory.TeamMembers && !slices.ContainsFunc(many[id], func(m bridge.Role) bool { return m.Name == r.Name && slices.Equal(m.Sources, r.Sources) }) {
			k.T.Errorf("the roles of many users say %+v, those of one %+v", many[id], all)
		}
	}
	return strings.Join(out, ", ")
}

func roleRules() *directory.AttributeMapping {
	return &directory.AttributeMapping{Roles: []directory.RoleRule{
		{Source: directory.FromRoles, Value: "Admin", Grants: directory.Administrators},
		{Source: directory.FromEntitlements, Value: "billing", Grants: directory.Security},
	}}
}

func TestC13AttributesGrantRoles(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	okta := k.NewIdP(acme, "acme-okta")
	k.NewIdP(acme, "acme-entra")
	made := func(p directory.Principal, name string, roles, entitlements []string) directory.ID {
		out, err := k.CreateUser(bg, p, withRoles(name, roles, entitlements))
		k.OK(err)
		return out.User.ID
	}
	was := made(okta, "was@acme.test", []string{"ADMIN"}, nil)
	is := func(when string, id directory.ID, want string) {
		t.Helper()
		if got := k.rolesText(acme, id); got != want {
			t.Errorf("%s: %q, want %q", when, got, want)
		}
	}
	is("without a mapping", was, "")
	trial, err := k.TryMapping(bg, k.Op, "acme-okta", bridge.MappingTry{Mapping: roleRules(), Limit: 5})
	k.OK(err)
	if len(trial.Items) != 1 || !slices.Equal(trial.Items[0].Roles, []directory.BuiltIn{directory.Administrators}) {
		t.Errorf("the trial is %+v", trial)
	}
	okta, err = k.mapTo(okta, roleRules())
	k.OK(err)
	is("by the mapping that was saved", was, "administrators by acme-okta")
	ann := made(okta, "ann@acme.test", []string{"Admin", "reader"}, []string{"Billing"})
	is("a new user", ann, "administrators by acme-okta, security by acme-okta")
	k.ChangeUser(okta, ann, withRoles("ann@acme.test", nil, []string{"billing"}))
	is("after a role ended", ann, "security by acme-okta")
	k.ChangeUser(okta, ann, bridgetest.SetActive(false))
	is("suspended", ann, "security by acme-okta")
	k.Fails(k.LeaveBuiltIn(bg, k.Op, acme, directory.Security, ann), directory.Conflict, "G4")
	k.OK(k.JoinBuiltIn(bg, k.Op, acme, directory.Security, ann))
	is("by hand, too", ann, "security by hand, security by acme-okta")

	scope := bridge.TransferScope{Users: []string{"ann@acme.test"}}
	plan, err := k.Transfers().Preview(bg, k.Op, "acme-okta", "acme-entra", scope)
	k.OK(err)
	done, err := k.move(scope, plan.Digest)
	k.OK(err)
	is("moved to a connection without rules", ann, "security by hand")
	_, err = k.Transfers().Undo(bg, k.Op, "acme-okta", done.Transfer.ID, 1)
	k.OK(err)
	is("given back", ann, "security by hand, security by acme-okta")
	k.OK(k.ReleaseManagement(bg, k.Op, acme, directory.UserKind, ann))
	is("released", ann, "security by hand")

	preview := k.preview("acme-okta", directory.Finalise)
	if preview.GrantsKept != 1 || preview.GrantsTaken != 0 {
		t.Errorf("finalise keeps %d and takes %d grants", preview.GrantsKept, preview.GrantsTaken)
	}
	k.disconnect("acme-okta", directory.Finalise)
	is("finalised", was, "administrators by hand")
}

func TestC13GrantedRolesEndWithTheRuleOrTheConnection(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	okta, err := k.mapTo(k.NewIdP(acme, "acme-okta"), roleRules())
	k.OK(err)
	var ids []directory.ID
	for i := range 12 { // more than are looked at one by one
		out, err := k.CreateUser(bg, okta, withRoles(fmt.Sprintf("u%d@acme.test", i), []string{"admin"}, nil))
		k.OK(err)
		ids = append(ids, out.User.ID)
	}
	less := roleRules()
	less.Roles = less.Roles[1:]
	okta, err = k.mapTo(okta, less)
	k.OK(err)
	if got := k.rolesText(acme, ids[11]); got != "" {
		t.Errorf("after the rule ended: %q", got)
	}
	okta, err = k.mapTo(okta, roleRules())
	k.OK(err)
	_, err = k.EditUser(bg, okta, ids[0], directory.Precondition{}, func(*directory.User) (directory.UserDraft, error) {
		d, err := withRoles("u0@acme.test", []string{"admin"}, nil)(nil)
		d.UserType = "Guest"
		d.Document = directory.Document(strings.Replace(string(d.Document), `"userName"`, `"userType":"Guest","userName"`, 1))
		return d, err
	})
	k.Fails(err, directory.Refused, "B4")
	preview := k.preview("acme-okta", directory.Terminate)
	if preview.GrantsTaken != 12 {
		t.Errorf("terminate takes %d grants", preview.GrantsTaken)
	}
	k.disconnect("acme-okta", directory.Terminate)
	if got := k.rolesText(acme, ids[3]); got != "" {
		t.Errorf("after terminate: %q", got)
	}
}

func TestC13LastOwnerByARuleStays(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	okta, err := k.mapTo(k.NewIdP(acme, "acme-okta"), &directory.AttributeMapping{Roles: []directory.RoleRule{{Source: directory.FromRoles, Value: "owner", Grants: directory.Owners}}})
	k.OK(err)
	out, err := k.CreateUser(bg, okta, withRoles("ann@acme.test", []string{"owner"}, nil))
	k.OK(err)
	_, err = k.EditUser(bg, okta, out.User.ID, directory.Precondition{}, withRoles("ann@acme.test", nil, nil))
	k.Fails(err, directory.Refused, "G3")
	_, err = k.mapTo(okta, nil)
	k.Fails(err, directory.Refused, "G3")
}
