package record_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"drawbridge/bridge/record"
	"drawbridge/directory"
)

// Paging through the trails of all tenants gives every line once, the newest first, for every page size, even if many lines of several
// tenants have the same instant.
func TestTrailsArePagedInOrder(t *testing.T) {
	t.Parallel()
	k := start(t)
	for i, id := range []string{"acme", "birch", "cedar"} {
		tenant := k.NewTenant(id, 0)
		for range 4 {
			if i != 1 {
				k.Clock.Advance(time.Minute)
			}
			for range 5 {
				_, err := k.EditTenant(bg, k.Op, tenant, directory.Precondition{}, func(t directory.Tenant) (directory.Tenant, error) {
					t.Seats++
					return t, nil
				})
				k.OK(err)
			}
		}
	}
	var want []string
	for _, tenant := range []directory.TenantID{"acme", "birch", "cedar"} {
		for _, l := range k.AuditOf(tenant) {
			want = append(want, fmt.Sprintf("%s %s/%03d", l.Time.UTC().Format("15:04:05.000000"), tenant, l.Seq))
		}
	}
	walk := func(q directory.AuditQuery, p directory.Principal) (got []string) {
		var after *record.TrailMark
		for pages := 0; pages < 1000; pages++ {
			lines, next, err := k.SearchTrails(bg, p, q, after)
			k.OK(err)
			if len(lines) > q.Limit {
				t.Fatalf("%d lines on a page of %d", len(lines), q.Limit)
			}
			for _, l := range lines {
				got = append(got, fmt.Sprintf("%s %s/%03d", l.Time.UTC().Format("15:04:05.000000"), l.Tenant, l.Seq))
			}
			if next == nil {
				return got
			}
			after = next
		}
		t.Fatal("the walk does not end")
		return nil
	}
	whole := walk(directory.AuditQuery{Limit: 1000}, k.Op)
	sorted := slices.Clone(whole)
	slices.Sort(sorted)
	slices.Sort(want)
	if !slices.Equal(sorted, want) {
		t.Fatalf("the walk gave\n%v\nwant\n%v", sorted, want)
	}
	for i := 1; i < len(whole); i++ {
		if whole[i][:15] > whole[i-1][:15] {
			t.Errorf("%s comes after %s", whole[i], whole[i-1])
		}
	}
	for limit := 1; limit < 20; limit++ {
		if got := walk(directory.AuditQuery{Limit: limit}, k.Op); !slices.Equal(got, whole) {
			t.Errorf("by pages of %d:\n%v\nwant\n%v", limit, got, whole)
		}
		if got := walk(directory.AuditQuery{Limit: limit, Scan: 3, Action: "tenant.create"}, k.Op); len(got) != 3 {
			t.Errorf("by pages of %d the companies were created by %v", limit, got)
		}
	}
	one := k.Op
	one.Access.Scope = directory.Scope{Tenants: []directory.TenantID{"birch"}}
	for _, line := range walk(directory.AuditQuery{Limit: 7}, one) {
		if line[16:21] != "birch" {
			t.Errorf("outside the scope: %s", line)
		}
	}
}
