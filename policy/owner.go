package policy

import "drawbridge/directory"

// CanOwn reports whether u counts as an Owner of the tenant while it is in the group Owners (G3). B4 keeps guests out of Owners; one
// whom an older store has there still counts, so that the last Owner is kept.
func CanOwn(u *directory.User) bool {
	return !u.Gone() && (u.State == directory.Active || u.State == directory.Recovery)
}

// KeepOwner says no to whatever would leave a tenant that had an active Owner without one (G3). before and after are the
// numbers of active Owners.
func KeepOwner(before, after int) *Refusal {
	if before == 0 || after > 0 {
		return nil
	}
	return refuse("G3", "this would leave the tenant without an active Owner: make somebody else an Owner first")
}
