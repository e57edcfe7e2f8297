package bridge

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// Credential is what a client shows to prove that it is a connection.
type Credential struct {
	Kind   directory.CredentialKind // "" and BearerToken: a bearer secret, access tokens included; BasicSecret: User and Secret
	User   string
	Secret string
}

// Client is where a request came from.
type Client struct {
	Address   string
	UserAgent string
	Request   string // the id of the request
}

// Secret is a credential in clear. It is shown once and kept nowhere.
type Secret struct {
	Token directory.Token // without its hash
	Text  string
	Note  string // a sentence for the operator: what happens to the older credential, "" if there is none
}

// shown is what leaves the bridge: the hash stays inside.
func (s Secret) shown() Secret {
	s.Token.Hash = [32]byte{}
	return s
}

// TokenOptions say what a new credential is to be.
type TokenOptions struct {
	Kind    directory.CredentialKind // "": BearerToken; ClientSecret and BasicSecret are the others that can be made
	Expires time.Time                // zero: never
	Overlap time.Duration            // how long the older one stays live; 0: until it is revoked
}

const (
	liveTokens      = 2 // of one kind and connection (C2)
	liveAccess      = 20
	accessLifetime  = time.Hour
	pausedRetry     = 5 * time.Minute
	secretMark      = "dbr_"
	secretBytes     = 32
	prefixCharacter = 4
)

func unauthorized() error {
	return &directory.Error{Code: directory.Unauthorized, Message: "the credential is unknown, expired or revoked, or it belongs to another connection"}
}

// Authenticate says who shows a credential at a connection (C3). The error is Unauthorized, the same for every cause; for a
// good credential it is Refused if the tenant is no longer served, Refused B5 if its plan has no SCIM, and Unavailable
// with RetryAfter while the connection is paused.
func (s *Service) Authenticate(ctx context.Context, connection directory.ConnectionID, c Credential, from Client) (directory.Principal, error) {
	token, conn, ok, err := s.credential(ctx, connection, c.Secret)
	if err != nil {
		return directory.Principal{}, err
	}
	now := s.instant()
	switch c.Kind {
	case "", directory.BearerToken, directory.AccessToken:
		ok = ok && (token.Kind == directory.BearerToken || token.Kind == directory.AccessToken)
	case directory.BasicSecret:
		ok = ok && token.Kind == directory.BasicSecret && subtle.ConstantTimeCompare([]byte(token.ID), []byte(c.User)) == 1
	default:
		ok = false
	}
	// The tenant is read whether or not the credential is good, so that both take the same time.
	var tenant directory.Tenant
	err = s.store.View(ctx, conn.Tenant, func(r store.Reader) error {
		found, _, err := absent(r.Tenant())
		tenant = found
		return err
	})
	if err != nil {
		return directory.Principal{}, err
	}
	if !ok || !token.Live(now) || tenant.ID == "" {
		return directory.Principal{}, unauthorized()
	}
	p := directory.Principal{
		Actor:  directory.Actor{Kind: directory.ByIdP, ID: string(conn.ID), Name: string(conn.Type)},
		Tenant: conn.Tenant, Connection: conn, Token: token.ID, Request: from.Request,
	}
	s.uses.note(directory.Use{Tenant: conn.Tenant, Connection: conn.ID, Token: token.ID, Last: now, Address: cut(from.Address, 256), UserAgent: cut(from.UserAgent, 256)})
	if tenant.Status != directory.TenantActive {
		return directory.Principal{}, &directory.Error{Code: directory.Refused, Rule: "T6", Message: "this tenant is no longer served here"}
	}
	plan, err := s.stateOf(&tenant, directory.Usage{}, now)
	if err != nil {
		return directory.Principal{}, err
	}
	if no := policy.UseSCIM(plan.Plan); no != nil {
		s.metrics.refused(conn.Tenant, no.Rule)
		return directory.Principal{}, no.Err()
	}
	if conn.Paused {
		return directory.Principal{}, &directory.Error{Code: directory.Unavailable, Rule: "L4", RetryAfter: pausedRetry, Message: "an operator has paused this connection: try again later"}
	}
	return p, nil
}

