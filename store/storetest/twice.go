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
// its result, because a store may run it more than once. It runs the function of a View with a Want again, too. Tests of everything above
// the store should use it.
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

// View runs fn twice if there is a Want. The first run ends at a list, because fn does not run again after a list has yielded a record.
func (s *twice) View(ctx context.Context, tenant directory.TenantID, want *store.Want, fn func(store.Reader) error) error {
	return s.Store.View(ctx, tenant, want, func(r store.Reader) error {
		if want != nil {
			_ = fn(beforeLists{r}) // its error is that of a list, or the second run returns it, too
		}
		return fn(r)
	})
}

// beforeLists is a Reader whose lists fail before they yield anything.
type beforeLists struct{ store.Reader }

var errAgain = &directory.Error{Code: directory.Unavailable, Message: "the function of this View runs again"}

func (beforeLists) Users(directory.Query, func(*directory.User, []directory.GroupRef) error) (directory.Page, error) {
	return directory.Page{}, errAgain
}

func (beforeLists) Groups(directory.Query, func(*directory.Group, []directory.Member) error) (directory.Page, error) {
	return directory.Page{}, errAgain
}

func (beforeLists) Resources(directory.Kind, directory.Query, func(*directory.Resource) error) (directory.Page, error) {
	return directory.Page{}, errAgain
}

func (beforeLists) Members(directory.ID, directory.ID, func(directory.Membership) error) error {
	return errAgain
}

func (beforeLists) KVs(directory.KVKind, string, string, func(directory.KV) error) error {
	return errAgain
}
