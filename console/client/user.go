package client

import (
	"context"
	"net/http"
	"net/url"

	"drawbridge/console/wire"
)

// Users lists users of a tenant.
func (c *Client) Users(ctx context.Context, tenant string, l List) (wire.Page[wire.User], error) {
	return get[wire.Page[wire.User]](ctx, c, "/tenants/"+segment(tenant)+"/users", l.query())
}

// UpdateUser changes a user whom no connection manages. etag "" means any version.
func (c *Client) UpdateUser(ctx context.Context, tenant, user, etag string, in wire.UserUpdate) (wire.User, error) {
	return call[wire.User](ctx, c, request{method: http.MethodPatch, path: userPath(tenant, user), etag: etag, in: in})
}

func userPath(tenant, user string) string {
	return "/tenants/" + segment(tenant) + "/users/" + segment(user)
}

// User shows one user, by id or userName.
func (c *Client) User(ctx context.Context, tenant, user string) (wire.User, error) {
	return get[wire.User](ctx, c, userPath(tenant, user), nil)
}

// SuspendUser suspends a user at once.
func (c *Client) SuspendUser(ctx context.Context, tenant, user string, in wire.SuspendRequest) (wire.Suspended, error) {
	return post[wire.Suspended](ctx, c, userPath(tenant, user)+"/suspend", in)
}

// HoldUser makes a suspension stay until an operator releases it.
func (c *Client) HoldUser(ctx context.Context, tenant, user string) (wire.Suspended, error) {
	return post[wire.Suspended](ctx, c, userPath(tenant, user)+"/hold", nil)
}

// YieldUser lets the next sync end a suspension.
func (c *Client) YieldUser(ctx context.Context, tenant, user string) (wire.Suspended, error) {
	return post[wire.Suspended](ctx, c, userPath(tenant, user)+"/yield", nil)
}

// ReleaseUser ends a suspension, after a seat check.
func (c *Client) ReleaseUser(ctx context.Context, tenant, user string) (wire.User, error) {
	return post[wire.User](ctx, c, userPath(tenant, user)+"/release", nil)
}

// ReleaseUserManagement releases a user from the connection that manages it.
func (c *Client) ReleaseUserManagement(ctx context.Context, tenant, user string) error {
	return c.do(ctx, request{method: http.MethodPost, path: userPath(tenant, user) + "/release-management"}, nil)
}

// Deletion says how a user or a group is deleted for good.
type Deletion struct {
	Force  bool // although the identity provider still says active, or a connection manages the group (rule D2)
	Reason string
}

func (d Deletion) query() url.Values {
	q := url.Values{}
	if d.Force {
		q.Set("force", "true")
	}
	set(q, "reason", d.Reason)
	return q
}

// DeleteUser deletes a user for good.
func (c *Client) DeleteUser(ctx context.Context, tenant, user string, d Deletion) error {
	return c.do(ctx, request{method: http.MethodDelete, path: userPath(tenant, user), query: d.query()}, nil)
}

// CreateUser makes a user by hand.
func (c *Client) CreateUser(ctx context.Context, tenant string, in wire.UserCreate) (wire.User, error) {
	return post[wire.User](ctx, c, "/tenants/"+segment(tenant)+"/users", in)
}

// WhyUser says why a user is in their state.
func (c *Client) WhyUser(ctx context.Context, tenant, user string) (wire.Why, error) {
	return get[wire.Why](ctx, c, userPath(tenant, user)+"/why", nil)
}

// RecoverUser marks a user for recovery. RecoveredUser ends it.
func (c *Client) RecoverUser(ctx context.Context, tenant, user string) (wire.User, error) {
	return post[wire.User](ctx, c, userPath(tenant, user)+"/recover", nil)
}

// RecoveredUser ends a recovery.
func (c *Client) RecoveredUser(ctx context.Context, tenant, user string) (wire.User, error) {
	return post[wire.User](ctx, c, userPath(tenant, user)+"/recovered", nil)
}

// ConvertUser makes a guest a member or back.
func (c *Client) ConvertUser(ctx context.Context, tenant, user, to string) (wire.Converted, error) {
	return post[wire.Converted](ctx, c, userPath(tenant, user)+"/convert", wire.ConvertRequest{Type: to})
}
