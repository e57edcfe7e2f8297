package client

import (
	"context"

	"drawbridge/console/wire"
)

// Idle reports idle seats and orphans of a tenant.
func (c *Client) Idle(ctx context.Context, tenant string) (wire.Idle, error) {
	return get[wire.Idle](ctx, c, "/tenants/"+segment(tenant)+"/idle", nil)
}
