package console

import (
	"context"
	"net/http"

	"drawbridge/bridge"
	"drawbridge/console/wire"
	"drawbridge/directory"
)

func (a *api) invitationRoutes() {
	type createInput struct {
		TenantPath
		Body wire.UserCreate
	}
	handle(a, operation{
		id: "create-user", right: directory.UserManage, method: http.MethodPost, path: "/tenants/{tenant}/users", tag: "users", status: created,
		summary: "Make a user by hand",
		about:   "The user begins as the tenant begins with new people (setting onboarding, rule L1): active at once, or invited by a mail with a link; with invite invited in any case.",
		codes:   []directory.Code{directory.NotFound, directory.Conflict, directory.Refused, directory.Invalid, directory.Unsupported},
		again: func(ctx context.Context, p directory.Principal, made directory.Subject) (any, error) {
			id, err := idOf(made.ID, "user")
			if err != nil {
				return nil, err
			}
			u, err := a.Bridge.User(ctx, p, id)
			return showUser(u), err
		},
	}, func(ctx context.Context, p directory.Principal, in *createInput) (*userOutput, error) {
		b := in.Body
		u, err := a.Bridge.MakeUser(ctx, p, in.tenant(), bridge.PersonDraft{
			UserName: b.UserName, Email: b.Email, GivenName: b.GivenName, FamilyName: b.FamilyName, DisplayName: b.DisplayName, ExternalID: b.ExternalID, Type: b.Type,
		}, b.Invite)
		if err != nil {
			return nil, err
		}
		return showUser(u), nil
	})

	type listInput struct {
		TenantPath
		PageQuery
		Status string `query:"status" enum:"sent,expired,ended,accepted" doc:"Missing: all."`
	}
	type listOutput struct {
		Body wire.Page[wire.Invitation]
	}
	handle(a, operation{
		id: "list-invitations", right: directory.UserRead, method: http.MethodGet, path: "/tenants/{tenant}/invitations", tag: "users", summary: "List who is invited or awaits confirmation",
		about: "With where each link and its mail stand.", codes: []directory.Code{directory.NotFound, directory.Invalid},
	}, func(ctx context.Context, p directory.Principal, in *listInput) (*listOutput, error) {
		all, err := a.Bridge.Invitations(ctx, p, in.tenant())
		if err != nil {
			return nil, err
		}
		var entries []wire.Invitation
		for i := range all {
			if in.Status == "" || string(all[i].Status) == in.Status {
				entries = append(entries, invitationView(&all[i]))
			}
		}
		page, err := paged(entries, in.PageQuery, false, func(i wire.Invitation) place { return place{id: i.User.ID} })
		return &listOutput{page}, err
	})

	type invitationOutput struct{ Body wire.Invitation }
	codes := []directory.Code{directory.NotFound, directory.Conflict, directory.Refused}
	const path = "/tenants/{tenant}/users/{user}/invitation"
	one := func(ctx context.Context, p directory.Principal, in *UserPath, do func(context.Context, directory.Principal, directory.TenantID, directory.ID) (bridge.InvitedUser, error)) (*invitationOutput, error) {
		id, err := a.findUser(ctx, p, in.User)
		if err != nil {
			return nil, err
		}
		i, err := do(ctx, p, in.tenant(), id)
		if err != nil {
			return nil, err
		}
		return &invitationOutput{invitationView(&i)}, nil
	}
	handle(a, operation{
		id: "resend-invitation", right: directory.UserManage, method: http.MethodPost, path: path, tag: "users", summary: "Send an invitation again",
		about: "With a new link, which ends the one before. Of somebody who has accepted it asks those again who may confirm. A user is written to five times a day at most.",
		codes: append([]directory.Code{directory.Throttled, directory.Unsupported, directory.Invalid}, codes...),
	}, func(ctx context.Context, p directory.Principal, in *UserPath) (*invitationOutput, error) {
		return one(ctx, p, in, a.Bridge.ResendInvitation)
	})
	handle(a, operation{
		id: "revoke-invitation", right: directory.UserManage, method: http.MethodDelete, path: path, tag: "users", summary: "End the link of an invitation",
		about: "The user stays invited and keeps the seat: suspend or delete the user to free it, or send another link.", codes: codes,
	}, func(ctx context.Context, p directory.Principal, in *UserPath) (*invitationOutput, error) {
		return one(ctx, p, in, a.Bridge.RevokeInvitation)
	})
	handle(a, operation{
		id: "confirm-user", right: directory.UserManage, method: http.MethodPost, path: "/tenants/{tenant}/users/{user}/confirm", tag: "users", summary: "Confirm a user who has accepted an invitation",
		about: "The user may sign in then (rule L2).", codes: codes,
	}, func(ctx context.Context, p directory.Principal, in *UserPath) (*userOutput, error) {
		id, err := a.findUser(ctx, p, in.User)
		if err != nil {
			return nil, err
		}
		u, err := a.Bridge.ConfirmUser(ctx, p, in.tenant(), id)
		if err != nil {
			return nil, err
		}
		return showUser(u), nil
	})
}

func invitationView(i *bridge.InvitedUser) wire.Invitation {
	v := &i.Invitation
	return wire.Invitation{
		User: userView(&i.User, nil, false), Status: string(i.Status), To: v.To, By: v.By, At: stamp(v.At), Expires: stamp(v.Expires),
		AcceptedAt: stamp(v.Accepted), Asked: len(v.Asked), Mail: i.Mail,
	}
}
