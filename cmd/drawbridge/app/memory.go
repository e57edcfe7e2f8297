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
