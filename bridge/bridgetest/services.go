package bridgetest

import (
	"crypto/ed25519"
	"io"
	"log/slog"
	"time"

	"drawbridge/bridge"
	"drawbridge/bridge/credential"
	"drawbridge/bridge/operators"
	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/store"
)

// Config is what the services are made from. Store, Now, NewID, Random and Plans are required.
type Config struct {
	Store    store.Store
	Now      func() time.Time
	NewID    func() directory.ID
	Random   io.Reader
	Plans    []directory.Plan
	Defaults directory.Settings
	Cadence  func(directory.ConnectionType) time.Duration
	Metrics  *bridge.Metrics
	Logger   *slog.Logger
	Journal  store.Journal
	Region   string
	Signing  ed25519.PrivateKey
	Software string

	Mailer     bridge.Mailer
	Recipients []directory.Recipient
	SignIn     operators.Limits
	LinkURL    func(text string) string
	LetterKey  []byte
	LetterURL  func(tenant directory.TenantID, link string) string
}

// The services under the names by which Services embeds them.
type (
	// Bridge is the life of a tenant.
	Bridge = bridge.Service
	// Ops are the operators.
	Ops = operators.Service
)

// Services are the services of the bridge on one store.
type Services struct {
	*Bridge
	*Ops
	Txn *txn.Runner
}

// New makes the services, wired as the server wires them.
func New(cfg Config) (*Services, error) {
	out := &Services{Txn: txn.New(txn.Config{Store: cfg.Store, Now: cfg.Now, NewID: cfg.NewID, Refused: cfg.Metrics.Refused})}
	uses, throttle := &credential.Uses{}, &credential.Throttle{}
	out.Ops = operators.New(operators.Config{
		Txn: out.Txn, Random: cfg.Random, Uses: uses, Throttle: throttle, Mail: cfg.Mailer != nil, LinkURL: cfg.LinkURL, Limits: cfg.SignIn,
	})
	var err error
	out.Bridge, err = bridge.New(bridge.Config{
		Txn: out.Txn, Operators: out.Ops, Uses: uses, Throttle: throttle, Random: cfg.Random,
		Plans: cfg.Plans, Defaults: cfg.Defaults, Cadence: cfg.Cadence, Metrics: cfg.Metrics, Logger: cfg.Logger,
		Journal: cfg.Journal, Region: cfg.Region, Signing: cfg.Signing, Software: cfg.Software,
		Mailer: cfg.Mailer, Recipients: cfg.Recipients, LetterKey: cfg.LetterKey, LetterURL: cfg.LetterURL,
	})
	return out, err
}
