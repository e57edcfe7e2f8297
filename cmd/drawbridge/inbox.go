package main

import (
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"drawbridge/console/client"
	"drawbridge/console/wire"
)

func inboxCommand(t *terminal) *cobra.Command {
	var l client.List
	cmd := &cobra.Command{
		Use: "inbox", Short: "List what waits for you in all tenants", Args: arguments(),
		Long: `Removals that the brake holds, deletion requests, connections whose last credential ends within 30 days or has ended, people to
confirm, tenants that are handed over, and mails that could not be sent. Alerts: drawbridge alert list.`,
		Example: "  drawbridge inbox\n  drawbridge inbox --kind held",
		RunE: func(cmd *cobra.Command, _ []string) error {
			all, err := listed(l, func(l client.List) ([]wire.InboxItem, string, error) {
				p, err := t.client().Inbox(cmd.Context(), l)
				return p.Items, p.Next, err
			})
			if err != nil {
				return err
			}
			return t.print(all, func() {
				rows := [][]cell{}
				for i := range all {
					x := &all[i]
					rows = append(rows, cells(strings.ReplaceAll(x.Kind, "_", " "), orDash(x.Tenant), inboxText(x), moment(x.Since), moment(x.Due)))
				}
				none := unlessNarrowed(l, "Nothing waits for you.", "Nothing that matches waits.")
				t.list([]string{"WHAT", "TENANT", "", "SINCE", "DUE"}, rows, t.inScope(cmd.Context(), rows, none, none))
			})
		},
	}
	l.Filter = client.Filter{}
	cmd.Flags().IntVar(&l.Limit, "limit", 0, "how many at most; 0: all")
	filterFlag(cmd, &l, "kind", "only this kind: held, deletion_request, credential, confirmation, handover or mail")
	filterFlag(cmd, &l, "tenant", "only of this tenant")
	return cmd
}

// inboxText says what an item is about, and which command shows it.
func inboxText(x *wire.InboxItem) string {
	n := strconv.Itoa(x.Count)
	switch x.Kind {
	case "held":
		return n + " removals of " + x.Connection + ": drawbridge brake list " + x.Tenant
	case "deletion_request":
		return x.Name + ", " + x.Reason + ": drawbridge deletion list " + x.Tenant
	case "credential":
		return x.Connection + ": drawbridge token rotate " + x.Connection
	case "confirmation":
		return n + " people: drawbridge user list " + x.Tenant + " --state awaiting_confirmation"
	case "handover":
		return "drawbridge tenant handover " + x.Tenant
	case "mail":
		return n + " mails: drawbridge mail list"
	}
	return x.Name
}

func userFind(t *terminal) *cobra.Command {
	var l client.List
	var gone bool
	cmd := &cobra.Command{
		Use: "find TEXT", Short: "Find people in all tenants", Args: arguments("TEXT"),
		Long: `TEXT is a whole userName or e-mail address, which an index finds. With --part it is a part of a name or an address, and all users
are searched.`,
		Example: "  drawbridge user find ada@acme.example\n  drawbridge user find lovelace --part",
		RunE: func(cmd *cobra.Command, args []string) error {
			part, err := cmd.Flags().GetBool("part")
			if err != nil {
				return err
			}
			if part {
				l.Q = args[0]
			} else {
				l.Filter["address"] = args[0]
			}
			if gone {
				l.Filter["gone"] = "true"
			}
			all, err := listed(l, func(l client.List) ([]wire.FoundUser, string, error) {
				p, err := t.client().SearchUsers(cmd.Context(), l)
				return p.Items, p.Next, err
			})
			if err != nil {
				return err
			}
			return t.print(all, func() {
				rows := [][]cell{}
				for i := range all {
					u := &all[i].User
					rows = append(rows, []cell{{text: all[i].Tenant}, {text: u.UserName}, {text: orDash(u.DisplayName)}, {u.State, stateColour(u.State)}, {text: orDash(u.Connection)}, {u.ID, dim}})
				}
				t.list([]string{"TENANT", "USER", "NAME", "STATE", "MANAGED BY", "ID"}, rows,
					t.inScope(cmd.Context(), rows, "No tenant has such a person.", "No tenant that you have access to has such a person."))
			})
		},
	}
	l.Filter = client.Filter{}
	f := cmd.Flags()
	f.IntVar(&l.Limit, "limit", 0, "how many at most; 0: all")
	f.Bool("part", false, "TEXT is a part")
	f.BoolVar(&gone, "gone", false, "also users whom the identity provider deleted and who are kept in grace")
	filterFlag(cmd, &l, "state", "only users in this state: invited, awaiting_confirmation, active, suspended or recovery")
	filterFlag(cmd, &l, "type", "only users of this type: member or guest")
	return cmd
}
