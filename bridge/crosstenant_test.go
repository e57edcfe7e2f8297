package bridge_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"drawbridge/bridge"
	"drawbridge/bridge/bridgetest"
	"drawbridge/directory"
	"drawbridge/store"
)

// viewCounter counts the Views of a store.
type viewCounter struct {
	store.Store
	views *atomic.Int64
}

func (c viewCounter) View(ctx context.Context, tenant directory.TenantID, want *store.Want, fn func(store.Reader) error) error {
	c.views.Add(1)
	return c.Store.View(ctx, tenant, want, fn)
}

// A query about all tenants does not open each of them.
func TestQueriesAboutAllTenantsOpenNone(t *testing.T) {
	t.Parallel()
	var views atomic.Int64
	p := &bridgetest.Postman{}
	k := start(t, bridgetest.Posted(p), func(c *bridgetest.Config) { c.Store = viewCounter{c.Store, &views} })
	const tenants = 20
	for i := range tenants {
		tenant := k.NewTenant(fmt.Sprintf("t%02d", i), 0)
		okta := k.NewIdP(tenant, fmt.Sprintf("okta-%02d", i))
		k.OK(k.JoinBuiltIn(bg, k.Op, tenant, directory.Owners, k.NewUser(okta, bridgetest.Person{Name: "ann"}).User.ID)) // an alert
	}
	k.OK(k.Notify(bg))
	for name, ask := range map[string]func() (int, error){
		"the alerts of all tenants": func() (int, error) {
			all, err := k.Alerts(bg, k.Op, directory.Provider, bridge.RecentAlerts)
			return len(all), err
		},
		"the list of tenants": func() (int, error) {
			all, err := k.Tenants(bg, k.Op)
			return len(all), err
		},
		"notices when nothing has happened": func() (int, error) { return tenants, k.Notify(bg) },
	} {
		before := views.Load()
		n, err := ask()
		if opened := views.Load() - before; err != nil || n != tenants || opened > 2 {
			t.Errorf("%s: %d answers for %d tenants with %d Views, %v", name, n, tenants, opened, err)
		}
	}
}
