package doctor

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"drawbridge/bridge"
	"drawbridge/bridge/credential"
	"drawbridge/bridge/operators"
	"drawbridge/directory"
)

// The limits of sessions. Each one has a file and some memory.
const (
	idle     = 5 * time.Minute  // a session ends after this time without a request
	life     = 30 * time.Minute // a session ends after this time in any case
	requests = 5_000            // and after this many requests
	perActor = 2                // an operator who begins a third session ends the oldest one
	sessions = 8                // of all operators
)

// Copy is an empty installation in a store of its own.
type Copy struct {
	Bridge *bridge.Service
	SCIM   http.Handler // the handler of /scim/v2/ and /oauth2/token on it
	Close  func(context.Context) error
}

// Config is what sessions need. All fields are required.
type Config struct {
	Bridge *bridge.Service // of the real connections
	Open   func(context.Context) (Copy, error)
	Now    func() time.Time
}

// Session is a copy of a connection that answers until Expires.
type Session struct {
	ID         string // ends the session
	Secret     string // names the session in requests
	Connection directory.ConnectionID
	Type       directory.ConnectionType
	Credential credential.Secret // of the copy; its kind is that of the identity provider's own
	Expires    time.Time         // at the latest
}

// Sessions are the sessions of a process.
type Sessions struct {
	cfg Config

	mu   sync.Mutex
	live map[[sha256.Size]byte]*session // by the sum of the Secret
}

type session struct {
	Session
	key      [sha256.Size]byte
	actor    string
	copy     Copy
	began    time.Time
	used     time.Time
	requests int
	ready    bool // false: the copy is being made, and only its place is reserved
}

// New makes a place for sessions.
func New(cfg Config) *Sessions {
	return &Sessions{cfg: cfg, live: map[[sha256.Size]byte]*session{}}
}

// Begin makes a session for a connection. The errors are those of bridge.CopyConnection, and Unavailable when there are too many sessions.
func (s *Sessions) Begin(ctx context.Context, p directory.Principal, id directory.ConnectionID) (Session, error) {
	what, err := s.cfg.Bridge.CopyConnection(ctx, p, id)
	if err != nil {
		return Session{}, err
	}
	now := s.cfg.Now()
	out := &session{
		Session: Session{ID: rand.Text()[:8], Secret: rand.Text(), Connection: id, Type: what.Connection.Type, Expires: now.Add(life)},
		actor:   p.Actor.ID, began: now, used: now,
	}
	out.key = sha256.Sum256([]byte(out.Secret))
	if err := s.makeRoom(ctx, out); err != nil {
		return Session{}, err
	}
	made, secret, err := s.copyOf(ctx, what, p.Request)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.remove(out)
		return Session{}, fmt.Errorf("a copy of connection %q cannot be made: %w", id, err)
	}
	out.copy, out.Credential, out.ready = made, secret, true
	return out.Session, nil
}

// copyOf makes a copy of a connection.
func (s *Sessions) copyOf(ctx context.Context, what bridge.ConnectionCopy, request string) (Copy, credential.Secret, error) {
	made, err := s.cfg.Open(ctx)
	if err != nil {
		return Copy{}, credential.Secret{}, err
	}
	secret, err := paste(ctx, made.Bridge, operators.Local("doctor", "doctor", request), what)
	if err != nil {
		return Copy{}, credential.Secret{}, errors.Join(err, made.Close(ctx))
	}
	return made, secret, nil
}

