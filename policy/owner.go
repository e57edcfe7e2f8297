package policy

import "drawbridge/directory"

// CanOwn reports whether u counts as an Owner of the tenant while it is in the group Owners (G3). B4 keeps guests out of Owners. A
// guest that an older store has in Owners still counts, so that the last Owner is kept.
func CanOwn(u *directory.User) bool {
	return !u.Gone() && (u.State == directory.Active || u.State == directory.Recovery)
}

// KeepOwner refuses a change that leaves a tenant without an active Owner, if it had one before (G3). before and after are the
// numbers of active Owners.
func KeepOwner(before, after int) *Refusal {
	if before == 0 || after > 0 {
		return nil
	}
	return refuse("G3", "this would leave the tenant without an active Owner: make another person an Owner first")
}
