package main

import (
	"context"
	"io"
	"os"

	"github.com/spf13/cobra"

	"drawbridge/cmd/drawbridge/app"
)

// workerCommand is this program as its own child: see app.Work.
func workerCommand(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: app.WorkerCommand + " JOB FILE…", Hidden: true,
		Short:   "Check a file that may crash the process; only this program uses it",
		Example: "  drawbridge worker check backups/drawbridge-20260504T030201Z.db </dev/tty",
		Args:    arguments("JOB", "FILE", "[FILE]"),
		RunE: func(cmd *cobra.Command, args []string) error {
			go func() {
				_, _ = io.Copy(io.Discard, t.in) // ends when the parent ends, for any reason
				os.Exit(exitFailure)
			}()
			// Ctrl-C reaches this process too. Its parent decides what ends: a worker that answered that it was interrupted could be taken for one that failed.
			return app.Work(context.WithoutCancel(cmd.Context()), t.out, args[0], args[1:])
		},
	}
}
