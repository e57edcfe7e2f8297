package console

import (
	"context"
	"net/http"
	"time"

	"drawbridge/bridge/record"
	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/internal/httpapi"
)

const trimAbout = "Removes events that are older than event_days (rule E2) and reduces tombstones that are older than tombstone_days (rule D6), as the server does once a day by itself."

func (a *api) trimRoutes() []operation {
	return []operation{
		{
			id: "trim-tenant", method: http.MethodPost, path: "/tenants/{tenant}/trim",
			right: directory.TenantUpdate,
			tag:   "tenants", summary: "Take away what a tenant keeps no longer",
			about: trimAbout,
			codes: []directory.Code{directory.NotFound, directory.Invalid},
			do:    handle(a.trimTenant),
		},
		{
			id: "trim", method: http.MethodPost, path: "/trim",
			right: directory.ServerManage,
			tag:   "server", summary: "Take away what all tenants keep no longer",
			about: trimAbout,
			codes: []directory.Code{directory.Invalid},
			do:    handle(a.trim),
		},
	}
}

type trimTenantInput struct {
	httpapi.TenantPath
	DryRunQuery
}

func (a *api) trimTenant(ctx context.Context, p directory.Principal, in *trimTenantInput) (*output[wire.Trimmed], error) {
	responseOf(ctx).Extend(time.Time{})
	out, err := a.Record.Trim(ctx, p, in.TenantID(), runOf(in.DryRun))
	if err != nil {
		return nil, err
	}
	return &output[wire.Trimmed]{trimmedView(out)}, nil
}

func (a *api) trim(ctx context.Context, p directory.Principal, in *DryRunQuery) (*output[wire.Page[wire.Trimmed]], error) {
	responseOf(ctx).Extend(time.Time{})
	all, err := a.Record.TrimAll(ctx, p, runOf(in.DryRun))
	if err != nil {
		return nil, err
	}
	out := &output[wire.Page[wire.Trimmed]]{}
	out.Body.Items = make([]wire.Trimmed, len(all))
	for i, t := range all {
		out.Body.Items[i] = trimmedView(t)
	}
	return out, nil
}

func trimmedView(t record.Trimmed) wire.Trimmed {
	return wire.Trimmed{Tenant: string(t.Tenant), Events: t.Events, Tombstones: t.Tombstones}
}
