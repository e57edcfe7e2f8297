package client

import (
	"context"

	"drawbridge/console/wire"
)

// Inbox lists what waits for an operator in all tenants. The filters are kind and tenant.
func (c *Client) Inbox(ctx context.Context, l List) (wire.Inbox, error) {
	return get[wire.Inbox](ctx, c, "/inbox", l.query())
}

// SearchUsers finds people in all tenants, by a part of a name (List.Q) or by the whole userName or e-mail address (the filter address).
func (c *Client) SearchUsers(ctx context.Context, l List) (wire.Page[wire.FoundUser], error) {
	return get[wire.Page[wire.FoundUser]](ctx, c, "/users", l.query())
}
