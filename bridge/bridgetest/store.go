package bridgetest

import (
	"path/filepath"
	"testing"

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
