package record

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"

	"drawbridge/bridge/credential"
	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// AppKeyOptions describe a new key of an application.
type AppKeyOptions struct {
	Name    string    // the application, as operators know it
	Expires time.Time // zero: never
}

// AppKeys are the keys of a tenant's applications, without their hashes, and when they were used last.
type AppKeys struct {
	Keys []directory.Token
	Uses []directory.Use
}

const (
	liveAppKeys = 100 // of one tenant
)

// CreateAppKey makes a key with which an application reads one tenant: its events, the access check, and its people. The text
// of it is shown here and never again. NotFound, Invalid, Conflict where a tenant has 100 live keys already.
func (s *Service) CreateAppKey(ctx context.Context, p directory.Principal, tenant directory.TenantID, opts AppKeyOptions) (credential.Secret, error) {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return credential.Secret{}, err
	}
	name := strings.TrimSpace(opts.Name)
	if err := policy.CheckText("name", name, 1, 100); err != nil {
		return credential.Secret{}, err
	}
	if !opts.Expires.IsZero() && !opts.Expires.After(s.instant()) {
		return credential.Secret{}, &directory.Error{Code: directory.Invalid, Field: "expires", Message: "the expiry is in the past"}
	}
	secret, err := credential.NewToken(s.random, credential.ApplicationMark, s.txn.NewID(), directory.Token{
		Kind: directory.ApplicationKey, Tenant: tenant, Name: name, Expires: opts.Expires,
	})
	if err != nil {
		return credential.Secret{}, err
	}
	err = s.write(ctx, p, func(t *txn.Tx) error {
		if _, err := t.Reader.Tenant(); err != nil {
			return err
		}
		keys, err := t.Reader.Tokens("")
		if err != nil {
			return err
		}
		live := 0
		for i := range keys {
			if keys[i].Live(t.Now) {
				live++
			}
		}
		if live >= liveAppKeys {
			return &directory.Error{Code: directory.Conflict, Message: fmt.Sprintf("the tenant has %d live keys: revoke one that is not used", live)}
		}
		secret.Token.Created = t.Now
		PutAppKey(t, &secret.Token, directory.ActionAppKeyCreate, directory.TokenCreated)
		return nil
	})
	if err != nil {
		return credential.Secret{}, err
	}
	return secret.Shown(), nil
}

// RevokeAppKey ends a key at once. A revoked key stays revoked. NotFound.
func (s *Service) RevokeAppKey(ctx context.Context, p directory.Principal, tenant directory.TenantID, id directory.TokenID) error {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return err
	}
	return s.write(ctx, p, func(t *txn.Tx) error {
		keys, err := t.Reader.Tokens("")
		if err != nil {
			return err
		}
		at := slices.IndexFunc(keys, func(x directory.Token) bool { return x.ID == id })
		if at < 0 {
			return &directory.Error{Code: directory.NotFound, Message: fmt.Sprintf("tenant %q has no application key %q", tenant, id)}
		}
		key := keys[at]
		if !key.Revoked.IsZero() {
			return nil
		}
		key.Revoked = t.Now
		PutAppKey(t, &key, directory.ActionAppKeyRevoke, directory.TokenRevoked)
		return nil
	})
}

// AppKeys gives the keys of a tenant's applications by creation. NotFound.
func (s *Service) AppKeys(ctx context.Context, p directory.Principal, tenant directory.TenantID) (AppKeys, error) {
	if _, err := txn.ForOperator(p, tenant); err != nil {
		return AppKeys{}, err
	}
	return ReadAppKeys(ctx, s.txn, s.uses, tenant)
}

// ReadAppKeys is AppKeys for the packages of the bridge. uses are those that are not in the store yet.
func ReadAppKeys(ctx context.Context, from *txn.Runner, uses *credential.Uses, tenant directory.TenantID) (AppKeys, error) {
	var out AppKeys
	err := from.View(ctx, tenant, func(r store.Reader) error {
		if err := txn.Exists(r, tenant); err != nil {
			return err
		}
		keys, err := r.Tokens("")
		out.Keys = slices.Clone(keys)
		return err
	})
	if err != nil {
		return AppKeys{}, err
	}
	for i := range out.Keys {
		out.Keys[i].Hash = [32]byte{}
	}
	stored, err := from.Store().Uses(ctx, "")
	if err != nil {
		return AppKeys{}, err
	}
	out.Uses = slices.DeleteFunc(uses.Merge("", stored), func(u directory.Use) bool { return u.Tenant != tenant })
	return out, nil
}

// PutAppKey puts the key of an application into the Change, with its audit line and event.
func PutAppKey(t *txn.Tx, key *directory.Token, action directory.Action, kind directory.EventKind) {
	t.Change.Tokens = append(t.Change.Tokens, *key)
	subject := directory.Subject{Kind: "token", ID: string(key.ID), Name: key.Name}
	data := directory.Attributes{{Name: "kind", Value: string(key.Kind)}, {Name: "prefix", Value: key.Prefix}}
	if !key.Expires.IsZero() {
		data = append(data, directory.Attribute{Name: "expires", Value: key.Expires.UTC().Format(time.RFC3339)})
	}
	line := t.Line(action, subject)
	line.After = txn.Document(data)
	t.Audit(line)
	t.Event(kind, subject, data)
}

// AuthenticateApplication says which application shows a key. The error is Unauthorized, the same for every cause; for a good key it
// is Refused if the tenant is no longer served.
func (s *Service) AuthenticateApplication(ctx context.Context, secret string, from credential.Client) (directory.Application, error) {
	hash := sha256.Sum256([]byte(secret))
	key, _, tenant, err := s.store.Credential(ctx, hash, "")
	if err != nil {
		return directory.Application{}, err
	}
	now := s.instant()
	if key.Kind != directory.ApplicationKey || key.Hash != hash || tenant.ID != key.Tenant || !key.Live(now) {
		return directory.Application{}, &directory.Error{Code: directory.Unauthorized, Message: "the key is unknown, expired or revoked"}
	}
	s.uses.Note(directory.Use{Tenant: key.Tenant, Token: key.ID, Last: now, Success: now, Address: directory.Truncate(from.Address, 256), UserAgent: directory.Truncate(from.UserAgent, 256)})
	if tenant.Status != directory.TenantActive {
		return directory.Application{}, policy.NotServed().Err()
	}
	return directory.Application{Tenant: key.Tenant, Key: key.ID, Name: key.Name, Request: from.Request}, nil
}
