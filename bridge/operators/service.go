package operators

import (
	"context"
	"io"
	"slices"
	"sync/atomic"
	"time"

	"drawbridge/bridge/credential"
	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/internal/limit"
	"drawbridge/store"
)

// Config is what a Service needs. Everything but Mail, LinkURL and Limits is required.
type Config struct {
	Txn      *txn.Runner
	Random   io.Reader // of cryptographic quality
	Uses     *credential.Uses
	Throttle *credential.Throttle

	Mail bool // mail is sent, so links go to their operator by mail
	// LinkURL gives the URL at which a one-time link is used; "" if it is not reached over the network. nil: there is none. It must come
	// from the configuration, because a request can claim any host.
	LinkURL func(text string) string
	Limits  Limits // zero fields: the defaults
	// Cost is the cost of the hash of a new password. Zero: that of a server; tests use less.
	Cost HashCost
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
	forgotten *limit.Limiter[struct{}] // requests for addresses of no operator
	failures  *limit.Limiter[struct{}] // lines about failed sign-ins
	unwritten atomic.Int64             // failed sign-ins without a line
	denials   *denials
}

// New makes a Service.
func New(cfg Config) *Service {
	s := &Service{
		txn: cfg.Txn, store: cfg.Txn.Store(), random: cfg.Random, uses: cfg.Uses, throttle: cfg.Throttle,
		mail: cfg.Mail, linkURL: cfg.LinkURL, limits: cfg.Limits.withDefaults(), passwords: newPasswords(cfg.Random, cfg.Cost),
		forgotten: limit.NewLimiter[struct{}](forgotRate(), 1), denials: newDenials(),
	}
	s.failures = limit.NewLimiter[struct{}](limit.Every(time.Second, s.limits.FailureLines), 1)
	if s.linkURL == nil {
		s.linkURL = func(string) string { return "" }
	}
	return s
}

// tx is a unit of work on the installation. The rules of a tenant do not apply to it.
type tx struct{ *txn.Tx }

// write runs decide with the present rights of the caller: role, scope and status may have changed since the request was authenticated.
func (s *Service) write(ctx context.Context, p directory.Principal, decide func(tx) error) error {
	return s.txn.Run(ctx, p, func(t *txn.Tx) error {
		access, err := currentAccess(t.Reader, t.Principal)
		if err != nil {
			return err
		}
		t.Principal.Access = access
		return decide(tx{t})
	})
}

// currentAccess is what a caller may do now. For a caller who did not sign in, that is what the Principal says. Unauthorized for an operator
// who is not active any more.
func currentAccess(r store.Reader, p directory.Principal) (directory.Access, error) {
	id, ok := directory.ParseID(p.Actor.ID)
	if !ok || p.Actor.Kind != directory.ByOperator || p.Access.AuthMethod != directory.BySession && p.Access.AuthMethod != directory.ByKey {
		return p.Access, nil
	}
	o, known, err := txn.Optional(r.Operator(id))
	if err != nil {
		return directory.Access{}, err
	}
	if !known || o.Status != directory.OperatorActive {
		return directory.Access{}, errNotSignedIn()
	}
	access := p.Access
	access.Role, access.Scope = o.Role, directory.Scope{All: o.Scope.All, Tenants: slices.Clone(o.Scope.Tenants)}
	return access, nil
}

func (s *Service) read(ctx context.Context, p directory.Principal, fn func(store.Reader) error) error {
	return s.txn.View(ctx, p.Tenant, fn)
}

func (s *Service) instant() time.Time { return s.txn.Instant() }
