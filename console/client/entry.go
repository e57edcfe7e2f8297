package client

import (
	"context"
	"net/http"

	"drawbridge/console/wire"
)

// Enter opens a context inside a tenant.
func (c *Client) Enter(ctx context.Context, tenant string, in wire.EntryRequest) (wire.Entry, error) {
	return call[wire.Entry](ctx, c, http.MethodPost, "/tenants/"+seg(tenant)+"/entry", nil, "", in)
}

// Leave ends it.
func (c *Client) Leave(ctx context.Context, tenant string) error {
	return c.do(ctx, http.MethodDelete, "/tenants/"+seg(tenant)+"/entry", nil, "", nil, nil)
}

// Inside lists who works inside a tenant.
func (c *Client) Inside(ctx context.Context, tenant string) (wire.Page[wire.Entry], error) {
	return whole[wire.Entry](ctx, c, "/tenants/"+seg(tenant)+"/entries", nil)
}
