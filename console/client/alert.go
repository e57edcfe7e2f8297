package client

import (
	"context"
	"net/http"

	"drawbridge/console/wire"
)

// Alerts lists the open alerts of a tenant, or of all for "", the last ones first. With past those too that were settled within 90 days.
func (c *Client) Alerts(ctx context.Context, tenant string, past bool, l List) (wire.Page[wire.Alert], error) {
	q := l.query()
	if past {
		q.Set("past", "true")
	}
	path := "/alerts"
	if tenant != "" {
		path = "/tenants/" + seg(tenant) + "/alerts"
	}
	return call[wire.Page[wire.Alert]](ctx, c, http.MethodGet, path, q, "", nil)
}

// AcknowledgeAlert says that an operator has looked at an alert.
func (c *Client) AcknowledgeAlert(ctx context.Context, tenant string, in wire.AcknowledgeAlert) (wire.Alert, error) {
	return call[wire.Alert](ctx, c, http.MethodPost, "/tenants/"+seg(tenant)+"/alerts/acknowledge", nil, "", in)
}
