package client

import (
	"context"
	"net/http"

	"drawbridge/console/wire"
)

// Invitations lists who is invited or awaits confirmation; status "" means all.
func (c *Client) Invitations(ctx context.Context, tenant, status string, l List) (wire.Page[wire.Invitation], error) {
	q := l.query()
	set(q, "status", status)
	return get[wire.Page[wire.Invitation]](ctx, c, "/tenants/"+segment(tenant)+"/invitations", q)
}

// ResendInvitation sends another link, or asks again those who may confirm.
func (c *Client) ResendInvitation(ctx context.Context, tenant, user string) (wire.Invitation, error) {
	return post[wire.Invitation](ctx, c, userPath(tenant, user)+"/invitation", nil)
}

// RevokeInvitation ends the link of an invited user.
func (c *Client) RevokeInvitation(ctx context.Context, tenant, user string) (wire.Invitation, error) {
	return call[wire.Invitation](ctx, c, request{method: http.MethodDelete, path: userPath(tenant, user) + "/invitation"})
}

// ConfirmUser confirms a user who has accepted an invitation.
func (c *Client) ConfirmUser(ctx context.Context, tenant, user string) (wire.User, error) {
	return post[wire.User](ctx, c, userPath(tenant, user)+"/confirm", nil)
}
