package postgres_test

import (
	"fmt"
	"testing"
	"time"

	"drawbridge/directory"
	"drawbridge/store"
)

// BenchmarkRoster reads the roster of many tenants, each with a connection that is in use: while nothing changes, and after a change of one
// tenant. DRAWBRIDGE_POSTGRES=required go test ./store/postgres -run '^$' -bench Roster
func BenchmarkRoster(b *testing.B) {
	for _, tenants := range []int{100, 10_000} {
		s := open(b, server.Database(b))
		put := func(n int, version uint64) {
			id := directory.TenantID(fmt.Sprintf("t%05d", n))
			c := directory.ConnectionID(id + "-idp")
			must(b, s.Update(b.Context(), id, nil, func(store.Reader) (directory.Change, error) {
				return directory.Change{
					Tenant:      &directory.Tenant{ID: id, Name: "Company " + string(id), Version: version, Created: time.Unix(1, 0)},
					Connections: []directory.Connection{{ID: c, Tenant: id, Type: directory.Okta}},
					Audit:       []directory.Audit{{Time: time.Unix(2, 0).UTC(), Tenant: id, Action: "test", Outcome: directory.Done}},
				}, nil
			}))
			must(b, s.Touch(b.Context(), []directory.Use{{Tenant: id, Connection: c, Token: "t", Last: time.Unix(3, 0), Success: time.Unix(3, 0)}}))
		}
		for n := range tenants {
			put(n, 1)
		}
		read := func() {
			if rows, err := s.Roster(b.Context()); err != nil || len(rows) != tenants {
				b.Fatalf("%d rows, %v", len(rows), err)
			}
		}
		read()
		b.Run(fmt.Sprintf("%d/unchanged", tenants), func(b *testing.B) {
			for b.Loop() {
				read()
			}
		})
		b.Run(fmt.Sprintf("%d/changed", tenants), func(b *testing.B) {
			for n := 0; b.Loop(); n++ {
				b.StopTimer()
				put(n%tenants, uint64(n)+2)
				b.StartTimer()
				read()
			}
		})
		b.Run(fmt.Sprintf("%d/summaries", tenants), func(b *testing.B) {
			for b.Loop() {
				must(b, s.Summaries(b.Context(), nil, func(*store.Summary) error { return nil }))
			}
		})
	}
}
