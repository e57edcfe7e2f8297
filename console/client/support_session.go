package client

import (
	"context"
	"net/http"

	"drawbridge/console/wire"
)

// Enter opens a support session in a tenant.
func (c *Client) Enter(ctx context.Context, tenant string, in wire.SupportSessionRequest) (wire.SupportSession, error) {
	return post[wire.SupportSession](ctx, c, "/tenants/"+segment(tenant)+"/support-session", in)
}

// Leave ends the signed-in operator's support session in a tenant.
func (c *Client) Leave(ctx context.Context, tenant string) error {
	return c.do(ctx, request{method: http.MethodDelete, path: "/tenants/" + segment(tenant) + "/support-session"}, nil)
}

// SupportSessions lists who works inside a tenant.
func (c *Client) SupportSessions(ctx context.Context, tenant string) (wire.Page[wire.SupportSession], error) {
	return whole[wire.SupportSession](ctx, c, "/tenants/"+segment(tenant)+"/support-sessions", nil)
}
