package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"drawbridge/console/wire"
)

func transferCommand(t *terminal) *cobra.Command {
	return parent("transfer", "Move users and groups from one connection to another",
		`Moves the management of users and groups from one live connection of a tenant to another, in stages: a group, a list, or all. No person
loses access. A transfer is previewed first, and can be undone (rule C14).`,
		transferStart(t), transferList(t), transferContinue(t), transferUndo(t))
}

func transferStart(t *terminal) *cobra.Command {
	var in wire.TransferStart
	var file string
	var preview bool
	cmd := &cobra.Command{
		Use: "start FROM TO", Short: "Move users and groups from one connection to another", Args: arguments("FROM", "TO"),
		Long: `Moves what --group, --users or --all names and FROM manages. --users reads a file with one id or userName on each line; - is the
standard input. With --preview it only says what would move, and what the next sync of each side will do. Without --digest the
preview is shown and you are asked.`,
		Example: `  drawbridge transfer start acme-okta acme-entra --group Sales --preview
  drawbridge transfer start acme-okta acme-entra --users pilot.txt
  drawbridge transfer start acme-okta acme-entra --all --yes`,
		RunE: func(cmd *cobra.Command, args []string) error {
			in.To = args[1]
			named := 0
			for _, given := range []bool{in.All, in.Group != "", file != ""} {
				if given {
					named++
				}
			}
			if named != 1 {
				return usage(cmd.CommandPath(), "say what is to move: --group, --users or --all, one of them")
			}
			if file != "" {
				var err error
				if in.Users, err = names(cmd, file); err != nil {
					return err
				}
			}
			plan, err := t.client().PreviewTransfer(cmd.Context(), args[0], in.TransferScope)
			if err != nil {
				return err
			}
			if preview {
				return t.print(plan, func() { t.transferPlan(plan) })
			}
			if in.Digest == "" {
				in.Digest = plan.Digest
				if err := t.confirm(cmd, fmt.Sprintf("This moves %d users and %d groups from %s to %s.", plan.Users, plan.Groups, plan.From, plan.To)); err != nil {
					return err
				}
			}
			done, err := t.client().StartTransfer(cmd.Context(), args[0], in)
			if err != nil {
				return err
			}
			return t.transferred(cmd, done)
		},
	}
	f := cmd.Flags()
	f.StringVar(&in.Group, "group", "", "a group, by id or display name, with its direct members")
	f.StringVar(&file, "users", "", "`FILE` with one id or userName on each line")
	f.BoolVar(&in.All, "all", false, "all users and groups of the connection")
	f.StringVar(&in.Digest, "digest", "", "of the preview that you looked at")
	f.BoolVar(&preview, "preview", false, "say what would move, and do nothing")
	cmd.Flags().Bool("yes", false, "do not ask")
	return cmd
}

// names reads one name on each line.
func names(cmd *cobra.Command, file string) ([]string, error) {
	var text []byte
	var err error
	if file == "-" {
		text, err = io.ReadAll(io.LimitReader(cmd.InOrStdin(), 16<<20))
	} else {
		text, err = os.ReadFile(file)
	}
	if err != nil {
		return nil, err
	}
	var out []string
	for line := range strings.Lines(string(text)) {
		if name := strings.TrimSpace(line); name != "" {
			out = append(out, name)
		}
	}
	if len(out) == 0 {
		return nil, usage(cmd.CommandPath(), "%s names no user", file)
	}
	return out, nil
}

func (t *terminal) transferPlan(p wire.TransferPlan) {
	rows := [][]cell{}
	for _, i := range p.Items {
		rows = append(rows, cells(i.Kind, printable(i.Name), i.ID))
	}
	if len(rows) > 0 {
		t.table([]string{"KIND", "NAME", "ID"}, rows)
	}
	t.say("Would move from %s to %s (%s): %d users, %d groups.", p.From, p.To, printable(p.Scope), p.Users, p.Groups)
	for _, s := range p.Stays {
		t.say("%s", printable(s.Reason))
	}
	for _, name := range p.Unknown {
		t.say("There is no user %s.", printable(name))
	}
	t.say("%s", printable(p.NextFrom))
	for _, i := range p.Items {
		if i.Next != "" {
			t.say("%s: %s", printable(i.Name), printable(i.Next))
		}
	}
	t.say("Nothing was done. Digest: %s", p.Digest)
}

// transferred continues a transfer until it is done, and says what came of it.
func (t *terminal) transferred(cmd *cobra.Command, r wire.Transfer) error {
	var err error
	for !r.Done {
		if r, err = t.client().ContinueTransfer(cmd.Context(), r.From, r.ID); err != nil {
			return err
		}
	}
	return t.print(r, func() {
		t.say("Transfer %s from %s to %s is %s.", r.ID, r.From, r.To, r.Phase)
		for _, l := range r.Left {
			t.say("Stayed: %s: %s", printable(l.Name), printable(l.Reason))
		}
		if r.More > 0 {
			t.say("Stayed, too: %d others.", r.More)
		}
		if r.Phase == "moved" {
			t.say("Moved: %d records. Undo it with drawbridge transfer undo %s %s", r.Moved, r.From, r.ID)
		}
	})
}

func transferList(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "list CONNECTION", Short: "List the transfers from and to a connection", Args: arguments("CONNECTION"),
		Example: "  drawbridge transfer list acme-okta",
		RunE: func(cmd *cobra.Command, args []string) error {
			page, err := t.client().Transfers(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return t.print(page.Items, func() {
				if len(page.Items) == 0 {
					t.say("Nothing was moved from or to %s.", args[0])
					return
				}
				rows := [][]cell{}
				for i := range page.Items {
					r := &page.Items[i]
					rows = append(rows, cells(r.ID, moment(&r.At), r.From, r.To, printable(r.Scope), r.Phase, strconv.Itoa(r.Moved), strconv.Itoa(r.Pending), strconv.Itoa(len(r.Left)+r.More), cmp.Or(r.By, "-")))
				}
				t.table([]string{"TRANSFER", "BEGAN", "FROM", "TO", "WHAT", "PHASE", "MOVED", "PENDING", "STAYED", "BY"}, rows)
			})
		},
	}
}

func transferContinue(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "continue FROM TRANSFER", Short: "Continue a transfer that is not done", Args: arguments("FROM", "TRANSFER"),
		Example: "  drawbridge transfer continue acme-okta 01990a5e-7d1c-7000-8000-000000000001",
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := t.client().ContinueTransfer(cmd.Context(), args[0], args[1])
			if err != nil {
				return err
			}
			return t.transferred(cmd, r)
		},
	}
}

func transferUndo(t *terminal) *cobra.Command {
	cmd := &cobra.Command{
		Use: "undo FROM TRANSFER", Short: "Give back what a transfer moved", Args: arguments("FROM", "TRANSFER"),
		Long: `Gives back the users and groups that the second connection still manages, with the externalId and the last statement that FROM
knew. What the second identity provider changed meanwhile stays.`,
		Example: "  drawbridge transfer undo acme-okta 01990a5e-7d1c-7000-8000-000000000001",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := t.confirm(cmd, "This gives the management back to "+args[0]+"."); err != nil {
				return err
			}
			r, err := t.client().UndoTransfer(cmd.Context(), args[0], args[1])
			if err != nil {
				return err
			}
			return t.transferred(cmd, r)
		},
	}
	cmd.Flags().Bool("yes", false, "do not ask")
	return cmd
}
