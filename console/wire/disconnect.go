package wire

import "time"

// Disconnection is what disconnecting a connection would do.
type Disconnection struct {
	Connection     string               `json:"connection"`
	Tenant         string               `json:"tenant"`
	Mode           string               `json:"mode" enum:"finalise,terminate"`
	Digest         string               `json:"digest" doc:"Covers everything in here. Send it when you apply, so that what is done is what you saw."`
	Begun          *Ending              `json:"begun,omitempty" doc:"It has begun already; what is left is shown. Missing: not yet."`
	Users          int                  `json:"users" doc:"Whom the connection manages."`
	Suspends       int                  `json:"suspends" doc:"Who will be suspended now, and whose seats become free."`
	Suspended      int                  `json:"suspended" doc:"Who is suspended already, and stays so."`
	Gone           int                  `json:"gone" doc:"Whom the identity provider deleted; they stay in grace."`
	Groups         int                  `json:"groups" doc:"They become local with their members."`
	Resources      int                  `json:"resources" doc:"Custom resources that become local."`
	GrantsKept     int                  `json:"grants_kept" doc:"Roles by mapping that become roles of their own."`
	GrantsTaken    int                  `json:"grants_taken" doc:"Roles by mapping that end with the people who had them."`
	Grants         []KeptGrant          `json:"grants" nullable:"false" doc:"At most 1000 of them."`
	Credentials    int                  `json:"credentials" doc:"They are revoked at once."`
	Held           int                  `json:"held" doc:"Removals that wait for an operator, and are dropped."`
	Brake          string               `json:"brake" enum:"off,alert,hold"`
	BrakeLimit     int                  `json:"brake_limit" doc:"So many removals within an hour are usual here (C8)."`
	Unusual        bool                 `json:"unusual,omitempty" doc:"The suspensions go beyond it. They are announced and not held, since you decide."`
	AutoDeleteDays int                  `json:"auto_delete_days" doc:"After this many days suspended users are deleted (D5). 0: never."`
	Refused        []RefusedPerson      `json:"refused" nullable:"false" doc:"For whom a rule says no. Nothing is done as long as there is one."`
	People         []DisconnectedPerson `json:"people" nullable:"false" doc:"A page of them, in the order of their ids."`
	Next           string               `json:"next,omitempty" doc:"cursor of the next page of people. Missing: this was the last."`
}

// Ending is a connection that is being disconnected.
type Ending struct {
	Mode   string    `json:"mode" enum:"finalise,terminate"`
	Since  time.Time `json:"since"`
	By     string    `json:"by"`
	Reason string    `json:"reason,omitempty"`
}

// DisconnectedPerson is a user whom the disconnection affects.
type DisconnectedPerson struct {
	User     string `json:"user"`
	UserName string `json:"user_name"`
	State    string `json:"state" doc:"As it is now."`
	Becomes  string `json:"becomes" doc:"As it would be."`
	Gone     bool   `json:"gone,omitempty" doc:"The identity provider deleted the user, who is kept in grace."`
}

// KeptGrant is a role that a mapping of the connection grants.
type KeptGrant struct {
	Group    string `json:"group" doc:"The built-in group."`
	User     string `json:"user"`
	UserName string `json:"user_name"`
	By       string `json:"by" doc:"The group of the identity provider that grants it."`
	Kept     bool   `json:"kept" doc:"It becomes a grant of its own; otherwise it ends."`
}

// RefusedPerson is a user for whom a rule refuses.
type RefusedPerson struct {
	User     string `json:"user"`
	UserName string `json:"user_name"`
	Rule     string `json:"rule"`
	Reason   string `json:"reason"`
}

// Disconnect asks for a connection to be disconnected.
type Disconnect struct {
	Mode   string `json:"mode" enum:"finalise,terminate" doc:"finalise: users become local and stay what they are. terminate: users are suspended, and deleted by auto-delete."`
	Digest string `json:"digest,omitempty" maxLength:"64" doc:"Of the preview. 409 if what would be done is no longer what was shown. Not asked for when it has begun already."`
	Reason string `json:"reason,omitempty" maxLength:"500"`
}

// Disconnected is what this call has done.
type Disconnected struct {
	Connection string          `json:"connection"`
	Mode       string          `json:"mode" enum:"finalise,terminate"`
	Users      int             `json:"users" doc:"Settled by this call."`
	Groups     int             `json:"groups" doc:"Settled by this call."`
	Done       bool            `json:"done" doc:"The connection is gone. false: the server continues by itself when the causes of the refusals are fixed."`
	Left       []RefusedPerson `json:"left" nullable:"false" doc:"Who is left, because a rule says no."`
}
