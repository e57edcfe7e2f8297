package storetest

import (
	"context"
	"testing"

	"drawbridge/directory"
	"drawbridge/store"
)

// listed fails the test of a caller that writes an audit line with an action that directory.Actions does not list.
type listed struct {
	store.Store
	t testing.TB
}

// Unwrap returns the wrapped store.
func (s *listed) Unwrap() store.Store { return s.Store }

// Update looks at the actions of the Change.
func (s *listed) Update(ctx context.Context, tenant directory.TenantID, want *store.Want, decide store.Decide) error {
	return s.Store.Update(ctx, tenant, want, s.decide(decide))
}

// Erase looks at the actions of the Change.
func (s *listed) Erase(ctx context.Context, tenant directory.TenantID, decide store.Decide) error {
	return s.Store.Erase(ctx, tenant, s.decide(decide))
}

func (s *listed) decide(decide store.Decide) store.Decide {
	return func(r store.Reader) (directory.Change, error) {
		c, err := decide(r)
		for i := range c.Audit {
			if action := c.Audit[i].Action; !action.Known() {
				s.t.Errorf("directory.Actions does not list %q, the action of an audit line", action)
			}
		}
		return c, err
	}
}
