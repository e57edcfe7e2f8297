// Package patch reads PATCH requests (RFC 7644 §3.5.2) and applies them to resources. It owns what an operation means.
//
// Parse turns a message into steps, each with one resolved path and one checked value. It refuses what it does not understand before the
// resource is read. Apply applies the steps to a copy. The package accepts deviations from the RFC from all identity providers, and notes
// each by its name in a scim.Quirks.
//
// The members of a group are never part of a tree: operations on them become directory.MemberEdit steps, which a store applies without
// reading other members. The package does no HTTP and reads no store.
package patch
