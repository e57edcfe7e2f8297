package policy

import (
	"fmt"

	"drawbridge/directory"
)

// Finalise decides what becomes of a user whose connection is disconnected and who stays (C10): nobody manages the user any
// more, and nothing else changes. A user whom the IdP deleted stays gone: the name may be another's by now.
func (s State) Finalise(before directory.User) Decision {
	d := Decision{User: before, Why: fmt.Sprintf("connection %q was disconnected: the user is local now", before.Connection)}
	d.detach(s)
	d.event(directory.UserReleased)
	return d
}

// Terminate decides what becomes of a user whose connection is disconnected with its people (C10): suspended, and left to
// auto-delete (D5), whatever the tenant says about suspensions by hand. Who is suspended already stays so, since the same
// time and for the same reason. The last Owner (G3) is the caller's to look for.
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
	d.User.Connection = ""
	if !gone {
		d.User.Statement, d.User.StatedAt = directory.SaidNothing, s.Now
	}
}

// CheckDisconnect refuses what is no way to disconnect.
func CheckDisconnect(mode directory.Disconnect) error {
	if mode == directory.Finalise || mode == directory.Terminate {
		return nil
	}
	return &directory.Error{Code: directory.Invalid, Field: "mode", Rule: "C10", Message: "mode is finalise (users become local) or terminate (users are suspended, and deleted by auto-delete)"}
}
