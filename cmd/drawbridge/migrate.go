package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"drawbridge/cmd/drawbridge/app"
)

// errNoDatabase is the error of database commands if there is no database.
var errNoDatabase = errors.New("store.url is not set: the store is a file in the data folder, which has no schema to migrate")

func migrateCommand(t *terminal) *cobra.Command {
	return parent("migrate", "Bring the schema of the database up to date",
		`Brings the schema of the PostgreSQL database in store.url up to date. Servers of the old and of the new release can run
at the same time: a step that removes what old servers need comes one release later. Use a URL of the database itself, not of a
pooler.`,
		migrateUpCommand(t), migrateStatusCommand(t))
}

func migrateUpCommand(t *terminal) *cobra.Command {
	var flags configFlags
	cmd := &cobra.Command{
		Use:     "up",
		Short:   "Run the missing steps",
		Example: `  DRAWBRIDGE_STORE_URL=postgres://drawbridge@db.example.com/drawbridge drawbridge migrate up`,
		Args:    arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := flags.load(t, cmd)
			if err != nil {
				return err
			}
			if !cfg.Store.Shared() {
				return errNoDatabase
			}
			taken, err := app.Migrate(cmd.Context(), cfg)
			for _, name := range taken {
				fmt.Fprintln(t.out, "done:", name)
			}
			if err == nil && len(taken) == 0 {
				fmt.Fprintln(t.out, "nothing to do: the schema is up to date")
			}
			return whenInterrupted(err, "%d steps are done and the others are not; run the command again", len(taken))
		},
	}
	flags.register(t, cmd)
	return cmd
}

func migrateStatusCommand(t *terminal) *cobra.Command {
	var flags configFlags
	cmd := &cobra.Command{
		Use:     "status",
		Short:   "Show the state of the schema, and the missing steps",
		Example: `  drawbridge migrate status --config /etc/drawbridge.yaml`,
		Args:    arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := flags.load(t, cmd)
			if err != nil {
				return err
			}
			if !cfg.Store.Shared() {
				return errNoDatabase
			}
			status, err := app.Migration(cmd.Context(), cfg)
			if err != nil {
				return err
			}
			err = t.print(status, func() {
				t.say("schema %d; programs that know step %d can use it; this one knows step %d", status.Version, status.MinReader, status.Known)
				for _, name := range status.Pending {
					t.say("missing: %s", name)
				}
			})
			if err != nil {
				return err
			}
			if text := status.Problem(); text != "" {
				return errors.New(text)
			}
			return nil
		},
	}
	flags.register(t, cmd)
	return cmd
}
