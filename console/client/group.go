package client

import (
	"context"
	"net/http"

	"drawbridge/console/wire"
)

// DeleteGroup deletes a group for good; its members stay. force and a reason delete one that a connection manages.
func (c *Client) DeleteGroup(ctx context.Context, tenant, group string, force bool, reason string) error {
	return c.do(ctx, http.MethodDelete, groupPath(tenant, group), forcing(force, reason), "", nil, nil)
}

func groupPath(tenant, group string) string {
	return "/tenants/" + seg(tenant) + "/groups/" + seg(group)
}

// Groups lists groups of a tenant, built-in ones first.
func (c *Client) Groups(ctx context.Context, tenant string, l List) (wire.Page[wire.Group], error) {
	return call[wire.Page[wire.Group]](ctx, c, http.MethodGet, "/tenants/"+seg(tenant)+"/groups", l.query(), "", nil)
}

// Group shows one group, by id, display name or built-in name.
func (c *Client) Group(ctx context.Context, tenant, group string) (wire.Group, error) {
	return call[wire.Group](ctx, c, http.MethodGet, groupPath(tenant, group), nil, "", nil)
}

// Members lists the members of a group.
func (c *Client) Members(ctx context.Context, tenant, group string, l List) (wire.Page[wire.Member], error) {
	return call[wire.Page[wire.Member]](ctx, c, http.MethodGet, groupPath(tenant, group)+"/members", l.query(), "", nil)
}

// AddMember puts a user into a built-in group.
func (c *Client) AddMember(ctx context.Context, tenant, group, user string) error {
	return c.do(ctx, http.MethodPut, groupPath(tenant, group)+"/members/"+seg(user), nil, "", nil, nil)
}

// RemoveMember takes a user out of a built-in group.
func (c *Client) RemoveMember(ctx context.Context, tenant, group, user string) error {
	return c.do(ctx, http.MethodDelete, groupPath(tenant, group)+"/members/"+seg(user), nil, "", nil, nil)
}

// ReleaseGroupManagement takes a group away from the connection that manages it.
func (c *Client) ReleaseGroupManagement(ctx context.Context, tenant, group string) error {
	return c.do(ctx, http.MethodPost, groupPath(tenant, group)+"/release-management", nil, "", nil, nil)
}
