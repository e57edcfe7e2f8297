package client

import (
	"context"
	"net/url"
	"strconv"

	"drawbridge/console/wire"
)

// PreviewDisconnect shows what disconnecting a connection would do, with a page of the people.
func (c *Client) PreviewDisconnect(ctx context.Context, slug, mode, cursor string, limit int) (wire.Disconnection, error) {
	q := url.Values{}
	set(q, "mode", mode)
	set(q, "cursor", cursor)
	if limit > 0 {
		q.Set("limit", strconv.Itoa(limit))
	}
	return get[wire.Disconnection](ctx, c, "/connections/"+segment(slug)+"/disconnect", q)
}

// Disconnect ends a connection permanently, as its preview showed, or continues to do so.
func (c *Client) Disconnect(ctx context.Context, slug string, in wire.Disconnect) (wire.Disconnected, error) {
	return post[wire.Disconnected](ctx, c, "/connections/"+segment(slug)+"/disconnect", in)
}
