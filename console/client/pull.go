package client

import (
	"context"
	"net/http"
	"net/url"

	"drawbridge/console/wire"
)

// SyncConnection runs a pulled connection now and waits for the end of the run. A preview writes nothing.
func (c *Client) SyncConnection(ctx context.Context, slug string, dry DryRun) (wire.SyncResult, error) {
	q := url.Values{}
	if dry {
		q.Set("preview", "true")
	}
	return call[wire.SyncResult](ctx, c, request{method: http.MethodPost, path: "/connections/" + segment(slug) + "/sync", query: q})
}

// CheckConnection tests what a run of a pulled connection needs.
func (c *Client) CheckConnection(ctx context.Context, slug string) (wire.ConnectionCheck, error) {
	return call[wire.ConnectionCheck](ctx, c, request{method: http.MethodPost, path: "/connections/" + segment(slug) + "/check"})
}
