package record_test

import (
	"crypto/rand"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"drawbridge/archive"
	"drawbridge/bridge/bridgetest"
	"drawbridge/directory"
)

// diskChild says that the process has mounts of its own.
const diskChild = "DRAWBRIDGE_TEST_ARCHIVE_DISK"

// disk is a small file system that a test fills and makes read-only.
type disk struct{ t *testing.T }

func (d disk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

// fill leaves room for so many bytes on the file system of a folder.
func (d disk) fill(folder string, left int64) {
	d.t.Helper()
	name := filepath.Join(folder, "fill")
	f, err := os.Create(name)
	d.must(err)
	size := int64(0)
	for piece := make([]byte, 64<<10); len(piece) > 0; {
		n, err := f.Write(piece)
		size += int64(n)
		if err != nil {
			piece = piece[:len(piece)/2]
		}
	}
	d.must(f.Close())
	d.must(os.Truncate(name, max(size-left, 0)))
}

// A real disk is full, almost full, or read-only. The errors name cause and path, the store keeps every
// line, writes go on, and the next run after the repair completes the work.
func TestE6ArchiveOnABadDisk(t *testing.T) {
	t.Parallel()
	if os.Getenv(diskChild) == "" {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestE6ArchiveOnABadDisk$", "-test.v")
		cmd.Env = append(os.Environ(), diskChild+"=1")
		cmd.SysProcAttr = &syscall.SysProcAttr{
			Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
			UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
			GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
		}
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	for what, c := range map[string]struct {
		harm func(d disk, folder string) (undo func())
		want string
	}{
		"full": {func(d disk, folder string) func() {
			d.fill(folder, 0)
			return func() { d.must(os.Remove(filepath.Join(folder, "fill"))) }
		}, "it is full"},
		"almost full": {func(d disk, folder string) func() {
			d.fill(folder, 4<<10) // enough for a small file, not for a segment
			return func() { d.must(os.Remove(filepath.Join(folder, "fill"))) }
		}, "it is full"},
		"read-only": {func(d disk, folder string) func() {
			d.must(syscall.Mount("none", folder, "tmpfs", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""))
			return func() { d.must(syscall.Mount("none", folder, "tmpfs", syscall.MS_REMOUNT, "")) }
		}, "it is read-only"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			testBadDisk(t, c.harm, c.want)
		})
	}
}

func testBadDisk(t *testing.T, harm func(disk, string) func(), want string) {
	t.Helper()
	folder, d := t.TempDir(), disk{t}
	d.must(syscall.Mount("none", folder, "tmpfs", 0, "size=1m"))
	t.Cleanup(func() { _ = syscall.Unmount(folder, syscall.MNT_DETACH) })
	place := archive.NewFolder(folder)
	k := start(t, func(c *bridgetest.Config) { c.Archive = archive.New(place, archiveKey) })
	thirty := 30
	acme := k.NewTenant("acme", 0, func(o *directory.Overrides) { o.AuditDays = &thirty })
	okta := k.NewIdP(acme, "acme-okta")
	for range 60 { // a segment of more than 4 KiB
		k.NewUser(okta, bridgetest.Person{Name: strings.ToLower(rand.Text()) + "@acme.example"})
	}
	k.Clock.Advance(31 * bridgetest.Day)
	k.NewUser(okta, bridgetest.Person{Name: "now@acme.example"})
	a := &archived{kit: k, folder: folder}
	before, events := a.inStore()

	undo := harm(d, folder)
	_, err := k.MoveToArchive(bg, k.Op, "acme", directory.RunApply)
	if directory.CodeOf(err) != directory.Unavailable || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), folder) {
		t.Errorf("the job says %v", err)
	}
	if err := k.CheckArchive(bg); directory.CodeOf(err) != directory.Unavailable || !strings.Contains(err.Error(), want) {
		t.Errorf("the check says %v", err)
	}
	status, err := k.ArchiveStatus(bg, k.Op)
	if err != nil || !strings.Contains(status.Error, want) || !strings.Contains(status.Error, folder) {
		t.Errorf("the status says %q, %v", status.Error, err)
	}
	if now, left := a.inStore(); len(now) != len(before) || len(left) != len(events) {
		t.Errorf("the store had %d lines and %d events, and has %d and %d", len(before), len(events), len(now), len(left))
	}
	k.NewUser(okta, bridgetest.Person{Name: "meanwhile@acme.example"})
	if found := a.segments(); len(found) > 0 {
		t.Errorf("there is %v", found)
	}

	undo()
	k.OK(k.CheckArchive(bg))
	moved, err := k.MoveToArchive(bg, k.Op, "acme", directory.RunApply)
	if err != nil || moved.Lines < 60 || moved.Events < 60 {
		t.Errorf("after the repair %+v moved, %v", moved, err)
	}
	a.whole(before)
	if err := syscall.Unmount(folder, 0); errors.Is(err, syscall.EBUSY) {
		t.Error("a file is still open")
	}
}
