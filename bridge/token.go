package bridge

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"slices"
	"sync"
	"time"

	"drawbridge/bridge/credential"
	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/internal/limit"
	"drawbridge/policy"
	"drawbridge/store"
)

// Credential is what a client shows to prove that it is a connection.
type Credential struct {
	Kind   directory.CredentialKind // "" and BearerToken: a bearer secret, access tokens included; BasicSecret: User and Secret
	User   string
	Secret string
}

// TokenOptions describe a new credential.
type TokenOptions struct {
	Kind    directory.CredentialKind // BearerToken, ClientSecret or BasicSecret; "": that of the newest credential, or BearerToken
	Expires time.Time                // zero: never
	Overlap time.Duration            // how long the older one stays live; 0: until it is revoked
	Replace directory.TokenID        // the credential that is revoked to make room for a third one; "": none
}

const (
	liveAccess     = 20
	accessLifetime = time.Hour
	pausedRetry    = 5 * time.Minute

	refusalEvery = time.Hour // how often an audit line records that a connection is not served
)

func unauthorized() error {
	return &directory.Error{Code: directory.Unauthorized, Message: "the credential is unknown, expired or revoked, or it belongs to another connection"}
}

// Authenticate says who shows a credential at a connection (C3). The error is Unauthorized, the same for every cause; for a
// good credential it is Refused if the tenant is no longer served, Refused B5 if its plan has no SCIM, and Unavailable
// with RetryAfter while the connection is paused; then the Principal is given too, so that logs and metrics can name it.
func (s *Service) Authenticate(ctx context.Context, connection directory.ConnectionID, c Credential, from credential.Client) (directory.Principal, error) {
	token, conn, tenant, ok, err := s.credential(ctx, connection, c.Secret)
	now := s.instant()
	if store.Unchecked(ctx) {
		if good := ok && c.fits(&token) && token.Live(now) && s.serves(&tenant, &conn); !good {
			token, conn, tenant, ok, err = s.credential(ctx, connection, c.Secret) // what the store knew last may be outdated
		}
	}
	if err != nil {
		return directory.Principal{}, err
	}
	ok = ok && c.fits(&token)
	p := principalOf(&conn, &tenant, token.ID, from)
	if ok && !token.Live(now) && tenant.ID != "" { // it is still in use: that is a failing sync, not an attack
		s.Failure(p, "401 the credential has expired or was revoked")
	}
	if !ok || !token.Live(now) || tenant.ID == "" {
		if tenant.ID != "" {
			s.rejected(tenant.ID, conn.ID, now)
		}
		return directory.Principal{}, unauthorized()
	}
	s.uses.Note(useOf(&p, from, now))
	if err = s.checkServed(ctx, &p, &tenant, now); err != nil && !conn.Paused {
		s.Failure(p, err.Error())
	}
	return p, err
}

// fits reports whether a token may be shown in this way.
func (c *Credential) fits(token *directory.Token) bool {
	switch c.Kind {
	case "", directory.BearerToken, directory.AccessToken:
		return token.Kind == directory.BearerToken || token.Kind == directory.AccessToken
	case directory.BasicSecret:
		return token.Kind == directory.BasicSecret && subtle.ConstantTimeCompare([]byte(token.ID), []byte(c.User)) == 1
	default:
		return false
	}
}

// serves reports whether requests of a connection are served now.
func (s *Service) serves(tenant *directory.Tenant, c *directory.Connection) bool {
	blocking, err := s.blocked(tenant, c)
	return blocking == nil && err == nil
}

// principalOf is the identity provider of a connection, in one request.
func principalOf(c *directory.Connection, t *directory.Tenant, token directory.TokenID, from credential.Client) directory.Principal {
	return directory.Principal{
		Actor:  directory.Actor{Kind: directory.ByIdP, ID: string(c.ID), Name: string(c.Type)},
		Tenant: c.Tenant, TenantVersion: t.Version, Connection: *c, Token: token, Request: from.Request, Address: directory.Truncate(from.Address, 256),
	}
}

