package pull

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"drawbridge/bridge"
	"drawbridge/directory"
	"drawbridge/google"
	"drawbridge/scim"
)

// Lease takes the run of a connection for this process. Conflict, naming the process, while it runs elsewhere.
type Lease interface {
	Begin(ctx context.Context, job string) (end func(), err error)
}

// Config is what a Service needs. Bridge, Lease, Now and Sleep are required.
type Config struct {
	Bridge *bridge.Service
	// Serve gives the bridge on which a run takes effect and the principal of the connection there: those of the copy while it is observed
	// (C9). nil: no connection is observed.
	Serve     func(context.Context, directory.Principal) (*bridge.Service, directory.Principal, error)
	Lease     Lease
	Endpoint  google.Endpoint
	Transport http.RoundTripper
	Now       func() time.Time
	Sleep     func(context.Context, time.Duration) error
	Jitter    func(time.Duration) time.Duration
	Note      func(*directory.Exchange) // the request journal; nil: none
	Logger    *slog.Logger
	Timeout   time.Duration // of a run; 0: an hour
}

// Service runs pulls. It is safe for concurrent use.
type Service struct {
	cfg   Config
	quota *google.Quota

	mu   sync.Mutex
	busy map[directory.ConnectionID]bool // what this process reads now
}

// New makes a Service.
func New(cfg Config) *Service {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Serve == nil {
		cfg.Serve = func(_ context.Context, p directory.Principal) (*bridge.Service, directory.Principal, error) {
			return cfg.Bridge, p, nil
		}
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = time.Hour
	}
	if cfg.Note == nil {
		cfg.Note = func(*directory.Exchange) {}
	}
	return &Service{cfg: cfg, quota: google.NewQuota(), busy: make(map[directory.ConnectionID]bool)}
}

// Sync runs a connection now, on behalf of the operator or job p. A preview decides everything and writes nothing. The error is for a run
// that could not begin: NotFound, Invalid, Conflict while another run goes on, Refused or Unavailable where the connection is not served.
// A run that began ends with a Result, which says whether it is complete. A connection in observe mode changes only its copy of the tenant.
func (s *Service) Sync(ctx context.Context, p directory.Principal, connection directory.ConnectionID, how directory.Run) (Result, error) {
	as, err := s.cfg.Bridge.Pulls().Begin(ctx, p, connection)
	if err != nil {
		return Result{}, err
	}
	if !s.begin(connection) {
		return Result{}, &directory.Error{Code: directory.Conflict, Message: "a run of connection " + string(connection) + " is going on: try again when it has ended"}
	}
	defer s.end(connection)
	end, err := s.cfg.Lease.Begin(ctx, "pull "+string(connection))
	if err != nil {
		return Result{}, err
	}
	defer end()
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Timeout)
	defer cancel()
	if how.Dry() {
		as.Report = &directory.Report{DryRun: true}
	}
	at, there, err := s.cfg.Serve(ctx, as)
	if err != nil {
		return Result{}, err
	}
	r := &run{s: s, own: as, bridge: at, p: there, result: Result{
		Connection: connection, Tenant: as.Tenant, Preview: how.Dry(), Observed: at != s.cfg.Bridge, Started: s.cfg.Now().UTC(),
	}}
	err = r.do(ctx)
	r.result.Took = s.cfg.Now().Sub(r.result.Started)
	r.finish(context.WithoutCancel(ctx), err)
	return r.result, nil
}

// begin takes a connection for a run of this process. The lease keeps other processes away.
func (s *Service) begin(connection directory.ConnectionID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.busy[connection] {
		return false
	}
	s.busy[connection] = true
	return true
}

func (s *Service) end(connection directory.ConnectionID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.busy, connection)
}

// client makes the client of a connection from its sealed key.
func (s *Service) client(ctx context.Context, p directory.Principal, note func(google.Attempt), attempts int) (*google.Client, error) {
	text, err := s.cfg.Bridge.Pulls().Credential(ctx, p)
	if err != nil {
		return nil, err
	}
	account, err := google.ParseAccount(text)
	if err != nil {
		return nil, err
	}
	return google.New(google.Config{
		Account: account, Subject: p.Connection.Google.Admin, Customer: p.Connection.Google.Customer, Endpoint: s.cfg.Endpoint, Quota: s.quota,
		Transport: s.cfg.Transport, Now: s.cfg.Now, Sleep: s.cfg.Sleep, Jitter: s.cfg.Jitter, Note: note, Attempts: attempts,
	}), nil
}

// Check tests what a run of a connection needs, and changes nothing.
func (s *Service) Check(ctx context.Context, p directory.Principal, connection directory.ConnectionID) ([]google.Finding, error) {
	as, err := s.cfg.Bridge.Pulls().Begin(ctx, p, connection)
	if err != nil {
		return nil, err
	}
	as.Report = &directory.Report{DryRun: true}
	client, err := s.client(ctx, as, nil, 2)
	if err != nil {
		return []google.Finding{{Name: "the key of the service account", Problem: sentenceOf(err)}}, nil
	}
	found, customer := client.Check(ctx)
	out := append([]google.Finding{{Name: "the key of the service account", OK: true}}, found...)
	if customer == "" {
		return out, nil
	}
	others, err := s.cfg.Bridge.Pulls().AlsoReadBy(ctx, p, as, customer)
	if len(others) > 0 {
		out = append(out, google.Finding{Name: "other companies of this Google account", OK: true, Warning: alsoRead(others)})
	}
	return out, err
}

// mostNamed is how many connections a warning names.
const mostNamed = 5

// alsoRead warns that connections of other tenants read the same directory. That is right if each has its own people in it.
func alsoRead(others []directory.Connection) string {
	var names []string
	for i := range others[:min(mostNamed, len(others))] {
		c := &others[i]
		name := fmt.Sprintf("connection %s of company %s", c.ID, c.Tenant)
		if c.Google != nil && c.Google.Query != "" {
			name += " (" + c.Google.Query + ")"
		}
		names = append(names, name)
	}
	if more := len(others) - mostNamed; more > 0 {
		names = append(names, fmt.Sprintf("%d more", more))
	}
	return strings.Join(names, ", ") + " read this Google account, too. A person who is read for two companies has a user and a seat in both: give each connection its own people with the setting google.query"
}

// sentenceOf is an error as an operator reads it.
func sentenceOf(err error) string {
	var own *directory.Error
	if errors.As(err, &own) {
		return own.Message
	}
	var refused *scim.Error
	if errors.As(err, &refused) {
		return refused.Detail
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return "the run took too long"
	}
	if errors.Is(err, context.Canceled) {
		return "the run was stopped"
	}
	return err.Error()
}
