package policy

import (
	"fmt"

	"drawbridge/directory"
)

// Finalise decides about a user who stays when the connection is disconnected (C10). The user has no managing connection
// afterwards, and nothing else changes. A user whom the IdP deleted stays gone, because another user may have the name by now.
func (s State) Finalise(before directory.User) Decision {
	d := Decision{User: before, Why: fmt.Sprintf("connection %q was disconnected: the user is local now", before.Connection)}
	d.detach(s)
	d.event(directory.UserReleased)
	return d
}

// Terminate decides about a user whose connection is disconnected with its people (C10). The user is suspended and left to
// auto-delete (D5), independent of the tenant's setting for manual suspensions. A suspended user stays suspended, with the same
// time and reason. The caller checks for the last Owner (G3).
func (s State) Terminate(before directory.User) Decision {
	d := Decision{User: before, Why: fmt.Sprintf("connection %q was disconnected with its people", before.Connection)}
	if before.State != directory.Suspended {
		d.suspend(s, directory.Yield, d.Why)
	}
	d.detach(s)
	return d
}

func (d *Decision) detach(s State) {
	d.because("C10")
	d.Because[0], d.Because[len(d.Because)-1] = d.Because[len(d.Because)-1], d.Because[0]
	gone := d.User.Gone()
	d.User.Connection, d.User.Sent = "", nil
	if !gone {
		d.User.Statement, d.User.StatedAt = directory.SaidNothing, s.Now
	}
}

// CheckDisconnect refuses an unknown way to disconnect.
func CheckDisconnect(mode directory.Disconnect) error {
	if mode == directory.Finalise || mode == directory.Terminate {
		return nil
	}
	return &directory.Error{Code: directory.Invalid, Field: "mode", Rule: "C10", Message: "mode is finalise (users become local) or terminate (users are suspended, and deleted by auto-delete)"}
}
