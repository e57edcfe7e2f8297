package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	repository "drawbridge"
	"drawbridge/cmd/drawbridge/app"
	"drawbridge/console/client"
	"drawbridge/console/wire"
)

func configCommand(t *terminal) *cobra.Command {
	var flags configFlags
	var connect bool
	check := &cobra.Command{
		Use:   "check",
		Short: "Find every mistake in the configuration",
		Long: `Reads file, variables and flags as serve would, and reports every mistake at once. Then it tries what the configuration needs, as
the user who calls it: it writes into the folders, listens on the addresses and reads the certificate. With --connect it also asks the
database, the mail server, the archive in a bucket, the certificate authority and the OpenID provider. It starts no server, sends no mail and leaves no files.

If a server runs on the data folder, the command also compares the plans of its tenants. A plan that a tenant has and this configuration
lacks is a warning, because nothing could be written for that tenant after a restart.`,
		Example: `  drawbridge config check --config /etc/drawbridge.yaml
  drawbridge config check --config /etc/drawbridge.yaml --connect
  DRAWBRIDGE_LIMITS_SCIM_RATE=fast drawbridge config check`,
		Args: arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := flags.load(t, cmd)
			var findings app.Findings
			if errors.As(err, &findings) && t.json() {
				return errors.Join(err, t.print(map[string]any{"ok": false, "mistakes": []string(findings), "warnings": []string{}, "tried": []string{}}, nil))
			}
			if err != nil {
				return err
			}
			try := cfg.Try
			if connect {
				try = cfg.TryServers
			}
			trial := try(cmd.Context(), time.Now)
			trial.Warnings = append(append(append([]string{}, cfg.Warnings...), trial.Warnings...), t.planWarnings(cmd.Context(), cfg)...)
			if err = nil; len(trial.Mistakes) > 0 {
				err = trial.Mistakes
			}
			out := map[string]any{"ok": err == nil, "mistakes": trial.Mistakes, "warnings": trial.Warnings, "tried": trial.Tried}
			return errors.Join(err, t.print(out, func() {
				for _, line := range trial.Tried {
					t.say("tried: %s", line)
				}
				for _, w := range trial.Warnings {
					t.say("warning: %s", w)
				}
				if err == nil {
					t.say("the configuration is good")
				}
			}))
		},
	}
	flags.register(t, check)
	check.Flags().BoolVar(&connect, "connect", false, "also connect to the database, the mail server, the certificate authority and the OpenID provider")

	var printFlags configFlags
	show := &cobra.Command{
		Use:     "print",
		Short:   "Show the effective configuration",
		Long:    "Prints every setting with the value that serve would use, as a file that serve reads. Secrets are hidden.",
		Example: `  drawbridge config print --config /etc/drawbridge.yaml`,
		Args:    arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := printFlags.load(t, cmd)
			if err != nil {
				return err
			}
			return t.print(cfg.Values(), func() { t.say("%s", string(cfg.YAML())) })
		},
	}
	printFlags.register(t, show)
	return parent("config", "Make, check and show the configuration", "", configInit(t), check, show, configRunning(t))
}

func configRunning(t *terminal) *cobra.Command {
	var changed bool
	cmd := &cobra.Command{
		Use: "running", Short: "Show the configuration of the running server", Args: arguments(),
		Long:    "Asks the server for the settings with which it was started. Secrets are hidden. A file that was changed since holds after a restart.",
		Example: "  drawbridge config running\n  drawbridge config running --changed",
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := t.client().Configuration(cmd.Context())
			if err != nil {
				return err
			}
			if changed {
				p.Items = slices.DeleteFunc(p.Items, func(s wire.ConfigurationSetting) bool { return !s.Set })
			}
			return t.print(p.Items, func() {
				rows := [][]cell{}
				for _, s := range p.Items {
					rows = append(rows, cells(s.Name, printable(s.Value), map[bool]string{true: "changed", false: "default"}[s.Set]))
				}
				t.list([]string{"SETTING", "VALUE", ""}, rows, "Every setting has its default.")
			})
		},
	}
	cmd.Flags().BoolVar(&changed, "changed", false, "only settings that differ from their default")
	return cmd
}

// planWarnings names the tenants of the running server, if one runs on the data folder of cfg, whose plan cfg does not have.
func (t *terminal) planWarnings(ctx context.Context, cfg *app.Config) []string {
	all, err := pages(0, func(cursor string, limit int) ([]wire.Tenant, string, error) {
		p, err := client.New(cfg.Data).Tenants(ctx, client.List{Cursor: cursor, Limit: limit})
		return p.Items, p.Next, err
	})
	if err != nil {
		return nil // there is no server, or it may not be asked: a check does not need it
	}
	var has, out []string
	for _, p := range cfg.DirectoryPlans() {
		has = append(has, p.Name)
	}
	for i := range all {
		if !slices.Contains(has, all[i].Plan) {
			out = append(out, fmt.Sprintf("tenant %s has the plan %q, which this configuration does not have: nothing could be written there", all[i].Slug, all[i].Plan))
		}
	}
	return out
}

func configInit(t *terminal) *cobra.Command {
	var production bool
	cmd := &cobra.Command{
		Use: "init [FILE]", Short: "Write a first configuration file", Args: arguments("[FILE]"),
		Long: `Writes every setting with its default and its meaning; you may remove any of them. With --production it writes only what differs on a
server behind a reverse proxy, for you to fill in. FILE is drawbridge.yaml by default; - is standard output. An existing file
is never overwritten.`,
		Example: "  drawbridge config init\n  drawbridge config init /etc/drawbridge/drawbridge.yaml --production",
		RunE: func(cmd *cobra.Command, args []string) error {
			text := app.Example()
			if production {
				var err error
				if text, err = repository.Documents.ReadFile("configs/production.yaml"); err != nil {
					return err
				}
			}
			file := cmp.Or(optional(args), "drawbridge.yaml")
			if file == "-" {
				_, err := t.out.Write(text)
				return err
			}
			f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o640) //nolint:gosec // the group of the server reads it
			if errors.Is(err, os.ErrExist) {
				return usage(cmd.CommandPath(), "%s is there already, and is left as it is", printable(file))
			}
			if err != nil {
				return fileError(err)
			}
			_, err = f.Write(text)
			if err = errors.Join(err, f.Close()); err != nil {
				return errors.Join(fmt.Errorf("%s is not whole: %w", printable(file), err), os.Remove(file))
			}
			return t.print(map[string]string{"file": file}, func() {
				t.say("Wrote %s. Next: drawbridge config check --config %s", printable(file), printable(file))
			})
		},
	}
	cmd.Flags().BoolVar(&production, "production", false, "for a server behind a reverse proxy: base URL, metrics, backups")
	return cmd
}
