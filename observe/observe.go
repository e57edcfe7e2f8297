package observe

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"drawbridge/bridge"
	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/store"
)

// copyRetry is the Retry-After while a copy is being made or promoted.
const copyRetry = 5 * time.Second

// Copies is the installation with the copies. Its bridge has the plans and settings of the real one, and no jobs and no mail.
type Copies struct {
	Bridge *bridge.Service
	Store  store.Store
}

// Lease takes what is done with the observation of a connection for this process. Conflict while another process does it.
type Lease interface {
	Begin(ctx context.Context, name string) (end func(), err error)
}

// Config is what a Service needs. Bridge, Store, Open, Any and Now are required.
type Config struct {
	Bridge *bridge.Service // of the tenants
	Store  store.Store     // the same
	Open   func(context.Context) (Copies, error)
	Any    func() bool // whether there is a store of copies yet
	Now    func() time.Time
	// Process names this process among all that ever used the store, and Lease keeps the others away. Without them the process is alone.
	Process string
	Lease   Lease
}

// Service is observe mode. It is safe for concurrent use.
type Service struct {
	cfg Config

	mu     sync.Mutex
	copies *Copies                         // nil: not opened yet
	made   map[directory.TenantID]bool     // copies that are known to be complete
	wrote  map[directory.TenantID]written  // what is known of copies
	busy   map[directory.ConnectionID]bool // connections that this process copies or promotes
}

// New makes a Service. It opens the store of the copies when the first one is needed.
func New(cfg Config) *Service {
	return &Service{cfg: cfg, made: make(map[directory.TenantID]bool), wrote: make(map[directory.TenantID]written), busy: make(map[directory.ConnectionID]bool)}
}

// open gives the installation of the copies.
func (s *Service) open(ctx context.Context) (Copies, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.copies == nil {
		c, err := s.cfg.Open(ctx)
		if err != nil {
			return Copies{}, &directory.Error{Code: directory.Unavailable, Rule: "C9", Message: "the store of the copies that observe mode keeps cannot be opened", Err: err}
		}
		s.copies = &c
	}
	return *s.copies, nil
}

// Close closes the store of the copies.
func (s *Service) Close(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.copies == nil {
		return nil
	}
	err := s.copies.Bridge.Close(ctx)
	if failed := s.copies.Store.Close(); err == nil {
		err = failed
	}
	s.copies = nil
	return err
}

// Serve gives the bridge on which a request of an identity provider takes effect, and its principal there: p itself, unless its connection
// is observed. Unavailable while a copy is being made or promoted, and when the copy is lost.
func (s *Service) Serve(ctx context.Context, p directory.Principal) (*bridge.Service, directory.Principal, error) {
	o := p.Connection.Observing
	switch {
	case o == nil:
		return s.cfg.Bridge, p, nil
	case o.Promoting != nil:
		return nil, p, waits("what this connection has written is being promoted: send the request again")
	}
	copies, err := s.open(ctx)
	if err != nil {
		return nil, p, err
	}
	switch made, err := s.ready(ctx, copies, o.Copy); {
	case err != nil:
		return nil, p, err
	case !made:
		return nil, p, waits(fmt.Sprintf("the copy on which this connection works is not ready; if that lasts for some minutes, an operator starts the observation again (drawbridge observe start %s)", p.Connection.ID))
	}
	return copies.Bridge, inCopy(p), nil
}

// ready reports whether a copy can be used. It remembers usable copies for the next requests.
func (s *Service) ready(ctx context.Context, copies Copies, id directory.TenantID) (bool, error) {
	s.mu.Lock()
	known := s.made[id]
	s.mu.Unlock()
	if known {
		return true, nil
	}
	made, err := exists(ctx, copies.Store, id)
	if made && err == nil {
		s.mu.Lock()
		s.made[id] = true
		s.mu.Unlock()
	}
	return made, err
}

// inCopy is the identity provider p in the copy of its tenant.
func inCopy(p directory.Principal) directory.Principal {
	p.Tenant = p.Connection.Observing.Copy
	p.Connection.Tenant, p.Connection.Observing = p.Tenant, nil
	return p
}

func waits(why string) error {
	return &directory.Error{Code: directory.Unavailable, Rule: "C9", RetryAfter: copyRetry, Message: why}
}

// Options say how an observation begins.
type Options struct {
	// TakeOver names another connection of the tenant. In the copy, no connection manages its users and groups, as after a disconnection
	// with finalise. This rehearses the change to another identity provider. "": the copy equals the tenant.
	TakeOver directory.ConnectionID
}

