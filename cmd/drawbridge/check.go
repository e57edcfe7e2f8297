package main

import (
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"drawbridge/cmd/drawbridge/app"
	"drawbridge/console/client"
	"drawbridge/console/wire"
)

// errFaults ends a check that found faults, after they were printed.
type errFaults struct {
	file string
	n    int
}

func (e *errFaults) Error() string {
	return fmt.Sprintf("%s has %d faults; see docs/backup.md for what to do about them", e.file, e.n)
}

func checkCommand(t *terminal) *cobra.Command {
	repair := false
	cmd := &cobra.Command{
		Use:   "check [FILE]",
		Short: "Check every page and record of a store or a backup",
		Long: `Checks the pages, every record and its checksum, indexes, counts and memberships against the records, and the numbers of audit
lines and events. Prints a sentence for each fault. Another process reads the file, so an unreadable file gives a sentence too.
Nothing is changed.

Without FILE: the store of the data folder. If a server runs on it, the server checks a copy, and no request waits.

--repair, without a running server, rebuilds what is derived from the records: indexes, counts, and the reverse entries of
memberships. It never repairs a record: only a backup brings back a damaged or lost one. The old file stays beside the new one.

Exit code 0: nothing was found, or all of it was repaired. 1: there are faults.`,
		Example: `  drawbridge check
  drawbridge check backups/drawbridge-20260504T030201Z.db
  drawbridge check --repair --data /var/lib/drawbridge`,
		Args: arguments("[FILE]"),
		RunE: func(cmd *cobra.Command, args []string) error {
			file := app.StorePath(t.data)
			if len(args) > 0 {
				file = args[0]
				if _, err := os.Stat(file); err != nil {
					return err
				}
			}
			p, stop := t.progress()
			if repair {
				out, err := app.Repair(cmd.Context(), file, time.Now(), p)
				stop()
				return t.repaired(out, whenInterrupted(err, "nothing was repaired, and %s is as it was", printable(file)))
			}
			var report wire.CheckReport
			var err error
			online := false
			if len(args) == 0 {
				report, err = t.client().Check(cmd.Context())
				online = !client.NoServer(err)
			}
			if !online {
				report, err = app.CheckFile(cmd.Context(), file, p)
			}
			stop()
			if err != nil {
				return whenInterrupted(err, "the check is not complete; it changes nothing")
			}
			return t.checked(report)
		},
	}
	cmd.Flags().BoolVar(&repair, "repair", false, "rebuild what is derived from the records")
	return cmd
}

// checked prints what a check has found.
func (t *terminal) checked(r wire.CheckReport) error {
	if err := t.print(r, func() {
		t.findings(r)
		for _, c := range r.Collisions {
			t.say("%s", printable(c))
		}
		if r.OK {
			t.say("%s is well: %s; %s, %d of %d pages free", r.File, contents(&r), size(r.Bytes), r.FreePages, r.Pages)
		}
	}); err != nil {
		return err
	}
	if !r.OK {
		return &errFaults{r.File, len(r.Findings)}
	}
	return nil
}

func (t *terminal) findings(r wire.CheckReport) {
	for _, f := range r.Findings {
		t.say("%s", printable(f))
	}
}

func (t *terminal) repaired(out app.Repaired, err error) error {
	if err != nil {
		if len(out.Before.Findings) > 0 && !t.json() {
			t.findings(out.Before)
		}
		return err
	}
	if err := t.print(out, func() {
		switch {
		case len(out.Before.Findings) == 0:
			t.say("%s is well; nothing was done", out.Before.File)
			return
		case out.Kept == "":
			t.say("Nothing of this is derived from records, so nothing was done:")
			t.findings(out.After)
			return
		}
		t.say("Found:")
		t.findings(out.Before)
		t.say("The derived data was rebuilt; the old file is %s", out.Kept)
		if len(out.After.Findings) > 0 {
			t.say("Left, since it is a matter of records:")
			t.findings(out.After)
		}
	}); err != nil {
		return err
	}
	if n := len(out.After.Findings); n > 0 {
		return &errFaults{out.After.File, n}
	}
	return nil
}

func compactCommand(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use:   "compact",
		Short: "Return free space of the store to the disk",
		Long: `A store file never shrinks by itself; it reuses free space. compact writes a new file without the free space, checks every page
and record of it, compares both files key by key, and then replaces the old file. The server must be stopped, and the disk needs
room for both files.`,
		Example: `  drawbridge compact --data /var/lib/drawbridge`,
		Args:    arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, stop := t.progress()
			file := app.StorePath(t.data)
			out, err := app.Compact(cmd.Context(), file, p)
			stop()
			if err != nil {
				return whenInterrupted(err, "%s is as it was, with its free space", printable(file))
			}
			return t.print(out, func() {
				t.say("%s had %s and has %s now", out.File, size(out.Before), size(out.After))
			})
		},
	}
}

func trimCommand(t *terminal) *cobra.Command {
	dry := false
	cmd := &cobra.Command{
		Use:   "trim [TENANT]",
		Short: "Delete old events and tombstones now",
		Long: `Forgets events that are older than event_days, the oldest first and never the last one (rule E2), and reduces what is left
of deleted people to the id and the times when tombstone_days are over (rule D6). The running server does this by itself once
a day. Without TENANT: all tenants and the installation itself.`,
		Example: "  drawbridge trim --dry-run\n  drawbridge trim acme",
		Args:    arguments("[TENANT]"),
		RunE: func(cmd *cobra.Command, args []string) error {
			var page wire.Page[wire.Trimmed]
			var err error
			if len(args) == 0 {
				page, err = t.client().TrimAll(cmd.Context(), client.DryRun(dry))
			} else {
				page.Items = make([]wire.Trimmed, 1)
				page.Items[0], err = t.client().Trim(cmd.Context(), args[0], client.DryRun(dry))
			}
			if err != nil {
				return err
			}
			return t.print(page, func() {
				rows := [][]cell{}
				for _, item := range page.Items {
					rows = append(rows, cells(orText(item.Tenant, "(installation)"), fmt.Sprint(item.Events), fmt.Sprint(item.Tombstones)))
				}
				t.list([]string{"TENANT", "EVENTS", "TOMBSTONES"}, rows, "There is nothing to trim.")
			})
		},
	}
	cmd.Flags().BoolVar(&dry, "dry-run", false, "only say what would be taken away")
	return cmd
}
