package client

import (
	"time"

	"drawbridge/directory"
)

// The types in this file are what travels between the operator API and its clients. The server answers with them, so
// there is one description of each; the tags doc, enum, minLength and so on end up in the OpenAPI document.

// Page is one page of a list.
type Page[T any] struct {
	Items []T    `json:"items" nullable:"false" doc:"The entries of this page."`
	Next  string `json:"next,omitempty" doc:"Give this as cursor to get the next page. Missing on the last one."`
}

// Tenant is a managed company at a glance.
type Tenant struct {
	Slug        string               `json:"slug" doc:"The name in URLs; never changed." example:"acme"`
	Version     uint64               `json:"version" doc:"Goes up with every change; the ETag."`
	Created     time.Time            `json:"created"`
	Modified    time.Time            `json:"modified"`
	Name        string               `json:"name"`
	Website     string               `json:"website,omitempty"`
	Address     directory.Address    `json:"address,omitzero"`
	DataRegion  string               `json:"data_region,omitempty"`
	Status      string               `json:"status" enum:"active,unlinked"`
	Plan        string               `json:"plan" doc:"The name of a plan in the configuration."`
	PlanMissing bool                 `json:"plan_missing,omitempty" doc:"The plan is not in the configuration any more: nothing can be written, and identity providers get 503, until it is put back or another one is chosen (rule B5)."`
	Overrides   *directory.Overrides `json:"overrides,omitempty" doc:"Settings that this tenant has of its own."`
	Seats       Seats                `json:"seats"`
	Users       map[string]int       `json:"users" doc:"How many users there are in each state."`
	Groups      int                  `json:"groups" doc:"Groups that are not built in."`
	Connections []ConnectionSummary  `json:"connections" nullable:"false"`
	LastSync    *time.Time           `json:"last_sync,omitempty" doc:"The last request of an identity provider that succeeded. Missing: none yet."`
	Alerts      int                  `json:"alerts" doc:"How many are open: GET /tenants/{tenant}/alerts."`
}

// Overview is everything about a tenant in one place.
type Overview struct {
	Tenant    Tenant            `json:"tenant" doc:"Seats and connections with the health of their sync among it."`
	Inside    []Entry           `json:"inside" nullable:"false" doc:"Who works inside it now (rule T5)."`
	Requests  []DeletionRequest `json:"deletion_requests" nullable:"false" doc:"Those that wait for an Owner (rule D3)."`
	Held      []HeldSummary     `json:"held" nullable:"false" doc:"Removals that the brake keeps for an operator (rule C8)."`
	Alerts    []Alert           `json:"alerts" nullable:"false" doc:"Those that are open, the last ones first."`
	Operators []Operator        `json:"operators,omitempty" doc:"Who has access (rule O2). Missing for whoever lacks the right operator.read."`
	Audit     []directory.Audit `json:"audit,omitempty" doc:"The last lines, the newest first (rule E1). Missing for whoever lacks the right tenant.record."`
}

// HeldSummary is a held removal in an overview.
type HeldSummary struct {
	Connection string    `json:"connection"`
	Action     string    `json:"action"`
	Name       string    `json:"name"`
	First      time.Time `json:"first"`
	Times      int       `json:"times" doc:"How often it was asked for."`
}

// ConnectionSummary is a connection in the list of its tenant.
type ConnectionSummary struct {
	Slug        string     `json:"slug"`
	Type        string     `json:"type"`
	Paused      bool       `json:"paused"`
	Health      string     `json:"health" enum:"never_connected,healthy,quiet,failing"`
	LastSuccess *time.Time `json:"last_success,omitempty"`
}

