package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"drawbridge/cmd/drawbridge/app"
)

// configFlags are the flags of commands that read the configuration.
type configFlags struct{ file, listen string }

func (f *configFlags) register(t *terminal, cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.file, "config", t.getenv(app.FileEnv, ""), "configuration file, also "+app.FileEnv)
	cmd.Flags().StringVar(&f.listen, "listen", "", "address to serve on, also DRAWBRIDGE_LISTEN (default 127.0.0.1:8080)")
}

// load reads the configuration.
func (f *configFlags) load(t *terminal, cmd *cobra.Command) (*app.Config, error) {
	return app.Load(f.source(t, cmd))
}

// source is file, then variables, then the flags that were given.
func (f *configFlags) source(t *terminal, cmd *cobra.Command) app.Source {
	flags := map[string]string{}
	if cmd.Flags().Changed("data") {
		flags["data"] = t.data
	}
	if cmd.Flags().Changed("listen") {
		flags["listen"] = f.listen
	}
	return app.Source{File: f.file, Env: t.env, Flags: flags}
}

func serveCommand(t *terminal) *cobra.Command {
	var flags configFlags
	var consoleDir string
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the server",
		Long: `Runs the server until it is told to stop (Ctrl-C, SIGTERM). It needs no configuration: everything is kept in ./data,
and SCIM is served over plain HTTP on 127.0.0.1:8080, beside /livez, /readyz and /metrics. On an address that others reach,
/metrics is answered only as metrics.listen or metrics.token says.

A stop answers the requests that are under way and closes the store; a second signal ends the process at once. Identity
providers need HTTPS: see tls in configs/drawbridge.example.yaml, or put a reverse proxy in front.

On a terminal it says what to do next. While there is no operator and the operator API is on the network, a one-time link for the
first Owner is in the file first-owner.link of the data folder: "drawbridge operator first-link" shows it.`,
		Example: `  drawbridge serve
  drawbridge serve --listen 0.0.0.0:8080 --data /var/lib/drawbridge
  drawbridge serve --config /etc/drawbridge.yaml`,
		Args: arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			// Before the configuration is read, because a secret in it may be a pipe.
			if cmd.Context().Err() == nil && app.NamesDatabase(flags.source(t, cmd)) {
				app.SlowMonitor()
			}
			cfg, err := flags.load(t, cmd)
			if err != nil {
				return err
			}
			return serve(cmd.Context(), t, cfg, consoleDir)
		},
	}
	flags.register(t, cmd)
	cmd.Flags().StringVar(&consoleDir, "console-dir", "", "folder console/ui of a checkout: its files are served instead of those in the program, and read again with each page")
	_ = cmd.Flags().MarkHidden("console-dir") // the flag exists
	return cmd
}

func serve(ctx context.Context, t *terminal, cfg *app.Config, consoleDir string) error {
	options := app.Options{Version: version, Commit: commit, LogTo: t.err, Out: t.out, Env: t.env}
	if cfg.Audit.Stdout {
		signal.Ignore(syscall.SIGPIPE) // a reader of the audit lines that ends does not end the server
	}
	if consoleDir != "" {
		options.Console = os.DirFS(consoleDir)
	}
	a, err := app.New(cfg, options)
	if err != nil {
		return err
	}
	err = a.Start(ctx)
	if err == nil {
		err = welcome(ctx, t, a, cfg)
		if ctx.Err() != nil {
			err = nil // the server was stopped meanwhile, which is not a failure
		}
	}
	if err == nil {
		err = a.Wait(ctx)
	}
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) { // it was stopped while it started
		err = nil
	}
	// ctx has ended; the stop has a time of its own.
	return errors.Join(err, a.Stop(context.WithoutCancel(ctx)))
}
