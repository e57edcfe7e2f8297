package console

import (
	"context"
	"fmt"
	"net/http"

	"drawbridge/bridge"
	"drawbridge/console/wire"
	"drawbridge/directory"
)

// mostIdle bounds the lists of the report.
const mostIdle = 1000

func (a *api) idleRoutes() {
	type idleOutput struct{ Body wire.Idle }
	handle(a, operation{
		id: "get-idle", right: directory.UserRead, method: http.MethodGet, path: "/tenants/{tenant}/idle", tag: "users", summary: "Report idle seats and orphans",
		about: "Users without activity for idle_days, as far as the application behind the bridge reports it, users whom the identity provider has not mentioned for orphan_days, guests beyond the " +
			"included number, and credentials unused for 90 days (rule B10).",
		codes: []directory.Code{directory.NotFound},
	}, func(ctx context.Context, p directory.Principal, in *TenantPath) (*idleOutput, error) {
		r, err := a.Bridge.Idle(ctx, p, in.tenant())
		if err != nil {
			return nil, err
		}
		return &idleOutput{idleView(&r)}, nil
	})
}

func idleView(r *bridge.IdleReport) wire.Idle {
	out := wire.Idle{
		Tenant: string(r.Tenant), At: r.At.UTC(), Summary: r.Sentence(), IdleDays: r.IdleDays, Reported: r.Reported.Since != "", ReportedSince: string(r.Reported.Since),
		ReportedLast: string(r.Reported.Last), Stale: r.Stale, Idle: idleUsers(r.Idle), IdleCount: len(r.Idle), OrphanDays: r.OrphanDays, NotedSince: string(r.Noted.Since),
		Unmentioned: idleUsers(r.Unmentioned), Orphans: len(r.Unmentioned), Guests: r.Guests, IncludedGuests: r.IncludedGuests, GuestsBeyond: r.GuestsBeyond(), Tokens: []wire.IdleToken{},
	}
	for i := range r.Tokens {
		t := &r.Tokens[i]
		out.Tokens = append(out.Tokens, wire.IdleToken{ID: string(t.ID), Connection: string(t.Connection), Name: t.Name, Prefix: t.Prefix, Created: t.Created.UTC(), LastUsed: stamp(t.Last)})
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

// activityRoutes are the one thing that an application may write: who was active.
func (a *application) activityRoutes() {
	type activityInput struct {
		TenantPath
		Body wire.ActivityReport
	}
	type activityOutput struct{ Body wire.ActivityReceipt }
	forApplication(a, operation{
		id: "report-activity", method: http.MethodPost, path: "/tenants/{tenant}/activity", tag: "people", summary: "Report who was active",
		about: "On each sign-in, or gathered, up to 1000 people at once (rule B10). Only the day is kept, and what is known is not written again, so it may be sent as often as one likes. People " +
			"who are not there are named in the answer and stop nobody else. An empty report says that nobody was active, and that the application is still there.",
	}, func(ctx context.Context, app directory.Application, in *activityInput) (*activityOutput, error) {
		items := make([]bridge.Activity, 0, len(in.Body.Items))
		for i, item := range in.Body.Items {
			one := bridge.Activity{Email: item.Email}
			if item.UserID != "" {
				var ok bool
				if one.User, ok = directory.ParseID(item.UserID); !ok {
					return nil, &directory.Error{Code: directory.Invalid, Field: fmt.Sprintf("items[%d].user_id", i), Message: fmt.Sprintf("items[%d].user_id is no id of a user", i)}
				}
			}
			if item.At != nil {
				one.At = *item.At
			}
			items = append(items, one)
		}
		receipt, err := a.Bridge.ReportActivity(ctx, app, items)
		if err != nil {
			return nil, err
		}
		return &activityOutput{wire.ActivityReceipt{Recorded: receipt.Recorded, Unchanged: receipt.Unchanged, Unknown: append([]int{}, receipt.Unknown...)}}, nil
	})
}
