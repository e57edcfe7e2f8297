package main

import (
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"drawbridge/console/client"
	"drawbridge/console/wire"
)

func googleProjectCommand(t *terminal) *cobra.Command {
	return parent("google-project", "Keys of Google that connections of several tenants use", `A Google project is the key of a service account that belongs to the installation. It is attached to tenants, whose connections of type
google-directory read their directories with it. The key is sealed and never shown. docs/google.md says how.`,
		projectCreate(t), projectList(t), projectShow(t), projectRotate(t), projectShare(t), previewable(t, projectDetach(t)), previewable(t, projectDelete(t)))
}

// keyFileFlag is where the key of a service account is read from.
const keyFileFlag = "the JSON file with the key of the service account, as Google Cloud console made it; - is standard input"

// longestKeyFile is more than the server takes, so that a file that is too long is refused there.
const longestKeyFile = 1 << 20

// keyFile reads the key of a service account.
func (t *terminal) keyFile(command, file string) (string, error) {
	switch file {
	case "":
		return "", usage(command, "--key-file is missing: the JSON file that Google Cloud console > IAM & Admin > Service Accounts > Keys made")
	case "-":
		text, err := io.ReadAll(io.LimitReader(t.in, longestKeyFile))
		return string(text), err
	}
	text, err := os.ReadFile(file)
	return string(text), err
}

func projectCreate(t *terminal) *cobra.Command {
	var in wire.GoogleProjectCreate
	var file string
	cmd := &cobra.Command{
		Use: "create NAME", Short: "Add a Google project", Args: arguments("NAME"),
		Long:    "Delete the file afterwards. The client ID that is printed is entered in the Google Admin console of each company, under domain-wide delegation.",
		Example: "  drawbridge google-project create shared --key-file key.json --tenants acme,birch",
		RunE: func(cmd *cobra.Command, args []string) error {
			in.Name = args[0]
			var err error
			if in.Credentials, err = t.keyFile(cmd.CommandPath(), file); err != nil {
				return err
			}
			made, err := t.client().CreateGoogleProject(cmd.Context(), in)
			if err != nil {
				return err
			}
			return t.print(made, func() {
				t.googleProject(&made)
				t.say("")
				t.say("Use it: drawbridge connection create SLUG --tenant TENANT --type google-directory --google-project %s --google-admin ADDRESS", made.Name)
			})
		},
	}
	cmd.Flags().StringVar(&file, "key-file", "", keyFileFlag)
	cmd.Flags().StringSliceVar(&in.Tenants, "tenants", nil, "the tenants whose connections may use it")
	return cmd
}

func (t *terminal) googleProject(g *wire.GoogleProject) {
	t.details([2]string{"Name", g.Name}, [2]string{"Account", g.Account}, [2]string{"Client ID", orDash(g.ClientID)}, [2]string{"Key", orDash(g.KeyID)},
		[2]string{"Key given", moment(&g.KeyCreated)})
	t.say("")
	rows := [][]cell{}
	for i := range g.Tenants {
		s := &g.Tenants[i]
		rows = append(rows, cells(s.Tenant, moment(&s.Attached), orDash(strings.Join(s.Connections, ", "))))
	}
	t.list([]string{"TENANT", "ATTACHED", "CONNECTIONS"}, rows, "It is attached to no tenant: drawbridge google-project share "+g.Name+" --tenant TENANT")
}

func projectTenants(g *wire.GoogleProject) (tenants, connections []string) {
	for i := range g.Tenants {
		tenants = append(tenants, g.Tenants[i].Tenant)
		connections = append(connections, g.Tenants[i].Connections...)
	}
	return tenants, connections
}

func projectList(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List Google projects", Args: arguments(),
		Example: "  drawbridge google-project list",
		RunE: func(cmd *cobra.Command, _ []string) error {
			items, err := pages(0, func(cursor string, limit int) ([]wire.GoogleProject, string, error) {
				p, err := t.client().GoogleProjects(cmd.Context(), client.List{Cursor: cursor, Limit: limit})
				return p.Items, p.Next, err
			})
			if err != nil {
				return err
			}
			return t.print(items, func() {
				rows := [][]cell{}
				for i := range items {
					g := &items[i]
					tenants, connections := projectTenants(g)
					rows = append(rows, cells(g.Name, g.Account, orDash(strings.Join(tenants, ", ")), orDash(strings.Join(connections, ", ")), moment(&g.KeyCreated)))
				}
				t.list([]string{"NAME", "ACCOUNT", "TENANTS", "CONNECTIONS", "KEY GIVEN"}, rows, t.inScope(cmd.Context(), rows,
					"There are no Google projects yet: drawbridge google-project create NAME --key-file FILE --tenants TENANT",
					"No Google project is attached to your tenants yet: drawbridge google-project create NAME --key-file FILE --tenants TENANT"))
			})
		},
	}
}

