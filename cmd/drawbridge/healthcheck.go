package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"drawbridge/console/client"
)

func healthcheckCommand(t *terminal) *cobra.Command {
	var flags configFlags
	cmd := &cobra.Command{
		Use:   "healthcheck",
		Short: "Ask the running server whether it is ready",
		Long: `Asks /readyz of the server that the configuration describes and exits with 0 if it is ready, else with 1. Made for
containers, which have no curl.`,
		Example: `  drawbridge healthcheck
  drawbridge healthcheck --listen 127.0.0.1:9000`,
		Args: arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := flags.load(t, cmd)
			if err != nil {
				return err
			}
			ctx, cancel := context.WithTimeout(cmd.Context(), 4*time.Second)
			defer cancel()
			if url := cfg.HealthURL(); url != "" {
				err = askReady(ctx, url)
			} else {
				err = askSocket(ctx, cfg.Data)
			}
			if err != nil {
				return fmt.Errorf("not ready: %w", notUnavailable(err))
			}
			return t.print(map[string]bool{"ready": true}, func() { t.say("ready") })
		},
	}
	flags.register(t, cmd)
	return cmd
}

// notUnavailable hides the code of an error: a health check knows 0 and 1 only.
func notUnavailable(err error) error { return fmt.Errorf("%s", err.Error()) }

func askReady(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	// The certificate is for the public name, and this asks the same machine.
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}} //nolint:gosec // see above
	res, err := (&http.Client{Transport: transport}).Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode == http.StatusOK {
		return nil
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, 4096))
	if err != nil {
		return err
	}
	return fmt.Errorf("%s answers %s: %s", url, res.Status, strings.TrimSpace(string(body)))
}

// askSocket asks a server whose port was free to choose.
func askSocket(ctx context.Context, data string) error {
	status, err := client.New(data).Status(ctx)
	if err != nil {
		return err
	}
	if !status.Ready {
		for _, p := range status.Parts {
			if !p.Ready {
				return fmt.Errorf("%s: %s", p.Name, p.Message)
			}
		}
		return fmt.Errorf("the server is stopping")
	}
	return nil
}
