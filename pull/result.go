package pull

import (
	"time"

	"drawbridge/directory"
)

// Outcome says how a run ended.
type Outcome string

// The values of Outcome.
const (
	Complete Outcome = "complete" // everything is as at Google, except what rules refused
	Voided   Outcome = "void"     // the snapshot was not complete or not plausible: nothing was changed
	Stopped  Outcome = "stopped"  // the run stopped early: the next one continues
)

// Result is what a run did, or would do.
type Result struct {
	Connection directory.ConnectionID
	Tenant     directory.TenantID
	Preview    bool
	Observed   bool // it changed the copy that the connection in observe mode works on (C9)
	Outcome    Outcome
	Reason     string // why it is not complete
	Started    time.Time
	Took       time.Duration
	Requests   int // to Google
	Count      Counts
	Items      []Item                // at most mostItems
	More       int                   // items that are not in Items
	Seats      directory.SeatsEffect // After: only of a preview
}

// mostItems bounds what a Result names.
const mostItems = 1000

// Counts is a run in numbers.
type Counts struct {
	// What Google says.
	Active, Inactive, Groups, Members int
	Outside                           int // members outside the company, or of groups that are not read
	Duplicates                        int // users who came twice in the list

	// What was done.
	Created, Restored, Adopted, Updated, Suspended, Reactivated, Deleted, Unchanged int
	GroupsCreated, GroupsUpdated, GroupsDeleted, GroupsUnchanged                    int
	Joined, Left                                                                    int // memberships

	// What was not done.
	Refused  int // by a rule
	Held     int // by the brake
	Missing  int // missing at Google, until another run confirms it
	Unlisted int // not in Google's list, but found by id
	Skipped  int // groups that are too large or in a circle, and values that cannot be written
}

// Item is a change that a run made, or did not make.
type Item struct {
	Action     string // "user.create", "group.update", …
	Kind       string // User or Group
	ID         string // of the record; "" for one that is not there yet
	ExternalID string
	Name       string
	Detail     string // why
	Refused    bool
	Held       bool
	Rule       directory.Rule
	Joined     int
	Left       int
}

func (r *Result) add(item Item) {
	if len(r.Items) < mostItems {
		r.Items = append(r.Items, item)
	} else {
		r.More++
	}
}
