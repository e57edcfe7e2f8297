package client

import (
	"context"
	"net/http"

	"drawbridge/console/wire"
)

// Trim takes away what a tenant keeps no longer.
func (c *Client) Trim(ctx context.Context, tenant string, dry bool) (wire.Trimmed, error) {
	return call[wire.Trimmed](ctx, c, http.MethodPost, "/tenants/"+seg(tenant)+"/trim", dryRun(dry), "", nil)
}

// TrimAll takes away what all tenants and the installation itself keep no longer.
func (c *Client) TrimAll(ctx context.Context, dry bool) (wire.Page[wire.Trimmed], error) {
	return call[wire.Page[wire.Trimmed]](ctx, c, http.MethodPost, "/trim", dryRun(dry), "", nil)
}
