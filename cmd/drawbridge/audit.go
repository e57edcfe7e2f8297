package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"drawbridge/console/client"
	"drawbridge/console/wire"
)

func auditCommand(t *terminal) *cobra.Command {
	return parent("audit", "Who did what, and with what outcome", `Every write has a line, and so has every refusal by a rule. Hashes chain the lines of a tenant, so that drawbridge audit verify
finds a changed, added or missing line.`,
		auditTail(t), auditSearch(t), auditExport(t), auditVerify(t), auditVisits(t), auditArchive(t), auditStream(t))
}

func auditTail(t *terminal) *cobra.Command {
	var f tail
	cmd := &cobra.Command{
		Use: "tail [TENANT]", Short: "Show the last lines of the audit trail of a tenant", Args: arguments("[TENANT]"),
		Long:    "One line for every write, refusals with their reason. Without TENANT: the trail of the installation itself.\nWith -o json each line is one JSON object.",
		Example: "  drawbridge audit tail acme -f\n  drawbridge audit tail acme -o json | jq 'select(.outcome==\"refused\")'",
		RunE: func(cmd *cobra.Command, args []string) error {
			c, tenant := t.client(), optional(args)
			err := f.run(t, cmd, func(after uint64, limit int, wait time.Duration) (int, uint64, uint64, error) {
				page, err := c.Audit(cmd.Context(), tenant, after, limit, wait)
				at := after
				for _, l := range page.Items {
					at = l.Seq
					if err := t.audit(l); err != nil {
						return 0, 0, 0, err
					}
				}
				return len(page.Items), at, page.Last, err
			}, func() (uint64, uint64, error) {
				page, err := c.Audit(cmd.Context(), tenant, 0, 1, 0)
				return 0, page.Last, err
			})
			return f.end(t, err, "The audit trail has no lines after that number.")
		},
	}
	f.register(cmd)
	return cmd
}

// since reads a point in time: a duration before now, such as 7d or 12h, or a date.
func since(command, flag, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if days, ok := strings.CutSuffix(text, "d"); ok {
		if n, err := strconv.Atoi(days); err == nil && n > 0 {
			return time.Now().AddDate(0, 0, -n), nil
		}
	}
	if ago, err := parseSpan(text); err == nil && ago > 0 {
		return time.Now().Add(-ago), nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02 15:04", time.DateOnly} {
		if at, err := time.ParseInLocation(layout, text, time.Local); err == nil {
			return at, nil
		}
	}
	return time.Time{}, usage(command, "--%s is a time ago, such as 7d or 12h, or a date, such as 2030-01-31 or 2030-01-31T08:00:00Z; not %q", flag, text)
}

const noAuditLines = "No audit line matches."

func auditSearch(t *terminal) *cobra.Command {
	var s client.AuditSearch
	var from, to, format string
	var limit int
	var all bool
	cmd := &cobra.Command{
		Use: "search [TENANT]", Short: "Find lines of an audit trail, the newest first", Args: arguments("[TENANT]"),
		Long: `Every condition must hold. Without TENANT: the trail of the installation itself; with --all-tenants: those of all tenants in your
scope. With -o json each line is one JSON object. With --format the server writes all lines that are found as a file, csv or jsonl.`,
		Example: `  drawbridge audit search acme --user anna@acme.example
  drawbridge audit search --all-tenants --outcome refused --since 7d
  drawbridge audit search acme --since 30d --format csv > acme.csv
  drawbridge audit search acme --actor local --action 'user.*' --since 2030-01-01 --until 2030-02-01 -o json`,
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if s.From, err = since(cmd.CommandPath(), "since", from); err != nil {
				return err
			}
			if s.To, err = since(cmd.CommandPath(), "until", to); err != nil {
				return err
			}
			if all && len(args) > 0 {
				return usage(cmd.CommandPath(), "--all-tenants replaces TENANT: give one of them")
			}
			trail := optional(args)
			if all {
				trail = client.AllTrails
			}
			if all && s.Archive {
				return usage(cmd.CommandPath(), "--archive searches the archive of one trail: name TENANT, or leave --all-tenants out")
			}
			if format != "" {
				return t.exportTrail(cmd.Context(), trail, format, s)
			}
			if err := t.stream(); err != nil {
				return err
			}
			if all {
				return t.searchTrails(cmd.Context(), s, limit)
			}
			for found := 0; ; {
				s.Limit = 1000
				if limit > 0 {
					s.Limit = min(s.Limit, limit-found)
				}
				page, err := t.client().SearchAudit(cmd.Context(), trail, s)
				if err != nil {
					return err
				}
				for _, l := range page.Items {
					if err := t.audit(l); err != nil {
						return err
					}
				}
				found += len(page.Items)
				if part := page.Archived; part != nil {
					fmt.Fprintf(t.err, "Lines 1 to %d, until %s, are in the archive and were not searched: --archive searches them too.\n", part.Last, moment(part.To))
				}
				if page.Next == 0 || limit > 0 && found >= limit {
					t.noLines(found, noAuditLines)
					return nil
				}
				s.Before = page.Next
			}
		},
	}
	f := cmd.Flags()
	f.StringVar(&s.Actor, "actor", "", "who did it: the id or name of an operator, a connection, a rule")
	f.StringVar(&s.Kind, "kind", "", "the kind of actor: idp, operator, policy or system")
	f.StringVar(&s.User, "user", "", "the id of the user or other subject of the line, or a part of the name")
	f.StringVar(&s.Action, "action", "", "such as user.create, or 'user.*'")
	f.StringVar(&s.Outcome, "outcome", "", "done or refused")
	f.StringVar(&s.Address, "address", "", "of the client")
	f.StringVar(&s.Request, "request", "", "the id of the request, as an error shows it")
	f.StringVar(&from, "since", "", "not before: 7d, 12h, or a date")
	f.StringVar(&to, "until", "", "before: 7d, 12h, or a date")
	f.IntVarP(&limit, "lines", "n", 100, "lines at most; 0: all")
	f.BoolVar(&all, "all-tenants", false, "in the trails of all tenants")
	f.StringVar(&format, "format", "", "csv or jsonl: all lines, as a file")
	f.BoolVar(&s.Archive, "archive", false, "in the archive too, for lines that are not in the store any more")
	return cmd
}

