package console

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"drawbridge/bridge"
	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/internal/httpapi"
)

// GroupPath is a group in a path.
type GroupPath struct {
	httpapi.TenantPath
	Group string `path:"group" minLength:"1" maxLength:"400" doc:"The id of the group, its display name, or the name of a built-in one: owners, administrators, team_members, security, provision_managers."`
}

func (a *api) groupRoutes() []operation {
	return []operation{
		{
			id: "list-groups", method: http.MethodGet, path: "/tenants/{tenant}/groups",
			right: directory.GroupRead,
			tag:   "groups", summary: "List groups",
			about: "Built-in groups included.",
			codes: []directory.Code{directory.NotFound, directory.Invalid},
			do:    handle(a.listGroups),
		},
		{
			id: "create-group", method: http.MethodPost, path: "/tenants/{tenant}/groups", status: created,
			right: directory.GroupManage,
			tag:   "groups", summary: "Make a group of one's own",
			about: "No connection manages it, and operators change its members (rule G1). Needs a plan with custom groups (rule B5).",
			codes: []directory.Code{directory.NotFound, directory.Refused, directory.Conflict, directory.Invalid},
			again: a.createdGroup, do: handle(a.createGroup),
		},
		{
			id: "update-group", method: http.MethodPatch, path: "/tenants/{tenant}/groups/{group}",
			right: directory.GroupManage,
			tag:   "groups", summary: "Change the name of a group",
			about: "Only of a group that no connection manages (rule L9). Built-in groups keep their names (rule G1).",
			codes: []directory.Code{directory.NotFound, directory.Refused, directory.Conflict, directory.Invalid, directory.Stale},
			do:    handle(a.updateGroup),
		},
		{
			id: "get-group", method: http.MethodGet, path: "/tenants/{tenant}/groups/{group}",
			right: directory.GroupRead,
			tag:   "groups", summary: "Show a group",
			about: "With its attributes and the number of its members (rule G1).",
			codes: []directory.Code{directory.NotFound},
			do:    handle(a.getGroup),
		},
		{
			id: "delete-group", method: http.MethodDelete, path: "/tenants/{tenant}/groups/{group}", status: noContent,
			right: directory.GroupDelete, fresh: true,
			tag: "groups", summary: "Delete a group for good",
			about: "Its members stay, and lose what the group granted. A group that a connection manages is deleted at the identity provider, or here by force (rule D2); built-in groups never (rule G1).",
			codes: []directory.Code{directory.NotFound, directory.Refused, directory.Conflict, directory.Invalid},
			do:    handle(a.deleteGroup),
		},
		{
			id: "list-members", method: http.MethodGet, path: "/tenants/{tenant}/groups/{group}/members",
			right: directory.GroupRead,
			tag:   "groups", summary: "List the members of a group",
			about: "Users and nested groups, in the order of their ids (rule G5), each with why it is in the group (rule G4).",
			codes: []directory.Code{directory.NotFound, directory.Invalid},
			do:    handle(a.listMembers),
		},
		{
			id: "add-member", method: http.MethodPut, path: "/tenants/{tenant}/groups/{group}/members/{user}", status: noContent,
			right: directory.GroupManage,
			tag:   "groups", summary: "Put a user into a group",
			about: "Into a built-in group, or into a group that no connection manages. Groups of an identity provider change at the identity provider (rule L9).",
			codes: []directory.Code{directory.NotFound, directory.Refused, directory.Conflict, directory.Invalid},
			do:    handle(a.addMember),
		},
		{
			id: "remove-member", method: http.MethodDelete, path: "/tenants/{tenant}/groups/{group}/members/{user}", status: noContent,
			right: directory.GroupManage,
			tag:   "groups", summary: "Take a user out of a group",
			about: "Out of a built-in group, or of a group that no connection manages. Refused for the last Owner (rule G3), and where a mapping grants the membership (rule G4).",
			codes: []directory.Code{directory.NotFound, directory.Refused, directory.Conflict, directory.Invalid},
			do:    handle(a.removeMember),
		},
		{
			id: "release-group-management", method: http.MethodPost, path: "/tenants/{tenant}/groups/{group}/release-management", status: noContent,
			right: directory.GroupManage,
			tag:   "groups", summary: "Take a group away from its connection",
			about: "No connection manages the group then; the next connection that writes it adopts it (rule L9).",
			codes: []directory.Code{directory.NotFound, directory.Refused, directory.Conflict},
			do:    handle(a.releaseGroupManagement),
		},
	}
}

type listGroupsInput struct {
	httpapi.TenantPath
	httpapi.PageQuery
	Q    string `query:"q" maxLength:"200" doc:"A part of the display name, in any case."`
	Sort string `query:"sort" enum:"created,display_name,built_in" default:"created" doc:"The order. With built_in the built-in groups come first, Owners before all, and then the others by display name."`
	Dir  string `query:"dir" enum:"asc,desc" default:"asc" doc:"From the first to the last, or the other way round."`
}

