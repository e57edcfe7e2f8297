package wire

import (
	"time"

	"drawbridge/directory"
)

// Feed is a part of a tenant's feed, for an application.
type Feed struct {
	Items  []directory.Event `json:"items" nullable:"false"`
	Next   string            `json:"next" doc:"Send this back as cursor. It is present even if there are no items." example:"acme.17.09f4c81d22ab"`
	Oldest uint64            `json:"oldest" doc:"The number of the oldest event that is kept."`
	Last   uint64            `json:"last" doc:"The number of the last event that there is."`
}

// Access answers whether a person may sign in now. Every field is always there.
type Access struct {
	Allowed  bool             `json:"allowed"`
	State    string           `json:"state" enum:"invited,awaiting_confirmation,active,suspended,recovery,unknown,ambiguous" doc:"unknown: no person has this address. ambiguous: several people have it, and not exactly one of them may sign in."`
	Reason   string           `json:"reason" doc:"A sentence for the log of the application."`
	UserID   string           `json:"user_id" doc:"Empty without a user."`
	UserName string           `json:"user_name"`
	Type     string           `json:"type" enum:"member,guest,"`
	Groups   []EffectiveGroup `json:"groups" nullable:"false" doc:"The groups that count now. None unless allowed."`
	At       time.Time        `json:"at" doc:"When this was so."`
}

// EffectiveGroup is a group that counts for a person now.
type EffectiveGroup struct {
	ID          string `json:"id"`
	DisplayName string `json:"display_name"`
	BuiltIn     string `json:"built_in" enum:"owners,administrators,team_members,security,provision_managers," doc:"Empty for a group of the identity provider."`
	Indirect    bool   `json:"indirect" doc:"By way of a nested group."`
}

// Person is a user as an application sees one.
type Person struct {
	ID          string           `json:"id"`
	Version     uint64           `json:"version"`
	Modified    time.Time        `json:"modified"`
	UserName    string           `json:"user_name"`
	DisplayName string           `json:"display_name"`
	ExternalID  string           `json:"external_id"`
	Emails      []string         `json:"emails" nullable:"false"`
	Type        string           `json:"type" enum:"member,guest"`
	State       string           `json:"state" enum:"invited,awaiting_confirmation,active,suspended,recovery"`
	Allowed     bool             `json:"allowed" doc:"May sign in now."`
	Groups      []EffectiveGroup `json:"groups" nullable:"false" doc:"The groups that count now. None unless allowed."`
}

// ActivityReport says who was active, for an application.
type ActivityReport struct {
	Items []Activity `json:"items" nullable:"false" maxItems:"1000"`
}

// Activity is one person who was active.
type Activity struct {
	UserID string     `json:"user_id,omitempty" maxLength:"36" doc:"The id of the user; or email."`
	Email  string     `json:"email,omitempty" maxLength:"320" doc:"Looked up as userName first, then among the e-mail addresses. Of several people who have it, the only one who may sign in is meant."`
	At     *time.Time `json:"at,omitempty" doc:"When. Missing: now. A time that is not yet is refused."`
}

// ActivityReceipt says what became of a report.
type ActivityReceipt struct {
	Recorded  int   `json:"recorded" doc:"People whose last day is a later one now."`
	Unchanged int   `json:"unchanged" doc:"Entries that said nothing new."`
	Unknown   []int `json:"unknown" nullable:"false" doc:"The positions of entries that name no person, or an address that several people have."`
}
