package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"drawbridge/cmd/drawbridge/app"
	"drawbridge/console/client"
	"drawbridge/console/wire"
)

func backupCommand(t *terminal) *cobra.Command {
	var to string
	list := &cobra.Command{
		Use: "list", Short: "List the copies in backup.dir, and what is under way", Args: arguments(),
		Example: "  drawbridge backup list -o json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			b, err := t.client().Backups(cmd.Context())
			if err != nil {
				return err
			}
			return t.print(b, func() { t.backups(b) })
		},
	}
	cmd := &cobra.Command{
		Use:   "backup",
		Short: "Copy the store of the running server, and verify the copy",
		Long: `The server copies its store while it keeps working. The copy contains what was committed when it began. Another process
opens the copy and checks every page and record; the SHA-256 checksum is written beside it. Exit code 0 means that all of this
is on the disk. A failed backup leaves no partial file.

Without --to the copy goes to backup.dir of the configuration, and the oldest ones beyond backup.keep are deleted. The copy does
not contain the other files of the data folder: see docs/backup.md.`,
		Example: `  drawbridge backup
  drawbridge backup --to /mnt/usb/
  drawbridge backup --to /mnt/usb/before-the-upgrade.db`,
		Args: arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !utf8.ValidString(to) {
				return usage(cmd.CommandPath(), "--to must be UTF-8: the server would write to another name than %s", printable(to))
			}
			if to != "" {
				folder := strings.HasSuffix(to, string(filepath.Separator))
				abs, err := filepath.Abs(to) // the server has another working directory
				if err != nil {
					return err
				}
				if to = abs; folder {
					to += string(filepath.Separator)
				}
			}
			p, stop := t.progress()
			ctx, cancel := context.WithCancel(cmd.Context())
			var asking sync.WaitGroup
			asking.Go(func() { poll(ctx, t.client(), p) })
			b, err := t.client().Backup(cmd.Context(), wire.BackupCreate{To: to})
			cancel()
			asking.Wait()
			stop()
			if err != nil {
				return whenInterrupted(err, "the server stops the backup and leaves no partial file; a copy that was complete before stays")
			}
			return t.print(b, func() {
				t.details([2]string{"Backup", b.Path}, [2]string{"Size", size(b.Bytes)}, [2]string{"SHA-256", b.SHA256},
					[2]string{"Holds", "what was committed by " + moment(&b.Time)}, [2]string{"Took", fmt.Sprintf("%.1f s", b.Seconds)},
					[2]string{"Verified", contents(b.Report)})
			})
		},
	}
	cmd.Flags().StringVar(&to, "to", "", "a new file, or a folder, on the server's disk")
	cmd.AddCommand(list)
	return cmd
}

func (t *terminal) backups(b wire.Backups) {
	t.details([2]string{"Folder", b.Dir}, [2]string{"On schedule", orText(b.Every, "no (backup.every is 0s)")}, [2]string{"Kept", fmt.Sprint(b.Keep)},
		[2]string{"Last failure", b.LastFailure})
	if b.Running != nil {
		t.details([2]string{"Under way", describeProgress(*b.Running)})
	}
	rows := [][]cell{}
	for _, item := range b.Items {
		rows = append(rows, cells(moment(&item.Time), size(item.Bytes), filepath.Base(item.Path), item.SHA256))
	}
	t.say("")
	t.list([]string{"TIME", "SIZE", "FILE", "SHA-256"}, rows, "There are no copies in the folder yet: drawbridge backup")
}

// poll asks the server how far it is.
func poll(ctx context.Context, c *client.Client, hear func(wire.Progress)) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(500 * time.Millisecond):
		}
		if b, err := c.Backups(ctx); err == nil && b.Running != nil {
			hear(*b.Running)
		}
	}
}

