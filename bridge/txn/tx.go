package txn

import (
	"time"

	"drawbridge/directory"
	"drawbridge/store"
)

// Tx is one run of a decision in a transaction: its reader, its caller, and the Change that it builds. Every write uses it, so that no
// record is written without its audit line and its events.
type Tx struct {
	Reader    store.Reader
	Principal directory.Principal
	Now       time.Time
	Change    directory.Change

	newID    func() directory.ID
	cause    string // what the events name as their cause
	refusal  *Refusal
	heldBack directory.Rule
}

// WithEmptyChange gives a Tx with the same reader, principal and time whose Change is empty.
func (t *Tx) WithEmptyChange() *Tx {
	return &Tx{Reader: t.Reader, Principal: t.Principal, Now: t.Now, newID: t.newID, cause: t.cause}
}

// NewID gives the ID of a new record. Another run of the same decision gets the same ids.
func (t *Tx) NewID() directory.ID { return t.newID() }

// Line is an audit line about something that was done. The caller completes it and passes it to Audit.
func (t *Tx) Line(action directory.Action, subject directory.Subject) directory.Audit {
	return directory.Audit{
		Time: t.Now, Tenant: t.Principal.Tenant, Actor: t.Principal.Actor, Action: action, Subject: subject, Outcome: directory.Done,
		Request: t.Principal.Request, Address: t.Principal.Address,
	}
}

// Audit puts a line into the Change.
func (t *Tx) Audit(line directory.Audit) { t.Change.Audit = append(t.Change.Audit, line) }

// Event puts an event into the Change.
func (t *Tx) Event(kind directory.EventKind, subject directory.Subject, data directory.Attributes) {
	e := directory.Event{
		Time: t.Now, Tenant: t.Principal.Tenant, Kind: kind, Subject: subject, Actor: t.Principal.Actor, Txn: t.cause, Verb: t.verb(kind, subject),
	}
	if len(data) > 0 {
		e.Data = data.Document()
	}
	t.Change.Events = append(t.Change.Events, e)
}

// Exists gives NotFound for a tenant that does not exist. The installation itself always exists.
func Exists(r store.Reader, tenant directory.TenantID) error {
	if tenant == directory.Provider {
		return nil
	}
	_, err := r.Tenant()
	return err
}

// Later is the time at which a record is modified: now, but never before the last time.
func Later(now, last time.Time) time.Time {
	if now.Before(last) {
		return last
	}
	return now
}
