package policy

import (
	"fmt"
	"slices"
	"strings"

	"drawbridge/directory"
)

// roleRights is the table of O1, the only place that says which role may do what. What is not in it is denied.
func roleRights(role directory.Role) []directory.Right {
	read := []directory.Right{
		directory.Self, directory.ServerRead, directory.TenantRead, directory.ConnectionRead, directory.UserRead, directory.GroupRead,
	}
	helpDesk := []directory.Right{directory.TenantEnter, directory.UserSuspend, directory.UserRequestDeletion}
	record := []directory.Right{directory.TenantRecord}
	technician := []directory.Right{
		directory.TenantAlert, directory.ConnectionManage, directory.CredentialManage, directory.UserManage, directory.GroupManage,
	}
	admin := []directory.Right{
		directory.ProviderRecord, directory.OperatorRead, directory.OperatorManage, directory.TenantCreate, directory.TenantUpdate,
	}
	billing := []directory.Right{directory.TenantBilling, directory.ProviderMFA}
	switch role {
	case directory.RoleOwner:
		return directory.Rights()
	case directory.RoleAdminBilling:
		return slices.Concat(read, helpDesk, record, technician, admin, billing)
	case directory.RoleAdmin:
		return slices.Concat(read, helpDesk, record, technician, admin)
	case directory.RoleTechnician:
		return slices.Concat(read, helpDesk, record, technician)
	case directory.RoleHelpDesk:
		return slices.Concat(read, helpDesk)
	case directory.RoleReadOnly:
		return slices.Concat(read, record)
	}
	return nil
}

// Has reports whether a role has a right. An unknown role has none.
func Has(role directory.Role, right directory.Right) bool {
	return slices.Contains(roleRights(role), right)
}

// Allow says no to whoever lacks a right (O1, O2). The order matters: who must not know of a tenant is told NotFound, as
// for one that does not exist, before the role is looked at; then Forbidden names the right.
func Allow(a directory.Access, right directory.Right, tenant directory.TenantID) error {
	if right.InTenant() && !a.Scope.Covers(tenant) {
		return NoTenant(tenant)
	}
	return AllowList(a, right)
}

// AllowList is Allow for what shows only what is in the scope.
func AllowList(a directory.Access, right directory.Right) error {
	if a.EnrolOnly && right != directory.Self {
		return &directory.Error{Code: directory.Forbidden, Rule: "O6", Message: "a second factor is required: enrol one first, everything else opens then"}
	}
	if !Has(a.Role, right) {
		return &directory.Error{Code: directory.Forbidden, Rule: "O1", Message: fmt.Sprintf(
			"this needs the right %s, which the role %s does not have: ask %s", right, a.Role.Title(), holders(right))}
	}
	return nil
}

// NoTenant is the answer about a tenant that is not there, or that whoever asks must not know of.
func NoTenant(tenant directory.TenantID) error {
	return &directory.Error{Code: directory.NotFound, Message: fmt.Sprintf("there is no tenant %q", tenant)}
}

// holders names the roles that have a right.
func holders(right directory.Right) string {
	var names []string
	for _, role := range directory.Roles() {
		if Has(role, right) {
			names = append(names, role.Title())
		}
	}
	return "an operator with the role " + strings.Join(names, " or ")
}

// Rank orders roles: 0 is the mightiest. An unknown role is below all.
func Rank(role directory.Role) int {
	if i := slices.Index(directory.Roles(), role); i >= 0 {
		return i
	}
	return len(directory.Roles())
}

// ManageOperator says no to an operator who would change somebody mightier, or give away more than they have themselves:
// a role above their own, or tenants outside their scope. before is nil for a new operator.
func ManageOperator(by directory.Access, before, after *directory.Operator) *Refusal {
	for _, o := range []*directory.Operator{before, after} {
		if o == nil {
			continue
		}
		if o.Role == directory.RoleOwner && !Has(by.Role, directory.OperatorOwner) {
			return &Refusal{Code: directory.Forbidden, Rule: "O1", Field: "role", Message: "only an Owner may make, change or end an Owner"}
		}
		if Rank(o.Role) < Rank(by.Role) {
			return &Refusal{Code: directory.Forbidden, Rule: "O1", Field: "role", Message: fmt.Sprintf(
				"the role %s is above your own, %s: ask somebody who has it", o.Role.Title(), by.Role.Title())}
		}
	}
	var was directory.Scope
	if before != nil {
		was = before.Scope
	}
	if !gained(was, after.Scope).Within(by.Scope) {
		return &Refusal{Code: directory.Forbidden, Rule: "O2", Field: "scope", Message: "tenants outside your own scope cannot be given to somebody: ask an operator whose scope has them"}
	}
	return nil
}

