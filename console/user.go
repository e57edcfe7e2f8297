package console

import (
	"context"
	"net/http"
	"strings"

	"drawbridge/bridge"
	"drawbridge/console/wire"
	"drawbridge/directory"
)

type (
	userOutput struct {
		ETag string `header:"ETag"`
		Body wire.User
	}
	suspendedOutput struct {
		ETag string `header:"ETag"`
		Body wire.Suspended
	}
	// UserEdit is a user who is to be changed.
	UserEdit struct {
		UserPath
		VersionHeader
	}
	// UserPath is a user in a path.
	UserPath struct {
		TenantPath
		User string `path:"user" minLength:"1" maxLength:"400" doc:"The id of the user, or the userName."`
	}
)

func (a *api) userRoutes() {
	type listInput struct {
		TenantPath
		PageQuery
		Q      string `query:"q" maxLength:"200" doc:"A part of userName, displayName or an e-mail address, whatever its case."`
		Active string `query:"active" enum:"true,false" doc:"Only users that read so. Missing: both."`
		State  string `query:"state" enum:"invited,awaiting_confirmation,active,suspended,recovery" doc:"Only users in this state. Missing: all."`
		Gone   bool   `query:"gone" doc:"Users that the identity provider deleted and that are kept in grace, too."`
		Sort   string `query:"sort" enum:"created,user_name" default:"created" doc:"The order."`
		Dir    string `query:"dir" enum:"asc,desc" default:"asc" doc:"From the first to the last, or the other way round."`
	}
	type listOutput struct{ Body wire.Page[wire.User] }
	handle(a, operation{
		id: "list-users", right: directory.UserRead, method: http.MethodGet, path: "/tenants/{tenant}/users", tag: "users", summary: "List users",
		about: "People in the order of their creation or their name, with their groups; a search looks at names and e-mail addresses.",
		codes: []directory.Code{directory.NotFound, directory.Invalid},
	}, func(ctx context.Context, p directory.Principal, in *listInput) (*listOutput, error) {
		after, err := mark(in.Cursor)
		if err != nil {
			return nil, err
		}
		q := directory.Query{
			Where: userWhere(in.Q, in.Active, in.State), After: after, Count: in.Limit, Gone: in.Gone, Groups: true,
			Sort: listSort(in.Sort, "user_name", "userName", in.Dir),
		}
		page := wire.Page[wire.User]{Items: []wire.User{}}
		result, err := a.Bridge.ListUsers(ctx, p, q, func(u *directory.User, groups []directory.GroupRef) error {
			page.Items = append(page.Items, userView(u, groups, false))
			return nil
		})
		if err != nil {
			return nil, err
		}
		page.Next = next(result)
		return &listOutput{page}, nil
	})

	handle(a, operation{
		id: "get-user", right: directory.UserRead, method: http.MethodGet, path: "/tenants/{tenant}/users/{user}", tag: "users", summary: "Show a user",
		about: "With the SCIM attributes that the identity provider sent.",
		codes: []directory.Code{directory.NotFound},
	}, func(ctx context.Context, p directory.Principal, in *UserPath) (*userOutput, error) {
		id, err := a.findUser(ctx, p, in.User)
		if err != nil {
			return nil, err
		}
		u, err := a.Bridge.User(ctx, p, id)
		if err != nil {
			return nil, err
		}
		return showUser(u), nil
	})

	type suspendInput struct {
		UserEdit
		Body wire.SuspendRequest
	}
	handle(a, operation{
		id: "suspend-user", right: directory.UserSuspend, method: http.MethodPost, path: "/tenants/{tenant}/users/{user}/suspend", tag: "users", summary: "Suspend a user",
		about: "Takes effect at once and frees the seat at once. The answer says what the next sync will do (rule L4).",
		codes: []directory.Code{directory.NotFound, directory.Refused, directory.Conflict, directory.Invalid},
	}, func(ctx context.Context, p directory.Principal, in *suspendInput) (*suspendedOutput, error) {
		return a.suspend(ctx, p, in.UserPath, directory.SuspensionMode(in.Body.Mode), in.Body.Reason)
	})

	handle(a, operation{
		id: "hold-user", right: directory.UserSuspend, method: http.MethodPost, path: "/tenants/{tenant}/users/{user}/hold", tag: "users", summary: "Make a suspension stay",
		about: "The suspension then stays until an operator releases it, whatever the identity provider says.",
		codes: []directory.Code{directory.NotFound, directory.Refused, directory.Conflict},
	}, func(ctx context.Context, p directory.Principal, in *UserEdit) (*suspendedOutput, error) {
		return a.setMode(ctx, p, in.UserPath, directory.Hold)
	})

	handle(a, operation{
		id: "yield-user", right: directory.UserSuspend, method: http.MethodPost, path: "/tenants/{tenant}/users/{user}/yield", tag: "users", summary: "Let the next sync end a suspension",
		about: "The next write of the identity provider that says active: true reactivates the user.",
		codes: []directory.Code{directory.NotFound, directory.Refused, directory.Conflict},
	}, func(ctx context.Context, p directory.Principal, in *UserEdit) (*suspendedOutput, error) {
		return a.setMode(ctx, p, in.UserPath, directory.Yield)
	})

	handle(a, operation{
		id: "release-user", right: directory.UserSuspend, method: http.MethodPost, path: "/tenants/{tenant}/users/{user}/release", tag: "users", summary: "End a suspension",
		about: "The user is active again if there is a seat.",
		codes: []directory.Code{directory.NotFound, directory.Refused, directory.Conflict},
	}, func(ctx context.Context, p directory.Principal, in *UserEdit) (*userOutput, error) {
		id, err := a.findUser(ctx, p, in.User)
		if err != nil {
			return nil, err
		}
		u, err := a.Bridge.ReleaseUser(ctx, p, in.tenant(), id)
		if err != nil {
			return nil, err
		}
		return showUser(u), nil
	})

	handle(a, operation{
		id: "release-user-management", right: directory.UserManage, method: http.MethodPost, path: "/tenants/{tenant}/users/{user}/release-management", tag: "users", status: noContent,
		summary: "Take a user away from its connection",
		about:   "Nobody manages the user then; the next connection that writes it adopts it (rule L9).",
		codes:   []directory.Code{directory.NotFound, directory.Refused, directory.Conflict},
	}, func(ctx context.Context, p directory.Principal, in *UserEdit) (*none, error) {
		id, err := a.findUser(ctx, p, in.User)
		if err != nil {
			return nil, err
		}
		return nil, a.Bridge.ReleaseManagement(ctx, p, in.tenant(), directory.UserKind, id)
	})

	type deleteInput struct {
		UserEdit
		Force  bool   `query:"force" doc:"Delete although the identity provider still says active. Needs a reason (rule D2)."`
		Reason string `query:"reason" maxLength:"500" doc:"Why, for the audit trail. Required with force."`
	}
	handle(a, operation{
		id: "delete-user", right: directory.UserDelete, fresh: true, method: http.MethodDelete, path: "/tenants/{tenant}/users/{user}", tag: "users", status: noContent,
		summary: "Delete a user for good",
		about:   "The user must be suspended first (rule D1), and deprovisioned by the identity provider that manages it (rule D2).",
		codes:   []directory.Code{directory.NotFound, directory.Refused, directory.Conflict, directory.Invalid},
	}, func(ctx context.Context, p directory.Principal, in *deleteInput) (*none, error) {
		id, err := a.findUser(ctx, p, in.User)
		if err != nil {
			return nil, err
		}
		return nil, a.Bridge.RemoveUser(ctx, p, in.tenant(), id, in.Force, in.Reason)
	})
}