// searchTrails prints lines of the trails of all tenants.
func (t *terminal) searchTrails(ctx context.Context, s client.AuditSearch, limit int) error {
	found, err := pages(limit, func(cursor string, most int) ([]struct{}, string, error) {
		s.Limit = most
		page, err := t.client().SearchTrails(ctx, s, cursor)
		for _, l := range page.Items {
			if err == nil && !t.json() {
				fmt.Fprintf(t.out, "%-16s ", l.Tenant)
			}
			if err == nil {
				err = t.audit(l)
			}
		}
		return make([]struct{}, len(page.Items)), page.Next, err
	})
	if err == nil {
		t.noLines(len(found), noAuditLines)
	}
	return err
}

func auditExport(t *terminal) *cobra.Command {
	var after uint64
	var archive bool
	cmd := &cobra.Command{
		Use: "export [TENANT]", Short: "Write an audit trail as JSON lines", Args: arguments("[TENANT]"),
		Long: `Writes every line as one JSON object, the oldest first, whatever -o says. Without TENANT: the trail of the installation
itself. The hashes go along: drawbridge audit verify --file FILE checks an export without a server.`,
		Example: "  drawbridge audit export acme > acme-audit.jsonl\n  drawbridge audit export acme --after 1200 >> acme-audit.jsonl",
		RunE: func(cmd *cobra.Command, args []string) error {
			read := func(tenant string) (wire.AuditLines, error) {
				return t.client().Audit(cmd.Context(), tenant, after, 1000, 0)
			}
			if archive {
				read = func(tenant string) (wire.AuditLines, error) {
					return t.client().AuditWithArchive(cmd.Context(), tenant, after, 1000)
				}
			}
			for {
				page, err := read(optional(args))
				if err != nil {
					return whenInterrupted(err, "the export is not complete; --after %d writes the rest", after)
				}
				if page.Archived > after {
					fmt.Fprintf(t.err, "Lines %d to %d are in the archive and are not in the export: --archive writes them too.\n", after+1, page.Archived)
				}
				for _, l := range page.Items {
					after = l.Seq
					if err := t.jsonLine(l); err != nil {
						return err
					}
				}
				if len(page.Items) == 0 || after >= page.Last {
					return nil
				}
			}
		},
	}
	cmd.Flags().Uint64Var(&after, "after", 0, "begin after this number")
	cmd.Flags().BoolVar(&archive, "archive", false, "write the lines in the archive too, which are not in the store any more")
	return cmd
}

// exportTrail writes the results of a search to a file, and says on the terminal what it did not search.
func (t *terminal) exportTrail(ctx context.Context, trail, format string, s client.AuditSearch) error {
	if err := t.client().ExportAudit(ctx, t.out, trail, format, s); err != nil || s.Archive || trail == client.AllTrails {
		return whenInterrupted(err, "the export is not complete")
	}
	page, err := t.client().Audit(ctx, trail, 0, 1, 0)
	if err == nil && page.Archived > 0 {
		fmt.Fprintf(t.err, "Lines 1 to %d are in the archive and were not searched: --archive searches them too.\n", page.Archived)
	}
	return err
}