// useOf is the use of the credential of p, as it is recorded.
func useOf(p *directory.Principal, from credential.Client, now time.Time) directory.Use {
	use := directory.Use{
		Tenant: p.Tenant, Connection: p.Connection.ID, Token: p.Token, Last: now, Address: directory.Truncate(from.Address, 256), UserAgent: directory.Truncate(from.UserAgent, 256),
	}
	if !from.Again {
		use.Requests = directory.OnceAt(now)
	}
	return use
}

// checkServed refuses a connection with a good credential whose tenant has been handed over (T6) or has a plan without SCIM
// (B5), or which is paused (L4). A pause is not recorded as a refusal, because the identity provider repeats the request later.
func (s *Service) checkServed(ctx context.Context, p *directory.Principal, tenant *directory.Tenant, now time.Time) error {
	no, err := s.notServed(tenant)
	switch {
	case err != nil:
		return err
	case no != nil && s.unserved.due(p.Connection.ID, now):
		return s.recordUnserved(ctx, *p, no)
	case no != nil: // the audit trail has it already, and the identity provider repeats the request all day
		s.metrics.Refused(p.Tenant, no.Rule)
		return no.Err()
	}
	return paused(&p.Connection)
}

// notServed refuses every connection of a tenant that has been handed over (T6) or has a plan without SCIM (B5).
func (s *Service) notServed(tenant *directory.Tenant) (*policy.Refusal, error) {
	plan, err := s.planOf(tenant)
	if err != nil {
		return nil, err
	}
	if tenant.Status != directory.TenantActive {
		return policy.NotServed(), nil
	}
	return policy.UseSCIM(plan), nil
}

// paused is the answer to every request of a connection that an operator has paused (L4); nil: it is not.
func paused(c *directory.Connection) error {
	if !c.Paused {
		return nil
	}
	return &directory.Error{Code: directory.Unavailable, Rule: "L4", RetryAfter: pausedRetry, Message: "an operator has paused this connection: try again later"}
}

// blocked is the error for every request of a connection now; blocking is nil where requests are served.
func (s *Service) blocked(tenant *directory.Tenant, c *directory.Connection) (blocking, err error) {
	no, err := s.notServed(tenant)
	if err != nil {
		return nil, err
	}
	if no != nil {
		return no.Err(), nil
	}
	if c.Observing != nil {
		return &directory.Error{Code: directory.Unavailable, Rule: "C9", Message: fmt.Sprintf("connection %q is in observe mode: what its identity provider writes has no effect before it is promoted", c.ID)}, nil
	}
	return paused(c), nil
}

// recordUnserved tells the audit trail that a connection is not served.
func (s *Service) recordUnserved(ctx context.Context, p directory.Principal, no *policy.Refusal) error {
	return s.write(ctx, p, func(t *tenantTx) error {
		return t.Refuse(no, directory.ActionConnectionRequest, connectionSubject(&p.Connection))
	})
}

// credential finds the credential with this secret, the connection, and its tenant. ok: all exist and belong together. The secret has 256
// random bits, so the time of a look-up of its hash reveals nothing.
func (s *Service) credential(ctx context.Context, connection directory.ConnectionID, secret string) (directory.Token, directory.Connection, directory.Tenant, bool, error) {
	var text [128]byte // every request needs this; our own secrets have this length
	hash := sha256.Sum256(append(text[:0], secret...))
	token, conn, tenant, err := s.store.Credential(ctx, hash, connection)
	same := subtle.ConstantTimeCompare(hash[:], token.Hash[:]) == 1
	ok := err == nil && same && token.ID != "" && conn.ID == connection && token.Connection == conn.ID && token.Tenant == conn.Tenant && tenant.ID == conn.Tenant
	return token, conn, tenant, ok, err
}

// Success notes that a request of p was answered below 400. It is in memory until the next Flush.
func (s *Service) Success(p directory.Principal) {
	if p.Token == "" {
		return
	}
	now := s.instant()
	s.uses.Note(directory.Use{Tenant: p.Tenant, Connection: p.Connection.ID, Token: p.Token, Last: now, Success: now})
}

