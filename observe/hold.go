package observe

import (
	"context"
	"fmt"
	"math"
	"time"

	"drawbridge/bridge/operators"
	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/store"
)

// take lets one call at a time, of all processes, change the observation of a connection. Conflict while another one runs.
//
// A process can lose its lease while it works. So the record of the connection names the process that took the observation last
// (Observation.Holder), and the store accepts changes of the connection, and writes of a promotion, from that process alone. The connection
// in the copy is written only in the version that was read before the observation was claimed.
func (s *Service) take(ctx context.Context, id directory.ConnectionID) (release func(), err error) {
	busy := func(err error) error {
		return &directory.Error{Code: directory.Conflict, Rule: "C9", Err: err, Message: fmt.Sprintf("the observation of connection %q is being started, promoted or dropped: try again in a minute", id)}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.busy[id] {
		return nil, busy(nil)
	}
	end := func() {}
	if s.cfg.Lease != nil {
		end, err = s.cfg.Lease.Begin(ctx, "observe "+string(id))
		if directory.CodeOf(err) == directory.Conflict {
			return nil, busy(err)
		}
		if err != nil {
			return nil, err
		}
	}
	s.busy[id] = true
	return func() {
		end()
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.busy, id)
	}, nil
}

// claim makes this process the holder of an observation, so that changes of any other are refused from now on.
func (s *Service) claim(ctx context.Context, p directory.Principal, c *directory.Connection) (directory.Connection, error) {
	if c.Observing.Holder == s.cfg.Process {
		return *c, nil
	}
	return s.edit(ctx, p, c, step{action: directory.ActionConnectionObserveTake}, func(now *directory.Connection) error {
		if now.Observing == nil || now.Observing.Copy != c.Observing.Copy {
			return overtaken(now.ID)
		}
		now.Observing.Holder = s.cfg.Process
		return nil
	})
}

// change changes the observation that c describes, while this process holds it.
func (s *Service) change(ctx context.Context, p directory.Principal, c *directory.Connection, action directory.Action, do func(*directory.Connection)) (directory.Connection, error) {
	return s.edit(ctx, p, c, step{action: action}, func(now *directory.Connection) error {
		if now.Observing == nil || now.Observing.Copy != c.Observing.Copy || now.Observing.Holder != s.cfg.Process {
			return overtaken(now.ID)
		}
		do(now)
		return nil
	})
}

// overtaken is the error of a call that took so long that another process has changed the observation meanwhile.
func overtaken(id directory.ConnectionID) error {
	return &directory.Error{Code: directory.Conflict, Rule: "C9", Message: fmt.Sprintf("another server has changed the observation of connection %q meanwhile: look at it again", id)}
}

// gate is the connection in a copy. While it is paused, the identity provider cannot write to the copy.
type gate struct {
	to      Copies
	copy    directory.TenantID
	id      directory.ConnectionID
	version uint64 // 0: there is no copy
	open    bool
}

// gateOf reads the gate of an observation.
func gateOf(ctx context.Context, to Copies, c *directory.Connection) (gate, error) {
	g := gate{to: to, copy: c.Observing.Copy, id: c.ID}
	err := readCopy(ctx, to.Store, g.copy, func(_ *directory.Tenant, connections []directory.Connection) {
		if len(connections) == 1 {
			g.version, g.open = connections[0].Version, !connections[0].Paused
		}
	})
	return g, err
}

// stopped reports whether a process ended before it opened a copy that is there. A copy that is not there was never made, or is lost, and
// an operator decides what becomes of the observation.
func (g *gate) stopped() bool { return g.version != 0 && !g.open }

// position is whether a gate is open.
type position bool

const (
	gateOpen   position = true
	gateClosed position = false
)

// set opens or closes the gate: Conflict if another process has moved it. Also a call that changes nothing makes a new version, so that
// another process that read the gate before cannot move it any more.
func (g *gate) set(ctx context.Context, request string, to position) error {
	by, err := txn.ForOperator(operators.Local("observe", "observe mode", request), g.copy)
	if err != nil {
		return err
	}
	err = g.to.Bridge.Write(ctx, by, func(t *txn.Tx) error {
		before, err := t.Reader.Connection(g.id)
		if err != nil {
			return err
		}
		if before.Version != g.version {
			return overtaken(g.id)
		}
		after := before.Clone()
		after.Paused, after.Version, after.Modified = to == gateClosed, before.Version+1, txn.Later(t.Now, before.Modified)
		line := t.Line(directory.ActionConnectionUpdate, directory.Subject{Kind: "connection", ID: string(g.id)})
		line.Rule = "C9"
		t.Audit(line)
		t.Change.Connections = append(t.Change.Connections, after)
		return nil
	})
	if err == nil {
		g.version, g.open = g.version+1, bool(to)
	}
	return err
}

