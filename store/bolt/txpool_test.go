package bolt

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"drawbridge/directory"
	"drawbridge/store"
)

// poolStore is a store with the tenants acme and beta. The version of a tenant's user is the number of its last change.
func poolStore(t *testing.T, options Options) *Store {
	t.Helper()
	s, err := Open(filepath.Join(t.TempDir(), "store.db"), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil { // it would hang if a pooled transaction were left
			t.Error(err)
		}
	})
	for _, tenant := range []directory.TenantID{"acme", "beta"} {
		poolWrite(t, s, tenant, directory.Change{Tenant: &directory.Tenant{ID: tenant, Version: 1}})
	}
	return s
}

func poolWrite(t *testing.T, s *Store, tenant directory.TenantID, c directory.Change) {
	t.Helper()
	c.Audit = make([]directory.Audit, 1)
	if err := s.Update(t.Context(), tenant, nil, func(store.Reader) (directory.Change, error) { return c, nil }); err != nil {
		t.Error(err)
	}
}

func poolUser(tenant directory.TenantID, version uint64) directory.User {
	return directory.User{ID: directory.ID{15: 1}, Version: version, UserName: string(tenant), Document: directory.Document(`{}`)}
}

// version returns the version of the user of a tenant; it is an error if it is another tenant's user.
func version(s *Store, tenant directory.TenantID) (v uint64, err error) {
	err = s.View(context.Background(), tenant, nil, func(r store.Reader) error {
		u, err := r.UserByName(string(tenant))
		if err == nil && u.UserName != string(tenant) {
			err = fmt.Errorf("%s is shown the user of %s", tenant, u.UserName)
		}
		v = u.Version
		return err
	})
	return v, err
}

// Readers of two tenants must see every acknowledged write.
func TestPooledSnapshotIsNeverOlderThanTheLastAnswer(t *testing.T) {
	t.Parallel()
	s := poolStore(t, Options{})
	var answered [2]atomic.Uint64
	var readers sync.WaitGroup
	done := make(chan struct{})
	tenants := []directory.TenantID{"acme", "beta"}
	change := func(i int, n uint64) {
		poolWrite(t, s, tenants[i], directory.Change{Users: []directory.User{poolUser(tenants[i], n)}})
		answered[i].Store(n)
	}
	change(0, 1)
	change(1, 1)
	for range 8 {
		readers.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-done:
					return
				default:
				}
				i := n % 2
				least := answered[i].Load()
				if v, err := version(s, tenants[i]); err != nil || v < least {
					t.Errorf("%s: version %d (%v) after the answer to version %d", tenants[i], v, err, least)
					return
				}
			}
		})
	}
	for n := range uint64(200) {
		change(int(n%2), 2+n/2)
	}
	close(done)
	readers.Wait()
}

// Pooled transactions are closed before a commit, so that the file can outgrow its mapping.
func TestPooledTransactionsDoNotBlockACommit(t *testing.T) {
	t.Parallel()
	s := poolStore(t, Options{InitialMmapSize: 64 << 10})
	poolWrite(t, s, "acme", directory.Change{Users: []directory.User{poolUser("acme", 1)}})
	for range 3 {
		if _, err := version(s, "acme"); err != nil {
			t.Fatal(err)
		}
	}
	if n := s.db.Stats().OpenTxN; n != 1 {
		t.Errorf("three readers, one after the other, left %d transactions, want one that they shared", n)
	}
	large := directory.Document(`{"title":"` + string(make([]byte, 1<<20)) + `"}`)
	grown := make(chan struct{})
	go func() {
		defer close(grown)
		u := poolUser("acme", 2)
		u.Document = large
		poolWrite(t, s, "acme", directory.Change{Users: []directory.User{u}})
	}()
	select {
	case <-grown:
	case <-time.After(time.Minute):
		t.Fatal("the writer waits for an idle reader")
	}
	if n := s.db.Stats().OpenTxN; n != 0 {
		t.Errorf("%d transactions outlive a commit", n)
	}
	if v, err := version(s, "acme"); err != nil || v != 2 {
		t.Errorf("version %d, %v", v, err)
	}
}

// A View begins before a commit and ends after it.
func TestReaderOfAnOlderCommitIsNotPooled(t *testing.T) {
	t.Parallel()
	s := poolStore(t, Options{})
	err := s.View(t.Context(), "acme", nil, func(r store.Reader) error {
		if _, err := r.Tenant(); err != nil {
			return err
		}
		poolWrite(t, s, "acme", directory.Change{Users: []directory.User{poolUser("acme", 1)}})
		if _, err := r.UserByName("acme"); directory.CodeOf(err) != directory.NotFound {
			return fmt.Errorf("a snapshot shows what came later: %w", err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if n := s.db.Stats().OpenTxN; n != 0 {
		t.Errorf("%d transactions are kept that began before the last commit", n)
	}
	if v, err := version(s, "acme"); err != nil || v != 1 {
		t.Errorf("version %d, %v", v, err)
	}
}

// More tenants than the pool has places for read at once, and none of them exists.
func TestPoolIsBounded(t *testing.T) {
	t.Parallel()
	s := poolStore(t, Options{})
	var nest func(depth int) error
	nest = func(depth int) error {
		return s.View(t.Context(), directory.TenantID(fmt.Sprint("t", depth)), nil, func(r store.Reader) error {
			if _, err := r.Tenant(); directory.CodeOf(err) != directory.NotFound {
				return fmt.Errorf("a tenant that does not exist: %w", err)
			}
			if depth == 0 {
				return nil
			}
			return nest(depth - 1)
		})
	}
	if err := nest(2 * maxIdle); err != nil {
		t.Error(err)
	}
	if n := s.db.Stats().OpenTxN; n != maxIdle {
		t.Errorf("%d transactions are kept, want %d", n, maxIdle)
	}
}

func TestReaderThatPanickedIsNotPooled(t *testing.T) {
	t.Parallel()
	s := poolStore(t, Options{})
	if err := s.View(t.Context(), "acme", nil, func(store.Reader) error { panic("half way") }); directory.CodeOf(err) != directory.Internal {
		t.Errorf("%v", err)
	}
	if n := s.db.Stats().OpenTxN; n != 0 {
		t.Errorf("%d transactions are kept", n)
	}
}
