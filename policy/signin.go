package policy

import "drawbridge/directory"

// SignIn says whether a user may sign in to the application now, and why, in a sentence for the application's log (E4). It is
// called on every sign-in, so it depends only on the record. Only an active user may sign in: an invited user has not accepted,
// an unconfirmed user is in no effective group (L2), and a user in recovery has lost a credential (L6).
func SignIn(u *directory.User) (allowed bool, why string) {
	switch u.State {
	case directory.Active:
		return true, "active"
	case directory.Invited:
		return false, "the invitation was not accepted yet"
	case directory.AwaitingConfirmation:
		return false, "an owner or administrator has not confirmed the user yet"
	case directory.Recovery:
		return false, "the account is in recovery"
	case directory.Suspended:
		switch {
		case u.Gone():
			return false, "the identity provider has deleted the user"
		case u.Suspension != nil && u.Suspension.By.Kind == directory.ByOperator:
			return false, "suspended by an operator"
		case u.Suspension != nil && u.Suspension.By.Kind == directory.ByIdP:
			return false, "suspended by the identity provider"
		}
		return false, "suspended"
	}
	return false, "in no known state"
}
