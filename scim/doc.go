// Package scim holds the SCIM protocol as values: schemas compiled into a table of attributes, resources, their way to and
// from the directory, the errors of the protocol and the names of the leniencies that were applied.
//
// It does no HTTP (package scim/server), parses no filter (scim/filter) and applies no PATCH (scim/patch). The definitions
// of User, Group and EnterpriseUser and the standard errors are those of github.com/elimity-com/scim; schema.go lists the
// additions.
package scim
