package console

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"drawbridge/bridge"
	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/internal/httpapi"
)

// transferTime is how long one request works on a transfer.
const transferTime = 10 * time.Second

func (a *api) transferRoutes() []operation {
	codes := []directory.Code{directory.NotFound, directory.Conflict, directory.Invalid}
	return []operation{
		{
			id: "preview-transfer", method: http.MethodPost, path: "/connections/{connection}/transfers/preview",
			right: directory.ConnectionManage,
			tag:   "connections", summary: "Preview a move of users and groups to another connection",
			about: "What would move, and what the next sync of each side will do (rule C14). Nothing is changed.",
			codes: codes,
			do:    handle(a.previewTransfer),
		},
		{
			id: "start-transfer", method: http.MethodPost, path: "/connections/{connection}/transfers",
			right: directory.ConnectionManage, fresh: true,
			tag: "connections", summary: "Move the management of users and groups to another connection",
			about: "Does what the digest names. The users keep their access. A request works for about ten seconds: continue the transfer until done is true; after a crash a job continues it.",
			codes: codes,
			do:    handle(a.startTransfer),
		},
		{
			id: "list-transfers", method: http.MethodGet, path: "/connections/{connection}/transfers",
			right: directory.ConnectionRead,
			tag:   "connections", summary: "List the transfers from and to a connection",
			about: "The newest first.",
			codes: []directory.Code{directory.NotFound},
			do:    handle(a.listTransfers),
		},
		{
			id: "continue-transfer", method: http.MethodPost, path: "/connections/{connection}/transfers/{transfer}/continue",
			right: directory.ConnectionManage,
			tag:   "connections", summary: "Continue a transfer",
			about: "Works on a transfer, or on its undoing, for about ten seconds.",
			codes: []directory.Code{directory.NotFound},
			do:    handle(a.continueTransfer),
		},
		{
			id: "undo-transfer", method: http.MethodPost, path: "/connections/{connection}/transfers/{transfer}/undo",
			right: directory.ConnectionManage, fresh: true,
			tag: "connections", summary: "Undo a transfer",
			about: "Gives back what the other connection still manages, with the externalId and the statement of before. What the other identity provider changed meanwhile stays.",
			codes: []directory.Code{directory.NotFound, directory.Conflict},
			do:    handle(a.undoTransfer),
		},
	}
}

type previewTransferInput struct {
	ConnectionPath
	Body wire.TransferScope
}

type startTransferInput struct {
	ConnectionPath
	Body wire.TransferStart
}

type listTransfersInput struct {
	ConnectionPath
	httpapi.PageQuery
}

type transferPath struct {
	ConnectionPath
	Transfer string `path:"transfer" maxLength:"36" doc:"The id of the transfer."`
}

func (p *transferPath) transfer() (directory.ID, error) {
	id, ok := directory.ParseID(p.Transfer)
	if !ok {
		return id, &directory.Error{Code: directory.NotFound, Message: "there is no such transfer"}
	}
	return id, nil
}

// transferScope reads what is to move.
func (a *api) transferScope(ctx context.Context, p directory.Principal, in *wire.TransferScope) (bridge.TransferScope, error) {
	out := bridge.TransferScope{All: in.All, Users: in.Users}
	if in.Group == "" {
		return out, nil
	}
	var err error
	out.Group, err = a.findGroup(ctx, p, in.Group)
	return out, err
}

func (a *api) previewTransfer(ctx context.Context, p directory.Principal, in *previewTransferInput) (*output[wire.TransferPlan], error) {
	scope, err := a.transferScope(ctx, p, &in.Body)
	if err != nil {
		return nil, err
	}
	plan, err := a.Bridge.Transfers().Preview(ctx, p, in.id(), directory.ConnectionID(in.Body.To), scope)
	if err != nil {
		return nil, err
	}
	out := wire.TransferPlan{
		From: string(plan.From), To: string(plan.To), Scope: plan.Scope, Users: plan.Users, Groups: plan.Groups, Stays: []wire.TransferStay{},
		Unknown: append([]string{}, plan.Unknown...), Digest: plan.Digest, NextFrom: plan.NextFrom, Items: []wire.TransferItem{},
	}
	for _, s := range plan.Stays {
		out.Stays = append(out.Stays, wire.TransferStay{What: string(s.What), Number: s.Number, Reason: s.Reason})
	}
	for _, i := range plan.Items {
		out.Items = append(out.Items, wire.TransferItem{Kind: string(i.Kind), ID: i.ID.String(), Name: i.Name, Next: i.Next})
	}
	return answer(out, nil)
}

func (a *api) startTransfer(ctx context.Context, p directory.Principal, in *startTransferInput) (*output[wire.Transfer], error) {
	responseOf(ctx).Extend(a.Now().Add(longestJob))
	scope, err := a.transferScope(ctx, p, &in.Body.TransferScope)
	if err != nil {
		return nil, err
	}
	return transferAnswer(a.Bridge.Transfers().Start(ctx, p, bridge.TransferOrder{From: in.id(), To: directory.ConnectionID(in.Body.To), Scope: scope, Digest: in.Body.Digest}, transferTime))
}

func (a *api) listTransfers(ctx context.Context, p directory.Principal, in *listTransfersInput) (*output[wire.Page[wire.Transfer]], error) {
	all, err := a.Bridge.Transfers().List(ctx, p, in.id())
	if err != nil {
		return nil, err
	}
	views := make([]wire.Transfer, len(all))
	for i := range all {
		views[i] = transferView(&all[i])
	}
	return answer(httpapi.Sorted(views, in.PageQuery, httpapi.Descending, func(v wire.Transfer) httpapi.Position { return httpapi.Position{Key: v.ID, ID: v.ID} }))
}

func (a *api) continueTransfer(ctx context.Context, p directory.Principal, in *transferPath) (*output[wire.Transfer], error) {
	responseOf(ctx).Extend(a.Now().Add(longestJob))
	id, err := in.transfer()
	if err != nil {
		return nil, err
	}
	return transferAnswer(a.Bridge.Transfers().Continue(ctx, p, in.id(), id, transferTime))
}

func (a *api) undoTransfer(ctx context.Context, p directory.Principal, in *transferPath) (*output[wire.Transfer], error) {
	responseOf(ctx).Extend(a.Now().Add(longestJob))
	id, err := in.transfer()
	if err != nil {
		return nil, err
	}
	return transferAnswer(a.Bridge.Transfers().Undo(ctx, p, in.id(), id, transferTime))
}

func transferAnswer(r bridge.TransferResult, err error) (*output[wire.Transfer], error) {
	if err != nil {
		return nil, err
	}
	return answer(transferView(&r), nil)
}

func transferView(r *bridge.TransferResult) wire.Transfer {
	t := &r.Transfer
	out := wire.Transfer{
		ID: t.ID.String(), From: string(t.From), To: string(t.To), At: t.At.UTC(), By: cmp.Or(t.By.Name, t.By.ID), Scope: t.Scope, Phase: string(t.Phase),
		Users: t.Users, Groups: t.Groups, Done: r.Done, Pending: r.Pending, Moved: t.Moved, Left: []wire.TransferLeft{}, More: r.More,
	}
	if t.UndoBy != nil {
		out.UndoBy = cmp.Or(t.UndoBy.Name, t.UndoBy.ID)
	}
	for _, l := range r.Left {
		out.Left = append(out.Left, wire.TransferLeft(l))
	}
	return out
}
