package wire

import "time"

// Google says what a connection of type google-directory reads.
type Google struct {
	Admin    string   `json:"admin" doc:"The primary address of the administrator in whose name the directory is read." example:"admin@acme.example"`
	Customer string   `json:"customer,omitempty" doc:"The customer ID. Missing: my_customer, the company of the administrator."`
	Query    string   `json:"query,omitempty" doc:"Which users are read, in Google's syntax. Missing: everybody." example:"orgUnitPath='/Sales'"`
	Groups   []string `json:"groups" nullable:"false" doc:"The addresses of the groups that are read. Empty: all. none alone: no group."`
	Nested   string   `json:"nested" enum:"keep,flatten" doc:"A group in a group stays one, or its people are members."`
	Account  string   `json:"account" doc:"The service account of a key of its own, which is sealed and never shown. Empty with a Google project."`
	KeyID    string   `json:"key_id" doc:"Google's name for that key."`
	Project  string   `json:"project,omitempty" doc:"The Google project of the provider whose key is used (rule C11). Missing: the connection has a key of its own."`
	Detached bool     `json:"detached,omitempty" doc:"The Google project is not attached to the tenant any more: nothing is changed until the connection has a credential."`
}

// GoogleCreate asks for a connection of type google-directory.
type GoogleCreate struct {
	Admin       string   `json:"admin,omitempty" maxLength:"320" doc:"The primary address of an administrator who may read users and groups." example:"admin@acme.example"`
	Customer    string   `json:"customer,omitempty" maxLength:"100" doc:"The customer ID. Missing: my_customer, the company of the administrator."`
	Query       string   `json:"query,omitempty" maxLength:"1000" doc:"Which users are read, in Google's syntax. Missing: everybody."`
	Groups      []string `json:"groups,omitempty" maxItems:"1000" doc:"The addresses of the groups to read. Missing: all. none alone: no group."`
	Nested      string   `json:"nested,omitempty" enum:"keep,flatten" doc:"Missing: keep."`
	Project     string   `json:"project,omitempty" maxLength:"40" doc:"A Google project that is attached to the tenant, in place of credentials (rule C11)."`
	Credentials string   `json:"credentials,omitempty" maxLength:"20000" text:"lines" doc:"The JSON key of a service account, as Google Cloud console made it. It is sealed, and never shown again."`
}

// GoogleUpdate changes the fields that it has and leaves the others.
type GoogleUpdate struct {
	Admin       *string   `json:"admin,omitempty" maxLength:"320"`
	Customer    *string   `json:"customer,omitempty" maxLength:"100"`
	Query       *string   `json:"query,omitempty" maxLength:"1000"`
	Groups      *[]string `json:"groups,omitempty" maxItems:"1000"`
	Nested      *string   `json:"nested,omitempty" enum:"keep,flatten,"`
	Project     *string   `json:"project,omitempty" maxLength:"40" doc:"A Google project that is attached to the tenant (rule C11). It takes the place of the key, which is deleted."`
	Credentials *string   `json:"credentials,omitempty" maxLength:"20000" text:"lines" doc:"Takes the place of the key, or of the Google project. It is sealed, and never shown again."`
}

// SyncResult is the effect of a run of a pulled connection, or of its preview.
type SyncResult struct {
	Connection string       `json:"connection"`
	Tenant     string       `json:"tenant"`
	Preview    bool         `json:"preview" doc:"Nothing was written."`
	Observed   bool         `json:"observed,omitempty" doc:"The connection is in observe mode: the run changed its copy of the tenant (rule C9)."`
	Outcome    string       `json:"outcome" enum:"complete,void,stopped" doc:"void: the directory could not be read completely, so nothing was changed (rule C15). stopped: the run ended early, and the next one goes on."`
	Reason     string       `json:"reason,omitempty" doc:"Why it is not complete."`
	Started    time.Time    `json:"started"`
	Millis     int64        `json:"milliseconds"`
	Requests   int          `json:"requests" doc:"To the identity provider."`
	Counts     SyncCounts   `json:"counts"`
	Seats      *SyncSeats   `json:"seats,omitempty"`
	Changes    []SyncChange `json:"changes" nullable:"false" doc:"At most 1000."`
	More       int          `json:"more" doc:"Changes that are not in the list."`
}

// SyncSeats are the occupied seats before the run, and what a preview says about those after it.
type SyncSeats struct {
	Before int  `json:"before"`
	After  *int `json:"after,omitempty" doc:"Only in a preview."`
	Limit  int  `json:"limit" doc:"0: none."`
}

// SyncCounts is a run in numbers.
type SyncCounts struct {
	Active          int `json:"active" doc:"Active people at the identity provider."`
	Inactive        int `json:"inactive" doc:"Suspended and archived people there."`
	Groups          int `json:"groups" doc:"Groups there that are read."`
	Members         int `json:"members" doc:"Memberships there that are read."`
	Outside         int `json:"outside" doc:"Members outside the company, or in groups that are not read."`
	Duplicates      int `json:"duplicates" doc:"People who came twice in the list."`
	Created         int `json:"created"`
	Restored        int `json:"restored"`
	Adopted         int `json:"adopted" doc:"Records that no connection managed."`
	Updated         int `json:"updated"`
	Suspended       int `json:"suspended"`
	Reactivated     int `json:"reactivated"`
	Deleted         int `json:"deleted"`
	Unchanged       int `json:"unchanged"`
	GroupsCreated   int `json:"groups_created"`
	GroupsUpdated   int `json:"groups_updated"`
	GroupsDeleted   int `json:"groups_deleted"`
	GroupsUnchanged int `json:"groups_unchanged"`
	Joined          int `json:"joined" doc:"Memberships that began."`
	Left            int `json:"left" doc:"Memberships that ended."`
	Refused         int `json:"refused" doc:"Writes that a rule refused."`
	Held            int `json:"held" doc:"Removals that the brake holds (rule C8)."`
	Missing         int `json:"missing" doc:"Gone at the identity provider, and waiting for another run to see it too (rule C15)."`
	Unlisted        int `json:"unlisted" doc:"Not in the list, and there when asked for by id: nothing was done."`
	Skipped         int `json:"skipped" doc:"What could not be taken over: a group that is too large, or in a circle."`
}

// SyncChange is one thing that a run did, would do, or did not do.
type SyncChange struct {
	Action     string `json:"action" example:"user.create"`
	Kind       string `json:"kind" enum:"User,Group"`
	ID         string `json:"id,omitempty"`
	ExternalID string `json:"external_id,omitempty" doc:"The identity provider's own id."`
	Name       string `json:"name"`
	Detail     string `json:"detail,omitempty"`
	Refused    bool   `json:"refused,omitempty"`
	Held       bool   `json:"held,omitempty"`
	Rule       string `json:"rule,omitempty"`
	Joined     int    `json:"joined,omitempty"`
	Left       int    `json:"left,omitempty"`
}

// ConnectionCheck is the result of a check of a pulled connection.
type ConnectionCheck struct {
	Connection string              `json:"connection"`
	OK         bool                `json:"ok"`
	Steps      []ConnectionFinding `json:"steps" nullable:"false"`
}

// ConnectionFinding is one step of a check.
type ConnectionFinding struct {
	Name    string `json:"name"`
	OK      bool   `json:"ok"`
	Skipped string `json:"skipped,omitempty" doc:"Why it was not tried."`
	Problem string `json:"problem,omitempty" doc:"What to do, in the words of the identity provider's console."`
	Warning string `json:"warning,omitempty" doc:"What may not be meant although it works, such as another company that reads the same directory. Only companies in your scope are named."`
}
