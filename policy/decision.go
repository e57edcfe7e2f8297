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
	Purchased int // seats that the tenant bought; 0: as many as the plan allows
	Usage     directory.Usage
	// Actor asks. For an identity provider, Connection is who it is and Type what to call it.
	Actor      directory.Actor
	Connection directory.ConnectionID
	// Invitation is what is left of the onboarding of the user whom the decision is about; nil: nothing.
	Invitation *directory.UserInvitation
}

// Decision is the answer: the user to write, or the reason to refuse. With Refuse set nothing may be written but the
// record of the refusal.
type Decision struct {
	User    directory.User
	Refuse  *Refusal
	Events  []directory.EventKind
	Because []directory.Rule // the rules that shaped the answer, the first one the most
	Why     string           // a sentence for the audit line; "" if there is nothing to explain
	Held    bool             // the IdP wished for active, a suspension that holds said no (L4)
	Grow    int              // the number of purchased seats that the decision needs (B2); 0: as many as there are
	Over    bool             // the decision passes the limit, as the tenant allows (B2)
}

// Refusal is a rule that refuses, in words that the reader of the reply can act on.
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
