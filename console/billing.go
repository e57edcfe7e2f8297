package console

import (
	"bytes"
	"context"
	"encoding/csv"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"drawbridge/bridge"
	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/internal/httpapi"
)

type (
	// PeriodQuery is from which to which day.
	PeriodQuery struct {
		From string `query:"from" maxLength:"10" doc:"A date. Missing: the beginning of the billing cycle." example:"2026-03-01"`
		To   string `query:"to" maxLength:"10" doc:"A date, which counts too. Missing: the end of the billing cycle."`
	}
	// UsageInput asks for the usage of one tenant, or of all.
	UsageInput struct {
		PeriodQuery
		Tenant string `query:"tenant" maxLength:"40" doc:"Only this tenant."`
		Q      string `query:"q" maxLength:"200" doc:"Only tenants with this part in the name, the slug or the customer number, in any case."`
	}
	// PeriodInput is a period of a tenant.
	PeriodInput struct {
		httpapi.TenantPath
		PeriodQuery
	}
)

func (q PeriodQuery) days() (from, to directory.Day) {
	return directory.Day(q.From), directory.Day(q.To)
}

func (a *api) billingRoutes() []operation {
	return []operation{
		{
			id: "get-usage", method: http.MethodGet, path: "/usage",
			right: directory.TenantBilling, list: true,
			tag: "tenants", summary: "Add up usage and cost",
			about: "Seat days from the daily snapshots, the projection to the end of the period, and what it comes to. An estimate, never an invoice.",
			codes: []directory.Code{directory.NotFound, directory.Invalid},
			do:    handle(a.getUsage),
		},
		{
			id: "export-usage", method: http.MethodGet, path: "/usage.csv",
			right: directory.TenantBilling, list: true,
			tag: "tenants", summary: "Usage and cost as a table",
			about: "The CSV form of get-usage (rule B7).",
			codes: []directory.Code{directory.NotFound, directory.Invalid},
			do:    handle(a.exportUsage),
		},
		{
			id: "list-snapshots", method: http.MethodGet, path: "/tenants/{tenant}/snapshots",
			right: directory.TenantBilling,
			tag:   "tenants", summary: "List the daily counts of seats",
			about: "One for each local date (rule B7).",
			codes: []directory.Code{directory.NotFound, directory.Invalid},
			do:    handle(a.listSnapshots),
		},
		{
			id: "export-snapshots", method: http.MethodGet, path: "/tenants/{tenant}/snapshots.csv",
			right: directory.TenantBilling,
			tag:   "tenants", summary: "The daily counts as a table",
			about: "The CSV form of list-snapshots (rule B7).",
			codes: []directory.Code{directory.NotFound, directory.Invalid},
			do:    handle(a.exportSnapshots),
		},
		{
			id: "list-ledger", method: http.MethodGet, path: "/tenants/{tenant}/ledger",
			right: directory.TenantBilling,
			tag:   "tenants", summary: "List who held a billable seat",
			about: "From acceptance to suspension, deletion or conversion, with the days that were counted (rule B6).",
			codes: []directory.Code{directory.NotFound, directory.Invalid},
			do:    handle(a.listLedger),
		},
		{
			id: "export-ledger", method: http.MethodGet, path: "/tenants/{tenant}/ledger.csv",
			right: directory.TenantBilling,
			tag:   "tenants", summary: "Who held a billable seat, as a table",
			about: "The CSV form of list-ledger (rule B6). A cell that a spreadsheet would take for a formula is quoted.",
			codes: []directory.Code{directory.NotFound, directory.Invalid},
			do:    handle(a.exportLedger),
		},
	}
}

type getUsageInput struct {
	UsageInput
	httpapi.PageQuery
}

type listLedgerInput struct {
	PeriodInput
	httpapi.PageQuery
	User string `query:"user" maxLength:"36" doc:"Only the seats of this user: the id."`
}

type periodPage struct {
	PeriodInput
	httpapi.PageQuery
}

