package main

import (
	"context"
	"fmt"
	"strconv"

	"drawbridge/console/wire"

	"github.com/spf13/cobra"
)

func brakeCommand(t *terminal) *cobra.Command {
	return parent("brake", "Removals that are held for you",
		`The brake acts if a connection removes unusually many people within an hour (setting brake of the tenant: off, alert, hold). On hold
the identity provider gets 403, and the removals wait here until you release or discard them.`,
		brakeList(t),
		brakeSettle(t, "release", "Do held removals", "Released", func(ctx context.Context, tenant string, in wire.SettleHeld) (wire.Page[wire.SettledHeld], error) {
			return t.client().ReleaseHeld(ctx, tenant, in)
		}),
		brakeSettle(t, "discard", "Drop held removals", "Discarded", func(ctx context.Context, tenant string, in wire.SettleHeld) (wire.Page[wire.SettledHeld], error) {
			return t.client().DiscardHeld(ctx, tenant, in)
		}))
}

func brakeList(t *terminal) *cobra.Command {
	var connection string
	cmd := &cobra.Command{
		Use: "list TENANT", Short: "Show held removals as a difference", Args: arguments("TENANT"),
		Example: "  drawbridge brake list acme",
		RunE: func(cmd *cobra.Command, args []string) error {
			p, err := t.client().Held(cmd.Context(), args[0], connection)
			if err != nil {
				return err
			}
			totals, err := t.client().HeldTotals(cmd.Context(), args[0], connection)
			if err != nil {
				return err
			}
			return t.print(p.Items, func() {
				for i := range totals.Items {
					t.say("%s", heldTotal(&totals.Items[i]))
				}
				rows := [][]cell{}
				for _, h := range p.Items {
					then := h.Before + " -> " + h.After
					if h.Moot {
						then = "nothing left to remove"
					}
					rows = append(rows, []cell{{text: h.Connection}, {h.Action, red}, {text: h.Name}, {text: then}, {text: strconv.Itoa(h.Times)}, {text: moment(&h.Last)}, {text: h.Key}})
				}
				t.list([]string{"CONNECTION", "WANTS TO", "WHOM", "DIFFERENCE", "ASKED", "LAST", "KEY"}, rows, "The brake holds nothing in "+args[0]+".")
			})
		},
	}
	cmd.Flags().StringVar(&connection, "connection", "", "only what this connection asked for")
	return cmd
}

// heldTotal says what a connection asked for.
func heldTotal(h *wire.HeldTotal) string {
	what := fmt.Sprintf("%d of %d active people", h.People, h.Active)
	switch {
	case h.Groups > 0 && h.People > 0:
		what += fmt.Sprintf(", and to empty or delete %d groups", h.Groups)
	case h.Groups > 0:
		what = fmt.Sprintf("the members of %d groups", h.Groups)
	}
	return fmt.Sprintf("%s asked to remove %s; %d removals within an hour are usual. Nothing was done.", h.Connection, what, h.Usual)
}

func brakeSettle(t *terminal, use, short, said string, do func(context.Context, string, wire.SettleHeld) (wire.Page[wire.SettledHeld], error)) *cobra.Command {
	var in wire.SettleHeld
	var all bool
	cmd := &cobra.Command{
		Use: use + " TENANT [KEY...]", Short: short,
		Long:    short + ": those whose keys are given, or all with --all.",
		Example: "  drawbridge brake " + use + " acme --all --yes",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return fmt.Errorf("TENANT is missing")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			in.Keys = args[1:]
			if all == (len(in.Keys) > 0) {
				return usage(cmd.CommandPath(), "name the keys that `drawbridge brake list %s` shows, or give --all", args[0])
			}
			if all {
				if err := t.confirm(cmd, "This is about everything that is held."); err != nil {
					return err
				}
			}
			p, err := do(cmd.Context(), args[0], in)
			if err != nil {
				return err
			}
			left := 0
			for _, s := range p.Items {
				if !s.Done {
					left++
				}
			}
			err = t.print(p.Items, func() {
				for _, s := range p.Items {
					if s.Done {
						t.say("%s: %s %s %s", said, s.Action, printable(s.Name), printable(s.Reason))
					} else {
						t.say("Still held: %s %s: %s", s.Action, printable(s.Name), printable(s.Reason))
					}
				}
			})
			if err == nil && left > 0 {
				return fmt.Errorf("%d of %d are still held", left, len(p.Items))
			}
			return err
		},
	}
	cmd.Flags().StringVar(&in.Connection, "connection", "", "only what this connection asked for")
	cmd.Flags().BoolVar(&all, "all", false, "everything that is held")
	cmd.Flags().Bool("yes", false, "do not ask")
	return cmd
}

func deletionsCommand(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "auto-deletions TENANT", Short: "Preview which users auto-delete will delete, and when", Args: arguments("TENANT"),
		Long:    "The users whom auto-delete will delete if nothing changes (setting auto_delete_days of the tenant).",
		Example: "  drawbridge auto-deletions acme",
		RunE: func(cmd *cobra.Command, args []string) error {
			p, err := t.client().AutoDeletions(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return t.print(p.Items, func() {
				rows := [][]cell{}
				for _, d := range p.Items {
					rows = append(rows, cells(d.UserName, moment(&d.Suspended), moment(&d.Due)))
				}
				t.list([]string{"USER", "SUSPENDED", "DELETED ON"}, rows, "Auto-delete will delete no user of "+args[0]+".")
			})
		},
	}
}
