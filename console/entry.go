package console

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"drawbridge/console/wire"
	"drawbridge/directory"
)

func (a *api) entryRoutes() {
	type enterInput struct {
		TenantPath
		Body wire.EntryRequest
	}
	handle(a, operation{
		id: "enter-tenant", right: directory.TenantEnter, method: http.MethodPost, path: "/tenants/{tenant}/entry", tag: "tenants", status: created,
		summary: "Enter a tenant", about: "Opens an explicit context for the work of an operator inside the tenant: it stands in the tenant's audit trail, and everybody who sees the tenant sees it (rule T5).",
		codes: []directory.Code{directory.NotFound, directory.Invalid},
		again: func(ctx context.Context, p directory.Principal, _ directory.Subject) (any, error) {
			all, err := a.Bridge.Inside(ctx, p, p.Tenant)
			for i := range all {
				if all[i].By.ID == p.Actor.ID {
					return &struct{ Body wire.Entry }{entryView(all[i])}, err
				}
			}
			return nil, cmp.Or(err, notThere("entry"))
		},
	}, func(ctx context.Context, p directory.Principal, in *enterInput) (*struct{ Body wire.Entry }, error) {
		e, err := a.Bridge.Enter(ctx, p, in.tenant(), in.Body.Reason, time.Duration(in.Body.Minutes)*time.Minute)
		if err != nil {
			return nil, err
		}
		return &struct{ Body wire.Entry }{entryView(e)}, nil
	})
	handle(a, operation{
		id: "leave-tenant", right: directory.TenantEnter, method: http.MethodDelete, path: "/tenants/{tenant}/entry", tag: "tenants", status: noContent,
		summary: "Leave a tenant",
		about:   "Ends the context of enter-tenant (rule T5). Whoever is not inside leaves without a change.",
		codes:   []directory.Code{directory.NotFound},
	}, func(ctx context.Context, p directory.Principal, in *TenantPath) (*none, error) {
		return nil, a.Bridge.Leave(ctx, p, in.tenant())
	})
	handle(a, operation{
		id: "list-entries", right: directory.TenantRead, method: http.MethodGet, path: "/tenants/{tenant}/entries", tag: "tenants",
		summary: "List who works inside a tenant now",
		about:   "Who entered and neither left nor ran out of time (rule T5).",
		codes:   []directory.Code{directory.NotFound},
	}, func(ctx context.Context, p directory.Principal, in *TenantPage) (*struct{ Body wire.Page[wire.Entry] }, error) {
		all, err := a.Bridge.Inside(ctx, p, in.tenant())
		if err != nil {
			return nil, err
		}
		var out []wire.Entry
		for i := range all {
			out = append(out, entryView(all[i]))
		}
		page, err := inOrder(out, in.PageQuery, func(e *wire.Entry) string { return e.Operator })
		return &struct{ Body wire.Page[wire.Entry] }{page}, err
	})
}

func entryView(e directory.Entry) wire.Entry {
	return wire.Entry{Operator: e.By.ID, Name: e.By.Name, Reason: e.Reason, Since: e.Since.UTC(), Until: e.Until.UTC()}
}
