package client

import (
	"context"
	"net/http"

	"drawbridge/console/wire"
)

// CreateTenant creates a tenant with its built-in groups.
func (c *Client) CreateTenant(ctx context.Context, in wire.TenantCreate) (wire.Tenant, error) {
	return post[wire.Tenant](ctx, c, "/tenants", in)
}

// Tenants lists tenants.
func (c *Client) Tenants(ctx context.Context, l List) (wire.TenantPage, error) {
	return get[wire.TenantPage](ctx, c, "/tenants", l.query())
}

// Tenant shows one tenant.
func (c *Client) Tenant(ctx context.Context, tenant string) (wire.Tenant, error) {
	return get[wire.Tenant](ctx, c, "/tenants/"+segment(tenant), nil)
}

// Overview shows everything about a tenant in one place.
func (c *Client) Overview(ctx context.Context, tenant string) (wire.Overview, error) {
	return get[wire.Overview](ctx, c, "/tenants/"+segment(tenant)+"/overview", nil)
}

// UpdateTenant changes a tenant. etag "" means any version.
func (c *Client) UpdateTenant(ctx context.Context, tenant, etag string, in wire.TenantUpdate) (wire.Tenant, error) {
	return call[wire.Tenant](ctx, c, request{method: http.MethodPatch, path: "/tenants/" + segment(tenant), etag: etag, in: in})
}

// PreviewTenantDeletion says what the deletion of a tenant removes.
func (c *Client) PreviewTenantDeletion(ctx context.Context, tenant string) (wire.TenantDeletion, error) {
	return get[wire.TenantDeletion](ctx, c, "/tenants/"+segment(tenant)+"/deletion", nil)
}

// DeleteTenant deletes a tenant with everything in it.
func (c *Client) DeleteTenant(ctx context.Context, tenant string, in wire.TenantDeletionRequest) (wire.TenantDeletion, error) {
	return post[wire.TenantDeletion](ctx, c, "/tenants/"+segment(tenant)+"/deletion", in)
}

// Seats counts the seats of a tenant.
func (c *Client) Seats(ctx context.Context, tenant string) (wire.Seats, error) {
	return get[wire.Seats](ctx, c, "/tenants/"+segment(tenant)+"/seats", nil)
}

// Settings gives every setting of a tenant with its source.
func (c *Client) Settings(ctx context.Context, tenant string) (wire.Page[wire.Setting], error) {
	return whole[wire.Setting](ctx, c, "/tenants/"+segment(tenant)+"/settings", nil)
}
