package console

import (
	"context"
	"net/http"

	"drawbridge/console/client"
	"drawbridge/directory"
)

func (a *api) statusRoutes() {
	type statusOutput struct{ Body client.Status }
	handle(a, operation{
		id: "get-status", right: directory.ServerRead, method: http.MethodGet, path: "/status", tag: "server", summary: "Show the running server",
		about: "Version, address, and the health of each part.",
	}, func(ctx context.Context, p directory.Principal, _ *struct{}) (*statusOutput, error) {
		out := a.Status()
		tenants, err := a.Bridge.Tenants(ctx, p)
		if err != nil {
			return nil, err
		}
		out.Tenants = len(tenants)
		return &statusOutput{out}, nil
	})

	type plansOutput struct {
		Body struct {
			Items []directory.Plan `json:"items" nullable:"false"`
		}
	}
	handle(a, operation{
		id: "list-plans", right: directory.ServerRead, method: http.MethodGet, path: "/plans", tag: "server", summary: "List the plans",
		about: "The catalogue in the configuration.",
	}, func(context.Context, directory.Principal, *struct{}) (*plansOutput, error) {
		out := &plansOutput{}
		out.Body.Items = a.Plans
		return out, nil
	})
}