type deleteGroupInput struct {
	GroupPath
	PreviewQuery
	Force  bool   `query:"force" doc:"Delete although a connection manages the group. Needs a reason (rule D2)."`
	Reason string `query:"reason" maxLength:"500" doc:"Why, for the audit trail. Required with force."`
}

type listMembersInput struct {
	GroupPath
	httpapi.PageQuery
	Q string `query:"q" maxLength:"200" doc:"A part of the name, in any case."`
}

type memberInput struct {
	GroupPath
	PreviewQuery
	User string `path:"user" minLength:"1" maxLength:"400" doc:"The id of the user, or the userName."`
}

type releaseGroupManagementInput struct {
	GroupPath
	VersionHeader
	PreviewQuery
}

func (a *api) listGroups(ctx context.Context, p directory.Principal, in *listGroupsInput) (*output[wire.Page[wire.Group]], error) {
	after, err := httpapi.Mark(in.Cursor)
	if err != nil {
		return nil, err
	}
	q := directory.Query{After: after, Count: in.Limit, BuiltIn: true, Sort: groupSort(in)}
	if text := strings.TrimSpace(in.Q); text != "" {
		q.Where = contains(directory.Path{Name: "displayName"}, text)
	}
	page := wire.Page[wire.Group]{Items: []wire.Group{}}
	result, err := a.Bridge.ListGroups(ctx, p, q, func(g *directory.Group, _ []directory.Member) error {
		page.Items = append(page.Items, groupView(g))
		return nil
	})
	if err != nil {
		return nil, err
	}
	page.Next = httpapi.Next(result)
	return &output[wire.Page[wire.Group]]{page}, nil
}

func groupSort(in *listGroupsInput) *directory.Sort {
	if in.Sort != "built_in" {
		return listSort(in.Sort, "display_name", "displayName", in.Dir)
	}
	return &directory.Sort{Path: directory.Path{Schema: directory.OwnSchema, Name: "builtIn"}, Type: directory.Text, Descending: in.Dir == "desc"}
}

func (a *api) getGroup(ctx context.Context, p directory.Principal, in *GroupPath) (*versioned[wire.Group], error) {
	id, err := a.findGroup(ctx, p, in.Group)
	if err != nil {
		return nil, err
	}
	g, err := a.Bridge.Group(ctx, p, id, bridge.WithoutMembers)
	if err != nil {
		return nil, err
	}
	return showGroup(g), nil
}

func (a *api) deleteGroup(ctx context.Context, p directory.Principal, in *deleteGroupInput) (*httpapi.None, error) {
	id, err := a.findGroup(ctx, p, in.Group)
	if err != nil {
		return nil, err
	}
	return nil, a.Bridge.RemoveGroup(ctx, p, in.TenantID(), id, directory.Removal{Force: in.Force, Reason: in.Reason})
}

func (a *api) listMembers(ctx context.Context, p directory.Principal, in *listMembersInput) (*output[wire.Page[wire.Member]], error) {
	id, err := a.findGroup(ctx, p, in.Group)
	if err != nil {
		return nil, err
	}
	after, err := httpapi.Mark(in.Cursor)
	if err != nil {
		return nil, err
	}
	q := bridge.MemberQuery{Q: in.Q, Count: in.Limit}
	if after != nil {
		q.After = after.ID
	}
	members, more, err := a.Bridge.GroupMembers(ctx, p, in.TenantID(), id, q)
	if err != nil {
		return nil, err
	}
	page := wire.Page[wire.Member]{Items: make([]wire.Member, 0, len(members))}
	for i := range members {
		page.Items = append(page.Items, memberView(&members[i]))
	}
	if more {
		page.Next = httpapi.Next(directory.Page{Last: &directory.Mark{ID: members[len(members)-1].Member.ID}})
	}
	return answer(page, nil)
}

func memberView(m *bridge.GroupMember) wire.Member {
	out := wire.Member{ID: m.Member.ID.String(), Type: string(m.Member.Kind), Display: m.Member.Display, Sources: make([]wire.MemberSource, 0, len(m.Sources))}
	if m.User != nil {
		out.UserName, out.State = m.User.UserName, m.User.State.String()
	}
	for _, s := range m.Sources {
		source := wire.MemberSource{Kind: "direct"}
		if !s.Group.IsZero() {
			source = wire.MemberSource{Kind: "mapping", Group: s.Group.String(), DisplayName: s.DisplayName, Connection: string(s.Connection)}
		}
		if s.ByAttribute {
			source = wire.MemberSource{Kind: "attribute", Connection: string(s.Connection)}
		}
		out.Sources = append(out.Sources, source)
	}
	return out
}

type createGroupInput struct {
	httpapi.TenantPath
	PreviewQuery
	Body wire.GroupCreate
}

func (a *api) createGroup(ctx context.Context, p directory.Principal, in *createGroupInput) (*versioned[wire.Group], error) {
	g, err := a.Bridge.MakeGroup(ctx, p, in.TenantID(), bridge.LocalGroup{DisplayName: in.Body.DisplayName, ExternalID: in.Body.ExternalID})
	return showGroup(g), err
}

