package directory

import (
	"slices"
	"strings"
	"time"
)

// Group is a SCIM Group, or one of the built-in groups of a tenant (G1). Its members are Memberships.
type Group struct {
	ID       ID
	Version  uint64 // moves with the membership too
	Created  time.Time
	Modified time.Time

	DisplayName string       // unique among the groups that SCIM sees, without regard to case
	ExternalID  string       // the IdP's own name; case-exact
	Connection  ConnectionID // the connection that manages the group (L9); "": none
	BuiltIn     BuiltIn      // "" for a group of the IdP or a custom one
	Members     int          // number of memberships; the store maintains it, callers never set it
	Unique      []UniqueKey  // the values in Document that no other group may have; the bridge maintains them

	// Document holds the attributes that a client may set, with "schemas", "displayName" and "externalId", without
	// "id", "meta" and "members".
	Document Document
}

// BuiltIn names a protected group that every tenant has (G1).
type BuiltIn string

// The built-in groups. Team Members has no stored membership: every member is in it (G2).
const (
	Owners            BuiltIn = "owners"
	Administrators    BuiltIn = "administrators"
	TeamMembers       BuiltIn = "team_members"
	Security          BuiltIn = "security"
	ProvisionManagers BuiltIn = "provision_managers"
)

// BuiltIns lists the built-in groups.
func BuiltIns() []BuiltIn {
	return []BuiltIn{Owners, Administrators, TeamMembers, Security, ProvisionManagers}
}

// Protected reports whether a change of the members raises an alert (G6): Owners and Administrators.
func (b BuiltIn) Protected() bool { return b == Owners || b == Administrators }

// Title is the display name of a built-in group.
func (b BuiltIn) Title() string {
	switch b {
	case Owners:
		return "Owners"
	case Administrators:
		return "Administrators"
	case TeamMembers:
		return "Team Members"
	case Security:
		return "Security"
	case ProvisionManagers:
		return "Provision Managers"
	}
	return string(b)
}

// BuiltInNamed is the built-in group whose display name equals a name as a person reads it: case, width, spaces and invisible
// characters make no difference. It is "" for any other name.
func BuiltInNamed(displayName string) BuiltIn {
	read := asRead(displayName)
	for _, b := range BuiltIns() {
		if asRead(b.Title()) == read {
			return b
		}
	}
	return ""
}

func asRead(displayName string) string {
	return strings.Join(strings.Fields(UserNameKey(displayName)), " ")
}

// Membership says that a user or group is in a group. It is one record, found by group and by member (G5).
type Membership struct {
	Group  ID
	Member Member
	// Source is the IdP's group whose mapping grants this membership of a built-in group (G4); zero: granted directly. The same member may
	// be in a group from several sources, and leaves when the last one is removed.
	Source ID
}

// Member is one end of a Membership.
type Member struct {
	ID      ID
	Kind    Kind   // UserKind or GroupKind
	Display string // as the client wrote it, at most 256 bytes; "" if it did not
}

// GroupRef names a group to which a user belongs, for the read-only attribute groups (RFC 7643 §4.1.2).
type GroupRef struct {
	ID          ID
	DisplayName string
	Indirect    bool // through a nested group
}

// Kind tells resources apart.
type Kind string

// The kinds. A custom resource type has its own name as its kind.
const (
	UserKind  Kind = "User"
	GroupKind Kind = "Group"
)

// Resource is an instance of a resource type that a tenant has defined for itself.
type Resource struct {
	ID         ID
	Kind       Kind // the name of the resource type
	Version    uint64
	Created    time.Time
	Modified   time.Time
	ExternalID string
	Connection ConnectionID
	Unique     []UniqueKey // the values in Document that no other resource of this kind may have; the bridge maintains them
	Document   Document    // everything but "id" and "meta"
}

// Clone is a copy that shares no memory with g.
func (g Group) Clone() Group {
	g.Document = slices.Clone(g.Document)
	g.Unique = slices.Clone(g.Unique)
	return g
}

// Clone is a copy that shares no memory with r.
func (r Resource) Clone() Resource {
	r.Document = slices.Clone(r.Document)
	r.Unique = slices.Clone(r.Unique)
	return r
}