func restoreCommand(t *terminal) *cobra.Command {
	var o app.RestoreOptions
	cmd := &cobra.Command{
		Use:   "restore FILE",
		Short: "Put a copy into an empty data folder",
		Long: `Copies FILE into the folder that --data names, which must be empty or missing. The copy is compared with the checksum
beside FILE, read back from the disk, and opened by another process that looks at every page and record; only then it becomes
the store. No server is needed. A restore that was interrupted can be repeated; no server starts on what it has left.

What was written after the backup is not in it: tokens that were revoked since then are valid again, and people who left since then are
back until the next full sync. See docs/backup.md.`,
		Example: `  drawbridge restore backups/drawbridge-20260504T030201Z.db --data /var/lib/drawbridge-new`,
		Args:    arguments("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.Sum != "" && o.NoSum {
				return usage(cmd.CommandPath(), "--sha256 and --no-checksum exclude each other")
			}
			p, stop := t.progress()
			report, err := app.Restore(cmd.Context(), args[0], t.data, o, p)
			stop()
			if err != nil {
				return whenInterrupted(err, "%s is not restored into %s; run the command again", printable(args[0]), printable(t.data))
			}
			return t.print(report, func() {
				t.findings(report)
				t.say("%s is restored into %s: %s", args[0], t.data, contents(&report))
				t.say("Start the server with: drawbridge serve --data %s", t.data)
			})
		},
	}
	cmd.Flags().StringVar(&o.Sum, "sha256", "", "the checksum that FILE must have; without it: the one in FILE.sha256")
	cmd.Flags().BoolVar(&o.NoSum, "no-checksum", false, "go without a checksum")
	cmd.Flags().BoolVar(&o.Findings, "with-faults", false, "take a copy in which something does not fit, too")
	return cmd
}

// contents says what is in a store.
func contents(r *wire.CheckReport) string {
	if r == nil {
		return ""
	}
	return fmt.Sprintf("%d tenants, %d users, %d groups with %d members, %d events, %d audit lines", r.Tenants, r.Users, r.Groups, r.Memberships, r.Events, r.AuditLines)
}

func orText(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// size writes an amount for people.
func size(n int64) string {
	units := []string{"bytes", "KiB", "MiB", "GiB", "TiB"}
	f, i := float64(n), 0
	for ; f >= 1024 && i < len(units)-1; i++ {
		f /= 1024
	}
	if i == 0 {
		return fmt.Sprintf("%d bytes", n)
	}
	return fmt.Sprintf("%.1f %s", f, units[i])
}

// progress reports long work on standard error: first after a second, then every second on a terminal and every ten seconds elsewhere.
func (t *terminal) progress() (hear func(wire.Progress), stop func()) {
	var mu sync.Mutex
	var last wire.Progress
	done := make(chan struct{})
	person := isTerminal(t.err)
	var ended sync.WaitGroup
	ended.Go(func() {
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for seconds := 1; ; seconds++ {
			select {
			case <-done:
				return
			case <-tick.C:
			}
			mu.Lock()
			p := last
			mu.Unlock()
			switch {
			case p.What == "":
			case person:
				fmt.Fprintf(t.err, "\r\x1b[K%s, %d s", describeProgress(p), seconds)
			case seconds == 1 || seconds%10 == 0:
				fmt.Fprintf(t.err, "%s, %d s\n", describeProgress(p), seconds)
			}
		}
	})
	hear = func(p wire.Progress) {
		mu.Lock()
		defer mu.Unlock()
		last = p
	}
	return hear, func() {
		close(done)
		ended.Wait()
		if person {
			fmt.Fprint(t.err, "\r\x1b[K")
		}
	}
}

func describeProgress(p wire.Progress) string {
	switch {
	case p.What == "copy" && p.Total > 0:
		return fmt.Sprintf("copying, %s of %s", size(p.Done), size(p.Total))
	case p.What == "pages":
		return fmt.Sprintf("looking at the pages of %s", size(p.Total))
	case p.What == "records" && p.Total > 0:
		return fmt.Sprintf("comparing, %s of %s", size(p.Done), size(p.Total))
	case p.What == "records":
		return fmt.Sprintf("%d records", p.Done)
	}
	return p.What
}
