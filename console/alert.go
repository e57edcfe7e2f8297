package console

import (
	"context"
	"net/http"
	"time"

	"drawbridge/bridge"
	"drawbridge/console/wire"
	"drawbridge/directory"
)

func (a *api) alertRoutes() {
	// PastQuery is whether settled ones are wanted too.
	type PastQuery struct {
		PageQuery
		Past bool `query:"past" doc:"Those too that were settled within 90 days."`
	}
	type listOutput struct{ Body wire.Page[wire.Alert] }
	list := func(ctx context.Context, p directory.Principal, tenant directory.TenantID, q PastQuery) (*listOutput, error) {
		all, err := a.Bridge.Alerts(ctx, p, tenant, q.Past)
		if err != nil {
			return nil, err
		}
		entries := make([]wire.Alert, 0, len(all))
		for i := range all {
			entries = append(entries, alertView(all[i]))
		}
		page, err := paged(entries, q.PageQuery, true, func(v wire.Alert) place {
			return place{key: v.Last.Format("2006-01-02T15:04:05.000000"), id: v.Tenant + "/" + v.Key}
		})
		return &listOutput{page}, err
	}
	about := "What somebody should look at, the last ones first: a change in Owners or Administrators (rule G6), a connection that removes unusually many (C8), is silent or fails (C7), " +
		"a credential that expires within a week (C2), no free seat (B9)."
	type tenantInput struct {
		TenantPath
		PastQuery
	}
	handle(a, operation{
		id: "list-tenant-alerts", right: directory.TenantRead, method: http.MethodGet, path: "/tenants/{tenant}/alerts", tag: "record", summary: "List the alerts of a tenant", about: about,
		codes: []directory.Code{directory.NotFound, directory.Invalid},
	}, func(ctx context.Context, p directory.Principal, in *tenantInput) (*listOutput, error) {
		return list(ctx, p, in.tenant(), in.PastQuery)
	})
	handle(a, operation{
		id: "list-alerts", right: directory.TenantRead, list: true, method: http.MethodGet, path: "/alerts", tag: "record", summary: "List the alerts of all tenants in the scope", about: about,
		codes: []directory.Code{directory.Invalid},
	}, func(ctx context.Context, p directory.Principal, in *PastQuery) (*listOutput, error) {
		return list(ctx, p, directory.Provider, *in)
	})

	type acknowledgeInput struct {
		TenantPath
		Body wire.AcknowledgeAlert
	}
	type alertOutput struct{ Body wire.Alert }
	handle(a, operation{
		id: "acknowledge-alert", right: directory.TenantAlert, method: http.MethodPost, path: "/tenants/{tenant}/alerts/acknowledge", tag: "record", summary: "Acknowledge an alert",
		about: "Says that somebody has looked at it. What it is about may go on; the next event raises it again.",
		codes: []directory.Code{directory.NotFound, directory.Conflict, directory.Stale, directory.Invalid},
	}, func(ctx context.Context, p directory.Principal, in *acknowledgeInput) (*alertOutput, error) {
		var pre directory.Precondition
		if n := in.Body.Times; n > 0 {
			pre.MatchSet, pre.Match = true, []uint64{uint64(n)}
		}
		alert, err := a.Bridge.AcknowledgeAlert(ctx, p, in.tenant(), in.Body.Alert, pre, in.Body.Note)
		if err != nil {
			return nil, err
		}
		return &alertOutput{alertView(bridge.TenantAlert{Tenant: in.tenant(), Alert: alert})}, nil
	})
}

func alertView(v bridge.TenantAlert) wire.Alert {
	out := wire.Alert{
		Tenant: string(v.Tenant), Key: v.Key, Kind: string(v.Kind), State: "open", Subject: v.Subject, Text: v.Text, By: v.By,
		Raised: v.Raised.UTC(), Last: v.Last.UTC(), Times: v.Times, Note: v.Note, Acknowledged: stamp(v.Acknowledged), Cleared: stamp(v.Cleared),
	}
	for _, settled := range []struct {
		at    time.Time
		state string
	}{{v.Cleared, "cleared"}, {v.Acknowledged, "acknowledged"}} {
		if !settled.at.IsZero() {
			out.State = settled.state
		}
	}
	if out.AcknowledgedBy = v.AcknowledgedBy.Name; out.AcknowledgedBy == "" {
		out.AcknowledgedBy = v.AcknowledgedBy.ID
	}
	return out
}
