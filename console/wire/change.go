package wire

import "drawbridge/directory"

// Changes says which tenants changed.
type Changes struct {
	Items  []Change `json:"items" nullable:"false"`
	Cursor string   `json:"cursor" doc:"For the next call."`
	Reset  bool     `json:"reset,omitempty" doc:"There was no cursor, it was too old, or too much changed since: anything may have changed."`
}

// Change is something that changed in a tenant.
type Change struct {
	Tenant   string              `json:"tenant"`
	Kinds    []string            `json:"kinds" nullable:"false" doc:"Kinds of event, such as user.suspended. None: something that makes no event."`
	Subjects []directory.Subject `json:"subjects" nullable:"false" doc:"What they are about: kind and id."`
	More     bool                `json:"more,omitempty" doc:"Not all kinds and subjects are named."`
}