// credential finds the credential with this secret and the connection. ok: both are there and belong together. The secret
// has 256 random bits, so that looking its hash up tells nothing by its time.
func (s *Service) credential(ctx context.Context, connection directory.ConnectionID, secret string) (directory.Token, directory.Connection, bool, error) {
	hash := sha256.Sum256([]byte(secret))
	token, known, err := absent(s.store.Token(ctx, hash))
	if err != nil {
		return token, directory.Connection{}, false, err
	}
	conn, there, err := absent(s.store.Connection(ctx, connection))
	if err != nil {
		return token, conn, false, err
	}
	same := subtle.ConstantTimeCompare(hash[:], token.Hash[:]) == 1
	return token, conn, known && there && same && token.Connection == conn.ID && token.Tenant == conn.Tenant, nil
}

// Success notes that a request of p was answered below 400. It is in memory until the next Flush.
func (s *Service) Success(p directory.Principal) {
	if p.Token == "" {
		return
	}
	now := s.instant()
	s.uses.note(directory.Use{Tenant: p.Tenant, Connection: p.Connection.ID, Token: p.Token, Last: now, Success: now})
}

// Flush writes down what Authenticate and Success noted. What cannot be written is kept for the next time.
func (s *Service) Flush(ctx context.Context) error {
	uses := s.uses.take()
	if len(uses) == 0 {
		return nil
	}
	err := s.store.Touch(ctx, uses)
	if err != nil {
		for _, use := range uses {
			s.uses.note(use)
		}
	}
	return err
}

// RotateToken makes a new credential of a connection; the text of it is shown here and never again. The older one of the
// same kind stays live until it is revoked or the overlap ends, so that the change needs no outage; a third revokes the
// oldest (C2). For ClientSecret the token's ID is the client_id, for BasicSecret it is the user name. NotFound, Invalid.
func (s *Service) RotateToken(ctx context.Context, p directory.Principal, connection directory.ConnectionID, opts TokenOptions) (Secret, error) {
	p, err := s.operatorOf(ctx, p, connection)
	if err != nil {
		return Secret{}, err
	}
	secret, err := s.mint(&directory.Connection{ID: connection, Tenant: p.Tenant}, opts)
	if err != nil {
		return Secret{}, err
	}
	err = s.write(ctx, p, func(t *turn) error {
		tokens, err := t.r.Tokens(connection)
		if err != nil {
			return err
		}
		live := slices.DeleteFunc(slices.Clone(tokens), func(x directory.Token) bool { return x.Kind != secret.Token.Kind || !x.Live(t.now) })
		for len(live) >= liveTokens {
			live[0].Revoked = t.now
			t.putToken(&live[0], "token.revoke")
			live = live[1:]
		}
		secret.Note = ""
		for i := range live {
			old := &live[i]
			if opts.Overlap > 0 && (old.Expires.IsZero() || old.Expires.After(t.now.Add(opts.Overlap))) {
				old.Expires = t.now.Add(opts.Overlap)
				t.putToken(old, "token.expire")
			}
			until := "until it is revoked"
			if !old.Expires.IsZero() {
				until = "until " + old.Expires.UTC().Format("2006-01-02 15:04 MST")
			}
			secret.Note = fmt.Sprintf("The older credential %s%s… stays valid %s.", secretMark, old.Prefix, until)
		}
		secret.Token.Created = t.now
		t.putToken(&secret.Token, "token.create")
		return nil
	})
	if err != nil {
		return Secret{}, err
	}
	return secret.shown(), nil
}

