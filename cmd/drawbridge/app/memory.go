package app

import (
	"os"
	"runtime/debug"
	"strconv"
	"strings"
)

// limitMemory tells the runtime how much memory the container has, so that it collects garbage harder before it is killed.
// A GOMEMLIMIT that somebody set stays. It gives the limit, 0 if there is none.
func limitMemory(env []string, file string) int64 {
	for _, line := range env {
		if strings.HasPrefix(line, "GOMEMLIMIT=") {
			return 0
		}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return 0
	}
	limit, ok := memoryLimit(string(text))
	if ok {
		debug.SetMemoryLimit(limit)
	}
	return limit
}

// garbagePercent is how much garbage may gather beside what is alive before it is collected, in percent. What is alive is
// small, some megabytes beside the pages of the store, and what a request leaves behind is not: collecting at 100 percent,
// as the runtime does by itself, costs a fifth of all the time (docs/performance.md). limitMemory keeps it in bounds.
const garbagePercent = 400

// collectLess lets more garbage gather. A GOGC that somebody set stays.
func collectLess(env []string) {
	for _, line := range env {
		if strings.HasPrefix(line, "GOGC=") {
			return
		}
	}
	debug.SetGCPercent(garbagePercent)
}

// cgroupMemory is where a container sees its own limit.
const cgroupMemory = "/sys/fs/cgroup/memory.max"

// memoryLimit is nine tenths of what the kernel allows: the rest is for what the runtime does not count, such as the
// pages of the store.
func memoryLimit(text string) (int64, bool) {
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64) // "max": no limit
	if err != nil || n <= 0 || n >= 1<<60 {
		return 0, false
	}
	return n / 10 * 9, true
}
