package bridge_test

import (
	"context"
	"fmt"
	"testing"

	"drawbridge/bridge"
	"drawbridge/bridge/bridgetest"
	"drawbridge/directory"
	"drawbridge/store"
)

// measured notes the largest change that was written.
type measured struct {
	store.Store
	most int
}

func (m *measured) Update(ctx context.Context, tenant directory.TenantID, want *store.Want, decide store.Decide) error {
	return m.Store.Update(ctx, tenant, want, func(r store.Reader) (directory.Change, error) {
		c, err := decide(r)
		m.most = max(m.most, len(c.KVs)+len(c.DropKVs)+len(c.Users)+len(c.RemoveUsers)+len(c.Audit))
		return c, err
	})
}

// Work that is due for many users at once is done in small transactions. An identity provider that writes meanwhile waits for one of them,
// not for all.
func TestJobsWriteInSmallTransactions(t *testing.T) {
	t.Parallel()
	m := &measured{}
	k := start(t, func(c *bridgetest.Config) { m.Store, c.Store = c.Store, m })
	acme := k.NewTenant("acme", 0)
	for i := range 150 {
		id := fmt.Sprintf("acme-%d", i)
		k.NewIdP(acme, id, func(d *bridge.ConnectionDraft) { d.Token.Expires = k.Clock.Now().Add(60 * bridgetest.Day) })
		_, err := k.RotateToken(bg, k.Op, directory.ConnectionID(id), bridge.TokenOptions{Expires: k.Clock.Now().Add(60 * bridgetest.Day)})
		k.OK(err)
	}
	k.Crowd(acme, 1700) // of a release that kept no ledger
	m.most = 0
	k.Clock.Advance(45 * bridgetest.Day)
	_, err := k.TakeSnapshots(bg, directory.JobPrincipal("snapshot"), acme, directory.RunApply)
	k.OK(err)
	told, err := k.AnnounceTokenExpiries(bg, directory.JobPrincipal("token-notices"), acme, directory.RunApply)
	k.OK(err)
	again, err := k.AnnounceTokenExpiries(bg, directory.JobPrincipal("token-notices"), acme, directory.RunApply)
	k.OK(err)
	moved, err := k.CheckHealth(bg, directory.JobPrincipal("health"), acme, directory.RunApply)
	k.OK(err)
	stays, err := k.Ledger(bg, k.Op, acme, "", "")
	k.OK(err)
	if len(told) != 300 || len(again) != 0 || len(moved) != 150 || len(stays) != 1700 {
		t.Errorf("%d credentials told, %d again, %d connections moved, %d stays", len(told), len(again), len(moved), len(stays))
	}
	if m.most > 1001 || m.most == 0 {
		t.Errorf("one transaction wrote %d records", m.most)
	}
	expiring := map[string]int{}
	for _, e := range k.EventsOf(acme, 0) {
		if e.Kind == directory.ExpiryNotice {
			expiring[e.Subject.ID]++
		}
	}
	for id, n := range expiring {
		if n != 1 {
			t.Errorf("%s was announced %d times", id, n)
		}
	}
	if len(expiring) != 300 {
		t.Errorf("%d credentials announced", len(expiring))
	}
}
