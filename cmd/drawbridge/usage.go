package main

import (
	"strconv"

	"github.com/spf13/cobra"

	"drawbridge/console/client"
	"drawbridge/console/wire"
)

// periodFlags are the flags of reports about a period.
type periodFlags struct {
	client.Period
	csv bool
}

func (f *periodFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.From, "from", "", "first day, as 2026-03-01 (default: the beginning of the billing cycle)")
	cmd.Flags().StringVar(&f.To, "to", "", "last day, which counts too (default: the end of the billing cycle)")
	cmd.Flags().BoolVar(&f.csv, "csv", false, "print a table for a spreadsheet")
}

// csvOr prints the table that csv gives with --csv, and otherwise what text prints.
func (f *periodFlags) csvOr(t *terminal, csv func() ([]byte, error), text func() error) error {
	if !f.csv {
		return text()
	}
	out, err := csv()
	if err != nil {
		return err
	}
	_, err = t.out.Write(out)
	return err
}

// report prints a list.
func report[T any](t *terminal, p wire.Page[T], err error, text func([]T)) error {
	if err != nil {
		return err
	}
	return t.print(p.Items, func() { text(p.Items) })
}

func usageCommand(t *terminal) *cobra.Command {
	var f periodFlags
	cmd := &cobra.Command{
		Use: "usage [TENANT]", Short: "Add up billed seats and what they cost", Args: arguments("[TENANT]"),
		Long: `Adds up the daily snapshots of a period: usage is the sum of the daily counts divided by the days. The cost is an estimate
with proration, never an invoice. Without TENANT: every tenant, each with its own billing cycle.`,
		Example: "  drawbridge usage acme\n  drawbridge usage --from 2026-01-01 --to 2026-12-31 --csv",
		RunE: func(cmd *cobra.Command, args []string) error {
			c, tenant := t.client(), optional(args)
			ctx := cmd.Context()
			text := func(all []wire.Usage) {
				rows := [][]cell{}
				for _, u := range all {
					total, projected := "-", "-"
					if u.Cost != nil {
						total, projected = u.Cost.Total+" "+u.Cost.Currency, u.Cost.Projected+" "+u.Cost.Currency
					}
					rows = append(rows, cells(u.Tenant, u.Plan, u.From, u.To, strconv.Itoa(u.Counted)+"/"+strconv.Itoa(u.Days), strconv.Itoa(u.SeatDays),
						strconv.FormatFloat(u.Usage, 'f', 2, 64), strconv.FormatFloat(u.Projected, 'f', 2, 64), total, projected))
				}
				t.list([]string{"TENANT", "PLAN", "FROM", "TO", "DAYS", "SEAT DAYS", "USAGE", "PROJECTED", "COST SO FAR", "COST PROJECTED"}, rows,
					t.inScope(ctx, rows, "There are no tenants yet, and so no seats.", "Your tenants have no seats."))
			}
			return f.csvOr(t, func() ([]byte, error) { return c.UsageCSV(ctx, tenant, f.Period) }, func() error {
				p, err := c.Usage(ctx, tenant, f.Period)
				return report(t, p, err, text)
			})
		},
	}
	f.register(cmd)
	return cmd
}

func snapshotsCommand(t *terminal) *cobra.Command {
	var f periodFlags
	cmd := &cobra.Command{
		Use: "snapshots TENANT", Short: "List the daily counts of seats", Args: arguments("TENANT"),
		Long:    "One count for each local date, by default at 19:00 in New York (settings snapshot_zone and snapshot_time of the tenant).",
		Example: "  drawbridge snapshots acme --from 2026-03-01 --to 2026-03-31",
		RunE: func(cmd *cobra.Command, args []string) error {
			c := t.client()
			ctx := cmd.Context()
			text := func(all []wire.Snapshot) {
				rows := [][]cell{}
				for _, s := range all {
					late := ""
					if s.Late {
						late = "late"
					}
					rows = append(rows, cells(string(s.Day), strconv.Itoa(s.Members), strconv.Itoa(s.Guests), strconv.Itoa(s.Billed), moment(&s.Taken), late))
				}
				t.list([]string{"DAY", "MEMBERS", "GUESTS", "BILLED", "TAKEN", ""}, rows, "Tenant "+args[0]+" has no snapshots of that time. One is taken each day.")
			}
			return f.csvOr(t, func() ([]byte, error) { return c.SnapshotsCSV(ctx, args[0], f.Period) }, func() error {
				p, err := c.Snapshots(ctx, args[0], f.Period)
				return report(t, p, err, text)
			})
		},
	}
	f.register(cmd)
	return cmd
}

func ledgerCommand(t *terminal) *cobra.Command {
	var f periodFlags
	cmd := &cobra.Command{
		Use: "ledger TENANT", Short: "List who held a billable seat, and for how many days", Args: arguments("TENANT"),
		Example: "  drawbridge ledger acme --from 2026-03-01 --csv",
		RunE: func(cmd *cobra.Command, args []string) error {
			c := t.client()
			ctx := cmd.Context()
			text := func(all []wire.LedgerLine) {
				rows := [][]cell{}
				for _, l := range all {
					rows = append(rows, cells(l.UserName, l.Type, moment(&l.From), moment(l.To), l.Why, strconv.Itoa(l.SeatDays)))
				}
				t.list([]string{"USER", "TYPE", "FROM", "TO", "ENDED", "DAYS"}, rows, "No user of "+args[0]+" held a billable seat in that time.")
			}
			return f.csvOr(t, func() ([]byte, error) { return c.LedgerCSV(ctx, args[0], f.Period) }, func() error {
				p, err := c.Ledger(ctx, args[0], f.Period)
				return report(t, p, err, text)
			})
		},
	}
	f.register(cmd)
	return cmd
}
