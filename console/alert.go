package console

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"drawbridge/bridge"
	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/internal/httpapi"
)

const alertsAbout = "What an operator should look at, the latest first: a change in Owners or Administrators (rule G6), a connection that removes unusually many people (C8), is silent or fails (C7), " +
	"a credential that expires within a week (C2), no free seat (B9)."

func (a *api) alertRoutes() []operation {
	return []operation{
		{
			id: "list-tenant-alerts", method: http.MethodGet, path: "/tenants/{tenant}/alerts",
			right: directory.TenantRead,
			tag:   "record", summary: "List the alerts of a tenant",
			about: alertsAbout,
			codes: []directory.Code{directory.NotFound, directory.Invalid},
			do:    handle(a.listTenantAlerts),
		},
		{
			id: "list-alerts", method: http.MethodGet, path: "/alerts",
			right: directory.TenantRead, list: true,
			tag: "record", summary: "List the alerts of all tenants in the scope",
			about: alertsAbout,
			codes: []directory.Code{directory.Invalid},
			do:    handle(a.listAlerts),
		},
		{
			id: "acknowledge-alert", method: http.MethodPost, path: "/tenants/{tenant}/alerts/acknowledge",
			right: directory.TenantAlert,
			tag:   "record", summary: "Acknowledge an alert",
			about: "Says that an operator has looked at it. The cause may go on; the next event raises the alert again.",
			codes: []directory.Code{directory.NotFound, directory.Conflict, directory.Stale, directory.Invalid},
			do:    handle(a.acknowledgeAlert),
		},
	}
}

// PastQuery says whether settled alerts are wanted, too.
type PastQuery struct {
	httpapi.PageQuery
	Past bool `query:"past" doc:"Those too that were settled within 90 days."`
}

type listTenantAlertsInput struct {
	httpapi.TenantPath
	PastQuery
}

type acknowledgeAlertInput struct {
	httpapi.TenantPath
	Body wire.AcknowledgeAlert
}

func (a *api) listTenantAlerts(ctx context.Context, p directory.Principal, in *listTenantAlertsInput) (*output[wire.Page[wire.Alert]], error) {
	return a.alerts(ctx, p, in.TenantID(), in.PastQuery)
}

func (a *api) listAlerts(ctx context.Context, p directory.Principal, in *PastQuery) (*output[wire.Page[wire.Alert]], error) {
	return a.alerts(ctx, p, directory.Provider, *in)
}

// alerts lists those of one tenant, or of all for directory.Provider.
func (a *api) alerts(ctx context.Context, p directory.Principal, tenant directory.TenantID, q PastQuery) (*output[wire.Page[wire.Alert]], error) {
	all, err := a.Bridge.Alerts(ctx, p, tenant, q.Past)
	if err != nil {
		return nil, err
	}
	entries := make([]wire.Alert, 0, len(all))
	for i := range all {
		entries = append(entries, alertView(all[i]))
	}
	return answer(httpapi.Sorted(entries, q.PageQuery, httpapi.Descending, func(v wire.Alert) httpapi.Position {
		return httpapi.Position{Key: v.Last.Format("2006-01-02T15:04:05.000000"), ID: v.Tenant + "/" + v.Key}
	}))
}

func (a *api) acknowledgeAlert(ctx context.Context, p directory.Principal, in *acknowledgeAlertInput) (*output[wire.Alert], error) {
	var pre directory.Precondition
	if n := in.Body.Times; n > 0 {
		pre.MatchSet, pre.Match = true, []uint64{uint64(n)}
	}
	alert, err := a.Bridge.AcknowledgeAlert(ctx, p, in.TenantID(), in.Body.Alert, pre, in.Body.Note)
	if err != nil {
		return nil, err
	}
	return &output[wire.Alert]{alertView(bridge.TenantAlert{Tenant: in.TenantID(), Alert: alert})}, nil
}

func alertView(v bridge.TenantAlert) wire.Alert {
	out := wire.Alert{
		Tenant: string(v.Tenant), Key: v.Key, Kind: string(v.Kind), State: "open", Subject: v.Subject, Text: v.Text, By: v.By,
		Raised: v.Raised.UTC(), Last: v.Last.UTC(), Times: v.Times, Note: v.Note, Acknowledged: httpapi.Time(v.Acknowledged), Cleared: httpapi.Time(v.Cleared),
	}
	for _, settled := range []struct {
		at    time.Time
		state string
	}{{v.Cleared, "cleared"}, {v.Acknowledged, "acknowledged"}} {
		if !settled.at.IsZero() {
			out.State = settled.state
		}
	}
	out.AcknowledgedBy = cmp.Or(v.AcknowledgedBy.Name, v.AcknowledgedBy.ID)
	return out
}
