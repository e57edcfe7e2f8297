package client

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"drawbridge/console/wire"
)

func webhookPath(name string) string { return "/webhooks/" + segment(name) }

// Webhooks lists webhooks.
func (c *Client) Webhooks(ctx context.Context, l List) (wire.Page[wire.Webhook], error) {
	return get[wire.Page[wire.Webhook]](ctx, c, "/webhooks", l.query())
}

// Webhook shows one webhook.
func (c *Client) Webhook(ctx context.Context, name string) (wire.Webhook, error) {
	return get[wire.Webhook](ctx, c, webhookPath(name), url.Values{})
}

// CreateWebhook makes a webhook. Its secret is shown only once.
func (c *Client) CreateWebhook(ctx context.Context, in wire.WebhookCreate) (wire.IssuedWebhook, error) {
	return post[wire.IssuedWebhook](ctx, c, "/webhooks", in)
}

// UpdateWebhook changes a webhook. etag "" means any version.
func (c *Client) UpdateWebhook(ctx context.Context, name, etag string, in wire.WebhookUpdate) (wire.Webhook, error) {
	return call[wire.Webhook](ctx, c, request{method: http.MethodPatch, path: webhookPath(name), etag: etag, in: in})
}

// DeleteWebhook removes a webhook.
func (c *Client) DeleteWebhook(ctx context.Context, name string) error {
	return c.do(ctx, request{method: http.MethodDelete, path: webhookPath(name)}, nil)
}

// RotateWebhook gives a webhook a new secret, which is shown only once.
func (c *Client) RotateWebhook(ctx context.Context, name string, in wire.WebhookRotate) (wire.IssuedWebhook, error) {
	return post[wire.IssuedWebhook](ctx, c, webhookPath(name)+"/rotate", in)
}

// ResumeWebhook continues a webhook that was paused or parked.
func (c *Client) ResumeWebhook(ctx context.Context, name string) (wire.Webhook, error) {
	return call[wire.Webhook](ctx, c, request{method: http.MethodPost, path: webhookPath(name) + "/resume"})
}

// TestWebhook sends a test message.
func (c *Client) TestWebhook(ctx context.Context, name string) (wire.WebhookAttempt, error) {
	return call[wire.WebhookAttempt](ctx, c, request{method: http.MethodPost, path: webhookPath(name) + "/test"})
}

// ReplayWebhook delivers events of a tenant again.
func (c *Client) ReplayWebhook(ctx context.Context, name string, in wire.WebhookReplay) (wire.WebhookProgress, error) {
	return post[wire.WebhookProgress](ctx, c, webhookPath(name)+"/replay", in)
}

// SkipWebhookEvent skips an event that fails.
func (c *Client) SkipWebhookEvent(ctx context.Context, name string, in wire.WebhookSkip) (wire.WebhookProgress, error) {
	return post[wire.WebhookProgress](ctx, c, webhookPath(name)+"/skip", in)
}

// WebhookFilter says which tenants and attempts of a webhook to return. Empty: all of the scope.
type WebhookFilter struct {
	Tenant string
	Status string // of the progress: active, failing, paused or parked
	Failed bool   // only attempts that the receiver did not accept
	Kind   string // of the event of an attempt
	From   time.Time
	To     time.Time
}

// WebhookProgress shows how far the events of each tenant were delivered.
func (c *Client) WebhookProgress(ctx context.Context, name string, f WebhookFilter, l List) (wire.Page[wire.WebhookProgress], error) {
	return get[wire.Page[wire.WebhookProgress]](ctx, c, webhookPath(name)+"/progress", f.query(l))
}

// WebhookDeliveries lists the last attempts, the newest first.
func (c *Client) WebhookDeliveries(ctx context.Context, name string, f WebhookFilter, l List) (wire.Page[wire.WebhookAttempt], error) {
	return get[wire.Page[wire.WebhookAttempt]](ctx, c, webhookPath(name)+"/deliveries", f.query(l))
}

func (f WebhookFilter) query(l List) url.Values {
	q := l.query()
	if f.Tenant != "" {
		q.Set("tenant", f.Tenant)
	}
	if f.Status != "" {
		q.Set("status", f.Status)
	}
	if f.Failed {
		q.Set("failed", "true")
	}
	set(q, "kind", f.Kind)
	setTime(q, "from", f.From)
	setTime(q, "to", f.To)
	return q
}
