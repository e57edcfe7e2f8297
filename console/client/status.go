package client

import (
	"context"

	"drawbridge/console/wire"
)

// Status asks the server about itself.
func (c *Client) Status(ctx context.Context) (wire.Status, error) {
	return get[wire.Status](ctx, c, "/status", nil)
}

// Configuration gives the settings of the server.
func (c *Client) Configuration(ctx context.Context) (wire.Page[wire.ConfigurationSetting], error) {
	return whole[wire.ConfigurationSetting](ctx, c, "/configuration", nil)
}
