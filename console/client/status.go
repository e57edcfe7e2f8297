package client

import (
	"context"
	"net/http"

	"drawbridge/console/wire"
)

// Status asks the server about itself.
func (c *Client) Status(ctx context.Context) (wire.Status, error) {
	return call[wire.Status](ctx, c, http.MethodGet, "/status", nil, "", nil)
}
