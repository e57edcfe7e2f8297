package main

import (
	"strings"

	"github.com/spf13/cobra"

	"drawbridge/console/client"
	"drawbridge/console/wire"
)

func subscriptionCommand(t *terminal) *cobra.Command {
	return parent("subscription", "Mail subscriptions of operators", `Owners and Administrators get mail about alerts; others get none, unless they or another operator chose otherwise. No operator gets mail about
what they may not read: role and scope are checked again when a mail is sent. OPERATOR is an id, an e-mail address, or "me"
for your own account. Other addresses, such as a mailing list, are in the configuration, under mail.recipients.`,
		subscriptionList(t), subscriptionShow(t), subscriptionSet(t), subscriptionReset(t))
}

func subscriptionList(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the subscription of each operator", Args: arguments(),
		Example: "  drawbridge subscription list",
		RunE: func(cmd *cobra.Command, _ []string) error {
			items, err := pages(0, func(cursor string, limit int) ([]wire.Subscription, string, error) {
				p, err := t.client().Subscriptions(cmd.Context(), client.List{Cursor: cursor, Limit: limit})
				return p.Items, p.Next, err
			})
			if err != nil {
				return err
			}
			return t.print(items, func() {
				rows := [][]cell{}
				for i := range items {
					s := &items[i]
					rows = append(rows, cells(s.Email, s.Role, orDash(strings.Join(s.Kinds, ", ")), subscribedTenants(s), often(s), chosen(s), toldText(s)))
				}
				t.list([]string{"E-MAIL", "ROLE", "KINDS", "TENANTS", "HOW OFTEN", "CHOSEN", "MAILS"}, rows, "There are no operators yet, and so no subscriptions.")
			})
		},
	}
}

func subscribedTenants(s *wire.Subscription) string {
	if len(s.Kinds) == 0 {
		return "-"
	}
	if len(s.Tenants) == 0 {
		return "the whole scope"
	}
	return strings.Join(s.Tenants, ", ")
}

func often(s *wire.Subscription) string {
	if s.Daily {
		return "daily digest"
	}
	return "as it happens"
}

func chosen(s *wire.Subscription) string {
	if s.Default {
		return "by role"
	}
	return "yes"
}

func toldText(s *wire.Subscription) string {
	if s.Receives {
		return "go out"
	}
	return "none"
}

func (t *terminal) subscription(s *wire.Subscription) {
	t.details([2]string{"Operator", s.Email}, [2]string{"Role", s.Role}, [2]string{"Kinds", orDash(strings.Join(s.Kinds, ", "))},
		[2]string{"Tenants", subscribedTenants(s)}, [2]string{"How often", often(s)}, [2]string{"Chosen", chosen(s)}, [2]string{"Mails", toldText(s)})
}

func subscriptionShow(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "show OPERATOR", Short: "Show the subscription of an operator", Args: arguments("OPERATOR"),
		Example: "  drawbridge subscription show me",
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := t.client().Subscription(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return t.print(s, func() { t.subscription(&s) })
		},
	}
}

func subscriptionSet(t *terminal) *cobra.Command {
	var in wire.SubscriptionUpdate
	var none bool
	cmd := &cobra.Command{
		Use: "set OPERATOR", Short: "Replace the subscription of an operator", Args: arguments("OPERATOR"),
		Long: `--kinds names kinds of event (docs/events.md): user.* means all that begin so, alert all that raise an alert. Events that raise an alert
or give a person power are mailed at once. Everything else is collected, for a quarter of an hour or with --daily for a day.`,
		Example: `  drawbridge subscription set ada@msp.example --kinds alert,seats.* --tenants acme,birch --daily
  drawbridge subscription set me --none`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if none == (len(in.Kinds) > 0) {
				return usage(cmd.CommandPath(), "name kinds with --kinds, or give --none")
			}
			in.Kinds = append([]string{}, in.Kinds...)
			s, err := t.client().SetSubscription(cmd.Context(), args[0], "", in)
			if err != nil {
				return err
			}
			return t.print(s, func() { t.subscription(&s) })
		},
	}
	f := cmd.Flags()
	f.StringSliceVar(&in.Kinds, "kinds", nil, "kinds of event; alert means all that raise one")
	f.StringSliceVar(&in.Tenants, "tenants", nil, "only these tenants of the scope (default: all of it)")
	f.BoolVar(&in.Daily, "daily", false, "mail that can wait comes once a day")
	f.BoolVar(&none, "none", false, "get no mail")
	return cmd
}

func subscriptionReset(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "reset OPERATOR", Short: "Go back to the default subscription of the role", Args: arguments("OPERATOR"),
		Example: "  drawbridge subscription reset ada@msp.example",
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := t.client().ResetSubscription(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return t.print(s, func() { t.subscription(&s) })
		},
	}
}
