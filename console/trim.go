package console

import (
	"context"
	"net/http"
	"time"

	"drawbridge/bridge/record"
	"drawbridge/console/wire"
	"drawbridge/directory"
)

func (a *api) trimRoutes() {
	const about = "Forgets events behind event_days (rule E2) and reduces tombstones behind tombstone_days (rule D6), as the server does by itself once a day."
	type tenantInput struct {
		TenantPath
		DryRunQuery
	}
	type tenantOutput struct{ Body wire.Trimmed }
	handle(a, operation{
		id: "trim-tenant", right: directory.TenantUpdate, method: http.MethodPost, path: "/tenants/{tenant}/trim", tag: "tenants", summary: "Take away what a tenant keeps no longer", about: about,
		codes: []directory.Code{directory.NotFound, directory.Invalid},
	}, func(ctx context.Context, p directory.Principal, in *tenantInput) (*tenantOutput, error) {
		callOf(ctx).response.Extend(time.Time{})
		out, err := a.Record.Trim(ctx, p, in.tenant(), in.DryRun)
		if err != nil {
			return nil, err
		}
		return &tenantOutput{trimmedView(out)}, nil
	})

	type allOutput struct{ Body wire.Page[wire.Trimmed] }
	handle(a, operation{
		id: "trim", right: directory.ServerManage, method: http.MethodPost, path: "/trim", tag: "server", summary: "Take away what all tenants keep no longer", about: about,
		codes: []directory.Code{directory.Invalid},
	}, func(ctx context.Context, p directory.Principal, in *DryRunQuery) (*allOutput, error) {
		callOf(ctx).response.Extend(time.Time{})
		all, err := a.Record.TrimAll(ctx, p, in.DryRun)
		if err != nil {
			return nil, err
		}
		out := &allOutput{}
		out.Body.Items = make([]wire.Trimmed, len(all))
		for i, t := range all {
			out.Body.Items[i] = trimmedView(t)
		}
		return out, nil
	})
}

// DryRunQuery asks what an operation would do, without doing it.
type DryRunQuery struct {
	DryRun bool `query:"dry_run" doc:"Only say what would be done."`
}

func trimmedView(t record.Trimmed) wire.Trimmed {
	return wire.Trimmed{Tenant: string(t.Tenant), Events: t.Events, Tombstones: t.Tombstones}
}
