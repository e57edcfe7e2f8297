package client

import (
	"context"
	"net/url"

	"drawbridge/console/wire"
)

// Period is from which to which day. "": the billing cycle of today.
type Period struct{ From, To string }

func (p Period) query() url.Values {
	q := url.Values{}
	set(q, "from", p.From)
	set(q, "to", p.To)
	return q
}

// Usage adds up the snapshots of a period, of one tenant or of all for "".
func (c *Client) Usage(ctx context.Context, tenant string, p Period) (wire.Page[wire.Usage], error) {
	q := p.query()
	set(q, "tenant", tenant)
	return whole[wire.Usage](ctx, c, "/usage", q)
}

// Snapshots gives the daily counts of a period.
func (c *Client) Snapshots(ctx context.Context, tenant string, p Period) (wire.Page[wire.Snapshot], error) {
	return whole[wire.Snapshot](ctx, c, "/tenants/"+segment(tenant)+"/snapshots", p.query())
}

// Ledger gives the stays of a period.
func (c *Client) Ledger(ctx context.Context, tenant string, p Period) (wire.Page[wire.LedgerLine], error) {
	return whole[wire.LedgerLine](ctx, c, "/tenants/"+segment(tenant)+"/ledger", p.query())
}

// UsageCSV is Usage as a table for a spreadsheet.
func (c *Client) UsageCSV(ctx context.Context, tenant string, p Period) ([]byte, error) {
	q := p.query()
	set(q, "tenant", tenant)
	return c.text(ctx, "/usage.csv", q)
}

// SnapshotsCSV is Snapshots as a table.
func (c *Client) SnapshotsCSV(ctx context.Context, tenant string, p Period) ([]byte, error) {
	return c.text(ctx, "/tenants/"+segment(tenant)+"/snapshots.csv", p.query())
}

// LedgerCSV is Ledger as a table.
func (c *Client) LedgerCSV(ctx context.Context, tenant string, p Period) ([]byte, error) {
	return c.text(ctx, "/tenants/"+segment(tenant)+"/ledger.csv", p.query())
}
