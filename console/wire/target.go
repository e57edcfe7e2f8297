package wire

import "time"

// Target is an application that the people and groups of tenants are sent to by SCIM, without its credential.
type Target struct {
	Name     string    `json:"name"`
	ID       string    `json:"id"`
	Version  uint64    `json:"version" doc:"The ETag."`
	Created  time.Time `json:"created"`
	Modified time.Time `json:"modified"`

	URL      string   `json:"url" doc:"The base URL. Only scheme and host for an operator who may not change it."`
	Profile  string   `json:"profile" enum:"generic,aws-identity-center,slack,github,gitlab,atlassian,put" doc:"What the application does differently."`
	TokenURL string   `json:"token_url,omitempty" doc:"Where an access token is fetched with client credentials. Missing: the credential is a bearer token."`
	ClientID string   `json:"client_id,omitempty"`
	Scope    string   `json:"scope,omitempty"`
	People   string   `json:"people" enum:"all,members,guests" doc:"Whom it gets."`
	NoGroups bool     `json:"no_groups" doc:"It gets people and no groups."`
	OnLeave  string   `json:"on_leave" enum:"deactivate,delete" doc:"What happens there to people who are deleted here or leave the scope."`
	Existing string   `json:"existing" enum:"adopt,refuse" doc:"What happens to a record with the same name that it has already."`
	Tenants  []string `json:"tenants" nullable:"false" doc:"The tenants of your scope that it is attached to (rule C11)."`
	All      bool     `json:"all" doc:"It is attached to all tenants, future ones too."`

	TenantNames []string `json:"tenant_names" nullable:"false" doc:"Their names, in the same order."`

	Mapping []TargetRule `json:"mapping" nullable:"false" doc:"What is sent otherwise than it is here. Other attributes are sent as they are."`

	SecretCreated time.Time `json:"secret_created" doc:"When the credential was given."`

	Status     string     `json:"status" enum:"waiting,active,failing,quarantined,paused" doc:"The worst of its tenants. waiting: it has not run yet, or has no tenant. failing: the last run failed as a whole, and is tried again. quarantined: it fails for everybody and is only probed every hour."`
	Reason     string     `json:"reason,omitempty" doc:"Why it is failing or quarantined."`
	Users      int        `json:"users" doc:"People whom it has, by the last runs."`
	GroupCount int        `json:"group_count" doc:"Groups that it has, by the last runs."`
	Pending    int        `json:"pending" doc:"People and groups that differ, parked and held ones included."`
	Parked     int        `json:"parked" doc:"Of these: it refused them, and they are not tried again before they change, or an operator resumes the target."`
	Held       int        `json:"held" doc:"Removals that the brake holds (rule C8)."`
	Synced     *time.Time `json:"synced,omitempty" doc:"When everything of all tenants that was due had been sent."`
	Success    *time.Time `json:"last_success,omitempty" doc:"Of the last run that sent something."`
}

// TargetProgress is how far a target is with one tenant that it is attached to.
type TargetProgress struct {
	Target     string    `json:"target"`
	Tenant     string    `json:"tenant"`
	TenantName string    `json:"tenant_name"`
	Attached   time.Time `json:"attached"`
	Groups     []string  `json:"groups" nullable:"false" doc:"The ids of groups: it gets their members, and no other groups. Empty: everybody, and all groups that are not built in."`

	Status       string     `json:"status" enum:"waiting,active,failing,quarantined,paused" doc:"waiting: it has not run yet. failing: the last run failed as a whole, and is tried again. quarantined: it fails for everybody and is only probed every hour."`
	Reason       string     `json:"reason,omitempty" doc:"Why it is failing or quarantined."`
	Users        int        `json:"users" doc:"People whom it has, by the last run."`
	GroupCount   int        `json:"group_count" doc:"Groups that it has, by the last run."`
	Pending      int        `json:"pending" doc:"People and groups that differ, parked and held ones included."`
	Parked       int        `json:"parked" doc:"Of these: it refused them, and they are not tried again before they change, or an operator resumes the target."`
	Held         int        `json:"held" doc:"Removals that the brake holds (rule C8)."`
	Synced       *time.Time `json:"synced,omitempty" doc:"When everything that was due had been sent."`
	Compared     *time.Time `json:"compared,omitempty" doc:"When it was last read completely."`
	Success      *time.Time `json:"last_success,omitempty" doc:"Of the last run that sent something."`
	FailingSince *time.Time `json:"failing_since,omitempty"`
	Next         *time.Time `json:"next,omitempty" doc:"When it is tried again."`
}

