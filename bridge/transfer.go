package bridge

import (
	"context"
	"fmt"
	"slices"
	"time"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// Transfers are the verbs that move the management of users and groups from one live connection to another (C14).
type Transfers struct{ s *Service }

// Transfers gives them.
func (s *Service) Transfers() Transfers { return Transfers{s} }

// TransferOrder is a transfer that was previewed.
type TransferOrder struct {
	From, To directory.ConnectionID
	Scope    TransferScope
	Digest   string // of the preview
}

// TransferResult is how far a transfer is.
type TransferResult struct {
	Transfer directory.Transfer
	Done     bool
	Pending  int            // records that are still to move, or to be given back
	Left     []TransferLeft // the first of the records that stayed where they were
	More     int            // how many others did
}

// TransferLeft is a record that stayed where it was, and why.
type TransferLeft struct{ Name, Reason string }

// Start begins a transfer that was previewed, and works on it for as long as budget says. NotFound; Conflict C14 if the digest is not that
// of the preview, if the connections are not both at work, or if another transfer of them is not complete; Invalid.
func (v Transfers) Start(ctx context.Context, p directory.Principal, order TransferOrder, budget time.Duration) (TransferResult, error) {
	p, err := v.s.operatorOf(ctx, p, order.From)
	if err != nil {
		return TransferResult{}, err
	}
	var made *directory.Transfer
	for try := 1; made == nil; try++ {
		look := lookBefore
		if try >= disconnectTries {
			look = lookInside
		}
		if made, err = v.begin(ctx, p, &order, look); err != nil {
			return TransferResult{}, err
		}
	}
	return v.work(ctx, p, made.ID, budget)
}

// begin does the first transaction of a transfer: it lists what is to move. After lookBefore, it gives nil if something was written meanwhile.
func (v Transfers) begin(ctx context.Context, p directory.Principal, order *TransferOrder, when lookWhen) (made *directory.Transfer, err error) {
	var plan TransferPlan
	var seen uint64
	look := func(r store.Reader) error {
		first, second, err := transferEnds(r, order.From, order.To)
		if err != nil {
			return err
		}
		if plan, err = planTransfer(r, &first, &second, order.Scope); err != nil {
			return err
		}
		_, seen, err = r.Audit(0, 0)
		return err
	}
	if when == lookBefore {
		if err := v.s.read(ctx, p, look); err != nil {
			return nil, err
		}
	}
	err = v.s.write(ctx, p, func(t *tenantTx) error {
		made = nil
		first, second, err := transferEnds(t.Reader, order.From, order.To)
		if err != nil {
			return err
		}
		if err := t.Refuse(policy.CheckTransfer(&first, &second), directory.ActionConnectionTransfer, connectionSubject(&first)); err != nil {
			return err
		}
		if err := NoOpenTransfer(t.Reader, order.From, order.To); err != nil {
			return err
		}
		if when == lookInside {
			if err := look(t.Reader); err != nil {
				return err
			}
		} else if _, last, err := t.Reader.Audit(0, 0); err != nil || last != seen {
			return err
		}
		switch {
		case plan.Digest != order.Digest:
			return &directory.Error{Code: directory.Conflict, Rule: "C14", Field: "digest", Message: "what would move is not, or no longer, what this digest names: preview the transfer again and send its digest"}
		case len(plan.records) == 0:
			return &directory.Error{Code: directory.Conflict, Rule: "C14", Field: "scope", Message: fmt.Sprintf("connection %q manages none of them, so there is nothing to move", order.From)}
		}
		made, err = t.beginTransfer(&plan)
		return err
	})
	return made, err
}

// beginTransfer lists the records in pieces, which are moved one by one.
func (t *tenantTx) beginTransfer(plan *TransferPlan) (*directory.Transfer, error) {
	made := directory.Transfer{
		ID: t.NewID(), From: plan.From, To: plan.To, At: t.Now, By: t.Principal.Actor, Scope: plan.Scope, Digest: plan.Digest,
		Phase: directory.TransferMoving, Users: plan.Users, Groups: plan.Groups, Pending: len(plan.records),
	}
	number := 0
	piece := func(kind directory.Kind, ids []directory.ID) error {
		number++
		return t.Set(directory.MovedKV, directory.TransferPieceKey(made.ID, number), directory.TransferPiece{Kind: kind, IDs: ids})
	}
	ids := make([]directory.ID, len(plan.records))
	for i := range plan.records {
		ids[i] = plan.records[i].id
	}
	for part := range slices.Chunk(ids[:plan.Users], transferUsers) {
		if err := piece(directory.UserKind, part); err != nil {
			return nil, err
		}
	}
	for part := range slices.Chunk(ids[plan.Users:], transferGroups) {
		if err := piece(directory.GroupKind, part); err != nil {
			return nil, err
		}
	}
	return &made, t.putTransfer(&made, directory.ActionConnectionTransfer)
}

// putTransfer stores a transfer with its audit line.
func (t *tenantTx) putTransfer(v *directory.Transfer, action directory.Action) error {
	line := t.Line(action, directory.Subject{Kind: "connection", ID: string(v.From)})
	line.Rule = "C14"
	line.After = txn.Document(directory.Attributes{
		{Name: "transfer", Value: v.ID.String()},
		{Name: "to", Value: string(v.To)},
		{Name: "scope", Value: v.Scope},
		{Name: "phase", Value: string(v.Phase)},
		{Name: "users", Value: txn.Number(v.Users)},
		{Name: "groups", Value: txn.Number(v.Groups)},
		{Name: "digest", Value: v.Digest},
	})
	t.Audit(line)
	return t.Set(directory.TransferKV, v.ID.String(), *v)
}

// NoOpenTransfer refuses what would break a transfer of one of the connections that is not complete (C14). Without connections, of any.
func NoOpenTransfer(r store.Reader, connections ...directory.ConnectionID) error {
	open, err := openTransfer(r, connections...)
	if err == nil && open != nil {
		err = policy.TransferBusy(open).Err()
	}
	return err
}

func openTransfer(r store.Reader, connections ...directory.ConnectionID) (out *directory.Transfer, err error) {
	err = txn.Each(r, directory.TransferKV, "", "", func(_ string, v *directory.Transfer) error {
		if !v.Open() || len(connections) > 0 && !slices.Contains(connections, v.From) && !slices.Contains(connections, v.To) {
			return nil
		}
		out = v
		return store.ErrStop
	})
	return out, err
}

// Undo gives the records of a transfer back that the second connection still manages, in pieces like the transfer itself. What has not moved
// yet stays. NotFound; Conflict C14 for a transfer that is undone, or for connections that are not both at work.
func (v Transfers) Undo(ctx context.Context, p directory.Principal, from directory.ConnectionID, id directory.ID, budget time.Duration) (TransferResult, error) {
	p, err := v.s.operatorOf(ctx, p, from)
	if err != nil {
		return TransferResult{}, err
	}
	err = v.s.write(ctx, p, func(t *tenantTx) error {
		found, err := transferOf(t.Reader, from, id)
		if err != nil {
			return err
		}
		switch found.Phase {
		case directory.TransferUndoing:
			return nil
		case directory.TransferUndone:
			return &directory.Error{Code: directory.Conflict, Rule: "C14", Message: "this transfer was undone already"}
		case directory.TransferMoved, directory.TransferMoving:
		}
		if open, err := openTransfer(t.Reader, found.From, found.To); err != nil {
			return err
		} else if open != nil && open.ID != id {
			return policy.TransferBusy(open).Err()
		}
		first, second, err := transferEnds(t.Reader, found.From, found.To)
		if err != nil {
			return err
		}
		if err := t.Refuse(policy.CheckTransferBack(&first, &second), directory.ActionConnectionTransferUndo, connectionSubject(&first)); err != nil {
			return err
		}
		found.Phase, found.UndoBy = directory.TransferUndoing, &t.Principal.Actor
		return t.putTransfer(&found, directory.ActionConnectionTransferUndo)
	})
	if err != nil {
		return TransferResult{}, err
	}
	return v.work(ctx, p, id, budget)
}

// Continue works on a transfer that is not complete. NotFound.
func (v Transfers) Continue(ctx context.Context, p directory.Principal, from directory.ConnectionID, id directory.ID, budget time.Duration) (TransferResult, error) {
	p, err := v.s.operatorOf(ctx, p, from)
	if err != nil {
		return TransferResult{}, err
	}
	err = v.s.read(ctx, p, func(r store.Reader) error {
		_, err := transferOf(r, from, id)
		return err
	})
	if err != nil {
		return TransferResult{}, err
	}
	return v.work(ctx, p, id, budget)
}

// List gives the transfers from and to a connection, the newest first. NotFound.
func (v Transfers) List(ctx context.Context, p directory.Principal, id directory.ConnectionID) ([]TransferResult, error) {
	p, err := v.s.operatorOf(ctx, p, id)
	if err != nil {
		return nil, err
	}
	var out []TransferResult
	err = v.s.read(ctx, p, func(r store.Reader) error {
		all, err := transfersOf(r, id)
		out = nil
		for i := len(all) - 1; i >= 0 && err == nil; i-- {
			var one TransferResult
			one, err = transferResult(r, &all[i])
			out = append(out, one)
		}
		return err
	})
	return out, err
}

// transfersOf gives the transfers from and to a connection, the oldest first.
func transfersOf(r store.Reader, id directory.ConnectionID) (all []directory.Transfer, err error) {
	err = txn.Each(r, directory.TransferKV, "", "", func(_ string, t *directory.Transfer) error {
		if t.From == id || t.To == id {
			all = append(all, *t)
		}
		return nil
	})
	return all, err
}

// Resume works on the transfers of a tenant that are not complete, as after a crash. With RunDry it only lists them.
func (v Transfers) Resume(ctx context.Context, p directory.Principal, tenant directory.TenantID, how directory.Run) ([]TransferResult, error) {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return nil, err
	}
	var open []directory.Transfer
	err = v.s.read(ctx, p, func(r store.Reader) error {
		open = nil
		return txn.Each(r, directory.TransferKV, "", "", func(_ string, t *directory.Transfer) error {
			if t.Open() {
				open = append(open, *t)
			}
			return nil
		})
	})
	var out []TransferResult
	for i := range open {
		one := TransferResult{Transfer: open[i], Pending: pendingOf(&open[i])}
		if !how.Dry() && err == nil {
			one, err = v.work(ctx, p, open[i].ID, time.Minute)
		}
		if err == nil {
			out = append(out, one)
		}
	}
	return out, err
}

