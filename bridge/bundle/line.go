package bundle

import (
	"time"

	"drawbridge/directory"
)

// User is a line of users.
type User struct {
	ID         directory.ID           `json:"id"`
	Version    uint64                 `json:"version"`
	Created    time.Time              `json:"created"`
	Modified   time.Time              `json:"modified"`
	UserName   string                 `json:"user_name"`
	ExternalID string                 `json:"external_id,omitempty"`
	Emails     []string               `json:"emails,omitempty"`
	Type       directory.UserType     `json:"type"`
	State      directory.State        `json:"state"`
	Connection directory.ConnectionID `json:"connection,omitempty"`
	Statement  directory.Statement    `json:"statement,omitempty"`
	StatedAt   time.Time              `json:"stated_at,omitzero"`
	Suspension *directory.Suspension  `json:"suspension,omitempty"`
	AcceptedAt time.Time              `json:"accepted_at,omitzero"`
	Document   directory.Document     `json:"document"`
	Sent       directory.Document     `json:"sent,omitempty"` // what the connection sent, where it maps attributes
}

// UserLine writes a user as a line.
func UserLine(u *directory.User) User {
	return User{
		ID: u.ID, Version: u.Version, Created: u.Created, Modified: u.Modified, UserName: u.UserName, ExternalID: u.ExternalID, Emails: u.Emails,
		Type: u.Type, State: u.State, Connection: u.Connection, Statement: u.Statement, StatedAt: u.StatedAt, Suspension: u.Suspension,
		AcceptedAt: u.AcceptedAt, Document: u.Document, Sent: u.Sent,
	}
}

// User reads it back.
func (l *User) User() directory.User {
	return directory.User{
		ID: l.ID, Version: l.Version, Created: l.Created, Modified: l.Modified, UserName: l.UserName, ExternalID: l.ExternalID, Emails: l.Emails,
		Type: l.Type, State: l.State, Connection: l.Connection, Statement: l.Statement, StatedAt: l.StatedAt, Suspension: l.Suspension,
		AcceptedAt: l.AcceptedAt, Document: l.Document, Sent: l.Sent,
	}
}

// Group is a line of groups; its members are lines of memberships.
type Group struct {
	ID          directory.ID           `json:"id"`
	Version     uint64                 `json:"version"`
	Created     time.Time              `json:"created"`
	Modified    time.Time              `json:"modified"`
	DisplayName string                 `json:"display_name"`
	ExternalID  string                 `json:"external_id,omitempty"`
	Connection  directory.ConnectionID `json:"connection,omitempty"`
	BuiltIn     directory.BuiltIn      `json:"built_in,omitempty"`
	Document    directory.Document     `json:"document"`
}

// GroupLine writes a group as a line.
func GroupLine(g *directory.Group) Group {
	return Group{
		ID: g.ID, Version: g.Version, Created: g.Created, Modified: g.Modified, DisplayName: g.DisplayName, ExternalID: g.ExternalID,
		Connection: g.Connection, BuiltIn: g.BuiltIn, Document: g.Document,
	}
}

// Group reads it back.
func (l *Group) Group() directory.Group {
	return directory.Group{
		ID: l.ID, Version: l.Version, Created: l.Created, Modified: l.Modified, DisplayName: l.DisplayName, ExternalID: l.ExternalID,
		Connection: l.Connection, BuiltIn: l.BuiltIn, Document: l.Document,
	}
}

// Membership is a line of memberships.
type Membership struct {
	Group   directory.ID   `json:"group"`
	Member  directory.ID   `json:"member"`
	Kind    directory.Kind `json:"kind"`
	Display string         `json:"display,omitempty"`
	Source  directory.ID   `json:"source,omitzero"` // the identity provider's group that grants it
}

// Resource is a line of resources.
type Resource struct {
	ID         directory.ID           `json:"id"`
	Kind       directory.Kind         `json:"kind"`
	Version    uint64                 `json:"version"`
	Created    time.Time              `json:"created"`
	Modified   time.Time              `json:"modified"`
	ExternalID string                 `json:"external_id,omitempty"`
	Connection directory.ConnectionID `json:"connection,omitempty"`
	Document   directory.Document     `json:"document"`
}

// ResourceLine writes a custom resource as a line.
func ResourceLine(v *directory.Resource) Resource {
	return Resource{
		ID: v.ID, Kind: v.Kind, Version: v.Version, Created: v.Created, Modified: v.Modified, ExternalID: v.ExternalID, Connection: v.Connection, Document: v.Document,
	}
}

// Resource is the custom resource of the line.
func (l *Resource) Resource() directory.Resource {
	return directory.Resource{
		ID: l.ID, Kind: l.Kind, Version: l.Version, Created: l.Created, Modified: l.Modified, ExternalID: l.ExternalID, Connection: l.Connection, Document: l.Document,
	}
}

// KV is a line of state: seat intervals, snapshots, notices, removals that the brake holds.
type KV struct {
	Kind  directory.KVKind   `json:"kind"`
	Key   string             `json:"key"`
	Value directory.Document `json:"value"`
}
