package postgres_test

import (
	"sync/atomic"
	"testing"
	"time"

	"drawbridge/directory"
	"drawbridge/store"
	"drawbridge/store/postgres"
	"drawbridge/store/postgres/pgtest"
)

// TestWriteChecksItsCredentialOnTheWay counts the round trips of a credential and a write.
func TestWriteChecksItsCredentialOnTheWay(t *testing.T) {
	t.Parallel()
	proxy := pgtest.NewProxy(t, server.Cluster(t))
	s := open(t, proxy.URL(server.Database(t))+"&pool_max_conns=1")
	furnish(t, s)
	version := uint64(0)
	request := func() {
		ctx := store.WithDeferral(t.Context())
		admit(ctx, t, s)
		version++
		must(t, s.Update(ctx, acme, wantPerson(1), func(store.Reader) (directory.Change, error) {
			return directory.Change{Users: []directory.User{titled(1, version, "new")}, Audit: line()}, nil
		}))
	}
	for range 3 { // a credential that was good before, and prepared statements
		request()
	}
	proxy.Counts()
	request()
	if trips := proxy.Counts().Trips; trips > 2 {
		t.Errorf("a credential and a write took %d round trips", trips)
	}
}

// TestOnlyRecentCredentialsAreCheckedLater lets time pass, and changes the tenant, between two requests.
func TestOnlyRecentCredentialsAreCheckedLater(t *testing.T) {
	t.Parallel()
	var seconds atomic.Int64
	s, err := postgres.Open(t.Context(), server.Database(t), postgres.Options{Now: func() time.Time { return time.Unix(seconds.Load(), 0) }})
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	furnish(t, s)
	for _, step := range []struct {
		name   string
		before func()
		later  bool
	}{
		{"the first request", func() {}, false},
		{"the next one", func() {}, true},
		{"after a minute", func() { seconds.Add(60) }, false},
		{"right after that", func() {}, true},
		{"after a change of the connection", func() {
			must(t, s.Update(t.Context(), acme, nil, func(store.Reader) (directory.Change, error) {
				return directory.Change{Connections: []directory.Connection{{ID: "okta", Tenant: acme, Version: 2}}, Audit: line()}, nil
			}))
		}, false},
	} {
		step.before()
		ctx := store.WithDeferral(t.Context())
		admit(ctx, t, s)
		if store.Unchecked(ctx) != step.later {
			t.Errorf("%s: checked later: %t", step.name, !step.later)
		}
	}
}
