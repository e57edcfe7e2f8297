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

// Stream is a place that audit lines are sent to.
type Stream struct {
	Name string
	To   string // for operators
}

// Config is what a Service needs. Archive, Metrics and the fields about streams are optional.
type Config struct {
	Txn      *txn.Runner
	Write    Write
	Random   io.Reader // of cryptographic quality
	Uses     *credential.Uses
	Defaults directory.Settings
	Archive  *archive.Archive // nil: audit lines stay in the store, and events are forgotten
	Metrics  *Metrics         // of the archive

	Streams       []Stream // by name
	StreamMetrics *StreamMetrics
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
	streams  []Stream
	checking chan struct{} // holds a token while the archive is checked
	tallying chan struct{} // holds a token while tallies are read and changed
	tallies  map[directory.TenantID]*counted
}

// New makes a Service.
func New(cfg Config) *Service {
	s := &Service{
		txn: cfg.Txn, write: cfg.Write, store: cfg.Txn.Store(), random: cfg.Random, uses: cfg.Uses, defaults: cfg.Defaults, archive: cfg.Archive, metrics: cfg.Metrics,
		streams: cfg.Streams, checking: make(chan struct{}, 1), tallying: make(chan struct{}, 1), tallies: map[directory.TenantID]*counted{},
	}
	cfg.StreamMetrics.watch(s)
	return s
}

func (s *Service) read(ctx context.Context, p directory.Principal, fn func(store.Reader) error) error {
	return s.txn.View(ctx, p.Tenant, fn)
}

func (s *Service) instant() time.Time { return s.txn.Instant() }
