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
	Connection  string             `json:"connection,omitempty" doc:"Who manages the group. Missing: nobody."`
	BuiltIn     string             `json:"built_in,omitempty" enum:"owners,administrators,team_members,security,provision_managers" doc:"Missing for a group of the identity provider."`
	Members     int                `json:"members" doc:"How many."`
	Attributes  directory.Document `json:"attributes,omitempty" doc:"Only when one group is asked for."`
}

// Member is a member of a group.
type Member struct {
	ID      string `json:"id"`
	Type    string `json:"type" enum:"User,Group"`
	Display string `json:"display,omitempty"`
}
