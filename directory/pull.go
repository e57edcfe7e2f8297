package directory

import "time"

// GooglePull says what a connection of type google-directory reads.
type GooglePull struct {
	Admin    string   `json:"admin"`              // the address of the administrator in whose name the directory is read
	Customer string   `json:"customer,omitempty"` // "": the company of Admin (my_customer)
	Query    string   `json:"query,omitempty"`    // of users, in Google's syntax; "": all users
	Groups   []string `json:"groups,omitempty"`   // addresses of groups; none: all groups. NoGroups alone: no group
	// Project names the Google project of the installation whose key is used; "": the connection has a key of its own.
	Project string       `json:"project,omitempty"`
	Nested  NestedGroups `json:"nested,omitempty"` // "": KeepNested
}

// NoGroups in GooglePull.Groups says that no group is read.
const NoGroups = "none"

// NestedGroups says how a group that is a member of another one is treated.
type NestedGroups string

// The values of NestedGroups.
const (
	KeepNested    NestedGroups = "keep"    // it is a member, as at the identity provider
	FlattenNested NestedGroups = "flatten" // its people are members, at any depth
)

// PullState is the state of a pulled connection between its runs (C15).
type PullState struct {
	Directory string               `json:"directory,omitempty"` // the identity provider's own id of the company
	Missing   map[string]time.Time `json:"missing,omitempty"`   // people and groups that were missing, with the time since when
	Refused   map[string]string    `json:"refused,omitempty"`   // the writes that a rule refused, as digests
	Failed    string               `json:"failed,omitempty"`    // why the last run was void; "" if it was complete
}

// SealedCredential is a credential that the server sends to other systems, encrypted with a key of the installation.
type SealedCredential struct {
	Key     string    `json:"key"` // names the key of the installation
	Data    []byte    `json:"data"`
	Account string    `json:"account"` // the name of the account, for people
	KeyID   string    `json:"key_id"`  // the identity provider's name for it
	Created time.Time `json:"created"`
}
