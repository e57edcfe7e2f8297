package client

import (
	"context"

	"drawbridge/console/wire"
	"drawbridge/directory"
)

// Plans lists the catalogue of the configuration.
func (c *Client) Plans(ctx context.Context) (wire.Page[directory.Plan], error) {
	return whole[directory.Plan](ctx, c, "/plans", nil)
}