// CheckReport is what a look at every page and record of a store has found.
type CheckReport struct {
	File        string   `json:"file" doc:"What was looked at."`
	OK          bool     `json:"ok" doc:"There are no findings."`
	Findings    []string `json:"findings" nullable:"false" doc:"A sentence for everything that does not fit, at most 1000."`
	Tenants     int      `json:"tenants"`
	Users       int      `json:"users"`
	Groups      int      `json:"groups" doc:"Built-in groups too."`
	Memberships int      `json:"memberships"`
	Resources   int      `json:"resources"`
	Tombstones  int      `json:"tombstones"`
	Events      int      `json:"events"`
	AuditLines  int      `json:"audit_lines"`
	Bytes       int64    `json:"bytes" doc:"The length of the file."`
	Pages       int      `json:"pages"`
	FreePages   int      `json:"free_pages" doc:"Pages that hold nothing; compact gives them back to the disk."`
}

// BackupCreate says where a backup goes.
type BackupCreate struct {
	To string `json:"to,omitempty" maxLength:"4000" doc:"A file that is not there yet, or a folder, on the server's disk; only the local operator may name one. Missing: backup.dir."`
}

// Backup is one verified copy of the store.
type Backup struct {
	Path    string       `json:"path" doc:"The file; the checksum is beside it, with .sha256 behind the name."`
	Bytes   int64        `json:"bytes"`
	SHA256  string       `json:"sha256"`
	Time    time.Time    `json:"time" doc:"The copy holds what was committed by then."`
	Seconds float64      `json:"seconds,omitempty" doc:"How long it took, verification included."`
	Report  *CheckReport `json:"report,omitempty" doc:"What the verification counted. Missing in a list."`
}

// Backups says what copies there are in backup.dir, and what is under way.
type Backups struct {
	Dir         string    `json:"dir"`
	Every       string    `json:"every,omitempty" doc:"Missing: no backups on schedule."`
	Keep        int       `json:"keep"`
	Items       []Backup  `json:"items" nullable:"false" doc:"The newest first."`
	Next        string    `json:"next,omitempty" doc:"Give this as cursor to get the next page. Missing on the last one."`
	Running     *Progress `json:"running,omitempty" doc:"A backup or a check that is under way."`
	LastFailure string    `json:"last_failure,omitempty" doc:"Why the last backup failed. Missing: it did not."`
}

// Progress says how far a long work is.
type Progress struct {
	What  string `json:"what" doc:"What is being done: copy, pages, records."`
	Done  int64  `json:"done"`
	Total int64  `json:"total,omitempty" doc:"Missing: nobody knows."`
}

// Trimmed is what was taken away from one tenant.
type Trimmed struct {
	Tenant     string `json:"tenant" doc:"Empty: the installation itself."`
	Events     int    `json:"events" doc:"Forgotten, since they are older than event_days (E2)."`
	Tombstones int    `json:"tombstones" doc:"Reduced to the id and the times, since tombstone_days are over (D6)."`
}

// Seats says who occupies seats and who is billed.
type Seats struct {
	Tenant         string         `json:"tenant"`
	Plan           string         `json:"plan"`
	Occupied       int            `json:"occupied" doc:"Counts against the limit."`
	Billable       int            `json:"billable"`
	Limit          int            `json:"limit" doc:"0: none."`
	Free           *int           `json:"free,omitempty" doc:"Limit less occupied. Missing when there is no limit."`
	Purchased      int            `json:"purchased" doc:"0: as many as the plan allows."`
	Members        int            `json:"members" doc:"Members who occupy a seat."`
	Guests         int            `json:"guests" doc:"Guests, those that are included in the plan, too."`
	IncludedGuests int            `json:"included_guests"`
	Users          map[string]int `json:"users" doc:"How many users there are in each state, members and guests together."`
}