// Failure notes that a request of p was refused, in a sentence without secrets. It is in memory until the next Flush.
func (s *Service) Failure(p directory.Principal, sentence string) {
	if p.Token == "" {
		return
	}
	now := s.instant()
	s.uses.Note(directory.Use{
		Tenant: p.Tenant, Connection: p.Connection.ID, Token: p.Token, Last: now,
		Failed: now, FailingSince: now, Failures: 1, Error: directory.Truncate(sentence, 300), ErrorRequest: p.Request,
	})
}

// RotateToken makes a new credential of a connection. Its text is in the result and is shown only once. The older one of the same kind
// stays live until it is revoked or the overlap ends, so the change needs no outage. Two may be live: a third one is refused unless
// opts.Replace names the one to replace (C2). For ClientSecret the token's ID is the client_id, for BasicSecret it is the user name.
// NotFound, Invalid, Conflict C2, Conflict B5 on a plan without SCIM.
func (s *Service) RotateToken(ctx context.Context, p directory.Principal, connection directory.ConnectionID, opts TokenOptions) (credential.Secret, error) {
	p, err := s.operatorOf(ctx, p, connection)
	if err != nil {
		return credential.Secret{}, err
	}
	secret, err := s.mint(&directory.Connection{ID: connection, Tenant: p.Tenant}, opts)
	if err != nil {
		return credential.Secret{}, err
	}
	uses, err := s.usesOf(ctx, connection)
	if err != nil {
		return credential.Secret{}, err
	}
	err = s.write(ctx, p, func(t *tenantTx) error {
		c, err := t.Reader.Connection(connection)
		if err != nil {
			return err
		}
		if err := notEnding(&c); err != nil {
			return err
		}
		if c.Type.Pulled() {
			return &directory.Error{Code: directory.Invalid, Field: "connection", Message: fmt.Sprintf("connection %q is pulled, so no client shows a credential to it: connection update replaces its own", c.ID)}
		}
		if err := t.mayConnect(&c, directory.ActionTokenCreate); err != nil {
			return err
		}
		tokens, err := t.Reader.Tokens(connection)
		if err != nil {
			return err
		}
		if opts.Kind == "" {
			secret.Token.Kind = replacedKind(tokens, opts.Replace, t.Now)
		}
		live := slices.DeleteFunc(slices.Clone(tokens), func(x directory.Token) bool { return x.Kind != secret.Token.Kind || !x.Live(t.Now) })
		if at := slices.IndexFunc(live, func(x directory.Token) bool { return x.ID == opts.Replace }); at >= 0 {
			t.revoke(live[at], tokens)
			live = slices.Delete(live, at, at+1)
		} else if opts.Replace != "" {
			return noCredential(connection, opts.Replace)
		}
		if err := t.Refuse(policy.MakeCredential(&c, live, uses), directory.ActionTokenCreate, connectionSubject(&c)); err != nil {
			return err
		}
		secret.Note = ""
		for i := range live {
			old := &live[i]
			if opts.Overlap > 0 && !old.Expires.Equal(earlier(old.Expires, t.Now.Add(opts.Overlap))) {
				t.expire(old, tokens, t.Now.Add(opts.Overlap))
			}
			until := "until it is revoked"
			if !old.Expires.IsZero() {
				until = "until " + old.Expires.UTC().Format("2006-01-02 15:04 MST")
			}
			secret.Note = fmt.Sprintf("The older credential %s%s… stays valid %s.", credential.ConnectionMark, old.Prefix, until)
		}
		secret.Token.Created = t.Now
		t.putToken(&secret.Token, directory.ActionTokenCreate)
		return nil
	})
	if err != nil {
		return credential.Secret{}, err
	}
	return secret.Shown(), nil
}

// replacedKind is the kind of the credential replace, or else of the newest one; those that are live come first. BearerToken where there is none.
func replacedKind(tokens []directory.Token, replace directory.TokenID, now time.Time) directory.CredentialKind {
	var best *directory.Token
	for i := range tokens {
		one := &tokens[i]
		switch {
		case one.Kind == directory.AccessToken:
		case replace != "" && one.ID == replace:
			return one.Kind
		case best == nil, one.Live(now) && !best.Live(now), one.Live(now) == best.Live(now) && one.Created.After(best.Created):
			best = one
		}
	}
	if best == nil {
		return directory.BearerToken
	}
	return best.Kind
}

