package client

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"

	"drawbridge/console/wire"
)

// LinkOptions say how a bundle is taken in.
type LinkOptions struct {
	Slug   string
	Plan   string
	Trust  []string
	DryRun bool
}

// UnlinkTenant hands a tenant over.
func (c *Client) UnlinkTenant(ctx context.Context, tenant, reason string) (wire.HandoverState, error) {
	return post[wire.HandoverState](ctx, c, "/tenants/"+segment(tenant)+"/unlink", wire.Reason{Reason: reason})
}

// TakeBackTenant ends a hand-over.
func (c *Client) TakeBackTenant(ctx context.Context, tenant, reason string) (wire.HandoverState, error) {
	return post[wire.HandoverState](ctx, c, "/tenants/"+segment(tenant)+"/take-back", wire.Reason{Reason: reason})
}

// Handover says how far a hand-over is.
func (c *Client) Handover(ctx context.Context, tenant string) (wire.HandoverState, error) {
	return get[wire.HandoverState](ctx, c, "/tenants/"+segment(tenant)+"/handover", nil)
}

// ConfirmBundle confirms that the caller has the bundle whose manifest has this sum.
func (c *Client) ConfirmBundle(ctx context.Context, tenant, manifest string) (wire.HandoverState, error) {
	return post[wire.HandoverState](ctx, c, "/tenants/"+segment(tenant)+"/bundle/confirm", wire.ConfirmBundle{Manifest: manifest})
}

// BundleKey gives the public key with which this installation signs bundles.
func (c *Client) BundleKey(ctx context.Context) (wire.BundleKey, error) {
	return get[wire.BundleKey](ctx, c, "/bundle-key", nil)
}

// Bundle writes the hand-over bundle of a tenant. The output is a bundle only if there is no error.
func (c *Client) Bundle(ctx context.Context, tenant string, to io.Writer) error {
	return c.do(ctx, request{method: http.MethodGet, path: "/tenants/" + segment(tenant) + "/bundle"}, download{to})
}

// LinkTenant imports a company from a bundle, or with DryRun only checks it.
func (c *Client) LinkTenant(ctx context.Context, from io.Reader, o LinkOptions) (wire.Linked, error) {
	q := url.Values{}
	set(q, "slug", o.Slug)
	set(q, "plan", o.Plan)
	if len(o.Trust) > 0 {
		q.Set("trust", strings.Join(o.Trust, ","))
	}
	if o.DryRun {
		q.Set("dry_run", "true")
	}
	return call[wire.Linked](ctx, c, request{method: http.MethodPost, path: "/tenants/link", query: q, in: upload{from}})
}
