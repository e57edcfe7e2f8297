package client

import (
	"context"
	"net/http"
	"net/url"

	"drawbridge/console/wire"
)

// Held lists what waits for an operator, of one connection or of all of the tenant for "".
func (c *Client) Held(ctx context.Context, tenant, connection string) (wire.Page[wire.Held], error) {
	q := url.Values{}
	set(q, "connection", connection)
	return whole[wire.Held](ctx, c, "/tenants/"+seg(tenant)+"/held", q)
}

// ReleaseHeld does held removals after all.
func (c *Client) ReleaseHeld(ctx context.Context, tenant string, in wire.SettleHeld) (wire.Page[wire.SettledHeld], error) {
	return call[wire.Page[wire.SettledHeld]](ctx, c, http.MethodPost, "/tenants/"+seg(tenant)+"/held/release", nil, "", in)
}

// DiscardHeld drops held removals.
func (c *Client) DiscardHeld(ctx context.Context, tenant string, in wire.SettleHeld) (wire.Page[wire.SettledHeld], error) {
	return call[wire.Page[wire.SettledHeld]](ctx, c, http.MethodPost, "/tenants/"+seg(tenant)+"/held/discard", nil, "", in)
}
