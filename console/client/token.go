package client

import (
	"context"
	"net/http"

	"drawbridge/console/wire"
)

// CreateToken makes a new credential beside the one that is there.
func (c *Client) CreateToken(ctx context.Context, slug string, in wire.TokenCreate) (wire.Issued, error) {
	return call[wire.Issued](ctx, c, http.MethodPost, "/connections/"+seg(slug)+"/tokens", nil, "", in)
}

// Tokens lists the credentials of a connection.
func (c *Client) Tokens(ctx context.Context, slug string) (wire.Page[wire.Token], error) {
	return whole[wire.Token](ctx, c, "/connections/"+seg(slug)+"/tokens", nil)
}

// RevokeToken ends a credential at once.
func (c *Client) RevokeToken(ctx context.Context, slug, token string) error {
	return c.do(ctx, http.MethodDelete, "/connections/"+seg(slug)+"/tokens/"+seg(token), nil, "", nil, nil)
}
