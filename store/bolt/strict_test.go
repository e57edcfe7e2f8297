package bolt_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"drawbridge/directory"
	"drawbridge/store"
	"drawbridge/store/bolt"
	"drawbridge/store/storetest"
)

// recorder is a test that only notes its errors.
type recorder struct {
	testing.TB
	errors []string
}

func (r *recorder) Errorf(format string, args ...any) {
	r.errors = append(r.errors, fmt.Sprintf(format, args...))
}

// TestCheckedStoreFindsWrongCallers breaks each rule that storetest.Checked watches.
func TestCheckedStoreFindsWrongCallers(t *testing.T) {
	t.Parallel()
	db, err := bolt.Open(filepath.Join(t.TempDir(), "store.db"), bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	found := &recorder{TB: t}
	s := storetest.Checked(found, db)
	user := directory.User{ID: directory.ID{15: 1}, Version: 1, UserName: "ann", Document: directory.Document(`{}`)}
	create := func(store.Reader) (directory.Change, error) {
		return directory.Change{Tenant: &directory.Tenant{ID: "acme", Version: 1}, Users: []directory.User{user}, Audit: []directory.Audit{{Action: directory.ActionUserCreate}}}, nil
	}
	if err := s.Update(t.Context(), "acme", nil, create); err != nil || len(found.errors) > 0 {
		t.Fatalf("a good caller: %v, %q", err, found.errors)
	}
	inYield := func(r store.Reader, do func()) error {
		_, err := r.Users(directory.Query{Count: 1}, func(*directory.User, []directory.GroupRef) error { do(); return nil })
		return err
	}
	var late store.Reader
	runs := 0
	for _, test := range []struct {
		says string
		do   func() error
	}{
		{"Reader.Usage is called inside the yield of Reader.Users", func() error {
			return s.View(t.Context(), "acme", nil, func(r store.Reader) error { return inYield(r, func() { _, _ = r.Usage() }) })
		}},
		{"Reader.Usage is called after the View or Update has ended", func() error {
			err := s.View(t.Context(), "acme", nil, func(r store.Reader) error { late = r; return nil })
			_, _ = late.Usage()
			return err
		}},
		{"Store.Tenants is called inside Store.View", func() error {
			return s.View(t.Context(), "acme", nil, func(store.Reader) error { _, err := s.Tenants(t.Context()); return err })
		}},
		{"Store.Claimed is called inside Store.Update", func() error {
			return s.Update(t.Context(), "acme", nil, func(store.Reader) (directory.Change, error) {
				_, _ = s.Claimed(t.Context(), "k")
				return directory.Change{}, nil
			})
		}},
		{"Store.View is called inside Store.Summaries", func() error {
			return s.Summaries(t.Context(), nil, func(sum *store.Summary) error {
				return s.View(t.Context(), sum.Tenant.ID, nil, func(store.Reader) error { return nil })
			})
		}},
		{`directory.Actions does not list "user.dance"`, func() error {
			return s.Update(t.Context(), "acme", nil, func(store.Reader) (directory.Change, error) {
				return directory.Change{Audit: []directory.Audit{{Action: "user.dance"}}}, nil
			})
		}},
		{"decide has another result when it runs again", func() error {
			return s.Update(t.Context(), "acme", nil, func(store.Reader) (directory.Change, error) {
				runs++
				return directory.Change{Audit: []directory.Audit{{Action: directory.Action(fmt.Sprint(runs))}}}, nil
			})
		}},
	} {
		found.errors = nil
		if err := test.do(); err != nil {
			t.Errorf("%s: %v", test.says, err)
		}
		if text := strings.Join(found.errors, "\n"); !strings.Contains(text, test.says) {
			t.Errorf("%s: it reports %q", test.says, text)
		}
	}
	found.errors = nil
	if _, err := s.Tenants(t.Context()); err != nil || len(found.errors) > 0 {
		t.Errorf("afterwards a good caller: %v, %q", err, found.errors)
	}
}
