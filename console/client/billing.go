package client

import (
	"context"
	"net/url"
	"time"

	"drawbridge/directory"
)

// Usage is what a period of a tenant comes to: an estimate, never an invoice.
type Usage struct {
	Tenant     string  `json:"tenant"`
	Plan       string  `json:"plan"`
	From       string  `json:"from" format:"date"`
	To         string  `json:"to" format:"date" doc:"The last day, which counts too."`
	Days       int     `json:"days" doc:"Of the period."`
	Counted    int     `json:"counted" doc:"Days with a snapshot."`
	Late       int     `json:"late" doc:"Of those, taken late."`
	Last       string  `json:"last,omitempty" format:"date" doc:"The last day with a snapshot."`
	MemberDays int     `json:"member_days"`
	GuestDays  int     `json:"guest_days"`
	SeatDays   int     `json:"seat_days" doc:"Sum of the billed seats of each day: members and the guests beyond those included."`
	Usage      float64 `json:"usage" doc:"Seat days divided by the days so far."`
	Projected  float64 `json:"projected" doc:"The same for the whole period, as if every day to come were like the last."`
	Cost       *Cost   `json:"cost,omitempty" doc:"Missing where the plan has no price."`
}

// Cost is the estimate of a period. Amounts are decimals with two places.
type Cost struct {
	Currency  string `json:"currency"`
	Flat      string `json:"flat" doc:"Whatever the number of seats."`
	Base      string `json:"base" doc:"The seats of the first day."`
	Added     string `json:"added" doc:"Prorated: seats that came later."`
	Credited  string `json:"credited" doc:"Prorated: seats that fell away."`
	Total     string `json:"total" doc:"Flat, base and added less credited, of the days so far."`
	Projected string `json:"projected" doc:"Of the whole period."`
	Mixed     bool   `json:"mixed,omitempty" doc:"Some days have a price in another currency and are left out."`
}

// Snapshot is what a tenant is charged for on one local date.
type Snapshot = directory.Snapshot

// LedgerLine is one stay of a user on a billable seat.
type LedgerLine struct {
	User        string     `json:"user"`
	UserName    string     `json:"user_name"`
	Type        string     `json:"type" enum:"member,guest"`
	From        time.Time  `json:"from"`
	To          *time.Time `json:"to,omitempty" doc:"Missing: it goes on."`
	Why         string     `json:"why,omitempty" doc:"It ended: suspended, deleted, converted."`
	ChargeDueBy time.Time  `json:"charge_due_by" doc:"48 hours after acceptance."`
	SeatDays    int        `json:"seat_days" doc:"Days of the period on which it was counted."`
}

// Period is from which to which day. "": the billing cycle of today.
type Period struct{ From, To string }

func (p Period) query() url.Values {
	q := url.Values{}
	set(q, "from", p.From)
	set(q, "to", p.To)
	return q
}

// Usage adds up the snapshots of a period, of one tenant or of all for "".
func (c *Client) Usage(ctx context.Context, tenant string, p Period) (Page[Usage], error) {
	q := p.query()
	set(q, "tenant", tenant)
	return whole[Usage](ctx, c, "/usage", q)
}

// Snapshots gives the daily counts of a period.
func (c *Client) Snapshots(ctx context.Context, tenant string, p Period) (Page[Snapshot], error) {
	return whole[Snapshot](ctx, c, "/tenants/"+seg(tenant)+"/snapshots", p.query())
}

// Ledger gives the stays of a period.
func (c *Client) Ledger(ctx context.Context, tenant string, p Period) (Page[LedgerLine], error) {
	return whole[LedgerLine](ctx, c, "/tenants/"+seg(tenant)+"/ledger", p.query())
}

// UsageCSV is Usage as a table for a spreadsheet.
func (c *Client) UsageCSV(ctx context.Context, tenant string, p Period) ([]byte, error) {
	q := p.query()
	set(q, "tenant", tenant)
	return c.text(ctx, "/usage.csv", q)
}

// SnapshotsCSV is Snapshots as a table.
func (c *Client) SnapshotsCSV(ctx context.Context, tenant string, p Period) ([]byte, error) {
	return c.text(ctx, "/tenants/"+seg(tenant)+"/snapshots.csv", p.query())
}

// LedgerCSV is Ledger as a table.
func (c *Client) LedgerCSV(ctx context.Context, tenant string, p Period) ([]byte, error) {
	return c.text(ctx, "/tenants/"+seg(tenant)+"/ledger.csv", p.query())
}
