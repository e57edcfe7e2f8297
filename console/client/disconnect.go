package client

import (
	"context"
	"net/http"
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
	return call[wire.Disconnection](ctx, c, http.MethodGet, "/connections/"+seg(slug)+"/disconnect", q, "", nil)
}

// Disconnect ends a connection for good, as its preview showed, or goes on with it.
func (c *Client) Disconnect(ctx context.Context, slug string, in wire.Disconnect) (wire.Disconnected, error) {
	return call[wire.Disconnected](ctx, c, http.MethodPost, "/connections/"+seg(slug)+"/disconnect", nil, "", in)
}
