package bridge

import (
	"context"
	"crypto/ed25519"
	"io"
	"log/slog"
	"time"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/store"
)

// Config is what a Service stands on. Everything but Metrics, Logger, Mailer, Recipients, LinkURL, LetterKey, LetterURL and Journal is required.
type Config struct {
	Store    store.Store
	Now      func() time.Time
	NewID    func() directory.ID // time-ordered: an ID made later sorts behind
	Random   io.Reader           // of cryptographic quality; secrets come from it
	Plans    []directory.Plan
	Defaults directory.Settings
	// Cadence is how often a type of identity provider is heard of if all is well (C7); nil: once a week.
	Cadence func(directory.ConnectionType) time.Duration
	Metrics *Metrics
	Logger  *slog.Logger
	SignIn  SignInLimits  // zero fields: the defaults
	Journal store.Journal // nil: requests are not journaled
	Region  string        // where the data of this installation lies (T2); "": nobody has said
	// Signing signs hand-over bundles (T6); nil: none are made, and those of its own are not known. Software is who made them.
	Signing  ed25519.PrivateKey
	Software string

	Mailer     Mailer                // nil: no mail is sent
	Recipients []directory.Recipient // who is told by mail of what happens
	// LinkURL is where a one-time link is used, by its text; "" where that is not on the network. nil: nowhere. It must come
	// from the configuration: what a request says of its own host is the word of whoever sent it.
	LinkURL func(text string) string

	// LetterKey is what the links in mails to people of a tenant are made with. nil: a random one, so that what waits in the outbox
	// cannot be sent by another process. LetterURL is where such a link leads; nil: nowhere but its path.
	LetterKey []byte
	LetterURL func(tenant directory.TenantID, link string) string
}

// Service does the work of the bridge. It is safe for concurrent use.
type Service struct {
	store    store.Store
	txn      *txn.Runner
	random   io.Reader
	plans    []directory.Plan
	defaults directory.Settings
	cadence  func(directory.ConnectionType) time.Duration
	metrics  *Metrics
	log      *slog.Logger

	mailer     Mailer
	recipients []directory.Recipient
	linkURL    func(string) string
	letterKey  []byte
	letterURL  func(directory.TenantID, string) string

	region    string
	signing   ed25519.PrivateKey
	software  string
	journal   store.Journal
	signIn    SignInLimits
	passwords *passwords
	throttle  throttle
	uses      uses
	began     time.Time
	watch     healthWatch
	pace      pace
	mentions  mentions
}

// New makes a Service on top of cfg. The error is Invalid and names what is missing.
func New(cfg Config) (*Service, error) {
	missing := func(field string) error {
		return &directory.Error{Code: directory.Invalid, Field: field, Message: "the bridge cannot work without " + field}
	}
	switch {
	case cfg.Store == nil:
		return nil, missing("Store")
	case cfg.Now == nil:
		return nil, missing("Now")
	case cfg.NewID == nil:
		return nil, missing("NewID")
	case cfg.Random == nil:
		return nil, missing("Random")
	case len(cfg.Plans) == 0:
		return nil, missing("Plans")
	}
	s := &Service{
		store: cfg.Store, random: cfg.Random,
		txn:   txn.New(txn.Config{Store: cfg.Store, Now: cfg.Now, NewID: cfg.NewID, Refused: cfg.Metrics.refused}),
		plans: cfg.Plans, defaults: cfg.Defaults, cadence: cfg.Cadence, metrics: cfg.Metrics, log: cfg.Logger,
		mailer: cfg.Mailer, recipients: cfg.Recipients, region: cfg.Region, signing: cfg.Signing, software: cfg.Software, linkURL: cfg.LinkURL, journal: cfg.Journal,
		letterKey: cfg.LetterKey, letterURL: cfg.LetterURL,
		signIn: cfg.SignIn.withDefaults(), passwords: newPasswords(cfg.Random),
	}
	s.began = s.instant()
	if s.letterKey == nil {
		s.letterKey = make([]byte, secretBytes)
		if _, err := io.ReadFull(s.random, s.letterKey); err != nil {
			return nil, noRandom(err)
		}
	}
	if s.letterURL == nil {
		s.letterURL = LetterPath
	}
	if s.cadence == nil {
		s.cadence = func(directory.ConnectionType) time.Duration { return 7 * 24 * time.Hour }
	}
	if s.linkURL == nil {
		s.linkURL = func(string) string { return "" }
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.metrics.watch(s)
	return s, nil
}

// Close writes down what Authenticate and Success noted since the last Flush. It does not close the store.
func (s *Service) Close(ctx context.Context) error { return s.Flush(ctx) }
