package record

import (
	"context"
	"io"
	"time"

	"drawbridge/archive"
	"drawbridge/bridge/credential"
	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/store"
)

// Write runs a unit of work on a tenant with the steps of every write of a tenant: bridge.Service.Write.
type Write func(ctx context.Context, p directory.Principal, decide func(*txn.Tx) error) error

// Config is what a Service needs. Everything but Archive and Metrics is required.
type Config struct {
	Txn      *txn.Runner
	Write    Write
	Random   io.Reader // of cryptographic quality
	Uses     *credential.Uses
	Defaults directory.Settings
	Archive  *archive.Archive // nil: audit lines stay in the store, and events are forgotten
	Metrics  *Metrics         // of the archive
}

// Service does the work of the package, except for the request journal. It is safe for concurrent use.
type Service struct {
	txn      *txn.Runner
	write    Write
	store    store.Store
	random   io.Reader
	uses     *credential.Uses
	defaults directory.Settings
	archive  *archive.Archive
	metrics  *Metrics
	checking chan struct{} // holds a token while the archive is checked
}

// New makes a Service.
func New(cfg Config) *Service {
	return &Service{
		txn: cfg.Txn, write: cfg.Write, store: cfg.Txn.Store(), random: cfg.Random, uses: cfg.Uses, defaults: cfg.Defaults, archive: cfg.Archive, metrics: cfg.Metrics,
		checking: make(chan struct{}, 1),
	}
}

func (s *Service) read(ctx context.Context, p directory.Principal, fn func(store.Reader) error) error {
	return s.txn.View(ctx, p.Tenant, fn)
}

func (s *Service) instant() time.Time { return s.txn.Instant() }
