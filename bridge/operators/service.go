package operators

import (
	"context"
	"io"
	"time"

	"drawbridge/bridge/credential"
	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/store"
)

// Config is what a Service needs. Everything but Mail, LinkURL and Limits is required.
type Config struct {
	Txn      *txn.Runner
	Random   io.Reader // of cryptographic quality
	Uses     *credential.Uses
	Throttle *credential.Throttle

	Mail bool // mail is sent, so that links go to their operator by mail
	// LinkURL is where a one-time link is used, by its text; "" where that is not on the network. nil: nowhere. It must come from the
	// configuration, because a request can claim any host.
	LinkURL func(text string) string
	Limits  Limits // zero fields: the defaults
}

// Service does the work of the package. It is safe for concurrent use.
type Service struct {
	txn       *txn.Runner
	store     store.Store
	random    io.Reader
	uses      *credential.Uses
	throttle  *credential.Throttle
	mail      bool
	linkURL   func(string) string
	limits    Limits
	passwords *passwords
}

// New makes a Service.
func New(cfg Config) *Service {
	s := &Service{
		txn: cfg.Txn, store: cfg.Txn.Store(), random: cfg.Random, uses: cfg.Uses, throttle: cfg.Throttle,
		mail: cfg.Mail, linkURL: cfg.LinkURL, limits: cfg.Limits.withDefaults(), passwords: newPasswords(cfg.Random),
	}
	if s.linkURL == nil {
		s.linkURL = func(string) string { return "" }
	}
	return s
}

// tx is a unit of work on the installation. The rules of a tenant do not apply to it.
type tx struct{ *txn.Tx }

func (s *Service) write(ctx context.Context, p directory.Principal, decide func(tx) error) error {
	return s.txn.Run(ctx, p, func(t *txn.Tx) error { return decide(tx{t}) })
}

func (s *Service) read(ctx context.Context, p directory.Principal, fn func(store.Reader) error) error {
	return s.txn.View(ctx, p.Tenant, fn)
}

func (s *Service) instant() time.Time { return s.txn.Instant() }
