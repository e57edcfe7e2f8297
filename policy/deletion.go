package policy

import (
	"fmt"
	"time"

	"drawbridge/directory"
)

// DeleteByIdP says what the IdP's DELETE does to a user (D4): it is the deprovisioning, and only the last Owner (G3), which the caller
// checks, blocks it. remove: the record is replaced by a tombstone. Otherwise Decision.User is the record in grace: suspended and Gone.
func (s State) DeleteByIdP(before directory.User) (d Decision, remove bool) {
	d.because("D4")
	if s.Settings.OnDelete == directory.OnDeleteRemove {
		d.event(directory.UserDeleted)
		d.Why = "deleted by the identity provider"
		return d, true
	}
	u := before
	u.Statement, u.StatedAt = directory.SaidDeleted, s.Now
	if u.State != directory.Suspended {
		u.State = directory.Suspended
		u.Suspension = &directory.Suspension{At: s.Now, By: s.Actor, Reason: "deleted by the identity provider"}
	}
	d.User = u
	d.event(directory.UserSuspended)
	d.because("L3")
	d.Why = "deleted by the identity provider; the record is kept in grace"
	return d, false
}

// DeleteByPerson refuses a deletion by a person unless the user is suspended (D1) and deprovisioned (D2). A user who was released
// from a connection that last said active is not deprovisioned. Force with a Reason overrules D2, never D1. The error is a Conflict,
// or Invalid for Force without a Reason.
func DeleteByPerson(u *directory.User, how directory.Removal, idp string) (forced bool, no *Refusal) {
	if u.State != directory.Suspended {
		return false, conflict("D1", "state", fmt.Sprintf("the user is %s: suspend the user first, then delete", u.State))
	}
	if u.Statement != directory.SaidActive {
		return false, nil
	}
	if !how.Force && u.Connection == "" {
		return false, conflict("D2", "state",
			"the identity provider said that the user is active before the user was released from it: deprovision there first, or force the deletion with a reason")
	}
	if !how.Force {
		return false, conflict("D2", "state", fmt.Sprintf(
			"connection %q last said that the user is active: deprovision in %s first, or force the deletion with a reason", u.Connection, idp))
	}
	if how.Reason == "" {
		return false, &Refusal{Code: directory.Invalid, Field: "reason", Message: "a forced deletion needs a reason"}
	}
	return true, nil
}

// DeleteGroupByPerson refuses the deletion of a group by a person while a connection manages it (D2): until the identity provider deletes
// the group, its next push would create it again. Force with a Reason overrules that. Groups have no state, so D1 does not apply.
func DeleteGroupByPerson(g *directory.Group, how directory.Removal, idp directory.ConnectionType) (forced bool, no *Refusal) {
	if g.Connection == "" {
		return false, nil
	}
	if !how.Force && keepsGroups(idp) {
		return false, conflict("D2", "connection", fmt.Sprintf(
			"connection %q manages the group, and %s never says that a group is gone: if it is gone there, force the deletion with a reason", g.Connection, IdPTitle(idp)))
	}
	if !how.Force {
		return false, conflict("D2", "connection", fmt.Sprintf(
			"connection %q manages the group: delete it in %s first, or force the deletion with a reason", g.Connection, IdPTitle(idp)))
	}
	if how.Reason == "" {
		return false, &Refusal{Code: directory.Invalid, Field: "reason", Message: "a forced deletion needs a reason"}
	}
	return true, nil
}

// keepsGroups reports whether an identity provider sends nothing when a group is deleted there.
func keepsGroups(idp directory.ConnectionType) bool {
	return idp == directory.OneLogin || idp == directory.Google
}

// DeleteForGood refuses an operator who may not delete permanently and whose action would do so indirectly (D3). needs is the right to delete
// such a record: UserDelete or GroupDelete.
func DeleteForGood(by directory.Access, needs directory.Right) *Refusal {
	if Has(by.Role, needs) {
		return nil
	}
	return &Refusal{Code: directory.Forbidden, Rule: "D3", Message: fmt.Sprintf(
		"this deletes for good, which needs the right %s: ask %s", needs, holders(needs))}
}

// TombstoneOf is what stays of u (D6).
func TombstoneOf(u *directory.User, now time.Time, by directory.Actor) directory.Tombstone {
	return directory.Tombstone{
		ID: u.ID, Kind: directory.UserKind, Connection: u.Connection, ExternalID: u.ExternalID,
		UserName: directory.UserNameKey(u.UserName), Created: u.Created, Deleted: now, By: by,
	}
}

// InGrace reports whether a tombstone is still complete, so that a rehire gets the same id (D6, L5).
func InGrace(t *directory.Tombstone, s directory.Settings, now time.Time) bool {
	return now.Before(t.Deleted.AddDate(0, 0, s.TombstoneDays))
}

// IdPTitle is the name of the identity provider of a connection for administrators.
func IdPTitle(t directory.ConnectionType) string {
	switch t {
	case directory.Okta:
		return "Okta"
	case directory.Entra:
		return "Entra ID"
	case directory.Google, directory.GoogleDirectory:
		return "Google Workspace"
	case directory.OneLogin:
		return "OneLogin"
	case directory.JumpCloud:
		return "JumpCloud"
	case directory.Rippling:
		return "Rippling"
	case directory.Ping:
		return "PingOne"
	}
	return "the identity provider"
}
