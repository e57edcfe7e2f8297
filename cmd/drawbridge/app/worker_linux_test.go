package app

import (
	"syscall"
	"testing"
)

// A worker that is stopped reports nothing about its file. A worker that fails reports damage.
func TestStoppedWorkerReportsNoDamage(t *testing.T) {
	t.Parallel()
	for status, want := range map[syscall.WaitStatus]bool{
		syscall.WaitStatus(syscall.SIGINT):  true,
		syscall.WaitStatus(syscall.SIGTERM): true,
		syscall.WaitStatus(syscall.SIGHUP):  true,
		syscall.WaitStatus(syscall.SIGKILL): false, // a damaged file may make it take all memory
		syscall.WaitStatus(syscall.SIGSEGV): false,
		syscall.WaitStatus(syscall.SIGBUS):  false,
		2 << 8:                              false, // exit code 2: a panic
		0:                                   false,
	} {
		if got := stopped(status); got != want {
			t.Errorf("status %#x: stopped %v, want %v", uint32(status), got, want)
		}
	}
}
