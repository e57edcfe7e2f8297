package client

import (
	"context"
	"net/http"
	"net/url"

	"drawbridge/console/wire"
)

func projectPath(name string) string { return "/google-projects/" + segment(name) }

// GoogleProjects lists the Google projects that are attached to a tenant of the scope.
func (c *Client) GoogleProjects(ctx context.Context, l List) (wire.Page[wire.GoogleProject], error) {
	return get[wire.Page[wire.GoogleProject]](ctx, c, "/google-projects", l.query())
}

// GoogleProject shows one Google project.
func (c *Client) GoogleProject(ctx context.Context, name string) (wire.GoogleProject, error) {
	return get[wire.GoogleProject](ctx, c, projectPath(name), url.Values{})
}

// CreateGoogleProject adds a Google project.
func (c *Client) CreateGoogleProject(ctx context.Context, in wire.GoogleProjectCreate) (wire.GoogleProject, error) {
	return post[wire.GoogleProject](ctx, c, "/google-projects", in)
}

// RotateGoogleProject replaces the key of a Google project.
func (c *Client) RotateGoogleProject(ctx context.Context, name string, in wire.GoogleProjectKey) (wire.GoogleProject, error) {
	return call[wire.GoogleProject](ctx, c, request{method: http.MethodPut, path: projectPath(name) + "/key", in: in})
}

// DeleteGoogleProject removes a Google project.
func (c *Client) DeleteGoogleProject(ctx context.Context, name string) error {
	return c.do(ctx, request{method: http.MethodDelete, path: projectPath(name)}, nil)
}

// ShareGoogleProject attaches a Google project to a tenant.
func (c *Client) ShareGoogleProject(ctx context.Context, name, tenant string) (wire.GoogleProject, error) {
	return call[wire.GoogleProject](ctx, c, request{method: http.MethodPut, path: projectPath(name) + "/tenants/" + segment(tenant)})
}

// DetachGoogleProject ends that connections of a tenant may use a Google project.
func (c *Client) DetachGoogleProject(ctx context.Context, name, tenant string) error {
	return c.do(ctx, request{method: http.MethodDelete, path: projectPath(name) + "/tenants/" + segment(tenant)}, nil)
}
