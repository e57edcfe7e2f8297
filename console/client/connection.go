package client

import (
	"context"
	"net/http"

	"drawbridge/console/wire"
)

// CreateConnection creates a connection with its first credential, which is shown only once.
func (c *Client) CreateConnection(ctx context.Context, in wire.ConnectionCreate) (wire.Issued, error) {
	return post[wire.Issued](ctx, c, "/connections", in)
}

// Connections lists connections.
func (c *Client) Connections(ctx context.Context, l List) (wire.Page[wire.Connection], error) {
	return get[wire.Page[wire.Connection]](ctx, c, "/connections", l.query())
}

// Connection shows one connection.
func (c *Client) Connection(ctx context.Context, slug string) (wire.Connection, error) {
	return get[wire.Connection](ctx, c, "/connections/"+segment(slug), nil)
}

// UpdateConnection changes a connection. etag "" means any version.
func (c *Client) UpdateConnection(ctx context.Context, slug, etag string, in wire.ConnectionUpdate) (wire.Connection, error) {
	return call[wire.Connection](ctx, c, request{method: http.MethodPatch, path: "/connections/" + segment(slug), etag: etag, in: in})
}

// TryMapping says what an attribute mapping would do.
func (c *Client) TryMapping(ctx context.Context, slug string, in wire.MappingTry) (wire.MappingTrial, error) {
	return call[wire.MappingTrial](ctx, c, request{method: http.MethodPost, path: "/connections/" + segment(slug) + "/attribute-mapping/try", in: in})
}

// ConnectionTypes lists the types of identity provider.
func (c *Client) ConnectionTypes(ctx context.Context) (wire.Page[wire.IdentityProvider], error) {
	return whole[wire.IdentityProvider](ctx, c, "/connection-types", nil)
}

// ConnectionSetup shows what to enter at the identity provider.
func (c *Client) ConnectionSetup(ctx context.Context, slug string) (wire.ConnectionSetup, error) {
	return get[wire.ConnectionSetup](ctx, c, "/connections/"+segment(slug)+"/setup", nil)
}
