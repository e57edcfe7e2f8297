package console

import (
	"context"
	"net/http"

	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/internal/httpapi"
)

// FeedQuery says which part of a feed to return.
type FeedQuery struct {
	After uint64 `query:"after" doc:"Only entries with a higher number."`
	Limit int    `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"Entries at most."`
}

// WaitQuery is a FeedQuery that waits if there is nothing yet.
type WaitQuery struct {
	FeedQuery
	Wait int `query:"wait" minimum:"0" maximum:"60" doc:"Seconds to wait for an event if there is none yet."`
}

func (a *api) eventRoutes() []operation {
	return []operation{
		{
			id: "list-events", method: http.MethodGet, path: "/tenants/{tenant}/events",
			right: directory.TenantRecord,
			tag:   "record", summary: "Read the events of a tenant",
			about: "Events are numbered without a gap, in the order in which they were committed. With wait the request answers as soon as there is one.",
			codes: []directory.Code{directory.NotFound, directory.Invalid, directory.Expired},
			do:    handle(a.listEvents),
		},
		{
			id: "list-provider-events", method: http.MethodGet, path: "/events",
			right: directory.ProviderRecord,
			tag:   "record", summary: "Read the events of the installation itself",
			about: "Operators and tenants that are added, changed and removed (rule E2). What names an operator or a tenant outside your scope is left out (rule O10). list-events has the events inside a tenant.",
			codes: []directory.Code{directory.Invalid, directory.Expired},
			do:    handle(a.listProviderEvents),
		},
	}
}

type listEventsInput struct {
	httpapi.TenantPath
	WaitQuery
}

func (a *api) listEvents(ctx context.Context, p directory.Principal, in *listEventsInput) (*output[wire.Events], error) {
	return answer(a.events(ctx, p, in.TenantID(), in.WaitQuery))
}

func (a *api) listProviderEvents(ctx context.Context, p directory.Principal, in *WaitQuery) (*output[wire.Events], error) {
	return answer(a.events(ctx, p, directory.Provider, *in))
}

func (a *api) events(ctx context.Context, p directory.Principal, tenant directory.TenantID, q WaitQuery) (wire.Events, error) {
	page, err := a.Record.Events(ctx, p, tenant, q.After, q.Limit)
	if err == nil && len(page.Events) == 0 && q.Wait > 0 {
		httpapi.CallOf(ctx).Wait(ctx, q.Wait, func(waiting context.Context) error {
			for len(page.Events) == 0 && err == nil { // events that this operator may not see wake the request, too
				after := max(q.After, page.Last)
				if err := a.Record.WaitEvents(waiting, tenant, after); err != nil {
					return err
				}
				page, err = a.Record.Events(ctx, p, tenant, after, q.Limit)
			}
			return nil
		})
	}
	if page.Events == nil {
		page.Events = []directory.Event{}
	}
	out := wire.Events{Items: page.Events, Oldest: page.Oldest, Last: page.Last}
	if n := len(page.Events); n > 0 && tenant != directory.Provider {
		out.Cursor = page.Events[n-1].Cursor().String()
	}
	return out, err
}