// TenantCreate asks for a new tenant.
type TenantCreate struct {
	Slug       string            `json:"slug,omitempty" pattern:"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$" maxLength:"40" doc:"Missing: made from the name. Never changed later (rule T1)." example:"acme"`
	Name       string            `json:"name" minLength:"1" maxLength:"200" doc:"As people know it (rule T1)." example:"Acme Ltd"`
	Website    string            `json:"website,omitempty" maxLength:"500"`
	Address    directory.Address `json:"address,omitzero"`
	DataRegion string            `json:"data_region,omitempty" maxLength:"40" doc:"Where the data is kept; a fact of its own beside the country (rule T2)."`
	Plan       string            `json:"plan,omitempty" maxLength:"40" doc:"The name of a plan (rule B5). Missing: the first one in the catalogue with SCIM."`
	Seats      int               `json:"seats,omitempty" minimum:"0" maximum:"10000000" doc:"Purchased seats (rule B8). 0: as many as the plan allows."`
}

// TenantUpdate changes what it names and leaves the rest.
type TenantUpdate struct {
	Name       *string              `json:"name,omitempty" minLength:"1" maxLength:"200"`
	Website    *string              `json:"website,omitempty" maxLength:"500"`
	Address    *directory.Address   `json:"address,omitempty"`
	DataRegion *string              `json:"data_region,omitempty" maxLength:"40"`
	Plan       *string              `json:"plan,omitempty" minLength:"1" maxLength:"40" doc:"The name of a plan (rule B5)."`
	Seats      *int                 `json:"seats,omitempty" minimum:"0" maximum:"10000000" doc:"Refused below the number that is occupied (rule B8)."`
	Overrides  *directory.Overrides `json:"overrides,omitempty" doc:"Takes the place of all overrides that the tenant has."`
}

// Connection is one identity provider of a tenant.
type Connection struct {
	Slug           string                   `json:"slug" example:"acme-okta"`
	Tenant         string                   `json:"tenant"`
	Type           string                   `json:"type" enum:"okta,entra,google,onelogin,jumpcloud,rippling,ping,generic"`
	Version        uint64                   `json:"version"`
	Created        time.Time                `json:"created"`
	Modified       time.Time                `json:"modified"`
	BaseURL        string                   `json:"base_url" doc:"What the identity provider is given as its SCIM base URL."`
	Paused         bool                     `json:"paused" doc:"Answers 503 with Retry-After."`
	Ending         *Ending                  `json:"ending,omitempty" doc:"It is being disconnected (C10). Missing: it is not."`
	UnknownPaths   string                   `json:"unknown_paths,omitempty" enum:"refuse,ignore" doc:"Missing: as the type says."`
	UnknownMembers string                   `json:"unknown_members,omitempty" enum:"refuse,ignore"`
	UserPatch      string                   `json:"user_patch,omitempty" enum:"resource,no_content"`
	GroupPatch     string                   `json:"group_patch,omitempty" enum:"resource,no_content"`
	Mappings       []directory.GroupMapping `json:"mappings" nullable:"false" doc:"Groups of the identity provider that grant a built-in group or the guest type."`
	Tokens         []Token                  `json:"tokens" nullable:"false"`
	Health         Health                   `json:"health"`
	Held           int                      `json:"held" doc:"Removals that the brake keeps for an operator."`
	LastRequest    *time.Time               `json:"last_request,omitempty"`
	LastSuccess    *time.Time               `json:"last_success,omitempty"`
}

// ConnectionCreate asks for a new connection.
type ConnectionCreate struct {
	Slug           string                   `json:"slug,omitempty" pattern:"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$" maxLength:"60" doc:"Stands in the base URL, so it has the characters of a tenant's slug (rule T1). Missing: made from tenant and type." example:"acme-okta"`
	Tenant         string                   `json:"tenant" minLength:"1" maxLength:"40" doc:"The slug of the tenant (rule C3)." example:"acme"`
	Type           string                   `json:"type" enum:"okta,entra,google,onelogin,jumpcloud,rippling,ping,generic" doc:"Which identity provider it is (rule C6)."`
	Auth           string                   `json:"auth,omitempty" enum:"bearer,basic,oauth" doc:"The kind of the first credential (rule C4). Missing: bearer."`
	Expires        *time.Time               `json:"expires,omitempty" doc:"When the first credential ends (rule C2). Missing: never."`
	UnknownPaths   string                   `json:"unknown_paths,omitempty" enum:"refuse,ignore" doc:"Missing: as the type says (rule C6)."`
	UnknownMembers string                   `json:"unknown_members,omitempty" enum:"refuse,ignore" doc:"Missing: as the type says (rule C6)."`
	UserPatch      string                   `json:"user_patch,omitempty" enum:"resource,no_content" doc:"Missing: as the type says (rule C6)."`
	GroupPatch     string                   `json:"group_patch,omitempty" enum:"resource,no_content" doc:"Missing: as the type says (rule C6)."`
	Mappings       []directory.GroupMapping `json:"mappings,omitempty" maxItems:"1000" doc:"Groups of the identity provider that grant a built-in group or the guest type (rule G4)."`
}

