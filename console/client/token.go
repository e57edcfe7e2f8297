package client

import (
	"context"
	"net/http"

	"drawbridge/console/wire"
)

// CreateToken makes a new credential in addition to the existing one.
func (c *Client) CreateToken(ctx context.Context, slug string, in wire.TokenCreate) (wire.Issued, error) {
	return post[wire.Issued](ctx, c, "/connections/"+segment(slug)+"/tokens", in)
}

// Tokens lists the credentials of a connection.
func (c *Client) Tokens(ctx context.Context, slug string) (wire.Page[wire.Token], error) {
	return whole[wire.Token](ctx, c, "/connections/"+segment(slug)+"/tokens", nil)
}

// RevokeToken ends a credential at once.
func (c *Client) RevokeToken(ctx context.Context, slug, token string) error {
	return c.do(ctx, request{method: http.MethodDelete, path: "/connections/" + segment(slug) + "/tokens/" + segment(token)}, nil)
}
