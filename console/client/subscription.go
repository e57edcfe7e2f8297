package client

import (
	"context"
	"net/http"
	"net/url"

	"drawbridge/console/wire"
)

// Myself names the caller's own account in place of an operator.
const Myself = "me"

func subscriptionPath(operator string) string {
	if operator == Myself {
		return "/me/subscription"
	}
	return operatorPath(operator) + "/subscription"
}

// Subscriptions lists the mail subscriptions of operators.
func (c *Client) Subscriptions(ctx context.Context, l List) (wire.Page[wire.Subscription], error) {
	return get[wire.Page[wire.Subscription]](ctx, c, "/subscriptions", l.query())
}

// Subscription shows the mail subscription of one operator; Myself is the caller's own.
func (c *Client) Subscription(ctx context.Context, operator string) (wire.Subscription, error) {
	return get[wire.Subscription](ctx, c, subscriptionPath(operator), url.Values{})
}

// SetSubscription changes it. etag "" means any version of the operator.
func (c *Client) SetSubscription(ctx context.Context, operator, etag string, in wire.SubscriptionUpdate) (wire.Subscription, error) {
	return call[wire.Subscription](ctx, c, request{method: http.MethodPut, path: subscriptionPath(operator), etag: etag, in: in})
}

// ResetSubscription lets the role decide again.
func (c *Client) ResetSubscription(ctx context.Context, operator string) (wire.Subscription, error) {
	return call[wire.Subscription](ctx, c, request{method: http.MethodDelete, path: subscriptionPath(operator)})
}
