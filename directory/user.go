package directory

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// User is a person in a tenant, a SCIM User.
type User struct {
	ID       ID
	Version  uint64 // 1 for a new user, incremented by every write that changes something; the ETag
	Created  time.Time
	Modified time.Time

	UserName   string   // unique in the tenant without regard to case (RFC 7643 §4.1.1); stored as written
	ExternalID string   // the IdP's own name for the user; case-exact, need not be unique (L5)
	Emails     []string // the values of emails, as written, for the index
	Type       UserType
	State      State

	Connection ConnectionID // the connection that manages the user (L9); "": none
	Statement  Statement    // the last statement of the connection
	StatedAt   time.Time

	Suspension *Suspension // how and by whom, while State is Suspended
	AcceptedAt time.Time   // from when the seat is charged (B6); zero: not yet

	Unique []UniqueKey // the values in Document that no other user may have while this one is not Gone; the bridge maintains them

	// Document holds all SCIM attributes that a client may set, in the order of the client, with "schemas",
	// "userName" and "externalId", without "id", "meta", "groups", "active" and "password".
	Document Document

	// Sent is what the connection sent, where its mapping made Document of it (C13). nil: Document is what it sent.
	Sent Document
}

// Active is SCIM's active: false exactly when the user is suspended.
func (u *User) Active() bool { return u.State != Suspended }

// Gone reports whether the IdP deleted the user, whose record is kept in grace (D4). SCIM answers 404 for such a user, no list contains it,
// and its userName is free.
func (u *User) Gone() bool { return u.Statement == SaidDeleted && u.State == Suspended }

// DisplayName returns the name to display: the attribute displayName, or else name. It may be "".
func (u *User) DisplayName() string {
	if name, _ := u.Document.Value("displayName").(string); name != "" {
		return name
	}
	name, _ := u.Document.Value("name").(Attributes)
	if formatted := name.String("formatted"); formatted != "" {
		return formatted
	}
	return strings.TrimSpace(name.String("givenName") + " " + name.String("familyName"))
}

// UserType tells a member from a guest (B3, B4).
type UserType uint8

// The types of user.
const (
	TeamMember UserType = iota
	Guest
	UserTypes = 2 // how many there are
)

// String is "member" or "guest".
func (t UserType) String() string {
	if t == Guest {
		return "guest"
	}
	return "member"
}

// MarshalText writes String.
func (t UserType) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads what String wrote.
func (t *UserType) UnmarshalText(text []byte) error {
	switch string(text) {
	case "member":
		*t = TeamMember
	case "guest":
		*t = Guest
	default:
		return &Error{Code: Invalid, Field: "type", Message: "a user's type is member or guest"}
	}
	return nil
}

// State is where a user is in the lifecycle.
type State uint8

// The states of a user that has a record. A deleted one has a Tombstone instead.
const (
	Invited State = iota
	AwaitingConfirmation
	Active
	Suspended
	Recovery
	States = 5 // how many there are
)

// AllStates lists the states in the order of the lifecycle.
func AllStates() []State {
	return []State{Invited, AwaitingConfirmation, Active, Suspended, Recovery}
}

// String is the name of the state in APIs and documents.
func (s State) String() string {
	switch s {
	case Invited:
		return "invited"
	case AwaitingConfirmation:
		return "awaiting_confirmation"
	case Active:
		return "active"
	case Suspended:
		return "suspended"
	case Recovery:
		return "recovery"
	}
	return fmt.Sprintf("state(%d)", uint8(s))
}

// MarshalText writes String.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what String wrote.
func (s *State) UnmarshalText(text []byte) error {
	for _, known := range AllStates() {
		if known.String() == string(text) {
			*s = known
			return nil
		}
	}
	return &Error{Code: Invalid, Field: "state", Message: "unknown state: invited, awaiting_confirmation, active, suspended or recovery"}
}

// Statement is the last thing that a connection said about a user.
type Statement string

// The values of Statement.
const (
	SaidNothing  Statement = "none"     // never managed, or released
	SaidActive   Statement = "active"   // active:true, or a POST without active
	SaidInactive Statement = "inactive" // active:false
	SaidDeleted  Statement = "deleted"  // DELETE
)

// Removal is how a person deletes permanently. Force, which needs a Reason, overrules D2.
type Removal struct {
	Force  bool
	Reason string
}

// Suspension says who suspended a user and what may end it.
type Suspension struct {
	At     time.Time      `json:"at"`
	By     Actor          `json:"by"`
	Mode   SuspensionMode `json:"mode,omitempty"` // "": as the tenant says
	Reason string         `json:"reason,omitempty"`
}

// SuspensionMode says whether a manual suspension yields to the next sync or holds until it is released (L4).
type SuspensionMode string

// The values of SuspensionMode.
const (
	Yield SuspensionMode = "yield"
	Hold  SuspensionMode = "hold"
)

// Tombstone is what remains of a deleted user or group (D6): complete for tombstone_days, then only the id and the times.
type Tombstone struct {
	ID         ID           `json:"id"`
	Kind       Kind         `json:"kind"`
	Connection ConnectionID `json:"connection,omitempty"`
	ExternalID string       `json:"external_id,omitempty"`
	UserName   string       `json:"user_name,omitempty"` // folded
	Created    time.Time    `json:"created"`
	Deleted    time.Time    `json:"deleted"`
	By         Actor        `json:"by"`
}

// Clone is a copy that shares no memory with u.
func (u User) Clone() User {
	u.Emails = slices.Clone(u.Emails)
	u.Document = slices.Clone(u.Document)
	u.Sent = slices.Clone(u.Sent)
	u.Unique = slices.Clone(u.Unique)
	if u.Suspension != nil {
		s := *u.Suspension
		u.Suspension = &s
	}
	return u
}
