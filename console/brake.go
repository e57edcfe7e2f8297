package console

import (
	"context"
	"net/http"

	"drawbridge/bridge"
	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/internal/httpapi"
)

func (a *api) brakeRoutes() []operation {
	return []operation{
		{
			id: "list-held", method: http.MethodGet, path: "/tenants/{tenant}/held",
			right: directory.ConnectionRead,
			tag:   "connections", summary: "List held removals",
			about: "Removals that the brake holds for an operator to decide (rule C8), each with the state before and after.",
			codes: []directory.Code{directory.NotFound},
			do:    handle(a.listHeld),
		},
		{
			id: "list-held-totals", method: http.MethodGet, path: "/tenants/{tenant}/held/totals",
			right: directory.ConnectionRead,
			tag:   "connections", summary: "Sum up held removals",
			about: "How many people and groups each connection asked to remove, beside the people who are active and the removals that are usual within an hour (rule C8).",
			codes: []directory.Code{directory.NotFound},
			do:    handle(a.listHeldTotals),
		},
		{
			id: "release-held", method: http.MethodPost, path: "/tenants/{tenant}/held/release",
			right: directory.ConnectionManage, fresh: true,
			tag: "connections", summary: "Do held removals after all",
			about: "All, or those that are named. What a rule forbids by now stays held, with the reason.",
			codes: []directory.Code{directory.NotFound},
			do:    handle(a.releaseHeld),
		},
		{
			id: "discard-held", method: http.MethodPost, path: "/tenants/{tenant}/held/discard",
			right: directory.ConnectionManage, fresh: true,
			tag: "connections", summary: "Drop held removals",
			about: "All, or those that are named. The identity provider was told that they were refused; fix its assignments, or it asks again.",
			codes: []directory.Code{directory.NotFound},
			do:    handle(a.discardHeld),
		},
	}
}

type listHeldInput struct {
	TenantPage
	Connection string `query:"connection" maxLength:"60" doc:"Only what this connection asked for."`
}

type settleInput struct {
	httpapi.TenantPath
	Body wire.SettleHeld
}

func (a *api) listHeld(ctx context.Context, p directory.Principal, in *listHeldInput) (*output[wire.Page[wire.Held]], error) {
	all, err := a.Bridge.HeldRemovals().List(ctx, p, in.TenantID(), directory.ConnectionID(in.Connection))
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
	return answer(httpapi.InOrder(out, in.PageQuery, func(h *wire.Held) string { return h.Key }))
}

func (a *api) listHeldTotals(ctx context.Context, p directory.Principal, in *listHeldInput) (*output[wire.Page[wire.HeldTotal]], error) {
	all, err := a.Bridge.HeldRemovals().Totals(ctx, p, in.TenantID(), directory.ConnectionID(in.Connection))
	if err != nil {
		return nil, err
	}
	out := make([]wire.HeldTotal, 0, len(all))
	for _, t := range all {
		out = append(out, wire.HeldTotal{
			Connection: string(t.Connection), People: t.People, Groups: t.Groups, Moot: t.Moot, Active: t.Active, Usual: t.Usual, First: t.First.UTC(), Last: t.Last.UTC(),
		})
	}
	return answer(httpapi.InOrder(out, in.PageQuery, func(h *wire.HeldTotal) string { return h.Connection }))
}

func (a *api) releaseHeld(ctx context.Context, p directory.Principal, in *settleInput) (*output[wire.Page[wire.SettledHeld]], error) {
	responseOf(ctx).Extend(a.Now().Add(longestJob))
	all, err := a.Bridge.HeldRemovals().Release(ctx, p, in.TenantID(), directory.ConnectionID(in.Body.Connection), in.Body.Keys)
	return answer(settledViews(all), err)
}

func (a *api) discardHeld(ctx context.Context, p directory.Principal, in *settleInput) (*output[wire.Page[wire.SettledHeld]], error) {
	responseOf(ctx).Extend(a.Now().Add(longestJob))
	all, err := a.Bridge.HeldRemovals().Discard(ctx, p, in.TenantID(), directory.ConnectionID(in.Body.Connection), in.Body.Keys)
	return answer(settledViews(all), err)
}

func settledViews(all []bridge.HeldOutcome) wire.Page[wire.SettledHeld] {
	out := wire.Page[wire.SettledHeld]{Items: make([]wire.SettledHeld, 0, len(all))}
	for _, s := range all {
		out.Items = append(out.Items, wire.SettledHeld{Key: s.Key, Action: string(s.Action), Name: s.Subject.Name, Done: s.Done, Reason: s.Reason})
	}
	return out
}
