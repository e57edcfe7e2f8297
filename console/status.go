package console

import (
	"context"
	"net/http"

	"drawbridge/bridge"
	"drawbridge/console/wire"
	"drawbridge/directory"
)

func (a *api) statusRoutes() {
	type statusOutput struct{ Body wire.Status }
	handle(a, operation{
		id: "get-status", right: directory.ServerRead, method: http.MethodGet, path: "/status", tag: "server", summary: "Show the running server",
		about: "Version, address, the health of each part, and what somebody must see to: a tenant whose plan left the configuration (rule B5).",
	}, func(ctx context.Context, p directory.Principal, _ *struct{}) (*statusOutput, error) {
		out := a.Status()
		tenants, err := a.Bridge.Tenants(ctx, p)
		if err != nil {
			return nil, err
		}
		out.Tenants, out.Warnings = len(tenants), []string{}
		for _, t := range tenants {
			if t.PlanMissing {
				out.Warnings = append(out.Warnings, bridge.PlanWarning(t.Tenant))
			}
		}
		return &statusOutput{out}, nil
	})

	type plansOutput struct {
		Body wire.Page[directory.Plan]
	}
	handle(a, operation{
		id: "list-plans", right: directory.ServerRead, method: http.MethodGet, path: "/plans", tag: "server", summary: "List the plans",
		about: "The catalogue in the configuration.",
	}, func(_ context.Context, _ directory.Principal, in *PageQuery) (*plansOutput, error) {
		page, err := inOrder(a.Plans, *in, func(p *directory.Plan) string { return p.Name })
		return &plansOutput{page}, err
	})
}