// ShowLink says no to whoever would see a link that opens somebody else's account, where it can go to that person by mail.
func ShowLink(by directory.Access) *Refusal {
	if Has(by.Role, directory.OperatorOwner) {
		return nil
	}
	return &Refusal{Code: directory.Forbidden, Rule: "O9", Field: "show_link", Message: "the link goes to the person by mail; only an Owner may see it instead"}
}

// gained is what is in one scope and was not in the other.
func gained(was, is directory.Scope) directory.Scope {
	if was.All {
		return directory.Scope{}
	}
	out := directory.Scope{All: is.All}
	for _, t := range is.Tenants {
		if !was.Covers(t) {
			out.Tenants = append(out.Tenants, t)
		}
	}
	return out
}

// KeepOperators says no to whatever would leave the installation without an active Owner, or without an active operator
// who may bill, where there was one (O8). before and after are all operators.
func KeepOperators(before, after []directory.Operator) *Refusal {
	count := func(all []directory.Operator, right func(directory.Role) bool) int {
		n := 0
		for i := range all {
			if all[i].Status == directory.OperatorActive && right(all[i].Role) {
				n++
			}
		}
		return n
	}
	owner := func(r directory.Role) bool { return r == directory.RoleOwner }
	billing := func(r directory.Role) bool { return Has(r, directory.TenantBilling) }
	if count(before, owner) > 0 && count(after, owner) == 0 {
		return refuse("O8", "this would leave nobody with the role Owner: make somebody else an Owner first")
	}
	if count(before, billing) > 0 && count(after, billing) == 0 {
		return refuse("O8", "this would leave nobody who may change plans and seats: give somebody else such a role first")
	}
	return nil
}

// OperatorWarnings says what is thin though it is allowed: one Owner, or one operator with billing (O8).
func OperatorWarnings(all []directory.Operator) []string {
	owners, billing := 0, 0
	for i := range all {
		if all[i].Status != directory.OperatorActive {
			continue
		}
		if all[i].Role == directory.RoleOwner {
			owners++
		}
		if Has(all[i].Role, directory.TenantBilling) {
			billing++
		}
	}
	var out []string
	if owners == 1 {
		out = append(out, "there is only one Owner: if that account is lost, only the machine itself can help")
	}
	if billing == 1 {
		out = append(out, "there is only one operator who may change plans and seats")
	}
	return out
}

// NeedsFactor reports whether an operator must have a second factor (O6).
func NeedsFactor(o *directory.Operator, all directory.ProviderSettings) bool {
	return o.MFARequired || all.RequireMFA
}

// CheckRole refuses what is no role.
func CheckRole(role directory.Role) error {
	if slices.Contains(directory.Roles(), role) {
		return nil
	}
	var names []string
	for _, r := range directory.Roles() {
		names = append(names, string(r))
	}
	return &directory.Error{Code: directory.Invalid, Field: "role", Rule: "O3", Message: "role is one of " + strings.Join(names, ", ")}
}

// CheckEmail refuses what mail could not be sent to, and what would be something else in a header or on a screen.
func CheckEmail(field, address string) error {
	if err := CheckText(field, address, 3, 254); err != nil {
		return err
	}
	local, domain, ok := strings.Cut(address, "@")
	bad := !ok || local == "" || domain == "" || strings.ContainsAny(address, " \t,;:<>()[]\"\\") || strings.Contains(domain, "@") ||
		strings.HasPrefix(domain, ".") || strings.HasSuffix(domain, ".") || strings.Contains(address, "..")
	if bad {
		return &directory.Error{Code: directory.Invalid, Field: field, Message: field + " is no e-mail address such as ada@example.com"}
	}
	return nil
}

// AccessTable is the matrix of O1 as the manual prints it, in Markdown.
func AccessTable() string {
	var b strings.Builder
	b.WriteString("| right | about |")
	for _, role := range directory.Roles() {
		b.WriteString(" " + role.Title() + " |")
	}
	b.WriteString("\n|---|---|" + strings.Repeat("---|", len(directory.Roles())) + "\n")
	for _, right := range directory.Rights() {
		about := "the installation"
		if right.InTenant() {
			about = "a tenant in scope"
		}
		fmt.Fprintf(&b, "| `%s` | %s |", right, about)
		for _, role := range directory.Roles() {
			if Has(role, right) {
				b.WriteString(" yes |")
			} else {
				b.WriteString(" – |")
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

// Sees reports whether a list may show a tenant to p.
func Sees(p directory.Principal, tenant directory.TenantID) bool {
	return p.Actor.Kind == directory.BySystem || p.Access.Scope.Covers(tenant)
}
