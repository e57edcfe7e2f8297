package client

import (
	"context"
	"net/http"

	"drawbridge/console/wire"
)

func observation(connection string) string {
	return "/connections/" + segment(connection) + "/observation"
}

// StartObservation puts a connection into observe mode.
func (c *Client) StartObservation(ctx context.Context, connection string, in wire.ObservationStart) (wire.Observation, error) {
	return post[wire.Observation](ctx, c, observation(connection), in)
}

// Observation shows what an observed connection would change.
func (c *Client) Observation(ctx context.Context, connection string) (wire.Observation, error) {
	return get[wire.Observation](ctx, c, observation(connection), nil)
}

// ObservedChanges lists what an observed connection would change.
func (c *Client) ObservedChanges(ctx context.Context, connection string) (wire.Page[wire.ObservedChange], error) {
	return whole[wire.ObservedChange](ctx, c, observation(connection)+"/changes", nil)
}

// Promote brings the difference of an observed connection into its tenant. It is called again until the answer says Done, or lists what is left.
func (c *Client) Promote(ctx context.Context, connection, digest string) (wire.Promotion, error) {
	return post[wire.Promotion](ctx, c, observation(connection)+"/promote", wire.ObservationPromote{Digest: digest})
}

// DropObservation drops what an observed connection wrote.
func (c *Client) DropObservation(ctx context.Context, connection string) error {
	return c.do(ctx, request{method: http.MethodDelete, path: observation(connection)}, nil)
}