func projectShow(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "show GOOGLE-PROJECT", Short: "Show a Google project, its tenants, and the connections that use it", Args: arguments("GOOGLE-PROJECT"),
		Example: "  drawbridge google-project show shared",
		RunE: func(cmd *cobra.Command, args []string) error {
			g, err := t.client().GoogleProject(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return t.print(g, func() { t.googleProject(&g) })
		},
	}
}

func projectRotate(t *terminal) *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use: "rotate GOOGLE-PROJECT", Short: "Replace the key of a Google project", Args: arguments("GOOGLE-PROJECT"),
		Long:    "The next run of every connection that uses it has the new key. Then delete the old key in Google Cloud console.",
		Example: "  drawbridge google-project rotate shared --key-file new-key.json",
		RunE: func(cmd *cobra.Command, args []string) error {
			key, err := t.keyFile(cmd.CommandPath(), file)
			if err != nil {
				return err
			}
			g, err := t.client().RotateGoogleProject(cmd.Context(), args[0], wire.GoogleProjectKey{Credentials: key})
			if err != nil {
				return err
			}
			return t.print(g, func() { t.say("Google project %s has the key %s now.", g.Name, g.KeyID) })
		},
	}
	cmd.Flags().StringVar(&file, "key-file", "", keyFileFlag)
	return cmd
}

// ofTenant adds --tenant to a command about a Google project and a tenant, and refuses a call without it.
func ofTenant(cmd *cobra.Command, tenant *string) *cobra.Command {
	cmd.Flags().StringVar(tenant, "tenant", "", "the tenant (required)")
	run := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if *tenant == "" {
			return usage(cmd.CommandPath(), "--tenant is missing: which tenant?")
		}
		return run(cmd, args)
	}
	return cmd
}

func projectShare(t *terminal) *cobra.Command {
	tenant := ""
	return ofTenant(&cobra.Command{
		Use: "share GOOGLE-PROJECT", Short: "Attach a Google project to a tenant", Args: arguments("GOOGLE-PROJECT"),
		Long:    "Connections of the tenant may use it from now on. The key stays with the installation: the tenant does not see it.",
		Example: "  drawbridge google-project share shared --tenant birch",
		RunE: func(cmd *cobra.Command, args []string) error {
			g, err := t.client().ShareGoogleProject(cmd.Context(), args[0], tenant)
			if err != nil {
				return err
			}
			return t.print(g, func() { t.say("Google project %s is attached to %s.", g.Name, tenant) })
		},
	}, &tenant)
}

func projectDetach(t *terminal) *cobra.Command {
	tenant := ""
	return ofTenant(&cobra.Command{
		Use: "detach GOOGLE-PROJECT", Short: "Detach a Google project from a tenant", Args: arguments("GOOGLE-PROJECT"),
		Long: `What was kept of it for the tenant is deleted. A connection that uses it changes nothing until it has another credential, and no person loses
access. --dry-run names these connections.`,
		Example: "  drawbridge google-project detach shared --tenant birch --dry-run\n  drawbridge google-project detach shared --tenant birch",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := t.client().DetachGoogleProject(cmd.Context(), args[0], tenant); err != nil {
				return err
			}
			return t.print(map[string]string{"detached": tenant}, func() { t.say("Google project %s is detached from %s.", args[0], tenant) })
		},
	}, &tenant)
}

func projectDelete(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "delete GOOGLE-PROJECT", Short: "Delete a Google project with its key", Args: arguments("GOOGLE-PROJECT"),
		Long:    "It is detached from all tenants first. A connection that uses it changes nothing until it has another credential, and no person loses access.",
		Example: "  drawbridge google-project delete shared --dry-run\n  drawbridge google-project delete shared",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := t.client().DeleteGoogleProject(cmd.Context(), args[0]); err != nil {
				return err
			}
			return t.print(map[string]string{"deleted": args[0]}, func() { t.say("Deleted Google project %s. Delete its key in Google Cloud console, too.", args[0]) })
		},
	}
}
