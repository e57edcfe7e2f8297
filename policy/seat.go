package policy

import (
	"fmt"
	"math"

	"drawbridge/directory"
)

// Occupied reports whether a user in this state counts against the limit (B1).
func Occupied(s directory.State) bool {
	switch s {
	case directory.Invited, directory.AwaitingConfirmation, directory.Active, directory.Recovery:
		return true
	}
	return false
}

// Billable reports whether a user in this state is billed (B1).
func Billable(s directory.State) bool {
	switch s {
	case directory.AwaitingConfirmation, directory.Active, directory.Recovery:
		return true
	}
	return false
}

// Seats is how many seats a tenant uses (B1, B3).
type Seats struct {
	Occupied int // members + max(0, guests − included), of those who count against the limit
	Billable int // the same of those who are billed
	Limit    int // 0: none
	Members  int // members who occupy a seat
	Guests   int // guests who count, including those of the plan
}

// Count counts the seats of u.
func Count(u directory.Usage, included int) Seats {
	var s Seats
	var members, guests int
	for _, state := range directory.AllStates() {
		if Occupied(state) {
			s.Members += u.Users[directory.TeamMember][state]
			s.Guests += u.Users[directory.Guest][state]
		}
		if Billable(state) {
			members += u.Users[directory.TeamMember][state]
			guests += u.Users[directory.Guest][state]
		}
	}
	s.Occupied = s.Members + max(0, s.Guests-included)
	s.Billable = members + max(0, guests-included)
	return s
}

// Limit is how many seats may be occupied: the purchased ones, but never more than the plan has. 0: no limit.
func Limit(plan directory.Plan, purchased int) int {
	if purchased > 0 && plan.MaxMembers > 0 {
		return min(purchased, plan.MaxMembers)
	}
	return max(purchased, plan.MaxMembers)
}

// Seats counts what s uses.
func (s State) Seats() Seats {
	n := Count(s.Usage, s.Settings.IncludedGuests)
	n.Limit = Limit(s.Plan, s.Purchased)
	return n
}

// TakeSeat refuses if replacing before (nil: no user) by after needs more seats than there are (B2). A change that needs no
// additional seat is never refused, even if the limit is exceeded already, because no user is evicted.
func (s State) TakeSeat(before, after *directory.User) *Refusal {
	limit := Limit(s.Plan, s.Purchased)
	if limit == 0 {
		return nil
	}
	usage := s.Usage
	now := Count(usage, s.Settings.IncludedGuests).Occupied
	if before != nil {
		usage.Add(before, -1)
	}
	usage.Add(after, 1)
	then := Count(usage, s.Settings.IncludedGuests).Occupied
	if then <= now || then <= limit {
		return nil
	}
	return &Refusal{
		Code: directory.Refused, Rule: "B2", Occupied: now, Limit: limit, needed: then,
		Message: fmt.Sprintf("%d of %d seats in use: suspend or remove a user, or raise the number of seats, and repeat the request", now, limit),
	}
}

// ChangeLimit refuses a plan or a number of seats that lowers the limit below the occupied seats (B8). before and after are the states
// before and after the change.
func ChangeLimit(before, after State) *Refusal {
	was, limit := Limit(before.Plan, before.Purchased), Limit(after.Plan, after.Purchased)
	occupied := Count(after.Usage, after.Settings.IncludedGuests).Occupied
	lowered := limit > 0 && (was == 0 || limit < was)
	dearer := limit > 0 && occupied > Count(before.Usage, before.Settings.IncludedGuests).Occupied
	if occupied <= limit || !lowered && !dearer {
		return nil
	}
	return &Refusal{
		Code: directory.Refused, Rule: "B8", Field: "seats", Occupied: occupied, Limit: limit,
		Message: fmt.Sprintf("%d seats are in use, so the limit cannot be %d: suspend or remove %d first", occupied, limit, occupied-limit),
	}
}

// growsTo is the number up to which purchased seats grow automatically (B2): the tenant's setting, but never more than the plan has.
func (s State) growsTo() int {
	most := s.Settings.SeatsMax
	if plan := s.Plan.MaxMembers; plan > 0 && (most == 0 || most > plan) {
		most = plan
	}
	if most == 0 {
		return math.MaxInt
	}
	return most
}

// SeatNotice says whether the number of occupied seats is to be announced (B9): at 80, 90 and 100 % of the limit, once
// each. announced is the last step that was announced. A step is announced again only after the number has fallen five
// points below it, so a user who is added and removed at the threshold causes no further notices.
func SeatNotice(announced int, n Seats) (step int, announce bool) {
	if n.Limit == 0 {
		return 0, false
	}
	percent := n.Occupied * 100 / n.Limit
	for _, s := range []int{80, 90, 100} {
		if percent >= s {
			step = s
		}
	}
	switch {
	case step > announced:
		return step, true
	case step < announced && percent >= announced-5:
		return announced, false
	}
	return step, false
}
