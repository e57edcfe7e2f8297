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
	return call[wire.HandoverState](ctx, c, http.MethodPost, "/tenants/"+seg(tenant)+"/unlink", nil, "", wire.Reason{Reason: reason})
}

// TakeBackTenant ends a hand-over.
func (c *Client) TakeBackTenant(ctx context.Context, tenant, reason string) (wire.HandoverState, error) {
	return call[wire.HandoverState](ctx, c, http.MethodPost, "/tenants/"+seg(tenant)+"/take-back", nil, "", wire.Reason{Reason: reason})
}

// Handover says how far a hand-over is.
func (c *Client) Handover(ctx context.Context, tenant string) (wire.HandoverState, error) {
	return call[wire.HandoverState](ctx, c, http.MethodGet, "/tenants/"+seg(tenant)+"/handover", nil, "", nil)
}

// ConfirmBundle says that the bundle whose manifest has this sum is held.
func (c *Client) ConfirmBundle(ctx context.Context, tenant, manifest string) (wire.HandoverState, error) {
	return call[wire.HandoverState](ctx, c, http.MethodPost, "/tenants/"+seg(tenant)+"/bundle/confirm", nil, "", wire.ConfirmBundle{Manifest: manifest})
}

// BundleKey gives the public key with which this installation signs bundles.
func (c *Client) BundleKey(ctx context.Context) (wire.BundleKey, error) {
	return call[wire.BundleKey](ctx, c, http.MethodGet, "/bundle-key", nil, "", nil)
}

// Bundle writes the hand-over bundle of a tenant. What is written is a bundle only if there is no error.
func (c *Client) Bundle(ctx context.Context, tenant string, to io.Writer) error {
	return c.do(ctx, http.MethodGet, "/tenants/"+seg(tenant)+"/bundle", nil, "", nil, download{to})
}

// LinkTenant takes a company in from a bundle, or with DryRun only looks at it.
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
	return call[wire.Linked](ctx, c, http.MethodPost, "/tenants/link", q, "", upload{from})
}