// Start puts a connection into observe mode: it copies the tenant, and from then on the identity provider reads and writes the copy. A call
// for a connection whose copy was interrupted makes it again.
//
// NotFound, Conflict for a connection that is observed already or is being disconnected, Invalid for a TakeOver that is not another connection
// of the tenant.
func (s *Service) Start(ctx context.Context, p directory.Principal, id directory.ConnectionID, o Options) (directory.Connection, error) {
	release, err := s.take(ctx, id)
	if err != nil {
		return directory.Connection{}, err
	}
	defer release()
	c, err := s.connection(ctx, id)
	if err != nil {
		return c, err
	}
	copies, err := s.open(ctx)
	if err != nil {
		return c, err
	}
	if stopped, err := s.stopped(ctx, copies, &c); err != nil {
		return c, err
	} else if stopped {
		return s.complete(ctx, p, copies, &c)
	}
	if c, err = s.begin(ctx, p, &c, o); err != nil {
		return c, err
	}
	if err := s.copyTenant(ctx, p, copies, &c); err != nil {
		err = fmt.Errorf("the tenant cannot be copied, so connection %q writes to it as before: %w", id, err)
		if _, undo := s.leave(context.WithoutCancel(ctx), p, &c, directory.ActionConnectionObserveUndo); undo != nil {
			return c, fmt.Errorf("%w; the connection could not be taken out of observe mode: drop the observation (%w)", err, undo)
		}
		return c, err
	}
	return c, nil
}

// begin marks the connection. From then on, running writes of its identity provider are refused.
func (s *Service) begin(ctx context.Context, p directory.Principal, c *directory.Connection, o Options) (directory.Connection, error) {
	at := s.cfg.Now().UTC().Truncate(time.Microsecond)
	return s.edit(ctx, p, c, step{directory.ActionConnectionObserve, o.TakeOver}, func(now *directory.Connection) error {
		switch {
		case now.Observing != nil:
			return &directory.Error{Code: directory.Conflict, Rule: "C9", Message: fmt.Sprintf("connection %q is in observe mode already, since %s", now.ID, now.Observing.Since.UTC().Format(time.RFC3339))}
		case now.Ending != nil:
			return &directory.Error{Code: directory.Conflict, Rule: "C10", Message: fmt.Sprintf("connection %q is being disconnected", now.ID)}
		}
		now.Observing = &directory.Observation{
			Copy: copyName(now.ID, at), Since: at, By: p.Actor, TakeOver: o.TakeOver, Holder: s.cfg.Process,
		}
		return nil
	})
}

// copyName is the name of a copy that is begun at a time.
func copyName(id directory.ConnectionID, at time.Time) directory.TenantID {
	return directory.TenantID(string(id) + "-" + strconv.FormatInt(at.UnixMicro(), 36))
}

// Drop ends an observation and deletes the copy: the tenant does not change, and the identity provider writes to it again. NotFound,
// Conflict if the connection is not observed or is being promoted.
func (s *Service) Drop(ctx context.Context, p directory.Principal, id directory.ConnectionID) (directory.Connection, error) {
	release, err := s.take(ctx, id)
	if err != nil {
		return directory.Connection{}, err
	}
	defer release()
	c, err := s.connection(ctx, id)
	if err != nil {
		return c, err
	}
	if err := observed(&c); err != nil {
		return c, err
	}
	if c, err = s.claim(ctx, p, &c); err != nil {
		return c, err
	}
	if c.Observing.Promoting != nil {
		if there, err := s.copied(ctx, &c); err != nil {
			return c, err
		} else if there { // otherwise the promotion can never end
			return c, &directory.Error{Code: directory.Conflict, Rule: "C9", Message: fmt.Sprintf("the observation of connection %q is being promoted: it can be dropped when that has ended", id)}
		}
	}
	return s.leave(ctx, p, &c, directory.ActionConnectionObserveDrop)
}

// copied reports whether there is a copy, complete or not.
func (s *Service) copied(ctx context.Context, c *directory.Connection) (bool, error) {
	copies, err := s.open(ctx)
	if err != nil {
		return false, err
	}
	g, err := gateOf(ctx, copies, c)
	return g.version != 0, err
}

