package policy

import (
	"fmt"
	"strings"

	"drawbridge/directory"
)

// SyncWrite is a kind of write by which an identity provider can change the state of a user.
type SyncWrite string

// The kinds of write, in the order in which a forecast lists them.
const (
	WriteActive   SyncWrite = "active"   // a PATCH or PUT that states active: true
	WriteInactive SyncWrite = "inactive" // a PATCH or PUT that states active: false
	WriteOther    SyncWrite = "other"    // a PATCH or PUT that does not state active
	WriteCreate   SyncWrite = "create"   // a POST with the userName and the externalId of the user
	WriteDelete   SyncWrite = "delete"   // a DELETE
)

// SyncWrites lists the kinds of write.
func SyncWrites() []SyncWrite {
	return []SyncWrite{WriteActive, WriteInactive, WriteOther, WriteCreate, WriteDelete}
}

// Outcome is what a write would do to a user if it came now (E7). It comes from the decision that the write itself would get.
type Outcome struct {
	Write SyncWrite
	// Refuse is the error that the identity provider would get; nil: the write succeeds.
	Refuse *directory.Error
	// After is the user after the write; nil: the user is deleted for good. Created means that the write creates another user instead, and
	// Revived is another user whom it brings back instead; nil: none.
	After   *directory.User
	Created bool
	Revived *directory.User
}

// Forecast is what the next writes of one connection would do to a user.
type Forecast struct {
	Connection directory.ConnectionID
	// Blocked is the error that every request of the connection gets: it is paused, or its tenant or plan is not served. nil: none.
	Blocked  *directory.Error
	Outcomes []Outcome
	// Pulled says that the server reads the directory of the identity provider, which sends no requests (C15).
	Pulled bool
}

// Outcome gives the outcome of a kind of write. ok is false while the connection is blocked.
func (f *Forecast) Outcome(write SyncWrite) (o Outcome, ok bool) {
	for _, o := range f.Outcomes {
		if o.Write == write {
			return o, true
		}
	}
	return Outcome{}, false
}

// NextSync says in sentences what the next sync will do to a user (L4, L8), from what every connection would do. The first forecast
// is the one of the connection that manages the user, if one does.
func NextSync(u *directory.User, forecasts []Forecast) string {
	if len(forecasts) == 0 {
		return "The tenant has no connection: no sync changes the user."
	}
	sentences := make([]string, 0, len(forecasts))
	for i := range forecasts {
		sentences = append(sentences, forecasts[i].describe(u))
	}
	if u.Connection == "" {
		return "No connection manages this user, and the first one that writes the user adopts the user (L9). " + strings.Join(sentences, " ")
	}
	return strings.Join(sentences, " ")
}

// describe says what one connection would do to u.
func (f *Forecast) describe(u *directory.User) string {
	if f.Blocked != nil {
		why := "because every request of it is refused: "
		if f.Blocked.Rule == "C9" { // its requests are served, on a copy
			why = "because "
		}
		return fmt.Sprintf("Connection %q changes nothing now, %s%s.", f.Connection, why, strings.TrimSuffix(f.Blocked.Message, "."))
	}
	verbs := pushed
	if f.Pulled {
		verbs = f.pulled(u)
	}
	var parts []string
	for _, write := range []SyncWrite{WriteActive, WriteInactive, WriteCreate, WriteDelete, WriteOther} {
		if o, ok := f.Outcome(write); ok && verbs(write) != "" {
			if text := o.text(u, verbs(write)); text != "" {
				parts = append(parts, text)
			}
		}
	}
	if len(parts) == 0 {
		return fmt.Sprintf("No write of connection %q changes the state of the user.", f.Connection)
	}
	return fmt.Sprintf("Connection %q: %s.", f.Connection, strings.Join(parts, "; "))
}

// pushed is a write of an identity provider that sends its changes, in words.
func pushed(write SyncWrite) string {
	switch write {
	case WriteActive:
		return "a write that states active: true"
	case WriteInactive:
		return "a write that states active: false"
	case WriteCreate:
		return "a POST of the user"
	case WriteDelete:
		return "a DELETE"
	case WriteOther:
	}
	return "any other write"
}

// pulled gives the writes of a run that reads a directory, in words; "" for one that no run makes. A run states only what differs from the
// last statement of its connection about the user (C15).
func (f *Forecast) pulled(u *directory.User) func(SyncWrite) string {
	said := directory.SaidNothing
	if u.Connection == f.Connection {
		said = u.Statement
	}
	return func(write SyncWrite) string {
		switch write {
		case WriteActive:
			if said == directory.SaidActive {
				return "a run that finds the user active after one that found the user inactive"
			}
			return "a run that finds the user active"
		case WriteInactive:
			return "a run that finds the user inactive"
		case WriteCreate:
			if u.Gone() {
				return "a run that finds the user again"
			}
			return ""
		case WriteDelete:
			return "a run that finds the user deleted"
		case WriteOther:
		}
		return "a run that finds other attributes"
	}
}

// text is an outcome of a write, called verb, in words; "" for an obvious one.
func (o *Outcome) text(u *directory.User, verb string) string {
	live := u.State != directory.Suspended
	switch {
	case o.Refuse != nil && o.Refuse.Code == directory.NotFound:
		return ""
	case o.Refuse != nil && live && o.Write == WriteCreate: // the user exists: every identity provider knows that answer
		return ""
	case o.Refuse != nil:
		return verb + " is refused, and changes nothing" + rule(o.Refuse.Rule) + ": " + strings.TrimSuffix(o.Refuse.Message, ".")
	case o.Revived != nil:
		return fmt.Sprintf("%s brings back another user, %s (%s)", verb, o.Revived.UserName, o.Revived.ID)
	case o.Created:
		return verb + " makes another user with a new id"
	case o.After == nil:
		return verb + " deletes the user for good"
	case o.After.Gone() && !u.Gone():
		return verb + " suspends the user and keeps the record in grace"
	case o.After.State != u.State && o.After.State == directory.Suspended:
		return verb + " suspends the user at once"
	case o.After.State != u.State:
		return fmt.Sprintf("%s ends the suspension: the user is %s then", verb, o.After.State)
	case !live && o.Write == WriteActive:
		return "the suspension holds: " + verb + " leaves the user suspended until an operator releases the user"
	}
	return ""
}

func rule(r directory.Rule) string {
	if r == "" {
		return ""
	}
	return " (" + string(r) + ")"
}
