package wire

import "time"

// TransferScope says what moves to another connection (rule C14): all, a group, or a list of users.
type TransferScope struct {
	To    string   `json:"to" minLength:"1" maxLength:"60" doc:"The slug of the connection that is to manage them."`
	All   bool     `json:"all,omitempty" doc:"All users and groups of the connection."`
	Group string   `json:"group,omitempty" maxLength:"1024" doc:"The id or the display name of a group: the group and its direct members."`
	Users []string `json:"users,omitempty" maxItems:"10000" doc:"The ids or userNames of users."`
}

// TransferStart begins a transfer that was previewed.
type TransferStart struct {
	TransferScope
	Digest string `json:"digest" minLength:"1" maxLength:"64" doc:"Of the preview."`
}

// TransferPlan is what a transfer would do. Nothing was changed.
type TransferPlan struct {
	From     string         `json:"from"`
	To       string         `json:"to"`
	Scope    string         `json:"scope" doc:"What moves, in words."`
	Users    int            `json:"users"`
	Groups   int            `json:"groups"`
	Stays    []TransferStay `json:"stays" nullable:"false" doc:"What of the scope does not move, and why."`
	Unknown  []string       `json:"unknown" nullable:"false" doc:"Names of the list that no user has."`
	Digest   string         `json:"digest" doc:"Covers everything in here. Send it when you start, so that what is done is what you saw."`
	NextFrom string         `json:"next_from" doc:"What the next sync of the connection meets."`
	Items    []TransferItem `json:"items" nullable:"false" doc:"The first hundred."`
}

// TransferStay is how many records of a kind do not move.
type TransferStay struct {
	What   string `json:"what" enum:"others,gone,groups,resources" doc:"others: users whom the connection does not manage. gone: users whom its identity provider deleted. groups: groups that it does not manage. resources: custom resources."`
	Number int    `json:"number"`
	Reason string `json:"reason" doc:"In a sentence."`
}

// TransferItem is a record that would move.
type TransferItem struct {
	Kind string `json:"kind" enum:"User,Group"`
	ID   string `json:"id"`
	Name string `json:"name"`
	Next string `json:"next,omitempty" doc:"What the next sync of the other connection will do to the user. For the first ten."`
}

// Transfer is a transfer of the management of users and groups.
type Transfer struct {
	ID      string         `json:"id"`
	From    string         `json:"from"`
	To      string         `json:"to"`
	At      time.Time      `json:"at"`
	By      string         `json:"by"`
	UndoBy  string         `json:"undo_by,omitempty" doc:"Who undid it."`
	Scope   string         `json:"scope"`
	Phase   string         `json:"phase" enum:"moving,moved,undoing,undone"`
	Users   int            `json:"users" doc:"How many were to move."`
	Groups  int            `json:"groups"`
	Done    bool           `json:"done" doc:"false: continue it. A job does so, too."`
	Pending int            `json:"pending" doc:"Records that are still to be worked on."`
	Moved   int            `json:"moved" doc:"Records that moved, and can be given back."`
	Left    []TransferLeft `json:"left" nullable:"false" doc:"Records that stayed where they were, or were not given back; the first hundred."`
	More    int            `json:"more,omitempty" doc:"Others of them, which are not listed."`
}

// TransferLeft is a record that stayed where it was, and why.
type TransferLeft struct {
	Name   string `json:"name"`
	Reason string `json:"reason"`
}
