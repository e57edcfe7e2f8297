package main

import (
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"drawbridge/console/client"
	"drawbridge/console/wire"
)

func alertCommand(t *terminal) *cobra.Command {
	return parent("alert", "Things that an operator should look at", `An alert is raised by a change in Owners or Administrators, by a connection that removes unusually many, is silent or fails, by a
credential that expires within a week, and when no seat is free. It stays open until it settles by itself or an operator
acknowledges it. Operators are told by mail as they are subscribed: drawbridge subscription.`,
		alertList(t), alertAcknowledge(t))
}

func alertList(t *terminal) *cobra.Command {
	var past bool
	cmd := &cobra.Command{
		Use: "list [TENANT]", Short: "List open alerts, of one tenant or of all", Args: arguments("[TENANT]"),
		Example: "  drawbridge alert list\n  drawbridge alert list acme --past",
		RunE: func(cmd *cobra.Command, args []string) error {
			tenant := ""
			if len(args) > 0 {
				tenant = args[0]
			}
			items, err := pages(0, func(cursor string, limit int) ([]wire.Alert, string, error) {
				p, err := t.client().Alerts(cmd.Context(), client.AlertList{Tenant: tenant, Past: past, List: client.List{Cursor: cursor, Limit: limit}})
				return p.Items, p.Next, err
			})
			if err != nil {
				return err
			}
			settled := ""
			if past {
				settled = ", and none was settled within 90 days"
			}
			return t.print(items, func() {
				rows := [][]cell{}
				for _, a := range items {
					colour := map[string]string{"open": red, "acknowledged": dim, "snoozed": dim, "cleared": dim}[a.State]
					rows = append(rows, []cell{{text: a.Tenant}, {a.State, colour}, {text: a.Key}, {text: moment(&a.Last)}, {text: strconv.Itoa(a.Times)}, {text: orDash(a.By.Name)}, {text: a.Text}})
				}
				t.list([]string{"TENANT", "STATE", "ALERT", "LAST", "TIMES", "BY", "WHAT"}, rows, t.noAlerts(cmd.Context(), rows, tenant, settled))
			})
		},
	}
	cmd.Flags().BoolVar(&past, "past", false, "also those that were settled within 90 days")
	return cmd
}

func alertAcknowledge(t *terminal) *cobra.Command {
	var in wire.AcknowledgeAlert
	var snooze time.Duration
	cmd := &cobra.Command{
		Use: "acknowledge TENANT ALERT", Aliases: []string{"ack"}, Short: "Acknowledge an alert, or snooze it", Args: arguments("TENANT", "ALERT"),
		Long: `ALERT is the name that drawbridge alert list shows. The cause may continue; the next event raises the alert again. With --times
nothing is acknowledged that has happened more often than you have seen. With --snooze the alert is open again after that time.`,
		Example: `  drawbridge alert acknowledge acme protected_group/owners --note "ticket 4711"
  drawbridge alert acknowledge acme sync/acme-okta --snooze 24h`,
		RunE: func(cmd *cobra.Command, args []string) error {
			in.Alert = args[1]
			if cmd.Flags().Changed("snooze") {
				until := time.Now().Add(snooze)
				in.Until = &until
			}
			a, err := t.client().AcknowledgeAlert(cmd.Context(), args[0], in)
			if err != nil {
				return err
			}
			return t.print(a, func() {
				if a.Until != nil {
					t.say("Snoozed until %s: %s", moment(a.Until), printable(a.Text))
					return
				}
				t.say("Acknowledged: %s", printable(a.Text))
			})
		},
	}
	cmd.Flags().Var((*span)(&snooze), "snooze", "open it again after this time, such as 24h or 7d (90 days at most)")
	cmd.Flags().StringVar(&in.Note, "note", "", "a note for the audit trail")
	cmd.Flags().IntVar(&in.Times, "times", 0, "how often it had happened when you looked")
	return cmd
}
