package overview_test

import (
	"fmt"
	"testing"

	"drawbridge/bridge"
	"drawbridge/bridge/bridgetest"
	"drawbridge/bridge/overview"
	"drawbridge/directory"
	"drawbridge/store"
)

// BenchmarkListTenants gives a page of a hundred tenants, of so many, and what is listed over all tenants.
func BenchmarkListTenants(b *testing.B) {
	for _, n := range []int{100, 10_000} {
		k := bridgetest.Start(b)
		for i := range n {
			id := directory.TenantID(fmt.Sprintf("t%05d", i))
			now := k.Clock.Now()
			tenant := directory.Tenant{ID: id, Name: fmt.Sprintf("Company %d", n-i), Version: 1, Created: now, Modified: now, Status: directory.TenantActive, Plan: "business"}
			err := k.Store.Update(b.Context(), id, nil, func(store.Reader) (directory.Change, error) {
				return directory.Change{
					Tenant: &tenant, Audit: []directory.Audit{{Time: now, Tenant: id, Action: "test", Outcome: directory.Done}},
					Connections: []directory.Connection{{ID: directory.ConnectionID(id + "-okta"), Tenant: id, Type: directory.Okta, Version: 1, Created: now}},
				}, nil
			})
			if err != nil {
				b.Fatal(err)
			}
		}
		for _, q := range []overview.TenantQuery{{Sort: overview.BySlug}, {Sort: overview.ByName}, {Sort: overview.BySeats, Descending: true}, {Sort: overview.ByName, Q: "99"}, {Sort: overview.ByAlerts, Descending: true}, {Sort: overview.ByLastSync, Descending: true}, {Sort: overview.BySlug, Health: directory.NeverConnected}} {
			q.Count = 100
			b.Run(fmt.Sprintf("%s%s%s/%d", q.Sort, q.Q, q.Health, n), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, err := k.All.ListTenants(b.Context(), k.Op, q); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		for name, list := range map[string]func() error{
			"inbox":  func() error { _, err := k.All.Inbox(b.Context(), k.Op); return err },
			"alerts": func() error { _, err := k.All.Alerts(b.Context(), k.Op, bridge.OpenAlerts); return err },
			"connections": func() error {
				_, err := k.All.ListConnections(b.Context(), k.Op, overview.ConnectionQuery{Sort: overview.ConnectionsByHealth, Count: 100})
				return err
			},
		} {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if err := list(); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
