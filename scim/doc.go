// Package scim owns the SCIM protocol as values: schemas compiled into a table of attributes, resources, their way to and
// from the directory, the errors of the protocol and the names of the leniencies that were applied.
//
// It does not do HTTP (package scim/server), parse filters (scim/filter) or apply PATCH requests (scim/patch). The definitions
// of User, Group and EnterpriseUser and the standard errors are those of github.com/elimity-com/scim; schema.go lists the
// additions.
package scim
