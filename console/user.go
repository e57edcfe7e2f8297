package console

import (
	"cmp"
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
		PreviewQuery
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
			id: "update-user", method: http.MethodPatch, path: "/tenants/{tenant}/users/{user}",
			right: directory.UserManage,
			tag:   "users", summary: "Change a user whom no connection manages",
			about: "Name, e-mail address and userName. A user whom a connection manages changes at its identity provider (rule L9).",
			codes: []directory.Code{directory.NotFound, directory.Refused, directory.Conflict, directory.Invalid},
			do:    handle(a.updateUser),
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
			about: "No connection manages the user then; the next connection that writes it adopts it (rule L9).",
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
	UserFilter
	Sort string `query:"sort" enum:"created,user_name,display_name,state" default:"created" doc:"The order."`
	Dir  string `query:"dir" enum:"asc,desc" default:"asc" doc:"From the first to the last, or the other way round."`
}

// UserFilter says which users of a tenant to list. All conditions must hold.
type UserFilter struct {
	Q          string `query:"q" maxLength:"200" doc:"A part of userName, displayName or an e-mail address, in any case."`
	Active     string `query:"active" enum:"true,false" doc:"Only users that read so. Missing: both."`
	State      string `query:"state" enum:"invited,awaiting_confirmation,active,suspended,recovery" doc:"Only users in this state. Missing: all."`
	Type       string `query:"type" enum:"member,guest" doc:"Only users of this type. Missing: both."`
	Connection string `query:"connection" maxLength:"60" doc:"Only users whom this connection manages."`
	Managed    string `query:"managed" enum:"true,false" doc:"Only users whom a connection manages, or only those whom none does. Missing: both."`
	Group      string `query:"group" maxLength:"400" doc:"Only users in this group: its id or its display name. The members of a built-in group are in list-members."`
	Statement  string `query:"statement" enum:"none,active,inactive,deleted" doc:"The last thing that the identity provider said about the user. deleted implies gone."`
	Suspension string `query:"suspension" enum:"yield,hold" doc:"Only users whom an operator suspended so (rule L4)."`
	Gone       bool   `query:"gone" doc:"Users that the identity provider deleted and that are kept in grace, too."`
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
	where, err := a.userWhere(ctx, p, &in.UserFilter)
	if err != nil {
		return nil, err
	}
	q := directory.Query{
		Where: where, After: after, Count: in.Limit, Gone: in.Gone || in.Statement == string(directory.SaidDeleted), Groups: true,
		Sort: userSort(in.Sort, in.Dir),
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
	shown := make([]*wire.User, len(page.Items))
	for i := range page.Items {
		shown[i] = &page.Items[i]
	}
	return answer(page, a.addRoles(ctx, p, in.TenantID(), shown))
}

// addRoles adds the roles of users of a tenant.
func (a *api) addRoles(ctx context.Context, p directory.Principal, tenant directory.TenantID, users []*wire.User) error {
	ids := make([]directory.ID, len(users))
	for i, u := range users {
		ids[i], _ = directory.ParseID(u.ID)
	}
	roles, err := a.Bridge.RolesOf(ctx, p, tenant, ids)
	if err != nil {
		return err
	}
	for i, u := range users {
		for _, role := range roles[ids[i]] {
			u.Roles = append(u.Roles, roleView(&role))
		}
	}
	return nil
}

func roleView(r *bridge.Role) wire.Role {
	out := wire.Role{Name: string(r.Name)}
	for _, s := range r.Sources {
		source := wire.MemberSource{Kind: "direct"}
		if !s.ByHand() {
			source = wire.MemberSource{Kind: "mapping", Group: s.Group.String(), DisplayName: s.DisplayName, Connection: string(s.Connection)}
		}
		if s.ByAttribute {
			source = wire.MemberSource{Kind: "attribute", Connection: string(s.Connection)}
		}
		out.Sources = append(out.Sources, source)
	}
	return out
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
	out := showUser(u)
	return out, a.addRoles(ctx, p, in.TenantID(), []*wire.User{&out.Body})
}

type updateUserInput struct {
	UserEdit
	Body wire.UserUpdate
}

func (a *api) updateUser(ctx context.Context, p directory.Principal, in *updateUserInput) (*versioned[wire.User], error) {
	id, err := a.findUser(ctx, p, in.User)
	if err != nil {
		return nil, err
	}
	b := in.Body
	u, err := a.Bridge.EditPerson(ctx, p, in.TenantID(), id, bridge.PersonEdit{
		UserName: b.UserName, Email: b.Email, GivenName: b.GivenName, FamilyName: b.FamilyName, DisplayName: b.DisplayName, ExternalID: b.ExternalID,
	})
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
	p.Report.Say(string(notice))
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
	return nil, a.Bridge.RemoveUser(ctx, p, in.TenantID(), id, directory.Removal{Force: in.Force, Reason: in.Reason})
}

// findUser finds a user by id or userName.
func (a *api) findUser(ctx context.Context, p directory.Principal, ref string) (directory.ID, error) {
	return a.Bridge.FindUser(ctx, p, p.Tenant, ref)
}

// equals is a condition on a text attribute, in any case.
func equals(name, value string) directory.Expr {
	path := directory.Path{Name: name}
	return directory.Compare{Path: path, Op: directory.Equal, Type: directory.Text, Value: directory.FoldAs(path, value, directory.Equal)}
}

func contains(path directory.Path, value string) directory.Expr {
	return directory.Compare{Path: path, Op: directory.Contains, Type: directory.Text, Value: directory.FoldAs(path, value, directory.Contains)}
}

// userWhere is the condition of a filter.
func (a *api) userWhere(ctx context.Context, p directory.Principal, f *UserFilter) (directory.Expr, error) {
	var where directory.And
	if q := strings.TrimSpace(f.Q); q != "" {
		where = append(where, nameContains(q))
	}
	if f.Active != "" {
		where = append(where, directory.Compare{Path: directory.Path{Name: "active"}, Op: directory.Equal, Type: directory.Boolean, Value: f.Active == "true"})
	}
	own := func(name string) directory.Path { return directory.Path{Schema: directory.OwnSchema, Name: name} }
	for _, is := range [][2]string{{"state", f.State}, {"type", f.Type}, {"connection", f.Connection}, {"suspension", f.Suspension}} {
		if is[1] != "" {
			where = append(where, directory.Compare{Path: own(is[0]), Op: directory.Equal, Type: directory.Text, Value: directory.Fold(is[1])})
		}
	}
	switch f.Statement {
	case "":
	case string(directory.SaidNothing):
		where = append(where, directory.Or{
			directory.Not{Expr: directory.Present{Path: own("statement")}},
			directory.Compare{Path: own("statement"), Op: directory.Equal, Type: directory.Text, Value: f.Statement},
		})
	default:
		where = append(where, directory.Compare{Path: own("statement"), Op: directory.Equal, Type: directory.Text, Value: f.Statement})
	}
	managed := directory.Present{Path: own("connection")}
	switch f.Managed {
	case "true":
		where = append(where, managed)
	case "false":
		where = append(where, directory.Not{Expr: managed})
	}
	if f.Group != "" {
		id, err := a.findGroup(ctx, p, f.Group)
		if err != nil {
			return nil, err
		}
		if g, err := a.Bridge.Group(ctx, p, id, bridge.WithoutMembers); err != nil || g.Group.BuiltIn != "" {
			return nil, cmp.Or(err, error(&directory.Error{Code: directory.Invalid, Field: "group", Message: "the members of a built-in group are listed at …/groups/{group}/members"}))
		}
		where = append(where, directory.Compare{Path: directory.Path{Name: "groups", Sub: "value"}, Op: directory.Equal, Type: directory.Text, Value: id.String()})
	}
	if len(where) == 0 {
		return nil, nil //nolint:nilnil // no condition
	}
	return where, nil
}

// nameContains holds for users whose names or e-mail addresses contain a text.
func nameContains(q string) directory.Expr {
	return directory.Or{
		contains(directory.Path{Name: "userName"}, q),
		contains(directory.Path{Schema: directory.OwnSchema, Name: "displayName"}, q),
		contains(directory.Path{Name: "emails", Sub: "value"}, q),
	}
}

// userSort is the order of a list of users.
func userSort(sort, dir string) *directory.Sort {
	if sort == "display_name" || sort == "state" {
		name := map[string]string{"display_name": "displayName", "state": "state"}[sort]
		return &directory.Sort{Path: directory.Path{Schema: directory.OwnSchema, Name: name}, Type: directory.Text, Descending: dir == "desc"}
	}
	return listSort(sort, "user_name", "userName", dir)
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
		out.Groups = append(out.Groups, wire.GroupRef{
			ID: g.ID.String(), DisplayName: g.DisplayName, Indirect: g.Indirect, Namesake: string(directory.BuiltInNamed(g.DisplayName)),
		})
	}
	return out
}
