package client

import (
	"context"
	"net/http"

	"drawbridge/console/wire"
)

func operatorPath(id string) string { return "/operators/" + seg(id) }

// Operators lists operators.
func (c *Client) Operators(ctx context.Context, l List) (wire.OperatorPage, error) {
	return call[wire.OperatorPage](ctx, c, http.MethodGet, "/operators", l.query(), "", nil)
}

// Operator shows one, by id or e-mail address.
func (c *Client) Operator(ctx context.Context, id string) (wire.Operator, error) {
	return call[wire.Operator](ctx, c, http.MethodGet, operatorPath(id), nil, "", nil)
}

// CreateOperator adds an operator; the link is mailed, or shown this once.
func (c *Client) CreateOperator(ctx context.Context, in wire.OperatorCreate) (wire.OperatorLink, error) {
	return call[wire.OperatorLink](ctx, c, http.MethodPost, "/operators", nil, "", in)
}

// UpdateOperator changes an operator. etag "" means whatever its version.
func (c *Client) UpdateOperator(ctx context.Context, id, etag string, in wire.OperatorUpdate) (wire.Operator, error) {
	return call[wire.Operator](ctx, c, http.MethodPatch, operatorPath(id), nil, etag, in)
}

// SuspendOperator ends sessions and keys at once.
func (c *Client) SuspendOperator(ctx context.Context, id, reason string) (wire.Operator, error) {
	return call[wire.Operator](ctx, c, http.MethodPost, operatorPath(id)+"/suspend", nil, "", wire.ReasonRequest{Reason: reason})
}

// RestoreOperator ends a suspension.
func (c *Client) RestoreOperator(ctx context.Context, id string) (wire.Operator, error) {
	return call[wire.Operator](ctx, c, http.MethodPost, operatorPath(id)+"/restore", nil, "", nil)
}

// LinkOperator makes a new one-time link.
func (c *Client) LinkOperator(ctx context.Context, id string, in wire.LinkRequest) (wire.OperatorLink, error) {
	return call[wire.OperatorLink](ctx, c, http.MethodPost, operatorPath(id)+"/links", nil, "", in)
}

// OperatorSessions lists where an operator is signed in.
func (c *Client) OperatorSessions(ctx context.Context, id string) (wire.Page[wire.Session], error) {
	return whole[wire.Session](ctx, c, operatorPath(id)+"/sessions", nil)
}

// EndOperatorSessions ends all of an operator's sessions.
func (c *Client) EndOperatorSessions(ctx context.Context, id string) error {
	return c.do(ctx, http.MethodDelete, operatorPath(id)+"/sessions", nil, "", nil, nil)
}

// OperatorKeys lists the API keys of an operator.
func (c *Client) OperatorKeys(ctx context.Context, id string) (wire.Page[wire.APIKey], error) {
	return whole[wire.APIKey](ctx, c, operatorPath(id)+"/api-keys", nil)
}

// RevokeOperatorKey ends a key at once.
func (c *Client) RevokeOperatorKey(ctx context.Context, id, key string) error {
	return c.do(ctx, http.MethodDelete, operatorPath(id)+"/api-keys/"+seg(key), nil, "", nil, nil)
}
