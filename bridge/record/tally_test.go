package record_test

import (
	"fmt"
	"testing"
	"time"

	"drawbridge/bridge/record"
	"drawbridge/directory"
	"drawbridge/store"
)

// What happened is counted once, by its time and in the scope of the caller, whether it was counted by an earlier call or not.
func TestTallyCountsByTimeAndScope(t *testing.T) {
	t.Parallel()
	k := start(t)
	begin := k.Clock.Now()
	lines := func(id directory.TenantID, action directory.Action, outcome directory.Outcome, n int) {
		k.OK(k.Store.Update(bg, id, nil, func(store.Reader) (directory.Change, error) {
			var c directory.Change
			for range n {
				c.Audit = append(c.Audit, directory.Audit{Time: k.Clock.Now(), Tenant: id, Action: action, Outcome: outcome})
			}
			return c, nil
		}))
	}
	acme, birch := k.NewTenant("acme", 0), k.NewTenant("birch", 0)
	some := k.Op
	some.Access.Scope = directory.Scope{Tenants: []directory.TenantID{birch}}
	expect := func(p directory.Principal, from time.Time, want record.Tally, tenants int) {
		t.Helper()
		got, err := k.TallySince(bg, p, from)
		k.OK(err)
		if got.Tally != want || got.Tenants != tenants || got.Counted != tenants {
			t.Errorf("since %s it is %+v, want %+v of %d tenants", from.Format(time.TimeOnly), got, want, tenants)
		}
	}
	lines(acme, directory.ActionUserCreate, directory.Done, 3)
	lines(acme, directory.ActionUserUpdate, directory.Done, 5)
	lines(birch, directory.ActionUserCreate, directory.WasDenied, 2)
	expect(k.Op, begin, record.Tally{Created: 3, Refused: 2}, 2)
	expect(some, begin, record.Tally{Refused: 2}, 1)

	k.Clock.Advance(time.Hour)
	lines(acme, directory.ActionUserSuspend, directory.Done, 4)
	expect(k.Op, begin, record.Tally{Created: 3, Suspended: 4, Refused: 2}, 2)
	expect(k.Op, begin, record.Tally{Created: 3, Suspended: 4, Refused: 2}, 2)
	expect(k.Op, k.Clock.Now(), record.Tally{Suspended: 4}, 2)

	k.Clock.Advance(49 * time.Hour)
	lines(birch, directory.ActionUserCreate, directory.Done, 1)
	expect(k.Op, k.Clock.Now().Add(-47*time.Hour), record.Tally{Created: 1}, 2)
	for _, from := range []time.Time{begin, k.Clock.Now().Add(time.Minute)} {
		if _, err := k.TallySince(bg, k.Op, from); directory.CodeOf(err) != directory.Invalid {
			t.Errorf("since %s: %v", from, err)
		}
	}
}

// One call reads a bounded number of trails, says how many it has counted, and the next calls count the others.
func TestTallyIsBounded(t *testing.T) {
	t.Parallel()
	k := start(t)
	const tenants = 2_005
	begin := k.Clock.Now()
	manyTenants(t, k, tenants)
	first, err := k.TallySince(bg, k.Op, begin)
	k.OK(err)
	if first.Counted >= tenants || first.Created != first.Counted || first.Tenants != tenants {
		t.Errorf("the first call counted %+v", first)
	}
	second, err := k.TallySince(bg, k.Op, begin)
	k.OK(err)
	if second.Counted != tenants || second.Created != tenants {
		t.Errorf("the second call counted %+v", second)
	}
}

// manyTenants makes tenants in each of which a user was created.
func manyTenants(t testing.TB, k *kit, n int) {
	t.Helper()
	for i := range n {
		id, now := directory.TenantID(fmt.Sprintf("t%05d", i)), k.Clock.Now()
		tenant := directory.Tenant{ID: id, Name: "Company", Version: 1, Created: now, Modified: now, Status: directory.TenantActive, Plan: "business"}
		k.OK(k.Store.Update(bg, id, nil, func(store.Reader) (directory.Change, error) {
			line := directory.Audit{Time: now, Tenant: id, Action: directory.ActionUserCreate, Outcome: directory.Done}
			return directory.Change{Tenant: &tenant, Audit: []directory.Audit{line}}, nil
		}))
	}
}

// BenchmarkTally counts the day of ten thousand tenants, and compares it with the three searches that counted it before.
func BenchmarkTally(b *testing.B) {
	k := start(b)
	begin := k.Clock.Now()
	manyTenants(b, k, 10_000)
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			fresh := &kit{k.Kit}
			for {
				got, err := fresh.TallySince(bg, k.Op, begin)
				k.OK(err)
				if got.Counted == got.Tenants {
					break
				}
			}
		}
	})
	b.Run("again", func(b *testing.B) {
		for b.Loop() {
			_, err := k.TallySince(bg, k.Op, begin)
			k.OK(err)
		}
	})
	b.Run("searches", func(b *testing.B) {
		for b.Loop() {
			for _, q := range []directory.AuditQuery{{Action: "user.create", Outcome: directory.Done}, {Action: "user.suspend", Outcome: directory.Done}, {Outcome: directory.WasDenied}} {
				q.From, q.Limit = begin, 100
				_, _, err := k.SearchTrails(bg, k.Op, q, nil)
				k.OK(err)
			}
		}
	})
}
