package storetest

import (
	"bytes"
	"context"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"drawbridge/directory"
	"drawbridge/store"
)

// Checked returns a store that checks its caller: every decide runs twice (Twice), reads happen only when they may (Strict), and every
// audit line has an action that directory.Actions lists. Tests of everything above the store should use it.
func Checked(t testing.TB, s store.Store) store.Store { return contract(t, &listed{s, t}) }

// contract is Checked without the list of actions, for the tests of stores, whose lines have other actions.
func contract(t testing.TB, s store.Store) store.Store { return Strict(t, Twice(t, s)) }

// Strict returns a store that fails the test when its caller reads what a database could not give it:
//
//   - a Reader is used inside a yield, because a transaction has only one open result;
//   - a Reader is used after the function that received it has returned;
//   - the Store is called inside a View, an Update or a yield, because that needs a second connection, and enough callers that do so
//     wait for each other forever.
func Strict(t testing.TB, s store.Store) store.Store { return &strict{inner: s, t: t} }

// strict names every method of a Store, so that none is forgotten: a new method does not compile without it.
type strict struct {
	inner  store.Store
	t      testing.TB
	inside sync.Map // by goroutine: the method of the Store that called back
}

var _ store.Store = (*strict)(nil)

// Unwrap returns the wrapped store.
func (s *strict) Unwrap() store.Store { return s.inner }

// check fails the test if the goroutine is inside a callback of the Store.
func (s *strict) check(method string) {
	if outer, ok := s.inside.Load(goroutine()); ok {
		_, file, line, _ := runtime.Caller(2)
		s.t.Errorf("%s:%d: Store.%s is called inside Store.%s: read before or afterwards", filepath.Base(file), line, method, outer)
	}
}

// enter marks the goroutine as inside a callback until the returned function is called. Callbacks may run on a goroutine of the store.
func (s *strict) enter(method string) (leave func()) {
	id := goroutine()
	before, nested := s.inside.Swap(id, method)
	return func() {
		if nested {
			s.inside.Store(id, before)
		} else {
			s.inside.Delete(id)
		}
	}
}

// goroutine is the number of the running goroutine. The runtime tells it only in a stack trace, which begins "goroutine 7 [running]".
func goroutine() uint64 {
	var trace [64]byte
	n := runtime.Stack(trace[:], false)
	id, _ := strconv.ParseUint(string(bytes.Fields(trace[:n])[1]), 10, 64)
	return id
}

func (s *strict) View(ctx context.Context, tenant directory.TenantID, want *store.Want, fn func(store.Reader) error) error {
	s.check("View")
	return s.inner.View(ctx, tenant, want, func(inner store.Reader) error {
		defer s.enter("View")()
		r := &strictReader{inner: inner, t: s.t}
		defer func() { r.ended = true }()
		return fn(r)
	})
}

func (s *strict) decide(method string, decide store.Decide) store.Decide {
	return func(inner store.Reader) (directory.Change, error) {
		defer s.enter(method)()
		r := &strictReader{inner: inner, t: s.t}
		defer func() { r.ended = true }()
		return decide(r)
	}
}

func (s *strict) Update(ctx context.Context, tenant directory.TenantID, want *store.Want, decide store.Decide) error {
	s.check("Update")
	return s.inner.Update(ctx, tenant, want, s.decide("Update", decide))
}

func (s *strict) Erase(ctx context.Context, tenant directory.TenantID, decide store.Decide) error {
	s.check("Erase")
	return s.inner.Erase(ctx, tenant, s.decide("Erase", decide))
}

func (s *strict) Stage(ctx context.Context, tenant directory.TenantID) (store.Stage, error) {
	s.check("Stage")
	stage, err := s.inner.Stage(ctx, tenant)
	if err != nil {
		return nil, err
	}
	return &strictStage{stage, s}, nil
}

type strictStage struct {
	inner store.Stage
	s     *strict
}

func (g *strictStage) Put(ctx context.Context, c directory.Change) error {
	g.s.check("Stage.Put")
	return g.inner.Put(ctx, c)
}

