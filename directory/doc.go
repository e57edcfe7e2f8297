// Package directory holds the nouns of Drawbridge: tenants, connections, users, groups, seats, queries, and the change,
// audit line and event that every write consists of. It owns their meaning and their shape in memory.
//
// It does not decide (package policy), store (package store), speak SCIM (package scim) or read the clock: the caller passes
// the time in. It imports no other package of this module and does no input or output.
package directory
