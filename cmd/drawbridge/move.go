package main

import (
	"github.com/spf13/cobra"

	"drawbridge/cmd/drawbridge/app"
)

// movedTenant is what move prints of a tenant.
type movedTenant struct {
	Tenant string         `json:"tenant"`
	Copied bool           `json:"copied"`
	Counts map[string]int `json:"counts"`
}

func moveCommand(t *terminal) *cobra.Command {
	var flags configFlags
	var to string
	cmd := &cobra.Command{
		Use:   "move",
		Short: "Move the installation between a store file and a PostgreSQL database",
		Long: `Copies everything from the store of this configuration into another one: from the store file into the database at a URL, or from
the database in store.url into an empty folder. Stop all servers first. Each tenant is read back and compared, and its audit trail is
verified on both sides. A move that was interrupted continues when the command is run again.

The source stays unchanged. Start servers on the new store only: two stores that both continue cannot be joined. The request
journal is not moved.`,
		Example: `  drawbridge move --data /var/lib/drawbridge --to postgres://drawbridge@db.example.com/drawbridge
  DRAWBRIDGE_STORE_URL=postgres://drawbridge@db.example.com/drawbridge drawbridge move --to /var/lib/drawbridge-file`,
		Args: arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if to == "" {
				return usage(cmd.CommandPath(), "--to is missing: the URL of a database, or a folder")
			}
			cfg, err := flags.load(t, cmd)
			if err != nil {
				return err
			}
			all, err := app.Move(cmd.Context(), cfg, to, func(done app.Moved) {
				if !t.json() {
					t.say("%s", done)
				}
			})
			if err != nil {
				return whenInterrupted(err, "the source is as it was, and the destination is not complete; run the command again to continue")
			}
			list := []movedTenant{}
			for _, one := range all {
				list = append(list, movedTenant{Tenant: string(one.Tenant), Copied: one.Copied, Counts: one.Counts})
			}
			return t.print(list, func() {
				t.say("done: both stores hold the same. Start servers on the new one only.")
			})
		},
	}
	flags.register(t, cmd)
	cmd.Flags().StringVar(&to, "to", "", "the URL of a PostgreSQL database, or an empty folder")
	return cmd
}
