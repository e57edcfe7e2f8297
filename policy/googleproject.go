package policy

import (
	"maps"
	"slices"

	"drawbridge/directory"
)

const (
	// MaxProjects is how many Google projects there are at most.
	MaxProjects = 200
	// MaxProjectTenants is how many tenants a Google project is attached to at most.
	MaxProjectTenants = 1000
)

// ProjectScope is the scope that an operator needs to manage a Google project.
func ProjectScope(g *directory.GoogleProject) directory.Scope {
	return directory.Scope{Tenants: slices.Sorted(maps.Keys(g.Tenants))}
}

// SeesProject reports whether a Google project exists for p: it is attached to a tenant in the scope.
func SeesProject(p directory.Principal, g *directory.GoogleProject) bool {
	return seesIntegration(p, ProjectScope(g))
}

// ManageProject refuses to change a Google project that is attached to a tenant outside the scope of p (O10).
func ManageProject(p directory.Principal, g *directory.GoogleProject) error {
	return manageIntegration(p, ProjectScope(g), "Google project "+g.Name+" reads directories")
}
