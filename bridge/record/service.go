package record

import (
	"context"
	"io"
	"time"

	"drawbridge/bridge/credential"
	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/store"
)

// Write runs a unit of work on a tenant, with the steps that hold for every write of a tenant: bridge.Service.Write.
type Write func(ctx context.Context, p directory.Principal, decide func(*txn.Tx) error) error

// Config is what a Service needs. All of it is required.
type Config struct {
	Txn      *txn.Runner
	Write    Write
	Random   io.Reader // of cryptographic quality
	Uses     *credential.Uses
	Defaults directory.Settings
}

// Service does the work of the package, but for the request journal. It is safe for concurrent use.
type Service struct {
	txn      *txn.Runner
	write    Write
	store    store.Store
	random   io.Reader
	uses     *credential.Uses
	defaults directory.Settings
}

// New makes a Service.
func New(cfg Config) *Service {
	return &Service{txn: cfg.Txn, write: cfg.Write, store: cfg.Txn.Store(), random: cfg.Random, uses: cfg.Uses, defaults: cfg.Defaults}
}

func (s *Service) read(ctx context.Context, p directory.Principal, fn func(store.Reader) error) error {
	return s.txn.View(ctx, p.Tenant, fn)
}

func (s *Service) instant() time.Time { return s.txn.Instant() }
