package client

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"drawbridge/console/wire"
)

func feedPath(tenant, feed string) string {
	if tenant == "" {
		return "/" + feed
	}
	return "/tenants/" + segment(tenant) + "/" + feed
}

func feedQuery(after uint64, limit int, wait time.Duration) url.Values {
	q := url.Values{}
	if after > 0 {
		q.Set("after", strconv.FormatUint(after, 10))
	}
	if limit > 0 {
		q.Set("limit", strconv.Itoa(limit))
	}
	if wait > 0 {
		q.Set("wait", strconv.Itoa(int(wait.Seconds())))
	}
	return q
}

// Events reads the feed of a tenant ("" for the installation's own) after the event numbered after. With wait it answers
// as soon as there is an event, or with none when the time is over.
func (c *Client) Events(ctx context.Context, tenant string, after uint64, limit int, wait time.Duration) (wire.Events, error) {
	return get[wire.Events](ctx, c, feedPath(tenant, "events"), feedQuery(after, limit, wait))
}
