package console

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/internal/httpapi"
)

func (a *api) supportSessionRoutes() []operation {
	return []operation{
		{
			id: "enter-tenant", method: http.MethodPost, path: "/tenants/{tenant}/support-session", status: created,
			right: directory.TenantEnter,
			tag:   "tenants", summary: "Enter a tenant",
			about: "Opens a support session: while it lasts, the tenant's audit trail and all operators who may see the tenant can see that this operator works inside it, and why (rule T5).",
			codes: []directory.Code{directory.NotFound, directory.Invalid},
			again: a.enteredTenant, do: handle(a.enterTenant),
		},
		{
			id: "leave-tenant", method: http.MethodDelete, path: "/tenants/{tenant}/support-session", status: noContent,
			right: directory.TenantEnter,
			tag:   "tenants", summary: "Leave a tenant",
			about: "Ends one's support session (rule T5). Without one, nothing changes.",
			codes: []directory.Code{directory.NotFound},
			do:    handle(a.leaveTenant),
		},
		{
			id: "list-support-sessions", method: http.MethodGet, path: "/tenants/{tenant}/support-sessions",
			right: directory.TenantRead,
			tag:   "tenants", summary: "List who works inside a tenant now",
			about: "Operators who entered and have neither left nor run out of time (rule T5).",
			codes: []directory.Code{directory.NotFound},
			do:    handle(a.listSupportSessions),
		},
	}
}

type enterTenantInput struct {
	httpapi.TenantPath
	Body wire.SupportSessionRequest
}

func (a *api) enterTenant(ctx context.Context, p directory.Principal, in *enterTenantInput) (*output[wire.SupportSession], error) {
	e, err := a.Bridge.Support().Enter(ctx, p, in.TenantID(), in.Body.Reason, time.Duration(in.Body.Minutes)*time.Minute)
	return answer(supportSessionView(e), err)
}

// enteredTenant answers the repeat of enter-tenant.
func (a *api) enteredTenant(ctx context.Context, p directory.Principal, _ directory.Subject) (any, error) {
	all, err := a.Bridge.Support().Sessions(ctx, p, p.Tenant)
	for i := range all {
		if all[i].By.ID == p.Actor.ID {
			return answer(supportSessionView(all[i]), err)
		}
	}
	return nil, cmp.Or(err, notThere("support session"))
}

func (a *api) leaveTenant(ctx context.Context, p directory.Principal, in *httpapi.TenantPath) (*httpapi.None, error) {
	return nil, a.Bridge.Support().Leave(ctx, p, in.TenantID())
}

func (a *api) listSupportSessions(ctx context.Context, p directory.Principal, in *TenantPage) (*output[wire.Page[wire.SupportSession]], error) {
	all, err := a.Bridge.Support().Sessions(ctx, p, in.TenantID())
	if err != nil {
		return nil, err
	}
	var out []wire.SupportSession
	for i := range all {
		out = append(out, supportSessionView(all[i]))
	}
	return answer(httpapi.InOrder(out, in.PageQuery, func(s *wire.SupportSession) string { return s.Operator }))
}

func supportSessionView(e directory.SupportSession) wire.SupportSession {
	return wire.SupportSession{Operator: e.By.ID, Name: e.By.Name, Reason: e.Reason, Since: e.Since.UTC(), Until: e.Until.UTC()}
}