// leave takes a connection out of observe mode, which c describes, and erases the copy. A copy that cannot be erased now is erased by the job.
func (s *Service) leave(ctx context.Context, p directory.Principal, c *directory.Connection, action directory.Action) (directory.Connection, error) {
	after, err := s.change(ctx, p, c, action, func(now *directory.Connection) { now.Observing = nil })
	if err != nil {
		return after, err
	}
	s.forget(func(id directory.TenantID) bool { return id != c.Observing.Copy })
	if copies, err := s.open(ctx); err == nil {
		_ = erase(ctx, copies.Store, c.Observing.Copy, p, s.cfg.Now()) // the connection has left observe mode in any case
	}
	return after, nil
}

// observed refuses a connection that is not in observe mode.
func observed(c *directory.Connection) error {
	if c.Observing == nil {
		return &directory.Error{Code: directory.Conflict, Rule: "C9", Message: fmt.Sprintf("connection %q is not in observe mode: its writes take effect", c.ID)}
	}
	return nil
}

func (s *Service) connection(ctx context.Context, id directory.ConnectionID) (directory.Connection, error) {
	c, err := s.cfg.Store.Connection(ctx, id)
	if directory.CodeOf(err) == directory.NotFound {
		err = &directory.Error{Code: directory.NotFound, Message: fmt.Sprintf("there is no connection %q", id)}
	}
	return c.Clone(), err
}

// step is a change of the observation of a connection.
type step struct {
	action directory.Action
	other  directory.ConnectionID // must exist, too; "": none
}

// edit changes the observation of a connection in the tenant, with an audit line and an event.
func (s *Service) edit(ctx context.Context, p directory.Principal, c *directory.Connection, as step, change func(*directory.Connection) error) (directory.Connection, error) {
	after := *c
	p, err := txn.ForOperator(p, c.Tenant)
	if err != nil {
		return after, err
	}
	err = s.cfg.Bridge.Write(ctx, p, func(t *txn.Tx) error {
		before, err := t.Reader.Connection(c.ID)
		if err != nil {
			return err
		}
		if err := checkOther(t.Reader, c.ID, as.other); err != nil {
			return err
		}
		if as.action == directory.ActionConnectionObserve {
			if err := bridge.NoOpenTransfer(t.Reader, c.ID, as.other); err != nil {
				return err
			}
		}
		after = before.Clone()
		if err := change(&after); err != nil {
			return err
		}
		if before.Observing != nil && after.Observing == nil { // the state of the runs is from before the observation
			if err := forgetRuns(t, c.ID); err != nil {
				return err
			}
		}
		after.Version, after.Modified = before.Version+1, txn.Later(t.Now, before.Modified)
		subject := directory.Subject{Kind: "connection", ID: string(c.ID)}
		line := t.Line(as.action, subject)
		line.Rule, line.Before, line.After = "C9", txn.Document(facts(before.Observing)), txn.Document(facts(after.Observing))
		t.Audit(line)
		if as.action != directory.ActionConnectionObserveTake { // that changes nothing that others see
			t.Event(directory.ConnectionUpdated, subject, append(facts(after.Observing), directory.Attribute{Name: "changed", Value: txn.Texts([]string{"observing"})}))
		}
		t.Change.Connections = append(t.Change.Connections, after)
		return nil
	})
	return after.Clone(), err
}

// forgetRuns drops the state of the runs of a pulled connection: a person who was missing long ago must again be missing in two runs (C15).
func forgetRuns(t *txn.Tx, id directory.ConnectionID) error {
	_, known, err := txn.Get[directory.PullState](t.Reader, directory.PullKV, string(id))
	if known {
		t.Unset(directory.PullKV, string(id))
	}
	return err
}

func checkOther(r store.Reader, id, other directory.ConnectionID) error {
	if other == "" {
		return nil
	}
	_, err := r.Connection(other)
	if directory.CodeOf(err) == directory.NotFound || other == id {
		return &directory.Error{Code: directory.Invalid, Field: "take_over", Rule: "C9", Message: fmt.Sprintf("%q is not another connection of this tenant", other)}
	}
	return err
}

// facts are the fields of an observation in events and audit lines.
func facts(o *directory.Observation) directory.Attributes {
	if o == nil {
		return directory.Attributes{{Name: "observing", Value: false}}
	}
	out := directory.Attributes{{Name: "observing", Value: true}, {Name: "promoting", Value: o.Promoting != nil}}
	if o.TakeOver != "" {
		out = append(out, directory.Attribute{Name: "take_over", Value: string(o.TakeOver)})
	}
	return out
}
