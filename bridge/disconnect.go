package bridge

import (
	"context"
	"fmt"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// Disconnected is what was done so far.
type Disconnected struct {
	Connection directory.ConnectionID
	Mode       directory.Disconnect
	Users      int             // settled by this call
	Groups     int             // the same
	Done       bool            // the connection is gone
	Left       []RefusedPerson // people who stay because a rule refuses; the disconnection continues when the cause is removed
}

const (
	disconnectUsers  = 100 // how many users one transaction settles
	disconnectGroups = 50
	disconnectMoved  = 1000 // how many records of transfers one transaction forgets
	disconnectTries  = 3    // then the preview is made again inside the transaction, which the writes of others wait for
)

// Disconnects are the verbs that end a connection (C10).
type Disconnects struct{ s *Service }

// Disconnects gives the verbs that end a connection.
func (s *Service) Disconnects() Disconnects { return Disconnects{s} }

// PeoplePage is a part of the people whom a preview lists.
type PeoplePage struct {
	After directory.ID // the last one of the page before
	Limit int
}

// Preview shows what disconnecting a connection would do (C10), with a page of the people.
// NotFound, Invalid.
func (d Disconnects) Preview(ctx context.Context, p directory.Principal, id directory.ConnectionID, mode directory.Disconnect, page PeoplePage) (Disconnection, error) {
	p, err := d.s.operatorOf(ctx, p, id)
	if err != nil {
		return Disconnection{}, err
	}
	if err := policy.CheckDisconnect(mode); err != nil {
		return Disconnection{}, err
	}
	var out Disconnection
	err = d.s.read(ctx, p, func(r store.Reader) error {
		out, err = d.s.disconnection(r, p, id, mode, page)
		return err
	})
	return out, err
}

// DisconnectOrder is how a connection is to be disconnected.
type DisconnectOrder struct {
	Mode   directory.Disconnect
	Digest string // of the preview
	Reason string
}

// Disconnect ends a connection permanently (C10): its credentials in the first transaction, then the records that it manages in many small
// ones, and at last the connection itself. Conflict C10 if the effect is no longer the one in the
// preview. If the connection is already being disconnected in the same way, the call continues that, with any digest. The
// job of this name does the same after a crash.
//
// NotFound, Invalid, Conflict, Refused G3 if no other Owner would be left; then nothing was done.
func (d Disconnects) Disconnect(ctx context.Context, p directory.Principal, id directory.ConnectionID, order DisconnectOrder) (Disconnected, error) {
	p, err := d.s.operatorOf(ctx, p, id)
	if err != nil {
		return Disconnected{}, err
	}
	if err := policy.CheckDisconnect(order.Mode); err != nil {
		return Disconnected{}, err
	}
	if err := policy.CheckText("reason", order.Reason, 0, 500); err != nil {
		return Disconnected{}, err
	}
	for try := 1; ; try++ {
		look := lookBefore
		if try >= disconnectTries {
			look = lookInside
		}
		begun, err := d.s.beginDisconnect(ctx, p, id, order, look)
		if err != nil {
			return Disconnected{}, err
		}
		if begun {
			return d.s.continueDisconnect(ctx, p, id)
		}
	}
}

// lookWhen is when beginDisconnect reads everything that a disconnect changes.
type lookWhen int

const (
	lookBefore lookWhen = iota // before the transaction, so that other writes need not wait
	lookInside                 // in the transaction, so that no other write can come between
)

// beginDisconnect does the first transaction. After lookBefore, it returns false if something was written meanwhile.
func (s *Service) beginDisconnect(ctx context.Context, p directory.Principal, id directory.ConnectionID, order DisconnectOrder, when lookWhen) (begun bool, err error) {
	var plan Disconnection
	var seen uint64
	look := func(r store.Reader) error {
		if plan, err = s.disconnection(r, p, id, order.Mode, PeoplePage{}); err != nil {
			return err
		}
		_, seen, err = r.Audit(0, 0)
		return err
	}
	if when == lookBefore {
		if err := s.read(ctx, p, look); err != nil {
			return false, err
		}
	}
	err = s.write(ctx, p, func(t *tenantTx) error {
		begun = false
		if when == lookInside {
			if err := look(t.Reader); err != nil {
				return err
			}
		} else if _, last, err := t.Reader.Audit(0, 0); err != nil || last != seen {
			return err
		}
		if plan.Ending != nil {
			begun = plan.Ending.Mode == order.Mode
			if !begun {
				return &directory.Error{Code: directory.Conflict, Field: "mode", Rule: "C10", Message: fmt.Sprintf("connection %q is being disconnected already, with the mode %s", id, plan.Ending.Mode)}
			}
			return nil
		}
		if order.Digest != plan.Digest {
			return &directory.Error{Code: directory.Conflict, Field: "digest", Rule: "C10", Message: "the effect is not, or no longer, the one of this digest: look at the preview and send its digest"}
		}
		c, err := t.Reader.Connection(id)
		if err != nil {
			return err
		}
		if c.Observing != nil {
			return observedYet(id)
		}
		if len(plan.Refused) > 0 {
			return t.Refuse(&policy.Refusal{Code: directory.Refused, Rule: plan.Refused[0].Rule, Message: plan.Refused[0].Message}, directory.ActionConnectionDisconnect, connectionSubject(&c))
		}
		begun = true
		return t.beginDisconnect(&c, &plan, order.Reason)
	})
	return begun, err
}

func (t *tenantTx) beginDisconnect(before *directory.Connection, plan *Disconnection, reason string) error {
	if err := t.load(); err != nil {
		return err
	}
	if err := NoOpenTransfer(t.Reader, before.ID); err != nil {
		return err
	}
	after := before.Clone()
	after.Ending = &directory.Ending{Mode: plan.Mode, Since: t.Now, By: t.Principal.Actor, Reason: reason, Users: plan.Users, Groups: plan.Groups}
	after.Version, after.Modified = before.Version+1, txn.Later(t.Now, before.Modified)
	t.Change.Connections = append(t.Change.Connections, after)
	data := directory.Attributes{
		{Name: "mode", Value: string(plan.Mode)},
		{Name: "users", Value: txn.Number(plan.Users)},
		{Name: "suspends", Value: txn.Number(plan.Suspends)},
		{Name: "groups", Value: txn.Number(plan.Groups)},
		{Name: "digest", Value: plan.Digest},
	}
	line := t.Line(directory.ActionConnectionDisconnect, connectionSubject(before))
	line.Rule, line.Reason, line.After = "C10", reason, txn.Document(data)
	t.Audit(line)
	t.Event(directory.ConnectionEnding, connectionSubject(before), data)
	tokens, err := t.Reader.Tokens(before.ID)
	if err != nil {
		return err
	}
	for _, token := range tokens {
		if token.Live(t.Now) {
			token.Revoked = t.Now
			t.putToken(&token, directory.ActionTokenRevoke)
		}
	}
	if plan.Unusual && t.state.Settings.Brake != directory.BrakeOff {
		t.announceBrake(directory.ActionBrakeAlerted, directory.BrakeAlerted, before.ID, &policy.BrakeVerdict{Within: plan.Suspends, Limit: plan.BrakeLimit})
	}
	return nil
}

// Resume continues with the connections of a tenant that are being disconnected (C10), as after a crash. With RunDry it only
// lists them. NotFound.
func (d Disconnects) Resume(ctx context.Context, p directory.Principal, tenant directory.TenantID, how directory.Run) ([]Disconnected, error) {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return nil, err
	}
	var ending []directory.Connection
	err = d.s.read(ctx, p, func(r store.Reader) error {
		all, err := r.Connections()
		for i := range all {
			if all[i].Ending != nil {
				ending = append(ending, all[i].Clone())
			}
		}
		return err
	})
	var out []Disconnected
	for i := range ending {
		done := Disconnected{Connection: ending[i].ID, Mode: ending[i].Ending.Mode}
		if !how.Dry() && err == nil {
			done, err = d.s.continueDisconnect(ctx, p, ending[i].ID)
		}
		if err == nil && (how.Dry() || done.Done || done.Users+done.Groups > 0) {
			out = append(out, done)
		}
	}
	return out, err
}
