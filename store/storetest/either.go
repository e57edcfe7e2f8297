package storetest

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"drawbridge/directory"
	"drawbridge/store"
)

// Either returns a store that passes each call to one of several stores on the same data, chosen at random, like a caller whose requests go to several processes.
func Either(stores ...store.Store) store.Store { return either(stores) }

type either []store.Store

func (s either) any() store.Store { return s[rand.IntN(len(s))] } //nolint:gosec // no secret depends on it

// Unwrap returns one of the stores.
func (s either) Unwrap() store.Store { return s[0] }

func (s either) View(ctx context.Context, tenant directory.TenantID, want *store.Want, fn func(store.Reader) error) error {
	return s.any().View(ctx, tenant, want, fn)
}

func (s either) Update(ctx context.Context, tenant directory.TenantID, want *store.Want, decide store.Decide) error {
	return s.any().Update(ctx, tenant, want, decide)
}

func (s either) Token(ctx context.Context, hash [32]byte) (directory.Token, error) {
	return s.any().Token(ctx, hash)
}

func (s either) Connection(ctx context.Context, id directory.ConnectionID) (directory.Connection, error) {
	return s.any().Connection(ctx, id)
}

func (s either) Credential(ctx context.Context, hash [32]byte, id directory.ConnectionID) (directory.Token, directory.Connection, directory.Tenant, error) {
	return s.any().Credential(ctx, hash, id)
}

func (s either) Tenants(ctx context.Context) ([]directory.Tenant, error) { return s.any().Tenants(ctx) }

func (s either) Claimed(ctx context.Context, key string) (directory.Claim, error) {
	return s.any().Claimed(ctx, key)
}

func (s either) Touch(ctx context.Context, uses []directory.Use) error {
	return s.any().Touch(ctx, uses)
}

func (s either) Uses(ctx context.Context, connection directory.ConnectionID) ([]directory.Use, error) {
	return s.any().Uses(ctx, connection)
}

func (s either) Summaries(ctx context.Context, tenants []directory.TenantID, yield func(*store.Summary) error) error {
	return s.any().Summaries(ctx, tenants, yield)
}

func (s either) Unannounced(ctx context.Context) ([]directory.TenantID, error) {
	return s.any().Unannounced(ctx)
}

func (s either) TenantKVs(ctx context.Context, kind directory.KVKind, tenants []directory.TenantID, yield func(directory.TenantID, directory.KV) error) error {
	return s.any().TenantKVs(ctx, kind, tenants, yield)
}

func (s either) Mails(ctx context.Context, before time.Time, limit int) ([]directory.Mail, error) {
	return s.any().Mails(ctx, before, limit)
}

func (s either) Delivered(ctx context.Context, m directory.Mail) error {
	return s.any().Delivered(ctx, m)
}

func (s either) Retry(ctx context.Context, m directory.Mail) error { return s.any().Retry(ctx, m) }

func (s either) Stage(ctx context.Context, tenant directory.TenantID) (store.Stage, error) {
	return s.any().Stage(ctx, tenant)
}

func (s either) Erase(ctx context.Context, tenant directory.TenantID, decide store.Decide) error {
	return s.any().Erase(ctx, tenant, decide)
}

func (s either) Changed(ctx context.Context, seen map[directory.TenantID]uint64) (map[directory.TenantID]uint64, error) {
	return s.any().Changed(ctx, seen)
}

func (s either) Acquire(ctx context.Context, name, holder string, ttl time.Duration) (store.Lease, error) {
	return s.any().Acquire(ctx, name, holder, ttl)
}

func (s either) Release(ctx context.Context, name, holder string) error {
	return s.any().Release(ctx, name, holder)
}

func (s either) Secret(ctx context.Context, name string, generate func() ([]byte, error)) ([]byte, error) {
	return s.any().Secret(ctx, name, generate)
}

// Close closes all of them.
func (s either) Close() error {
	var errs []error
	for _, one := range s {
		errs = append(errs, one.Close())
	}
	return errors.Join(errs...)
}

func (s either) Roster(ctx context.Context) ([]*store.RosterRow, error) { return s.any().Roster(ctx) }