// RevokeToken ends a credential at once. What is revoked stays so. NotFound.
func (s *Service) RevokeToken(ctx context.Context, p directory.Principal, connection directory.ConnectionID, token directory.TokenID) error {
	p, err := s.operatorOf(ctx, p, connection)
	if err != nil {
		return err
	}
	return s.write(ctx, p, func(t *turn) error {
		tokens, err := t.r.Tokens(connection)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(tokens, func(x directory.Token) bool { return x.ID == token })
		if at < 0 {
			return &directory.Error{Code: directory.NotFound, Message: fmt.Sprintf("connection %q has no credential %q", connection, token)}
		}
		revoked := tokens[at]
		if !revoked.Revoked.IsZero() {
			return nil
		}
		revoked.Revoked = t.now
		t.putToken(&revoked, "token.revoke")
		return nil
	})
}

// IssueAccessToken gives a short-lived bearer token to a client that shows its client_id and secret (C4), and how long it
// lives. connection may be empty: the secret decides which one it is (C3). A connection has at most 20 of them; a new one takes the place of one that has expired, else of the oldest. The
// error is Unauthorized, the same for every cause.
func (s *Service) IssueAccessToken(ctx context.Context, connection directory.ConnectionID, clientID, secret string, from Client) (Secret, time.Duration, error) {
	if connection == "" {
		token, _, err := absent(s.store.Token(ctx, sha256.Sum256([]byte(secret))))
		if err != nil {
			return Secret{}, 0, err
		}
		connection = token.Connection
	}
	token, conn, ok, err := s.credential(ctx, connection, secret)
	if err != nil {
		return Secret{}, 0, err
	}
	now := s.instant()
	same := subtle.ConstantTimeCompare([]byte(token.ID), []byte(clientID)) == 1
	if !ok || !same || token.Kind != directory.ClientSecret || !token.Live(now) {
		return Secret{}, 0, unauthorized()
	}
	s.uses.note(directory.Use{Tenant: conn.Tenant, Connection: conn.ID, Token: token.ID, Last: now, Success: now, Address: cut(from.Address, 256), UserAgent: cut(from.UserAgent, 256)})
	out, err := s.mintAs(&conn, directory.AccessToken, now.Add(accessLifetime))
	if err != nil {
		return Secret{}, 0, err
	}
	fresh := out.Token.ID
	p := directory.Principal{
		Actor:  directory.Actor{Kind: directory.ByIdP, ID: string(conn.ID), Name: string(conn.Type)},
		Tenant: conn.Tenant, Connection: conn, Token: token.ID, Request: from.Request,
	}
	err = s.write(ctx, p, func(t *turn) error {
		tokens, err := t.r.Tokens(conn.ID)
		if err != nil {
			return err
		}
		out.Token.ID, out.Token.Created = fresh, t.now
		access := slices.DeleteFunc(slices.Clone(tokens), func(x directory.Token) bool { return x.Kind != directory.AccessToken })
		// The place of a dead token is used again, so that their number is bounded.
		if dead := slices.IndexFunc(access, func(x directory.Token) bool { return !x.Live(t.now) }); dead >= 0 {
			out.Token.ID = access[dead].ID
		} else if len(access) >= liveAccess {
			oldest := slices.MinFunc(access, func(x, y directory.Token) int { return x.Created.Compare(y.Created) })
			out.Token.ID = oldest.ID
		}
		t.putToken(&out.Token, "token.issue")
		return nil
	})
	if err != nil {
		return Secret{}, 0, err
	}
	return out.shown(), accessLifetime, nil
}

// mint makes a credential as opts say.
func (s *Service) mint(c *directory.Connection, opts TokenOptions) (Secret, error) {
	kind := opts.Kind
	if kind == "" {
		kind = directory.BearerToken
	}
	if kind != directory.BearerToken && kind != directory.ClientSecret && kind != directory.BasicSecret {
		return Secret{}, &directory.Error{Code: directory.Invalid, Field: "kind", Message: "a credential is bearer, client_secret or basic"}
	}
	if !opts.Expires.IsZero() && !opts.Expires.After(s.instant()) {
		return Secret{}, &directory.Error{Code: directory.Invalid, Field: "expires", Message: "the expiry is in the past"}
	}
	if opts.Overlap < 0 {
		return Secret{}, &directory.Error{Code: directory.Invalid, Field: "overlap", Message: "the overlap is negative"}
	}
	return s.mintAs(c, kind, opts.Expires)
}