// paste makes the tenant and the connection of a copy in an empty installation, with one credential. The limit of seats and the brake are
// left out, because they could make a run fail (D7).
func paste(ctx context.Context, into *bridge.Service, p directory.Principal, c bridge.ConnectionCopy) (credential.Secret, error) {
	tenant := c.Tenant
	if _, err := into.CreateTenant(ctx, p, bridge.TenantDraft{ID: tenant.ID, Name: tenant.Name, Plan: tenant.Plan}); err != nil {
		return credential.Secret{}, err
	}
	off := directory.BrakeOff
	_, err := into.EditTenant(ctx, p, tenant.ID, directory.Precondition{}, func(made directory.Tenant) (directory.Tenant, error) {
		made.Overrides = tenant.Clone().Overrides
		made.Overrides.Brake, made.Overrides.OnLimit, made.Overrides.SeatsMax = &off, nil, nil
		made.Schemas = tenant.Clone().Schemas
		return made, nil
	})
	if err != nil {
		return credential.Secret{}, err
	}
	from := c.Connection
	_, secret, err := into.CreateConnection(ctx, p, bridge.ConnectionDraft{
		ID: from.ID, Tenant: tenant.ID, Type: from.Type, UnknownPaths: from.UnknownPaths, UnknownMembers: from.UnknownMembers,
		UserPatch: from.UserPatch, GroupPatch: from.GroupPatch, Mappings: from.Mappings, Token: bridge.TokenOptions{Kind: c.Kind},
	})
	return secret, err
}

// makeRoom reserves a place for a session. It ends expired sessions, and the oldest one of an operator who has too many.
func (s *Sessions) makeRoom(ctx context.Context, place *session) error {
	s.mu.Lock()
	ended := s.expired(place.began)
	own := 0
	var oldest *session
	for _, x := range s.live {
		if x.actor != place.actor {
			continue
		}
		own++
		if x.ready && (oldest == nil || x.began.Before(oldest.began)) {
			oldest = x
		}
	}
	if own >= perActor && oldest != nil {
		ended = append(ended, s.remove(oldest))
		own--
	}
	full := own >= perActor || len(s.live) >= sessions
	if !full {
		s.live[place.key] = place
	}
	s.mu.Unlock()
	if err := closeAll(ctx, ended); err != nil {
		s.mu.Lock()
		s.remove(place)
		s.mu.Unlock()
		return err
	}
	if full {
		return &directory.Error{Code: directory.Unavailable, RetryAfter: idle, Message: "too many doctor sessions are open: try again in some minutes"}
	}
	return nil
}

// expired removes the sessions that have expired. The caller holds the lock and closes them.
func (s *Sessions) expired(now time.Time) []*session {
	var out []*session
	for _, x := range s.live {
		if x.ready && (now.Sub(x.used).Abs() > idle || now.Sub(x.began).Abs() > life || x.requests >= requests) {
			out = append(out, s.remove(x))
		}
	}
	return out
}

func (s *Sessions) remove(x *session) *session {
	delete(s.live, x.key)
	return x
}

func closeAll(ctx context.Context, all []*session) error {
	var errs []error
	for _, x := range all {
		errs = append(errs, x.copy.Close(ctx))
	}
	return errors.Join(errs...)
}

// End removes a session and everything that was done in it. A session that has ended already is no error.
func (s *Sessions) End(ctx context.Context, p directory.Principal, connection directory.ConnectionID, id string) error {
	s.mu.Lock()
	var ended []*session
	for _, x := range s.live {
		if x.ready && x.ID == id && x.Connection == connection && x.actor == p.Actor.ID {
			ended = append(ended, s.remove(x))
		}
	}
	s.mu.Unlock()
	return closeAll(ctx, ended)
}

// Expire ends the sessions whose time is over.
func (s *Sessions) Expire(ctx context.Context) error {
	s.mu.Lock()
	ended := s.expired(s.cfg.Now())
	s.mu.Unlock()
	return closeAll(ctx, ended)
}

// Close ends all sessions.
func (s *Sessions) Close(ctx context.Context) error {
	s.mu.Lock()
	var all []*session
	for _, x := range s.live {
		if x.ready { // no session is being made when the server closes
			all = append(all, s.remove(x))
		}
	}
	s.mu.Unlock()
	return closeAll(ctx, all)
}

// use finds the session of a request and extends it; nil: there is none with this secret.
func (s *Sessions) use(secret string) *session {
	now := s.cfg.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	x := s.live[sha256.Sum256([]byte(secret))]
	if x == nil || !x.ready || now.Sub(x.used).Abs() > idle || now.Sub(x.began).Abs() > life || x.requests >= requests {
		return nil
	}
	x.used = now
	x.requests++
	return x
}
