package webhooks

import (
	"context"
	"io"
	"slices"
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
	Txn    *txn.Runner
	Write  Write
	Random io.Reader // of cryptographic quality
	Seal   credential.Ring
	// CheckURL refuses a URL that requests must not be sent to: Invalid, with the field.
	CheckURL func(ctx context.Context, field, url string) error
	// Archived gives at most limit audit lines of a tenant after a number that are not in the store any more, in order; none if the store has
	// the next one. nil: no line leaves the store.
	Archived func(ctx context.Context, tenant directory.TenantID, after uint64, limit int) ([]directory.Audit, error)
	Metrics  *Metrics
	Leads    func() bool // whether this process shows the gauges; nil: it does
}

// Service does the work of the package. It is safe for concurrent use.
type Service struct {
	txn      *txn.Runner
	store    store.Store
	write    Write
	random   io.Reader
	ring     credential.Ring
	checkURL func(ctx context.Context, field, url string) error
	archived func(ctx context.Context, tenant directory.TenantID, after uint64, limit int) ([]directory.Audit, error)
}

// New makes a Service.
func New(cfg Config) *Service {
	s := &Service{txn: cfg.Txn, store: cfg.Txn.Store(), write: cfg.Write, random: cfg.Random, ring: cfg.Seal, checkURL: cfg.CheckURL, archived: cfg.Archived}
	cfg.Metrics.watch(s, cfg.Leads)
	return s
}

func (s *Service) instant() time.Time { return s.txn.Instant() }

func noWebhook(name string) error {
	return &directory.Error{Code: directory.NotFound, Message: "there is no webhook \"" + directory.Truncate(name, 100) + "\""}
}

// find reads the webhook that a caller may see. NotFound.
func find(r store.Reader, p directory.Principal, name string) (directory.Webhook, error) {
	w, ok, err := txn.Get[directory.Webhook](r, directory.WebhookKV, name)
	if err != nil {
		return w, err
	}
	if !ok || !policy.SeesWebhook(p, &w) {
		return w, noWebhook(name)
	}
	return w, nil
}

// All gives every webhook, by name, with its sealed secrets. It is for deliveries, which no operator starts.
func (s *Service) All(ctx context.Context) ([]directory.Webhook, error) {
	return sharing.All[directory.Webhook](ctx, s.txn, directory.WebhookKV)
}

// webhook gives a webhook by its name. NotFound.
func (s *Service) webhook(ctx context.Context, p directory.Principal, name string) (w directory.Webhook, err error) {
	err = s.txn.View(ctx, directory.Provider, func(r store.Reader) error {
		w, err = find(r, p, name)
		return err
	})
	return w, err
}

// Tenants gives the tenants that are served, by slug. Events of other tenants are not sent.
func (s *Service) Tenants(ctx context.Context) ([]directory.TenantID, error) {
	all, err := s.store.Tenants(ctx)
	var out []directory.TenantID
	for i := range all {
		if all[i].Status == directory.TenantActive {
			out = append(out, all[i].ID)
		}
	}
	return out, err
}

// Changed waits like store.Watcher.
func (s *Service) Changed(ctx context.Context, seen map[directory.TenantID]uint64) (map[directory.TenantID]uint64, error) {
	return s.store.Changed(ctx, seen)
}

// sorted puts a list in order, each entry once.
func sorted[T ~string](list []T) []T {
	out := slices.Clone(list)
	slices.Sort(out)
	return slices.Compact(out)
}
