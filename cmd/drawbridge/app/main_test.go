package app

import (
	"context"
	"fmt"
	"os"
	"syscall"
	"testing"
)

// dieHere is a variable that lets a worker end in the middle, as a damaged file can.
const dieHere = "APP_TEST_DIE"

// monitorHere is a variable that lets a copy of this program call SlowMonitor.
const monitorHere = "APP_TEST_MONITOR"

// TestMain runs the tests, or is what one of them has started from the same program: a worker, or a program that starts itself again.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == WorkerCommand {
		if os.Getenv(dieHere) != "" {
			fmt.Println(`{"finding":"page: something is odd"}`)
			fmt.Fprintln(os.Stderr, "fatal error: fault\n\ngoroutine 1 [running]:")
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		}
		if err := Work(context.Background(), os.Stdout, os.Args[2], os.Args[3:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if os.Getenv(monitorHere) != "" {
		slowMonitorHere()
		os.Exit(0)
	}
	os.Exit(m.Run())
}
