package bridge

import (
	"context"
	"crypto/ed25519"
	"errors"
	"io"
	"log/slog"
	"time"

	"drawbridge/bridge/credential"
	"drawbridge/bridge/operators"
	"drawbridge/bridge/projects"
	"drawbridge/bridge/sharing"
	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/store"
)

// Config is what a Service needs. Txn, Operators, Uses, Throttle, Random and Plans are required.
type Config struct {
	Txn       *txn.Runner
	Operators *operators.Service // scopes of operators change with the tenants (T8, T6)
	Uses      *credential.Uses
	Throttle  *credential.Throttle
	Random    io.Reader // of cryptographic quality; secrets come from it
	Plans     []directory.Plan
	Defaults  directory.Settings
	// Cadence is how often a healthy identity provider of a type sends requests (C7). nil: once a week.
	Cadence func(directory.ConnectionType) time.Duration
	Metrics *Metrics
	// HealthChecked tells when a process checked the connections of all tenants last (CheckHealth). nil: only this process does it.
	HealthChecked func() time.Time
	Logger        *slog.Logger
	// JournalSettings is called when the settings of a tenant have changed, so that the request journal applies them. Optional.
	JournalSettings func(ctx context.Context, before, after *directory.Overrides)
	// Rejected is called for a request that named a connection and had no valid credential. It must not block. Optional.
	Rejected func(tenant directory.TenantID, connection directory.ConnectionID, at time.Time)
	// Archived gives audit lines of a tenant after a number from the archive, none if the store has the next one (E6). nil: there is no
	// archive.
	Archived func(ctx context.Context, tenant directory.TenantID, after uint64, limit int) ([]directory.Audit, error)
	// Erasing is called before the data of a tenant is deleted. nil: there are no webhooks.
	Erasing func(ctx context.Context, tenant directory.TenantID) error
	// Leave takes tenants that are gone out of the integrations of the installation, and names the integrations that had one (C11). With
	// RunDry nothing is written. nil: there are no integrations.
	Leave  func(ctx context.Context, gone map[directory.TenantID]sharing.Departure, how directory.Run) ([]string, error)
	Region string // where the data of this installation lies (T2); "": not stated
	// Signing signs hand-over bundles (T6). nil: none are made, and bundles of this installation are not recognised. Software names the program in them.
	Signing  ed25519.PrivateKey
	Software string

	// Seal seals the credentials that this server shows to others. With the zero Ring none can be stored.
	Seal credential.Ring

	Mail bool // mail is sent, so that people can be invited

	// NoteFound notes by which attribute a search of an identity provider found a record (FoundKV). It is for the copies of observe mode (C9).
	NoteFound bool

	// InvitationKey is the key of the links in mails to people of a tenant. nil: a random one, so that another process cannot send the
	// mails that wait in the outbox. InvitationURL gives the URL of such a link; nil: only its path.
	InvitationKey []byte
	InvitationURL func(tenant directory.TenantID, link string) string
}

// Service does the work of the package. It is safe for concurrent use.
type Service struct {
	txn       *txn.Runner
	store     store.Store
	operators *operators.Service
	projects  *projects.Service
	positions positions
	random    io.Reader
	plans     []directory.Plan
	defaults  directory.Settings
	cadence   func(directory.ConnectionType) time.Duration
	metrics   *Metrics
	checked   func() time.Time
	log       *slog.Logger

	ring            credential.Ring
	mail            bool
	notesFound      bool
	journalSettings func(context.Context, *directory.Overrides, *directory.Overrides)
	archived        func(context.Context, directory.TenantID, uint64, int) ([]directory.Audit, error)
	leave           func(context.Context, map[directory.TenantID]sharing.Departure, directory.Run) ([]string, error)
	erasing         func(context.Context, directory.TenantID) error
	rejected        func(directory.TenantID, directory.ConnectionID, time.Time)
	invitationKey   []byte
	invitationURL   func(directory.TenantID, string) string

	region   string
	signing  ed25519.PrivateKey
	software string
	throttle *credential.Throttle
	uses     *credential.Uses
	unserved unserved
	began    time.Time
	watch    healthWatch
	mentions mentions
}

// New makes a Service on top of cfg. The error is Invalid and names what is missing.
func New(cfg Config) (*Service, error) {
	missing := func(field string) error {
		return &directory.Error{Code: directory.Invalid, Field: field, Message: "the bridge cannot work without " + field}
	}
	switch {
	case cfg.Txn == nil:
		return nil, missing("Txn")
	case cfg.Operators == nil:
		return nil, missing("Operators")
	case cfg.Uses == nil:
		return nil, missing("Uses")
	case cfg.Throttle == nil:
		return nil, missing("Throttle")
	case cfg.Random == nil:
		return nil, missing("Random")
	case len(cfg.Plans) == 0:
		return nil, missing("Plans")
	}
	s := &Service{
		txn: cfg.Txn, store: cfg.Txn.Store(), operators: cfg.Operators, positions: newPositions(), random: cfg.Random, throttle: cfg.Throttle, uses: cfg.Uses,
		plans: cfg.Plans, defaults: cfg.Defaults, cadence: cfg.Cadence, metrics: cfg.Metrics, log: cfg.Logger,
		ring: cfg.Seal, mail: cfg.Mail, notesFound: cfg.NoteFound, journalSettings: cfg.JournalSettings, archived: cfg.Archived, leave: cfg.Leave, erasing: cfg.Erasing, rejected: cfg.Rejected, region: cfg.Region, signing: cfg.Signing, software: cfg.Software,
		invitationKey: cfg.InvitationKey, invitationURL: cfg.InvitationURL,
	}
	s.projects = projects.New(projects.Config{Txn: cfg.Txn, Write: s.Write, Random: cfg.Random, Seal: cfg.Seal})
	s.began = s.instant()
	if s.checked = cfg.HealthChecked; s.checked == nil {
		s.checked = func() time.Time { return time.Time{} }
	}
	if s.invitationKey == nil {
		var err error
		if s.invitationKey, err = credential.Key(s.random); err != nil {
			return nil, err
		}
	}
	if s.invitationURL == nil {
		s.invitationURL = InvitationPath
	}
	if s.cadence == nil {
		s.cadence = func(directory.ConnectionType) time.Duration { return 7 * 24 * time.Hour }
	}
	if s.journalSettings == nil {
		s.journalSettings = func(context.Context, *directory.Overrides, *directory.Overrides) {}
	}
	if s.erasing == nil {
		s.erasing = func(context.Context, directory.TenantID) error { return nil }
	}
	if s.leave == nil {
		s.leave = func(context.Context, map[directory.TenantID]sharing.Departure, directory.Run) ([]string, error) {
			return nil, nil
		}
	}
	if s.rejected == nil {
		s.rejected = func(directory.TenantID, directory.ConnectionID, time.Time) {}
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	return s, nil
}

// Flush writes to the store what was noted in memory since the last Flush: the uses of credentials, and the users that identity providers
// mentioned. Notes that cannot be written are kept for the next time.
func (s *Service) Flush(ctx context.Context) error {
	return errors.Join(s.flushMentions(ctx), s.uses.Flush(ctx, s.store))
}

// Close flushes. It does not close the store.
func (s *Service) Close(ctx context.Context) error { return s.Flush(ctx) }
