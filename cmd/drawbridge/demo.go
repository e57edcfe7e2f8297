package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"drawbridge/cmd/drawbridge/app"
	"drawbridge/console/client"
	"drawbridge/scim/emulator"
)

func demoCommand(t *terminal) *cobra.Command {
	var o demoOptions
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Watch two identity providers work with the real server",
		Long: `Starts the real server on a fresh store in a temporary folder, creates two companies, and lets Okta and Entra push people
and groups over HTTP while it prints what happens. It checks each step against the rules. Then it stays up for
you to look around, until Ctrl-C, and removes the folder.`,
		Example: `  drawbridge demo
  drawbridge demo --exit`,
		Args: arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error { return runDemo(cmd.Context(), t, o) },
	}
	cmd.Flags().BoolVar(&o.exit, "exit", false, "end after the last step; the status is not zero if anything differed from the rules")
	cmd.Flags().StringVar(&o.listen, "listen", "127.0.0.1:0", "address to serve on; port 0 takes a free one")
	cmd.Flags().BoolVar(&o.verbose, "log", false, "show the server's log, on standard error")
	return cmd
}

// runDemo gives the demo a folder and removes it, whether the demo completes, is interrupted by a signal, or loses the reader of its output.
func runDemo(ctx context.Context, t *terminal, o demoOptions) error {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGHUP)
	defer stop()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE) // a write then fails instead of ending the process
	out := &watched{to: t.out, failed: cancel}
	t.out = out

	data, err := os.MkdirTemp("", "drawbridge-demo-")
	if err != nil {
		return err
	}
	ended, played := playDemo(ctx, t, data, o)
	if err := os.RemoveAll(data); err != nil {
		return errors.Join(played, fmt.Errorf("the folder of the demo is left: %w", err))
	}
	switch {
	case out.err != nil:
		return &stopped{"the reader of the output has gone before the demo ended", out.err}
	case !ended && ctx.Err() != nil:
		return &stopped{"interrupted before the last step", ctx.Err()}
	case !o.exit && !t.json():
		t.say("\nStopped. Nothing is left over.")
	}
	return played
}

// stopped is the error of a demo that did not complete. It is made after the server has stopped and the folder is removed.
type stopped struct {
	why   string
	cause error
}

func (s *stopped) Error() string {
	return "the demo has stopped: " + s.why + "; its server has ended and its folder is removed, so nothing is left over"
}

func (s *stopped) Unwrap() error { return s.cause }

type demoOptions struct {
	listen        string
	exit, verbose bool
}

// playDemo starts a server on the folder data, plays the demo, and stops the server. ended reports whether everything was played.
func playDemo(ctx context.Context, t *terminal, data string, o demoOptions) (ended bool, err error) {
	cfg, err := app.Load(app.Source{Flags: map[string]string{"data": data, "listen": o.listen, "limits.scim_rate": "0", "api.enabled": "true"}})
	if err != nil {
		return ended, err
	}
	options := app.Options{Version: version, LogTo: io.Discard, Env: t.env}
	if o.verbose {
		options.LogTo = t.err
	}
	server, err := app.New(cfg, options)
	if err != nil {
		return ended, err
	}
	defer func() { err = errors.Join(err, server.Stop(context.WithoutCancel(ctx))) }()
	if err := server.Start(ctx); err != nil {
		return ended, err
	}

	d := &demo{t: t, operator: client.New(data), http: emulator.NewHTTPClient(time.Minute, nil), started: time.Now()}
	defer d.http.CloseIdleConnections() // the server's stop would wait for those that were never used
	if err := d.play(ctx, server.BaseURL()); err != nil {
		return ended, err
	}
	if err := d.overview(ctx); err != nil {
		return ended, err
	}
	d.verdict()
	ended = true
	if t.json() {
		if err := t.print(d.report, nil); err != nil {
			return ended, err
		}
	}
	if !o.exit {
		if err := d.keepServing(ctx, server, data); err != nil && !interrupted(err) { // an interruption is how one ends it
			return ended, err
		}
	}
	if d.report.Failed > 0 {
		return ended, fmt.Errorf("%d of %d checks differed from what the rules say", d.report.Failed, d.report.Failed+d.report.Passed)
	}
	return ended, nil
}

// keepServing lets people look around until ctx ends.
func (d *demo) keepServing(ctx context.Context, server *app.App, data string) (err error) {
	link, stop, err := d.consoleLink(ctx, server.BaseURL())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	d.farewell(server.BaseURL(), data, link)
	return server.Wait(ctx)
}
