package directory

import "time"

// Alert is something in a tenant that somebody should look at: it is raised by an event, once for everything that it may be
// about, and stays open until an operator acknowledges it or it has settled by itself.
type Alert struct {
	Key     string    `json:"key"` // the kind, and behind a slash what it is about: two with one key are one
	Kind    AlertKind `json:"kind"`
	Subject Subject   `json:"subject"`
	Text    string    `json:"text"` // what happened last, in a sentence
	By      Actor     `json:"by"`
	Raised  time.Time `json:"raised"`
	Last    time.Time `json:"last"`
	Times   int       `json:"times"` // how often it happened since it was raised

	Acknowledged   time.Time `json:"acknowledged,omitzero"`
	AcknowledgedBy Actor     `json:"acknowledged_by,omitzero"`
	Note           string    `json:"note,omitempty"`
	Cleared        time.Time `json:"cleared,omitzero"` // it settled by itself
}

// Open reports whether somebody should still look at it.
func (a *Alert) Open() bool { return a.Acknowledged.IsZero() && a.Cleared.IsZero() }

// AlertKind says what an alert is about.
type AlertKind string

// The kinds of alert.
const (
	ProtectedAlert AlertKind = "protected_group" // Owners or Administrators changed (G6)
	RemovalAlert   AlertKind = "brake"           // a connection removes unusually many (C8)
	SyncAlert      AlertKind = "sync"            // a connection is silent or fails (C7)
	TokenAlert     AlertKind = "token"           // a credential expires within a week (C2)
	SeatsAlert     AlertKind = "seats"           // every seat is taken (B9)
)

// AlertKinds lists the kinds.
func AlertKinds() []AlertKind {
	return []AlertKind{ProtectedAlert, RemovalAlert, SyncAlert, TokenAlert, SeatsAlert}
}
