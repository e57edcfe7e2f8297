package client

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"drawbridge/console/wire"
)

// Changes says which tenants changed after a cursor; "" begins now. With wait it answers as soon as there is a change, or with none when the
// time is over.
func (c *Client) Changes(ctx context.Context, cursor string, wait time.Duration) (wire.Changes, error) {
	q := url.Values{}
	if cursor != "" {
		q.Set("cursor", cursor)
	}
	if wait > 0 {
		q.Set("wait", strconv.Itoa(int(wait.Seconds())))
	}
	return get[wire.Changes](ctx, c, "/changes", q)
}