// TargetRule says what is sent as an attribute of a person: another attribute, a constant, or with neither nothing.
type TargetRule struct {
	Attribute string `json:"attribute" minLength:"1" maxLength:"100" doc:"The path of the attribute, such as displayName or name.givenName." example:"userName"`
	Source    string `json:"source,omitempty" maxLength:"100" doc:"The path of the attribute that is sent in its place; email: the primary address." example:"email"`
	Constant  string `json:"constant,omitempty" maxLength:"200" doc:"The value for everybody."`
}

// TargetCreate asks for a target.
type TargetCreate struct {
	Name     string       `json:"name" minLength:"1" maxLength:"40" pattern:"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$" doc:"a-z, 0-9 and hyphen. It cannot be changed." example:"aws"`
	URL      string       `json:"url" minLength:"1" maxLength:"2000" doc:"The base URL, with https. /Users and /Groups are below it." example:"https://scim.example.com/v2"`
	Secret   string       `json:"secret" minLength:"1" maxLength:"8192" doc:"The bearer token, or with token_url the client secret. It is sealed, and never shown again."`
	Profile  string       `json:"profile,omitempty" enum:"generic,aws-identity-center,slack,github,gitlab,atlassian,put," doc:"Missing: generic."`
	TokenURL string       `json:"token_url,omitempty" maxLength:"2000" doc:"The token endpoint, for client credentials."`
	ClientID string       `json:"client_id,omitempty" maxLength:"500" doc:"For client credentials."`
	Scope    string       `json:"scope,omitempty" maxLength:"1000" doc:"For client credentials."`
	People   string       `json:"people,omitempty" enum:"all,members,guests," doc:"Missing: all."`
	NoGroups bool         `json:"no_groups,omitempty" doc:"It gets people and no groups."`
	OnLeave  string       `json:"on_leave,omitempty" enum:"deactivate,delete," doc:"Missing: deactivate."`
	Existing string       `json:"existing,omitempty" enum:"adopt,refuse," doc:"Missing: adopt."`
	Paused   bool         `json:"paused,omitempty" doc:"Nothing is sent before it is resumed, so that its plan can be looked at first."`
	Mapping  []TargetRule `json:"mapping,omitempty" maxItems:"30" doc:"What is sent otherwise than it is here."`
	Tenants  []string     `json:"tenants,omitempty" maxItems:"1000" doc:"The tenants that it is attached to. Missing: none yet, which needs an operator who has all of them."`
	All      bool         `json:"all,omitempty" doc:"It is attached to all tenants, future ones too, which needs an operator who has all of them. Not with tenants."`
	Groups   []string     `json:"groups,omitempty" maxItems:"100" doc:"Ids or display names of groups of each of the tenants: it gets their members, and no other groups. Missing: everybody, and all groups."`
}

// TargetShare says what a target gets of a tenant that it is attached to.
type TargetShare struct {
	Groups []string `json:"groups,omitempty" maxItems:"100" doc:"Ids or display names of groups: it gets their members, and no other groups. Missing: everybody, and all groups."`
}

