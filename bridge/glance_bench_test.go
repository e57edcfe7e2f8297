package bridge_test

import (
	"fmt"
	"testing"

	"drawbridge/bridge"
	"drawbridge/directory"
	"drawbridge/store"
)

// BenchmarkListTenants gives a page of a hundred tenants, of so many, and what is listed over all tenants.
func BenchmarkListTenants(b *testing.B) {
	for _, n := range []int{100, 10_000} {
		k := start(b)
		for i := range n {
			id := directory.TenantID(fmt.Sprintf("t%05d", i))
			now := k.Clock.Now()
			tenant := directory.Tenant{ID: id, Name: fmt.Sprintf("Company %d", n-i), Version: 1, Created: now, Modified: now, Status: directory.TenantActive, Plan: "business"}
			err := k.Store.Update(bg, id, nil, func(store.Reader) (directory.Change, error) {
				return directory.Change{
					Tenant: &tenant, Audit: []directory.Audit{{Time: now, Tenant: id, Action: "test", Outcome: directory.Done}},
					Connections: []directory.Connection{{ID: directory.ConnectionID(id + "-okta"), Tenant: id, Type: directory.Okta, Version: 1, Created: now}},
				}, nil
			})
			if err != nil {
				b.Fatal(err)
			}
		}
		for _, q := range []bridge.TenantQuery{{Sort: bridge.BySlug}, {Sort: bridge.ByName}, {Sort: bridge.BySeats, Descending: true}, {Sort: bridge.ByName, Q: "99"}, {Sort: bridge.ByAlerts, Descending: true}, {Sort: bridge.ByLastSync, Descending: true}, {Sort: bridge.BySlug, Health: directory.NeverConnected}} {
			q.Count = 100
			b.Run(fmt.Sprintf("%s%s%s/%d", q.Sort, q.Q, q.Health, n), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, err := k.ListTenants(bg, k.Op, q); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		for name, list := range map[string]func() error{
			"inbox":  func() error { _, err := k.Inbox(bg, k.Op); return err },
			"alerts": func() error { _, err := k.Alerts(bg, k.Op, directory.Provider, bridge.OpenAlerts); return err },
			"connections": func() error {
				_, err := k.ListConnections(bg, k.Op, bridge.ConnectionQuery{Sort: bridge.ConnectionsByHealth, Count: 100})
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
