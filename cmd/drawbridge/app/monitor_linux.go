package app

import (
	"os"
	"runtime"
	"syscall"
	"time"
)

// monitorPause is how long the monitor of the Go runtime sleeps at least. It would look after the other threads every 20 µs while some of them
// work, and being woken so often costs a server that waits for a database a tenth of its processor time. It has nothing to do here that is
// urgent: it ends the turn of a goroutine after 10 ms. Other timers may be late by as much, and none of ours is that exact.
const monitorPause = time.Millisecond

// startedAgain is the variable that SlowMonitor leaves for the program that it starts.
const startedAgain = "_DRAWBRIDGE_STARTED_AGAIN"

// SlowMonitor makes the monitor of the Go runtime wake less often. It starts this program again, in the same process, which calls SlowMonitor,
// too, and there it returns. If it cannot start it, it returns here, and the server only needs more processor time. Call it on the first
// thread of the process, and before anything is open.
//
// The kernel may fire a timer later by the slack of its thread. A thread has the slack of the one that started it, and keeps it when it starts
// a program. The runtime starts its monitor first of all, so the slack must be there before the program is.
func SlowMonitor() {
	if os.Getenv(startedAgain) != "" {
		_ = os.Unsetenv(startedAgain)
		return
	}
	path, err := os.Executable()
	if err != nil {
		return
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if setTimerSlack(monitorPause) {
		_ = syscall.Exec(path, os.Args, append(os.Environ(), startedAgain+"=1")) //nolint:gosec // it is this program, with its own arguments
		setTimerSlack(0)                                                         // what it was
	}
}

// setTimerSlack sets the slack of the timers of this thread; 0: what the system gives. It reports whether it could.
func setTimerSlack(d time.Duration) bool {
	_, _, failure := syscall.RawSyscall(syscall.SYS_PRCTL, syscall.PR_SET_TIMERSLACK, uintptr(d.Nanoseconds()), 0)
	return failure == 0
}