func (a *api) suspend(ctx context.Context, p directory.Principal, in UserPath, mode directory.SuspensionMode, reason string) (*suspendedOutput, error) {
	id, err := a.findUser(ctx, p, in.User)
	if err != nil {
		return nil, err
	}
	u, notice, err := a.Bridge.SuspendUser(ctx, p, in.tenant(), id, mode, reason)
	if err != nil {
		return nil, err
	}
	return &suspendedOutput{wire.ETag(u.User.Version), wire.Suspended{User: userView(&u.User, u.Groups, true), Notice: string(notice)}}, nil
}

// setMode changes how long the suspension of a suspended user lasts, and keeps its reason.
func (a *api) setMode(ctx context.Context, p directory.Principal, in UserPath, mode directory.SuspensionMode) (*suspendedOutput, error) {
	id, err := a.findUser(ctx, p, in.User)
	if err != nil {
		return nil, err
	}
	u, err := a.Bridge.User(ctx, p, id)
	if err != nil {
		return nil, err
	}
	if u.User.State != directory.Suspended || u.User.Suspension == nil {
		return nil, &directory.Error{Code: directory.Conflict, Field: "state", Rule: "L4", Message: u.User.UserName + " is not suspended, so there is no suspension to " + string(mode) + "; suspend the user first"}
	}
	return a.suspend(ctx, p, in, mode, u.User.Suspension.Reason)
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

func showUser(u bridge.UserResult) *userOutput {
	return &userOutput{ETag: wire.ETag(u.User.Version), Body: userView(&u.User, u.Groups, true)}
}

// userView shows a user; whole with the attributes that the client sent.
func userView(u *directory.User, groups []directory.GroupRef, whole bool) wire.User {
	out := wire.User{
		ID: u.ID.String(), Version: u.Version, Created: u.Created.UTC(), Modified: u.Modified.UTC(), UserName: u.UserName,
		DisplayName: displayName(u.Document), ExternalID: u.ExternalID, Emails: append([]string{}, u.Emails...), Type: u.Type.String(),
		State: u.State.String(), Active: u.Active(), Gone: u.Gone(), Connection: string(u.Connection), Statement: string(u.Statement),
		StatedAt: stamp(u.StatedAt), AcceptedAt: stamp(u.AcceptedAt), Groups: []wire.GroupRef{},
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
	if whole {
		out.Attributes = append(directory.Document{}, u.Document...)
	}
	return out
}

// displayName is how people read a user, from what the identity provider sent.
func displayName(d directory.Document) string {
	if name, _ := d.Value("displayName").(string); name != "" {
		return name
	}
	name, _ := d.Value("name").(directory.Attributes)
	if formatted := name.String("formatted"); formatted != "" {
		return formatted
	}
	return strings.TrimSpace(name.String("givenName") + " " + name.String("familyName"))
}
