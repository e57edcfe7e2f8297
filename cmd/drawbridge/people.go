package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"drawbridge/console/client"
	"drawbridge/console/wire"
)

func userWhy(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "why TENANT USER", Short: "Say why a user is in their state, and what the next sync will do", Args: arguments("TENANT", "USER"),
		Example: "  drawbridge user why acme ada@acme.example",
		RunE: func(cmd *cobra.Command, args []string) error {
			w, err := t.client().WhyUser(cmd.Context(), args[0], args[1])
			if err != nil {
				return err
			}
			return t.print(w, func() {
				t.say("%s is %s.", printable(w.User.UserName), w.User.State)
				for _, s := range w.Statements {
					t.say("  %s  %s", moment(&s.At), printable(s.Text))
				}
				if w.Won != nil {
					text := w.Won.Reason
					if text == "" {
						text = string(w.Won.Action)
					}
					t.say("Rule %s decided last, %s (%s): %s", w.Won.Rule, moment(&w.Won.Time), w.Won.Outcome, printable(text))
				} else {
					t.say("No rule decided about the user in the last %d lines of the audit trail.", w.Looked)
				}
				for _, a := range w.Attributes {
					t.say("%s is %s, from %s (sent: %s).", a.Target, orDash(printable(a.Value)), orDash(printable(a.From)), orDash(printable(a.Sent)))
				}
				t.say("%s", printable(w.Next))
			})
		},
	}
}

func userRecover(t *terminal) *cobra.Command {
	var done bool
	cmd := &cobra.Command{
		Use: "recover TENANT USER", Short: "Begin to recover a user's account, or end it with --done", Args: arguments("TENANT", "USER"),
		Example: "  drawbridge user recover acme ada@acme.example\n  drawbridge user recover acme ada@acme.example --done",
		RunE: func(cmd *cobra.Command, args []string) error {
			do := t.client().RecoverUser
			if done {
				do = t.client().RecoveredUser
			}
			u, err := do(cmd.Context(), args[0], args[1])
			if err != nil {
				return err
			}
			return t.print(u, func() { t.say("%s is in the state %s.", printable(u.UserName), u.State) })
		},
	}
	cmd.Flags().BoolVar(&done, "done", false, "the application has done it: active again")
	return cmd
}

func userConvert(t *terminal) *cobra.Command {
	var to string
	cmd := &cobra.Command{
		Use: "convert TENANT USER", Short: "Make a guest a member (needs a seat), or a member a guest", Args: arguments("TENANT", "USER"),
		Example: "  drawbridge user convert acme ada@acme.example --to guest",
		RunE: func(cmd *cobra.Command, args []string) error {
			if to != "member" && to != "guest" {
				return usage(cmd.CommandPath(), "--to is member or guest, not %q", to)
			}
			v, err := t.client().ConvertUser(cmd.Context(), args[0], args[1], to)
			if err != nil {
				return err
			}
			return t.print(v, func() {
				t.say("%s is a %s.", printable(v.User.UserName), v.User.Type)
				t.say("%s", printable(v.Notice))
			})
		},
	}
	cmd.Flags().StringVar(&to, "to", "", "member or guest (required)")
	return cmd
}

func deletionCommand(t *terminal) *cobra.Command {
	return parent("deletion", "Requests to delete users for good",
		"Only Owners delete for good. Others file a request, which an Owner approves or rejects; it expires after 14 days.",
		deletionRequest(t), deletionList(t), previewable(t, deletionApprove(t)), previewable(t, deletionReject(t)))
}

func deletionRequest(t *terminal) *cobra.Command {
	var in wire.DeletionRequestCreate
	cmd := &cobra.Command{
		Use: "request TENANT USER", Short: "Ask for the deletion of a user", Args: arguments("TENANT", "USER"),
		Example: `  drawbridge deletion request acme ada@acme.example --reason "left, ticket 4711"`,
		RunE: func(cmd *cobra.Command, args []string) error {
			in.User = args[1]
			if in.Reason == "" {
				return usage(cmd.CommandPath(), "a request needs a --reason for the Owner who decides")
			}
			q, err := t.client().RequestDeletion(cmd.Context(), args[0], in)
			if err != nil {
				return err
			}
			return t.print(q, func() { t.say("Request %s waits for an Owner until %s.", q.ID, moment(&q.Expires)) })
		},
	}
	cmd.Flags().StringVar(&in.Reason, "reason", "", "why (required)")
	return cmd
}

