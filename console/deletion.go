package console

import (
	"cmp"
	"context"
	"net/http"
	"slices"

	"drawbridge/bridge"
	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/internal/httpapi"
)

const deletionsPath = "/tenants/{tenant}/deletion-requests"

func (a *api) deletionRoutes() []operation {
	return []operation{
		{
			id: "create-deletion-request", method: http.MethodPost, path: deletionsPath, status: created,
			right: directory.UserRequestDeletion,
			tag:   "users", summary: "Ask for the deletion of a user",
			about: "For an Owner to decide (rule D3). It expires after 14 days.",
			codes: []directory.Code{directory.NotFound, directory.Conflict, directory.Invalid},
			again: a.createdDeletionRequest, do: handle(a.createDeletionRequest),
		},
		{
			id: "list-deletion-requests", method: http.MethodGet, path: deletionsPath,
			right: directory.UserRead,
			tag:   "users", summary: "List deletion requests",
			about: "What Administrators asked for and Owners decide (rule D3).",
			codes: []directory.Code{directory.NotFound, directory.Invalid},
			do:    handle(a.listDeletionRequests),
		},
		{
			id: "approve-deletion-request", method: http.MethodPost, path: deletionsPath + "/{request}/approve",
			right: directory.UserDelete, fresh: true,
			tag: "users", summary: "Approve a deletion request",
			about: "Deletes the user in the same transaction. Rules D1 and D2 hold as for every deletion; while they refuse it, the request stays pending.",
			codes: []directory.Code{directory.NotFound, directory.Conflict, directory.Refused, directory.Invalid},
			do:    handle(a.approveDeletionRequest),
		},
		{
			id: "reject-deletion-request", method: http.MethodPost, path: deletionsPath + "/{request}/reject",
			right: directory.UserDelete,
			tag:   "users", summary: "Reject a deletion request",
			about: "Nothing is deleted; the request keeps the answer (rule D3).",
			codes: []directory.Code{directory.NotFound, directory.Conflict, directory.Refused, directory.Invalid},
			do:    handle(a.rejectDeletionRequest),
		},
		{
			id: "list-auto-deletions", method: http.MethodGet, path: "/tenants/{tenant}/auto-deletions",
			right: directory.UserRead,
			tag:   "users", summary: "Preview auto-delete",
			about: "Every user who will be deleted automatically if nothing changes, the next ones first (rule D5).",
			codes: []directory.Code{directory.NotFound},
			do:    handle(a.listAutoDeletions),
		},
	}
}

type createDeletionRequestInput struct {
	httpapi.TenantPath
	Body wire.DeletionRequestCreate
}

func (a *api) createDeletionRequest(ctx context.Context, p directory.Principal, in *createDeletionRequestInput) (*output[wire.DeletionRequest], error) {
	id, err := a.findUser(ctx, p, in.Body.User)
	if err != nil {
		return nil, err
	}
	q, err := a.Bridge.RequestDeletion(ctx, p, in.TenantID(), id, in.Body.Reason)
	return answer(requestView(q), err)
}

// createdDeletionRequest answers the repeat of create-deletion-request.
func (a *api) createdDeletionRequest(ctx context.Context, p directory.Principal, user directory.Subject) (any, error) {
	all, err := a.Bridge.DeletionRequests(ctx, p, p.Tenant)
	for i := range slices.Backward(all) {
		if all[i].User.String() == user.ID {
			return answer(requestView(all[i]), err)
		}
	}
	return nil, cmp.Or(err, notThere("deletion request"))
}

type listDeletionRequestsInput struct {
	httpapi.TenantPath
	httpapi.PageQuery
	Status string `query:"status" enum:"pending,approved,rejected,expired,obsolete" doc:"Missing: all."`
	Q      string `query:"q" maxLength:"200" doc:"A part of the userName or the reason, in any case."`
	Sort   string `query:"sort" enum:"created,user_name,status" default:"created" doc:"The order."`
	Dir    string `query:"dir" enum:"asc,desc" default:"asc" doc:"From the first to the last, or the other way round."`
}

func (a *api) listDeletionRequests(ctx context.Context, p directory.Principal, in *listDeletionRequestsInput) (*output[wire.Page[wire.DeletionRequest]], error) {
	all, err := a.Bridge.DeletionRequests(ctx, p, in.TenantID())
	if err != nil {
		return nil, err
	}
	var entries []wire.DeletionRequest
	for _, q := range all {
		if (in.Status == "" || string(q.Status) == in.Status) && httpapi.Matches(in.Q, q.UserName, q.Reason) {
			entries = append(entries, requestView(q))
		}
	}
	return answer(httpapi.Sorted(entries, in.PageQuery, httpapi.Order(in.Dir), func(q wire.DeletionRequest) httpapi.Position {
		return httpapi.Position{Key: map[string]string{"user_name": directory.Fold(q.UserName), "status": q.Status}[in.Sort], ID: q.ID}
	}))
}

type decideDeletionInput struct {
	httpapi.TenantPath
	PreviewQuery
	Request string `path:"request" maxLength:"40" doc:"The id of the request."`
	Body    wire.DeletionDecision
}

func (a *api) approveDeletionRequest(ctx context.Context, p directory.Principal, in *decideDeletionInput) (*output[wire.DeletionRequest], error) {
	id, err := idOf(in.Request, "deletion request")
	if err != nil {
		return nil, err
	}
	q, err := a.Bridge.DecideDeletion(ctx, p, in.TenantID(), id, bridge.DeletionDecision{Approve: true, Force: in.Body.Force, Answer: in.Body.Answer})
	return answer(requestView(q), err)
}

func (a *api) rejectDeletionRequest(ctx context.Context, p directory.Principal, in *decideDeletionInput) (*output[wire.DeletionRequest], error) {
	id, err := idOf(in.Request, "deletion request")
	if err != nil {
		return nil, err
	}
	q, err := a.Bridge.DecideDeletion(ctx, p, in.TenantID(), id, bridge.DeletionDecision{Force: in.Body.Force, Answer: in.Body.Answer})
	return answer(requestView(q), err)
}

func (a *api) listAutoDeletions(ctx context.Context, p directory.Principal, in *TenantPage) (*output[wire.Page[wire.Deletion]], error) {
	all, err := a.Bridge.AutoDeletions(ctx, p, in.TenantID())
	if err != nil {
		return nil, err
	}
	out := make([]wire.Deletion, 0, len(all))
	for _, d := range all {
		out = append(out, wire.Deletion{User: d.User.String(), UserName: d.UserName, Suspended: d.Suspended.UTC(), Due: d.Due.UTC()})
	}
	return answer(httpapi.InOrder(out, in.PageQuery, func(d *wire.Deletion) string { return d.User }))
}

func requestView(q directory.DeletionRequest) wire.DeletionRequest {
	out := wire.DeletionRequest{
		ID: q.ID.String(), User: q.User.String(), UserName: q.UserName, Reason: q.Reason, By: q.By, Created: q.Created.UTC(), Expires: q.Expires.UTC(),
		Status: string(q.Status), DecidedAt: httpapi.Time(q.At), Answer: q.Answer,
	}
	if q.Decided.ID != "" {
		out.DecidedBy = cmp.Or(q.Decided.Name, q.Decided.ID)
	}
	return out
}
