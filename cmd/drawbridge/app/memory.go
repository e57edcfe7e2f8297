package app

import (
	"io/fs"
	"path"
	"runtime/debug"
	"strconv"
	"strings"
)

// garbagePercent is how much garbage may gather beside what is alive before it is collected, in percent. What is alive is little, some
// megabytes beside the pages of the store, and what requests leave behind is much: collecting at 100 percent, as the runtime does by
// itself, costs a fifth of all the time (docs/engineering/benchmarks.md). The memory limit of the runtime keeps it within bounds.
const garbagePercent = 400

// restMemory is what the process may take beside what its requests claim: the program, what it keeps ready, and garbage.
const restMemory = 96 << 20

// memoryPlan is how much memory the process may take.
type memoryPlan struct {
	container int64 // the limit of the container; 0: there is none
	requests  int64 // what requests may claim together
	runtime   int64 // the limit that the garbage collector keeps to
}

// planMemory divides the memory. In a container requests get a quarter of it at most, and the runtime nine tenths: the rest is for what
// the runtime does not count, such as the pages of the store.
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

// containerMemory is the memory limit of the control group that the process is in, 0 if there is none. root is the root of the file
// system. A limit of any group above counts too. Inside a container the groups above cannot be seen, and the own group may be
// at the root of all groups, so that place is always read.
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
