package bolt_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"drawbridge/directory"
	"drawbridge/store"
	"drawbridge/store/bolt"
	"drawbridge/store/storetest"
)

// The file is moved between the beginning of a transaction and its commit. The change is in the moved file, so neither success nor "nothing
// was changed" would be true.
func TestFileMovedDuringACommitIsUnknown(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store.db")
	s := open(t, path)
	must(t, s.Update(t.Context(), benchTenant, nil, func(store.Reader) (directory.Change, error) {
		return directory.Change{Tenant: &directory.Tenant{ID: benchTenant, Version: 1}, Audit: make([]directory.Audit, 1)}, nil
	}))
	err := s.Update(t.Context(), benchTenant, nil, func(store.Reader) (directory.Change, error) {
		must(t, os.Rename(path, path+".moved"))
		return benchChange(benchUser(1)), nil
	})
	if !directory.IsUnknown(err) || directory.CodeOf(err) != directory.Unavailable {
		t.Fatalf("the file was moved during the commit: %v", err)
	}
	err = s.Update(t.Context(), benchTenant, nil, func(store.Reader) (directory.Change, error) {
		t.Error("decide runs on a file that was moved")
		return benchChange(benchUser(2)), nil
	})
	if directory.IsUnknown(err) || directory.CodeOf(err) != directory.Unavailable {
		t.Fatalf("the file was moved before: %v", err)
	}
	if err := s.Health(); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("Health does not name the path: %v", err)
	}
	must(t, os.Rename(path+".moved", path))
	must(t, s.Probe(t.Context()))
	must(t, s.Health())
	must(t, s.View(t.Context(), benchTenant, nil, func(r store.Reader) error {
		_, err := r.User(benchID(1))
		return err
	}))
}

// The file loses its content in the middle of a transaction, while bbolt reads it from memory. No call hangs, crashes the process, or
// answers success.
func TestFileEmptiedDuringACommitIsNoSuccess(t *testing.T) {
	t.Parallel()
	storetest.Watch(t, 5*time.Minute)
	path := filepath.Join(t.TempDir(), "store.db")
	s, err := bolt.Open(path, bolt.Options{})
	must(t, err)
	must(t, s.Update(t.Context(), benchTenant, nil, func(store.Reader) (directory.Change, error) {
		return directory.Change{Tenant: &directory.Tenant{ID: benchTenant, Version: 1}, Audit: make([]directory.Audit, 1)}, nil
	}))
	update := func(n int, before func()) error {
		return s.Update(t.Context(), benchTenant, nil, func(store.Reader) (directory.Change, error) {
			before()
			return benchChange(benchUser(n)), nil
		})
	}
	if err := update(1, func() { must(t, os.Truncate(path, 0)) }); err == nil {
		t.Error("a write to an emptied file succeeds")
	}
	for n := range 3 {
		if err := update(2+n, func() {}); directory.CodeOf(err) != directory.Unavailable {
			t.Errorf("a later write: %v", err)
		}
		if err := s.View(t.Context(), benchTenant, nil, func(r store.Reader) error { _, err := r.Tenant(); return err }); err == nil {
			t.Error("a read of an emptied file succeeds")
		}
		if _, err := s.Tenants(t.Context()); err == nil {
			t.Error("a list from an emptied file succeeds")
		}
	}
	if err := s.Health(); err == nil || !strings.Contains(err.Error(), "was cut short") {
		t.Errorf("Health: %v", err)
	}
	_ = s.Close() // it may fail, but it returns
}
