package console

import (
	"context"
	"net/http"

	"drawbridge/bridge"
	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/internal/httpapi"
)

const invitationPath = "/tenants/{tenant}/users/{user}/invitation"

func (a *api) invitationRoutes() []operation {
	return []operation{
		{
			id: "create-user", method: http.MethodPost, path: "/tenants/{tenant}/users", status: created,
			right: directory.UserManage,
			tag:   "users", summary: "Make a user by hand",
			about: "The setting onboarding (rule L1) decides how the user begins: active at once, or invited by a mail with a link. With invite the user is invited in any case.",
			codes: []directory.Code{directory.NotFound, directory.Conflict, directory.Refused, directory.Invalid, directory.Unsupported},
			again: a.createdUser, do: handle(a.createUser),
		},
		{
			id: "list-invitations", method: http.MethodGet, path: "/tenants/{tenant}/invitations",
			right: directory.UserRead,
			tag:   "users", summary: "List who is invited or awaits confirmation",
			about: "With the state of each link and its mail.",
			codes: []directory.Code{directory.NotFound, directory.Invalid},
			do:    handle(a.listInvitations),
		},
		{
			id: "resend-invitation", method: http.MethodPost, path: invitationPath,
			right: directory.UserManage,
			tag:   "users", summary: "Send an invitation again",
			about: "With a new link; the link before it ends. If the user has accepted already, those who may confirm the user are asked again. At most five mails a day go to one user.",
			codes: []directory.Code{directory.NotFound, directory.Conflict, directory.Refused, directory.Throttled, directory.Unsupported, directory.Invalid},
			do:    handle(a.resendInvitation),
		},
		{
			id: "revoke-invitation", method: http.MethodDelete, path: invitationPath,
			right: directory.UserManage,
			tag:   "users", summary: "End the link of an invitation",
			about: "The user stays invited and keeps the seat: suspend or delete the user to free it, or send another link.",
			codes: []directory.Code{directory.NotFound, directory.Conflict, directory.Refused},
			do:    handle(a.revokeInvitation),
		},
		{
			id: "confirm-user", method: http.MethodPost, path: "/tenants/{tenant}/users/{user}/confirm",
			right: directory.UserManage,
			tag:   "users", summary: "Confirm a user who has accepted an invitation",
			about: "The user may sign in then (rule L2).",
			codes: []directory.Code{directory.NotFound, directory.Conflict, directory.Refused},
			do:    handle(a.confirmUser),
		},
	}
}

type createUserInput struct {
	httpapi.TenantPath
	Body wire.UserCreate
}

type listInvitationsInput struct {
	httpapi.TenantPath
	httpapi.PageQuery
	Status string `query:"status" enum:"sent,expired,ended,accepted" doc:"Missing: all."`
}

func (a *api) createUser(ctx context.Context, p directory.Principal, in *createUserInput) (*versioned[wire.User], error) {
	b := in.Body
	onboarding := directory.Onboarding("") // as the tenant's setting says
	if b.Invite {
		onboarding = directory.OnboardInvite
	}
	u, err := a.Bridge.AddUser(ctx, p, in.TenantID(), bridge.UserForm{
		UserName: b.UserName, Email: b.Email, GivenName: b.GivenName, FamilyName: b.FamilyName, DisplayName: b.DisplayName, ExternalID: b.ExternalID, Type: b.Type,
	}, onboarding)
	if err != nil {
		return nil, err
	}
	return showUser(u), nil
}

// createdUser answers the repeat of create-user.
func (a *api) createdUser(ctx context.Context, p directory.Principal, made directory.Subject) (any, error) {
	id, err := idOf(made.ID, "user")
	if err != nil {
		return nil, err
	}
	u, err := a.Bridge.User(ctx, p, id)
	return showUser(u), err
}

func (a *api) listInvitations(ctx context.Context, p directory.Principal, in *listInvitationsInput) (*output[wire.Page[wire.Invitation]], error) {
	all, err := a.Bridge.Invitations().List(ctx, p, in.TenantID())
	if err != nil {
		return nil, err
	}
	var entries []wire.Invitation
	for i := range all {
		if in.Status == "" || string(all[i].Status) == in.Status {
			entries = append(entries, invitationView(&all[i]))
		}
	}
	return answer(httpapi.Sorted(entries, in.PageQuery, httpapi.Ascending, func(i wire.Invitation) httpapi.Position { return httpapi.Position{ID: i.User.ID} }))
}

func (a *api) resendInvitation(ctx context.Context, p directory.Principal, in *UserPath) (*output[wire.Invitation], error) {
	id, err := a.findUser(ctx, p, in.User)
	if err != nil {
		return nil, err
	}
	i, err := a.Bridge.Invitations().Resend(ctx, p, in.TenantID(), id)
	return answer(invitationView(&i), err)
}

func (a *api) revokeInvitation(ctx context.Context, p directory.Principal, in *UserPath) (*output[wire.Invitation], error) {
	id, err := a.findUser(ctx, p, in.User)
	if err != nil {
		return nil, err
	}
	i, err := a.Bridge.Invitations().Revoke(ctx, p, in.TenantID(), id)
	return answer(invitationView(&i), err)
}

func (a *api) confirmUser(ctx context.Context, p directory.Principal, in *UserEdit) (*versioned[wire.User], error) {
	id, err := a.findUser(ctx, p, in.User)
	if err != nil {
		return nil, err
	}
	u, err := a.Bridge.ConfirmUser(ctx, p, in.TenantID(), id)
	if err != nil {
		return nil, err
	}
	return showUser(u), nil
}

func invitationView(i *bridge.InvitedUser) wire.Invitation {
	v := &i.Invitation
	return wire.Invitation{
		User: userView(&i.User, nil), Status: string(i.Status), To: v.To, By: v.By, At: httpapi.Time(v.At), Expires: httpapi.Time(v.Expires),
		AcceptedAt: httpapi.Time(v.Accepted), Asked: len(v.Asked), Mail: i.Mail,
	}
}
