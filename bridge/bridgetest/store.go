package bridgetest

import (
	"context"
	"path/filepath"
	"sync/atomic"
	"testing"

	"drawbridge/directory"
	"drawbridge/store"
	"drawbridge/store/bolt"
	"drawbridge/store/storetest"
)

// Bolt opens a bbolt store in a temporary folder, which is in memory if possible.
func Bolt(t testing.TB) *bolt.Store {
	t.Helper()
	db, err := bolt.Open(filepath.Join(folder(t), "drawbridge.db"), bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// Store opens a store that checks its caller (storetest.Checked).
func Store(t testing.TB) store.Store {
	t.Helper()
	return storetest.Checked(t, Bolt(t))
}

// CountViews counts the Views that the services open.
func CountViews(views *atomic.Int64) func(*Config) {
	return func(c *Config) { c.Store = viewCounter{c.Store, views} }
}

type viewCounter struct {
	store.Store
	views *atomic.Int64
}

func (c viewCounter) View(ctx context.Context, tenant directory.TenantID, want *store.Want, fn func(store.Reader) error) error {
	c.views.Add(1)
	return c.Store.View(ctx, tenant, want, fn)
}
