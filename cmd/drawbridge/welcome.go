package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"drawbridge/cmd/drawbridge/app"
)

// welcome leaves the link for the first Owner in its file, and tells a person at a terminal what to do next. Neither goes through the
// log, which others read.
func welcome(ctx context.Context, t *terminal, a *app.App, cfg *app.Config) error {
	link, err := a.FirstLink(ctx)
	if err != nil {
		return fmt.Errorf("the link for the first Owner: %w", err)
	}
	if !isTerminal(t.err) || recorded(t.err) {
		return nil
	}
	tenants, err := a.Tenants(ctx)
	if err != nil {
		return err
	}
	data, err := filepath.Abs(cfg.Data)
	if err != nil {
		return err
	}
	steps := nextSteps(situation{program: programName(os.Args[0]), url: a.BaseURL(), data: data, tenants: tenants, link: link.URL, config: cfg})
	fmt.Fprintf(t.err, "\n%s\n\n", strings.Join(steps, "\n"))
	return nil
}

// recorded reports whether the output of a terminal goes to the log of a container. That is true for the terminal of its first process
// (docker run --tty), but not for one that was opened later (docker exec --tty).
func recorded(end any) bool {
	if os.Getpid() == 1 || os.Getppid() == 1 {
		return true
	}
	f, ok := fileOf(end)
	if !ok {
		return false
	}
	ours, err := f.Stat()
	if err != nil {
		return false
	}
	first, err := os.Stat("/proc/1/fd/2")
	return err == nil && os.SameFile(ours, first)
}

// programName is how a person calls the program that was started as path.
func programName(path string) string {
	if strings.HasPrefix(path, "./") {
		return path
	}
	return filepath.Base(path)
}

// situation is what nextSteps goes by.
type situation struct {
	program, url, data, link string // link: for the first Owner, "" if there is none
	tenants                  int
	config                   *app.Config
}

// nextSteps are five lines for a person who has just started the server.
func nextSteps(s situation) []string {
	command := s.program
	if s.config.Data != "data" {
		command += " --data " + s.data
	}
	lines := []string{fmt.Sprintf("Drawbridge %s answers at %s and keeps everything in %s. Next, in another terminal:", version, s.url, s.data)}
	if s.tenants == 0 {
		lines = append(lines,
			"  add a company:        "+command+` tenant create acme --name "Acme Ltd" --plan business --seats 50`,
			"  connect its provider: "+command+" connection create acme-okta --tenant acme --type okta")
	} else {
		lines = append(lines,
			"  see the companies:    "+command+" tenant list",
			"  what needs attention: "+command+" alert list")
	}
	switch {
	case s.link != "":
		lines = append(lines, fmt.Sprintf("  be the first Owner:   %s operator accept '%s' --email YOU@EXAMPLE.COM --first-name YOU --last-name THERE", s.program, s.link))
	case !s.config.API.On():
		lines = append(lines, "  sign in from afar:    DRAWBRIDGE_API_ENABLED=true turns the operator API on; docs/operators.md says the rest")
	default:
		lines = append(lines, "  sign in:              "+s.program+" signin --server URL --email YOU@EXAMPLE.COM")
	}
	if s.config.TLS.On() || strings.HasPrefix(s.config.BaseURL, "https:") {
		return append(lines, "  how is it?            "+command+" status")
	}
	return append(lines, "  before the cloud:     identity providers need https: docs/operating.md has a certificate or a proxy for it")
}

func operatorFirstLink(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "first-link", Short: "Show the one-time link that makes the first Owner", Args: arguments(),
		Long: `Reads the link from the data folder of a server that runs on this machine, where only the user who runs the server may read. There
is one while there is no operator and the operator API is on the network (api.enabled or api.listen). Each start makes a new one.`,
		Example: `  drawbridge operator first-link --data /var/lib/drawbridge
  docker exec drawbridge /drawbridge operator first-link`,
		RunE: func(*cobra.Command, []string) error {
			file := app.FirstLinkPath(t.data)
			text, err := os.ReadFile(file)
			if errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("there is no link in %s: there is an operator already, no server runs, or the operator API is not on the network (api.enabled)", file)
			}
			if err != nil {
				return err
			}
			link := strings.TrimSpace(string(text))
			return t.print(map[string]string{"url": link}, func() {
				t.say("%s", link)
				t.say("Use it once: drawbridge operator accept LINK --email YOU@EXAMPLE.COM --first-name YOU --last-name THERE")
			})
		},
	}
}
