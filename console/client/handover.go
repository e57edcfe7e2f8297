package client

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// HandoverState is how far the hand-over of a tenant is.
type HandoverState struct {
	Tenant    string     `json:"tenant"`
	Status    string     `json:"status" enum:"active,unlinking,unlinked,gone"`
	Since     *time.Time `json:"since,omitempty"`
	Until     *time.Time `json:"until,omitempty" doc:"It can be taken back until then, and the data is kept; longer as long as nobody has confirmed to hold the bundle."`
	By        string     `json:"by,omitempty"`
	Reason    string     `json:"reason,omitempty"`
	Manifest  string     `json:"manifest,omitempty" doc:"The sum of the manifest of the bundle that somebody holds. Missing: nobody has confirmed to hold it."`
	Confirmed *time.Time `json:"confirmed,omitempty"`
	Gone      *time.Time `json:"gone,omitempty" doc:"When the data was taken away."`
}

// Reason says why.
type Reason struct {
	Reason string `json:"reason,omitempty" maxLength:"500"`
}

// ConfirmBundle names the bundle that is held.
type ConfirmBundle struct {
	Manifest string `json:"manifest" pattern:"^[0-9a-f]{64}$" doc:"SHA-256 of its manifest.json."`
}

// BundleKey is what other installations need to trust the bundles of this one.
type BundleKey struct {
	PublicKey string `json:"public_key"`
}

// LinkOptions say how a bundle is taken in.
type LinkOptions struct {
	Slug   string
	Plan   string
	Trust  []string
	DryRun bool
}

// Linked is what a bundle holds, and what came of it.
type Linked struct {
	Tenant      string         `json:"tenant" doc:"Its slug here."`
	Name        string         `json:"name"`
	Was         string         `json:"was" doc:"Its slug there."`
	DataRegion  string         `json:"data_region,omitempty"`
	Plan        string         `json:"plan"`
	Unlinked    time.Time      `json:"unlinked"`
	Software    string         `json:"software"`
	SignedBy    string         `json:"signed_by"`
	Manifest    string         `json:"manifest"`
	Lines       map[string]int `json:"lines" doc:"How much there is, by kind."`
	Occupied    int            `json:"occupied" doc:"Seats in use."`
	Limit       int            `json:"limit" doc:"0: none."`
	Connections []string       `json:"connections" nullable:"false" doc:"They come without credentials."`
	Done        bool           `json:"done" doc:"false: it was only looked at."`
}

// UnlinkTenant hands a tenant over.
func (c *Client) UnlinkTenant(ctx context.Context, tenant, reason string) (HandoverState, error) {
	return call[HandoverState](ctx, c, http.MethodPost, "/tenants/"+seg(tenant)+"/unlink", nil, "", Reason{reason})
}

// TakeBackTenant ends a hand-over.
func (c *Client) TakeBackTenant(ctx context.Context, tenant, reason string) (HandoverState, error) {
	return call[HandoverState](ctx, c, http.MethodPost, "/tenants/"+seg(tenant)+"/take-back", nil, "", Reason{reason})
}

// Handover says how far a hand-over is.
func (c *Client) Handover(ctx context.Context, tenant string) (HandoverState, error) {
	return call[HandoverState](ctx, c, http.MethodGet, "/tenants/"+seg(tenant)+"/handover", nil, "", nil)
}

// ConfirmBundle says that the bundle whose manifest has this sum is held.
func (c *Client) ConfirmBundle(ctx context.Context, tenant, manifest string) (HandoverState, error) {
	return call[HandoverState](ctx, c, http.MethodPost, "/tenants/"+seg(tenant)+"/bundle/confirm", nil, "", ConfirmBundle{manifest})
}

// BundleKey gives the public key with which this installation signs bundles.
func (c *Client) BundleKey(ctx context.Context) (BundleKey, error) {
	return call[BundleKey](ctx, c, http.MethodGet, "/bundle-key", nil, "", nil)
}

// Bundle writes the hand-over bundle of a tenant. What is written is a bundle only if there is no error.
func (c *Client) Bundle(ctx context.Context, tenant string, to io.Writer) error {
	return c.do(ctx, http.MethodGet, "/tenants/"+seg(tenant)+"/bundle", nil, "", nil, download{to})
}

// LinkTenant takes a company in from a bundle, or with DryRun only looks at it.
func (c *Client) LinkTenant(ctx context.Context, from io.Reader, o LinkOptions) (Linked, error) {
	q := url.Values{}
	set(q, "slug", o.Slug)
	set(q, "plan", o.Plan)
	if len(o.Trust) > 0 {
		q.Set("trust", strings.Join(o.Trust, ","))
	}
	if o.DryRun {
		q.Set("dry_run", "true")
	}
	return call[Linked](ctx, c, http.MethodPost, "/tenants/link", q, "", upload{from})
}
