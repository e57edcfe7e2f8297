package policy

import (
	"fmt"
	"slices"
	"strings"

	"drawbridge/directory"
)

// Rank orders roles: 0 is the highest. An unknown role is below all.
func Rank(role directory.Role) int {
	if i := slices.Index(directory.Roles(), role); i >= 0 {
		return i
	}
	return len(directory.Roles())
}

// ManageOperator refuses to manage an operator whose role or scope exceeds that of the caller, and to give an operator more than the caller
// has (O10). before is nil for a new operator; after is the operator after the change, equal to before if nothing changes. The caller may
// be that operator, who then may not remove a requirement from themselves.
func ManageOperator(by directory.Principal, before, after *directory.Operator) *Refusal {
	if !Has(by.Access.Role, directory.OperatorManage) {
		return &Refusal{Code: directory.Forbidden, Rule: "O1", Message: fmt.Sprintf(
			"this needs the right %s, which the role %s does not have: ask %s", directory.OperatorManage, by.Access.Role.Title(), holders(directory.OperatorManage))}
	}
	if before != nil {
		if no := exceeds(by.Access, before); no != "" {
			return o10("", fmt.Sprintf("the operator %s: ask an operator who has at least the same role and scope", no))
		}
	}
	if Rank(after.Role) < Rank(by.Access.Role) {
		return o10("role", fmt.Sprintf("the role %s is above your own, %s: ask an operator who has it", after.Role.Title(), by.Access.Role.Title()))
	}
	if !after.Scope.Within(by.Access.Scope) {
		return o10("scope", "you cannot give access to tenants outside your own scope: ask an operator whose scope has them")
	}
	if before != nil && isSelf(by, before) && before.MFARequired && !after.MFARequired {
		return o10("mfa_required", "you cannot lift the requirement of a second factor from yourself: ask another operator")
	}
	return nil
}

// exceeds says which right or tenants an operator has that by does not have, "" if there are none. It does not name tenants.
func exceeds(by directory.Access, o *directory.Operator) string {
	if Rank(o.Role) < Rank(by.Role) {
		return fmt.Sprintf("has the role %s, which is above your own, %s", o.Role.Title(), by.Role.Title())
	}
	if !o.Scope.Within(by.Scope) {
		return "has a scope that reaches beyond your own"
	}
	return ""
}

// Covers reports whether role and scope allow a caller with the access by to manage an operator (O10).
func Covers(by directory.Access, o *directory.Operator) bool { return exceeds(by, o) == "" }

func o10(field, message string) *Refusal {
	return &Refusal{Code: directory.Forbidden, Rule: "O10", Field: field, Message: message}
}

// isSelf reports whether the caller is the operator.
func isSelf(by directory.Principal, o *directory.Operator) bool {
	return by.Actor.Kind == directory.ByOperator && by.Actor.ID == o.ID.String()
}

// DeleteOperator refuses to end the caller's own account (O7).
func DeleteOperator(by directory.Principal, o *directory.Operator) *Refusal {
	if !isSelf(by, o) {
		return nil
	}
	return refuse("O7", "you cannot end your own account: ask another operator")
}

// ResetFactor refuses a link that removes the caller's own second factor, because that requires a code (O10).
func ResetFactor(by directory.Principal, o *directory.Operator) *Refusal {
	if !isSelf(by, o) {
		return nil
	}
	return o10("kind", "you cannot reset your own second factor by a link: remove it with a code or a recovery code, or ask another operator")
}

// RequireOfAll refuses a caller whose scope is not every tenant to change what is required of every operator (O10).
func RequireOfAll(by directory.Access) *Refusal {
	if by.Scope.All {
		return nil
	}
	return o10("require_mfa", "this concerns every operator, so that it needs a scope of all tenants: ask an operator who has it")
}

// SeesOperator reports whether an operator exists for the caller (O10). An operator with tenants that are all outside the caller's scope
// does not, like these tenants themselves (O2).
func SeesOperator(by directory.Principal, o *directory.Operator) bool {
	if by.Actor.Kind == directory.BySystem || by.Access.Scope.All || o.Scope.All || len(o.Scope.Tenants) == 0 || isSelf(by, o) {
		return true
	}
	return slices.ContainsFunc(o.Scope.Tenants, by.Access.Scope.Covers)
}

// SeenTenants gives the tenants of a list that the caller may know of, and whether there are others.
func SeenTenants(by directory.Principal, all []directory.TenantID) (seen []directory.TenantID, more bool) {
	for _, t := range all {
		if Sees(by, t) {
			seen = append(seen, t)
		}
	}
	return seen, len(seen) < len(all)
}

// ShowLink refuses to show a link that opens another person's account to a caller who is not an Owner, if the link can go to that person by mail.
func ShowLink(by directory.Access) *Refusal {
	if Has(by.Role, directory.OperatorOwner) {
		return nil
	}
	return &Refusal{Code: directory.Forbidden, Rule: "O9", Field: "show_link", Message: "the link goes to the person by mail; only an Owner may see it instead"}
}

// KeepOperators refuses a change that leaves the installation without an active Owner, or without an active operator
// who may bill, if there was one before (O8). before and after are all operators.
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
		return refuse("O8", "this would leave no active operator with the role Owner: make another person an Owner first")
	}
	if count(before, billing) > 0 && count(after, billing) == 0 {
		return refuse("O8", "this would leave no active operator who may change plans and seats: give another operator such a role first")
	}
	return nil
}

// OperatorWarnings warns of allowed, but risky states: one Owner, or one operator with billing (O8).
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

// CheckRole refuses an unknown role.
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
