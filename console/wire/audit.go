package wire

import (
	"time"

	"drawbridge/directory"
)

// AuditLines is a part of a tenant's audit trail.
type AuditLines struct {
	Items []directory.Audit `json:"items" nullable:"false"`
	Last  uint64            `json:"last" doc:"The number of the last line that there is."`
	// Archived is set if requested lines are not in the store.
	Archived uint64 `json:"archived,omitempty" doc:"Lines up to this number are in the archive, and those after the one asked for are missing here; archive=true reads them too."`
}

// AuditFound is the result of a search in an audit trail, the newest line first.
type AuditFound struct {
	Items []directory.Audit `json:"items" nullable:"false"`
	Next  uint64            `json:"next,omitempty" doc:"Send this as before to continue: the search ended before the beginning of the trail. Missing: there is no more."`
	// Archived is set if lines that were not read may match.
	Archived *ArchivedPart `json:"archived,omitempty" doc:"Lines that are in the archive, and may match; archive=true searches them too."`
}

// ArchivedPart is the part of a trail or a feed that is in the archive and not in the store.
type ArchivedPart struct {
	Last     uint64         `json:"last" doc:"The number of the last line in the archive. The store has those after it."`
	Lines    uint64         `json:"lines" doc:"How many lines this installation has moved there."`
	From     *time.Time     `json:"from,omitempty" doc:"The earliest time of a line in the archive."`
	To       *time.Time     `json:"to,omitempty" doc:"The latest."`
	Segments int            `json:"segments"`
	Bytes    int64          `json:"bytes" doc:"Of the files of the segments."`
	Head     directory.Hash `json:"head,omitzero" doc:"The head of the last segment: the SHA-256 of its manifest."`
	Moved    *time.Time     `json:"moved,omitempty" doc:"When the last segment was moved."`
}

// ArchiveStatus is the archive as it is now.
type ArchiveStatus struct {
	Place string         `json:"place" doc:"Where it is. Empty: there is none."`
	Key   string         `json:"key,omitempty" doc:"The public key (Ed25519, hexadecimal) of what is signed now."`
	Error string         `json:"error,omitempty" doc:"Why it cannot be written now. Nothing is lost: what is not in the archive stays in the store."`
	Items []ArchiveTrail `json:"items" nullable:"false" doc:"The installation, and every tenant that has something in the archive."`
	Next  string         `json:"next,omitempty" doc:"Give this as cursor to get the next page. Missing on the last one."`
}

// ArchiveTrail is the part of one tenant that is in the archive.
type ArchiveTrail struct {
	Tenant string       `json:"tenant" doc:"Empty: the installation itself."`
	Audit  ArchivedPart `json:"audit"`
	Events ArchivedPart `json:"events"`
	Error  string       `json:"error,omitempty" doc:"Why nothing of it moves now."`
}

// AuditStreams says how sending audit lines to a SIEM goes.
type AuditStreams struct {
	Items []AuditStream `json:"items" nullable:"false" doc:"Those that the configuration names."`
	Next  string        `json:"next,omitempty" doc:"Give this as cursor to get the next page. Missing on the last one."`
}

// AuditStream is one way on which audit lines go to a SIEM.
type AuditStream struct {
	Name         string     `json:"name" enum:"stdout,syslog"`
	To           string     `json:"to" doc:"Where the lines go."`
	Begun        *time.Time `json:"begun,omitempty" doc:"Lines that were written before are not sent. Missing: it has not begun."`
	Backlog      uint64     `json:"backlog" doc:"Lines that were not sent yet, or so lately that they would be sent again after a broken connection."`
	Success      *time.Time `json:"success,omitempty" doc:"When lines were last taken."`
	FailingSince *time.Time `json:"failing_since,omitempty" doc:"Missing: it does not fail."`
	Attempts     int        `json:"attempts,omitempty" doc:"How many failed since then."`
	Next         *time.Time `json:"next_attempt,omitempty" doc:"When it is tried again."`
	Error        string     `json:"error,omitempty" doc:"Why the last attempt failed. Nothing is lost: the lines are in the trails."`
}

// ArchiveProof is the result of following the segments of a tenant.
type ArchiveProof struct {
	Segments int      `json:"segments"`
	Lines    uint64   `json:"lines" doc:"Audit lines in them."`
	Events   uint64   `json:"events" doc:"Events in them."`
	Keys     []string `json:"keys" nullable:"false" doc:"The public keys that signed them."`
}

// AuditReport is the result of verifying an audit trail.
type AuditReport struct {
	Tenant string `json:"tenant" doc:"Empty: the installation itself."`
	OK     bool   `json:"ok"`
	Lines  uint64 `json:"lines" doc:"How many lines there should be."`
	// Archived and Archive are about the lines that are no longer in the store.
	Archived uint64        `json:"archived,omitempty" doc:"The number of the last line that is in the archive and not in the store."`
	Archive  *ArchiveProof `json:"archive,omitempty" doc:"What was found in the archive. Missing: it was not looked at."`
	Checked  uint64        `json:"checked" doc:"How many lines of the hash chain fit."`
	Start    uint64        `json:"chain_start" doc:"The line with which the hash chain begins; 0: it has not begun."`
	Older    uint64        `json:"older" doc:"Lines that were written before there was a chain. It does not protect them."`
	Head     AuditHead     `json:"head" doc:"The last line that fits. Keep it elsewhere to prove later that nothing up to it was changed."`
	Broken   uint64        `json:"broken,omitempty" doc:"The first line that does not fit."`
	Why      string        `json:"why,omitempty" doc:"What is wrong with it."`
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

// AuditCounts is how much happened in all tenants since a time.
type AuditCounts struct {
	From           time.Time `json:"from" doc:"Since when: the beginning of a quarter of an hour."`
	UsersCreated   int       `json:"users_created"`
	UsersSuspended int       `json:"users_suspended"`
	Refused        int       `json:"refused" doc:"Writes that a rule refused."`
	Tenants        int       `json:"tenants" doc:"The tenants of your scope."`
	Counted        int       `json:"counted" doc:"How many of them are in the numbers. If it is less than tenants, ask again: the next answer has more."`
}
