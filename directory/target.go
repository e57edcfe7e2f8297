package directory

import "time"

// Target is an application that speaks SCIM, in which the users and groups of tenants are kept as they are here (C16). It belongs to the
// installation, with its credential sealed, and is attached to tenants (C11).
type Target struct {
	ID       ID        `json:"id"`
	Name     string    `json:"name"` // unique in the installation, and never changed
	Version  uint64    `json:"version"`
	Created  time.Time `json:"created"`
	Modified time.Time `json:"modified"`

	URL     string        `json:"url"` // the base URL: /Users and /Groups are below it
	Profile TargetProfile `json:"profile"`
	// TokenURL is where an access token is fetched with the client credentials ClientID and Secret; "": Secret is a bearer token.
	TokenURL string           `json:"token_url,omitempty"`
	ClientID string           `json:"client_id,omitempty"`
	Scope    string           `json:"scope,omitempty"` // of the access token
	Secret   SealedCredential `json:"secret"`

	People   TargetPeople  `json:"people"`
	NoGroups bool          `json:"no_groups,omitempty"` // only people are sent
	OnLeave  TargetLeave   `json:"on_leave"`
	Existing TargetPresent `json:"existing"`
	Mapping  []TargetRule  `json:"mapping,omitempty"` // at most one for each attribute; others are sent as they are

	Paused  bool `json:"paused,omitempty"`
	Resumes int  `json:"resumes,omitempty"` // how often it was resumed; failures before that do not count
	// ResumedBy is who resumed it last. The trails of its tenants get the line later.
	ResumedBy Actor `json:"resumed_by,omitzero"`

	Tenants map[TenantID]TargetShare `json:"tenants,omitempty"` // that it is attached to
	// All attaches it to every tenant, including future ones; nil: only to Tenants. What Tenants says of a tenant counts before it.
	All *TargetShare `json:"all,omitempty"`
}

// Share says what the target gets of a tenant. ok is false if it is not attached to it.
func (t *Target) Share(tenant TenantID) (share TargetShare, ok bool) {
	if share, ok = t.Tenants[tenant]; ok {
		return share, true
	}
	if t.All != nil && tenant != Provider {
		return *t.All, true
	}
	return share, false
}

// TargetShare says what a target gets of a tenant that it is attached to.
type TargetShare struct {
	Groups  []ID      `json:"groups,omitempty"` // only their members, and no other groups; none: everybody, and all groups
	At      time.Time `json:"at"`
	Version uint64    `json:"version"` // of the target when it was attached
	By      Actor     `json:"by,omitzero"`
}

// TargetProfile says what an application does differently from the RFCs.
type TargetProfile string

// The profiles.
const (
	GenericTarget   TargetProfile = "generic"
	AWSTarget       TargetProfile = "aws-identity-center" // it does not show the members of a group
	SlackTarget     TargetProfile = "slack"
	GitHubTarget    TargetProfile = "github" // an organization, which has no groups
	GitLabTarget    TargetProfile = "gitlab" // a group of GitLab, which has no groups
	AtlassianTarget TargetProfile = "atlassian"
	PutTarget       TargetProfile = "put" // it has no PATCH
)

// TargetProfiles lists the profiles.
func TargetProfiles() []TargetProfile {
	return []TargetProfile{GenericTarget, AWSTarget, SlackTarget, GitHubTarget, GitLabTarget, AtlassianTarget, PutTarget}
}

// Groups reports whether such an application has groups.
func (p TargetProfile) Groups() bool { return p != GitHubTarget && p != GitLabTarget }

// TargetRule says what is sent as an attribute of a user: the value of another one, a constant, or with neither nothing.
type TargetRule struct {
	Attribute string `json:"attribute"`
	Source    string `json:"source,omitempty"` // one of the attributes, or SourceEmail
	Constant  string `json:"constant,omitempty"`
}

// SourceEmail is the primary e-mail address as a source of a TargetRule.
const SourceEmail = "email"

// TargetTexts lists the attributes of a user that are sent to targets and are texts, by path.
func TargetTexts() []string {
	return []string{
		"userName", "displayName", "name.formatted", "name.familyName", "name.givenName", "name.middleName", "name.honorificPrefix", "name.honorificSuffix",
		"nickName", "profileUrl", "title", "userType", "preferredLanguage", "locale", "timezone",
		EnterpriseUser + ":employeeNumber", EnterpriseUser + ":costCenter", EnterpriseUser + ":organization", EnterpriseUser + ":division", EnterpriseUser + ":department",
	}
}