func (s *Service) mintAs(c *directory.Connection, kind directory.CredentialKind, expires time.Time) (Secret, error) {
	var random [secretBytes]byte
	if _, err := io.ReadFull(s.random, random[:]); err != nil {
		return Secret{}, &directory.Error{Code: directory.Unavailable, Message: "no random numbers are to be had", Err: err}
	}
	text := base64.RawURLEncoding.EncodeToString(random[:])
	return Secret{
		Text: secretMark + text,
		Token: directory.Token{
			ID: directory.TokenID(s.newID().String()), Kind: kind, Tenant: c.Tenant, Connection: c.ID,
			Hash: sha256.Sum256([]byte(secretMark + text)), Prefix: text[:prefixCharacter], Expires: expires,
		},
	}, nil
}

// putToken puts a credential into the Change, with its audit line and event.
func (t *turn) putToken(token *directory.Token, action string) {
	t.change.Tokens = append(t.change.Tokens, *token)
	subject := directory.Subject{Kind: "token", ID: string(token.ID), Name: string(token.Connection)}
	data := directory.Attributes{
		{Name: "connection", Value: string(token.Connection)}, {Name: "kind", Value: string(token.Kind)}, {Name: "prefix", Value: token.Prefix},
	}
	if !token.Expires.IsZero() {
		data = append(data, directory.Attribute{Name: "expires", Value: token.Expires.UTC().Format(time.RFC3339)})
	}
	line := t.line(action, subject)
	line.After = document(data)
	t.audit(line)
	switch action {
	case "token.create", "token.issue":
		t.event(directory.TokenCreated, subject, data)
	case "token.revoke":
		t.event(directory.TokenRevoked, subject, data)
	}
}

// uses are the latest uses of credentials that are not in the store yet.
type uses struct {
	mu   sync.Mutex
	last map[useKey]directory.Use
}

type useKey struct {
	connection directory.ConnectionID
	token      directory.TokenID
}

func (u *uses) note(use directory.Use) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.last == nil {
		u.last = map[useKey]directory.Use{}
	}
	key := useKey{use.Connection, use.Token}
	u.last[key] = joined(u.last[key], use)
}

// joined is what is known of one credential from two notes.
func joined(x, y directory.Use) directory.Use {
	if x.Last.After(y.Last) {
		x, y = y, x
	}
	if y.Address == "" && y.UserAgent == "" {
		y.Address, y.UserAgent = x.Address, x.UserAgent
	}
	if x.Success.After(y.Success) {
		y.Success = x.Success
	}
	return y
}

func (u *uses) take() []directory.Use {
	u.mu.Lock()
	defer u.mu.Unlock()
	out := make([]directory.Use, 0, len(u.last))
	for _, use := range u.last {
		out = append(out, use)
	}
	u.last = nil
	return out
}

// of gives what is noted of one credential and not written yet.
func (u *uses) of(connection directory.ConnectionID, token directory.TokenID) (directory.Use, bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	use, ok := u.last[useKey{connection, token}]
	return use, ok
}

// merge adds what is still in memory to what the store knows of a connection.
func (u *uses) merge(connection directory.ConnectionID, stored []directory.Use) []directory.Use {
	u.mu.Lock()
	defer u.mu.Unlock()
	for key, use := range u.last {
		if key.connection != connection {
			continue
		}
		if at := slices.IndexFunc(stored, func(x directory.Use) bool { return x.Token == key.token }); at >= 0 {
			stored[at] = joined(stored[at], use)
		} else {
			stored = append(stored, use)
		}
	}
	return stored
}
