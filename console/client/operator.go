package client

import (
	"context"
	"net/http"
	"net/url"

	"drawbridge/console/wire"
)

func operatorPath(id string) string { return "/operators/" + segment(id) }

// Operators lists operators.
func (c *Client) Operators(ctx context.Context, l List) (wire.OperatorPage, error) {
	return get[wire.OperatorPage](ctx, c, "/operators", l.query())
}

// OperatorsCSV is all matching operators as a table for a spreadsheet. It ignores cursor and order.
func (c *Client) OperatorsCSV(ctx context.Context, l List) ([]byte, error) {
	q := l.query()
	for _, name := range []string{"cursor", "limit", "sort", "dir"} {
		q.Del(name)
	}
	return c.text(ctx, "/operators.csv", q)
}

// Operator shows one, by id or e-mail address.
func (c *Client) Operator(ctx context.Context, id string) (wire.Operator, error) {
	return get[wire.Operator](ctx, c, operatorPath(id), nil)
}

// CreateOperator adds an operator; the link is mailed, or shown only once.
func (c *Client) CreateOperator(ctx context.Context, in wire.OperatorCreate) (wire.OperatorLink, error) {
	return post[wire.OperatorLink](ctx, c, "/operators", in)
}

// UpdateOperator changes an operator. etag "" means any version.
func (c *Client) UpdateOperator(ctx context.Context, id, etag string, in wire.OperatorUpdate) (wire.Operator, error) {
	return call[wire.Operator](ctx, c, request{method: http.MethodPatch, path: operatorPath(id), etag: etag, in: in})
}

// SuspendOperator ends sessions and keys at once.
func (c *Client) SuspendOperator(ctx context.Context, id, reason string) (wire.Operator, error) {
	return post[wire.Operator](ctx, c, operatorPath(id)+"/suspend", wire.ReasonRequest{Reason: reason})
}

// DeleteOperator ends the account of an operator for good.
func (c *Client) DeleteOperator(ctx context.Context, id, reason string) error {
	q := url.Values{}
	set(q, "reason", reason)
	return c.do(ctx, request{method: http.MethodDelete, path: operatorPath(id), query: q}, nil)
}

// RestoreOperator ends a suspension.
func (c *Client) RestoreOperator(ctx context.Context, id string) (wire.Operator, error) {
	return post[wire.Operator](ctx, c, operatorPath(id)+"/restore", nil)
}

// LinkOperator makes a new one-time link.
func (c *Client) LinkOperator(ctx context.Context, id string, in wire.LinkRequest) (wire.OperatorLink, error) {
	return post[wire.OperatorLink](ctx, c, operatorPath(id)+"/links", in)
}

// OperatorSessions lists where an operator is signed in.
func (c *Client) OperatorSessions(ctx context.Context, id string) (wire.Page[wire.Session], error) {
	return whole[wire.Session](ctx, c, operatorPath(id)+"/sessions", nil)
}

// EndOperatorSessions ends all of an operator's sessions.
func (c *Client) EndOperatorSessions(ctx context.Context, id string) error {
	return c.do(ctx, request{method: http.MethodDelete, path: operatorPath(id) + "/sessions"}, nil)
}

// OperatorKeys lists the API keys of an operator.
func (c *Client) OperatorKeys(ctx context.Context, id string) (wire.Page[wire.APIKey], error) {
	return whole[wire.APIKey](ctx, c, operatorPath(id)+"/api-keys", nil)
}

// RevokeOperatorKey ends a key at once.
func (c *Client) RevokeOperatorKey(ctx context.Context, id, key string) error {
	return c.do(ctx, request{method: http.MethodDelete, path: operatorPath(id) + "/api-keys/" + segment(key)}, nil)
}
