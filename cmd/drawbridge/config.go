package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"drawbridge/cmd/drawbridge/app"
	"drawbridge/console/client"
	"drawbridge/console/wire"
)

func configCommand(t *terminal) *cobra.Command {
	var flags configFlags
	check := &cobra.Command{
		Use:   "check",
		Short: "Find every mistake in the configuration",
		Long: `Reads file, variables and flags as serve would, and reports every mistake at once. Nothing is started. Where a server runs on the
data folder, its tenants are asked for too: a plan that one of them has and that this configuration has not is a warning, since
nothing could be written there after a restart.`,
		Example: `  drawbridge config check --config /etc/drawbridge.yaml
  DRAWBRIDGE_LIMITS_SCIM_RATE=fast drawbridge config check`,
		Args: arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := flags.load(t, cmd)
			var findings app.Findings
			if errors.As(err, &findings) && t.json() {
				return errors.Join(err, t.print(map[string]any{"ok": false, "mistakes": []string(findings), "warnings": []string{}}, nil))
			}
			if err != nil {
				return err
			}
			warnings := append(append([]string{}, cfg.Warnings...), t.planWarnings(cmd.Context(), cfg)...)
			return t.print(map[string]any{"ok": true, "mistakes": []string{}, "warnings": warnings}, func() {
				for _, w := range warnings {
					t.say("warning: %s", w)
				}
				t.say("the configuration is good")
			})
		},
	}
	flags.register(t, check)

	var printFlags configFlags
	show := &cobra.Command{
		Use:     "print",
		Short:   "Show the configuration that holds in the end",
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
	return parent("config", "Check and show the configuration", "", check, show)
}

// planWarnings names the tenants of the running server, if one runs on the data folder of cfg, whose plan cfg does not have.
func (t *terminal) planWarnings(ctx context.Context, cfg *app.Config) []string {
	all, err := pages(0, func(cursor string, limit int) ([]wire.Tenant, string, error) {
		p, err := client.New(cfg.Data).Tenants(ctx, client.List{Cursor: cursor, Limit: limit})
		return p.Items, p.Next, err
	})
	if err != nil {
		return nil // no server, or one that is not ours to ask: a check needs none
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
