package bridge

import (
	"context"
	"crypto/subtle"
	"fmt"
	"slices"

	"drawbridge/directory"
	"drawbridge/store"
)

// ConnectionCopy is a connection without its users, groups and credentials. Doctor tests the settings of a connection on such a copy, in a
// separate store (D7).
type ConnectionCopy struct {
	Tenant     directory.Tenant
	Connection directory.Connection
	Kind       directory.CredentialKind // of the credential that the identity provider uses; BearerToken if the connection has none
}

// CopyConnection describes a connection for a copy. It is refused if the identity provider is not served, because the answers of a copy
// would say nothing about the connection: Refused T6 and B5, Conflict for a connection that is paused or being disconnected, NotFound.
func (s *Service) CopyConnection(ctx context.Context, p directory.Principal, id directory.ConnectionID) (ConnectionCopy, error) {
	p, err := s.operatorOf(ctx, p, id)
	if err != nil {
		return ConnectionCopy{}, err
	}
	var out ConnectionCopy
	var tokens []directory.Token
	err = s.read(ctx, p, func(r store.Reader) error {
		c, err := r.Connection(id)
		if err != nil {
			return err
		}
		t, err := r.Tenant()
		if err != nil {
			return err
		}
		all, err := r.Tokens(id)
		out.Connection, out.Tenant, tokens = c.Clone(), t.Clone(), slices.Clone(all)
		return err
	})
	if err != nil {
		return ConnectionCopy{}, err
	}
	if err := s.tryable(&out); err != nil {
		return ConnectionCopy{}, err
	}
	out.Kind = directory.BearerToken
	now := s.instant()
	var newest directory.Token
	for i := range tokens {
		if t := &tokens[i]; t.Kind != directory.AccessToken && t.Live(now) && !t.Created.Before(newest.Created) {
			newest, out.Kind = *t, t.Kind
		}
	}
	return out, nil
}

// tryable says in one sentence what keeps a connection from being served.
func (s *Service) tryable(c *ConnectionCopy) error {
	switch no, err := s.notServed(&c.Tenant); {
	case err != nil:
		return err
	case no != nil:
		return no.Err()
	case c.Connection.Ending != nil:
		return &directory.Error{Code: directory.Conflict, Rule: "C10", Message: fmt.Sprintf("connection %q is being disconnected, so there is nothing to try", c.Connection.ID)}
	case c.Connection.Paused:
		return &directory.Error{Code: directory.Conflict, Rule: "L4", Message: fmt.Sprintf(
			"connection %q is paused, so its identity provider gets 503 for every request: resume it first (drawbridge connection resume %s)", c.Connection.ID, c.Connection.ID)}
	}
	return nil
}

// VerifyCredential reports whether a credential opens a connection now. Unlike Authenticate it leaves no trace: no last use, no failure, no
// audit line (D7). For ClientSecret, User is the client_id. Unauthorized.
func (s *Service) VerifyCredential(ctx context.Context, connection directory.ConnectionID, c Credential) error {
	token, _, _, ok, err := s.credential(ctx, connection, c.Secret)
	if err != nil {
		return err
	}
	kind := c.Kind
	if kind == "" {
		kind = directory.BearerToken
	}
	named := kind == directory.BearerToken || subtle.ConstantTimeCompare([]byte(token.ID), []byte(c.User)) == 1
	if !ok || !named || token.Kind != kind || !token.Live(s.instant()) {
		return unauthorized()
	}
	return nil
}
