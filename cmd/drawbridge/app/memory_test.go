package app

import (
	"testing"
	"testing/fstest"
)

func TestMemoryLimitOfTheContainerIsRead(t *testing.T) {
	t.Parallel()
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	for name, tt := range map[string]struct {
		files fstest.MapFS
		want  int64
	}{
		"no control groups": {fstest.MapFS{}, 0},
		"version 2, no limit": {fstest.MapFS{
			"proc/self/cgroup": file("0::/\n"), "sys/fs/cgroup/memory.max": file("max\n"),
		}, 0},
		"version 2, in a container": {fstest.MapFS{
			"proc/self/cgroup": file("0::/\n"), "sys/fs/cgroup/memory.max": file("536870912\n"),
		}, 512 << 20},
		"version 2, in a unit of systemd whose slice has less": {fstest.MapFS{
			"proc/self/cgroup": file("0::/system.slice/drawbridge.service\n"),
			"sys/fs/cgroup/system.slice/drawbridge.service/memory.max":  file("1073741824\n"),
			"sys/fs/cgroup/system.slice/memory.max":                     file("536870912\n"),
			"sys/fs/cgroup/other.slice/memory.max":                      file("1048576\n"),
			"sys/fs/cgroup/system.slice/drawbridge.service/memory.high": file("1\n"),
		}, 512 << 20},
		"version 1, in a container": {fstest.MapFS{
			"proc/self/cgroup": file("12:cpu,cpuacct:/docker/abc\n4:memory:/docker/abc\n1:name=systemd:/docker/abc\n"),
			// The container sees its own group at the root.
			"sys/fs/cgroup/memory/memory.limit_in_bytes": file("268435456\n"),
		}, 256 << 20},
		"version 1, on the host": {fstest.MapFS{
			"proc/self/cgroup": file("4:memory:/docker/abc\n"),
			"sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes": file("268435456\n"),
			"sys/fs/cgroup/memory/memory.limit_in_bytes":            file("9223372036854771712\n"),
		}, 256 << 20},
		"both versions at once": {fstest.MapFS{
			"proc/self/cgroup": file("4:memory:/a\n0::/a\n"),
			"sys/fs/cgroup/memory/a/memory.limit_in_bytes": file("268435456\n"),
		}, 256 << 20},
		"nonsense": {fstest.MapFS{
			"proc/self/cgroup": file("memory\n::\n0::/../../etc\n"), "sys/fs/cgroup/memory.max": file("-1\n"),
		}, 0},
	} {
		if got := containerMemory(tt.files); got != tt.want {
			t.Errorf("%s: %d, want %d", name, got, tt.want)
		}
	}
}

func TestMemoryIsDivided(t *testing.T) {
	t.Parallel()
	const mib = 1 << 20
	for _, tt := range []struct{ configured, container, requests, runtime int64 }{
		{128 * mib, 0, 128 * mib, 224 * mib},
		{128 * mib, 2048 * mib, 128 * mib, 224 * mib},
		{128 * mib, 512 * mib, 128 * mib, 224 * mib},
		{128 * mib, 200 * mib, 50 * mib, 146 * mib},
		{128 * mib, 100 * mib, 25 * mib, 90 * mib},
		{1024 * mib, 0, 1024 * mib, 1120 * mib},
	} {
		p := planMemory(tt.configured, tt.container)
		if p.requests != tt.requests || p.runtime > tt.runtime || p.runtime < tt.runtime-mib {
			t.Errorf("%d in a container of %d: %+v", tt.configured/mib, tt.container/mib, p)
		}
	}
}
