package console

import (
	"context"
	"net/http"
	"strings"

	"drawbridge/bridge"
	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/internal/httpapi"
)

type (
	// UserEdit is a user who is to be changed.
	UserEdit struct {
		UserPath
		VersionHeader
	}
	// UserPath is a user in a path.
	UserPath struct {
		httpapi.TenantPath
		User string `path:"user" minLength:"1" maxLength:"400" doc:"The id of the user, or the userName."`
	}
)

func (a *api) userRoutes() []operation {
	return []operation{
		{
			id: "list-users", method: http.MethodGet, path: "/tenants/{tenant}/users",
			right: directory.UserRead,
			tag:   "users", summary: "List users",
			about: "People in the order of their creation or their name, with their groups; a search looks at names and e-mail addresses.",
			codes: []directory.Code{directory.NotFound, directory.Invalid},
			do:    handle(a.listUsers),
		},
		{
			id: "get-user", method: http.MethodGet, path: "/tenants/{tenant}/users/{user}",
			right: directory.UserRead,
			tag:   "users", summary: "Show a user",
			about: "With the SCIM attributes that the identity provider sent.",
			codes: []directory.Code{directory.NotFound},
			do:    handle(a.getUser),
		},
		{
			id: "convert-user", method: http.MethodPost, path: "/tenants/{tenant}/users/{user}/convert",
			right: directory.UserManage,
			tag:   "users", summary: "Make a guest a member, or a member a guest",
			about: "A member needs a seat (rule L7). The answer says who may change it again later.",
			codes: []directory.Code{directory.NotFound, directory.Refused, directory.Conflict, directory.Invalid},
			do:    handle(a.convertUser),
		},
		{
			id: "release-user-management", method: http.MethodPost, path: "/tenants/{tenant}/users/{user}/release-management", status: noContent,
			right: directory.UserManage,
			tag:   "users", summary: "Take a user away from its connection",
			about: "Nobody manages the user then; the next connection that writes it adopts it (rule L9).",
			codes: []directory.Code{directory.NotFound, directory.Refused, directory.Conflict},
			do:    handle(a.releaseUserManagement),
		},
		{
			id: "delete-user", method: http.MethodDelete, path: "/tenants/{tenant}/users/{user}", status: noContent,
			right: directory.UserDelete, fresh: true,
			tag: "users", summary: "Delete a user for good",
			about: "The user must be suspended first (rule D1), and deprovisioned by the identity provider that manages it (rule D2).",
			codes: []directory.Code{directory.NotFound, directory.Refused, directory.Conflict, directory.Invalid},
			do:    handle(a.deleteUser),
		},
	}
}

type listUsersInput struct {
	httpapi.TenantPath
	httpapi.PageQuery
	Q      string `query:"q" maxLength:"200" doc:"A part of userName, displayName or an e-mail address, whatever its case."`
	Active string `query:"active" enum:"true,false" doc:"Only users that read so. Missing: both."`
	State  string `query:"state" enum:"invited,awaiting_confirmation,active,suspended,recovery" doc:"Only users in this state. Missing: all."`
	Gone   bool   `query:"gone" doc:"Users that the identity provider deleted and that are kept in grace, too."`
	Sort   string `query:"sort" enum:"created,user_name" default:"created" doc:"The order."`
	Dir    string `query:"dir" enum:"asc,desc" default:"asc" doc:"From the first to the last, or the other way round."`
}

type deleteUserInput struct {
	UserEdit
	Force  bool   `query:"force" doc:"Delete although the identity provider still says active. Needs a reason (rule D2)."`
	Reason string `query:"reason" maxLength:"500" doc:"Why, for the audit trail. Required with force."`
}

func (a *api) listUsers(ctx context.Context, p directory.Principal, in *listUsersInput) (*output[wire.Page[wire.User]], error) {
	after, err := httpapi.Mark(in.Cursor)
	if err != nil {
		return nil, err
	}
	q := directory.Query{
		Where: userWhere(in.Q, in.Active, in.State), After: after, Count: in.Limit, Gone: in.Gone, Groups: true,
		Sort: listSort(in.Sort, "user_name", "userName", in.Dir),
	}
	page := wire.Page[wire.User]{Items: []wire.User{}}
	result, err := a.Bridge.ListUsers(ctx, p, q, func(u *directory.User, groups []directory.GroupRef) error {
		page.Items = append(page.Items, userView(u, groups))
		return nil
	})
	if err != nil {
		return nil, err
	}
	page.Next = httpapi.Next(result)
	return &output[wire.Page[wire.User]]{page}, nil
}

func (a *api) getUser(ctx context.Context, p directory.Principal, in *UserPath) (*versioned[wire.User], error) {
	id, err := a.findUser(ctx, p, in.User)
	if err != nil {
		return nil, err
	}
	u, err := a.Bridge.User(ctx, p, id)
	if err != nil {
		return nil, err
	}
	return showUser(u), nil
}

type convertUserInput struct {
	UserEdit
	Body wire.ConvertRequest
}

