package directory

import (
	"strconv"
	"time"
)

// Webhook is an endpoint of another system that the events of tenants are pushed to (E3). It belongs to the installation and is attached
// to tenants (C11).
type Webhook struct {
	ID       ID        `json:"id"`
	Name     string    `json:"name"` // unique in the installation, and never changed
	Version  uint64    `json:"version"`
	Created  time.Time `json:"created"`
	Modified time.Time `json:"modified"`

	// Format is the message that it gets. With one of these, it is a channel: its messages are for people, and it gets what a recipient of
	// mail with the same Events would get.
	Format WebhookFormat `json:"format,omitempty"`

	URL    string   `json:"url"`              // scheme and host only, because a path may have a secret; the whole URL in records of older versions
	Events []string `json:"events,omitempty"` // patterns of kinds, such as user.*; none: all
	All    bool     `json:"all,omitempty"`    // attached to every tenant, including future ones
	// Tenants are the tenants that it is attached to. With All, they are those that existed when All was set; deliveries of newer tenants
	// begin with their first event. One of audit lines may be attached to the installation, too (Provider).
	Tenants map[TenantID]Attachment `json:"tenants,omitempty"`

	Secret    SealedCredential  `json:"secret"`               // the key that signs; of a channel: its URL
	Address   *SealedCredential `json:"address,omitempty"`    // the whole URL; nil: of a channel, and in records of older versions
	OldSecret *SealedCredential `json:"old_secret,omitempty"` // signs as well, until OldUntil
	OldUntil  time.Time         `json:"old_until,omitzero"`

	Paused  bool      `json:"paused,omitempty"`
	Parked  time.Time `json:"parked,omitzero"` // since when deliveries are given up; zero: they are not
	Reason  string    `json:"reason,omitempty"`
	Resumes int       `json:"resumes,omitempty"` // how often it was resumed; failures before that do not count
	// ResumedBy is who resumed it last. The trails of its tenants get the line later.
	ResumedBy Actor `json:"resumed_by,omitzero"`

	// Gaps are what it did not get of tenants whose data was deleted, until the receiver was told.
	Gaps []MissedEvents `json:"gaps,omitempty"`
}

// MissedEvents is a range of events or audit lines that a webhook did not get.
type MissedEvents struct {
	Tenant TenantID `json:"tenant"`
	From   uint64   `json:"from"`
	To     uint64   `json:"to"`
}

// Gap gives the gap of a tenant. ok is false if there is none.
func (w *Webhook) Gap(tenant TenantID) (gap MissedEvents, ok bool) {
	for _, g := range w.Gaps {
		if g.Tenant == tenant {
			return g, true
		}
	}
	return gap, false
}

// WebhookFormat is the format of the messages of a webhook.
type WebhookFormat string

// The formats. SignedEvents and SignedAudit are for programs, and the others are those of channels.
const (
	SignedEvents WebhookFormat = ""
	// SignedAudit is the lines of audit trails instead of the events of feeds: all of them, so that their hashes are a chain.
	SignedAudit WebhookFormat = "audit"

	Slack     WebhookFormat = "slack" // an incoming webhook of Slack
	Teams     WebhookFormat = "teams" // a workflow of Microsoft Teams
	PlainJSON WebhookFormat = "json"
)

// Channel reports whether its messages are for people.
func (w *Webhook) Channel() bool { return w.Format != SignedEvents && w.Format != SignedAudit }

// Audit reports whether it gets audit lines.
func (w *Webhook) Audit() bool { return w.Format == SignedAudit }

// Attachment says from which event on a webhook gets the events of a tenant.
type Attachment struct {
	From    uint64    `json:"from"` // the number of the last event before it was attached
	At      time.Time `json:"at"`
	Version uint64    `json:"version"` // of the webhook that attached it
	By      Actor     `json:"by,omitzero"`
}

// Attached reports whether the webhook gets the events of a tenant, or the audit lines of it or of the installation.
func (w *Webhook) Attached(tenant TenantID) bool {
	_, ok := w.Tenants[tenant]
	return ok || w.All && tenant != Provider
}

// Live reports whether anything is sent to it.
func (w *Webhook) Live() bool { return !w.Paused && w.Parked.IsZero() }

// Delivery says how far the events of a tenant were delivered to a webhook. It is stored in the tenant.
type Delivery struct {
	Attached  uint64    `json:"attached"`          // Attachment.Version; the state of another attachment is ignored
	Resumes   int       `json:"resumes,omitempty"` // Webhook.Resumes
	Version   uint64    `json:"version"`
	Cursor    uint64    `json:"cursor"`    // the number of the last event that was delivered or skipped
	Delivered uint64    `json:"delivered"` // how many were
	Success   time.Time `json:"success,omitzero"`

	FailingSince time.Time `json:"failing_since,omitzero"` // first failure of the event after Cursor; zero: it is not failing
	Attempts     int       `json:"attempts,omitempty"`     // of that event that failed
	Next         time.Time `json:"next,omitzero"`          // when it is tried again
	Parked       time.Time `json:"parked,omitzero"`        // since when this tenant's events wait for an operator
	Error        string    `json:"error,omitempty"`

	Recent []Attempt `json:"recent,omitempty"` // the last attempts, the newest last
	Sent   Hourly    `json:"sent,omitzero"`    // attempts by the hour
	Taken  Hourly    `json:"taken,omitzero"`   // those of them that the receiver accepted
}

// Attempt is one request to a webhook.
type Attempt struct {
	Seq     uint64        `json:"seq"`
	Kind    EventKind     `json:"kind"`
	ID      string        `json:"id"` // the header webhook-id
	At      time.Time     `json:"at"`
	Took    time.Duration `json:"took"`
	Attempt int           `json:"attempt"` // 1: the first
	Status  int           `json:"status,omitempty"`
	Error   string        `json:"error,omitempty"`  // "": the receiver accepted the event
	Answer  string        `json:"answer,omitempty"` // the begin of the body of the answer
}

// WebhookID is the id of an audit line for receivers: the same with every attempt, and another one for a line of another trail of the same
// tenant. It has no dot.
func (a *Audit) WebhookID() string {
	return "aud_" + string(a.Tenant) + "_" + strconv.FormatUint(a.Seq, 10) + "_" + a.Hash.String()[:12]
}

// WebhookID is the id of an event for receivers: the same with every attempt. It has no dot, because a signature covers the id, a dot and
// what follows.
func (e *Event) WebhookID() string {
	at := e.Cursor()
	return "evt_" + string(at.Tenant) + "_" + strconv.FormatUint(at.Seq, 10) + "_" + at.Mark
}
