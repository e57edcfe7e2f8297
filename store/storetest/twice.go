package storetest

import (
	"context"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"drawbridge/directory"
	"drawbridge/store"
)

// Twice returns a store that runs every decide twice and fails the test if the results differ: a decide must have no effect except
// its result, because a store may run it more than once. Tests of everything above the store should use it.
func Twice(t testing.TB, s store.Store) store.Store { return &twice{s, t} }

type twice struct {
	store.Store
	t testing.TB
}

// Unwrap returns the wrapped store.
func (s *twice) Unwrap() store.Store { return s.Store }

// Update runs decide twice.
func (s *twice) Update(ctx context.Context, tenant directory.TenantID, want *store.Want, decide store.Decide) error {
	return s.Store.Update(ctx, tenant, want, func(r store.Reader) (directory.Change, error) {
		first, err := decide(r)
		if err != nil {
			return first, err
		}
		second, err := decide(r)
		if err == nil && reflect.DeepEqual(first, second) { // cmp.Diff is slow for large documents
			return second, nil
		}
		if diff := cmp.Diff(first, second); diff != "" || err != nil {
			s.t.Errorf("decide has another result when it runs again: %v\n%s", err, diff)
		}
		return second, err
	})
}
