package client

import (
	"context"
	"net/http"

	"drawbridge/console/wire"
)

// Trim removes what is past its retention time in a tenant.
func (c *Client) Trim(ctx context.Context, tenant string, dry DryRun) (wire.Trimmed, error) {
	return call[wire.Trimmed](ctx, c, request{method: http.MethodPost, path: "/tenants/" + segment(tenant) + "/trim", query: dry.query()})
}

// TrimAll removes what is past its retention time in all tenants and in the installation itself.
func (c *Client) TrimAll(ctx context.Context, dry DryRun) (wire.Page[wire.Trimmed], error) {
	return call[wire.Page[wire.Trimmed]](ctx, c, request{method: http.MethodPost, path: "/trim", query: dry.query()})
}
