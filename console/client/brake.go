package client

import (
	"context"
	"net/url"

	"drawbridge/console/wire"
)

// Held lists what waits for an operator, of one connection or of all of the tenant for "".
func (c *Client) Held(ctx context.Context, tenant, connection string) (wire.Page[wire.Held], error) {
	q := url.Values{}
	set(q, "connection", connection)
	return whole[wire.Held](ctx, c, "/tenants/"+segment(tenant)+"/held", q)
}

// HeldTotals sums up what waits for an operator, of one connection or of all of the tenant for "".
func (c *Client) HeldTotals(ctx context.Context, tenant, connection string) (wire.Page[wire.HeldTotal], error) {
	q := url.Values{}
	set(q, "connection", connection)
	return whole[wire.HeldTotal](ctx, c, "/tenants/"+segment(tenant)+"/held/totals", q)
}

// ReleaseHeld does held removals after all.
func (c *Client) ReleaseHeld(ctx context.Context, tenant string, in wire.SettleHeld) (wire.Page[wire.SettledHeld], error) {
	return post[wire.Page[wire.SettledHeld]](ctx, c, "/tenants/"+segment(tenant)+"/held/release", in)
}

// DiscardHeld drops held removals.
func (c *Client) DiscardHeld(ctx context.Context, tenant string, in wire.SettleHeld) (wire.Page[wire.SettledHeld], error) {
	return post[wire.Page[wire.SettledHeld]](ctx, c, "/tenants/"+segment(tenant)+"/held/discard", in)
}
