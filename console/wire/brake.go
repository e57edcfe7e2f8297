package wire

import "time"

// Held is a removal that a connection asked for and that waits for an operator, as a difference.
type Held struct {
	Key        string    `json:"key" doc:"Names it when it is released or discarded."`
	Connection string    `json:"connection" doc:"Who asked; *jobs for the clock."`
	Action     string    `json:"action" enum:"suspend,delete,auto_delete,remove_members,empty_group,delete_group"`
	Kind       string    `json:"kind" enum:"User,Group"`
	ID         string    `json:"id"`
	Name       string    `json:"name"`
	Count      int       `json:"count" doc:"How many removals it comes to."`
	Before     string    `json:"before" doc:"As it is now."`
	After      string    `json:"after" doc:"As it would be."`
	Moot       bool      `json:"moot,omitempty" doc:"There is nothing left to remove."`
	First      time.Time `json:"first"`
	Last       time.Time `json:"last" doc:"When it was asked for again."`
	Times      int       `json:"times"`
	Request    string    `json:"request,omitempty"`
}

// HeldTotal is what a connection asked to remove, in numbers.
type HeldTotal struct {
	Connection string    `json:"connection" doc:"Who asked; *jobs for the clock."`
	People     int       `json:"people" doc:"To be suspended or deleted."`
	Groups     int       `json:"groups" doc:"To lose members, or to be deleted."`
	Moot       int       `json:"moot" doc:"People and groups of whom nothing is left to remove."`
	Active     int       `json:"active" doc:"People of the tenant who are active now."`
	Usual      int       `json:"usual" doc:"How many removals within an hour the brake lets pass (rule C8)."`
	First      time.Time `json:"first" doc:"When the first of them was asked for."`
	Last       time.Time `json:"last" doc:"When one of them was asked for last."`
}

// SettleHeld names held removals.
type SettleHeld struct {
	Connection string   `json:"connection,omitempty" maxLength:"60" doc:"Only those of this connection."`
	Keys       []string `json:"keys,omitempty" maxItems:"10000" doc:"Missing: all."`
}

// SettledHeld is what came of a held removal.
type SettledHeld struct {
	Key    string `json:"key"`
	Action string `json:"action"`
	Name   string `json:"name"`
	Done   bool   `json:"done"`
	Reason string `json:"reason,omitempty" doc:"Why not: it stays held."`
}
