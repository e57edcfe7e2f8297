package targets

import (
	"cmp"
	"context"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"drawbridge/bridge/credential"
	"drawbridge/bridge/sharing"
	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// Write runs a unit of work on a tenant with the steps of every write of a tenant: bridge.Service.Write.
type Write func(ctx context.Context, p directory.Principal, decide func(*txn.Tx) error) error

// Config is what a Service needs. Everything but Metrics and Leads is required.
type Config struct {
	Txn      *txn.Runner
	Write    Write
	Random   io.Reader // of cryptographic quality
	Seal     credential.Ring
	Defaults directory.Settings
	// CheckURL refuses a URL that requests must not be sent to: Invalid, with the field.
	CheckURL func(ctx context.Context, field, url string) error
	Metrics  *Metrics
	Leads    func() bool // whether this process shows the gauges; nil: it does
}

// Service does the work of the package. It is safe for concurrent use.
type Service struct {
	cfg   Config
	txn   *txn.Runner
	store store.Store
	write Write
}

// New makes a Service.
func New(cfg Config) *Service {
	s := &Service{cfg: cfg, txn: cfg.Txn, store: cfg.Txn.Store(), write: cfg.Write}
	cfg.Metrics.watch(s)
	return s
}

func (s *Service) instant() time.Time { return s.txn.Instant() }

// by is who writes what runs came to.
func by(tenant directory.TenantID) directory.Principal {
	p := directory.JobPrincipal("targets")
	p.Tenant = tenant
	return p
}

// subject names a target in records.
func subject(t *directory.Target) directory.Subject {
	return directory.Subject{Kind: "target", ID: t.ID.String(), Name: t.Name}
}

func noTarget(name string) error {
	return &directory.Error{Code: directory.NotFound, Message: "there is no target \"" + directory.Truncate(name, 100) + "\""}
}

// find reads a target from the installation. NotFound.
func find(r store.Reader, name string) (directory.Target, error) {
	if len(name) > 40 {
		return directory.Target{}, noTarget(name)
	}
	t, ok, err := txn.Get[directory.Target](r, directory.TargetKV, name)
	if err == nil && !ok {
		err = noTarget(name)
	}
	return t, err
}

// named reads a target, with its sealed credential. NotFound.
func (s *Service) named(ctx context.Context, name string) (t directory.Target, err error) {
	err = s.txn.View(ctx, directory.Provider, func(r store.Reader) error {
		t, err = find(r, name)
		return err
	})
	return t, err
}

// visible reads a target that p may see, with its sealed credential. NotFound.
func (s *Service) visible(ctx context.Context, p directory.Principal, name string) (directory.Target, error) {
	t, err := s.named(ctx, name)
	if err == nil && !policy.SeesTarget(p, &t) {
		err = noTarget(name)
	}
	return t, err
}

// Own gives a target that p may manage, with its sealed credential. NotFound, Forbidden O10.
func (s *Service) Own(ctx context.Context, p directory.Principal, name string) (directory.Target, error) {
	t, err := s.visible(ctx, p, name)
	if err == nil {
		err = policy.ManageTarget(p, &t)
	}
	return t, err
}

// At gives a target that is attached to a tenant in the scope of p, with its sealed credential. NotFound.
func (s *Service) At(ctx context.Context, p directory.Principal, at Where) (directory.Target, error) {
	t, err := s.visible(ctx, p, at.Target)
	if err != nil {
		return t, err
	}
	_, attached := t.Share(at.Tenant)
	if attached && t.All != nil {
		served, err := s.served(ctx, []directory.TenantID{at.Tenant})
		if err != nil {
			return t, err
		}
		_, attached = served[at.Tenant]
	}
	if !attached || !policy.Sees(p, at.Tenant) {
		return t, notAttached(at)
	}
	return t, nil
}

// Where names a target and a tenant that it is attached to.
type Where struct {
	Tenant directory.TenantID
	Target string
}

func notAttached(at Where) error {
	return &directory.Error{Code: directory.NotFound, Field: "tenant", Message: "target " + at.Target + " is not attached to a tenant \"" + directory.Truncate(string(at.Tenant), 100) + "\""}
}

// Attachment is a target and a tenant that it is attached to.
type Attachment struct {
	Tenant directory.TenantID
	Target directory.Target // with its sealed credential
	State  directory.TargetState
	Begun  bool   // Begin has stored the state, and that it was resumed
	Last   uint64 // the number of the last event of the tenant
}

// Orphan is what is kept in a tenant about a target that was deleted or detached.
type Orphan struct {
	Tenant directory.TenantID
	Target string // the id
}

// All gives the targets of the tenants that are served, with their sealed credentials, and what is left of others. It is for runs, which
// no operator starts.
func (s *Service) All(ctx context.Context) (attached []Attachment, orphans []Orphan, err error) {
	stored := map[Orphan]directory.TargetState{}
	wanted := map[directory.TenantID]bool{}
	err = s.store.TenantKVs(ctx, directory.TargetStateKV, nil, func(tenant directory.TenantID, kv directory.KV) error {
		state, err := txn.Value[directory.TargetState](kv)
		stored[Orphan{tenant, strings.Clone(kv.Key)}] = state
		wanted[tenant] = true
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	// The targets are read after the states, so that a state that is new is never taken for an orphan.
	all, err := s.targets(ctx)
	if err != nil {
		return nil, nil, err
	}
	every := false
	for i := range all {
		every = every || all[i].All != nil
		for tenant := range all[i].Tenants {
			wanted[tenant] = true
		}
	}
	if len(wanted) == 0 && !every {
		return nil, nil, nil
	}
	which := slices.Sorted(maps.Keys(wanted))
	if every {
		which = nil
	}
	last, err := s.served(ctx, which)
	if err != nil {
		return nil, nil, err
	}
	for i := range all {
		t := &all[i]
		for _, tenant := range attachedTo(t, last) {
			key := Orphan{tenant, t.ID.String()}
			state, begun, gone := policy.AttachedState(t, tenant, stored[key])
			if gone {
				continue
			}
			resumes := stored[key].Resumes
			delete(stored, key)
			if n, ok := last[tenant]; ok {
				attached = append(attached, Attachment{Tenant: tenant, Target: *t, State: state, Begun: begun && resumes >= t.Resumes, Last: n.last})
			}
		}
	}
	for o := range stored {
		if _, ok := last[o.Tenant]; ok {
			orphans = append(orphans, o)
		}
	}
	slices.SortFunc(orphans, func(a, b Orphan) int { return cmp.Or(cmp.Compare(a.Tenant, b.Tenant), cmp.Compare(a.Target, b.Target)) })
	return attached, orphans, nil
}

// attachedTo gives the tenants that a target is attached to, by slug; served are those that are served.
func attachedTo(t *directory.Target, served map[directory.TenantID]present) []directory.TenantID {
	out := slices.Collect(maps.Keys(t.Tenants))
	if t.All != nil {
		out = slices.AppendSeq(out, maps.Keys(served))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// targets gives every target, by name, with its sealed credential.
func (s *Service) targets(ctx context.Context) ([]directory.Target, error) {
	return sharing.All[directory.Target](ctx, s.txn, directory.TargetKV)
}

// present is what is shown of a tenant that is served: its name, and the number of its last event.
type present struct {
	name string
	last uint64
}

// served gives those of the tenants that are served, or of all with nil.
func (s *Service) served(ctx context.Context, tenants []directory.TenantID) (map[directory.TenantID]present, error) {
	last := map[directory.TenantID]present{}
	err := s.store.Summaries(ctx, tenants, func(one *store.Summary) error {
		if one.Tenant.Status == directory.TenantActive {
			last[one.Tenant.ID] = present{strings.Clone(one.Tenant.Name), one.LastEvent}
		}
		return nil
	})
	return last, err
}
