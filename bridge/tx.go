package bridge

import (
	"context"
	"fmt"
	"time"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// tenantTx is a unit of work on a tenant: a txn.Tx with what the rules of a tenant need to know of the write.
type tenantTx struct {
	*txn.Tx
	s *Service

	tenant directory.Tenant
	state  policy.State // for package policy; its Usage includes the changes of this write

	loaded     bool // tenant and state were read
	seatsMoved bool // users were added, removed or changed their state

	removed  int                   // users whom the write takes away (C8)
	removal  directory.HeldRemoval // what the write removes, in case it is held
	deleted  *directory.Group      // a group that it deletes
	released bool                  // an operator has released what was held
	handover bool                  // the write is a step of the hand-over itself, and may change a frozen tenant

	mappings map[directory.ConnectionID][]directory.GroupMapping // after this write, if it changes them
	groups   []*groupEdit
	builtIns map[directory.BuiltIn]directory.Group
	retyped  map[directory.ID]bool // users whom a mapping made a guest or a member in this write
	moves    moves                 // the memberships of the Change, by member
	// roleChecks are the users whose roles by attribute may change.
	roleChecks map[directory.ID]roleCheck
	finalises  bool         // the roles of users stay when their management ends
	approved   directory.ID // the deletion request by which this write deletes a user (D3)
}

// tenantTx gives the unit of work of tx.
func (s *Service) tenantTx(tx *txn.Tx) *tenantTx { return &tenantTx{Tx: tx, s: s} }

// begin gives a unit of work on a reader that write did not open. The steps do not run on its Change.
func (s *Service) begin(r store.Reader, p directory.Principal, now time.Time) *tenantTx {
	return s.tenantTx(s.txn.Begin(r, p, now))
}

// write runs decide on the tenant of p and commits the Change that it made; see txn.Runner.Run. It is the only way to write to a tenant,
// and it runs the steps that all writes share.
func (s *Service) write(ctx context.Context, p directory.Principal, decide func(*tenantTx) error) error {
	return s.writeWanting(ctx, p, nil, decide)
}

// writeWanting is write for a decision that will probably read the records that want names.
func (s *Service) writeWanting(ctx context.Context, p directory.Principal, want *store.Want, decide func(*tenantTx) error) error {
	var t *tenantTx
	return s.txn.Expecting(want).Run(ctx, p,
		func(tx *txn.Tx) error {
			t = s.tenantTx(tx)
			if err := decide(t); err != nil {
				return err
			}
			return t.finish()
		},
		func(*txn.Tx) error { return t.after() },
		func(*txn.Tx) error { return t.noteSeats() },
	)
}

// Write is write for other packages that write to a tenant.
func (s *Service) Write(ctx context.Context, p directory.Principal, decide func(*txn.Tx) error) error {
	return s.write(ctx, p, func(t *tenantTx) error { return decide(t.Tx) })
}

// noteSeats tells a Principal that wants to know the effect of the write what happens to the seats.
func (t *tenantTx) noteSeats() error {
	e := t.Principal.Report
	if e == nil || !t.loaded {
		return nil
	}
	before, err := t.Reader.Usage()
	if err != nil {
		return err
	}
	included := t.state.Settings.IncludedGuests
	e.Seats = &directory.SeatsEffect{
		Before: policy.Count(before, included).Occupied, After: policy.Count(t.state.Usage, included).Occupied, Limit: policy.Limit(t.state.Plan, t.state.Purchased),
	}
	return nil
}

// finish completes the Change of decide: the changed groups, the brake (C8) and the seats. A rule may refuse here.
func (t *tenantTx) finish() error {
	if err := t.applyRoleRules(); err != nil {
		return err
	}
	for _, w := range t.groups {
		w.resolveMembers()
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
	return t.finishSeats()
}

// after raises the alerts of the events, including those of a refusal, and refuses a write that came too late for its connection or its
// tenant.
func (t *tenantTx) after() error {
	if err := t.alerts(); err != nil || t.Refused() {
		return err
	}
	if err := t.refuseLateIdP(); err != nil {
		return err
	}
	return t.refuseFrozen()
}

// refuseLateIdP refuses a write of an identity provider that was authenticated before its connection was disconnected (C10), paused
// (L4), mapped otherwise (C13) or put into observe mode (C9), or its tenant was handed over (T6), and that would commit after that. It also
// refuses a write of a promotion that another process continues, or has ended.
func (t *tenantTx) refuseLateIdP() error {
	id := t.Principal.Connection.ID
	if !txn.FromIdP(t.Principal) || id == "" || t.Change.Empty() {
		return nil
	}
	c, ok, err := txn.Optional(t.Reader.Connection(id))
	if err != nil {
		return err
	}
	switch {
	case !ok || c.Ending != nil:
		return unauthorized()
	case c.Paused:
		return paused(&c)
	case !c.AttributeMapping.Equal(t.Principal.Connection.AttributeMapping):
		return &directory.Error{Code: directory.Unavailable, Rule: "C13", RetryAfter: time.Second, Message: "the attribute mapping of this connection has just been changed: send the request again"}
	case c.Observing != nil && !t.Principal.Reviewed:
		return &directory.Error{Code: directory.Unavailable, Rule: "C9", RetryAfter: time.Second, Message: "this connection has just been put into observe mode: send the request again"}
	case t.Principal.Reviewed && !c.Observing.SamePromotion(t.Principal.Connection.Observing):
		return &directory.Error{Code: directory.Unavailable, Rule: "C9", Message: "another server promotes what this connection wrote, or has ended that"}
	}
	tenant, err := t.storedTenant()
	if err == nil && tenant.Status != directory.TenantActive {
		err = policy.NotServed().Err()
	}
	return err
}

// refuseFrozen refuses a change of a tenant that was handed over (T6). A note about sent notices does not count as a change.
func (t *tenantTx) refuseFrozen() error {
	if t.handover || t.Principal.Tenant == directory.Provider || t.Change.Empty() || t.Change.Noticed != nil && t.Change.OnlyNotes() {
		return nil
	}
	tenant, ok, err := txn.Optional(t.storedTenant())
	if err != nil || !ok || tenant.Status == directory.TenantActive {
		return err
	}
	return policy.Frozen(&tenant).Err()
}

// storedTenant gives the tenant as it was before the write. It is read at most once.
func (t *tenantTx) storedTenant() (directory.Tenant, error) {
	if t.loaded {
		return t.tenant, nil
	}
	return t.Reader.Tenant()
}

// load reads once what nearly every decision depends on. After that, state includes the changes of the write.
func (t *tenantTx) load() error {
	if t.loaded {
		return nil
	}
	var err error
	if t.tenant, err = t.Reader.Tenant(); err != nil {
		return err
	}
	usage, err := t.Reader.Usage()
	if err != nil {
		return err
	}
	t.state, err = t.s.stateOf(&t.tenant, usage, t.Now)
	t.state.Actor, t.state.Connection = t.Principal.Actor, t.Principal.Connection.ID
	t.loaded = err == nil
	return err
}

// instant is the present time as records keep it.
func (s *Service) instant() time.Time { return s.txn.Instant() }

// read runs fn on a snapshot of the tenant of p.
func (s *Service) read(ctx context.Context, p directory.Principal, fn func(store.Reader) error) error {
	return s.readWanting(ctx, p, nil, fn)
}

// readWanting is read for a function that will probably read the records that want names.
func (s *Service) readWanting(ctx context.Context, p directory.Principal, want *store.Want, fn func(store.Reader) error) error {
	return s.store.View(ctx, p.Tenant, want, fn)
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
