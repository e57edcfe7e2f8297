package client

import (
	"context"
	"net/http"
	"net/url"

	"drawbridge/console/wire"
)

// UserList says which users are wanted.
type UserList struct {
	List
	Active string // "true" or "false"; "" for both
	State  string // one of the states; "" for all
	Gone   bool   // those that the identity provider deleted, too
}

// Users lists users of a tenant.
func (c *Client) Users(ctx context.Context, tenant string, l UserList) (wire.Page[wire.User], error) {
	q := l.query()
	set(q, "active", l.Active)
	set(q, "state", l.State)
	if l.Gone {
		q.Set("gone", "true")
	}
	return call[wire.Page[wire.User]](ctx, c, http.MethodGet, "/tenants/"+seg(tenant)+"/users", q, "", nil)
}

func userPath(tenant, user string) string { return "/tenants/" + seg(tenant) + "/users/" + seg(user) }

// User shows one user, by id or userName.
func (c *Client) User(ctx context.Context, tenant, user string) (wire.User, error) {
	return call[wire.User](ctx, c, http.MethodGet, userPath(tenant, user), nil, "", nil)
}

// SuspendUser suspends a user at once.
func (c *Client) SuspendUser(ctx context.Context, tenant, user string, in wire.SuspendRequest) (wire.Suspended, error) {
	return call[wire.Suspended](ctx, c, http.MethodPost, userPath(tenant, user)+"/suspend", nil, "", in)
}

// HoldUser makes a suspension stay until it is released; YieldUser lets the next sync end it.
func (c *Client) HoldUser(ctx context.Context, tenant, user string) (wire.Suspended, error) {
	return call[wire.Suspended](ctx, c, http.MethodPost, userPath(tenant, user)+"/hold", nil, "", nil)
}

// YieldUser lets the next sync end a suspension.
func (c *Client) YieldUser(ctx context.Context, tenant, user string) (wire.Suspended, error) {
	return call[wire.Suspended](ctx, c, http.MethodPost, userPath(tenant, user)+"/yield", nil, "", nil)
}

// ReleaseUser ends a suspension, after a seat check.
func (c *Client) ReleaseUser(ctx context.Context, tenant, user string) (wire.User, error) {
	return call[wire.User](ctx, c, http.MethodPost, userPath(tenant, user)+"/release", nil, "", nil)
}

// ReleaseUserManagement takes a user away from the connection that manages it.
func (c *Client) ReleaseUserManagement(ctx context.Context, tenant, user string) error {
	return c.do(ctx, http.MethodPost, userPath(tenant, user)+"/release-management", nil, "", nil, nil)
}

// DeleteUser deletes a user for good. force and a reason delete one whom the identity provider still calls active.
func (c *Client) DeleteUser(ctx context.Context, tenant, user string, force bool, reason string) error {
	return c.do(ctx, http.MethodDelete, userPath(tenant, user), forcing(force, reason), "", nil, nil)
}

func forcing(force bool, reason string) url.Values {
	q := url.Values{}
	if force {
		q.Set("force", "true")
	}
	set(q, "reason", reason)
	return q
}

// CreateUser makes a user by hand.
func (c *Client) CreateUser(ctx context.Context, tenant string, in wire.UserCreate) (wire.User, error) {
	return call[wire.User](ctx, c, http.MethodPost, "/tenants/"+seg(tenant)+"/users", nil, "", in)
}

// WhyUser says why a user is in their state.
func (c *Client) WhyUser(ctx context.Context, tenant, user string) (wire.Why, error) {
	return call[wire.Why](ctx, c, http.MethodGet, userPath(tenant, user)+"/why", nil, "", nil)
}

// RecoverUser marks a user for recovery; RecoveredUser ends it.
func (c *Client) RecoverUser(ctx context.Context, tenant, user string) (wire.User, error) {
	return call[wire.User](ctx, c, http.MethodPost, userPath(tenant, user)+"/recover", nil, "", nil)
}

// RecoveredUser ends a recovery.
func (c *Client) RecoveredUser(ctx context.Context, tenant, user string) (wire.User, error) {
	return call[wire.User](ctx, c, http.MethodPost, userPath(tenant, user)+"/recovered", nil, "", nil)
}

// ConvertUser makes a guest a member or back.
func (c *Client) ConvertUser(ctx context.Context, tenant, user, to string) (wire.Converted, error) {
	return call[wire.Converted](ctx, c, http.MethodPost, userPath(tenant, user)+"/convert", nil, "", wire.ConvertRequest{Type: to})
}
