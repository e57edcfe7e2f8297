package client

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"drawbridge/console/wire"
)

// Timeline shows the requests of a connection between from and to, in steps. With the zero time and step 0 the server chooses.
func (c *Client) Timeline(ctx context.Context, connection string, from, to time.Time, step time.Duration) (wire.Timeline, error) {
	q := url.Values{}
	setTime(q, "from", from)
	setTime(q, "to", to)
	if step > 0 {
		q.Set("step", strconv.Itoa(int(step/time.Second)))
	}
	return get[wire.Timeline](ctx, c, "/connections/"+segment(connection)+"/timeline", q)
}
