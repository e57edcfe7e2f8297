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
	Groups     int             // likewise
	Done       bool            // the connection is gone
	Left       []RefusedPerson // who is left because a rule refuses; the disconnection continues when the cause is removed
}

const (
	disconnectUsers  = 100 // how many users one transaction settles
	disconnectGroups = 50
	disconnectTries  = 3 // then the preview is made again inside the transaction, which the writes of others wait for
)

// PreviewDisconnect shows what disconnecting a connection would do (C10), with a page of at most limit people after the id after.
// NotFound, Invalid.
func (s *Service) PreviewDisconnect(ctx context.Context, p directory.Principal, id directory.ConnectionID, mode directory.Disconnect, after directory.ID, limit int) (Disconnection, error) {
	p, err := s.operatorOf(ctx, p, id)
	if err != nil {
		return Disconnection{}, err
	}
	if err := policy.CheckDisconnect(mode); err != nil {
		return Disconnection{}, err
	}
	var out Disconnection
	err = s.read(ctx, p, func(r store.Reader) error {
		out, err = s.disconnection(r, p, id, mode, after, limit)
		return err
	})
	return out, err
}

// Disconnect ends a connection permanently (C10): its credentials in the first transaction, then the records that it manages in many small
// ones, and at last the connection itself. digest is that of the preview; Conflict C10 if the effect is no longer the one in the
// preview. If the connection is already being disconnected in the same way, the call continues that, with any digest. The
// job of this name does the same after a crash.
//
// NotFound, Invalid, Conflict, Refused G3 if no other Owner would be left; then nothing was done.
func (s *Service) Disconnect(ctx context.Context, p directory.Principal, id directory.ConnectionID, mode directory.Disconnect, digest, reason string) (Disconnected, error) {
	p, err := s.operatorOf(ctx, p, id)
	if err != nil {
		return Disconnected{}, err
	}
	if err := policy.CheckDisconnect(mode); err != nil {
		return Disconnected{}, err
	}
	if err := policy.CheckText("reason", reason, 0, 500); err != nil {
		return Disconnected{}, err
	}
	for try := 1; ; try++ {
		begun, err := s.beginDisconnect(ctx, p, id, mode, digest, reason, try >= disconnectTries)
		if err != nil {
			return Disconnected{}, err
		}
		if begun {
			return s.continueDisconnect(ctx, p, id)
		}
	}
}

// beginDisconnect does the first transaction. It looks at everything before it, so that the writes of others need not wait,
// and gives false if something was written meanwhile; inside: it looks within the transaction.
func (s *Service) beginDisconnect(ctx context.Context, p directory.Principal, id directory.ConnectionID, mode directory.Disconnect, digest, reason string, inside bool) (begun bool, err error) {
	var plan Disconnection
	var seen uint64
	look := func(r store.Reader) error {
		if plan, err = s.disconnection(r, p, id, mode, directory.ID{}, 0); err != nil {
			return err
		}
		_, seen, err = r.Audit(0, 0)
		return err
	}
	if !inside {
		if err := s.read(ctx, p, look); err != nil {
			return false, err
		}
	}
	err = s.write(ctx, p, func(t *tenantTx) error {
		begun = false
		if inside {
			if err := look(t.Reader); err != nil {
				return err
			}
		} else if _, last, err := t.Reader.Audit(0, 0); err != nil || last != seen {
			return err
		}
		if plan.Ending != nil {
			begun = plan.Ending.Mode == mode
			if !begun {
				return &directory.Error{Code: directory.Conflict, Field: "mode", Rule: "C10", Message: fmt.Sprintf("connection %q is being disconnected already, with the mode %s", id, plan.Ending.Mode)}
			}
			return nil
		}
		if digest != plan.Digest {
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
			return t.Refuse(&policy.Refusal{Code: directory.Refused, Rule: plan.Refused[0].Rule, Message: plan.Refused[0].Message}, "connection.disconnect", connectionSubject(&c))
		}
		begun = true
		return t.beginDisconnect(&c, &plan, reason)
	})
	return begun, err
}

func (t *tenantTx) beginDisconnect(before *directory.Connection, plan *Disconnection, reason string) error {
	if err := t.load(); err != nil {
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
	line := t.Line("connection.disconnect", connectionSubject(before))
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
			t.putToken(&token, "token.revoke")
		}
	}
	if plan.Unusual && t.state.Settings.Brake != directory.BrakeOff {
		t.announceBrake(directory.BrakeAlerted, before.ID, &policy.BrakeVerdict{Within: plan.Suspends, Limit: plan.BrakeLimit})
	}
	return nil
}

// ResumeDisconnects continues with the connections of a tenant that are being disconnected (C10), as after a crash. With dry it only
// lists them. NotFound.
func (s *Service) ResumeDisconnects(ctx context.Context, p directory.Principal, tenant directory.TenantID, dry bool) ([]Disconnected, error) {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return nil, err
	}
	var ending []directory.Connection
	err = s.read(ctx, p, func(r store.Reader) error {
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
		if !dry && err == nil {
			done, err = s.continueDisconnect(ctx, p, ending[i].ID)
		}
		if err == nil && (dry || done.Done || done.Users+done.Groups > 0) {
			out = append(out, done)
		}
	}
	return out, err
}
