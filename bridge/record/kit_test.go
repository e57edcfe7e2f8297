package record_test

import (
	"context"
	"testing"

	"drawbridge/bridge/bridgetest"
)

// kit is a bridgetest.Kit with what the tests of this package add.
type kit struct{ *bridgetest.Kit }

func start(t testing.TB, changes ...func(*bridgetest.Config)) *kit {
	t.Helper()
	return &kit{bridgetest.Start(t, changes...)}
}

var bg = context.Background()
