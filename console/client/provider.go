package client

import (
	"context"
	"io"
	"net/http"

	"drawbridge/console/wire"
)

// Provider shows the settings of the installation.
func (c *Client) Provider(ctx context.Context) (wire.ProviderSettings, error) {
	return get[wire.ProviderSettings](ctx, c, "/provider", nil)
}

// UpdateProvider changes them.
func (c *Client) UpdateProvider(ctx context.Context, etag string, in wire.ProviderUpdate) (wire.ProviderSettings, error) {
	return call[wire.ProviderSettings](ctx, c, request{method: http.MethodPatch, path: "/provider", etag: etag, in: in})
}

// ProviderLogo writes the logo of the provider, a PNG. NotFound without one.
func (c *Client) ProviderLogo(ctx context.Context, to io.Writer) error {
	return c.do(ctx, request{method: http.MethodGet, path: "/provider/logo.png"}, download{to})
}

// Roles is the table of roles.
func (c *Client) Roles(ctx context.Context) (wire.Page[wire.RoleInfo], error) {
	return whole[wire.RoleInfo](ctx, c, "/roles", nil)
}