func (g *strictStage) Record(ctx context.Context, lines []directory.Audit, events []directory.Event) error {
	g.s.check("Stage.Record")
	return g.inner.Record(ctx, lines, events)
}

func (g *strictStage) Publish(ctx context.Context, decide store.Decide) error {
	g.s.check("Stage.Publish")
	return g.inner.Publish(ctx, g.s.decide("Stage.Publish", decide))
}

func (g *strictStage) Drop(ctx context.Context) error {
	g.s.check("Stage.Drop")
	return g.inner.Drop(ctx)
}

func (s *strict) Token(ctx context.Context, hash [32]byte) (directory.Token, error) {
	s.check("Token")
	return s.inner.Token(ctx, hash)
}

func (s *strict) Connection(ctx context.Context, id directory.ConnectionID) (directory.Connection, error) {
	s.check("Connection")
	return s.inner.Connection(ctx, id)
}

func (s *strict) Credential(ctx context.Context, hash [32]byte, id directory.ConnectionID) (directory.Token, directory.Connection, directory.Tenant, error) {
	s.check("Credential")
	return s.inner.Credential(ctx, hash, id)
}

func (s *strict) Tenants(ctx context.Context) ([]directory.Tenant, error) {
	s.check("Tenants")
	return s.inner.Tenants(ctx)
}

func (s *strict) Claimed(ctx context.Context, key string) (directory.Claim, error) {
	s.check("Claimed")
	return s.inner.Claimed(ctx, key)
}

func (s *strict) Touch(ctx context.Context, uses []directory.Use) error {
	s.check("Touch")
	return s.inner.Touch(ctx, uses)
}

func (s *strict) Uses(ctx context.Context, connection directory.ConnectionID) ([]directory.Use, error) {
	s.check("Uses")
	return s.inner.Uses(ctx, connection)
}

func (s *strict) Summaries(ctx context.Context, tenants []directory.TenantID, yield func(*store.Summary) error) error {
	s.check("Summaries")
	return s.inner.Summaries(ctx, tenants, func(summary *store.Summary) error {
		defer s.enter("Summaries")()
		return yield(summary)
	})
}

func (s *strict) TenantKVs(ctx context.Context, kind directory.KVKind, tenants []directory.TenantID, yield func(directory.TenantID, directory.KV) error) error {
	s.check("TenantKVs")
	return s.inner.TenantKVs(ctx, kind, tenants, func(tenant directory.TenantID, m directory.KV) error {
		defer s.enter("TenantKVs")()
		return yield(tenant, m)
	})
}

func (s *strict) Unannounced(ctx context.Context) ([]directory.TenantID, error) {
	s.check("Unannounced")
	return s.inner.Unannounced(ctx)
}

func (s *strict) Mails(ctx context.Context, before time.Time, limit int) ([]directory.Mail, error) {
	s.check("Mails")
	return s.inner.Mails(ctx, before, limit)
}

func (s *strict) Delivered(ctx context.Context, m directory.Mail) error {
	s.check("Delivered")
	return s.inner.Delivered(ctx, m)
}

func (s *strict) Retry(ctx context.Context, m directory.Mail) error {
	s.check("Retry")
	return s.inner.Retry(ctx, m)
}

func (s *strict) Changed(ctx context.Context, seen map[directory.TenantID]uint64) (map[directory.TenantID]uint64, error) {
	s.check("Changed")
	return s.inner.Changed(ctx, seen)
}

func (s *strict) Acquire(ctx context.Context, name, holder string, ttl time.Duration) (store.Lease, error) {
	s.check("Acquire")
	return s.inner.Acquire(ctx, name, holder, ttl)
}

func (s *strict) Release(ctx context.Context, name, holder string) error {
	s.check("Release")
	return s.inner.Release(ctx, name, holder)
}

func (s *strict) Secret(ctx context.Context, name string, generate func() ([]byte, error)) ([]byte, error) {
	s.check("Secret")
	return s.inner.Secret(ctx, name, generate)
}

func (s *strict) Close() error { return s.inner.Close() }

func (s *strict) Roster(ctx context.Context) ([]*store.RosterRow, error) {
	s.check("Roster")
	return s.inner.Roster(ctx)
}
