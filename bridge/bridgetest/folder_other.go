//go:build !linux

package bridgetest

import "testing"

func folder(t testing.TB) string {
	t.Helper()
	return t.TempDir()
}