func auditVerify(t *terminal) *cobra.Command {
	var tenants []string
	var head, file string
	var archive bool
	cmd := &cobra.Command{
		Use: "verify", Short: "Verify that no audit line was changed, or name the first that was", Args: arguments(),
		Long: `Follows the hash chain of every tenant and of the installation itself, or of those tenants that --tenant names ("" is the
installation). The exit code is 1 if a line does not fit.

A person who can write to the file can change a line and compute the rest of the chain again. Therefore copy the printed head to
another place (a ticket, another machine); --head later proves that nothing up to it has changed.

Lines in the archive are read only with --archive. Then store and archive are verified as one chain, and so are the archived
events.`,
		Example: `  drawbridge audit verify
  drawbridge audit verify --tenant acme --head 1200:9f0c…
  drawbridge audit verify --archive
  drawbridge audit verify --file acme-audit.jsonl`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			known, err := parseHead(cmd.CommandPath(), head)
			if err != nil {
				return err
			}
			if known.Seq != 0 && len(tenants) != 1 {
				return usage(cmd.CommandPath(), "--head belongs to one trail: name it with --tenant")
			}
			if file != "" {
				return t.verifyFile(file)
			}
			c := t.client()
			if !cmd.Flags().Changed("tenant") {
				all, err := pages(0, func(cursor string, limit int) ([]wire.Tenant, string, error) {
					page, err := c.Tenants(cmd.Context(), client.List{Cursor: cursor, Limit: limit})
					return page.Items, page.Next, err
				})
				if err != nil {
					return err
				}
				tenants = []string{""}
				for i := range all {
					tenants = append(tenants, all[i].Slug)
				}
			}
			verify := c.VerifyAudit
			if archive {
				verify = c.VerifyAuditWithArchive
			}
			reports := []wire.AuditReport{}
			for _, tenant := range tenants {
				report, err := verify(cmd.Context(), tenant, known)
				if err != nil {
					return err
				}
				reports = append(reports, report)
			}
			return t.reports(reports)
		},
	}
	f := cmd.Flags()
	f.StringArrayVar(&tenants, "tenant", nil, "a tenant, several times if need be (default: all, and the installation)")
	f.StringVar(&head, "head", "", "a line that was written down earlier, as NUMBER:HASH")
	f.BoolVar(&archive, "archive", false, "prove the archive too, as one chain with the store")
	f.StringVar(&file, "file", "", "verify an export instead, - for standard input")
	return cmd
}

func parseHead(command, text string) (head wire.AuditHead, err error) {
	if text == "" {
		return head, nil
	}
	seq, hash, ok := strings.Cut(text, ":")
	if head.Seq, err = strconv.ParseUint(seq, 10, 64); !ok || err != nil || head.Seq == 0 || head.Hash.UnmarshalText([]byte(hash)) != nil || hash == "" {
		return head, usage(command, "--head is a number and a hash with a colon between them, as drawbridge audit verify prints it; not %q", text)
	}
	return head, nil
}

func (t *terminal) verifyFile(name string) error {
	in := t.in
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		defer func() { _ = f.Close() }() // it was only read
		in = io.Reader(f)
	}
	report, err := client.VerifyExport(in)
	if err != nil {
		return err
	}
	return t.reports([]wire.AuditReport{report})
}

// reports prints the results of a verification. A broken trail is a failure.
func (t *terminal) reports(reports []wire.AuditReport) error {
	broken := 0
	rows := [][]cell{}
	archived := false
	for _, r := range reports {
		archived = archived || r.Archived > 0
	}
	for _, r := range reports {
		name, verdict := r.Tenant, cell{"fits", green}
		if name == "" {
			name = "(installation)"
		}
		if !r.OK {
			broken++
			verdict = cell{"BROKEN", red}
		}
		head := "-"
		if r.Head.Seq != 0 {
			head = fmt.Sprintf("%d:%s", r.Head.Seq, r.Head.Hash)
		}
		row := []cell{{text: name}, verdict, {text: fmt.Sprint(r.Lines)}, {text: fmt.Sprint(r.Checked)}, {text: fmt.Sprint(r.Older)}}
		if archived {
			row = append(row, cell{text: inArchive(&r)})
		}
		rows = append(rows, append(row, cell{text: head}))
	}
	columns := []string{"TRAIL", "CHAIN", "LINES", "CHECKED", "OLDER", "HEAD"}
	if archived {
		columns = []string{"TRAIL", "CHAIN", "LINES", "CHECKED", "OLDER", "ARCHIVE", "HEAD"}
	}
	err := t.print(reports, func() {
		t.table(columns, rows)
		for _, r := range reports {
			if !r.OK {
				t.say("%s: the first broken line is %d: %s", orDash(r.Tenant), r.Broken, r.Why)
			}
		}
	})
	if err == nil && broken > 0 {
		return fmt.Errorf("%d of %d audit trails are broken; keep a copy of the data folder as it is, and compare with a backup", broken, len(reports))
	}
	return err
}

