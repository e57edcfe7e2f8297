package bridgetest

import (
	"os"
	"syscall"
	"testing"
)

const (
	memory       = "/dev/shm"
	memoryNeeded = 1 << 30 // bytes that must be free there: in a container it may be small
)

// folder is a temporary folder in memory, where there is enough of it, so that tests do not wait for a disk. Tests of package bolt, and those
// that kill servers, use the disk.
func folder(t testing.TB) string {
	t.Helper()
	var s syscall.Statfs_t
	if err := syscall.Statfs(memory, &s); err != nil || s.Bavail*uint64(s.Bsize) < memoryNeeded {
		return t.TempDir()
	}
	dir, err := os.MkdirTemp(memory, "drawbridge-test-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}
