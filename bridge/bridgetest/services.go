package bridgetest

import (
	"context"
	"crypto/ed25519"
	"io"
	"log/slog"
	"time"

	"drawbridge/archive"
	"drawbridge/bridge"
	"drawbridge/bridge/credential"
	"drawbridge/bridge/jobs"
	"drawbridge/bridge/notify"
	"drawbridge/bridge/operators"
	"drawbridge/bridge/overview"
	"drawbridge/bridge/record"
	"drawbridge/bridge/sharing"
	"drawbridge/bridge/targets"
	"drawbridge/bridge/txn"
	"drawbridge/bridge/webhooks"
	"drawbridge/directory"
	"drawbridge/store"
)

// Config is what the services are made from. Store, Now, NewID, Random and Plans are required.
type Config struct {
	Store     store.Store
	Now       func() time.Time
	NewID     func() directory.ID
	Random    io.Reader
	Plans     []directory.Plan
	Defaults  directory.Settings
	Cadence   func(directory.ConnectionType) time.Duration
	Metrics   *bridge.Metrics
	Gauges    *overview.Metrics
	Notify    *notify.Metrics
	Logger    *slog.Logger
	Journal   store.Journal
	Region    string
	Signing   ed25519.PrivateKey
	Software  string
	Seal      credential.Ring
	NoteFound bool // as in the copies of observe mode
	Archive   *archive.Archive

	ArchiveMetrics *record.Metrics
	Streams        []record.Stream                                    // of audit lines
	CheckURL       func(ctx context.Context, field, url string) error // of webhooks and targets; nil: takes all

	Mailer        notify.Mailer
	Recipients    []directory.Recipient
	SignIn        operators.Limits
	HashCost      *operators.HashCost // of passwords; nil: the least possible, so that tests do not wait for hashes
	LinkURL       func(text string) string
	InvitationKey []byte
	InvitationURL func(tenant directory.TenantID, link string) string
}

// The services under the names by which Services embeds them.
type (
	// Bridge is the life of a tenant.
	Bridge = bridge.Service
	// Ops are the operators.
	Ops = operators.Service
	// Record is the audit trail, the feed and what applications may ask.
	Record = record.Service
	// Outbox are the notices and the mails.
	Outbox = notify.Service
	// Journal is the request journal.
	Journal = record.Journal
)

// Services are the services of the bridge on one store.
type Services struct {
	*Bridge
	*Ops
	*Record
	*Outbox
	*Journal
	Txn     *txn.Runner
	Hooks   *webhooks.Service
	Targets *targets.Service
	All     *overview.Service // of all tenants
}

// Jobs are the services that the shipped jobs call.
func (s *Services) Jobs() jobs.Services {
	return jobs.Services{Bridge: s.Bridge, Record: s.Record, Journal: s.Journal}
}

// New makes the services, wired as the server wires them.
func New(cfg Config) (*Services, error) {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	out := &Services{Txn: txn.New(txn.Config{Store: cfg.Store, Now: cfg.Now, NewID: cfg.NewID, Refused: cfg.Metrics.Refused})}
	if cfg.HashCost == nil {
		cfg.HashCost = &operators.HashCost{Time: 1, Memory: 8, Threads: 1}
	}
	uses, throttle := &credential.Uses{}, credential.NewThrottle(nil)
	out.Ops = operators.New(operators.Config{
		Txn: out.Txn, Random: cfg.Random, Uses: uses, Throttle: throttle, Mail: cfg.Mailer != nil, LinkURL: cfg.LinkURL, Limits: cfg.SignIn, Cost: *cfg.HashCost,
	})
	out.Journal = record.NewJournal(record.JournalConfig{Txn: out.Txn, Requests: cfg.Journal, Defaults: cfg.Defaults, Logger: cfg.Logger})
	var err error
	out.Bridge, err = bridge.New(bridge.Config{
		Archived: func(ctx context.Context, tenant directory.TenantID, after uint64, limit int) ([]directory.Audit, error) {
			return out.ArchivedAudit(ctx, tenant, after, limit)
		},
		Erasing: func(ctx context.Context, tenant directory.TenantID) error { return out.Hooks.NoteGaps(ctx, tenant) },
		Leave: func(ctx context.Context, gone map[directory.TenantID]sharing.Departure, how directory.Run) ([]string, error) {
			left, err := out.Hooks.Leave(ctx, gone, how)
			if err != nil {
				return left, err
			}
			more, err := out.Targets.Leave(ctx, gone, how)
			return append(left, more...), err
		},
		Txn: out.Txn, Operators: out.Ops, Uses: uses, Throttle: throttle, Random: cfg.Random,
		Plans: cfg.Plans, Defaults: cfg.Defaults, Cadence: cfg.Cadence, Metrics: cfg.Metrics, Logger: cfg.Logger,
		JournalSettings: out.SettingsChanged, Rejected: out.Rejected, Region: cfg.Region, Signing: cfg.Signing, Software: cfg.Software, Seal: cfg.Seal,
		NoteFound: cfg.NoteFound, Mail: cfg.Mailer != nil, InvitationKey: cfg.InvitationKey, InvitationURL: cfg.InvitationURL,
	})
	if err != nil {
		return nil, err
	}
	out.All = overview.New(overview.Config{Bridge: out.Bridge, Txn: out.Txn, Plans: cfg.Plans, Metrics: cfg.Gauges})
	out.Record = record.New(record.Config{Txn: out.Txn, Write: out.Write, Random: cfg.Random, Uses: uses, Defaults: cfg.Defaults, Archive: cfg.Archive, Metrics: cfg.ArchiveMetrics, Streams: cfg.Streams})
	if cfg.CheckURL == nil {
		cfg.CheckURL = func(context.Context, string, string) error { return nil }
	}
	out.Hooks = webhooks.New(webhooks.Config{Txn: out.Txn, Write: out.Write, Random: cfg.Random, Seal: cfg.Seal, CheckURL: cfg.CheckURL, Archived: out.ArchivedAudit})
	out.Targets = targets.New(targets.Config{Txn: out.Txn, Write: out.Write, Random: cfg.Random, Seal: cfg.Seal, Defaults: cfg.Defaults, CheckURL: cfg.CheckURL})
	out.Outbox = notify.New(notify.Config{
		Txn: out.Txn, Operators: out.Ops, Mailer: cfg.Mailer, Recipients: cfg.Recipients, Metrics: cfg.Notify, Logger: cfg.Logger,
		Links: map[directory.MailKind]notify.LinkMaker{
			directory.UserInvitationMail: out.Invitations().Mail, directory.UserConfirmationMail: out.Invitations().Mail,
		},
	})
	return out, nil
}
