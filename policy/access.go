package policy

import (
	"fmt"
	"slices"
	"strings"

	"drawbridge/directory"
)

// roleRights is the table of O1, the only place that says which role has which rights. A right that is not in it is denied.
func roleRights(role directory.Role) []directory.Right {
	read := []directory.Right{
		directory.Self, directory.ServerRead, directory.TenantRead, directory.ConnectionRead, directory.UserRead, directory.GroupRead, directory.TargetRead, directory.ProjectRead,
	}
	helpDesk := []directory.Right{directory.TenantEnter, directory.UserSuspend, directory.UserRequestDeletion}
	record := []directory.Right{directory.TenantRecord}
	technician := []directory.Right{
		directory.TenantAlert, directory.ConnectionManage, directory.CredentialManage, directory.UserManage, directory.GroupManage,
		directory.TenantCreate,
	}
	admin := []directory.Right{
		directory.ProviderRecord, directory.OperatorRead, directory.OperatorManage, directory.TenantUpdate,
		directory.WebhookRead, directory.WebhookManage, directory.TargetManage, directory.ProjectManage,
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

// Allow refuses a caller who lacks a right (O1, O2). The order matters: the scope is checked before the role. A caller without
// the tenant in scope gets NotFound, as for a tenant that does not exist. Otherwise Forbidden names the right.
func Allow(a directory.Access, right directory.Right, tenant directory.TenantID) error {
	if right.InTenant() && !a.Scope.Covers(tenant) {
		return NoTenant(tenant)
	}
	return AllowList(a, right)
}

// AllowList is Allow for lists, which show only what is in the scope.
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

// NoTenant is the answer about a tenant that does not exist, or that the caller must not know of.
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

// CheckEmail refuses texts that are not an e-mail address, or that would have another meaning in a header or on a screen.
func CheckEmail(field, address string) error {
	if err := CheckText(field, address, 3, 254); err != nil {
		return err
	}
	local, domain, ok := strings.Cut(address, "@")
	bad := !ok || local == "" || domain == "" || strings.ContainsAny(address, " \t,;:<>()[]\"\\") || strings.Contains(domain, "@") ||
		strings.HasPrefix(domain, ".") || strings.HasSuffix(domain, ".") || strings.Contains(address, "..")
	if bad {
		return &directory.Error{Code: directory.Invalid, Field: field, Message: field + " is not an e-mail address such as ada@example.com"}
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
