package policy

import (
	"fmt"
	"time"

	"drawbridge/directory"
)

// NewUser decides the first state of a user. u has everything except its state. active is the value of the write; if it is not stated, it
// counts as true (for existing users see L4).
func (s State) NewUser(u directory.User, active *bool) Decision {
	d := Decision{User: u}
	d.event(directory.UserCreated)
	byIdP := s.Actor.Kind == directory.ByIdP
	if active != nil && !*active {
		d.User.State = directory.Suspended
		d.User.Suspension = &directory.Suspension{At: s.Now, By: s.Actor, Reason: "created inactive"}
		d.because("L3")
		if byIdP {
			d.User.Statement, d.User.StatedAt = directory.SaidInactive, s.Now
		}
		return d
	}
	d.begin(s)
	d.because("L1")
	if byIdP {
		d.User.Statement, d.User.StatedAt = directory.SaidActive, s.Now
	}
	return s.seated(nil, d)
}

// Write decides what a write does to the state of an existing user (L3, L4). after is before with all values of the write except active;
// its Type may differ (L7). The caller makes the first event of an attribute change.
func (s State) Write(before, after directory.User, active *bool) Decision {
	d := Decision{User: after}
	switch {
	case active == nil && s.Actor.Kind == directory.ByIdP:
		// A write that leaves a user live states that the user is active (D2). A write to a mapped group may be from another connection.
		if before.State != directory.Suspended && after.Connection == s.Connection {
			d.say(s, directory.SaidActive)
		}
	case active == nil:
	case s.Actor.Kind != directory.ByIdP:
		if *active && before.State == directory.Suspended {
			d = s.released(d)
		} else if !*active && before.State != directory.Suspended {
			d.suspend(s, "", "")
		}
	case *active:
		s.saidActive(&d)
	default:
		if before.State != directory.Suspended {
			d.suspend(s, "", "the identity provider said that the user is not active")
		}
		d.say(s, directory.SaidInactive)
	}
	if before.Type != d.User.Type {
		d.event(directory.UserConverted)
		d.because("B4")
	}
	return s.seated(&before, d)
}

// saidActive is the IdP's active:true: L4 in full.
func (s State) saidActive(d *Decision) {
	u := &d.User
	if u.State == directory.AwaitingConfirmation { // users of a connection are confirmed (L2)
		d.confirm()
	}
	if u.State != directory.Suspended {
		d.say(s, directory.SaidActive)
		return
	}
	if suspendedByIdP(u) {
		d.activate(s)
		d.say(s, directory.SaidActive)
		d.because("L3")
		return
	}
	at, by, reason := u.Suspension.At, u.Suspension.By, u.Suspension.Reason
	who := fmt.Sprintf("%s suspended the user on %s%s", person(by), at.UTC().Format("2006-01-02 15:04 MST"), because(reason))
	if s.Mode(u) == directory.Hold {
		d.Held = true
		d.because("L4")
		d.Why = fmt.Sprintf("connection %q stated active: true, but %s, and that suspension holds until an operator releases it", s.Connection, who)
		if u.Statement != directory.SaidActive || u.StatedAt.Before(at) { // repeats of the same conflict change nothing
			u.Statement, u.StatedAt = directory.SaidActive, s.Now
			if u.StatedAt.Before(at) { // the clock went back
				u.StatedAt = at
			}
			d.event(directory.UserHeld)
		}
		return
	}
	d.activate(s)
	d.say(s, directory.SaidActive)
	d.because("L4")
	d.Why = fmt.Sprintf("reactivated because connection %q stated active: true; %s, and a manual suspension yields to sync", s.Connection, who)
}

// Mode says what may end the suspension of u: the mode of the suspension, else that of the tenant.
func (s State) Mode(u *directory.User) directory.SuspensionMode {
	if u.Suspension != nil && u.Suspension.Mode != "" {
		return u.Suspension.Mode
	}
	return s.Settings.ManualSuspension
}

// Suspend decides about a suspension by an operator (L3, L4). If the user is suspended already, it changes the mode and the reason. With
// mode "" the tenant's setting decides.
func (s State) Suspend(before directory.User, mode directory.SuspensionMode, reason string) Decision {
	d := Decision{User: before}
	if before.State != directory.Suspended {
		d.suspend(s, mode, reason)
		return d
	}
	old := directory.Suspension{}
	if before.Suspension != nil {
		old = *before.Suspension
	}
	if mode == "" {
		mode = old.Mode
	}
	if reason == "" {
		reason = old.Reason
	}
	d.because("L4")
	if old.Mode == mode && old.Reason == reason && before.Suspension != nil {
		return d
	}
	d.User.Suspension = &directory.Suspension{At: old.At, By: s.Actor, Mode: mode, Reason: reason}
	d.event(directory.UserUpdated)
	return d
}

