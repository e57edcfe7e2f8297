package console

import (
	"context"
	"net/http"

	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/internal/httpapi"
)

func (a *api) settingRoutes() []operation {
	return []operation{{
		id: "list-settings", method: http.MethodGet, path: "/tenants/{tenant}/settings",
		right: directory.TenantRead,
		tag:   "tenants", summary: "Show every setting of a tenant with its source",
		about: "The source is the tenant itself (an override), its plan, or the default of the configuration.",
		codes: []directory.Code{directory.NotFound},
		do:    handle(a.listSettings),
	}}
}

func (a *api) listSettings(ctx context.Context, p directory.Principal, in *TenantPage) (*output[wire.Page[wire.Setting]], error) {
	all, err := a.Bridge.Settings(ctx, p, in.TenantID())
	if err != nil {
		return nil, err
	}
	var out []wire.Setting
	for _, s := range all {
		out = append(out, wire.Setting{Name: s.Name, Value: s.Value, Source: s.Source})
	}
	return answer(httpapi.InOrder(out, in.PageQuery, func(s *wire.Setting) string { return s.Name }))
}
