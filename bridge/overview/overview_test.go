package overview_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"drawbridge/bridge"
	"drawbridge/bridge/bridgetest"
	"drawbridge/directory"
)

// A query about all tenants does not open each of them.
func TestQueriesAboutAllTenantsOpenNone(t *testing.T) {
	t.Parallel()
	var views atomic.Int64
	p := &bridgetest.Postman{}
	k := bridgetest.Start(t, bridgetest.Posted(p), bridgetest.CountViews(&views))
	const tenants = 20
	for i := range tenants {
		tenant := k.NewTenant(fmt.Sprintf("t%02d", i), 0)
		okta := k.NewIdP(tenant, fmt.Sprintf("okta-%02d", i))
		k.OK(k.JoinBuiltIn(t.Context(), k.Op, tenant, directory.Owners, k.NewUser(okta, bridgetest.Person{Name: "ann"}).User.ID)) // an alert
	}
	k.OK(k.Notify(t.Context()))
	for name, ask := range map[string]func() (int, error){
		"the alerts of all tenants": func() (int, error) {
			all, err := k.All.Alerts(t.Context(), k.Op, bridge.RecentAlerts)
			return len(all), err
		},
		"the list of tenants": func() (int, error) {
			all, err := k.All.Tenants(t.Context(), k.Op)
			return len(all), err
		},
		"notices when nothing has happened": func() (int, error) { return tenants, k.Notify(t.Context()) },
	} {
		before := views.Load()
		n, err := ask()
		if opened := views.Load() - before; err != nil || n != tenants || opened > 2 {
			t.Errorf("%s: %d answers for %d tenants with %d Views, %v", name, n, tenants, opened, err)
		}
	}
}
