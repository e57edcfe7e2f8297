package console

import (
	"context"
	"net/http"

	"drawbridge/bridge"
	"drawbridge/console/wire"
	"drawbridge/directory"
)

func (a *api) suspensionRoutes() []operation {
	return []operation{
		{
			id: "suspend-user", method: http.MethodPost, path: "/tenants/{tenant}/users/{user}/suspend",
			right: directory.UserSuspend,
			tag:   "users", summary: "Suspend a user",
			about: "Takes effect at once and frees the seat at once. The answer says what the next sync will do (rule L4).",
			codes: []directory.Code{directory.NotFound, directory.Refused, directory.Conflict, directory.Invalid},
			do:    handle(a.suspendUser),
		},
		{
			id: "hold-user", method: http.MethodPost, path: "/tenants/{tenant}/users/{user}/hold",
			right: directory.UserSuspend,
			tag:   "users", summary: "Make a suspension stay",
			about: "The suspension then stays until an operator releases it, even if the identity provider says active.",
			codes: []directory.Code{directory.NotFound, directory.Refused, directory.Conflict},
			do:    handle(a.holdUser),
		},
		{
			id: "yield-user", method: http.MethodPost, path: "/tenants/{tenant}/users/{user}/yield",
			right: directory.UserSuspend,
			tag:   "users", summary: "Let the next sync end a suspension",
			about: "The next write of the identity provider that says active: true reactivates the user.",
			codes: []directory.Code{directory.NotFound, directory.Refused, directory.Conflict},
			do:    handle(a.yieldUser),
		},
		{
			id: "release-user", method: http.MethodPost, path: "/tenants/{tenant}/users/{user}/release",
			right: directory.UserSuspend,
			tag:   "users", summary: "End a suspension",
			about: "The user is active again if there is a seat.",
			codes: []directory.Code{directory.NotFound, directory.Refused, directory.Conflict},
			do:    handle(a.releaseUser),
		},
		{
			id: "recover-user", method: http.MethodPost, path: "/tenants/{tenant}/users/{user}/recover",
			right: directory.UserSuspend,
			tag:   "users", summary: "Begin to recover a user's account",
			about: "The user occupies a seat, which is billed, until the application has done the recovery (rule L6).",
			codes: []directory.Code{directory.NotFound, directory.Conflict, directory.Refused},
			do:    handle(a.recoverUser),
		},
		{
			id: "recovered-user", method: http.MethodPost, path: "/tenants/{tenant}/users/{user}/recovered",
			right: directory.UserSuspend,
			tag:   "users", summary: "End a recovery",
			about: "The user is active again.",
			codes: []directory.Code{directory.NotFound, directory.Conflict, directory.Refused},
			do:    handle(a.recoveredUser),
		},
	}
}

type suspendUserInput struct {
	UserEdit
	Body wire.SuspendRequest
}

func (a *api) suspendUser(ctx context.Context, p directory.Principal, in *suspendUserInput) (*versioned[wire.Suspended], error) {
	return a.suspend(ctx, p, in.UserPath, directory.SuspensionMode(in.Body.Mode), in.Body.Reason)
}

func (a *api) holdUser(ctx context.Context, p directory.Principal, in *UserEdit) (*versioned[wire.Suspended], error) {
	return a.setMode(ctx, p, in.UserPath, directory.Hold)
}

func (a *api) yieldUser(ctx context.Context, p directory.Principal, in *UserEdit) (*versioned[wire.Suspended], error) {
	return a.setMode(ctx, p, in.UserPath, directory.Yield)
}

func (a *api) releaseUser(ctx context.Context, p directory.Principal, in *UserEdit) (*versioned[wire.User], error) {
	id, err := a.findUser(ctx, p, in.User)
	if err != nil {
		return nil, err
	}
	u, err := a.Bridge.ReleaseUser(ctx, p, in.TenantID(), id)
	if err != nil {
		return nil, err
	}
	return showUser(u), nil
}

func (a *api) recoverUser(ctx context.Context, p directory.Principal, in *UserEdit) (*versioned[wire.User], error) {
	id, err := a.findUser(ctx, p, in.User)
	if err != nil {
		return nil, err
	}
	u, err := a.Bridge.RecoverUser(ctx, p, in.TenantID(), id)
	if err != nil {
		return nil, err
	}
	return showUser(u), nil
}

func (a *api) recoveredUser(ctx context.Context, p directory.Principal, in *UserEdit) (*versioned[wire.User], error) {
	id, err := a.findUser(ctx, p, in.User)
	if err != nil {
		return nil, err
	}
	u, err := a.Bridge.EndRecovery(ctx, p, in.TenantID(), id)
	if err != nil {
		return nil, err
	}
	return showUser(u), nil
}

func (a *api) suspend(ctx context.Context, p directory.Principal, in UserPath, mode directory.SuspensionMode, reason string) (*versioned[wire.Suspended], error) {
	id, err := a.findUser(ctx, p, in.User)
	if err != nil {
		return nil, err
	}
	u, notice, err := a.Bridge.SuspendUser(ctx, p, in.TenantID(), id, bridge.SuspendOrder{Mode: mode, Reason: reason})
	if err != nil {
		return nil, err
	}
	p.Report.Say(string(notice))
	return withVersion(u.User.Version, wire.Suspended{User: wholeUserView(u), Notice: string(notice)}), nil
}

// setMode changes how long the suspension of a suspended user lasts, and keeps its reason.
func (a *api) setMode(ctx context.Context, p directory.Principal, in UserPath, mode directory.SuspensionMode) (*versioned[wire.Suspended], error) {
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
