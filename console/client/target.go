package client

import (
	"context"
	"net/http"
	"net/url"

	"drawbridge/console/wire"
)

func targetsPath(tenant string) string { return "/tenants/" + segment(tenant) + "/targets" }

func targetPath(tenant, name string) string { return targetsPath(tenant) + "/" + segment(name) }

// Targets lists the targets of a tenant.
func (c *Client) Targets(ctx context.Context, tenant string, l List) (wire.Page[wire.Target], error) {
	return get[wire.Page[wire.Target]](ctx, c, targetsPath(tenant), l.query())
}

// Target shows one target.
func (c *Client) Target(ctx context.Context, tenant, name string) (wire.Target, error) {
	return get[wire.Target](ctx, c, targetPath(tenant, name), url.Values{})
}

// CreateTarget adds a target.
func (c *Client) CreateTarget(ctx context.Context, tenant string, in wire.TargetCreate) (wire.Target, error) {
	return post[wire.Target](ctx, c, targetsPath(tenant), in)
}

// UpdateTarget changes a target, whatever its version is.
func (c *Client) UpdateTarget(ctx context.Context, tenant, name string, in wire.TargetUpdate) (wire.Target, error) {
	return call[wire.Target](ctx, c, request{method: http.MethodPatch, path: targetPath(tenant, name), in: in})
}

// DeleteTarget removes a target.
func (c *Client) DeleteTarget(ctx context.Context, tenant, name string) error {
	return c.do(ctx, request{method: http.MethodDelete, path: targetPath(tenant, name)}, nil)
}

// ResumeTarget continues a target that was paused or quarantined.
func (c *Client) ResumeTarget(ctx context.Context, tenant, name string) (wire.Target, error) {
	return call[wire.Target](ctx, c, request{method: http.MethodPost, path: targetPath(tenant, name) + "/resume"})
}

// SyncTarget asks for a run, and does not wait for its end.
func (c *Client) SyncTarget(ctx context.Context, tenant, name string, in wire.TargetSync) (wire.Target, error) {
	return post[wire.Target](ctx, c, targetPath(tenant, name)+"/sync", in)
}

// PreviewTarget says what a run would do.
func (c *Client) PreviewTarget(ctx context.Context, tenant, name string) (wire.TargetPreview, error) {
	return call[wire.TargetPreview](ctx, c, request{method: http.MethodPost, path: targetPath(tenant, name) + "/preview"})
}

// CheckTarget tests what a run needs.
func (c *Client) CheckTarget(ctx context.Context, tenant, name string) (wire.Page[wire.TargetFinding], error) {
	return call[wire.Page[wire.TargetFinding]](ctx, c, request{method: http.MethodPost, path: targetPath(tenant, name) + "/check"})
}

// TargetFailures lists who could not be sent.
func (c *Client) TargetFailures(ctx context.Context, tenant, name string, l List) (wire.Page[wire.TargetFailure], error) {
	return get[wire.Page[wire.TargetFailure]](ctx, c, targetPath(tenant, name)+"/failures", l.query())
}
