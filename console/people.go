package console

import (
	"cmp"
	"context"
	"net/http"
	"slices"

	"drawbridge/console/wire"
	"drawbridge/directory"
)

func (a *api) peopleRoutes() {
	type whyOutput struct{ Body wire.Why }
	handle(a, operation{
		id: "why-user", right: directory.UserRead, method: http.MethodGet, path: "/tenants/{tenant}/users/{user}/why", tag: "users", summary: "Say why a user is in their state",
		about: "Every statement with its time, the rule that decided last, and what the next sync will do (rule L8).",
		codes: []directory.Code{directory.NotFound},
	}, func(ctx context.Context, p directory.Principal, in *UserPath) (*whyOutput, error) {
		id, err := a.findUser(ctx, p, in.User)
		if err != nil {
			return nil, err
		}
		w, err := a.Bridge.WhyUser(ctx, p, in.tenant(), id)
		if err != nil {
			return nil, err
		}
		out := wire.Why{User: userView(&w.User, nil, false), Statements: []wire.Statement{}, Won: w.Won, Next: w.Next, Looked: w.Looks}
		for _, s := range w.Said {
			out.Statements = append(out.Statements, wire.Statement{By: s.By, What: s.What, At: s.At.UTC(), Text: s.Text})
		}
		return &whyOutput{out}, nil
	})

	for _, step := range []struct {
		id, path, summary, about string
		done                     bool
	}{
		{"recover-user", "recover", "Begin to recover a user's account", "The user occupies a seat, which is billed, until the application has done the recovery (rule L6).", false},
		{"recovered-user", "recovered", "End a recovery", "The user is active again.", true},
	} {
		handle(a, operation{
			id: step.id, right: directory.UserSuspend, method: http.MethodPost, path: "/tenants/{tenant}/users/{user}/" + step.path, tag: "users",
			summary: step.summary, about: step.about, codes: []directory.Code{directory.NotFound, directory.Conflict, directory.Refused},
		}, func(ctx context.Context, p directory.Principal, in *UserEdit) (*userOutput, error) {
			id, err := a.findUser(ctx, p, in.User)
			if err != nil {
				return nil, err
			}
			u, err := a.Bridge.RecoverUser(ctx, p, in.tenant(), id, step.done)
			if err != nil {
				return nil, err
			}
			return showUser(u), nil
		})
	}

	type convertInput struct {
		UserEdit
		Body wire.ConvertRequest
	}
	type convertOutput struct {
		ETag string `header:"ETag"`
		Body wire.Converted
	}
	handle(a, operation{
		id: "convert-user", right: directory.UserManage, method: http.MethodPost, path: "/tenants/{tenant}/users/{user}/convert", tag: "users", summary: "Make a guest a member, or a member a guest",
		about: "A member needs a seat (rule L7). The answer says who may decide otherwise later.",
		codes: []directory.Code{directory.NotFound, directory.Refused, directory.Conflict, directory.Invalid},
	}, func(ctx context.Context, p directory.Principal, in *convertInput) (*convertOutput, error) {
		id, err := a.findUser(ctx, p, in.User)
		if err != nil {
			return nil, err
		}
		to := directory.TeamMember
		if in.Body.Type == directory.Guest.String() {
			to = directory.Guest
		}
		u, notice, err := a.Bridge.ConvertUser(ctx, p, in.tenant(), id, to)
		if err != nil {
			return nil, err
		}
		return &convertOutput{wire.ETag(u.User.Version), wire.Converted{User: userView(&u.User, u.Groups, true), Notice: string(notice)}}, nil
	})

	type settingsOutput struct{ Body wire.Page[wire.Setting] }
	handle(a, operation{
		id: "list-settings", right: directory.TenantRead, method: http.MethodGet, path: "/tenants/{tenant}/settings", tag: "tenants", summary: "Show every setting of a tenant with its source",
		about: "The source is the tenant itself (an override), its plan, or the default of the configuration.", codes: []directory.Code{directory.NotFound},
	}, func(ctx context.Context, p directory.Principal, in *TenantPage) (*settingsOutput, error) {
		all, err := a.Bridge.Settings(ctx, p, in.tenant())
		if err != nil {
			return nil, err
		}
		var out []wire.Setting
		for _, s := range all {
			out = append(out, wire.Setting{Name: s.Name, Value: s.Value, Source: s.Source})
		}
		page, err := inOrder(out, in.PageQuery, func(s *wire.Setting) string { return s.Name })
		return &settingsOutput{page}, err
	})

	a.deletionRoutes()
}

