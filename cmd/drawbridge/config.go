package main

import (
	"github.com/spf13/cobra"
)

func configCommand(t *terminal) *cobra.Command {
	var flags configFlags
	check := &cobra.Command{
		Use:   "check",
		Short: "Find every mistake in the configuration",
		Long:  "Reads file, variables and flags as serve would, and reports every mistake at once. Nothing is started.",
		Example: `  drawbridge config check --config /etc/drawbridge.yaml
  DRAWBRIDGE_LIMITS_SCIM_RATE=fast drawbridge config check`,
		Args: arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := flags.load(t, cmd)
			if err != nil {
				return err
			}
			return t.print(map[string]any{"ok": true, "warnings": append([]string{}, cfg.Warnings...)}, func() {
				for _, w := range cfg.Warnings {
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