// closeAgain closes the gate for a promotion that continues, so that no other process can open it any more.
func (g *gate) closeAgain(ctx context.Context, request string) error {
	if g.version == 0 {
		return &directory.Error{Code: directory.Conflict, Rule: "C9", Message: fmt.Sprintf("the copy on which connection %q worked is lost, as after the restore of a backup: drop the observation", g.id)}
	}
	return g.set(ctx, request, gateClosed)
}

// stopped reports whether a process ended before the copy of an observation was ready, or before its promotion began.
func (s *Service) stopped(ctx context.Context, copies Copies, c *directory.Connection) (bool, error) {
	if c.Observing == nil || c.Observing.Promoting != nil {
		return false, nil
	}
	there, err := exists(ctx, copies.Store, c.Observing.Copy)
	return !there, err
}

// complete continues an observation that stopped. A copy that is there is kept, because it can have writes of the identity provider.
// Otherwise the tenant is copied again, under a new name, so that the process that stopped cannot meddle if it goes on after all.
func (s *Service) complete(ctx context.Context, p directory.Principal, copies Copies, c *directory.Connection) (directory.Connection, error) {
	g, err := gateOf(ctx, copies, c)
	if err != nil {
		return *c, err
	}
	after, err := s.claim(ctx, p, c)
	if err != nil {
		return after, err
	}
	if after.Observing.Promoting != nil { // a process that had stopped went on, and it is known as interrupted now
		return after, nil
	}
	if g.version != 0 {
		err = s.openCopy(ctx, p, &g, &after)
		return after, err
	}
	if after, err = s.change(ctx, p, &after, directory.ActionConnectionObserveTake, func(now *directory.Connection) {
		at := s.cfg.Now().UTC().Truncate(time.Microsecond)
		for now.Observing.Copy == copyName(now.ID, at) {
			at = at.Add(time.Microsecond)
		}
		now.Observing.Copy = copyName(now.ID, at)
	}); err != nil {
		return after, err
	}
	err = s.copyTenant(ctx, p, copies, &after)
	return after, err
}

// openCopy releases in a copy what the observation takes over, and lets the identity provider in.
func (s *Service) openCopy(ctx context.Context, p directory.Principal, g *gate, c *directory.Connection) error {
	if err := g.set(ctx, p.Request, gateClosed); err != nil {
		return err
	}
	if c.Observing.TakeOver != "" {
		if err := takeOver(ctx, g.to, c, operators.Local("observe", "observe mode", p.Request)); err != nil {
			return err
		}
	}
	return g.set(ctx, p.Request, gateOpen)
}

// managed is a record of a copy that the connection manages which is taken over.
type managed struct {
	record
	version uint64
}

// mostPasses is how often the records to take over are listed. A second list is empty, unless another process released some meanwhile.
const mostPasses = 3

// takeOver releases in the copy the records that another connection manages. A connection that is pulled finds people and groups by their
// names, and takes over only those that have no externalId: one of another identity provider could be a former person's.
func takeOver(ctx context.Context, to Copies, c *directory.Connection, by directory.Principal) error {
	release := to.Bridge.ReleaseManagement
	if c.Type.Pulled() {
		release = to.Bridge.ReleaseIdentity
	}
	for range mostPasses {
		all, err := managedBy(ctx, to.Store, c.Observing)
		if err != nil || len(all) == 0 {
			return err
		}
		for _, m := range all {
			by.If = directory.Precondition{MatchSet: true, Match: []uint64{m.version}} // the identity provider may have got it by another process
			if err := release(ctx, by, c.Observing.Copy, m.kind, m.id); err != nil && directory.CodeOf(err) != directory.Stale {
				return err
			}
		}
	}
	return overtaken(c.ID)
}

// managedBy lists the records of a copy that the connection manages which is taken over.
func managedBy(ctx context.Context, st store.Store, o *directory.Observation) (all []managed, err error) {
	err = st.View(ctx, o.Copy, nil, func(r store.Reader) error {
		all = nil
		every := directory.Query{Count: math.MaxInt}
		_, err := r.Users(every, func(u *directory.User, _ []directory.GroupRef) error {
			if u.Connection == o.TakeOver {
				all = append(all, managed{record{directory.UserKind, u.ID}, u.Version})
			}
			return nil
		})
		if err != nil {
			return err
		}
		_, err = r.Groups(every, func(g *directory.Group, _ []directory.Member) error {
			if g.Connection == o.TakeOver {
				all = append(all, managed{record{directory.GroupKind, g.ID}, g.Version})
			}
			return nil
		})
		return err
	})
	return all, err
}
