package console

import (
	"context"
	"net/http"

	"drawbridge/bridge"
	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/internal/httpapi"
)

// mostIdle bounds the lists of the report.
const mostIdle = 1000

func (a *api) idleRoutes() []operation {
	return []operation{
		{
			id: "get-idle", method: http.MethodGet, path: "/tenants/{tenant}/idle",
			right: directory.UserRead,
			tag:   "users", summary: "Report idle seats and orphans",
			about: "Users without activity for idle_days, as far as the downstream application reports it, users whom the identity provider has not mentioned for orphan_days, guests beyond the included number, and credentials unused for 90 days (rule B10).",
			codes: []directory.Code{directory.NotFound},
			do:    handle(a.getIdle),
		},
	}
}

func (a *api) getIdle(ctx context.Context, p directory.Principal, in *httpapi.TenantPath) (*output[wire.Idle], error) {
	r, err := a.Bridge.Idle(ctx, p, in.TenantID())
	if err != nil {
		return nil, err
	}
	return &output[wire.Idle]{idleView(&r)}, nil
}

func idleView(r *bridge.IdleReport) wire.Idle {
	out := wire.Idle{
		Tenant: string(r.Tenant), At: r.At.UTC(), Summary: r.Sentence(), IdleDays: r.IdleDays, Reported: r.Reported.Since != "", ReportedSince: string(r.Reported.Since),
		ReportedLast: string(r.Reported.Last), Stale: r.Stale, Idle: idleUsers(r.Idle), IdleCount: len(r.Idle), OrphanDays: r.OrphanDays, NotedSince: string(r.Noted.Since),
		Unmentioned: idleUsers(r.Unmentioned), Orphans: len(r.Unmentioned), Guests: r.Guests, IncludedGuests: r.IncludedGuests, GuestsBeyond: r.GuestsBeyond(), Tokens: []wire.IdleToken{},
	}
	for i := range r.Tokens {
		t := &r.Tokens[i]
		out.Tokens = append(out.Tokens, wire.IdleToken{ID: string(t.ID), Connection: string(t.Connection), Name: t.Name, Prefix: t.Prefix, Created: t.Created.UTC(), LastUsed: httpapi.Time(t.Last)})
	}
	return out
}

func idleUsers(all []bridge.IdleUser) []wire.IdleUser {
	out := []wire.IdleUser{}
	for i := range all[:min(len(all), mostIdle)] {
		u := &all[i]
		out = append(out, wire.IdleUser{
			ID: u.ID.String(), UserName: u.UserName, Type: u.Type.String(), State: u.State.String(), Connection: string(u.Connection),
			Last: string(u.Last), Since: string(u.Since), Days: u.Days,
		})
	}
	return out
}
