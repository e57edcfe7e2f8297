package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// rootCommand lists the sub-commands.
func rootCommand(t *terminal) *cobra.Command {
	root := &cobra.Command{
		Use:   "drawbridge",
		Short: "A SCIM 2.0 provisioning bridge for many tenants",
		Long: `Drawbridge lets identity providers (Okta, Microsoft Entra ID and others) push users and groups over SCIM 2.0 into
tenants, under rules for seats and lifecycles.

A server keeps everything in one folder, ./data unless --data or DRAWBRIDGE_DATA says otherwise. The other commands
find the server by that folder, through a socket that only the user who runs the server may open: they act as the local
Owner there. After "drawbridge signin" they act as you, on the server that you signed in to; with an API key in
DRAWBRIDGE_API_KEY, as the operator to whom the key belongs. --server and --data name another server.

Exit codes: 0 done, 1 failure, 2 wrong arguments or configuration, 3 not found, 4 conflict, 5 refused by a rule,
6 changed meanwhile, 7 not allowed, 8 no server or try again later, 9 too many requests, 10 too large, 11 not supported, 12 no longer kept,
130 interrupted.`,
		Example: `  drawbridge serve
  drawbridge tenant create acme --name "Acme Ltd" --plan business --seats 50
  drawbridge connection create acme-okta --tenant acme --type okta
  drawbridge user list acme
  drawbridge seats acme`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          noCommand,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		Version:       version,
	}
	root.SetVersionTemplate(versionText() + "\n")
	root.PersistentFlags().StringVar(&t.data, "data", t.getenv("DRAWBRIDGE_DATA", "data"), "folder of the server, also DRAWBRIDGE_DATA")
	root.PersistentFlags().StringVar(&t.server, "server", t.getenv("DRAWBRIDGE_SERVER", ""), "URL of a server over the network, also DRAWBRIDGE_SERVER; sign in there first, or set DRAWBRIDGE_API_KEY")
	root.PersistentFlags().StringVar(&t.repeat, "idempotency-key", "", "a name for this create: if you repeat the command within a day, the server does it only once")
	root.PersistentFlags().StringVarP(&t.output, "output", "o", "table", "how to print: table, json, yaml, csv, name, or jsonpath=EXPRESSION")
	root.PersistentFlags().StringSliceVar(&t.columns, "columns", nil, "show only these columns, in this order")
	root.PersistentFlags().BoolVar(&t.noHeaders, "no-headers", false, "print tables without column names")
	root.PersistentFlags().BoolVar(&t.wide, "wide", false, "show all columns in full, whatever the width of the terminal")
	root.PersistentFlags().StringVar(&t.caFile, "ca-file", t.getenv("DRAWBRIDGE_CA_FILE", ""), "file with more certificate authorities for --server, also DRAWBRIDGE_CA_FILE")
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error {
		if err := missingFlags(cmd); err != nil {
			return err
		}
		if err := t.understand(t.output); err != nil {
			return err
		}
		if err := t.connect(cmd); err != nil {
			return err
		}
		t.running = true
		return nil
	}
	root.SetFlagErrorFunc(flagError)
	root.AddGroup(
		&cobra.Group{ID: "server", Title: "The server:"},
		&cobra.Group{ID: "companies", Title: "Companies and their identity providers:"},
		&cobra.Group{ID: "people", Title: "People:"},
		&cobra.Group{ID: "money", Title: "Seats and money:"},
		&cobra.Group{ID: "record", Title: "What happened, and what should be looked at:"},
		&cobra.Group{ID: "operate", Title: "Operators and the clock:"},
		&cobra.Group{ID: "you", Title: "You:"},
		&cobra.Group{ID: "data", Title: "Keeping the data:"},
	)
	add := func(group string, commands ...*cobra.Command) {
		for _, c := range commands {
			c.GroupID = group
			root.AddCommand(c)
		}
	}
	add("server", serveCommand(t), demoCommand(t), doctorCommand(t), configCommand(t), healthcheckCommand(t), statusCommand(t), docsCommand(t), ruleCommand(t), versionCommand(t))
	add("data", migrateCommand(t), moveCommand(t), backupCommand(t), restoreCommand(t), checkCommand(t), compactCommand(t), trimCommand(t))
	root.AddCommand(workerCommand(t), manCommand(t, root))
	add("you", signInCommand(t), signOutCommand(t), whoamiCommand(t), accountCommand(t))
	add("companies", tenantCommand(t), bundleCommand(t), connectionCommand(t), tokenCommand(t), schemaCommand(t), appKeyCommand(t), webhookCommand(t), channelCommand(t), targetCommand(t), googleProjectCommand(t))
	add("people", userCommand(t), groupCommand(t), deletionCommand(t), deletionsCommand(t), brakeCommand(t), observeCommand(t), transferCommand(t))
	add("money", seatsCommand(t), idleCommand(t), usageCommand(t), snapshotsCommand(t), ledgerCommand(t))
	add("record", inboxCommand(t), alertCommand(t), eventsCommand(t), auditCommand(t), journalCommand(t))
	add("operate", operatorCommand(t), subscriptionCommand(t), providerCommand(t), mailCommand(t), jobCommand(t))
	root.SetHelpCommandGroupID("server")
	root.SetCompletionCommandGroupID("server")
	root.SetOut(t.out) // before cobra makes the completion command, which keeps it
	root.InitDefaultCompletionCmd()
	root.InitDefaultHelpCmd()
	refuseOthers(root)
	return root
}

// refuseOthers makes the commands of cobra refuse unknown words, as the others do.
func refuseOthers(root *cobra.Command) {
	for _, c := range root.Commands() {
		switch c.Name() {
		case "completion":
			c.Short, c.Args = "Print a completion script for your shell", noCommand
			c.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
		case "help":
			c.Short = "Show the help of a command"
			help := c.Run
			c.Run, c.RunE = nil, func(cmd *cobra.Command, args []string) error {
				if at, rest, err := root.Find(args); err != nil || len(rest) > 0 && at.HasSubCommands() {
					return &usageError{command: at.CommandPath(), err: noCommand(at, rest)}
				}
				help(cmd, args)
				return nil
			}
		}
	}
}

// parent is a command that only groups others.
func parent(use, short, long string, commands ...*cobra.Command) *cobra.Command {
	c := &cobra.Command{
		Use: use, Short: short, Long: long,
		Args: noCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.AddCommand(commands...)
	return c
}

// arguments requires exactly the named arguments; those in [brackets] at the end are optional.
func arguments(names ...string) cobra.PositionalArgs {
	needed := slices.IndexFunc(names, func(n string) bool { return strings.HasPrefix(n, "[") })
	if needed < 0 {
		needed = len(names)
	}
	return func(_ *cobra.Command, args []string) error {
		if len(args) < needed {
			return missingNames(names[len(args):needed])
		}
		if len(args) > len(names) {
			return fmt.Errorf("%q is one argument too many; put quotes around a name with spaces", args[len(names)])
		}
		return nil
	}
}
