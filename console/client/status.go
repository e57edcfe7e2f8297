package client

import (
	"context"

	"drawbridge/console/wire"
)

// Status asks the server about itself.
func (c *Client) Status(ctx context.Context) (wire.Status, error) {
	return get[wire.Status](ctx, c, "/status", nil)
}