func deletionList(t *terminal) *cobra.Command {
	var status string
	cmd := &cobra.Command{
		Use: "list TENANT", Short: "List deletion requests", Args: arguments("TENANT"),
		Example: "  drawbridge deletion list acme --status pending",
		RunE: func(cmd *cobra.Command, args []string) error {
			all, err := pages(0, func(cursor string, limit int) ([]wire.DeletionRequest, string, error) {
				p, err := t.client().DeletionRequests(cmd.Context(), args[0], status, client.List{Cursor: cursor, Limit: limit})
				return p.Items, p.Next, err
			})
			if err != nil {
				return err
			}
			return t.print(all, func() {
				rows := [][]cell{}
				for _, q := range all {
					by := q.By.Name
					if by == "" {
						by = q.By.ID
					}
					rows = append(rows, []cell{{text: q.UserName}, {text: q.Status}, {text: by}, {text: q.Reason}, {text: moment(&q.Created)}, {text: moment(&q.Expires)}, {text: orDash(q.DecidedBy)}, {q.ID, dim}})
				}
				t.list([]string{"USER", "STATUS", "BY", "REASON", "FILED", "EXPIRES", "DECIDED BY", "ID"}, rows, noRequests(args[0], status))
			})
		},
	}
	cmd.Flags().StringVar(&status, "status", "", "pending, approved, rejected, expired or obsolete (default: all)")
	return cmd
}

func deletionApprove(t *terminal) *cobra.Command {
	var in wire.DeletionDecision
	var yes bool
	cmd := &cobra.Command{
		Use: "approve TENANT REQUEST", Short: "Approve a request: the user is deleted for good", Args: arguments("TENANT", "REQUEST"),
		Example: "  drawbridge deletion approve acme 0195… --yes",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := t.confirm(cmd.CommandPath(), fmt.Sprintf("Delete the user of request %s for good?", args[1]), yes); err != nil {
				return err
			}
			q, err := t.client().ApproveDeletion(cmd.Context(), args[0], args[1], in)
			if err != nil {
				return err
			}
			return t.print(q, func() { t.say("Approved: %s is deleted.", printable(q.UserName)) })
		},
	}
	f := cmd.Flags()
	f.StringVar(&in.Answer, "answer", "", "a sentence for the operator who asked")
	f.BoolVar(&in.Force, "force", false, "although the identity provider still says active")
	f.BoolVarP(&yes, "yes", "y", false, "do not ask")
	return cmd
}

func deletionReject(t *terminal) *cobra.Command {
	var in wire.DeletionDecision
	cmd := &cobra.Command{
		Use: "reject TENANT REQUEST", Short: "Reject a request", Args: arguments("TENANT", "REQUEST"),
		Example: `  drawbridge deletion reject acme 0195… --answer "still needed"`,
		RunE: func(cmd *cobra.Command, args []string) error {
			q, err := t.client().RejectDeletion(cmd.Context(), args[0], args[1], in)
			if err != nil {
				return err
			}
			return t.print(q, func() { t.say("Rejected: %s stays.", printable(q.UserName)) })
		},
	}
	cmd.Flags().StringVar(&in.Answer, "answer", "", "a sentence for the operator who asked")
	return cmd
}

func tenantSettings(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "settings TENANT", Short: "Show every setting of a tenant, and where its value comes from", Args: arguments("TENANT"),
		Example: "  drawbridge tenant settings acme",
		RunE: func(cmd *cobra.Command, args []string) error {
			page, err := t.client().Settings(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return t.print(page.Items, func() {
				rows := [][]cell{}
				for _, s := range page.Items {
					rows = append(rows, []cell{{text: s.Name}, {text: fmt.Sprint(s.Value)}, {text: s.Source}})
				}
				t.table([]string{"SETTING", "VALUE", "FROM"}, rows)
			})
		},
	}
}
