package e2e

import (
	"bytes"
	"encoding/json"
	"strings"
	"syscall"
	"testing"
)

// TestDemoSucceeds runs the demo as a new user does, and with its output for programs.
func TestDemoSucceeds(t *testing.T) {
	t.Parallel()
	out, err := command(t, "demo", "--exit").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{"4 of 4 seats in use", "rule D2", "✓", "TENANT", "as the rules say"} {
		if !bytes.Contains(out, []byte(want)) {
			t.Errorf("the demo does not say %q:\n%s", want, out)
		}
	}
	if bytes.Contains(out, []byte("\x1b[")) {
		t.Error("colours are for terminals")
	}
	out, err = command(t, "demo", "--exit", "-o", "json").Output()
	var report struct {
		Passed, Failed int
		Tenants        []struct{ Slug string }
	}
	if err != nil || json.Unmarshal(out, &report) != nil || report.Failed != 0 || report.Passed < 50 || len(report.Tenants) != 2 {
		t.Errorf("%v\n%s", err, out)
	}
}

// Without --exit the demo runs until it is stopped, prints its addresses, and exits with 0.
func TestDemoRunsUntilItIsStopped(t *testing.T) {
	t.Parallel()
	cmd := command(t, "demo")
	out := &lockedBuffer{}
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the farewell", func() bool { return strings.Contains(out.String(), "Ctrl-C ends it") })
	if !strings.Contains(out.String(), "/metrics") {
		t.Errorf("no word of /metrics:\n%s", out)
	}
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
