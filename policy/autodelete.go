package policy

import (
	"fmt"
	"time"

	"drawbridge/directory"
)

// AutoDelete says whether auto-delete applies to a user (D5), and if not, why. The caller checks for the last Owner.
func (s State) AutoDelete(u *directory.User) (ok bool, why string) {
	switch {
	case s.Settings.AutoDeleteDays == 0:
		return false, "auto-delete is off"
	case u.State != directory.Suspended || u.Suspension == nil:
		return false, "the user is not suspended"
	case u.Statement == directory.SaidActive && u.Connection == "":
		return false, "the identity provider said that the user is active before the user was released from it"
	case u.Statement == directory.SaidActive:
		return false, fmt.Sprintf("connection %q last said that the user is active", u.Connection)
	case u.Suspension.By.Kind == directory.ByOperator && s.Mode(u) == directory.Hold:
		return false, "the suspension is on hold"
	}
	return true, ""
}

// DeletionDue is when a user to whom AutoDelete applies is deleted, and which notice is due now: 7 or 1 days before, or 0 for none. The
// clock starts with the suspension. No user is deleted without a notice a day before, even if auto-delete was turned on late.
func (s State) DeletionDue(u *directory.User, notice directory.DeletionNotice) (due time.Time, step int) {
	const day = 24 * time.Hour
	due = u.Suspension.At.AddDate(0, 0, s.Settings.AutoDeleteDays)
	given := notice.Step
	if !notice.Suspended.Equal(u.Suspension.At) { // of an earlier suspension
		given = 0
	}
	if given == 1 {
		if earliest := notice.At.Add(day); due.Before(earliest) {
			due = earliest
		}
		return due, 0
	}
	if earliest := s.Now.Add(day); due.Before(earliest) {
		due = earliest
	}
	left := due.Sub(s.Now)
	switch {
	case left <= day:
		step = 1
	case left <= 7*day && given != 7 && s.Settings.AutoDeleteDays > 7:
		step = 7
	}
	return due, step
}

// DaysLeft is how many days are left until due, rounded up. Every notice states this number.
func DaysLeft(due, now time.Time) int {
	const day = 24 * time.Hour
	return max(0, int((due.Sub(now)+day-1)/day))
}

// TokenNotice says which notice about an expiring credential is due (C2): 30, 14, 7 or 1 days before, 0 for none. given is the last notice
// about this expiry.
func TokenNotice(expires time.Time, given int, now time.Time) int {
	left := expires.Sub(now)
	if left <= 0 {
		return 0
	}
	for _, days := range []int{1, 7, 14, 30} {
		if left <= time.Duration(days)*24*time.Hour {
			if given != 0 && given <= days {
				return 0
			}
			return days
		}
	}
	return 0
}
