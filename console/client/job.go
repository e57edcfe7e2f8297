package client

import (
	"context"
	"net/http"
	"net/url"

	"drawbridge/console/wire"
)

// Jobs lists the jobs.
func (c *Client) Jobs(ctx context.Context) (wire.Page[wire.Job], error) {
	return whole[wire.Job](ctx, c, "/jobs", nil)
}

// RunJob runs a job at once and waits for it. dry: it only says what it would do.
func (c *Client) RunJob(ctx context.Context, name string, dry bool) (wire.JobReport, error) {
	q := url.Values{}
	if dry {
		q.Set("dry_run", "true")
	}
	return call[wire.JobReport](ctx, c, http.MethodPost, "/jobs/"+seg(name)+"/run", q, "", nil)
}
