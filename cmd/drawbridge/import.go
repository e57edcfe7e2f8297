package main

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"drawbridge/console/client"
	"drawbridge/console/wire"
)

// mostTable is the maximum size of a table; the server has the same limit.
const mostTable = 2 << 20

func userImport(t *terminal) *cobra.Command {
	var in wire.ImportRequest
	var preview bool
	cmd := &cobra.Command{
		Use: "import TENANT FILE", Short: "Import users from a table, after a preview", Args: arguments("TENANT", "FILE"),
		Long: `FILE is CSV in UTF-8 (- for standard input), with commas, semicolons or tabs. The first line names the columns: user_name, and
any of email, given_name, family_name, display_name, external_id, type (member, guest), state. Users are found by user_name; an empty cell says nothing.

The command first shows what each row would do, seats included: create, invite, update, reactivate (state is active, and the user is
suspended), unchanged, or refuse with the reason. It writes nothing. Then it asks, and does all of it in one transaction. If a change in
between would make the effect another one, it does nothing. Change users whom a connection manages in their identity provider. A table
does not suspend or delete people.`,
		Example: `  drawbridge user import acme people.csv --preview
  drawbridge user import acme people.csv --yes
  drawbridge user import acme people.csv --invite --skip-refused --yes       # invite many at once
  drawbridge user import acme people.csv --expect 5d0c…                      # exactly what a preview has shown`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if preview && (yes(cmd) || in.Expect != "") {
				return usage(cmd.CommandPath(), "--preview does nothing, so --yes and --expect do not go with it")
			}
			var err error
			if in.CSV, err = t.readTable(args[1]); err != nil {
				return err
			}
			c := t.client()
			if in.Expect == "" {
				seen, err := c.ImportUsers(cmd.Context(), args[0], in)
				if err != nil {
					return err
				}
				if preview {
					return t.print(seen, func() { t.imported(seen) })
				}
				refused := seen.Counts["refuse"]
				if !t.json() && (!yes(cmd) || refused > 0) {
					t.imported(seen)
				}
				if refused > 0 && !in.SkipRefused {
					return &client.Error{Problem: wire.Problem{
						Code: "conflict", Detail: fmt.Sprintf("%d of %d rows are refused, so nothing was done: fix them, or do the others with --skip-refused", refused, len(seen.Lines)),
					}}
				}
				if err := t.confirm(cmd, fmt.Sprintf("Do this in %s?", args[0])); err != nil {
					return err
				}
				in.Expect = seen.Digest
			}
			done, err := c.ImportUsers(cmd.Context(), args[0], in)
			if err != nil {
				return err
			}
			return t.print(done, func() { t.imported(done) })
		},
	}
	f := cmd.Flags()
	f.BoolVar(&preview, "preview", false, "only show what would happen")
	f.BoolVar(&in.Invite, "invite", false, "invite new users by mail, and send another link to invited users whose link has ended")
	f.BoolVar(&in.SkipRefused, "skip-refused", false, "if some rows are refused, do the others (default: none)")
	f.StringVar(&in.Expect, "expect", "", "the digest of a preview: do exactly that, without asking")
	f.BoolP("yes", "y", false, "do not ask")
	return cmd
}

// readTable reads a text file, which must be UTF-8, because JSON would turn everything else into question marks.
func (t *terminal) readTable(file string) (string, error) {
	from := t.in
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return "", err
		}
		defer func() { _ = f.Close() }() // it was only read
		from = f
	}
	text, err := io.ReadAll(io.LimitReader(from, mostTable+1))
	switch {
	case err != nil:
		return "", err
	case len(text) > mostTable:
		return "", fmt.Errorf("%s has more than %d bytes: import it in parts", file, mostTable)
	case !utf8.Valid(text):
		return "", fmt.Errorf("%s is not UTF-8: save it as CSV UTF-8", file)
	case strings.TrimSpace(string(text)) == "":
		return "", fmt.Errorf("%s is empty", file)
	}
	return string(text), nil
}

// imported prints the effect of a table, or of its preview.
func (t *terminal) imported(r wire.ImportReport) {
	rows := [][]cell{}
	for _, l := range r.Lines {
		if l.Effect == "unchanged" {
			continue
		}
		colour := plain
		what := l.Message
		if l.Effect == "refuse" {
			colour = red
			if l.Field != "" && !strings.Contains(what, l.Field) {
				what = l.Field + ": " + what
			}
			if l.Rule != "" {
				what += " (rule " + l.Rule + ")"
			}
		}
		for n, c := range l.Changes {
			if n > 0 {
				what += ", "
			}
			what += c.Field + " " + c.To
			if c.From != "" {
				what += " (was " + c.From + ")"
			}
		}
		rows = append(rows, []cell{{text: strconv.Itoa(l.Line)}, {text: l.UserName}, {l.Effect, colour}, {text: orDash(l.State)}, {text: orDash(what)}})
	}
	if len(rows) > 0 {
		t.table([]string{"LINE", "USER", "EFFECT", "STATE", ""}, rows)
	}
	var counts []string
	for _, effect := range []string{"create", "invite", "update", "reactivate", "unchanged", "refuse"} {
		if n := r.Counts[effect]; n > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", n, effect))
		}
	}
	limit := "no limit"
	if r.Seats.Limit > 0 {
		limit = strconv.Itoa(r.Seats.Limit)
	}
	verb := "Nothing is done yet"
	if r.Applied {
		verb = "Done"
	}
	t.say("%s: %s. Seats: %d before, %d after, limit %s.", verb, orDash(strings.Join(counts, ", ")), r.Seats.Before, r.Seats.After, limit)
	if r.Seats.Bought > 0 {
		t.say("%d seats are bought for it.", r.Seats.Bought)
	}
	if !r.Applied {
		t.say("Exactly this: --expect %s", r.Digest)
	}
}

func userExport(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "export TENANT", Short: "Print all users as a table, or as JSON with -o json", Args: arguments("TENANT"),
		Long: `The table is CSV for a spreadsheet. No cell is a formula: an apostrophe comes before a cell that would be one. You can import
the table again; if you did not change it, nothing changes.`,
		Example: "  drawbridge user export acme > people.csv\n  drawbridge user export acme -o json",
		RunE: func(cmd *cobra.Command, args []string) error {
			c := t.client()
			if !t.json() {
				out, err := c.UsersCSV(cmd.Context(), args[0])
				if err != nil {
					return whenInterrupted(err, "nothing was exported")
				}
				_, err = t.out.Write(out)
				return err
			}
			all, err := pages(0, func(cursor string, limit int) ([]wire.User, string, error) {
				p, err := c.Users(cmd.Context(), args[0], client.List{Cursor: cursor, Limit: limit})
				return p.Items, p.Next, err
			})
			if err != nil {
				return whenInterrupted(err, "nothing was exported")
			}
			return t.print(all, func() {})
		},
	}
}
