package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/spf13/cobra"

	"drawbridge"
	"drawbridge/manual"
)

func docsCommand(t *terminal) *cobra.Command {
	var listen, write string
	cmd := &cobra.Command{
		Use:   "docs",
		Short: "Show the manual in a browser",
		Long: `Serves the manual of this version, with a search, until Ctrl-C. The manual is part of the program, so you need no network and no
running server. With --write the pages go into a folder instead, where they also work.`,
		Example: `  drawbridge docs
  drawbridge docs --listen 127.0.0.1:8000
  drawbridge docs --write manual`,
		Args: arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			site, err := manual.New(drawbridge.Documents, version)
			if err != nil {
				return err
			}
			if write != "" {
				return t.writeManual(site, write)
			}
			return t.serveManual(cmd.Context(), site, listen)
		},
	}
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:0", "address to serve on; port 0 takes a free one")
	cmd.Flags().StringVar(&write, "write", "", "write the pages into this new folder instead")
	return cmd
}

func (t *terminal) writeManual(site *manual.Site, folder string) error {
	if _, err := os.Stat(folder); !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%s is there already; name a new folder", folder)
	}
	if err := site.Write(folder); err != nil {
		return err
	}
	return t.print(map[string]any{"folder": folder, "pages": site.Pages()}, func() { t.say("%d pages in %s", site.Pages(), folder) })
}

func (t *terminal) serveManual(ctx context.Context, site *manual.Site, listen string) error {
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w; choose another address with --listen", listen, err)
	}
	server := &http.Server{Handler: site.Handler(), ReadHeaderTimeout: 10 * time.Second}
	url := "http://" + ln.Addr().String() + "/"
	if err := t.print(map[string]string{"url": url}, func() { t.say("The manual is at %s until Ctrl-C.", url) }); err != nil {
		return errors.Join(err, ln.Close())
	}
	context.AfterFunc(ctx, func() { _ = server.Close() }) // Serve returns, and says why
	if err := server.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
