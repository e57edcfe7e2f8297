package bridge_test

import (
	"context"
	"testing"

	"drawbridge/bridge/bridgetest"
	"drawbridge/directory"
)

// kit is a bridgetest.Kit with what the tests of this package add.
type kit struct{ *bridgetest.Kit }

func start(t testing.TB, changes ...func(*bridgetest.Config)) *kit {
	t.Helper()
	return &kit{bridgetest.Start(t, changes...)}
}

var bg = context.Background()

// toStarter pauses the only connection of a tenant and puts the tenant on a plan without SCIM (B5).
func (k *kit) toStarter(tenant directory.TenantID, connection directory.ConnectionID) {
	k.T.Helper()
	_, err := k.EditConnection(bg, k.Op, connection, directory.Precondition{}, func(c directory.Connection) (directory.Connection, error) { c.Paused = true; return c, nil })
	k.OK(err)
	_, err = k.EditTenant(bg, k.Op, tenant, directory.Precondition{}, func(t directory.Tenant) (directory.Tenant, error) { t.Plan = "starter"; return t, nil })
	k.OK(err)
}

// revoke ends a credential.
func (k *kit) revoke(connection directory.ConnectionID, token directory.TokenID) {
	k.T.Helper()
	_, err := k.RevokeToken(bg, k.Op, connection, token)
	k.OK(err)
}
