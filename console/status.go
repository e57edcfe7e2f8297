package console

import (
	"context"
	"errors"
	"net/http"

	"drawbridge/bridge/overview"
	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/internal/httpapi"
)

func (a *api) statusRoutes() []operation {
	return []operation{
		{
			id: "get-status", method: http.MethodGet, path: "/status",
			right: directory.ServerRead,
			tag:   "server", summary: "Show the running server",
			about: "Version, address, the health of each part, and what needs attention: a tenant whose plan left the configuration (rule B5).",
			do:    handle(a.getStatus),
		},
		{
			id: "list-plans", method: http.MethodGet, path: "/plans",
			right: directory.ServerRead,
			tag:   "server", summary: "List the plans",
			about: "The catalogue in the configuration.",
			do:    handle(a.listPlans),
		},
		{
			id: "list-configuration", method: http.MethodGet, path: "/configuration",
			right: directory.ServerManage,
			tag:   "server", summary: "Show the configuration of the server",
			about: "Every setting with its value, and whether it is another one than the default. Secrets are not shown, only whether they are set. The configuration changes in its file and with a restart.",
			do:    handle(a.listConfiguration),
		},
	}
}

func (a *api) listConfiguration(_ context.Context, _ directory.Principal, in *httpapi.PageQuery) (*output[wire.Page[wire.ConfigurationSetting]], error) {
	return answer(httpapi.InOrder(a.Configuration, *in, func(s *wire.ConfigurationSetting) string { return s.Name }))
}

func (a *api) getStatus(ctx context.Context, p directory.Principal, _ *struct{}) (*output[wire.Status], error) {
	out := a.Status(ctx)
	tenants, err := a.Overview.Tenants(ctx, p)
	var away *directory.Error
	if errors.As(err, &away) && away.Code == directory.Unavailable { // an operator still needs the rest
		out.Warnings = []string{"the companies could not be counted: " + away.Message}
		return &output[wire.Status]{out}, nil
	}
	if err != nil {
		return nil, err
	}
	out.Tenants, out.Warnings = len(tenants), []string{}
	for _, t := range tenants {
		if t.PlanMissing {
			out.Warnings = append(out.Warnings, overview.PlanWarning(t.Tenant))
		}
	}
	return &output[wire.Status]{out}, nil
}

func (a *api) listPlans(_ context.Context, _ directory.Principal, in *httpapi.PageQuery) (*output[wire.Page[directory.Plan]], error) {
	return answer(httpapi.InOrder(a.Plans, *in, func(p *directory.Plan) string { return p.Name }))
}
