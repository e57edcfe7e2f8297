package client

import (
	"context"
	"net/http"

	"drawbridge/console/wire"
)

// BeginDoctor makes a copy of a connection for doctor.
func (c *Client) BeginDoctor(ctx context.Context, slug string) (wire.DoctorSession, error) {
	return call[wire.DoctorSession](ctx, c, request{method: http.MethodPost, path: "/connections/" + segment(slug) + "/doctor"})
}

// EndDoctor removes the copy.
func (c *Client) EndDoctor(ctx context.Context, slug, id string) error {
	return c.do(ctx, request{method: http.MethodDelete, path: "/connections/" + segment(slug) + "/doctor/" + segment(id)}, nil)
}

// RunDoctor lets the server play the identity provider of a connection.
func (c *Client) RunDoctor(ctx context.Context, slug string) (wire.Diagnosis, error) {
	return call[wire.Diagnosis](ctx, c, request{method: http.MethodPost, path: "/connections/" + segment(slug) + "/doctor/run"})
}
