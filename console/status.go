package console

import (
	"context"
	"errors"
	"net/http"

	"drawbridge/bridge"
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
	}
}

func (a *api) getStatus(ctx context.Context, p directory.Principal, _ *struct{}) (*output[wire.Status], error) {
	out := a.Status(ctx)
	tenants, err := a.Bridge.Tenants(ctx, p)
	var away *directory.Error
	if errors.As(err, &away) && away.Code == directory.Unavailable { // then an operator wants to read the rest all the more
		out.Warnings = []string{"the companies could not be counted: " + away.Message}
		return &output[wire.Status]{out}, nil
	}
	if err != nil {
		return nil, err
	}
	out.Tenants, out.Warnings = len(tenants), []string{}
	for _, t := range tenants {
		if t.PlanMissing {
			out.Warnings = append(out.Warnings, bridge.PlanWarning(t.Tenant))
		}
	}
	return &output[wire.Status]{out}, nil
}

func (a *api) listPlans(_ context.Context, _ directory.Principal, in *httpapi.PageQuery) (*output[wire.Page[directory.Plan]], error) {
	return answer(httpapi.InOrder(a.Plans, *in, func(p *directory.Plan) string { return p.Name }))
}
