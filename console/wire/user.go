package wire

import (
	"time"

	"drawbridge/directory"
)

// UserCreate asks for a user by hand.
type UserCreate struct {
	UserName    string `json:"user_name" minLength:"1" maxLength:"254" doc:"Usually the e-mail address." example:"ada@acme.example"`
	Email       string `json:"email,omitempty" maxLength:"254" doc:"Missing: user_name, if that is one."`
	GivenName   string `json:"given_name,omitempty" maxLength:"200"`
	FamilyName  string `json:"family_name,omitempty" maxLength:"200"`
	DisplayName string `json:"display_name,omitempty" maxLength:"400"`
	ExternalID  string `json:"external_id,omitempty" maxLength:"1024"`
	Type        string `json:"type,omitempty" enum:"member,guest" doc:"Missing: member."`
	Invite      bool   `json:"invite,omitempty" doc:"By invitation, however the tenant begins with people."`
}

// Why says why a user is in their state.
type Why struct {
	User       User              `json:"user"`
	Statements []Statement       `json:"statements" nullable:"false" doc:"What was said about the user, by whom and when."`
	Won        *directory.Audit  `json:"won,omitempty" doc:"The last line of the audit trail in which a rule decided about the user. Missing: none in the lines that were looked through."`
	Next       string            `json:"next" doc:"What the next sync will do."`
	Syncs      []SyncForecast    `json:"syncs" nullable:"false" doc:"What each write of the identity provider would do to the user now. It is what next is made of."`
	Attributes []MappedAttribute `json:"attributes" nullable:"false" doc:"Where the attributes came from that the mapping of the connection sets (rule C13)."`
	Looked     int               `json:"looked" doc:"How many lines of the audit trail were looked through for won, the latest ones."`
}

// SyncForecast is what the next writes of one connection would do to a user.
type SyncForecast struct {
	Connection string        `json:"connection"`
	Blocked    string        `json:"blocked,omitempty" doc:"Why the connection changes nothing now: its requests are refused, or it is in observe mode. Missing: it does."`
	Pulled     bool          `json:"pulled,omitempty" doc:"The server reads the directory of the identity provider. A run states active only after it has found the person inactive, and creates only a person who was deleted."`
	Outcomes   []SyncOutcome `json:"outcomes" nullable:"false" doc:"Empty while the connection is blocked."`
}

// SyncOutcome is what one kind of write would do.
type SyncOutcome struct {
	Write   string `json:"write" enum:"active,inactive,other,create,delete" doc:"active and inactive: a PATCH or PUT that states active. other: one that does not. create: a POST of the same user. delete: a DELETE."`
	Result  string `json:"result" enum:"changed,unchanged,created,revived,deleted,refused" doc:"created: another user with a new id. revived: another user, whom the connection had suspended or deleted, comes back."`
	State   string `json:"state,omitempty" enum:"invited,awaiting_confirmation,active,suspended,recovery" doc:"The state of the user afterwards. Missing: refused, or deleted for good."`
	Gone    bool   `json:"gone,omitempty" doc:"Deleted by the identity provider, kept in grace."`
	Rule    string `json:"rule,omitempty" doc:"The rule that refuses."`
	Message string `json:"message,omitempty" doc:"The message to the identity provider when it is refused."`
}

// Statement is one statement about a user.
type Statement struct {
	By   directory.Actor `json:"by"`
	What string          `json:"what" enum:"active,inactive,deleted,suspended,accepted,invited"`
	At   time.Time       `json:"at"`
	Text string          `json:"text"`
}

// ConvertRequest makes a guest a member or back.
type ConvertRequest struct {
	Type string `json:"type" enum:"member,guest"`
}

// Converted is a user after a conversion, and how long it lasts.
type Converted struct {
	User   User   `json:"user"`
	Notice string `json:"notice" doc:"Who may decide otherwise, and when."`
}

// User is a person in a tenant.
type User struct {
	ID          string                `json:"id"`
	Version     uint64                `json:"version"`
	Created     time.Time             `json:"created"`
	Modified    time.Time             `json:"modified"`
	UserName    string                `json:"user_name"`
	DisplayName string                `json:"display_name,omitempty"`
	ExternalID  string                `json:"external_id,omitempty"`
	Emails      []string              `json:"emails" nullable:"false"`
	Type        string                `json:"type" enum:"member,guest"`
	State       string                `json:"state" enum:"invited,awaiting_confirmation,active,suspended,recovery"`
	Active      bool                  `json:"active" doc:"As the identity provider reads it."`
	Gone        bool                  `json:"gone,omitempty" doc:"Deleted by the identity provider, kept in grace."`
	Connection  string                `json:"connection,omitempty" doc:"The connection that manages the user. Missing: none."`
	Statement   string                `json:"statement" doc:"The last thing that the connection said: active, inactive, deleted or none."`
	StatedAt    *time.Time            `json:"stated_at,omitempty"`
	Suspension  *directory.Suspension `json:"suspension,omitempty"`
	AcceptedAt  *time.Time            `json:"accepted_at,omitempty" doc:"From when the seat is charged."`
	Groups      []GroupRef            `json:"groups" nullable:"false"`
	Roles       []Role                `json:"roles,omitempty" doc:"The built-in groups that the user is in, beside Team Members. In lists, and when one user is asked for; not in the answers of actions (rule G4)."`
	Attributes  directory.Document    `json:"attributes,omitempty" doc:"The SCIM attributes that the client sent. Only when one user is asked for."`
}

// Role is a built-in group that a user is in.
type Role struct {
	Name    string         `json:"name" enum:"owners,administrators,security,provision_managers"`
	Sources []MemberSource `json:"sources" nullable:"false" doc:"Why the user is in it; more than one where several grants come together (rule G4)."`
}

// FoundUser is a person in one of many tenants.
type FoundUser struct {
	Tenant     string `json:"tenant"`
	TenantName string `json:"tenant_name"`
	User       User   `json:"user"`
}

// GroupRef names a group of a user.
type GroupRef struct {
	ID          string `json:"id"`
	DisplayName string `json:"display_name"`
	Indirect    bool   `json:"indirect,omitempty" doc:"By way of a nested group."`
	Namesake    string `json:"namesake,omitempty" enum:"owners,administrators,team_members,security,provision_managers" doc:"The built-in group of the same name, which this group is not (rule G4)."`
}

// UserUpdate changes the fields that it has, of a user whom no connection manages. An empty text removes the value.
type UserUpdate struct {
	UserName    *string `json:"user_name,omitempty" minLength:"1" maxLength:"254"`
	Email       *string `json:"email,omitempty" maxLength:"254"`
	GivenName   *string `json:"given_name,omitempty" maxLength:"200"`
	FamilyName  *string `json:"family_name,omitempty" maxLength:"200"`
	DisplayName *string `json:"display_name,omitempty" maxLength:"400"`
	ExternalID  *string `json:"external_id,omitempty" maxLength:"1024"`
}

// SuspendRequest says how a user is suspended.
type SuspendRequest struct {
	Mode   string `json:"mode,omitempty" enum:"yield,hold" doc:"yield: the next sync that says active:true reactivates. hold: it stays until released (rule L4). Missing: as the tenant says."`
	Reason string `json:"reason,omitempty" maxLength:"500"`
}

// Suspended is a user after a suspension, and what the next sync will do.
type Suspended struct {
	User   User   `json:"user"`
	Notice string `json:"notice" doc:"A sentence about what the next sync will do."`
}
