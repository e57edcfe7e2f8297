package client

import (
	"context"
	"net/http"

	"drawbridge/console/wire"
)

// Jobs lists the jobs.
func (c *Client) Jobs(ctx context.Context) (wire.Page[wire.Job], error) {
	return whole[wire.Job](ctx, c, "/jobs", nil)
}

// RunJob runs a job at once and waits for it.
func (c *Client) RunJob(ctx context.Context, name string, dry DryRun) (wire.JobReport, error) {
	return call[wire.JobReport](ctx, c, request{method: http.MethodPost, path: "/jobs/" + segment(name) + "/run", query: dry.query()})
}
