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

func (a *api) searchRoutes() []operation {
	return []operation{
		{
			id: "search-users", method: http.MethodGet, path: "/users",
			right: directory.UserRead, list: true,
			tag: "users", summary: "Find people in all tenants",
			about: "By tenant, and in each in the order of their creation. address is a look-up; q looks at all people, at most about 100,000 people in one request: while there is a next, there may be more, " +
				"also after a page without an entry.",
			codes: []directory.Code{directory.Invalid},
			do:    handle(a.searchUsers),
		},
	}
}

type searchUsersInput struct {
	httpapi.PageQuery
	Q       string `query:"q" maxLength:"200" doc:"A part of userName, displayName or an e-mail address, in any case."`
	Address string `query:"address" maxLength:"254" doc:"The whole userName or e-mail address, in any case."`
	State   string `query:"state" enum:"invited,awaiting_confirmation,active,suspended,recovery" doc:"Only users in this state. Missing: all."`
	Type    string `query:"type" enum:"member,guest" doc:"Only users of this type. Missing: both."`
	Gone    bool   `query:"gone" doc:"Users that the identity provider deleted and that are kept in grace, too."`
}

func (a *api) searchUsers(ctx context.Context, p directory.Principal, in *searchUsersInput) (*output[wire.Page[wire.FoundUser]], error) {
	where, err := a.userWhere(ctx, p, &UserFilter{Q: in.Q, State: in.State, Type: in.Type})
	if err != nil {
		return nil, err
	}
	q := overview.PeopleQuery{Where: where, Gone: in.Gone, Count: in.Limit}
	if address := strings.TrimSpace(in.Address); address != "" {
		is := directory.Or{equals("userName", address), directory.Compare{Path: directory.Path{Name: "emails", Sub: "value"}, Op: directory.Equal, Value: directory.Fold(address)}}
		q.LookUp = true
		if q.Where = is; where != nil {
			q.Where = directory.And{is, where}
		}
	}
	if in.Cursor != "" {
		at, err := httpapi.ParseCursor(in.Cursor)
		if err != nil {
			return nil, err
		}
		q.After = &overview.PersonMark{Tenant: directory.TenantID(at.Key)}
		q.After.ID, _ = directory.ParseID(at.ID)
	}
	found, next, err := a.Overview.FindPeople(ctx, p, q)
	if err != nil {
		return nil, err
	}
	page := wire.Page[wire.FoundUser]{Items: make([]wire.FoundUser, 0, len(found))}
	for i := range found {
		f := &found[i]
		page.Items = append(page.Items, wire.FoundUser{Tenant: string(f.Tenant.ID), TenantName: f.Tenant.Name, User: userView(&f.User, f.Groups)})
	}
	for from := 0; from < len(page.Items); {
		to := from
		var shown []*wire.User
		for ; to < len(page.Items) && page.Items[to].Tenant == page.Items[from].Tenant; to++ {
			shown = append(shown, &page.Items[to].User)
		}
		err := a.addRoles(ctx, p, directory.TenantID(page.Items[from].Tenant), shown)
		if err != nil && directory.CodeOf(err) != directory.NotFound { // the tenant may go meanwhile
			return nil, err
		}
		from = to
	}
	if next != nil {
		id := ""
		if !next.ID.IsZero() {
			id = next.ID.String()
		}
		page.Next = httpapi.Position{Key: string(next.Tenant), ID: id}.Cursor()
	}
	return answer(page, nil)
}
