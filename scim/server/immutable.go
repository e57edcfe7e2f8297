package server

import (
	"slices"

	"drawbridge/scim"
)

// hasImmutable reports whether t has attributes that can be set once (RFC 7643 §2.2), so that a PUT must be compared with
// what is there. The standard types have none, and their PUTs need not read the stored document.
func hasImmutable(t *scim.ResourceType) bool {
	if immutable(t.Core.Attributes) {
		return true
	}
	return slices.ContainsFunc(t.Extensions, func(e scim.Extension) bool { return immutable(e.Schema.Attributes) })
}

// immutable leaves elements of lists out: replacing one by another is not changing it.
func immutable(list []*scim.Attribute) bool {
	return slices.ContainsFunc(list, func(a *scim.Attribute) bool {
		return a.Mutability == scim.Immutable || !a.MultiValued && immutable(a.Sub)
	})
}