// Release decides about the end of a suspension by an operator, after a seat check (B2).
func (s State) Release(before directory.User) Decision {
	d := Decision{User: before}
	if before.State != directory.Suspended {
		return d
	}
	return s.seated(&before, s.released(d))
}

func (s State) released(d Decision) Decision {
	if d.User.Gone() { // the IdP's DELETE is overruled, and must not come back with the next suspension
		d.User.Statement, d.User.StatedAt = directory.SaidNothing, s.Now
	}
	d.activate(s)
	d.Events = []directory.EventKind{directory.UserReleased}
	d.because("L4")
	return d
}

// Restore decides about a rehire (L5). after is the old record with the values of the POST, still in its old state; for a tombstone it is a
// new record with the old id. A suspension by an operator that holds is kept.
func (s State) Restore(before *directory.User, after directory.User, active *bool) Decision {
	d := Decision{User: after}
	d.because("L5")
	wished := active == nil || *active
	switch {
	case before == nil && wished:
		d.begin(s)
		d.say(s, directory.SaidActive)
	case before == nil:
		d.suspend(s, "", "restored inactive")
		d.say(s, directory.SaidInactive)
	case wished:
		s.saidActive(&d)
	default:
		d.say(s, directory.SaidInactive)
	}
	held := d.Held
	d.Events = []directory.EventKind{directory.UserRestored}
	if held {
		d.event(directory.UserHeld)
	}
	if before != nil && before.Type != d.User.Type {
		d.event(directory.UserConverted)
	}
	if d.Why == "" {
		d.Why = fmt.Sprintf("a rehire: connection %q created a user who was known already", s.Connection)
	}
	return s.seated(before, d)
}

// seated is d, or the refusal if there is no seat for it (B2).
func (s State) seated(before *directory.User, d Decision) Decision {
	no := s.TakeSeat(before, &d.User)
	if no == nil {
		return d
	}
	switch s.Settings.OnLimit {
	case directory.OnLimitGrow:
		if no.needed <= s.growsTo() {
			d.Grow = no.needed
			d.because("B2")
			return d
		}
		no.Message += fmt.Sprintf(" (the number of seats grows by itself up to %d, and %d would be needed)", s.growsTo(), no.needed)
	case directory.OnLimitOverage:
		d.Over = true
		d.because("B2")
		return d
	}
	return Decision{User: d.User, Refuse: no, Because: append([]directory.Rule{no.Rule}, d.Because...), Why: d.Why}
}

func (d *Decision) suspend(s State, mode directory.SuspensionMode, reason string) {
	at := s.Now
	if d.User.Statement != directory.SaidNothing && !at.After(d.User.StatedAt) {
		at = d.User.StatedAt.Add(time.Microsecond) // later statements of the IdP count again
	}
	d.User.State = directory.Suspended
	d.User.Suspension = &directory.Suspension{At: at, By: s.Actor, Mode: mode, Reason: reason}
	d.event(directory.UserSuspended)
	d.because("L3")
}

func (d *Decision) activate(s State) {
	d.become(s, s.returns())
	d.event(directory.UserReactivated)
}

// begin makes the user a new one (L1).
func (d *Decision) begin(s State) { d.become(s, s.begins()) }

func (d *Decision) become(s State, state directory.State) {
	d.User.State, d.User.Suspension = state, nil
	if Billable(state) {
		d.User.AcceptedAt = s.Now
	}
}

func (d *Decision) say(s State, what directory.Statement) {
	if d.User.Statement != what {
		d.User.Statement, d.User.StatedAt = what, s.Now
	}
}

// suspendedByIdP reports whether the IdP suspended u and no operator has taken the suspension over.
func suspendedByIdP(u *directory.User) bool {
	return u.Suspension == nil || u.Suspension.By.Kind == directory.ByIdP && u.Suspension.Mode == ""
}

func person(a directory.Actor) string {
	name := a.Name
	if name == "" {
		name = a.ID
	}
	switch a.Kind {
	case directory.ByOperator:
		return "operator " + name
	case directory.ByIdP:
		return fmt.Sprintf("connection %q", a.ID) // the name of such an actor is the type of its identity provider
	}
	return string(a.Kind) + " " + name
}

func because(reason string) string {
	if reason == "" {
		return ""
	}
	return " (" + reason + ")"
}
