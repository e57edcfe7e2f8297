package directory

import (
	"slices"
	"strings"
)

// AttributeMapping says how the users of a connection get attributes from what its identity provider sends (C13). A user of a connection
// with one has two documents: Sent, which the identity provider wrote and reads, and Document, which all others see.
type AttributeMapping struct {
	Attributes     []AttributeRule `json:"attributes,omitempty"` // at most one for each target
	Roles          []RoleRule      `json:"roles,omitempty"`
	OutsideDomains OutsideDomains  `json:"outside_domains,omitempty"`
}

// AttributeRule says how an attribute is set: from another attribute, or to a constant.
type AttributeRule struct {
	Target   MappingTarget `json:"target"`
	Source   string        `json:"source,omitempty"`   // the path of an attribute, such as name.familyName; "": Constant
	Constant string        `json:"constant,omitempty"` // the value for all users
	Default  string        `json:"default,omitempty"`  // for users without a value at Source
}

// RoleRule grants a built-in group to the users whom the identity provider gives a role or an entitlement (G4). The membership has the id
// of the user as its Source.
type RoleRule struct {
	Source RoleSource `json:"source"`
	Value  string     `json:"value"` // in any case
	Grants BuiltIn    `json:"grants"`
}

// RoleSource is an attribute of several values that says what a user may do (RFC 7643 §4.1.2).
type RoleSource string

// The values of RoleSource.
const (
	FromRoles        RoleSource = "roles"
	FromEntitlements RoleSource = "entitlements"
)

// ByAttribute reports whether a role or an entitlement of the user grants a membership, and not a group or a person (G4, C13).
func (m *Membership) ByAttribute() bool { return !m.Source.IsZero() && m.Source == m.Member.ID }

// MappingTarget is an attribute that a mapping may set.
type MappingTarget string

// The values of MappingTarget.
const (
	TargetUserName   MappingTarget = "userName"
	TargetEmail      MappingTarget = "email" // the address of type work
	TargetUserType   MappingTarget = "userType"
	TargetDepartment MappingTarget = "department" // of the enterprise extension
)

// MappingTargets lists the targets.
func MappingTargets() []MappingTarget {
	return []MappingTarget{TargetUserName, TargetEmail, TargetUserType, TargetDepartment}
}

// OutsideDomains says what happens to a user without an address in the domains of the tenant.
type OutsideDomains string

// OutsideRefuse refuses such a user. With "" the settings of the tenant make the user a guest (B4).
const OutsideRefuse OutsideDomains = "refuse"

// EnterpriseUser is the URN of the enterprise extension of User (RFC 7643 §4.3).
const EnterpriseUser = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

// Clone is a copy that shares no memory with m.
func (m *AttributeMapping) Clone() *AttributeMapping {
	if m == nil {
		return nil
	}
	out := *m
	out.Attributes, out.Roles = slices.Clone(m.Attributes), slices.Clone(m.Roles)
	return &out
}

// Equal reports whether two mappings are the same.
func (m *AttributeMapping) Equal(other *AttributeMapping) bool {
	if m == nil || other == nil {
		return m == other
	}
	return m.OutsideDomains == other.OutsideDomains && slices.Equal(m.Attributes, other.Attributes) && slices.Equal(m.Roles, other.Roles)
}

// Empty reports whether the mapping says nothing.
func (m *AttributeMapping) Empty() bool {
	return m == nil || len(m.Attributes)+len(m.Roles) == 0 && m.OutsideDomains == ""
}

// RoleRules are the rules for roles; none without a mapping.
func (m *AttributeMapping) RoleRules() []RoleRule {
	if m == nil {
		return nil
	}
	return m.Roles
}

// Sets reports whether the mapping sets a target.
func (m *AttributeMapping) Sets(target MappingTarget) bool {
	return m != nil && slices.ContainsFunc(m.Attributes, func(r AttributeRule) bool { return r.Target == target })
}

// AsSent is the user as the identity provider of its connection wrote and reads it (C13). It shares memory with u.
func (u User) AsSent() User {
	if u.Sent == nil {
		return u
	}
	u.Document, u.Sent = u.Sent, nil
	if name, ok := u.Document.Value("userName").(string); ok {
		u.UserName = name
	}
	u.Emails = EmailsOf(u.Document.Value("emails"))
	return u
}

// EmailsOf gives the addresses in a value of emails.
func EmailsOf(value any) []string {
	var out []string
	elements, _ := value.([]any)
	for _, element := range elements {
		if a, ok := element.(Attributes); ok {
			if address := a.String("value"); address != "" {
				out = append(out, address)
			}
		}
	}
	return out
}

// The schemas under which a filter finds what a connection sent. The slug of the connection follows, then the URN of an extension. Under
// sentSchema only users with Sent of this connection have attributes; under seenSchema all have those that the connection sees.
const (
	sentSchema = OwnSchema + ":sent:"
	seenSchema = OwnSchema + ":seen:"
)

// SentUserName is the path of the userName that a connection sent, for its users with Sent. It has an index.
func SentUserName(connection ConnectionID) Path {
	return Path{Schema: sentSchema + string(connection), Name: "userName"}
}

// Seen is the path of an attribute as a connection sees it.
func (p Path) Seen(connection ConnectionID) Path {
	schema := seenSchema + string(connection)
	if p.Schema != "" {
		schema += ":" + p.Schema
	}
	p.Schema = schema
	return p
}

// isUserName reports whether a path is userName, also as a connection sent it.
func (p Path) isUserName() bool {
	return p.Name == "userName" && p.Sub == "" && (p.Schema == "" || strings.HasPrefix(p.Schema, OwnSchema+":"))
}

// SentKey is the unique key of the userName that a connection sent: what an identity provider reads is unique, too. ok is false for
// another path.
func SentKey(p Path, value any) (key UniqueKey, ok bool) {
	name, text := value.(string)
	if !text || p.Name != "userName" || p.Sub != "" || !strings.HasPrefix(p.Schema, sentSchema) {
		return "", false
	}
	return UniqueKey(string(UserKind) + " " + p.String() + "=" + UserNameKey(name)), true
}

// SentKeys are the unique keys of a user by what its connection sent.
func SentKeys(u *User) []UniqueKey {
	if u.Sent == nil || u.Connection == "" {
		return nil
	}
	key, ok := SentKey(SentUserName(u.Connection), u.Sent.Value("userName"))
	if !ok {
		return nil
	}
	return []UniqueKey{key}
}

// sent answers a path of sentSchema or seenSchema. ok is false for another schema.
func (r UserRecord) sent(schema, name string) (value any, ok bool) {
	only := true
	rest, is := strings.CutPrefix(schema, sentSchema)
	if !is {
		only = false
		if rest, is = strings.CutPrefix(schema, seenSchema); !is {
			return nil, false
		}
	}
	connection, urn, _ := strings.Cut(rest, ":")
	ours := r.User.Sent != nil && r.User.Connection == ConnectionID(connection)
	if !ours {
		if only {
			return nil, true
		}
		return r.Attribute(urn, name), true
	}
	u := r.User.AsSent()
	return UserRecord{User: &u, Groups: r.Groups}.Attribute(urn, name), true
}