// createdGroup answers the repeat of create-group.
func (a *api) createdGroup(ctx context.Context, p directory.Principal, made directory.Subject) (any, error) {
	id, err := idOf(made.ID, "group")
	if err != nil {
		return nil, err
	}
	g, err := a.Bridge.Group(ctx, p, id, bridge.WithoutMembers)
	return showGroup(g), err
}

type updateGroupInput struct {
	GroupPath
	VersionHeader
	PreviewQuery
	Body wire.GroupUpdate
}

func (a *api) updateGroup(ctx context.Context, p directory.Principal, in *updateGroupInput) (*versioned[wire.Group], error) {
	id, err := a.findGroup(ctx, p, in.Group)
	if err != nil {
		return nil, err
	}
	g, err := a.Bridge.EditLocalGroup(ctx, p, in.TenantID(), id, func(g bridge.LocalGroup) bridge.LocalGroup {
		assign(&g.DisplayName, in.Body.DisplayName)
		assign(&g.ExternalID, in.Body.ExternalID)
		return g
	})
	if err != nil {
		return nil, err
	}
	return showGroup(g), nil
}

func showGroup(g bridge.GroupResult) *versioned[wire.Group] {
	out := groupView(&g.Group)
	out.Attributes = append(directory.Document{}, g.Group.Document...)
	return withVersion(out.Version, out)
}

func (a *api) addMember(ctx context.Context, p directory.Principal, in *memberInput) (*httpapi.None, error) {
	group, user, err := a.membership(ctx, p, in)
	switch {
	case err != nil:
	case group.BuiltIn != "":
		err = a.Bridge.JoinBuiltIn(ctx, p, in.TenantID(), group.BuiltIn, user)
	default:
		_, err = a.Bridge.JoinGroup(ctx, p, in.TenantID(), group.ID, user)
	}
	return nil, err
}

func (a *api) removeMember(ctx context.Context, p directory.Principal, in *memberInput) (*httpapi.None, error) {
	group, user, err := a.membership(ctx, p, in)
	switch {
	case err != nil:
	case group.BuiltIn != "":
		err = a.Bridge.LeaveBuiltIn(ctx, p, in.TenantID(), group.BuiltIn, user)
	default:
		_, err = a.Bridge.LeaveGroup(ctx, p, in.TenantID(), group.ID, user)
	}
	return nil, err
}

// membership finds the group and the user that a path names.
func (a *api) membership(ctx context.Context, p directory.Principal, in *memberInput) (directory.Group, directory.ID, error) {
	id, err := a.findGroup(ctx, p, in.Group)
	if err != nil {
		return directory.Group{}, id, err
	}
	g, err := a.Bridge.Group(ctx, p, id, bridge.WithoutMembers)
	if err != nil {
		return directory.Group{}, id, err
	}
	user, err := a.findUser(ctx, p, in.User)
	return g.Group, user, err
}

func (a *api) releaseGroupManagement(ctx context.Context, p directory.Principal, in *releaseGroupManagementInput) (*httpapi.None, error) {
	id, err := a.findGroup(ctx, p, in.Group)
	if err != nil {
		return nil, err
	}
	return nil, a.Bridge.ReleaseManagement(ctx, p, in.TenantID(), directory.GroupKind, id)
}

// findGroup finds a group by id, built-in name or display name.
func (a *api) findGroup(ctx context.Context, p directory.Principal, ref string) (directory.ID, error) {
	if id, ok := directory.ParseID(ref); ok {
		return id, nil
	}
	name := builtInName(ref)
	var found directory.ID
	q := directory.Query{Where: equals("displayName", ref), Count: 1, BuiltIn: true}
	if name != "" {
		q.Where, q.Count = nil, len(directory.BuiltIns())
		q.Where = equals("displayName", name.Title())
	}
	_, err := a.Bridge.ListGroups(ctx, p, q, func(g *directory.Group, _ []directory.Member) error {
		// The identity provider may have a group with the display name of a built-in one.
		if found.IsZero() && (name == "" || g.BuiltIn == name) {
			found = g.ID
		}
		return nil
	})
	if err == nil && found.IsZero() {
		err = &directory.Error{Code: directory.NotFound, Message: "tenant " + string(p.Tenant) + " has no group with the id or name " + ref}
	}
	return found, err
}

// builtInName reads the name of a built-in group: "provision_managers", "provision-managers", "Provision Managers".
func builtInName(ref string) directory.BuiltIn {
	folded := directory.BuiltIn(strings.NewReplacer("-", "_", " ", "_").Replace(directory.Fold(ref)))
	if slices.Contains(directory.BuiltIns(), folded) {
		return folded
	}
	return ""
}

// groupView shows a group as in a list.
func groupView(g *directory.Group) wire.Group {
	namesake := directory.BuiltInNamed(g.DisplayName)
	if g.BuiltIn != "" {
		namesake = ""
	}
	return wire.Group{
		Namesake: string(namesake),
		ID:       g.ID.String(), Version: g.Version, Created: g.Created.UTC(), Modified: g.Modified.UTC(), DisplayName: g.DisplayName,
		ExternalID: g.ExternalID, Connection: string(g.Connection), BuiltIn: string(g.BuiltIn), Members: g.Members,
	}
}
