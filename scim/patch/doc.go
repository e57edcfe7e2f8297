// Package patch reads PATCH requests (RFC 7644 §3.5.2) and applies them to resources.
//
// Parse turns a message into steps, each with one resolved path and one checked value. It refuses what it does not
// understand before the resource is read. Apply does the steps on a copy. The package accepts deviations of identity providers from
// the RFC from all of them alike, and notes each under its name in a scim.Quirks.
//
// The members of a group are never part of a tree: operations on them become directory.MemberEdit steps, which a store
// does without reading the members that are not named. The package does no HTTP and reads no store.
package patch
