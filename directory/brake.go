package directory

import "time"

// Removals is what a connection or a job has removed recently (C8).
type Removals struct {
	Recent  []int64   `json:"recent,omitempty"`    // the times in Unix milliseconds, the oldest first; as many as a decision needs
	Alerted time.Time `json:"alerted,omitzero"`    // since when it has been over the limit
	Shut    time.Time `json:"shut_since,omitzero"` // since when its removals are held
}

// HeldRemoval is a removal that a connection asked for and that waits for an operator (C8).
type HeldRemoval struct {
	Key        string        `json:"key"` // names it: connection, kind, id, action
	Connection ConnectionID  `json:"connection"`
	Action     RemovalAction `json:"action"`
	Subject    Subject       `json:"subject"`
	Count      int           `json:"count"`             // how many removals it counts as
	Members    []ID          `json:"members,omitempty"` // of RemoveFromGroup
	First      time.Time     `json:"first"`
	Last       time.Time     `json:"last"` // the identity provider asked again
	Times      int           `json:"times"`
	Request    string        `json:"request,omitempty"` // the last one
}

// RemovalAction says what is to be removed.
type RemovalAction string

// The values of RemovalAction.
const (
	RemoveSuspend   RemovalAction = "suspend"     // active: false
	RemoveDelete    RemovalAction = "delete"      // the identity provider's DELETE of a user
	RemoveForGood   RemovalAction = "auto_delete" // D5
	RemoveFromGroup RemovalAction = "remove_members"
	RemoveAll       RemovalAction = "empty_group"
	RemoveGroup     RemovalAction = "delete_group"
)
