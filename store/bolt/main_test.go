package bolt_test

import (
	"fmt"
	"os"
	"testing"
)

// TestMain runs the tests, or plays the part of a child process that one of them has started: another holder of the file,
// a writer that is going to be killed, or one who looks at a file that may kill him.
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

// child stands for testing.TB where there is no test: a failure ends the process.
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
