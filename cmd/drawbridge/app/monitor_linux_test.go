package app

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// slowMonitorHere prints what each of the two programs sees.
func slowMonitorHere() {
	slack, _, _ := syscall.RawSyscall(syscall.SYS_PRCTL, syscall.PR_GET_TIMERSLACK, 0, 0)
	fmt.Println("started with", slack, os.Getpid(), os.Args[1:])
	SlowMonitor()
	fmt.Println("goes on as", os.Getpid(), os.Args[1:], os.Getenv(startedAgain) == "")
}

// The second program begins with a long slack. The process, its arguments and its variables stay the same.
func TestTheProgramIsStartedAgainWithASlowMonitor(t *testing.T) {
	t.Parallel()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), path, "serve", "an argument")
	cmd.Env = append(os.Environ(), monitorHere+"=1")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	pid := strconv.Itoa(cmd.Process.Pid)
	want := []string{"started with * " + pid + " [serve an argument]", "started with 1000000 " + pid + " [serve an argument]", "goes on as " + pid + " [serve an argument] true"}
	if len(lines) != len(want) {
		t.Fatalf("%q", lines)
	}
	for i, line := range lines {
		if i == 0 { // what this process has
			fields := strings.Fields(line)
			fields[2] = "*"
			line = strings.Join(fields, " ")
		}
		if line != want[i] {
			t.Errorf("%q, want %q", line, want[i])
		}
	}
}
