package wire

import (
	"time"

	"drawbridge/directory"
)

// AuditLines is a part of a tenant's audit trail.
type AuditLines struct {
	Items []directory.Audit `json:"items" nullable:"false"`
	Last  uint64            `json:"last" doc:"The number of the last line that there is."`
}

// AuditFound is what a search in an audit trail found, the newest line first.
type AuditFound struct {
	Items []directory.Audit `json:"items" nullable:"false"`
	Next  uint64            `json:"next,omitempty" doc:"Send this as before to continue: the search ended before the beginning of the trail. Missing: there is no more."`
}

// AuditReport is what verifying an audit trail found.
type AuditReport struct {
	Tenant  string    `json:"tenant" doc:"Empty: the installation itself."`
	OK      bool      `json:"ok"`
	Lines   uint64    `json:"lines" doc:"How many lines there should be."`
	Checked uint64    `json:"checked" doc:"How many lines of the hash chain fit."`
	Start   uint64    `json:"chain_start" doc:"The line with which the hash chain begins; 0: it has not begun."`
	Older   uint64    `json:"older" doc:"Lines that were written before there was a chain. It does not protect them."`
	Head    AuditHead `json:"head" doc:"The last line that fits. Keep it elsewhere to prove later that nothing up to it was changed."`
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
