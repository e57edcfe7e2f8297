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

What an operator may do is decided by this table and by nothing else (rule O1). It is printed from ` + "`policy/access.go`" + ` by a test.
What is not in it is denied. A right about a tenant needs the tenant in the operator's scope, too (rule O2): to an operator outside the scope
a tenant looks like one that does not exist (404); an operator inside it whose role lacks the right is told which right is missing (403).

`

const rolesFoot = `
- **self** is one's own account: password, second factor, sessions, API keys, and this table.
- **operator.manage** never reaches beyond your own role and scope (rule O10). To do anything to an operator (change, suspend, restore, a link,
  sessions, API keys, subscription) you need at least that operator's role and scope, and at least those that the operator would get; otherwise the
  answer is 403. An operator who has tenants, but none in your scope, does not exist for you (404); of one who shares some, you see those.
  You cannot lift the requirement of a second factor from yourself, or reset your own by a link. There is always at least one active Owner and
  one active operator with ` + "`tenant.billing`" + ` (rule O8).
- **provider.mfa** needs a scope of all tenants, because it changes what is required of every operator (rule O10).
- **tenant.create** without ` + "`tenant.billing`" + ` makes a tenant on the first plan with SCIM, with no number of seats of its own. Who creates a tenant
  has it in the scope (rule T8); the scope *all* has future tenants too.
- An API key may do what its operator may, but nothing about operators or accounts: that wants a person. Dangerous operations want a
  proof (password, and code if there is a second factor) that is at most ten minutes old.
- The unix socket in the data folder is the local Owner's: whoever may open the file needs no second password.
`

func TestManualHasTheTable(t *testing.T) {
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

func TestAllow(t *testing.T) {
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

func TestEmailAddresses(t *testing.T) {
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
