package client

import (
	"context"
	"net/http"

	"drawbridge/console/wire"
)

// Idle reports idle seats and orphans of a tenant.
func (c *Client) Idle(ctx context.Context, tenant string) (wire.Idle, error) {
	return call[wire.Idle](ctx, c, http.MethodGet, "/tenants/"+seg(tenant)+"/idle", nil, "", nil)
}
