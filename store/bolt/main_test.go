package bolt_test

import (
	"fmt"
	"os"
	"testing"
)

// TestMain runs the tests, or acts as a child process of a test: another process with the file, a writer that will be killed, or a reader
// of a file that may crash it.
func TestMain(m *testing.M) {
	if path := os.Getenv("BOLT_TEST_HOLD"); path != "" {
		hold(child{}, path)
		os.Exit(0)
	}
	if path := os.Getenv("BOLT_TEST_VICTIM"); path != "" {
		victim(child{}, path)
		os.Exit(0)
	}
	if path := os.Getenv("BOLT_TEST_LOOK"); path != "" {
		look(path)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// child is a testing.TB for a child process: a failure ends the process.
type child struct{ testing.TB }

func (child) Helper() {}

func (child) Fatal(args ...any) {
	fmt.Fprintln(os.Stderr, args...)
	os.Exit(1)
}

func (child) Fatalf(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
	os.Exit(1)
}