func (a *api) deletionRoutes() {
	const path = "/tenants/{tenant}/deletion-requests"
	type requestOutput struct{ Body wire.DeletionRequest }
	type createInput struct {
		TenantPath
		Body wire.DeletionRequestCreate
	}
	handle(a, operation{
		id: "create-deletion-request", right: directory.UserRequestDeletion, method: http.MethodPost, path: path, tag: "users", status: created,
		summary: "Ask for the deletion of a user", about: "For an Owner to decide (rule D3). It expires after 14 days.",
		codes: []directory.Code{directory.NotFound, directory.Conflict, directory.Invalid},
		again: func(ctx context.Context, p directory.Principal, user directory.Subject) (any, error) {
			all, err := a.Bridge.DeletionRequests(ctx, p, p.Tenant)
			for i := range slices.Backward(all) {
				if all[i].User.String() == user.ID {
					return &requestOutput{requestView(all[i])}, err
				}
			}
			return nil, cmp.Or(err, notThere("deletion request"))
		},
	}, func(ctx context.Context, p directory.Principal, in *createInput) (*requestOutput, error) {
		id, err := a.findUser(ctx, p, in.Body.User)
		if err != nil {
			return nil, err
		}
		q, err := a.Bridge.RequestDeletion(ctx, p, in.tenant(), id, in.Body.Reason)
		if err != nil {
			return nil, err
		}
		return &requestOutput{requestView(q)}, nil
	})

	type listInput struct {
		TenantPath
		PageQuery
		Status string `query:"status" enum:"pending,approved,rejected,expired" doc:"Missing: all."`
		Q      string `query:"q" maxLength:"200" doc:"A part of the userName or the reason, whatever its case."`
		Sort   string `query:"sort" enum:"created,user_name,status" default:"created" doc:"The order."`
		Dir    string `query:"dir" enum:"asc,desc" default:"asc" doc:"From the first to the last, or the other way round."`
	}
	type listOutput struct {
		Body wire.Page[wire.DeletionRequest]
	}
	handle(a, operation{
		id: "list-deletion-requests", right: directory.UserRead, method: http.MethodGet, path: path, tag: "users", summary: "List deletion requests",
		about: "What Administrators asked for and Owners decide (rule D3).",
		codes: []directory.Code{directory.NotFound, directory.Invalid},
	}, func(ctx context.Context, p directory.Principal, in *listInput) (*listOutput, error) {
		all, err := a.Bridge.DeletionRequests(ctx, p, in.tenant())
		if err != nil {
			return nil, err
		}
		var entries []wire.DeletionRequest
		for _, q := range all {
			if (in.Status == "" || string(q.Status) == in.Status) && matches(in.Q, q.UserName, q.Reason) {
				entries = append(entries, requestView(q))
			}
		}
		page, err := paged(entries, in.PageQuery, in.Dir == "desc", func(q wire.DeletionRequest) place {
			return place{key: map[string]string{"user_name": directory.Fold(q.UserName), "status": q.Status}[in.Sort], id: q.ID}
		})
		return &listOutput{page}, err
	})

	type decideInput struct {
		TenantPath
		Request string `path:"request" maxLength:"40" doc:"The id of the request."`
		Body    wire.DeletionDecision
	}
	for _, step := range []struct {
		id, path, summary, about string
		approve                  bool
	}{
		{"approve-deletion-request", "approve", "Approve a deletion request", "Deletes the user in the same transaction. Rules D1 and D2 hold as for every deletion; while they say no, the request goes on waiting.", true},
		{"reject-deletion-request", "reject", "Reject a deletion request", "Nothing is deleted; the request keeps the answer (rule D3).", false},
	} {
		handle(a, operation{
			id: step.id, right: directory.UserDelete, fresh: step.approve, method: http.MethodPost, path: path + "/{request}/" + step.path, tag: "users",
			summary: step.summary, about: step.about, codes: []directory.Code{directory.NotFound, directory.Conflict, directory.Refused, directory.Invalid},
		}, func(ctx context.Context, p directory.Principal, in *decideInput) (*requestOutput, error) {
			id, err := idOf(in.Request, "deletion request")
			if err != nil {
				return nil, err
			}
			q, err := a.Bridge.DecideDeletion(ctx, p, in.tenant(), id, step.approve, in.Body.Force, in.Body.Answer)
			if err != nil {
				return nil, err
			}
			return &requestOutput{requestView(q)}, nil
		})
	}
}

func requestView(q directory.DeletionRequest) wire.DeletionRequest {
	out := wire.DeletionRequest{
		ID: q.ID.String(), User: q.User.String(), UserName: q.UserName, Reason: q.Reason, By: q.By, Created: q.Created.UTC(), Expires: q.Expires.UTC(),
		Status: string(q.Status), DecidedAt: stamp(q.At), Answer: q.Answer,
	}
	if q.Decided.ID != "" {
		out.DecidedBy = q.Decided.ID
		if q.Decided.Name != "" {
			out.DecidedBy = q.Decided.Name
		}
	}
	return out
}
