package app

import (
	"io/fs"
	"path"
	"runtime/debug"
	"strconv"
	"strings"
)

// garbagePercent is how much garbage may collect beside the live heap before it is collected, in percent. The live heap is small, some
// megabytes beside the pages of the store, and requests make much garbage. Collecting at 100 percent, the default of the runtime, costs a
// fifth of all the time (docs/engineering/benchmarks.md). The memory limit of the runtime bounds it.
const garbagePercent = 400

// restMemory is what the process may use besides the memory of its requests: the program, its caches, and garbage.
const restMemory = 96 << 20

// memoryPlan is how much memory the process may take.
type memoryPlan struct {
	container int64 // the limit of the container; 0: there is none
	requests  int64 // what requests may claim together
	runtime   int64 // the limit that the garbage collector keeps to
}

// planMemory divides the memory. In a container, requests get at most a quarter of it, and the runtime nine tenths. The rest is for memory
// that the runtime does not count, such as the pages of the store.
func planMemory(configured, container int64) memoryPlan {
	p := memoryPlan{container: container, requests: configured, runtime: configured + restMemory}
	if container > 0 {
		p.requests = min(p.requests, container/4)
		p.runtime = min(p.requests+restMemory, container/10*9)
	}
	return p
}

// apply configures the runtime. A GOGC or GOMEMLIMIT in the environment has precedence.
func (p memoryPlan) apply(env []string) {
	if !has(env, "GOGC") {
		debug.SetGCPercent(garbagePercent)
	}
	if !has(env, "GOMEMLIMIT") {
		debug.SetMemoryLimit(p.runtime)
	}
}

func has(env []string, name string) bool {
	for _, line := range env {
		if strings.HasPrefix(line, name+"=") {
			return true
		}
	}
	return false
}

// containerMemory is the memory limit of the control group that the process is in, 0 if there is none. root is the root of the file system.
// A limit of a parent group counts too. Inside a container the parents cannot be seen, and the container's own group may be at the root, so
// the root is always read.
func containerMemory(root fs.FS) int64 {
	text, err := fs.ReadFile(root, "proc/self/cgroup")
	if err != nil {
		text = nil // other systems have none, and a container may hide it
	}
	places := []string{"sys/fs/cgroup/memory.max", "sys/fs/cgroup/memory/memory.limit_in_bytes"}
	for line := range strings.Lines(string(text)) { // 0::/version/two, or 4:memory:/version/one
		_, rest, _ := strings.Cut(strings.TrimSpace(line), ":")
		controllers, group, _ := strings.Cut(rest, ":")
		base, file := "sys/fs/cgroup", "memory.max"
		if controllers != "" {
			if !strings.Contains(","+controllers+",", ",memory,") {
				continue
			}
			base, file = "sys/fs/cgroup/memory", "memory.limit_in_bytes"
		}
		for group = path.Clean("/" + group); group != "/"; group = path.Dir(group) {
			places = append(places, base+group+"/"+file)
		}
	}
	least := int64(0)
	for _, place := range places {
		text, err := fs.ReadFile(root, place)
		if err != nil {
			continue
		}
		if n := memoryLimit(string(text)); n > 0 && (least == 0 || n < least) {
			least = n
		}
	}
	return least
}

// memoryLimit reads a limit, 0 for none: version two writes "max" then, and version one a number that no machine has.
func memoryLimit(text string) int64 {
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	if err != nil || n <= 0 || n >= 1<<60 {
		return 0
	}
	return n
}