// inArchive says which part of a trail is in the archive, and whether it was read.
func inArchive(r *wire.AuditReport) string {
	switch {
	case r.Archived == 0:
		return "-"
	case r.Archive == nil:
		return fmt.Sprintf("1 to %d, not read", r.Archived)
	}
	return fmt.Sprintf("1 to %d, %d segments", r.Archived, r.Archive.Segments)
}

func auditVisits(t *terminal) *cobra.Command {
	var from, to, kinds string
	cmd := &cobra.Command{
		Use: "visits TENANT", Short: "Report who entered a tenant, when, from where, and what they changed", Args: arguments("TENANT"),
		Long:    "The access pattern of a tenant, made from its audit trail. A visit ends when its actor does nothing for half an hour.",
		Example: "  drawbridge audit visits acme --since 30d\n  drawbridge audit visits acme --kinds operator,idp -o json",
		RunE: func(cmd *cobra.Command, args []string) error {
			after, err := since(cmd.CommandPath(), "since", from)
			if err != nil {
				return err
			}
			before, err := since(cmd.CommandPath(), "until", to)
			if err != nil {
				return err
			}
			report, err := t.client().Visits(cmd.Context(), args[0], after, before, kinds)
			if err != nil {
				return err
			}
			return t.print(report, func() { t.visits(report) })
		},
	}
	f := cmd.Flags()
	f.StringVar(&from, "since", "30d", "not before: 7d, 12h, or a date")
	f.StringVar(&to, "until", "", "before: 7d, 12h, or a date")
	f.StringVar(&kinds, "kinds", "operator", "kinds of actor, with commas: operator, idp, policy, system")
	return cmd
}

func (t *terminal) visits(report wire.VisitReport) {
	rows := [][]cell{}
	for _, v := range report.Items {
		var did []string
		for _, action := range slices.Sorted(maps.Keys(v.Actions)) {
			did = append(did, fmt.Sprintf("%s ×%d", action, v.Actions[action]))
		}
		name := v.Actor.Name
		if name == "" {
			name = v.Actor.ID
		}
		to := v.To.Local().Format("15:04:05")
		if v.To.Sub(v.From) > 24*time.Hour {
			to = moment(&v.To)
		}
		what := strings.Join(v.Subjects[:min(3, len(v.Subjects))], ", ")
		if more := len(v.Subjects) - 3 + v.More; more > 0 {
			what += fmt.Sprintf(" and %d more", more)
		}
		rows = append(rows, cells(name, orDash(v.Address), moment(&v.From)+" – "+to, fmt.Sprint(v.Refused), strings.Join(did, ", "), what))
	}
	t.list([]string{"WHO", "FROM", "WHEN", "REFUSED", "DID", "TO WHAT"}, rows, "No actor of these kinds did anything in that time.")
	if !report.Complete {
		t.say("There is more before %s: ask again with --until.", moment(report.Since))
	}
}

// comingAndGoing names the people whom a line added to a group or removed from it. Only lines about Owners and Administrators have names
// (G6).
func comingAndGoing(after []byte) string {
	var names struct{ AddedNames, RemovedNames []string }
	if json.Unmarshal(after, &names) != nil {
		return "" // a line without names
	}
	var parts []string
	for _, name := range names.AddedNames {
		parts = append(parts, "+"+name)
	}
	for _, name := range names.RemovedNames {
		parts = append(parts, "-"+name)
	}
	return strings.Join(parts, " ")
}

func (t *terminal) audit(l wire.AuditLine) error {
	if t.lines() {
		return t.line(l)
	}
	name := l.Subject.Name
	if name == "" {
		name = l.Subject.ID
	}
	text := ""
	if l.Outcome != "done" {
		text = string(l.Outcome)
		if l.Rule != "" {
			text += " by " + string(l.Rule)
		}
	}
	if l.Reason != "" {
		if text != "" {
			text += ": "
		}
		text += l.Reason
	}
	if text == "" {
		text = comingAndGoing(l.After)
	}
	t.say("%6d  %s  %-20s %s %s  (by %s %s) %s", l.Seq, moment(&l.Time), l.Action, l.Subject.Kind, printable(name), l.Actor.Kind, printable(whoText(l.Actor.Kind, l.Actor.Name, l.Actor.ID)), printable(text))
	return nil
}
