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

// TestMain runs the tests, or is the worker that one of them has started from the same program.
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
	os.Exit(m.Run())
}
