package client

import (
	"context"
	"net/http"
	"net/url"

	"drawbridge/console/wire"
)

// Schemas lists the schemas that a tenant has of its own.
func (c *Client) Schemas(ctx context.Context, tenant string) (wire.Page[wire.Schema], error) {
	return whole[wire.Schema](ctx, c, "/tenants/"+seg(tenant)+"/schemas", nil)
}

// LoadSchema adds a schema to a tenant, or takes the place of the one with the same URN. With discard, data that no schema has
// any more leaves every record; without it, such data is 409.
func (c *Client) LoadSchema(ctx context.Context, tenant string, in wire.Schema, discard bool) (wire.Schema, error) {
	return call[wire.Schema](ctx, c, http.MethodPost, "/tenants/"+seg(tenant)+"/schemas", discarding(discard), "", in)
}

// RemoveSchema takes a schema from a tenant; discard is that of LoadSchema.
func (c *Client) RemoveSchema(ctx context.Context, tenant, urn string, discard bool) error {
	_, err := call[struct{}](ctx, c, http.MethodDelete, "/tenants/"+seg(tenant)+"/schemas/"+seg(urn), discarding(discard), "", nil)
	return err
}

func discarding(discard bool) url.Values {
	if !discard {
		return nil
	}
	return url.Values{"discard": {"true"}}
}
