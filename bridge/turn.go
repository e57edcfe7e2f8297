package bridge

import (
	"context"
	"errors"
	"fmt"
	"time"

	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// turn is one run of a decision inside a transaction: what it reads from, who asks, and the Change that it gathers.
// Whatever is written passes through it, so that no record goes without its audit line and its events.
type turn struct {
	s      *Service
	r      store.Reader
	p      directory.Principal
	now    time.Time
	newID  func() directory.ID
	change directory.Change

	tenant directory.Tenant
	state  policy.State // for package policy; its Usage follows what this turn writes

	loaded     bool // tenant and state are there
	seatsMoved bool // users came, went or changed their state

	removed  int                   // users whom the turn takes away (C8)
	removal  directory.HeldRemoval // what it takes away, should that be held
	deleted  *directory.Group      // a group that it deletes
	released bool                  // an operator has released what was held
	handover bool                  // the turn is about the hand-over itself, and may change a tenant that is frozen

	mappings map[directory.ConnectionID][]directory.GroupMapping // as they are to be, where this turn changes them
	groups   []*groupWork
	builtIns map[directory.BuiltIn]directory.Group
	retyped  map[directory.ID]bool // users whom a mapping made guest or member in this turn
	held     bool                  // a suspension that holds said no to a part of the write (L4)
}

// refusal is a rule that said no on the way. It is recorded before it reaches the caller.
type refusal struct {
	no         *policy.Refusal
	action     string
	subject    directory.Subject
	deviations []string
	keep       *directory.Change // what is remembered of it all the same; nil: nothing
}

func (e *refusal) Error() string { return e.no.Message }

// write runs decide on the tenant of p and commits what it gathered. If a rule refuses, the refusal is committed in its
// place and returned. Every other error of decide is returned as it is, and nothing is written.
func (s *Service) write(ctx context.Context, p directory.Principal, decide func(*turn) error) error {
	now := s.instant()
	var made []directory.ID // the second run of decide gets the same ids
	var refused *refusal
	wrote, held := false, false
	var lines []directory.Audit
	err := s.store.Update(ctx, p.Tenant, nil, func(r store.Reader) (directory.Change, error) {
		refused, wrote, held, lines = nil, false, false, nil
		used := 0
		newID := func() directory.ID {
			if used == len(made) {
				made = append(made, s.newID())
			}
			used++
			return made[used-1]
		}
		t := &turn{s: s, r: r, p: p, now: now, newID: newID}
		err := done(r, p, now)
		if err == nil {
			err = decide(t)
		}
		if err == nil {
			err = t.finish()
		}
		if err == nil {
			err = t.rememberRepeat()
		}
		var no *refusal
		if errors.As(err, &no) {
			refused = no
			t.recordRefusal(no)
			err = nil
		}
		if err == nil {
			err = t.alerts()
		}
		if err != nil {
			return directory.Change{}, err
		}
		if refused == nil {
			if err := t.stillThere(); err != nil {
				return directory.Change{}, err
			}
			if err := t.frozen(); err != nil {
				return directory.Change{}, err
			}
		}
		wrote, held, lines = !t.change.Empty(), t.held && refused == nil, t.change.Audit
		return t.change, nil
	})
	if err != nil {
		return err
	}
	if wrote {
		s.topics.wake(p.Tenant)
	}
	if held {
		p.Trace.Refused("L4")
		s.metrics.refused(p.Tenant, "L4")
	}
	if refused != nil {
		p.Trace.Refused(refused.no.Rule)
		s.metrics.refused(p.Tenant, refused.no.Rule)
		return refused.no.Err()
	}
	for i := range lines {
		p.Trace.Add(lines[i].Action, lines[i].Subject)
	}
	return nil
}

// stillThere refuses a write of an identity provider that was let in before its connection was disconnected (C10) or its
// tenant handed over (T6), and would come behind it.
func (t *turn) stillThere() error {
	id := t.p.Connection.ID
	if !byIdP(t.p) || id == "" || t.change.Empty() {
		return nil
	}
	c, ok, err := absent(t.r.Connection(id))
	if err != nil {
		return err
	}
	if !ok || c.Ending != nil {
		return unauthorized()
	}
	tenant, err := t.found()
	if err == nil && tenant.Status != directory.TenantActive {
		err = policy.NotServed().Err()
	}
	return err
}

// frozen refuses a change of a tenant that was handed over (T6). That somebody was told of what happened before is none.
func (t *turn) frozen() error {
	if t.handover || t.p.Tenant == directory.Provider || t.change.Empty() || t.change.Noticed != nil && t.change.OnlyNotes() {
		return nil
	}
	tenant, ok, err := absent(t.found())
	if err != nil || !ok || tenant.Status == directory.TenantActive {
		return err
	}
	return policy.Frozen(&tenant).Err()
}

// found gives the tenant, which is looked up once. A turn that moves its status is about the hand-over.
func (t *turn) found() (directory.Tenant, error) {
	if t.loaded {
		return t.tenant, nil
	}
	return t.r.Tenant()
}

// instant is now as records keep it: UTC, whole microseconds.
func (s *Service) instant() time.Time { return s.now().UTC().Truncate(time.Microsecond) }

// read runs fn on a snapshot of the tenant of p.
func (s *Service) read(ctx context.Context, p directory.Principal, fn func(store.Reader) error) error {
	return s.store.View(ctx, p.Tenant, nil, fn)
}

// byIdP reports whether an identity provider asks.
func byIdP(p directory.Principal) bool { return p.Actor.Kind == directory.ByIdP }

// operator checks that p is no identity provider and points it at tenant.
func operator(p directory.Principal, tenant directory.TenantID) (directory.Principal, error) {
	if p.Actor.Kind == "" || byIdP(p) {
		return p, &directory.Error{Code: directory.Forbidden, Message: "this is for operators: the credential of a connection cannot do it"}
	}
	p.Tenant, p.Connection = tenant, directory.Connection{}
	return p, nil
}

// load reads what nearly every decision depends on, once: from then on state follows what the turn writes.
func (t *turn) load() error {
	if t.loaded {
		return nil
	}
	var err error
	if t.tenant, err = t.r.Tenant(); err != nil {
		return err
	}
	usage, err := t.r.Usage()
	if err != nil {
		return err
	}
	t.state, err = t.s.stateOf(&t.tenant, usage, t.now)
	t.state.Actor, t.state.Connection = t.p.Actor, t.p.Connection.ID
	t.loaded = err == nil
	return err
}

// stateOf resolves plan and settings of a tenant.
func (s *Service) stateOf(tenant *directory.Tenant, usage directory.Usage, now time.Time) (policy.State, error) {
	plan, err := s.planOf(tenant)
	if err != nil {
		return policy.State{}, err
	}
	return policy.State{
		Now: now, Plan: plan, Settings: policy.Resolve(s.defaults, plan, tenant.Overrides), Purchased: tenant.Seats, Usage: usage,
	}, nil
}

// planOf is the plan of a tenant; Unavailable if the catalogue lacks it.
func (s *Service) planOf(tenant *directory.Tenant) (directory.Plan, error) {
	plan, ok := policy.FindPlan(s.plans, tenant.Plan)
	if !ok {
		return directory.Plan{}, &directory.Error{Code: directory.Unavailable, Field: "plan", Message: fmt.Sprintf(
			"the plan %q of tenant %s is not in the configured catalogue: an operator must put it back or choose another plan", tenant.Plan, tenant.ID)}
	}
	return plan, nil
}

// refuse turns a refusal of policy into the error that ends the turn; nil stays nil.
func (t *turn) refuse(no *policy.Refusal, action string, subject directory.Subject) error {
	if no == nil {
		return nil
	}
	return &refusal{no: no, action: action, subject: subject}
}

// recordRefusal makes the Change that of a refusal: the audit line and the event. A plain clash of unique values, which no rule
// decided, leaves no trace: identity providers produce them all day.
func (t *turn) recordRefusal(e *refusal) {
	t.change = directory.Change{}
	if e.no.Rule == "" {
		return
	}
	t.change.Audit = append(t.change.Audit, directory.Audit{
		Time: t.now, Tenant: t.p.Tenant, Actor: t.p.Actor, Action: e.action, Subject: e.subject, Outcome: directory.WasDenied,
		Rule: e.no.Rule, Reason: e.no.Message, Deviations: e.deviations, Request: t.p.Request, Address: t.p.Address,
	})
	kind := directory.WriteRefused
	data := directory.Attributes{
		{Name: "action", Value: e.action}, {Name: "rule", Value: string(e.no.Rule)}, {Name: "reason", Value: e.no.Message},
	}
	if e.no.Rule == "B2" {
		kind = directory.SeatRefused
		data = append(data, directory.Attribute{Name: "occupied", Value: number(e.no.Occupied)}, directory.Attribute{Name: "limit", Value: number(e.no.Limit)})
	}
	t.event(kind, e.subject, data)
	if e.keep != nil {
		t.change.Memos = append(t.change.Memos, e.keep.Memos...)
		t.change.Audit = append(t.change.Audit, e.keep.Audit...)
		t.change.Events = append(t.change.Events, e.keep.Events...)
	}
}

// line is an audit line about something that was done.
func (t *turn) line(action string, subject directory.Subject) directory.Audit {
	return directory.Audit{
		Time: t.now, Tenant: t.p.Tenant, Actor: t.p.Actor, Action: action, Subject: subject, Outcome: directory.Done,
		Request: t.p.Request, Address: t.p.Address,
	}
}

func (t *turn) audit(line directory.Audit) { t.change.Audit = append(t.change.Audit, line) }

func (t *turn) event(kind directory.EventKind, subject directory.Subject, data directory.Attributes) {
	e := directory.Event{Time: t.now, Tenant: t.p.Tenant, Kind: kind, Subject: subject, Actor: t.p.Actor}
	if len(data) > 0 {
		e.Data = data.Document()
	}
	t.change.Events = append(t.change.Events, e)
}

// finish puts the groups that the turn touched into the Change.
func (t *turn) finish() error {
	for _, w := range t.groups {
		w.settle()
		if w.after.BuiltIn == directory.Owners {
			if err := t.keepOwners(w); err != nil {
				return err
			}
		}
		if err := t.putGroup(w); err != nil {
			return err
		}
	}
	if err := t.brake(); err != nil {
		return err
	}
	return t.settleSeats()
}

// notFound tells that there is no such thing, or that whoever asks does not see it.
func notFound(what string, id directory.ID) error {
	return &directory.Error{Code: directory.NotFound, Message: fmt.Sprintf("there is no %s with the id %s", what, id)}
}

func isNotFound(err error) bool { return directory.CodeOf(err) == directory.NotFound }

// absent makes "not found" an answer instead of an error.
func absent[T any](v T, err error) (found T, ok bool, failure error) {
	if err == nil {
		return v, true, nil
	}
	if isNotFound(err) {
		return found, false, nil
	}
	return found, false, err
}

// later is the instant of a write: now, but never before the last one.
func later(now, last time.Time) time.Time {
	if now.Before(last) {
		return last
	}
	return now
}
