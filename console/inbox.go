package console

import (
	"context"
	"net/http"
	"strings"

	"drawbridge/bridge/overview"
	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/internal/httpapi"
)

func (a *api) inboxRoutes() []operation {
	return []operation{
		{
			id: "get-inbox", method: http.MethodGet, path: "/inbox",
			right: directory.TenantRead, list: true,
			tag: "tenants", summary: "List what waits for an operator",
			about: "In all tenants: removals that the brake holds (rule C8), deletion requests (D3), connections whose last credential ends within 30 days or has ended (C2), people to confirm (L2), " +
				"tenants that are handed over (T6); and, with the right `server.manage`, mails that could not be sent. The kinds come in this order. Alerts are in list-alerts.",
			codes: []directory.Code{directory.Invalid},
			do:    handle(a.getInbox),
		},
	}
}

type getInboxInput struct {
	httpapi.PageQuery
	Kind   string `query:"kind" enum:"held,deletion_request,credential,confirmation,handover,mail" doc:"Only this kind. Missing: all."`
	Tenant string `query:"tenant" maxLength:"40" doc:"Only of this tenant."`
}

// mailInbox is the kind of the mails that could not be sent. They belong to the installation and not to the bridge.
const mailInbox = "mail"

func (a *api) getInbox(ctx context.Context, p directory.Principal, in *getInboxInput) (*output[wire.Inbox], error) {
	if tenant := directory.TenantID(in.Tenant); tenant != "" {
		if err := a.Operators.Permit(p, directory.TenantRead, tenant); err != nil {
			return nil, err
		}
		if _, err := a.Bridge.Tenant(ctx, tenant); err != nil {
			return nil, err
		}
	}
	all, err := a.Overview.Inbox(ctx, p)
	if err != nil {
		return nil, err
	}
	entries := make([]wire.InboxItem, 0, len(all))
	for i := range all {
		entries = append(entries, inboxView(&all[i]))
	}
	if a.Operators.PermitList(p, directory.ServerManage) == nil {
		mails, err := a.parkedMails(ctx, p)
		if err != nil {
			return nil, err
		}
		entries = append(entries, mails...)
	}
	out := wire.Inbox{Counts: map[string]int{}}
	wanted := entries[:0]
	for i := range entries {
		e := &entries[i]
		if in.Tenant != "" && e.Tenant != in.Tenant {
			continue
		}
		out.Counts[e.Kind]++
		if in.Kind == "" || e.Kind == in.Kind {
			wanted = append(wanted, *e)
		}
	}
	out.Total = len(wanted)
	page, err := httpapi.InOrder(wanted, in.PageQuery, func(i *wire.InboxItem) string { return i.ID })
	out.Items, out.Next = page.Items, page.Next
	return answer(out, err)
}

// parkedMails is one item if there are mails that are no longer tried.
func (a *api) parkedMails(ctx context.Context, p directory.Principal) ([]wire.InboxItem, error) {
	mails, err := a.Outbox.Mails(ctx, p)
	if err != nil {
		return nil, err
	}
	item := wire.InboxItem{ID: mailInbox, Kind: mailInbox}
	for i := range mails {
		parked := mails[i].Parked
		if parked.IsZero() {
			continue
		}
		if item.Count++; item.Since == nil || parked.Before(*item.Since) {
			item.Since = httpapi.Time(parked)
		}
	}
	if item.Count == 0 {
		return nil, nil
	}
	return []wire.InboxItem{item}, nil
}

func inboxView(i *overview.InboxItem) wire.InboxItem {
	return wire.InboxItem{
		ID:   strings.Join([]string{string(i.Kind), string(i.Tenant), string(i.Connection), i.Subject.ID}, "/"),
		Kind: string(i.Kind), Tenant: string(i.Tenant), TenantName: i.TenantName, Connection: string(i.Connection), Subject: i.Subject.ID, Name: i.Subject.Name,
		Reason: i.Reason, Count: i.Count, Since: httpapi.Time(i.Since), Due: httpapi.Time(i.Due),
	}
}
