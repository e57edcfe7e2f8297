package targets

import (
	"context"
	"io"
	"strings"
	"time"

	"drawbridge/bridge/credential"
	"drawbridge/bridge/txn"
	"drawbridge/directory"
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
	if cfg.Leads == nil {
		cfg.Leads = func() bool { return true }
	}
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

// find reads a target. NotFound.
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

// Place is a target and its tenant.
type Place struct {
	Tenant directory.TenantID
	Target directory.Target // with its sealed credential
	State  directory.TargetState
	Last   uint64 // the number of the last event of the tenant
}

// All gives the targets of the tenants that are served, with their sealed credentials. It is for runs, which no operator starts.
func (s *Service) All(ctx context.Context) ([]Place, error) {
	var out []Place
	seen := map[directory.TenantID]bool{}
	var tenants []directory.TenantID
	err := s.store.TenantKVs(ctx, directory.TargetKV, nil, func(tenant directory.TenantID, kv directory.KV) error {
		t, err := txn.Value[directory.Target](kv)
		out = append(out, Place{Tenant: tenant, Target: t})
		if !seen[tenant] {
			seen[tenant] = true
			tenants = append(tenants, tenant)
		}
		return err
	})
	if err != nil || len(out) == 0 {
		return nil, err
	}
	states := map[string]directory.TargetState{}
	err = s.store.TenantKVs(ctx, directory.TargetStateKV, tenants, func(_ directory.TenantID, kv directory.KV) error {
		state, err := txn.Value[directory.TargetState](kv)
		states[strings.Clone(kv.Key)] = state
		return err
	})
	if err != nil {
		return nil, err
	}
	last := map[directory.TenantID]uint64{}
	err = s.store.Summaries(ctx, tenants, func(one *store.Summary) error {
		if one.Tenant.Status == directory.TenantActive {
			last[one.Tenant.ID] = one.LastEvent
		}
		return nil
	})
	served := out[:0]
	for _, p := range out {
		if n, ok := last[p.Tenant]; ok {
			p.State, p.Last = states[p.Target.ID.String()], n
			served = append(served, p)
		}
	}
	return served, err
}
