package scim

import "slices"

// Quirk names a leniency towards a client: a row of the table of quirks, or an unknown name that was ignored. Every
// applied quirk is counted, and listed in the audit line of the write and in the Drawbridge-Quirks header of the
// answer (C6).
type Quirk string

// Quirks collects the names of leniencies while a request is read. The zero value is ready; a nil one collects
// nothing.
type Quirks struct{ names []Quirk }

// Add notes a quirk, once.
func (q *Quirks) Add(name Quirk) {
	if q != nil && !slices.Contains(q.names, name) {
		q.names = append(q.names, name)
	}
}

// Names gives the noted names, in the order of their first occurrence.
func (q *Quirks) Names() []Quirk {
	if q == nil {
		return nil
	}
	return q.names
}

// Strings is Names for audit lines and headers.
func (q *Quirks) Strings() []string {
	if q == nil || len(q.names) == 0 {
		return nil
	}
	out := make([]string, len(q.names))
	for i, name := range q.names {
		out[i] = string(name)
	}
	return out
}

// The quirks that reading a request may apply. The number is the row in docs/quirks.md.
const (
	QuirkOpCase           Quirk = "op.case"                   // 1: Add, Replace, Remove
	QuirkStringBoolean    Quirk = "boolean.string"            // 2: "False" for false
	QuirkPathKeys         Quirk = "value.path_keys"           // 4: keys that are paths, in a body or in a value without a path
	QuirkUntypedElement   Quirk = "element.untyped"           // 7: an element without a type is selected by type
	QuirkReadOnlyInValue  Quirk = "value.read_only"           // 5: id in the value of a path-less replace
	QuirkElementCreated   Quirk = "path.element_created"      // 7: a filter path without a match creates the element
	QuirkRemoveByValue    Quirk = "remove.value"              // 8: remove with a list of values
	QuirkRemoveAll        Quirk = "remove.all_members"        // 9: remove members without filter or value
	QuirkRefNull          Quirk = "ref.null"                  // 13: $ref null in a member or manager
	QuirkMemberRef        Quirk = "members.ref"               // 13: a member that has a $ref and no value
	QuirkMemberString     Quirk = "members.string"            // 13: a member as a bare string
	QuirkMemberType       Quirk = "members.type"              // 13: a type of member that is neither User nor Group
	QuirkUnknownMember    Quirk = "members.unknown_ignored"   // 15: an unknown member; package bridge notes it
	QuirkValueBare        Quirk = "value.bare"                // 16: a bare value for a complex attribute
	QuirkValueWrapped     Quirk = "value.wrapped"             // 17: an object around a simple value
	QuirkManagerID        Quirk = "manager.id"                // 16: managerId for manager.value
	QuirkArrayUnwrapped   Quirk = "array.unwrapped"           // 17: a one-element array for a single value
	QuirkJSONText         Quirk = "json.text"                 // 18: JSON as text
	QuirkDisplayName      Quirk = "display.name"              // 18: displayName for the sub-attribute display
	QuirkArrayWrapped     Quirk = "array.wrapped"             // 19: a single value for an array
	QuirkPrimary          Quirk = "primary.several"           // 20: more than one primary
	QuirkDuplicate        Quirk = "values.duplicate"          // 20: the same type and value twice
	QuirkSchemaAlias      Quirk = "schemas.alias"             // 21: a legacy URN mapped to the standard one
	QuirkSchemaUnknown    Quirk = "schemas.unknown"           // 21: an unknown URN ignored
	QuirkSchemaMissing    Quirk = "schemas.missing"           // 21: no schemas at all
	QuirkExtensionMissing Quirk = "schemas.missing_extension" // 22: extension data without its URN in schemas
	QuirkNameCase         Quirk = "name.case"                 // 23: a name in another case than its schema writes it
	QuirkOperatorCase     Quirk = "operator.case"             // 24: Eq, Co
	QuirkUnquoted         Quirk = "filter.unquoted"           // 25: a filter value without quotes
	QuirkQuotedBoolean    Quirk = "filter.quoted_boolean"     // 25: "True" in a filter
	QuirkValuePathFilter  Quirk = "filter.value_path"         // 27: emails[…].value eq "x"
	QuirkBareExtension    Quirk = "extension.bare"            // 27: an attribute of an extension without its URN
	QuirkReadOnly         Quirk = "read_only.ignored"         // 37: id, meta, groups in a body
	QuirkPassword         Quirk = "password.discarded"        // 40: a password, or another secret
	QuirkUnknownAttribute Quirk = "attribute.unknown"         // 41: an attribute that no schema has
	QuirkUnknownPath      Quirk = "path.unknown"              // 41: a PATCH path that names nothing
	QuirkMemberOperation  Quirk = "members.operation"         // 53: members[].operation of SCIM 1.1
	QuirkUserNameForm     Quirk = "username.form"             // 29: a userName that is not in its prepared form, but for its case
	QuirkSharedExternalID Quirk = "external_id.shared"        // an externalId that another live user has; package bridge notes it
	QuirkUserNameEmail    Quirk = "username.from_email"       // no userName, but an e-mail address (Rippling)
	QuirkEmptyString      Quirk = "value.empty"               // "" where a number, dateTime or binary belongs (Okta)
	QuirkStringNumber     Quirk = "number.string"             // "5" for 5
	QuirkNumberForString  Quirk = "string.number"             // 5 for "5"
	QuirkNoEffect         Quirk = "operation.no_effect"       // an operation that cannot change anything
	QuirkBothProjections  Quirk = "projection.both"           // attributes and excludedAttributes together
)
