package policy

import (
	"fmt"
	"slices"
	"time"

	"drawbridge/directory"
)

const (
	brakeWindow = time.Hour
	brakeLeast  = 5
	brakeMost   = 50
	// brakeMemory is how many removals are remembered: more than brakeMost, so that every decision can be made.
	brakeMemory = 64
)

// BrakeLimit is how many removals within an hour are usual for a number of active members (C8): a fifth, but at least 5 and at most 50.
func BrakeLimit(active int) int { return max(brakeLeast, min(brakeMost, active/5)) }

// BrakeUsual is how many removals within an hour the brake lets pass now: BrakeLimit of the active members, and of those who were removed in
// this hour.
func BrakeUsual(r directory.Removals, active int, now time.Time) int {
	return BrakeLimit(active + len(within(r, now).Recent))
}

// BrakeVerdict is the decision of the brake about a removal.
type BrakeVerdict struct {
	Removals directory.Removals // the removals to remember; with Refuse, nothing was removed
	Within   int                // removals within the hour, including this one; counted up to 64
	Limit    int
	Alert    bool     // the limit is exceeded for the first time
	Refuse   *Refusal // the removal is held for an operator
}

// Brake decides about a removal of weight many (C8). active is how many members are active before it.
func Brake(mode directory.BrakeMode, r directory.Removals, weight, active int, now time.Time) BrakeVerdict {
	if mode == directory.BrakeOff || weight <= 0 {
		return BrakeVerdict{Removals: r}
	}
	r = within(r, now)
	v := BrakeVerdict{Removals: r, Limit: BrakeUsual(r, active, now), Within: len(r.Recent) + weight}
	over := v.Within > v.Limit
	if mode == directory.BrakeHold && (over || !r.Shut.IsZero()) {
		v.Alert = r.Shut.IsZero()
		if v.Alert {
			v.Removals.Shut = now
		}
		v.Refuse = refuse("C8", fmt.Sprintf(
			"held by the brake: %d removals within an hour are usual here, and this would be number %d; an operator must release or discard what is held",
			v.Limit, v.Within))
		return v
	}
	v.Removals = CountRemovals(r, weight, now)
	v.Removals.Shut = time.Time{}
	switch {
	case !over:
		v.Removals.Alerted = time.Time{}
	case r.Alerted.IsZero():
		v.Alert, v.Removals.Alerted = true, now
	}
	return v
}

// within is r with only the removals of the window.
func within(r directory.Removals, now time.Time) directory.Removals {
	r.Recent = slices.DeleteFunc(slices.Clone(r.Recent), func(at int64) bool { // later removals were noted while the clock was ahead
		return at <= now.Add(-brakeWindow).UnixMilli() || at > now.Add(directory.ClockStep).UnixMilli()
	})
	return r
}

// CountRemovals notes a removal of weight many that the brake has accepted, or judged before together with others.
func CountRemovals(r directory.Removals, weight int, now time.Time) directory.Removals {
	r = within(r, now)
	recent := append([]int64(nil), r.Recent...)
	for range min(weight, brakeMemory) {
		recent = append(recent, now.UnixMilli())
	}
	r.Recent = recent[max(0, len(recent)-brakeMemory):]
	return r
}
