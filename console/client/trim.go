package client

import (
	"context"
	"net/http"

	"drawbridge/console/wire"
)

// Trim takes away what a tenant keeps no longer.
func (c *Client) Trim(ctx context.Context, tenant string, dry DryRun) (wire.Trimmed, error) {
	return call[wire.Trimmed](ctx, c, request{method: http.MethodPost, path: "/tenants/" + segment(tenant) + "/trim", query: dry.query()})
}

// TrimAll takes away what all tenants and the installation itself keep no longer.
func (c *Client) TrimAll(ctx context.Context, dry DryRun) (wire.Page[wire.Trimmed], error) {
	return call[wire.Page[wire.Trimmed]](ctx, c, request{method: http.MethodPost, path: "/trim", query: dry.query()})
}
