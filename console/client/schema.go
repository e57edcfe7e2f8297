package client

import (
	"context"
	"net/http"

	"drawbridge/console/wire"
)

// Schemas lists the schemas that a tenant has of its own.
func (c *Client) Schemas(ctx context.Context, tenant string) (wire.Page[wire.Schema], error) {
	return whole[wire.Schema](ctx, c, "/tenants/"+segment(tenant)+"/schemas", nil)
}

// Discard removes data that is no longer in a schema from every record. Without it such data is a conflict.
type Discard bool

// LoadSchema adds a schema to a tenant, or replaces the one with the same URN.
func (c *Client) LoadSchema(ctx context.Context, tenant string, in wire.Schema, discard Discard) (wire.Schema, error) {
	return call[wire.Schema](ctx, c, request{method: http.MethodPost, path: "/tenants/" + segment(tenant) + "/schemas", query: flag("discard", discard), in: in})
}

// RemoveSchema removes a schema from a tenant.
func (c *Client) RemoveSchema(ctx context.Context, tenant, urn string, discard Discard) error {
	return c.do(ctx, request{method: http.MethodDelete, path: "/tenants/" + segment(tenant) + "/schemas/" + segment(urn), query: flag("discard", discard)}, nil)
}