func transferOf(r store.Reader, from directory.ConnectionID, id directory.ID) (directory.Transfer, error) {
	found, ok, err := txn.Get[directory.Transfer](r, directory.TransferKV, id.String())
	if err == nil && (!ok || from != "" && found.From != from) {
		no := &directory.Error{Code: directory.NotFound, Message: fmt.Sprintf("connection %q has no transfer %s", from, id)}
		if ok && found.To == from { // its list has the transfer, too
			no.Message = fmt.Sprintf("transfer %s is one from connection %q to %q: name the first of them", id, found.From, from)
		}
		err = no
	}
	return found, err
}

// pendingOf is how many records are still to be worked on.
func pendingOf(t *directory.Transfer) int {
	if t.Phase == directory.TransferUndoing {
		return t.Moved
	}
	return t.Pending
}

// namedLeft is how many records that stayed a result names.
const namedLeft = 100

// transferResult names what stayed where it was.
func transferResult(r store.Reader, t *directory.Transfer) (TransferResult, error) {
	out := TransferResult{Transfer: *t, Done: !t.Open(), Pending: pendingOf(t)}
	step, all := directory.MoveLeft, t.Left
	if t.Phase == directory.TransferUndoing || t.Phase == directory.TransferUndone {
		step, all = directory.MoveKept, t.Kept
	}
	prefix := directory.MovedPrefix(t.ID, step)
	err := txn.Each(r, directory.MovedKV, prefix, prefix+"w", func(_ string, m *directory.Moved) error {
		if len(out.Left) == namedLeft {
			return store.ErrStop
		}
		out.Left = append(out.Left, TransferLeft{m.Name, m.Reason})
		return nil
	})
	out.More = all - len(out.Left)
	return out, err
}
