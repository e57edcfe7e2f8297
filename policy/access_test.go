package policy_test

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"drawbridge/directory"
	"drawbridge/policy"
)

var update = flag.Bool("update", false, "write docs/roles.md from the table")

const rolesHead = `# Roles and rights

This page says what each role of an operator may do. It is for operators who give roles to others, and for an operator who was refused with 403.

This table alone decides (rule O1); what it does not grant is denied. A right about a tenant (a company) also needs the tenant in the operator's scope (rule
O2). To an operator outside the scope, the tenant looks like one that does not exist (404). An operator inside the scope, whose role lacks the right, gets
403 and the name of the right. A test writes the table from ` + "`policy/access.go`" + `.

`

const rolesFoot = `
- **self** is the operator's own account: password, second factor, sessions, API keys, and this table.
- **operator.manage** never exceeds your own role and scope (rule O10); [operators.md](operators.md#who-may-do-what-to-whom) has the details. There is
  always at least one active Owner, and one active operator with ` + "`tenant.billing`" + ` (rule O8).
- **provider.mfa** needs a scope of all tenants, because it changes what is required of every operator.
- **tenant.billing** also covers the settings that cost money: ` + "`seats_on_limit`, `seats_max`, `included_seats`, `included_guests` and `billing_start`" + `.
- **tenant.create** without ` + "`tenant.billing`" + ` creates a tenant on the first plan with SCIM, without a number of seats of its own. The operator who
  creates a tenant has it in the scope (rule T8); the scope *all* includes future tenants.
- An API key may do what its operator may, except anything about operators or accounts. Dangerous operations need a proof (password, and code if there is a
  second factor) that is at most ten minutes old.
- The unix socket in the data folder belongs to the local Owner: a user who may open it needs no password.
`

func TestManualHasTheTableOfRoles(t *testing.T) {
	path := filepath.Join("..", "docs", "roles.md")
	want := rolesHead + policy.AccessTable() + rolesFoot
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s does not show the table: go test ./policy -run Manual -update", path)
	}
}

func TestRolesNest(t *testing.T) {
	t.Parallel()
	for i, role := range directory.Roles()[:5] { // Read-only reads the record, which Help desk does not
		if i == 0 {
			continue
		}
		for _, right := range directory.Rights() {
			if policy.Has(role, right) && !policy.Has(directory.Roles()[i-1], right) {
				t.Errorf("%s has %s and the role above it has not", role, right)
			}
		}
	}
	if policy.Has("", directory.Self) || policy.Has("root", directory.TenantRead) {
		t.Error("an unknown role has rights")
	}
	for _, c := range []struct {
		right directory.Right
		roles []directory.Role
	}{
		{directory.UserDelete, []directory.Role{directory.RoleOwner}}, // D3
		{directory.OperatorOwner, []directory.Role{directory.RoleOwner}},
		{directory.ProviderMFA, []directory.Role{directory.RoleOwner, directory.RoleAdminBilling}}, // O6
		{directory.TenantBilling, []directory.Role{directory.RoleOwner, directory.RoleAdminBilling}},
		{directory.OperatorManage, []directory.Role{directory.RoleOwner, directory.RoleAdminBilling, directory.RoleAdmin}},
	} {
		for _, role := range directory.Roles() {
			if policy.Has(role, c.right) != slices.Contains(c.roles, role) {
				t.Errorf("%s has %s: %v", role, c.right, policy.Has(role, c.right))
			}
		}
	}
	for _, right := range directory.Rights() {
		if policy.Has(directory.RoleReadOnly, right) && !strings.HasSuffix(string(right), ".read") && !strings.HasSuffix(string(right), ".record") && right != directory.Self {
			t.Errorf("Read-only has %s", right)
		}
	}
}

func TestAllowChecksRoleScopeAndFactor(t *testing.T) {
	t.Parallel()
	one := directory.Scope{Tenants: []directory.TenantID{"acme"}}
	for _, c := range []struct {
		name   string
		access directory.Access
		right  directory.Right
		tenant directory.TenantID
		want   directory.Code
	}{
		{"the zero Access has no right", directory.Access{}, directory.Self, "", directory.Forbidden},
		{"a technician in the scope", directory.Access{Role: directory.RoleTechnician, Scope: one}, directory.UserSuspend, "acme", ""},
		{"outside the scope nothing is there", directory.Access{Role: directory.RoleOwner, Scope: one}, directory.UserSuspend, "birch", directory.NotFound},
		{"the scope is asked first", directory.Access{Role: directory.RoleReadOnly, Scope: one}, directory.UserSuspend, "birch", directory.NotFound},
		{"the role is asked then", directory.Access{Role: directory.RoleReadOnly, Scope: one}, directory.UserSuspend, "acme", directory.Forbidden},
		{"a right of a tenant without one", directory.Access{Role: directory.RoleOwner, Scope: directory.Scope{All: true}}, directory.UserSuspend, directory.Provider, directory.NotFound},
		{"future tenants are in all", directory.Access{Role: directory.RoleOwner, Scope: directory.Scope{All: true}}, directory.UserSuspend, "new", ""},
		{"enrolment first", directory.Access{Role: directory.RoleOwner, Scope: one, EnrolOnly: true}, directory.UserSuspend, "acme", directory.Forbidden},
		{"enrolment is open", directory.Access{Role: directory.RoleOwner, EnrolOnly: true}, directory.Self, "", ""},
	} {
		if got := directory.CodeOf(policy.Allow(c.access, c.right, c.tenant)); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestEmailAddressesAreChecked(t *testing.T) {
	t.Parallel()
	for address, ok := range map[string]bool{
		"ada@example.com": true, "a.b+c@sub.example.com": true, "ä@exämple.com": true,
		"": false, "ada": false, "@example.com": false, "ada@": false, "a@b@c": false, "a b@example.com": false,
		"a@example.com\r\nBcc: x@y": false, "a\u202e@example.com": false, "a@example.com,b@example.com": false, "<a@example.com>": false, "a@.com": false, "a..b@example.com": false,
		strings.Repeat("a", 250) + "@x.com": false,
	} {
		if err := policy.CheckEmail("email", address); (err == nil) != ok {
			t.Errorf("%q: %v", address, err)
		}
	}
}
