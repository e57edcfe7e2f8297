package directory

import (
	"cmp"
	"time"
)

// Alert is something in a tenant that an operator should look at. An event raises it, once for all events with the same key. It
// stays open until an operator acknowledges it, or until its cause is gone.
type Alert struct {
	Key     string    `json:"key"` // the kind, a slash and the subject; there is one alert for a key
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
	Until          time.Time `json:"until,omitzero"`   // when a snooze ends; zero: the alert is acknowledged permanently
	Cleared        time.Time `json:"cleared,omitzero"` // its cause was gone
}

// Open reports whether an operator should look at it now.
func (a *Alert) Open(now time.Time) bool { return !a.Settled() && !a.Snoozed(now) }

// Snoozed reports whether an operator snoozed it until a later time. A snooze from when the clock was ahead does not count.
func (a *Alert) Snoozed(now time.Time) bool {
	return !a.Settled() && !a.Acknowledged.IsZero() && now.Before(a.Until) && a.Acknowledged.Sub(now) <= ClockStep
}

// Settled reports whether it has ended: its cause is gone, or an operator has acknowledged it permanently.
func (a *Alert) Settled() bool {
	return !a.Cleared.IsZero() || !a.Acknowledged.IsZero() && a.Until.IsZero()
}

// LatestAlert is the order of the alerts of a tenant: the latest first.
func LatestAlert(a, b Alert) int {
	return cmp.Or(b.Last.Compare(a.Last), cmp.Compare(a.Key, b.Key))
}

// AlertKind says what an alert is about.
type AlertKind string

// The kinds of alert.
const (
	ProtectedAlert AlertKind = "protected_group" // Owners or Administrators changed (G6)
	RemovalAlert   AlertKind = "brake"           // a connection removes unusually many (C8)
	SyncAlert      AlertKind = "sync"            // a connection is silent or fails (C7)
	TokenAlert     AlertKind = "token"           // a credential expires within a week (C2)
	SeatsAlert     AlertKind = "seats"           // every seat is taken (B9)
	WebhookAlert   AlertKind = "webhook"         // events are no longer delivered to a webhook (E3)
	TargetAlert    AlertKind = "target"          // a target fails for everybody, or its removals wait (C16)
)

// AlertKinds lists the kinds.
func AlertKinds() []AlertKind {
	return []AlertKind{ProtectedAlert, RemovalAlert, SyncAlert, TokenAlert, SeatsAlert, WebhookAlert, TargetAlert}
}
