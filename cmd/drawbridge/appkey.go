package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"drawbridge/console/wire"
)

func appKeyCommand(t *terminal) *cobra.Command {
	return parent("appkey", "Keys of downstream applications", `With a key an application reads one tenant and nothing else, and may report who was active: its events, the question whether a person may sign in, and its
people.`,
		appKeyCreate(t), appKeyList(t), previewable(t, appKeyRevoke(t)))
}

func appKeyCreate(t *terminal) *cobra.Command {
	var in wire.AppKeyCreate
	var expires string
	cmd := &cobra.Command{
		Use: "create TENANT", Short: "Make a key and print it, once", Args: arguments("TENANT"),
		Example: `  drawbridge appkey create acme --name "Customer portal"
  drawbridge appkey create acme --name portal --expires 365d -o json | jq -r .secret`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if in.Name == "" {
				return usage(cmd.CommandPath(), "--name is missing: which application is the key for?")
			}
			var err error
			if in.Expires, err = expiry(cmd.CommandPath(), expires); err != nil {
				return err
			}
			made, err := t.client().CreateAppKey(cmd.Context(), args[0], in)
			if err != nil {
				return err
			}
			return t.print(made, func() {
				t.say("The key of %q for tenant %s, shown this once:", printable(made.Name), made.Tenant)
				t.say("")
				t.details([2]string{"Key", made.Key}, [2]string{"Base URL", made.BaseURL}, [2]string{"Expires", moment(made.Expires)})
				t.say("")
				t.say("Try it:")
				t.say("  curl -H 'Authorization: Bearer %s' '%s/events?wait=30'", made.Key, made.BaseURL)
				t.say("  curl -H 'Authorization: Bearer %s' '%s/access?email=ada@example.com'", made.Key, made.BaseURL)
			})
		},
	}
	cmd.Flags().StringVar(&in.Name, "name", "", "the application (required)")
	cmd.Flags().StringVar(&expires, "expires", "", "when the key ends: 90d or a date (default: never)")
	return cmd
}

func appKeyList(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "list TENANT", Short: "List keys, without their secrets", Args: arguments("TENANT"),
		Example: "  drawbridge appkey list acme",
		RunE: func(cmd *cobra.Command, args []string) error {
			page, err := t.client().AppKeys(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return t.print(page.Items, func() {
				rows := [][]cell{}
				for _, k := range page.Items {
					rows = append(rows, []cell{
						{text: k.ID},
						{text: k.Name},
						{text: k.Prefix + "…"},
						{k.Status, stateColour(k.Status)},
						{text: moment(&k.Created)},
						{text: moment(k.Expires)},
						{text: moment(k.LastUsed)},
						{text: orDash(k.Address)},
					})
				}
				t.list([]string{"ID", "APPLICATION", "BEGINS", "STATUS", "CREATED", "EXPIRES", "LAST USED", "FROM"}, rows, fmt.Sprintf("Tenant %s has no application keys yet: drawbridge appkey create %s --name APPLICATION", args[0], args[0]))
			})
		},
	}
}

func appKeyRevoke(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "revoke TENANT KEY", Short: "End a key at once", Args: arguments("TENANT", "KEY"),
		Long:    "KEY is the id that drawbridge appkey list shows.",
		Example: "  drawbridge appkey revoke acme 018f3c2a-…",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := t.client().RevokeAppKey(cmd.Context(), args[0], args[1]); err != nil {
				return err
			}
			return t.print(map[string]string{"revoked": args[1]}, func() { t.say("Revoked %s: it opens nothing any more.", args[1]) })
		},
	}
}
