package client

import (
	"context"

	"drawbridge/console/wire"
)

// AlertList says which alerts are wanted.
type AlertList struct {
	List
	Tenant string // "": of all tenants
	Past   bool   // also those that ended within 90 days
}

// Alerts lists alerts, the latest first.
func (c *Client) Alerts(ctx context.Context, l AlertList) (wire.Page[wire.Alert], error) {
	q := l.query()
	if l.Past {
		q.Set("past", "true")
	}
	path := "/alerts"
	if l.Tenant != "" {
		path = "/tenants/" + segment(l.Tenant) + "/alerts"
	}
	return get[wire.Page[wire.Alert]](ctx, c, path, q)
}

// AcknowledgeAlert says that an operator has looked at an alert.
func (c *Client) AcknowledgeAlert(ctx context.Context, tenant string, in wire.AcknowledgeAlert) (wire.Alert, error) {
	return post[wire.Alert](ctx, c, "/tenants/"+segment(tenant)+"/alerts/acknowledge", in)
}
