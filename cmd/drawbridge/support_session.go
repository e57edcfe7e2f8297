package main

import (
	"github.com/spf13/cobra"

	"drawbridge/console/wire"
)

func tenantEnter(t *terminal) *cobra.Command {
	var in wire.SupportSessionRequest
	cmd := &cobra.Command{
		Use: "enter TENANT", Short: "Work inside a tenant in a support session, which its audit trail shows", Args: arguments("TENANT"),
		Long: `Opens a support session. The tenant's audit trail records it, and every operator who can see the tenant sees it, until you leave
or the limit passes.`,
		Example: `  drawbridge tenant enter acme --reason "ticket 4711" --minutes 30`,
		RunE: func(cmd *cobra.Command, args []string) error {
			e, err := t.client().Enter(cmd.Context(), args[0], in)
			if err != nil {
				return err
			}
			return t.print(e, func() { t.say("You are inside %s until %s.", args[0], moment(&e.Until)) })
		},
	}
	cmd.Flags().StringVar(&in.Reason, "reason", "", "why, for the audit trail")
	cmd.Flags().IntVar(&in.Minutes, "minutes", 0, "limit, at most 720 (default 60)")
	return cmd
}

func tenantLeave(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "leave TENANT", Short: "End the support session that enter began", Args: arguments("TENANT"),
		Example: "  drawbridge tenant leave acme",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := t.client().Leave(cmd.Context(), args[0]); err != nil {
				return err
			}
			return t.print(map[string]string{"left": args[0]}, func() { t.say("You are outside %s.", args[0]) })
		},
	}
}

func tenantInside(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "inside TENANT", Short: "List which operators work inside a tenant now", Args: arguments("TENANT"),
		Example: "  drawbridge tenant inside acme",
		RunE: func(cmd *cobra.Command, args []string) error {
			page, err := t.client().SupportSessions(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return t.print(page.Items, func() {
				rows := [][]cell{}
				for _, e := range page.Items {
					name := e.Name
					if name == "" {
						name = e.Operator
					}
					rows = append(rows, []cell{{text: name}, {text: moment(&e.Since)}, {text: moment(&e.Until)}, {text: orDash(e.Reason)}})
				}
				t.list([]string{"OPERATOR", "SINCE", "UNTIL", "REASON"}, rows, "No operator is inside "+args[0]+".")
			})
		},
	}
}
