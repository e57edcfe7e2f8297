package main

import (
	"bufio"
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"drawbridge/console/client"
	"drawbridge/console/wire"
)

func userBulk(t *terminal) *cobra.Command {
	return parent("bulk", "Do one thing to many users, after a preview", `USER is everywhere the userName or the id; a single hyphen reads them from standard input, one a line. The command first shows what would
happen to each user, seats and the last Owner included, and writes nothing. Then it asks, and does all of it in one transaction. If a change
in between would make the effect another one, it does nothing.`,
		userBulkOne(t, "suspend", "Suspend users"), userBulkOne(t, "release", "End suspensions"), userBulkOne(t, "convert", "Make guests members, or members guests"),
		userBulkOne(t, "confirm", "Confirm users who accepted an invitation"), userBulkOne(t, "invite", "Send another link to users who are invited"),
		userBulkOne(t, "delete", "Delete suspended users for good"))
}

func userBulkOne(t *terminal, verb, short string) *cobra.Command {
	var in wire.BulkConvert
	var preview bool
	cmd := &cobra.Command{
		Use: verb + " TENANT USER...", Short: short, Args: tenantAndUsers,
		Example: "  drawbridge user bulk " + verb + " acme ada@acme.example bob@acme.example --preview",
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if in.Users, err = t.named(args[1:]); err != nil {
				return err
			}
			send := func() (wire.BulkReport, error) {
				if verb == "convert" {
					return t.client().BulkConvert(cmd.Context(), args[0], in)
				}
				return t.client().BulkUsers(cmd.Context(), args[0], verb, in.BulkRequest)
			}
			if in.Expect == "" {
				seen, err := send()
				if err != nil {
					return err
				}
				if preview {
					return t.print(seen, func() { t.bulk(seen) })
				}
				refused := seen.Counts["refuse"]
				if !t.json() && (!yes(cmd) || refused > 0) {
					t.bulk(seen)
				}
				if refused > 0 && !in.SkipRefused {
					return &client.Error{Problem: wire.Problem{
						Code: "conflict", Detail: fmt.Sprintf("%d of %d users are refused, so nothing was done: leave them out, or do the others with --skip-refused", refused, len(seen.Rows)),
					}}
				}
				if err := t.confirm(cmd, fmt.Sprintf("Do this to %d users of %s?", seen.Counts["change"], args[0])); err != nil {
					return err
				}
				in.Expect = seen.Digest
			}
			done, err := send()
			if err != nil {
				return err
			}
			return t.print(done, func() { t.bulk(done) })
		},
	}
	f := cmd.Flags()
	f.BoolVar(&preview, "preview", false, "only show what would happen")
	f.BoolVar(&in.SkipRefused, "skip-refused", false, "if some are refused, do it to the others (default: to none)")
	f.StringVar(&in.Expect, "expect", "", "the digest of a preview: do exactly that, without asking")
	f.StringVar(&in.Reason, "reason", "", "why, for the audit trail")
	f.BoolP("yes", "y", false, "do not ask")
	switch verb {
	case "suspend":
		f.StringVar(&in.Mode, "mode", "", "yield or hold (default: as the tenant says)")
	case "convert":
		f.StringVar(&in.Type, "to", "member", "member or guest")
	}
	return cmd
}

func tenantAndUsers(_ *cobra.Command, args []string) error {
	if needed := []string{"TENANT", "USER"}; len(args) < len(needed) {
		return missingNames(needed[len(args):])
	}
	return nil
}

// named are the users of a command line: the arguments, or the lines of standard input for a single hyphen.
func (t *terminal) named(args []string) ([]string, error) {
	if len(args) != 1 || args[0] != "-" {
		return args, nil
	}
	var out []string
	lines := bufio.NewScanner(t.in)
	for lines.Scan() {
		if name := strings.TrimSpace(lines.Text()); name != "" {
			out = append(out, name)
		}
	}
	return out, lines.Err()
}

// bulk prints the effect of a bulk action, or of its preview.
func (t *terminal) bulk(r wire.BulkReport) {
	rows := [][]cell{}
	for i := range r.Rows {
		row := &r.Rows[i]
		rows = append(rows, cells(row.Effect, row.UserName, orDash(row.State), orDash(row.Rule), orDash(cmp.Or(row.Detail, row.Notice))))
	}
	t.table([]string{"EFFECT", "USER", "THEN", "RULE", "WHY"}, rows)
	limit := "no limit"
	if r.Seats.Limit > 0 {
		limit = "of " + strconv.Itoa(r.Seats.Limit)
	}
	verb := "Nothing is done yet"
	if r.Applied {
		verb = "Done"
	}
	t.say("%s. Seats in use: %d, then %d (%s).", verb, r.Seats.Before, r.Seats.After, limit)
	if !r.Applied {
		t.say("Exactly this: --expect %s", r.Digest)
	}
}
