package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"drawbridge/cmd/drawbridge/app"
	"drawbridge/console/client"
	"drawbridge/scim/emulator"
)

func demoCommand(t *terminal) *cobra.Command {
	var exit, verbose bool
	var listen string
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Watch two identity providers work with the real server",
		Long: `Starts the real server on a fresh store in a temporary folder, creates two companies, and lets Okta and Entra push people
and groups over HTTP while it prints what happens. What the rules say about each step is checked. Then it stays up for
you to look around, until Ctrl-C; nothing is left behind.`,
		Example: `  drawbridge demo
  drawbridge demo --exit`,
		Args: arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error { return runDemo(cmd.Context(), t, listen, exit, verbose) },
	}
	cmd.Flags().BoolVar(&exit, "exit", false, "end after the last step; the status is not zero if anything differed from the rules")
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:0", "address to serve on; port 0 takes a free one")
	cmd.Flags().BoolVar(&verbose, "log", false, "show the server's log, on standard error")
	return cmd
}

// runDemo sets the stage, plays, and clears up.
func runDemo(ctx context.Context, t *terminal, listen string, exit, verbose bool) (err error) {
	data, err := os.MkdirTemp("", "drawbridge-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(data)) }()
	cfg, err := app.Load(app.Source{Flags: map[string]string{"data": data, "listen": listen, "limits.scim_rate": "0", "api.enabled": "true"}})
	if err != nil {
		return err
	}
	options := app.Options{Version: version, LogTo: io.Discard}
	if verbose {
		options.LogTo = t.err
	}
	server, err := app.New(cfg, options)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Stop(context.WithoutCancel(ctx))) }()
	if err := server.Start(ctx); err != nil {
		return err
	}

	d := &demo{t: t, operator: client.New(data), http: emulator.NewHTTPClient(time.Minute, nil), started: time.Now()}
	defer d.http.CloseIdleConnections() // the server's stop would wait for those that were never used
	if err := d.play(ctx, server.BaseURL()); err != nil {
		return err
	}
	if err := d.overview(ctx); err != nil {
		return err
	}
	d.verdict()
	if t.json() {
		if err := t.print(d.report, nil); err != nil {
			return err
		}
	}
	if !exit {
		link, stop, err := d.consoleLink(ctx, server.BaseURL())
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, stop()) }()
		d.farewell(server.BaseURL(), data, link)
		if err := server.Wait(ctx); err != nil {
			return err
		}
		d.say("")
		d.say("Stopped. Nothing is left behind.")
	}
	if d.report.Failed > 0 {
		return fmt.Errorf("%d of %d checks differed from what the rules say", d.report.Failed, d.report.Failed+d.report.Passed)
	}
	return nil
}
