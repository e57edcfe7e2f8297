package record_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"drawbridge/archive"
	"drawbridge/bridge/bridgetest"
	"drawbridge/directory"
	"drawbridge/store/bolt"
	"drawbridge/store/storetest"
)

// archiveChild names the store and the folder of the process that TestE6KilledProcessLosesNoLine kills, and the time there.
const archiveChild = "DRAWBRIDGE_TEST_ARCHIVE_CHILD"

// killedTenants is how many tenants have something to move: each costs two segments and two commits.
const killedTenants = 8

// onFile is a kit on a store file, at a time.
func onFile(t *testing.T, path, folder string, at time.Time) (*kit, func()) {
	t.Helper()
	db, err := bolt.Open(path, bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	k := start(t, func(c *bridgetest.Config) {
		c.Store, c.Archive = storetest.Checked(t, db), archive.New(archive.NewFolder(folder), archiveKey)
		c.Now = func() time.Time { return at }
	})
	k.Store = db
	return k, func() { k.OK(db.Close()) }
}

// TestE6ArchiveChild is the child process that TestE6KilledProcessLosesNoLine kills. Without its environment variable it does nothing.
func TestE6ArchiveChild(t *testing.T) {
	t.Parallel()
	what := strings.Split(os.Getenv(archiveChild), "|")
	if len(what) != 3 {
		return
	}
	at, err := time.Parse(time.RFC3339, what[2])
	if err != nil {
		t.Fatal(err)
	}
	k, _ := onFile(t, what[0], what[1], at)
	fmt.Println("moving")
	_, err = k.MoveAllToArchive(bg, k.Op, directory.RunApply)
	k.OK(err)
	fmt.Println("moved")
}

// A process that archives lines is killed at many instants. Afterwards every line is either in the archive or in the store, and the archive
// has no extra segment.
func TestE6KilledProcessLosesNoLine(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path, folder := filepath.Join(dir, "store.db"), filepath.Join(dir, "archive")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	began := time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)
	k, closed := onFile(t, path, folder, began)
	thirty := 30
	for i := range killedTenants {
		k.NewTenant(fmt.Sprintf("t%d", i), 0, func(o *directory.Overrides) { o.AuditDays = &thirty })
		k.NewUser(k.NewIdP(directory.TenantID(fmt.Sprintf("t%d", i)), fmt.Sprintf("t%d-okta", i)), bridgetest.Person{Name: "a@t.example"})
	}
	before := map[directory.TenantID][]directory.Audit{}
	for i := range killedTenants {
		id := directory.TenantID(fmt.Sprintf("t%d", i))
		before[id] = directory.CloneAudit(k.AuditOf(id))
	}
	closed()

	at := began.AddDate(0, 0, 31)
	kills := 0
	for delay := time.Millisecond; kills < 12; delay += 2 * time.Millisecond {
		if moveUntilKilled(t, path, folder, at, delay) {
			break
		}
		kills++
	}
	k, closed = onFile(t, path, folder, at)
	defer closed()
	_, err := k.MoveAllToArchive(bg, k.Op, directory.RunApply)
	k.OK(err)
	status, err := k.ArchiveStatus(bg, k.Op)
	k.OK(err)
	if len(status.Trails) != killedTenants+1 {
		t.Errorf("after %d kills %d trails have something in the archive", kills, len(status.Trails))
	}
	for _, trail := range status.Trails {
		name := string(trail.Tenant)
		if name == "" {
			name = "_installation"
		} else {
			(&archived{kit: k}).wholeOf(trail.Tenant, before[trail.Tenant])
		}
		found, err := filepath.Glob(filepath.Join(folder, name, "*", "*"))
		k.OK(err)
		if len(found) != trail.Audit.Segments+trail.Events.Segments {
			t.Errorf("after %d kills the store names %d and %d segments of %s, and the archive has %v", kills, trail.Audit.Segments, trail.Events.Segments, name, found)
		}
	}
	t.Logf("killed %d times", kills)
}

// moveUntilKilled runs a process that moves lines, and kills it after a delay; true: it was faster.
func moveUntilKilled(t *testing.T, path, folder string, at time.Time, delay time.Duration) bool {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestE6ArchiveChild$")
	child.Env = append(os.Environ(), archiveChild+"="+strings.Join([]string{path, folder, at.Format(time.RFC3339)}, "|"))
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	if !lines.Scan() || lines.Text() != "moving" {
		t.Fatalf("the process says %q", lines.Text())
	}
	kill := time.AfterFunc(delay, func() { _ = child.Process.Kill() })
	defer kill.Stop()
	moved := lines.Scan() && lines.Text() == "moved"
	_ = child.Wait() // it was killed, or has ended
	return moved
}