// RevokeToken ends a credential at once, and a client secret together with its access tokens. A revoked credential stays revoked. If it
// was the last live credential, the Notice says that the identity provider cannot sync any more (C2); otherwise it is "". NotFound.
func (s *Service) RevokeToken(ctx context.Context, p directory.Principal, connection directory.ConnectionID, token directory.TokenID) (Notice, error) {
	p, err := s.operatorOf(ctx, p, connection)
	if err != nil {
		return "", err
	}
	var notice Notice
	err = s.write(ctx, p, func(t *tenantTx) error {
		notice = ""
		c, err := t.Reader.Connection(connection)
		if err != nil {
			return err
		}
		tokens, err := t.Reader.Tokens(connection)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(tokens, func(x directory.Token) bool { return x.ID == token })
		if at < 0 {
			return noCredential(connection, token)
		}
		if tokens[at].Revoked.IsZero() {
			t.revoke(tokens[at], tokens)
		}
		notice = Notice(policy.RevokeCredential(&c, token, tokens, t.Now))
		return nil
	})
	p.Report.Say(string(notice))
	return notice, err
}

func noCredential(connection directory.ConnectionID, token directory.TokenID) error {
	return &directory.Error{Code: directory.NotFound, Message: fmt.Sprintf("connection %q has no live credential %q", connection, token)}
}

// usesOf gives when the credentials of a connection were used, what is still in memory included.
func (s *Service) usesOf(ctx context.Context, connection directory.ConnectionID) ([]directory.Use, error) {
	uses, err := s.store.Uses(ctx, connection)
	if err != nil {
		return nil, err
	}
	return s.uses.Merge(connection, slices.Clone(uses)), nil
}

// revoke ends a credential and the access tokens that it got. tokens are those of the connection.
func (t *tenantTx) revoke(token directory.Token, tokens []directory.Token) {
	token.Revoked = t.Now
	t.putToken(&token, directory.ActionTokenRevoke)
	for _, got := range tokens {
		if got.Issuer == token.ID && got.Live(t.Now) {
			got.Revoked = t.Now
			t.putToken(&got, directory.ActionTokenRevoke)
		}
	}
}

// expire lets a credential, and the access tokens that it got, end at a time.
func (t *tenantTx) expire(token *directory.Token, tokens []directory.Token, at time.Time) {
	token.Expires = at
	t.putToken(token, directory.ActionTokenExpire)
	for _, got := range tokens {
		if got.Issuer == token.ID && got.Live(t.Now) && got.Expires.After(at) {
			got.Expires = at
			t.putToken(&got, directory.ActionTokenExpire)
		}
	}
}

// earlier is the earlier one of two expiries; zero is never.
func earlier(x, y time.Time) time.Time {
	if x.IsZero() || !y.IsZero() && y.Before(x) {
		return y
	}
	return x
}

// IssueAccessToken gives a short-lived bearer token to a client that shows its client_id and secret (C4), and how long it
// lives: an hour, but not longer than the secret. connection may be empty: the secret decides which one it is (C3). A
// connection has at most 20 of them; a new one replaces one that has expired, else the oldest.
//
// The error is Unauthorized, the same for every cause, and for good credentials as that of Authenticate.
func (s *Service) IssueAccessToken(ctx context.Context, connection directory.ConnectionID, clientID, secret string, from credential.Client) (credential.Secret, time.Duration, error) {
	if connection == "" {
		token, _, err := txn.Optional(s.store.Token(ctx, sha256.Sum256([]byte(secret))))
		if err != nil {
			return credential.Secret{}, 0, err
		}
		connection = token.Connection
	}
	token, conn, tenant, ok, err := s.credential(ctx, connection, secret)
	if err != nil {
		return credential.Secret{}, 0, err
	}
	now := s.instant()
	same := subtle.ConstantTimeCompare([]byte(token.ID), []byte(clientID)) == 1
	if !ok || !same || token.Kind != directory.ClientSecret || !token.Live(now) {
		return credential.Secret{}, 0, unauthorized()
	}
	p := principalOf(&conn, &tenant, token.ID, from)
	s.uses.Note(useOf(&p, from, now))
	if err := s.checkServed(ctx, &p, &tenant, now); err != nil {
		return credential.Secret{}, 0, err
	}
	out, err := s.mintAs(&conn, directory.AccessToken, earlier(token.Expires, now.Add(accessLifetime)))
	if err != nil {
		return credential.Secret{}, 0, err
	}
	fresh := out.Token.ID
	out.Token.Issuer = token.ID
	err = s.write(ctx, p, func(t *tenantTx) error {
		tokens, err := t.Reader.Tokens(conn.ID)
		if err != nil {
			return err
		}
		out.Token.ID, out.Token.Created = fresh, t.Now
		access := slices.DeleteFunc(slices.Clone(tokens), func(x directory.Token) bool { return x.Kind != directory.AccessToken })
		// The record of an expired token is reused, so that their number is bounded.
		if dead := slices.IndexFunc(access, func(x directory.Token) bool { return !x.Live(t.Now) }); dead >= 0 {
			out.Token.ID = access[dead].ID
		} else if len(access) >= liveAccess {
			oldest := slices.MinFunc(access, func(x, y directory.Token) int { return x.Created.Compare(y.Created) })
			out.Token.ID = oldest.ID
		}
		t.putToken(&out.Token, directory.ActionTokenIssue)
		return nil
	})
	if err != nil {
		return credential.Secret{}, 0, err
	}
	s.Success(p)
	return out.Shown(), out.Token.Expires.Sub(now), nil
}

