package notify

import (
	"context"
	"log/slog"
	"time"

	"drawbridge/bridge/operators"
	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/store"
)

// Mailer takes one mail to the server of its recipient. Its error is Unavailable if another attempt may succeed; every other error is
// permanent.
type Mailer interface {
	Send(ctx context.Context, m directory.Mail) error
}

// LinkMaker makes the link of a mail that is sent now.
type LinkMaker func(ctx context.Context, m directory.Mail) (directory.OutgoingMail, error)

// Config is what a Service needs. Txn and Operators are required.
type Config struct {
	Txn        *txn.Runner
	Operators  *operators.Service
	Mailer     Mailer                           // nil: no mail is sent
	Recipients []directory.Recipient            // recipients in addition to the subscribed operators
	Links      map[directory.MailKind]LinkMaker // for mails with a link to people who are not operators
	Metrics    *Metrics
	Leads      func() bool // whether this process shows the gauges of the outbox; nil: it does
	Logger     *slog.Logger
}

// Service does the work of the package. It is safe for concurrent use.
type Service struct {
	txn        *txn.Runner
	store      store.Store
	operators  *operators.Service
	mailer     Mailer
	recipients []directory.Recipient
	links      map[directory.MailKind]LinkMaker
	metrics    *Metrics
	log        *slog.Logger
	recent     recent
	looked     time.Time // when takeBackMails last ran; only DeliverMails uses it
}

// New makes a Service.
func New(cfg Config) *Service {
	s := &Service{
		txn: cfg.Txn, store: cfg.Txn.Store(), operators: cfg.Operators, mailer: cfg.Mailer, recipients: cfg.Recipients, links: cfg.Links,
		metrics: cfg.Metrics, log: cfg.Logger,
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.metrics.watch(s, cfg.Leads)
	return s
}

// tx is a unit of work that writes mails. It writes only notes about past events to a tenant and changes nothing in it, so
// the rules of a tenant do not apply.
type tx struct{ *txn.Tx }

func (s *Service) write(ctx context.Context, p directory.Principal, decide func(tx) error) error {
	return s.txn.Run(ctx, p, func(t *txn.Tx) error { return decide(tx{t}) })
}

func (s *Service) instant() time.Time { return s.txn.Instant() }
