package client

import (
	"context"
	"net/http"

	"drawbridge/console/wire"
)

// DeleteGroup deletes a group for good. Its members stay.
func (c *Client) DeleteGroup(ctx context.Context, tenant, group string, d Deletion) error {
	return c.do(ctx, request{method: http.MethodDelete, path: groupPath(tenant, group), query: d.query()}, nil)
}

func groupPath(tenant, group string) string {
	return "/tenants/" + segment(tenant) + "/groups/" + segment(group)
}

// Groups lists groups of a tenant, built-in ones first.
func (c *Client) Groups(ctx context.Context, tenant string, l List) (wire.Page[wire.Group], error) {
	return get[wire.Page[wire.Group]](ctx, c, "/tenants/"+segment(tenant)+"/groups", l.query())
}

// CreateGroup makes a group that no connection manages.
func (c *Client) CreateGroup(ctx context.Context, tenant string, in wire.GroupCreate) (wire.Group, error) {
	return post[wire.Group](ctx, c, "/tenants/"+segment(tenant)+"/groups", in)
}

// UpdateGroup changes a group that no connection manages. etag "" means any version.
func (c *Client) UpdateGroup(ctx context.Context, tenant, group, etag string, in wire.GroupUpdate) (wire.Group, error) {
	return call[wire.Group](ctx, c, request{method: http.MethodPatch, path: groupPath(tenant, group), etag: etag, in: in})
}

// Group shows one group, by id, display name or built-in name.
func (c *Client) Group(ctx context.Context, tenant, group string) (wire.Group, error) {
	return get[wire.Group](ctx, c, groupPath(tenant, group), nil)
}

// Members lists the members of a group.
func (c *Client) Members(ctx context.Context, tenant, group string, l List) (wire.Page[wire.Member], error) {
	return get[wire.Page[wire.Member]](ctx, c, groupPath(tenant, group)+"/members", l.query())
}

// AddMember puts a user into a group.
func (c *Client) AddMember(ctx context.Context, tenant, group, user string) error {
	return c.do(ctx, request{method: http.MethodPut, path: groupPath(tenant, group) + "/members/" + segment(user)}, nil)
}

// RemoveMember takes a user out of a group.
func (c *Client) RemoveMember(ctx context.Context, tenant, group, user string) error {
	return c.do(ctx, request{method: http.MethodDelete, path: groupPath(tenant, group) + "/members/" + segment(user)}, nil)
}

// ReleaseGroupManagement releases a group from the connection that manages it.
func (c *Client) ReleaseGroupManagement(ctx context.Context, tenant, group string) error {
	return c.do(ctx, request{method: http.MethodPost, path: groupPath(tenant, group) + "/release-management"}, nil)
}