// TargetUpdate changes the fields that it has and leaves the others.
type TargetUpdate struct {
	URL      *string       `json:"url,omitempty" maxLength:"2000" doc:"Needs the secret, too."`
	Secret   *string       `json:"secret,omitempty" maxLength:"8192" doc:"Takes the place of the credential."`
	Profile  *string       `json:"profile,omitempty" enum:"generic,aws-identity-center,slack,github,gitlab,atlassian,put"`
	TokenURL *string       `json:"token_url,omitempty" maxLength:"2000" doc:"Needs the secret, too."`
	ClientID *string       `json:"client_id,omitempty" maxLength:"500" doc:"Needs the secret, too."`
	Scope    *string       `json:"scope,omitempty" maxLength:"1000"`
	People   *string       `json:"people,omitempty" enum:"all,members,guests"`
	NoGroups *bool         `json:"no_groups,omitempty"`
	OnLeave  *string       `json:"on_leave,omitempty" enum:"deactivate,delete"`
	Existing *string       `json:"existing,omitempty" enum:"adopt,refuse"`
	Mapping  *[]TargetRule `json:"mapping,omitempty" maxItems:"30" doc:"Replaces the mapping. Empty: everything is sent as it is."`
	Paused   *bool         `json:"paused,omitempty" doc:"Nothing is sent while it is paused."`
	All      *bool         `json:"all,omitempty" doc:"Attaches it to all tenants, future ones too; false leaves those that it was attached to by name."`
}

// TargetSync asks for a run.
type TargetSync struct {
	Compare bool `json:"compare,omitempty" doc:"Read the application completely first, and set right what others changed there."`
	Release int  `json:"release,omitempty" minimum:"0" maximum:"1000000" doc:"Let the removals happen that the brake holds: as many as the target shows as held (rule C8)."`
}

// TargetPreview is what a run would do now.
type TargetPreview struct {
	Steps       []TargetStep       `json:"steps" nullable:"false" doc:"At most 1000."`
	More        int                `json:"more" doc:"Steps that are not in the list."`
	Differences []TargetDifference `json:"differences" nullable:"false" doc:"What others changed in the application. At most 1000."`
	Removals    int                `json:"removals" doc:"How many removals of access the steps come to."`
	Held        int                `json:"held" doc:"Removals that the brake would hold (rule C8)."`
}

// TargetStep is what would be done about one person or group.
type TargetStep struct {
	Kind       string   `json:"kind" enum:"User,Group"`
	ID         string   `json:"id"`
	Name       string   `json:"name"`
	Action     string   `json:"action" enum:"create,adopt,update,deactivate,delete,forget" doc:"forget: the application has no record, so nothing is sent."`
	Attributes []string `json:"attributes" nullable:"false" doc:"Those that would be sent."`
	Join       int      `json:"join" doc:"Members that would be added, of those that the application has already."`
	Leave      int      `json:"leave" doc:"Members that would be removed."`
	Waiting    int      `json:"waiting" doc:"Members that the application does not have yet. They are added as soon as it has them."`
	Held       bool     `json:"held" doc:"The brake would hold it."`
	Waits      string   `json:"waits,omitempty" doc:"It would not be tried now, because of this failure."`
}

// TargetDifference is something that the application has otherwise than it was sent.
type TargetDifference struct {
	Kind string `json:"kind" enum:"User,Group"`
	ID   string `json:"id"`
	Name string `json:"name"`
	What string `json:"what"`
}

// TargetFinding is one line of a check.
type TargetFinding struct {
	What   string `json:"what"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"`
}

// TargetFailure is a person or group that the application did not take.
type TargetFailure struct {
	Kind   string     `json:"kind" enum:"User,Group"`
	ID     string     `json:"id"`
	Name   string     `json:"name"`
	Status string     `json:"status" enum:"waiting,parked" doc:"waiting: it is tried again. parked: it is not, before it changes or an operator resumes the target."`
	Tries  int        `json:"tries"`
	Next   *time.Time `json:"next,omitempty"`
	Parked *time.Time `json:"parked,omitempty"`
	Error  string     `json:"error"`
}
