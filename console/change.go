package console

import (
	"context"
	"net/http"

	"drawbridge/bridge/record"
	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/internal/httpapi"
)

func (a *api) changeRoutes() []operation {
	return []operation{
		{
			id: "list-changes", method: http.MethodGet, path: "/changes",
			right: directory.TenantRead, list: true,
			tag: "record", summary: "Wait for changes in all tenants",
			about: "Says which tenants of your scope changed after a cursor, for pages that show what they have read: kinds of event and ids, without content. Without the right `tenant.record` only the tenant is named. " +
				"A change may be told twice. With `reset` the cursor is too old: read again what you show. Applications read the feed instead (rule E2), which loses nothing.",
			codes: []directory.Code{directory.Invalid},
			do:    handle(a.listChanges),
		},
	}
}

type listChangesInput struct {
	Cursor string `query:"cursor" maxLength:"200" doc:"The cursor of the last answer. Missing: begin now."`
	Wait   int    `query:"wait" minimum:"0" maximum:"60" doc:"Seconds to wait for a change if there is none yet."`
}

func (a *api) listChanges(ctx context.Context, p directory.Principal, in *listChangesInput) (*output[wire.Changes], error) {
	page, err := a.Changes.Since(ctx, p, in.Cursor)
	if err == nil && len(page.Changes) == 0 && !page.Reset && in.Wait > 0 {
		httpapi.CallOf(ctx).Wait(ctx, in.Wait, func(waiting context.Context) error {
			for len(page.Changes) == 0 && !page.Reset && err == nil { // changes that this operator may not see wake, too
				if err := a.Changes.Wait(waiting, page); err != nil {
					return err
				}
				page, err = a.Changes.Since(ctx, p, page.Next)
			}
			return nil
		})
	}
	return answer(a.changesView(p, &page), err)
}

// changesFromNow is a cursor for what changes after this moment. It is empty for an operator who may not ask for changes, and if the store
// cannot be watched now: list-changes gives another one, or says what is wrong.
func (a *api) changesFromNow(ctx context.Context, p directory.Principal) string {
	if p.Access.EnrolOnly || a.Operators.PermitList(p, directory.TenantRead) != nil {
		return ""
	}
	page, err := a.Changes.Since(ctx, p, "")
	if err != nil {
		return ""
	}
	return page.Next
}

func (a *api) changesView(p directory.Principal, page *record.ChangesPage) wire.Changes {
	out := wire.Changes{Items: []wire.Change{}, Cursor: page.Next, Reset: page.Reset}
	named := a.Operators.PermitList(p, directory.TenantRecord) == nil
	for i := range page.Changes {
		c := &page.Changes[i]
		one := wire.Change{Tenant: string(c.Tenant), Kinds: []string{}, Subjects: []directory.Subject{}, More: c.More || !named}
		if named {
			for _, kind := range c.Kinds {
				one.Kinds = append(one.Kinds, string(kind))
			}
			one.Subjects = append(one.Subjects, c.Subjects...)
		}
		out.Items = append(out.Items, one)
	}
	return out
}
