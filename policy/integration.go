package policy

import (
	"slices"

	"drawbridge/directory"
)

// seesIntegration reports whether an integration of the installation exists for p: it serves a tenant in the scope (C11). serves is the
// tenants that it serves.
func seesIntegration(p directory.Principal, serves directory.Scope) bool {
	if p.Actor.Kind == directory.BySystem || p.Access.Scope.All {
		return true
	}
	if serves.All {
		return len(p.Access.Scope.Tenants) > 0
	}
	return slices.ContainsFunc(serves.Tenants, p.Access.Scope.Covers)
}

// manageIntegration refuses to change an integration that serves a tenant outside the scope of p (O10). what says what it does, such as
// "webhook portal gets events".
func manageIntegration(p directory.Principal, serves directory.Scope, what string) error {
	if p.Actor.Kind == directory.BySystem || serves.Within(p.Access.Scope) {
		return nil
	}
	return &directory.Error{Code: directory.Forbidden, Rule: "O10", Message: what + " of companies outside your scope: an operator who has all of them can change it"}
}
