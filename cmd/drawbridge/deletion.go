package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"drawbridge/console/client"
	"drawbridge/console/wire"
)

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
	cmd := &cobra.Command{
		Use: "approve TENANT REQUEST", Short: "Approve a request: the user is deleted for good", Args: arguments("TENANT", "REQUEST"),
		Example: "  drawbridge deletion approve acme 0195… --yes",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := t.confirm(cmd, fmt.Sprintf("Delete the user of request %s for good?", args[1])); err != nil {
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
	f.BoolP("yes", "y", false, "do not ask")
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