func (a *api) getUsage(ctx context.Context, p directory.Principal, in *getUsageInput) (*output[wire.Page[wire.Usage]], error) {
	tenants, err := a.billed(ctx, p, &in.UsageInput)
	if err != nil {
		return nil, err
	}
	page, err := httpapi.InOrder(tenants, in.PageQuery, func(t *directory.Tenant) string { return string(t.ID) })
	if err != nil {
		return nil, err
	}
	items, err := a.bills(ctx, p, page.Items, &in.UsageInput)
	return answer(wire.Page[wire.Usage]{Items: items, Next: page.Next}, err)
}

func (a *api) exportUsage(ctx context.Context, p directory.Principal, in *UsageInput) (*httpapi.File, error) {
	tenants, err := a.billed(ctx, p, in)
	if err != nil {
		return nil, err
	}
	all, err := a.bills(ctx, p, tenants, in)
	rows := [][]string{{"tenant", "plan", "from", "to", "days", "counted", "late", "member_days", "guest_days", "seat_days", "usage", "projected", "currency", "total", "projected_total", "tenant_name", "customer_number"}}
	for _, u := range all {
		cost := wire.Cost{}
		if u.Cost != nil {
			cost = *u.Cost
		}
		rows = append(rows, []string{
			u.Tenant, u.Plan, u.From, u.To, strconv.Itoa(u.Days), strconv.Itoa(u.Counted), strconv.Itoa(u.Late), strconv.Itoa(u.MemberDays),
			strconv.Itoa(u.GuestDays), strconv.Itoa(u.SeatDays), decimal(u.Usage), decimal(u.Projected), cost.Currency, cost.Total, cost.Projected,
			u.TenantName, u.CustomerNumber,
		})
	}
	return table("usage", rows), err
}

func (a *api) listSnapshots(ctx context.Context, p directory.Principal, in *periodPage) (*output[wire.Page[wire.Snapshot]], error) {
	from, to := in.days()
	all, err := a.Bridge.Snapshots(ctx, p, in.TenantID(), from, to)
	if err != nil {
		return nil, err
	}
	return answer(httpapi.InOrder(all, in.PageQuery, func(s *wire.Snapshot) string { return string(s.Day) }))
}

func (a *api) exportSnapshots(ctx context.Context, p directory.Principal, in *PeriodInput) (*httpapi.File, error) {
	from, to := in.days()
	all, err := a.Bridge.Snapshots(ctx, p, in.TenantID(), from, to)
	rows := [][]string{{"day", "at", "taken", "late", "plan", "members", "guests", "billed", "limit"}}
	for _, s := range all {
		rows = append(rows, []string{
			string(s.Day), s.At.Format(time.RFC3339), s.Taken.Format(time.RFC3339), strconv.FormatBool(s.Late), s.Plan,
			strconv.Itoa(s.Members), strconv.Itoa(s.Guests), strconv.Itoa(s.Billed), strconv.Itoa(s.Limit),
		})
	}
	return table(in.Tenant+"-snapshots", rows), err
}

func (a *api) listLedger(ctx context.Context, p directory.Principal, in *listLedgerInput) (*output[wire.Page[wire.LedgerLine]], error) {
	all, err := a.ledger(ctx, p, &in.PeriodInput)
	if err != nil {
		return nil, err
	}
	if in.User != "" {
		all = slices.DeleteFunc(all, func(l wire.LedgerLine) bool { return l.User != in.User })
	}
	return answer(httpapi.InOrder(all, in.PageQuery, func(l *wire.LedgerLine) string { return l.User + " " + l.From.Format(time.RFC3339Nano) }))
}

func (a *api) exportLedger(ctx context.Context, p directory.Principal, in *PeriodInput) (*httpapi.File, error) {
	all, err := a.ledger(ctx, p, in)
	rows := [][]string{{"user", "user_name", "type", "from", "to", "why", "charge_due_by", "seat_days"}}
	for _, l := range all {
		to := ""
		if l.To != nil {
			to = l.To.Format(time.RFC3339)
		}
		rows = append(rows, []string{l.User, l.UserName, l.Type, l.From.Format(time.RFC3339), to, l.Why, l.ChargeDueBy.Format(time.RFC3339), strconv.Itoa(l.SeatDays)})
	}
	return table(in.Tenant+"-ledger", rows), err
}