// ConnectionUpdate changes what it names and leaves the rest. An empty text goes back to what the type says.
type ConnectionUpdate struct {
	Paused         *bool                     `json:"paused,omitempty"`
	UnknownPaths   *string                   `json:"unknown_paths,omitempty" enum:"refuse,ignore,"`
	UnknownMembers *string                   `json:"unknown_members,omitempty" enum:"refuse,ignore,"`
	UserPatch      *string                   `json:"user_patch,omitempty" enum:"resource,no_content,"`
	GroupPatch     *string                   `json:"group_patch,omitempty" enum:"resource,no_content,"`
	Mappings       *[]directory.GroupMapping `json:"mappings,omitempty" maxItems:"1000" doc:"Takes the place of all mappings."`
}

// Issued is a new credential, shown this once.
type Issued struct {
	Slug     string     `json:"slug" doc:"The connection."`
	Tenant   string     `json:"tenant"`
	Type     string     `json:"type"`
	BaseURL  string     `json:"base_url"`
	Auth     string     `json:"auth" enum:"bearer,basic,oauth"`
	Token    string     `json:"token" doc:"The secret itself: a bearer token, a password or a client secret. It is kept nowhere."`
	TokenID  string     `json:"token_id" doc:"Names the credential when it is to be revoked."`
	UserName string     `json:"user_name,omitempty" doc:"For HTTP Basic."`
	ClientID string     `json:"client_id,omitempty" doc:"For OAuth 2.0 client credentials."`
	TokenURL string     `json:"token_url,omitempty" doc:"For OAuth 2.0 client credentials."`
	Expires  *time.Time `json:"expires,omitempty" doc:"Missing: never."`
	Note     string     `json:"note,omitempty" doc:"What happens to the older credential."`
	Setup    Setup      `json:"setup" doc:"Where to enter all this."`
}

// Setup says where in the console of an identity provider a connection is configured, in the words of that console.
type Setup struct {
	Title string   `json:"title" doc:"The provider's own name."`
	Page  string   `json:"page" doc:"The way through the menus."`
	URL   string   `json:"url" doc:"The field for the base URL."`
	Token string   `json:"token" doc:"The field for a bearer token."`
	Steps []string `json:"steps" nullable:"false" doc:"What else to choose, in order."`
	Test  string   `json:"test" doc:"The button that tries the connection."`
}

// Token is a credential of a connection, without its secret.
type Token struct {
	ID        string     `json:"id"`
	Kind      string     `json:"kind" enum:"bearer,basic,client_secret,access_token"`
	Prefix    string     `json:"prefix" doc:"The first four characters of the random part."`
	Status    string     `json:"status" enum:"live,expired,revoked"`
	Created   time.Time  `json:"created"`
	Expires   *time.Time `json:"expires,omitempty"`
	Revoked   *time.Time `json:"revoked,omitempty"`
	LastUsed  *time.Time `json:"last_used,omitempty"`
	Address   string     `json:"address,omitempty" doc:"Of the client that used it last."`
	UserAgent string     `json:"user_agent,omitempty"`
}

