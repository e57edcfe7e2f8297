package policy

import (
	"fmt"

	"drawbridge/directory"
)

// Unmanage decides about a user whom an operator releases from its connection (L9). The statement
// "active" stays, so that D2 stays in force. A user whom the IdP deleted stays gone, because another user may have the name by now. Every
// other statement ends with the management.
func (s State) Unmanage(before directory.User) Decision {
	d := Decision{User: before, Why: fmt.Sprintf("no longer managed by connection %q", before.Connection)}
	d.because("L9")
	if before.Connection == "" {
		return d
	}
	d.User.Connection, d.User.Sent = "", nil
	if before.Statement != directory.SaidActive && !before.Gone() {
		d.User.Statement, d.User.StatedAt = directory.SaidNothing, s.Now
	}
	d.event(directory.UserReleased)
	return d
}

// EditUserByPerson refuses a change by hand of a user whom a connection manages (L9). A user whom the IdP deleted may be changed: no change
// at the IdP reaches the record any more, and a release may need another userName.
func EditUserByPerson(u *directory.User, idp string) *Refusal {
	if u.Gone() {
		return nil
	}
	return EditByPerson(u.Connection, "user", idp)
}

// EditByPerson refuses a change by hand of a user or group that a connection manages (L9). idp is the name of its identity provider.
func EditByPerson(owner directory.ConnectionID, what, idp string) *Refusal {
	if owner == "" {
		return nil
	}
	return refuse("L9", fmt.Sprintf("connection %q manages this %s: make the change in %s, or release the %s from the connection first", owner, what, idp, what))
}

// Manage says whether a connection may write a record that owner manages (L9). The first connection that writes a record without an owner
// adopts it; all other records belong to their owner. asking is "" for an operator, who may write all records and adopts none. what is the
// word for the record in the error, such as "user" or "group".
func Manage(asking, owner directory.ConnectionID, what string, id directory.ID) (adopts bool, no *Refusal) {
	switch {
	case asking == "" || asking == owner:
		return false, nil
	case owner == "":
		return true, nil
	}
	return false, refuse("L9", fmt.Sprintf(
		"%s %s is managed by connection %q: it can be written by connection %q only after an operator has released it",
		what, id, owner, asking))
}
