package client

import (
	"context"
	"net/http"

	"drawbridge/console/wire"
)

func appKeyPath(tenant string) string { return "/tenants/" + segment(tenant) + "/appkeys" }

// CreateAppKey makes a key with which an application reads one tenant. It is shown only once.
func (c *Client) CreateAppKey(ctx context.Context, tenant string, in wire.AppKeyCreate) (wire.IssuedAppKey, error) {
	return post[wire.IssuedAppKey](ctx, c, appKeyPath(tenant), in)
}

// AppKeys lists the keys of a tenant's applications.
func (c *Client) AppKeys(ctx context.Context, tenant string) (wire.Page[wire.AppKey], error) {
	return whole[wire.AppKey](ctx, c, appKeyPath(tenant), nil)
}

// RevokeAppKey ends a key at once.
func (c *Client) RevokeAppKey(ctx context.Context, tenant, key string) error {
	return c.do(ctx, request{method: http.MethodDelete, path: appKeyPath(tenant) + "/" + segment(key)}, nil)
}
