package journal_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"drawbridge/directory"
	"drawbridge/store/journal"
)

// TestKilledKeepIsCompleted kills the process after each file that the job journal removes, the oldest first. The next process continues,
// and the result is that of a run without a kill.
func TestKilledKeepIsCompleted(t *testing.T) {
	t.Parallel()
	made := func() *fixture {
		d := open(t, journal.Options{})
		for i := range 6 {
			for _, tenant := range []directory.TenantID{"acme", "birch"} {
				d.note(tenant, fmt.Sprint(i))
				d.expect(tenant, directory.JournalQuery{Limit: 1}, fmt.Sprint(i))
			}
			d.now = d.now.AddDate(0, 0, 2)
		}
		d.now = start.AddDate(0, 0, 35)
		return d
	}
	state := func(d *fixture) string {
		names := slices.Concat(d.files("acme"), d.files("birch"))
		for i := range names {
			names[i] = filepath.Base(names[i])
		}
		return fmt.Sprint(names, d.requests("acme", directory.JournalQuery{}), d.requests("birch", directory.JournalQuery{}))
	}
	whole := made()
	before := len(whole.files("acme")) + len(whole.files("birch"))
	whole.keep(30, 64<<20, "acme", "birch")
	want := state(whole)
	gone := before - len(whole.files("acme")) - len(whole.files("birch"))
	if gone < 4 {
		t.Fatalf("%d of %d files were removed, which proves nothing", gone, before)
	}
	for killed := range gone + 1 {
		d := made()
		if err := d.Close(context.Background()); err != nil {
			t.Fatal(err)
		}
		old := slices.Concat(d.files("acme")[:gone/2], d.files("birch")[:gone/2])
		for _, name := range old[:killed] {
			if err := os.Remove(name); err != nil {
				t.Fatal(err)
			}
		}
		d.open(journal.Options{}) // another process, whose job runs
		if got := state(d); got != want {
			t.Errorf("killed after %d files: %s, want %s", killed, got, want)
		}
	}
}
