package console

import (
	"cmp"
	"context"
	"net/http"
	"slices"
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
			tag:   "record", summary: "Acknowledge or snooze an alert",
			about: "Says that an operator has looked at it. The cause may go on; the next event raises the alert again. With until the alert is open again at that time, unless it has settled by itself.",
			codes: []directory.Code{directory.NotFound, directory.Conflict, directory.Stale, directory.Invalid},
			do:    handle(a.acknowledgeAlert),
		},
	}
}

// AlertQuery says which alerts are wanted.
type AlertQuery struct {
	httpapi.PageQuery
	Past  bool   `query:"past" doc:"Those too that are snoozed, or were settled within 90 days."`
	State string `query:"state" enum:"open,snoozed,acknowledged,cleared" doc:"Only those in this state, of the last 90 days."`
	Kind  string `query:"kind" enum:"protected_group,brake,sync,token,seats,webhook,target" doc:"Only those of this kind."`
}

func (q *AlertQuery) matches(v *wire.Alert) bool {
	return (q.State == "" || v.State == q.State) && (q.Kind == "" || v.Kind == q.Kind)
}

type listTenantAlertsInput struct {
	httpapi.TenantPath
	AlertQuery
}

type listAlertsInput struct {
	AlertQuery
	Q string `query:"q" maxLength:"100" doc:"Only of tenants with this part in the name or the slug, in any case."`
}

type acknowledgeAlertInput struct {
	httpapi.TenantPath
	Body wire.AcknowledgeAlert
}

func (a *api) listTenantAlerts(ctx context.Context, p directory.Principal, in *listTenantAlertsInput) (*output[wire.Page[wire.Alert]], error) {
	all, err := a.Bridge.Alerts(ctx, p, in.TenantID(), in.wanted())
	if err != nil {
		return nil, err
	}
	return a.alertPage(all, in.AlertQuery)
}

func (a *api) listAlerts(ctx context.Context, p directory.Principal, in *listAlertsInput) (*output[wire.Page[wire.Alert]], error) {
	all, err := a.Overview.Alerts(ctx, p, in.wanted())
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(v bridge.TenantAlert) bool { return !directory.HasPart(in.Q, string(v.Tenant), v.Name) })
	return a.alertPage(all, in.AlertQuery)
}

// wanted is the list that has all alerts of a query.
func (q *AlertQuery) wanted() bridge.AlertsWanted {
	if q.Past || q.State != "" {
		return bridge.RecentAlerts
	}
	return bridge.OpenAlerts
}

// alertPage gives the alerts that a query wants, the latest first.
func (a *api) alertPage(all []bridge.TenantAlert, q AlertQuery) (*output[wire.Page[wire.Alert]], error) {
	entries := make([]wire.Alert, 0, len(all))
	for i := range all {
		v := alertView(all[i], a.Now())
		if q.matches(&v) {
			entries = append(entries, v)
		}
	}
	return answer(httpapi.Sorted(entries, q.PageQuery, httpapi.Descending, func(v wire.Alert) httpapi.Position {
		return httpapi.Position{Key: v.Last.Format("2006-01-02T15:04:05.000000"), ID: v.Tenant + "/" + v.Key}
	}))
}

func (a *api) acknowledgeAlert(ctx context.Context, p directory.Principal, in *acknowledgeAlertInput) (*output[wire.Alert], error) {
	o := bridge.Acknowledgement{Note: in.Body.Note}
	if n := in.Body.Times; n > 0 {
		o.If.MatchSet, o.If.Match = true, []uint64{uint64(n)}
	}
	if in.Body.Until != nil {
		o.Until = *in.Body.Until
	}
	alert, err := a.Bridge.AcknowledgeAlert(ctx, p, in.TenantID(), in.Body.Alert, o)
	if err != nil {
		return nil, err
	}
	return &output[wire.Alert]{alertView(bridge.TenantAlert{Tenant: in.TenantID(), Alert: alert}, a.Now())}, nil
}

func alertView(v bridge.TenantAlert, now time.Time) wire.Alert {
	out := wire.Alert{
		Tenant: string(v.Tenant), TenantName: v.Name, Key: v.Key, Kind: string(v.Kind), State: "open", Subject: v.Subject, Text: v.Text, By: v.By,
		Raised: v.Raised.UTC(), Last: v.Last.UTC(), Times: v.Times, Note: v.Note, Acknowledged: httpapi.Time(v.Acknowledged), Cleared: httpapi.Time(v.Cleared),
	}
	out.Until = httpapi.Time(v.Until)
	switch {
	case !v.Cleared.IsZero():
		out.State = "cleared"
	case v.Settled():
		out.State = "acknowledged"
	case v.Snoozed(now):
		out.State = "snoozed"
	}
	out.AcknowledgedBy = cmp.Or(v.AcknowledgedBy.Name, v.AcknowledgedBy.ID)
	return out
}
