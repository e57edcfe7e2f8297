package console

import (
	"context"
	"net/http"
	"time"

	"drawbridge/console/wire"
	"drawbridge/directory"
)

// FeedQuery is which part of a feed is wanted.
type FeedQuery struct {
	After uint64 `query:"after" doc:"Only what has a higher number."`
	Limit int    `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"Entries at most."`
}

// WaitQuery is FeedQuery for those who can wait.
type WaitQuery struct {
	FeedQuery
	Wait int `query:"wait" minimum:"0" maximum:"60" doc:"Seconds to wait for an event if there is none yet."`
}

func (a *api) feedRoutes() {
	type eventsOutput struct{ Body wire.Events }
	type eventsInput struct {
		TenantPath
		WaitQuery
	}
	handle(a, operation{
		id: "list-events", right: directory.TenantRecord, method: http.MethodGet, path: "/tenants/{tenant}/events", tag: "record", summary: "Read the events of a tenant",
		about: "Events are numbered without a gap, in the order in which they were committed. With wait the request answers as soon as there is one.",
		codes: []directory.Code{directory.NotFound, directory.Invalid, directory.Expired},
	}, func(ctx context.Context, p directory.Principal, in *eventsInput) (*eventsOutput, error) {
		out, err := a.events(ctx, p, in.tenant(), in.WaitQuery)
		return &eventsOutput{out}, err
	})
	handle(a, operation{
		id: "list-provider-events", right: directory.ProviderRecord, method: http.MethodGet, path: "/events", tag: "record", summary: "Read the events of the installation itself",
		about: "Operators and tenants that come, change and go (rule E2), as list-events does for what is in a tenant.",
		codes: []directory.Code{directory.Invalid, directory.Expired},
	}, func(ctx context.Context, p directory.Principal, in *WaitQuery) (*eventsOutput, error) {
		out, err := a.events(ctx, p, directory.Provider, *in)
		return &eventsOutput{out}, err
	})

	type auditOutput struct{ Body wire.AuditLines }
	type auditInput struct {
		TenantPath
		WaitQuery
	}
	handle(a, operation{
		id: "list-audit", right: directory.TenantRecord, method: http.MethodGet, path: "/tenants/{tenant}/audit", tag: "record", summary: "Read the audit trail of a tenant",
		about: "One line for every write, refusals included (rule E1).",
		codes: []directory.Code{directory.NotFound, directory.Invalid},
	}, func(ctx context.Context, p directory.Principal, in *auditInput) (*auditOutput, error) {
		out, err := a.audit(ctx, p, in.tenant(), in.WaitQuery)
		return &auditOutput{out}, err
	})
	handle(a, operation{
		id: "list-provider-audit", right: directory.ProviderRecord, method: http.MethodGet, path: "/audit", tag: "record", summary: "Read the audit trail of the installation itself",
		about: "One line for every write beside the tenants, sign-ins and refusals included (rule E1).",
		codes: []directory.Code{directory.Invalid},
	}, func(ctx context.Context, p directory.Principal, in *WaitQuery) (*auditOutput, error) {
		out, err := a.audit(ctx, p, directory.Provider, *in)
		return &auditOutput{out}, err
	})
}

func (a *api) events(ctx context.Context, p directory.Principal, tenant directory.TenantID, q WaitQuery) (wire.Events, error) {
	page, err := a.Record.Events(ctx, p, tenant, q.After, q.Limit)
	if err == nil && len(page.Events) == 0 && q.Wait > 0 {
		a.waitFor(ctx, q.Wait, func(ctx context.Context) error { return a.Record.WaitEvents(ctx, tenant, q.After) })
		page, err = a.Record.Events(ctx, p, tenant, q.After, q.Limit)
	}
	if page.Events == nil {
		page.Events = []directory.Event{}
	}
	return wire.Events{Items: page.Events, Oldest: page.Oldest, Last: page.Last}, err
}

// waitFor waits at most so many seconds for something to happen. When the time is over there is nothing to tell, which is no
// failure.
func (a *api) waitFor(ctx context.Context, seconds int, wait func(context.Context) error) {
	most := time.Duration(seconds) * time.Second
	callOf(ctx).response.Extend(a.Now().Add(most + time.Minute))
	waiting, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	_ = wait(waiting)
}

func (a *api) audit(ctx context.Context, p directory.Principal, tenant directory.TenantID, q WaitQuery) (wire.AuditLines, error) {
	items, last, err := a.Record.AuditLines(ctx, p, tenant, q.After, q.Limit)
	if err == nil && len(items) == 0 && q.Wait > 0 {
		a.waitFor(ctx, q.Wait, func(ctx context.Context) error { return a.Record.WaitAudit(ctx, tenant, q.After) })
		items, last, err = a.Record.AuditLines(ctx, p, tenant, q.After, q.Limit)
	}
	if items == nil {
		items = []directory.Audit{}
	}
	return wire.AuditLines{Items: items, Last: last}, err
}