func (a *api) convertUser(ctx context.Context, p directory.Principal, in *convertUserInput) (*versioned[wire.Converted], error) {
	id, err := a.findUser(ctx, p, in.User)
	if err != nil {
		return nil, err
	}
	to := directory.TeamMember
	if in.Body.Type == directory.Guest.String() {
		to = directory.Guest
	}
	u, notice, err := a.Bridge.ConvertUser(ctx, p, in.TenantID(), id, to)
	if err != nil {
		return nil, err
	}
	return withVersion(u.User.Version, wire.Converted{User: wholeUserView(u), Notice: string(notice)}), nil
}

func (a *api) releaseUserManagement(ctx context.Context, p directory.Principal, in *UserEdit) (*httpapi.None, error) {
	id, err := a.findUser(ctx, p, in.User)
	if err != nil {
		return nil, err
	}
	return nil, a.Bridge.ReleaseManagement(ctx, p, in.TenantID(), directory.UserKind, id)
}

func (a *api) deleteUser(ctx context.Context, p directory.Principal, in *deleteUserInput) (*httpapi.None, error) {
	id, err := a.findUser(ctx, p, in.User)
	if err != nil {
		return nil, err
	}
	return nil, a.Bridge.RemoveUser(ctx, p, in.TenantID(), id, in.Force, in.Reason)
}

// findUser finds a user by id or userName.
func (a *api) findUser(ctx context.Context, p directory.Principal, ref string) (directory.ID, error) {
	if id, ok := directory.ParseID(ref); ok {
		return id, nil
	}
	var found directory.ID
	_, err := a.Bridge.ListUsers(ctx, p, directory.Query{Where: equals("userName", ref), Count: 1}, func(u *directory.User, _ []directory.GroupRef) error {
		found = u.ID
		return nil
	})
	if err == nil && found.IsZero() {
		err = &directory.Error{Code: directory.NotFound, Message: "tenant " + string(p.Tenant) + " has no user with the id or userName " + ref}
	}
	return found, err
}

// equals is a condition on a text attribute, whatever its case.
func equals(name, value string) directory.Expr {
	path := directory.Path{Name: name}
	return directory.Compare{Path: path, Op: directory.Equal, Type: directory.Text, Value: directory.FoldAs(path, value, false)}
}

func contains(path directory.Path, value string) directory.Expr {
	return directory.Compare{Path: path, Op: directory.Contains, Type: directory.Text, Value: directory.FoldAs(path, value, true)}
}

func userWhere(q, active, state string) directory.Expr {
	var where directory.And
	if q = strings.TrimSpace(q); q != "" {
		where = append(where, directory.Or{
			contains(directory.Path{Name: "userName"}, q),
			contains(directory.Path{Name: "displayName"}, q),
			contains(directory.Path{Name: "emails", Sub: "value"}, q),
		})
	}
	if active != "" {
		where = append(where, directory.Compare{Path: directory.Path{Name: "active"}, Op: directory.Equal, Type: directory.Boolean, Value: active == "true"})
	}
	if state != "" {
		where = append(where, directory.Compare{Path: directory.Path{Schema: directory.OwnSchema, Name: "state"}, Op: directory.Equal, Type: directory.Text, Value: state})
	}
	if len(where) == 0 {
		return nil
	}
	return where
}

// listSort is the order of a list of the store: by a name, or by creation.
func listSort(sort, name, attribute, dir string) *directory.Sort {
	switch {
	case sort == name:
		return &directory.Sort{Path: directory.Path{Name: attribute}, Type: directory.Text, Descending: dir == "desc"}
	case dir == "desc":
		return &directory.Sort{Path: directory.Path{Name: "meta", Sub: "created"}, Type: directory.Instant, Descending: true}
	}
	return nil
}

func showUser(u bridge.UserResult) *versioned[wire.User] {
	return withVersion(u.User.Version, wholeUserView(u))
}

// wholeUserView shows a user with the attributes that the client sent.
func wholeUserView(u bridge.UserResult) wire.User {
	out := userView(&u.User, u.Groups)
	out.Attributes = append(directory.Document{}, u.User.Document...)
	return out
}

// userView shows a user as in a list.
func userView(u *directory.User, groups []directory.GroupRef) wire.User {
	out := wire.User{
		ID: u.ID.String(), Version: u.Version, Created: u.Created.UTC(), Modified: u.Modified.UTC(), UserName: u.UserName,
		DisplayName: u.DisplayName(), ExternalID: u.ExternalID, Emails: append([]string{}, u.Emails...), Type: u.Type.String(),
		State: u.State.String(), Active: u.Active(), Gone: u.Gone(), Connection: string(u.Connection), Statement: string(u.Statement),
		StatedAt: httpapi.Time(u.StatedAt), AcceptedAt: httpapi.Time(u.AcceptedAt), Groups: []wire.GroupRef{},
	}
	if u.Statement == "" {
		out.Statement = string(directory.SaidNothing)
	}
	if u.Suspension != nil {
		s := *u.Suspension
		s.At = s.At.UTC()
		out.Suspension = &s
	}
	for _, g := range groups {
		out.Groups = append(out.Groups, wire.GroupRef{ID: g.ID.String(), DisplayName: g.DisplayName, Indirect: g.Indirect})
	}
	return out
}
