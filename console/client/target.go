package client

import (
	"context"
	"net/http"
	"net/url"

	"drawbridge/console/wire"
)

func targetPath(name string) string { return "/targets/" + segment(name) }

func sharePath(name, tenant string) string {
	return targetPath(name) + "/tenants/" + segment(tenant)
}

// Targets lists the targets that are attached to a tenant of the scope.
func (c *Client) Targets(ctx context.Context, l List) (wire.Page[wire.Target], error) {
	return get[wire.Page[wire.Target]](ctx, c, "/targets", l.query())
}

// Target shows one target.
func (c *Client) Target(ctx context.Context, name string) (wire.Target, error) {
	return get[wire.Target](ctx, c, targetPath(name), url.Values{})
}

// CreateTarget adds a target.
func (c *Client) CreateTarget(ctx context.Context, in wire.TargetCreate) (wire.Target, error) {
	return post[wire.Target](ctx, c, "/targets", in)
}

// UpdateTarget changes a target, whatever its version is.
func (c *Client) UpdateTarget(ctx context.Context, name string, in wire.TargetUpdate) (wire.Target, error) {
	return call[wire.Target](ctx, c, request{method: http.MethodPatch, path: targetPath(name), in: in})
}

// DeleteTarget removes a target.
func (c *Client) DeleteTarget(ctx context.Context, name string) error {
	return c.do(ctx, request{method: http.MethodDelete, path: targetPath(name)}, nil)
}

// ResumeTarget continues a target that was paused or quarantined.
func (c *Client) ResumeTarget(ctx context.Context, name string) (wire.Target, error) {
	return call[wire.Target](ctx, c, request{method: http.MethodPost, path: targetPath(name) + "/resume"})
}

// CheckTarget tests what a run needs.
func (c *Client) CheckTarget(ctx context.Context, name string) (wire.Page[wire.TargetFinding], error) {
	return call[wire.Page[wire.TargetFinding]](ctx, c, request{method: http.MethodPost, path: targetPath(name) + "/check"})
}

// TargetProgress lists how far a target is with each tenant of the scope, or with one; tenant "": all.
func (c *Client) TargetProgress(ctx context.Context, name, tenant string, l List) (wire.Page[wire.TargetProgress], error) {
	q := l.query()
	if tenant != "" {
		q.Set("tenant", tenant)
	}
	return get[wire.Page[wire.TargetProgress]](ctx, c, targetPath(name)+"/progress", q)
}

// ShareTarget attaches a target to a tenant, or changes which groups are sent.
func (c *Client) ShareTarget(ctx context.Context, name, tenant string, in wire.TargetShare) (wire.TargetProgress, error) {
	return call[wire.TargetProgress](ctx, c, request{method: http.MethodPut, path: sharePath(name, tenant), in: in})
}

// DetachTarget ends that a target gets people of a tenant.
func (c *Client) DetachTarget(ctx context.Context, name, tenant string) error {
	return c.do(ctx, request{method: http.MethodDelete, path: sharePath(name, tenant)}, nil)
}

// SyncTarget asks for a run, and does not wait for its end.
func (c *Client) SyncTarget(ctx context.Context, name, tenant string, in wire.TargetSync) (wire.TargetProgress, error) {
	return post[wire.TargetProgress](ctx, c, sharePath(name, tenant)+"/sync", in)
}

// PreviewTarget says what a run would do.
func (c *Client) PreviewTarget(ctx context.Context, name, tenant string) (wire.TargetPreview, error) {
	return call[wire.TargetPreview](ctx, c, request{method: http.MethodPost, path: sharePath(name, tenant) + "/preview"})
}

// TargetFailures lists who of a tenant could not be sent.
func (c *Client) TargetFailures(ctx context.Context, name, tenant string, l List) (wire.Page[wire.TargetFailure], error) {
	return get[wire.Page[wire.TargetFailure]](ctx, c, sharePath(name, tenant)+"/failures", l.query())
}
