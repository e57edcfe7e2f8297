package policy

import (
	"time"

	"drawbridge/directory"
)

// State is what a decision may depend on in addition to the record itself. The caller has read it in the same transaction.
type State struct {
	Now       time.Time
	Plan      directory.Plan
	Settings  directory.Settings
	Purchased int // purchased seats; 0: as many as the plan allows
	Usage     directory.Usage
	// Actor is the caller. For an identity provider, Connection and Type say which one it is.
	Actor      directory.Actor
	Connection directory.ConnectionID
	// Invitation is the pending onboarding of the user; nil: none.
	Invitation *directory.UserInvitation
}

// Decision is the answer: the user to write, or the reason to refuse. If Refuse is set, only the record of the refusal may be written.
type Decision struct {
	User    directory.User
	Refuse  *Refusal
	Events  []directory.EventKind
	Because []directory.Rule // the rules that decided, the most important one first
	Why     string           // a sentence for the audit line; "" if there is nothing to explain
	Held    bool             // the IdP stated active, and a suspension that holds prevented it (L4)
	Grow    int              // the number of purchased seats that the decision needs (B2); 0: as many as there are
	Over    bool             // the decision exceeds the limit, which the tenant allows (B2)
}

// Refusal is the refusal by a rule, in words that its reader can act on.
type Refusal struct {
	Code     directory.Code // Refused, or Conflict where the state of a record forbids it
	Rule     directory.Rule // "" for a plain clash of unique values, which no rule decided
	Field    string
	Message  string
	Occupied int // of B2 and B8
	Limit    int
	needed   int // seats that would be occupied
}

// Err is the refusal as an error; nil for a nil Refusal.
func (r *Refusal) Err() error {
	if r == nil {
		return nil
	}
	return &directory.Error{Code: r.Code, Field: r.Field, Rule: r.Rule, Message: r.Message}
}

func refuse(rule directory.Rule, message string) *Refusal {
	return &Refusal{Code: directory.Refused, Rule: rule, Message: message}
}

func conflict(rule directory.Rule, field, message string) *Refusal {
	return &Refusal{Code: directory.Conflict, Rule: rule, Field: field, Message: message}
}

func (d *Decision) because(rules ...directory.Rule) { d.Because = append(d.Because, rules...) }

func (d *Decision) event(kinds ...directory.EventKind) { d.Events = append(d.Events, kinds...) }
