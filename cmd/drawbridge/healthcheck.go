package main

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"drawbridge/cmd/drawbridge/app"
	"drawbridge/console/client"
)

func healthcheckCommand(t *terminal) *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "healthcheck",
		Short: "Ask the running server whether it is ready",
		Long: `Asks the server on the data folder, through its socket, and exits with 0 if it is ready, else with 1. Addresses and certificates
do not matter, and no other server on the machine can answer instead. Made for containers, which have no curl.

The data folder comes from --data, DRAWBRIDGE_DATA or the configuration file; the rest of the configuration is not read.`,
		Example: `  drawbridge healthcheck
  drawbridge healthcheck --data /var/lib/drawbridge`,
		Args: arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			data, err := dataFolder(t, file)
			if err != nil {
				return err
			}
			ctx, cancel := context.WithTimeout(cmd.Context(), 4*time.Second)
			defer cancel()
			if err := client.New(data).Ready(ctx); err != nil {
				return errors.New("not ready: " + err.Error()) // without its code, because a health check knows only 0 and 1
			}
			return t.print(map[string]bool{"ready": true}, func() { t.say("ready") })
		},
	}
	cmd.Flags().StringVar(&file, "config", t.getenv(app.FileEnv, ""), "configuration file that names the data folder, also "+app.FileEnv)
	return cmd
}

// dataFolder is the data folder as serve would choose it.
func dataFolder(t *terminal, file string) (string, error) {
	flags := map[string]string{}
	if t.dataGiven {
		flags["data"] = t.data
	}
	return app.DataFolder(app.Source{File: file, Env: t.env, Flags: flags})
}
