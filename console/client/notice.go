package client

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"drawbridge/directory"
)

// Alert is something in a tenant that somebody should look at.
type Alert struct {
	Tenant         string            `json:"tenant"`
	Key            string            `json:"key" doc:"Names it when it is acknowledged." example:"protected_group/owners"`
	Kind           string            `json:"kind" enum:"protected_group,brake,sync,token,seats"`
	State          string            `json:"state" enum:"open,acknowledged,cleared" doc:"cleared: it settled by itself."`
	Subject        directory.Subject `json:"subject"`
	Text           string            `json:"text" doc:"What happened last."`
	By             directory.Actor   `json:"by"`
	Raised         time.Time         `json:"raised"`
	Last           time.Time         `json:"last"`
	Times          int               `json:"times" doc:"How often it happened since it was raised."`
	Acknowledged   *time.Time        `json:"acknowledged,omitempty"`
	AcknowledgedBy string            `json:"acknowledged_by,omitempty"`
	Note           string            `json:"note,omitempty"`
	Cleared        *time.Time        `json:"cleared,omitempty"`
}

// AcknowledgeAlert says which alert an operator has looked at.
type AcknowledgeAlert struct {
	Alert string `json:"alert" minLength:"1" maxLength:"200" doc:"The key of the alert."`
	Times int    `json:"times,omitempty" minimum:"1" doc:"As it was when it was looked at: 412 if it has happened again since. Missing: however often."`
	Note  string `json:"note,omitempty" maxLength:"500"`
}

// Subscription is what an operator is told of by mail.
type Subscription struct {
	Operator string   `json:"operator"`
	Email    string   `json:"email"`
	Role     string   `json:"role"`
	Version  uint64   `json:"version" doc:"Of the operator; the ETag."`
	Kinds    []string `json:"kinds" nullable:"false" doc:"Kinds of event; user.* for all that begin so; alert for all that raise an alert. None: nothing."`
	Tenants  []string `json:"tenants" nullable:"false" doc:"Missing ones are not told of. Empty: all of the scope, and the installation where the role may read its record."`
	Daily    bool     `json:"daily" doc:"What can wait comes once a day."`
	Default  bool     `json:"default" doc:"Nobody chose: it goes with the role."`
	Told     bool     `json:"told" doc:"Mails go out. They do not while the operator is not active, lacks a second factor that is required, has an empty scope, or is told of nothing."`
}

// SubscriptionUpdate chooses what an operator is told of.
type SubscriptionUpdate struct {
	Kinds   []string `json:"kinds" nullable:"false" maxItems:"100" doc:"Kinds of event; user.* for all that begin so; alert for all that raise an alert. None: nothing." example:"[\"alert\"]"`
	Tenants []string `json:"tenants,omitempty" maxItems:"10000" doc:"Tenants of the scope. Missing: all of it."`
	Daily   bool     `json:"daily,omitempty" doc:"What can wait, as refusals do, comes once a day instead of every quarter of an hour. What raises an alert never waits."`
}

// Alerts lists the open alerts of a tenant, or of all for "", the last ones first. With past those too that were settled within 90 days.
func (c *Client) Alerts(ctx context.Context, tenant string, past bool, l List) (Page[Alert], error) {
	q := l.query()
	if past {
		q.Set("past", "true")
	}
	path := "/alerts"
	if tenant != "" {
		path = "/tenants/" + seg(tenant) + "/alerts"
	}
	return call[Page[Alert]](ctx, c, http.MethodGet, path, q, "", nil)
}

// AcknowledgeAlert says that an operator has looked at an alert.
func (c *Client) AcknowledgeAlert(ctx context.Context, tenant string, in AcknowledgeAlert) (Alert, error) {
	return call[Alert](ctx, c, http.MethodPost, "/tenants/"+seg(tenant)+"/alerts/acknowledge", nil, "", in)
}

// Myself names one's own account where an operator is expected.
const Myself = "me"

func subscriptionPath(operator string) string {
	if operator == Myself {
		return "/me/subscription"
	}
	return operatorPath(operator) + "/subscription"
}

// Subscriptions lists what each operator is told of by mail.
func (c *Client) Subscriptions(ctx context.Context, l List) (Page[Subscription], error) {
	return call[Page[Subscription]](ctx, c, http.MethodGet, "/subscriptions", l.query(), "", nil)
}

// Subscription shows what one operator is told of; Myself is the own account.
func (c *Client) Subscription(ctx context.Context, operator string) (Subscription, error) {
	return call[Subscription](ctx, c, http.MethodGet, subscriptionPath(operator), url.Values{}, "", nil)
}

// SetSubscription chooses it. etag "" means whatever the version of the operator.
func (c *Client) SetSubscription(ctx context.Context, operator, etag string, in SubscriptionUpdate) (Subscription, error) {
	return call[Subscription](ctx, c, http.MethodPut, subscriptionPath(operator), nil, etag, in)
}

// ResetSubscription goes back to what goes with the role.
func (c *Client) ResetSubscription(ctx context.Context, operator string) (Subscription, error) {
	return call[Subscription](ctx, c, http.MethodDelete, subscriptionPath(operator), nil, "", nil)
}
