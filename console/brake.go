package console

import (
	"context"
	"net/http"

	"drawbridge/bridge"
	"drawbridge/console/wire"
	"drawbridge/directory"
)

func (a *api) brakeRoutes() {
	type listInput struct {
		TenantPage
		Connection string `query:"connection" maxLength:"60" doc:"Only what this connection asked for."`
	}
	type listOutput struct{ Body wire.Page[wire.Held] }
	handle(a, operation{
		id: "list-held", right: directory.ConnectionRead, method: http.MethodGet, path: "/tenants/{tenant}/held", tag: "connections", summary: "List held removals",
		about: "What the brake keeps for an operator (rule C8), as a difference between now and then.",
		codes: []directory.Code{directory.NotFound},
	}, func(ctx context.Context, p directory.Principal, in *listInput) (*listOutput, error) {
		all, err := a.Bridge.HeldRemovals(ctx, p, in.tenant(), directory.ConnectionID(in.Connection))
		if err != nil {
			return nil, err
		}
		out := make([]wire.Held, 0, len(all))
		for _, d := range all {
			out = append(out, wire.Held{
				Key: d.Key, Connection: string(d.Connection), Action: string(d.Action), Kind: d.Subject.Kind, ID: d.Subject.ID, Name: d.Subject.Name,
				Count: d.Count, Before: d.Before, After: d.After, Moot: d.Moot, First: d.First.UTC(), Last: d.Last.UTC(), Times: d.Times, Request: d.Request,
			})
		}
		page, err := inOrder(out, in.PageQuery, func(h *wire.Held) string { return h.Key })
		return &listOutput{page}, err
	})

	type settleInput struct {
		TenantPath
		Body wire.SettleHeld
	}
	type settleOutput struct {
		Body wire.Page[wire.SettledHeld]
	}
	settle := func(id, path, summary, about string, do func(context.Context, directory.Principal, directory.TenantID, directory.ConnectionID, []string) ([]bridge.Settled, error)) {
		handle(a, operation{
			id: id, right: directory.ConnectionManage, fresh: true, method: http.MethodPost, path: "/tenants/{tenant}/held/" + path, tag: "connections", summary: summary, about: about,
			codes: []directory.Code{directory.NotFound},
		}, func(ctx context.Context, p directory.Principal, in *settleInput) (*settleOutput, error) {
			callOf(ctx).response.Extend(a.Now().Add(longestJob))
			all, err := do(ctx, p, in.tenant(), directory.ConnectionID(in.Body.Connection), in.Body.Keys)
			out := make([]wire.SettledHeld, 0, len(all))
			for _, s := range all {
				out = append(out, wire.SettledHeld{Key: s.Key, Action: string(s.Action), Name: s.Subject.Name, Done: s.Done, Reason: s.Reason})
			}
			return &settleOutput{wire.Page[wire.SettledHeld]{Items: out}}, err
		})
	}
	settle("release-held", "release", "Do held removals after all",
		"All, or those that are named. What a rule forbids meanwhile stays held, with the reason.", a.Bridge.ReleaseHeld)
	settle("discard-held", "discard", "Drop held removals",
		"All, or those that are named. The identity provider was refused; mend its assignments, or it asks again.", a.Bridge.DiscardHeld)

	type deletionsOutput struct{ Body wire.Page[wire.Deletion] }
	handle(a, operation{
		id: "list-auto-deletions", right: directory.UserRead, method: http.MethodGet, path: "/tenants/{tenant}/auto-deletions", tag: "users", summary: "Preview auto-delete",
		about: "Everybody whom the clock will delete if nothing changes, the next ones first (rule D5).",
		codes: []directory.Code{directory.NotFound},
	}, func(ctx context.Context, p directory.Principal, in *TenantPage) (*deletionsOutput, error) {
		all, err := a.Bridge.AutoDeletions(ctx, p, in.tenant())
		if err != nil {
			return nil, err
		}
		out := make([]wire.Deletion, 0, len(all))
		for _, d := range all {
			out = append(out, wire.Deletion{User: d.User.String(), UserName: d.UserName, Suspended: d.Suspended.UTC(), Due: d.Due.UTC()})
		}
		page, err := inOrder(out, in.PageQuery, func(d *wire.Deletion) string { return d.User })
		return &deletionsOutput{page}, err
	})
}
