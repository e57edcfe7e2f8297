package wire

import "time"

// Observing says since when a connection is in observe mode.
type Observing struct {
	Since     time.Time `json:"since"`
	By        string    `json:"by" doc:"Who put it into observe mode."`
	TakeOver  string    `json:"take_over,omitempty" doc:"The connection whose people it would take over."`
	Promoting bool      `json:"promoting" doc:"The difference is being brought into the tenant, and the identity provider is asked to wait."`
}

// ObservationStart puts a connection into observe mode.
type ObservationStart struct {
	TakeOver string `json:"take_over,omitempty" maxLength:"60" doc:"Another connection of the tenant. The copy shows what it manages as managed by no connection, so that a change of the identity provider can be rehearsed (rule C9)."`
}

// Observation is what an observed connection would change.
type Observation struct {
	Observing  Observing         `json:"observing"`
	Connection string            `json:"connection"`
	Ready      bool              `json:"ready" doc:"False: the copy is being made, or a command was interrupted. Start it again, or drop it."`
	Digest     string            `json:"digest,omitempty" doc:"Names the difference. A promotion sends it back."`
	Changes    int               `json:"changes" doc:"How many users, groups and resources are different."`
	Counts     []ObservedCount   `json:"counts" nullable:"false"`
	Refused    []ObservedRefusal `json:"refused" nullable:"false" doc:"The rules that refused writes of the identity provider."`
	Held       []ObservedHeld    `json:"held" nullable:"false" doc:"The removals that the brake would hold (rule C8)."`
	HeldMore   int               `json:"held_more,omitempty" doc:"Removals that the brake would hold and that are not in held."`
	Seats      ObservedSeats     `json:"seats"`
}

// ObservedCount is how many records a promotion treats alike.
type ObservedCount struct {
	Kind   string `json:"kind" doc:"User, Group or the name of a resource type."`
	Effect string `json:"effect" enum:"create,restore,update,suspend,activate,remove,take_over"`
	Number int    `json:"number"`
}

// ObservedRefusal is a rule that refused writes.
type ObservedRefusal struct {
	Rule    string `json:"rule"`
	Writes  int    `json:"writes"`
	Subject string `json:"subject" doc:"Of the last one."`
	Reason  string `json:"reason" doc:"Of the last one."`
}

// ObservedHeld is a removal that the brake would hold.
type ObservedHeld struct {
	Action string `json:"action"`
	Kind   string `json:"kind"`
	Name   string `json:"name"`
}

// ObservedSeats are the seats before and after a promotion.
type ObservedSeats struct {
	Before int `json:"before"`
	After  int `json:"after"`
	Limit  int `json:"limit" doc:"0: there is none."`
}

// ObservedChange is the difference about one record.
type ObservedChange struct {
	Kind       string         `json:"kind"`
	ID         string         `json:"id"`
	Name       string         `json:"name" doc:"The userName or the displayName."`
	Was        string         `json:"was,omitempty" doc:"The name in the tenant, if it is another one."`
	Effect     string         `json:"effect" enum:"create,restore,update,suspend,activate,remove,take_over"`
	Attributes []string       `json:"attributes" nullable:"false" doc:"What is different."`
	From       string         `json:"from,omitempty" doc:"The connection that manages it in the tenant. Missing: none."`
	MatchedBy  string         `json:"matched_by,omitempty" doc:"By what the identity provider found the record: the attribute that it searched for, such as userName, externalId or emails.value. id: it used the id without a search. Missing for a record that would be created, and in what a promotion left."`
	Joins      int            `json:"joins,omitempty" doc:"Members who come to a group."`
	Leaves     int            `json:"leaves,omitempty" doc:"Members who leave a group."`
	Same       []ObservedSame `json:"same,omitempty" doc:"People of the tenant who have an address of a user who would be created: perhaps they are one person. They stay, with their ids, and the identity provider would know the new user by a new id."`
}

// ObservedSame is a user who may be the one that would be created.
type ObservedSame struct {
	ID       string `json:"id"`
	UserName string `json:"user_name"`
}

// ObservationPromote brings a difference into the tenant.
type ObservationPromote struct {
	Digest string `json:"digest" minLength:"1" maxLength:"64" doc:"The digest of the difference that was looked at (rule C9)."`
}

// Promotion is how far a promotion is.
type Promotion struct {
	Done     bool           `json:"done" doc:"The connection has left observe mode."`
	Promoted int            `json:"promoted" doc:"Records, by this request."`
	Left     []ObservedLeft `json:"left" nullable:"false" doc:"What rules refuse. The connection stays in observe mode."`
	More     int            `json:"more,omitempty" doc:"Changes that are left and not listed."`
}

// ObservedLeft is a change that could not be promoted.
type ObservedLeft struct {
	Change ObservedChange `json:"change"`
	Reason string         `json:"reason"`
}
