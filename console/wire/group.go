package wire

import (
	"time"

	"drawbridge/directory"
)

// Group is a group of a tenant.
type Group struct {
	ID          string             `json:"id"`
	Version     uint64             `json:"version"`
	Created     time.Time          `json:"created"`
	Modified    time.Time          `json:"modified"`
	DisplayName string             `json:"display_name"`
	ExternalID  string             `json:"external_id,omitempty"`
	Connection  string             `json:"connection,omitempty" doc:"The connection that manages the group. Missing: none."`
	BuiltIn     string             `json:"built_in,omitempty" enum:"owners,administrators,team_members,security,provision_managers" doc:"Missing for a group of the identity provider."`
	Namesake    string             `json:"namesake,omitempty" enum:"owners,administrators,team_members,security,provision_managers" doc:"The built-in group of the same name, which this group is not. Its members have the rights of that group only if a mapping of the connection gives them (rule G4)."`
	Members     int                `json:"members" doc:"How many."`
	Attributes  directory.Document `json:"attributes,omitempty" doc:"Only when one group is asked for."`
}

// GroupCreate asks for a group that no connection manages.
type GroupCreate struct {
	DisplayName string `json:"display_name" minLength:"1" maxLength:"1024"`
	ExternalID  string `json:"external_id,omitempty" maxLength:"1024"`
}

// GroupUpdate changes what it names.
type GroupUpdate struct {
	DisplayName *string `json:"display_name,omitempty" minLength:"1" maxLength:"1024"`
	ExternalID  *string `json:"external_id,omitempty" maxLength:"1024"`
}

// Member is a member of a group.
type Member struct {
	ID       string         `json:"id"`
	Type     string         `json:"type" enum:"User,Group"`
	Display  string         `json:"display,omitempty" doc:"The name that people read."`
	UserName string         `json:"user_name,omitempty" doc:"Of a user."`
	State    string         `json:"state,omitempty" doc:"Of a user."`
	Sources  []MemberSource `json:"sources" nullable:"false" doc:"Why the member is in the group; more than one where several grants come together (rule G4)."`
}

// MemberSource is why a user is in a group.
type MemberSource struct {
	Kind        string `json:"kind" enum:"direct,mapping,attribute" doc:"direct: put into the group itself, by hand or by the identity provider that manages the group. mapping: a group of an identity provider grants it. attribute: a role or an entitlement of the user grants it (rule C13)."`
	Group       string `json:"group,omitempty" doc:"The id of the group that grants it."`
	DisplayName string `json:"display_name,omitempty" doc:"Of the group that grants it."`
	Connection  string `json:"connection,omitempty" doc:"The connection that manages the group that grants it, or the user."`
}
