package wire

import "drawbridge/directory"

// Types of package directory under the names that users of this package know them by.
type (
	// GroupMapping grants a built-in group, or the guest type, to the members of one of the identity provider's groups.
	GroupMapping = directory.GroupMapping
	// BuiltIn names a built-in group.
	BuiltIn = directory.BuiltIn
	// Overrides are the settings that a tenant has of its own.
	Overrides = directory.Overrides
	// Document is a JSON object as bytes.
	Document = directory.Document
	// Event is one change as an application sees it.
	Event = directory.Event
	// AuditLine is one line of the audit trail.
	AuditLine = directory.Audit
)

// BuiltIns lists the names of the built-in groups.
func BuiltIns() []BuiltIn { return directory.BuiltIns() }