// usage adds up one tenant, or all that the caller may see.
// billed gives the tenants that are asked for, in the order of their slugs.
func (a *api) billed(ctx context.Context, p directory.Principal, in *UsageInput) ([]directory.Tenant, error) {
	tenants, err := a.Overview.InScope(ctx, p)
	if err != nil {
		return nil, err
	}
	tenants = slices.DeleteFunc(tenants, func(t directory.Tenant) bool {
		return in.Tenant != "" && string(t.ID) != in.Tenant || !directory.HasPart(in.Q, t.Name, string(t.ID), t.CustomerNumber)
	})
	if in.Tenant != "" && len(tenants) == 0 {
		return nil, &directory.Error{Code: directory.NotFound, Message: "there is no tenant " + in.Tenant}
	}
	return tenants, nil
}

// bills adds up the usage of tenants. A tenant that was removed meanwhile is left out.
func (a *api) bills(ctx context.Context, p directory.Principal, tenants []directory.Tenant, in *UsageInput) ([]wire.Usage, error) {
	from, to := in.days()
	out := []wire.Usage{}
	for i := range tenants {
		b, err := a.Bridge.Bill(ctx, p, tenants[i].ID, from, to)
		if directory.CodeOf(err) == directory.NotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, usageView(&tenants[i], &b))
	}
	return out, nil
}

func usageView(t *directory.Tenant, b *bridge.Bill) wire.Usage {
	u := wire.Usage{
		Tenant: string(t.ID), TenantName: t.Name, CustomerNumber: t.CustomerNumber, Plan: t.Plan, From: string(b.From), To: string(b.To), Days: b.Days, Counted: b.Counted, Late: b.Late,
		Last: string(b.Last), MemberDays: b.MemberDays, GuestDays: b.GuestDays, SeatDays: b.SeatDays, Usage: b.Usage, Projected: b.Projected,
	}
	if b.Currency != "" {
		u.Cost = &wire.Cost{
			Currency: b.Currency, Flat: b.Flat.String(), Base: b.Base.String(), Added: b.Added.String(), Credited: b.Credited.String(),
			Total: b.Total.String(), Projected: b.ProjectedTotal.String(), Mixed: b.Mixed,
		}
	}
	return u
}

func (a *api) ledger(ctx context.Context, p directory.Principal, in *PeriodInput) ([]wire.LedgerLine, error) {
	from, to := in.days()
	all, err := a.Bridge.Ledger(ctx, p, in.TenantID(), from, to)
	out := make([]wire.LedgerLine, 0, len(all))
	for i := range all {
		l := &all[i]
		out = append(out, wire.LedgerLine{
			User: l.User.String(), UserName: l.UserName, Type: l.Type.String(), From: l.From.UTC(), To: httpapi.Time(l.To), Why: l.Why,
			ChargeDueBy: l.ChargeDueBy.UTC(), SeatDays: l.SeatDays,
		})
	}
	return out, err
}

func decimal(x float64) string { return strconv.FormatFloat(x, 'f', 4, 64) }

// table writes rows as CSV (RFC 4180). No cell is a formula to a spreadsheet, even if a user's name looks like one.
func table(name string, rows [][]string) *httpapi.File {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	for i, row := range rows {
		if i > 0 {
			for j, cell := range row {
				row[j] = harmless(cell)
			}
		}
		_ = w.Write(row) // into memory
	}
	w.Flush()
	return &httpapi.File{ContentType: "text/csv; charset=utf-8", Disposition: `attachment; filename="` + name + `.csv"`, Body: b.Bytes()}
}

// harmless puts an apostrophe before a text that a spreadsheet would read as a formula, and before a text that already looks so, so that
// harmful can undo it.
func harmless(cell string) string {
	if formula(cell) {
		return "'" + cell
	}
	return cell
}

// harmful removes the apostrophe of harmless.
func harmful(cell string) string {
	if rest, quoted := strings.CutPrefix(cell, "'"); quoted && formula(rest) {
		return rest
	}
	return cell
}

// formula reports whether a cell begins like a formula, after any apostrophes. The wide signs are those of East Asian keyboards.
func formula(cell string) bool {
	first, _ := utf8.DecodeRuneInString(strings.TrimLeft(cell, "'"))
	return strings.ContainsRune("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20", first)
}