// TargetLists lists the attributes of a user that are sent to targets and have several values.
func TargetLists() []string { return []string{"emails", "phoneNumbers", "addresses"} }

// TargetPeople says which type of people a target gets.
type TargetPeople string

// The choices.
const (
	EveryoneSent TargetPeople = "all"
	MembersSent  TargetPeople = "members"
	GuestsSent   TargetPeople = "guests"
)

// TargetLeave says what happens in the application to people who were deleted here or left the scope of the target.
type TargetLeave string

// The choices.
const (
	LeaveDeactivate TargetLeave = "deactivate"
	LeaveDelete     TargetLeave = "delete"
)

// TargetPresent says what happens to people and groups that the application has already.
type TargetPresent string

// The choices.
const (
	AdoptPresent  TargetPresent = "adopt"
	RefusePresent TargetPresent = "refuse"
)

// TargetState is how far a target is with one tenant. It is stored in the tenant, as what was sent to the target.
type TargetState struct {
	Version  uint64 `json:"version"`
	Name     string `json:"name"`               // Target.Name
	Attached uint64 `json:"attached"`           // TargetShare.Version; the state of another attachment is removed
	Detached bool   `json:"detached,omitempty"` // it is being removed
	Resumes  int    `json:"resumes,omitempty"`  // Target.Resumes

	Synced   time.Time `json:"synced,omitzero"`    // when everything that was due had been sent
	Compared time.Time `json:"compared,omitzero"`  // when the application was read completely
	Compare  bool      `json:"compare,omitempty"`  // an operator wants that it is read completely
	Wanted   time.Time `json:"wanted,omitzero"`    // when an operator wanted a run
	Success  time.Time `json:"success,omitzero"`   // of the last request that changed something
	Users    int       `json:"users,omitempty"`    // people whom the application has, by the last run
	Groups   int       `json:"groups,omitempty"`   // groups
	Pending  int       `json:"pending,omitempty"`  // people and groups that differ, parked and held ones included
	Parked   int       `json:"parked,omitempty"`   // of these: not tried again before they change or an operator resumes the target
	Held     int       `json:"held,omitempty"`     // of these: removals that the brake holds (C8)
	Released int       `json:"released,omitempty"` // so many held removals an operator has released
	Removals Removals  `json:"removals,omitzero"`

	FailingSince time.Time `json:"failing_since,omitzero"` // since when the target as a whole fails; zero: it does not
	Attempts     int       `json:"attempts,omitempty"`
	Next         time.Time `json:"next,omitzero"` // when it is tried again
	Error        string    `json:"error,omitempty"`
	Quarantined  time.Time `json:"quarantined,omitzero"` // since when it is only probed

	// Since, Done and Failed count people and groups that were tried, for the decision about quarantine.
	Since  time.Time `json:"since,omitzero"`
	Done   int       `json:"done,omitempty"`
	Failed int       `json:"failed,omitempty"`
}

// TargetLink connects a user or group with the record of it in a target, and says what was last sent.
type TargetLink struct {
	Remote string   `json:"remote,omitempty"` // the id in the application; "": it has no record, or not any more
	Sent   Document `json:"sent,omitempty"`   // the attributes as they were last sent
	Left   bool     `json:"left,omitempty"`   // the person left, and is deactivated there
	Name   string   `json:"name,omitempty"`

	Resumes int       `json:"resumes,omitempty"` // Target.Resumes when it failed
	Tries   int       `json:"tries,omitempty"`   // failures in a row
	Next    time.Time `json:"next,omitzero"`     // when it is tried again
	Parked  time.Time `json:"parked,omitzero"`   // since when it is not tried again before it changes
	Error   string    `json:"error,omitempty"`
	Wanted  string    `json:"wanted,omitempty"` // a digest of what could not be sent
}

// LinkKey is the key of the TargetLink of a user or group.
func LinkKey(target ID, kind Kind, local ID) string {
	return target.String() + "/" + string(kind) + "/" + local.String()
}

// SentMemberKey is the key of a member that was sent to a group of a target; member is the id in the application.
func SentMemberKey(target, group ID, member string) string {
	return target.String() + "/" + group.String() + "/" + member
}