// mint makes a credential as opts say.
func (s *Service) mint(c *directory.Connection, opts TokenOptions) (credential.Secret, error) {
	kind := opts.Kind
	if kind == "" {
		kind = directory.BearerToken
	}
	if kind != directory.BearerToken && kind != directory.ClientSecret && kind != directory.BasicSecret {
		return credential.Secret{}, &directory.Error{Code: directory.Invalid, Field: "kind", Message: "a credential is bearer, client_secret or basic"}
	}
	if !opts.Expires.IsZero() && !opts.Expires.After(s.instant()) {
		return credential.Secret{}, &directory.Error{Code: directory.Invalid, Field: "expires", Message: "the expiry is in the past"}
	}
	if opts.Overlap < 0 {
		return credential.Secret{}, &directory.Error{Code: directory.Invalid, Field: "overlap", Message: "the overlap is negative"}
	}
	return s.mintAs(c, kind, opts.Expires)
}

func (s *Service) mintAs(c *directory.Connection, kind directory.CredentialKind, expires time.Time) (credential.Secret, error) {
	token := directory.Token{Kind: kind, Tenant: c.Tenant, Connection: c.ID, Expires: expires}
	return credential.NewToken(s.random, credential.ConnectionMark, s.txn.NewID(), token)
}

// putToken puts a credential into the Change, with its audit line and event.
func (t *tenantTx) putToken(token *directory.Token, action directory.Action) {
	t.Change.Tokens = append(t.Change.Tokens, *token)
	subject := directory.Subject{Kind: "token", ID: string(token.ID), Name: string(token.Connection)}
	data := directory.Attributes{
		{Name: "connection", Value: string(token.Connection)}, {Name: "kind", Value: string(token.Kind)}, {Name: "prefix", Value: token.Prefix},
	}
	if !token.Expires.IsZero() {
		data = append(data, directory.Attribute{Name: "expires", Value: token.Expires.UTC().Format(time.RFC3339)})
	}
	line := t.Line(action, subject)
	line.After = txn.Document(data)
	t.Audit(line)
	switch action {
	case directory.ActionTokenCreate, directory.ActionTokenIssue:
		t.Event(directory.TokenCreated, subject, data)
	case directory.ActionTokenRevoke:
		t.Event(directory.TokenRevoked, subject, data)
	}
}

// unserved remembers when an audit line last recorded that a connection is not served.
type unserved struct {
	mu        sync.Mutex
	announced map[directory.ConnectionID]time.Time
}

// due reports whether another audit line is due.
func (u *unserved) due(c directory.ConnectionID, now time.Time) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if last, known := u.announced[c]; known && limit.Within(last, now, refusalEvery) {
		return false
	}
	if u.announced == nil {
		u.announced = map[directory.ConnectionID]time.Time{}
	}
	u.announced[c] = now
	return true
}