// TokenCreate asks for a new credential of a connection.
type TokenCreate struct {
	Auth    string     `json:"auth,omitempty" enum:"bearer,basic,oauth" doc:"The kind of credential (rule C4). Missing: bearer."`
	Expires *time.Time `json:"expires,omitempty" doc:"Missing: never."`
	Overlap int        `json:"overlap_seconds,omitempty" minimum:"0" maximum:"31536000" doc:"How long the older credentials stay live (rule C2). 0: until they are revoked."`
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
	Connection  string                `json:"connection,omitempty" doc:"Who manages the user. Missing: nobody."`
	Statement   string                `json:"statement" doc:"The last thing that the connection said: active, inactive, deleted or none."`
	StatedAt    *time.Time            `json:"stated_at,omitempty"`
	Suspension  *directory.Suspension `json:"suspension,omitempty"`
	AcceptedAt  *time.Time            `json:"accepted_at,omitempty" doc:"From when the seat is charged."`
	Groups      []GroupRef            `json:"groups" nullable:"false"`
	Attributes  directory.Document    `json:"attributes,omitempty" doc:"The SCIM attributes that the client sent. Only when one user is asked for."`
}

// GroupRef names a group of a user.
type GroupRef struct {
	ID          string `json:"id"`
	DisplayName string `json:"display_name"`
	Indirect    bool   `json:"indirect,omitempty" doc:"By way of a nested group."`
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

// Events is a part of a tenant's feed.
type Events struct {
	Items  []directory.Event `json:"items" nullable:"false"`
	Oldest uint64            `json:"oldest" doc:"The number of the oldest event that is kept."`
	Last   uint64            `json:"last" doc:"The number of the last event that there is. Give the number of the last event that you saw as after."`
}

// AuditLines is a part of a tenant's audit trail.
type AuditLines struct {
	Items []directory.Audit `json:"items" nullable:"false"`
	Last  uint64            `json:"last" doc:"The number of the last line that there is."`
}

// AuditFound is what a search in an audit trail found, the newest line first.
type AuditFound struct {
	Items []directory.Audit `json:"items" nullable:"false"`
	Next  uint64            `json:"next,omitempty" doc:"Give this as before to go on: the search ended before the beginning of the trail. Missing: there is no more."`
}

// AuditReport is what verifying an audit trail found.
type AuditReport struct {
	Tenant  string    `json:"tenant" doc:"Empty: the installation itself."`
	OK      bool      `json:"ok"`
	Lines   uint64    `json:"lines" doc:"How many lines there should be."`
	Checked uint64    `json:"checked" doc:"How many lines of the hash chain fit."`
	Start   uint64    `json:"chain_start" doc:"The line with which the hash chain begins; 0: it has not begun."`
	Older   uint64    `json:"older" doc:"Lines that were written before there was a chain. It does not protect them."`
	Head    AuditHead `json:"head" doc:"The last line that fits. Whoever keeps it elsewhere can prove later that nothing up to it was changed."`
	Broken  uint64    `json:"broken,omitempty" doc:"The first line that does not fit."`
	Why     string    `json:"why,omitempty" doc:"What is wrong with it."`
}

// AuditHead names a line of a trail by its number and hash.
type AuditHead struct {
	Seq  uint64         `json:"seq"`
	Hash directory.Hash `json:"hash,omitzero"`
}

// VisitReport is the access pattern of a tenant.
type VisitReport struct {
	Tenant   string     `json:"tenant"`
	From     *time.Time `json:"from,omitempty"`
	To       *time.Time `json:"to,omitempty"`
	Items    []Visit    `json:"items" nullable:"false" doc:"The latest first."`
	Complete bool       `json:"complete" doc:"false: the report goes back to since and no further; ask again with to."`
	Since    *time.Time `json:"since,omitempty"`
}

// Visit is what one actor did in a tenant without a pause of more than half an hour, from one address.
type Visit struct {
	Actor    directory.Actor `json:"actor"`
	Address  string          `json:"address,omitempty" doc:"Of the client; local: the socket on the server itself."`
	From     time.Time       `json:"from"`
	To       time.Time       `json:"to"`
	First    uint64          `json:"first" doc:"The number of the first audit line of the visit."`
	Last     uint64          `json:"last"`
	Entered  bool            `json:"entered" doc:"The operator entered the tenant explicitly."`
	Reason   string          `json:"reason,omitempty" doc:"Given for the entering."`
	Lines    int             `json:"lines"`
	Refused  int             `json:"refused"`
	Actions  map[string]int  `json:"actions"`
	Subjects []string        `json:"subjects" nullable:"false" doc:"What was touched, at most 20."`
	More     int             `json:"more_subjects,omitempty"`
}

// Schema is a schema of a tenant's own: an extension of User or Group, or a resource type.
type Schema struct {
	URN          string             `json:"urn,omitempty" readOnly:"true" doc:"The id of the definition."`
	ResourceType string             `json:"resource_type" minLength:"1" maxLength:"60" doc:"User, Group, or the name of a new resource type."`
	Endpoint     string             `json:"endpoint,omitempty" maxLength:"60" doc:"Of a new resource type, such as /Devices."`
	Required     bool               `json:"required,omitempty"`
	Definition   directory.Document `json:"definition" doc:"The schema as RFC 7643 section 7 writes it."`
}

// Status is what a running server says about itself.
type Status struct {
	Version string      `json:"version"`
	Started time.Time   `json:"started"`
	BaseURL string      `json:"base_url" doc:"Without the path of a connection."`
	Data    string      `json:"data" doc:"The data folder."`
	Ready   bool        `json:"ready"`
	Parts   []Component `json:"parts" nullable:"false"`
	Tenants int         `json:"tenants"`
	// Warnings are what an operator must see to.
	Warnings []string `json:"warnings" nullable:"false" doc:"What somebody must see to: a tenant whose plan left the configuration, for example."`
}

// Component is the report of one part of the server.
type Component struct {
	Name    string    `json:"name"`
	Ready   bool      `json:"ready"`
	Message string    `json:"message,omitempty"`
	Since   time.Time `json:"reported" doc:"When the part last spoke. A report that is too old counts as not ready."`
}

// Problem is the body of an error (RFC 9457).
type Problem struct {
	Type       string         `json:"type,omitempty" doc:"A name for the kind of problem: urn:drawbridge:problem: and the code."`
	Title      string         `json:"title"`
	Status     int            `json:"status"`
	Detail     string         `json:"detail" doc:"A sentence that says what is wrong and what to do."`
	Code       string         `json:"code" doc:"The kind of failure, for programs."`
	Field      string         `json:"field,omitempty" doc:"The field at fault."`
	Rule       string         `json:"rule,omitempty" doc:"The rule that said no."`
	Request    string         `json:"request,omitempty" doc:"The id of the request, as it stands in the log."`
	RetryAfter int            `json:"retry_after,omitempty" doc:"Seconds."`
	Errors     []ProblemField `json:"errors,omitempty" doc:"Every field that is wrong, if there are several."`
}

// ProblemField is one wrong field.
type ProblemField struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

// Types of package directory under the names that users of this package know them by.
type (
	// GroupMapping grants a built-in group, or the guest type, to the members of one of the identity provider's groups.
	GroupMapping = directory.GroupMapping
	// BuiltIn names a built-in group.
	BuiltIn = directory.BuiltIn
	// Overrides are the settings that a tenant has of its own.
	Overrides = directory.Overrides
	// Document is a JSON object as bytes.
	Document = directory.Document
	// Event is one change as an application sees it.
	Event = directory.Event
	// AuditLine is one line of the audit trail.
	AuditLine = directory.Audit
)

// BuiltIns lists the names of the built-in groups.
func BuiltIns() []BuiltIn { return directory.BuiltIns() }
