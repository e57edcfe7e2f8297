package bridge

import (
	"context"
	"errors"
	"strings"
	"time"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// How many records one transaction moves. A group can have many members, and is moved alone.
const (
	transferUsers  = 100
	transferGroups = 1
)

// work moves, or gives back, piece by piece. Each transaction also notes what it did, so that after a crash the work goes on where it stood.
func (v Transfers) work(ctx context.Context, p directory.Principal, id directory.ID, budget time.Duration) (TransferResult, error) {
	until := v.s.instant().Add(budget)
	for {
		var found directory.Transfer
		var next transferPiece
		err := v.s.read(ctx, p, func(r store.Reader) error {
			var err error
			if found, err = transferOf(r, "", id); err == nil && found.Open() {
				next, err = nextPiece(r, &found)
			}
			return err
		})
		if err != nil {
			return TransferResult{}, err
		}
		as := p
		as.Actor = found.Actor()
		switch {
		case len(next.ids) > 0:
			err = v.piece(ctx, as, &found, next)
		case found.Open():
			err = v.end(ctx, as, id)
		}
		if err != nil {
			return TransferResult{}, err
		}
		if len(next.ids) == 0 || v.s.instant().After(until) {
			break
		}
	}
	var out TransferResult
	err := v.s.read(ctx, p, func(r store.Reader) error {
		found, err := transferOf(r, "", id)
		if err == nil {
			out, err = transferResult(r, &found)
		}
		return err
	})
	return out, err
}

// transferPiece is what one transaction works on.
type transferPiece struct {
	key  string // of the TransferPiece that names them; "" when a transfer is undone
	kind directory.Kind
	ids  []directory.ID
}

// nextPiece gives what is to be worked on next; no ids: nothing is left.
func nextPiece(r store.Reader, of *directory.Transfer) (out transferPiece, err error) {
	if of.Phase == directory.TransferMoving {
		prefix := directory.MovedPrefix(of.ID, directory.MovePending)
		err = txn.Each(r, directory.MovedKV, prefix, prefix+"w", func(key string, piece *directory.TransferPiece) error {
			out = transferPiece{strings.Clone(key), piece.Kind, piece.IDs}
			return store.ErrStop
		})
		return out, err
	}
	prefix := directory.MovedPrefix(of.ID, directory.MoveDone)
	err = txn.Each(r, directory.MovedKV, prefix, prefix+"w", func(key string, _ *directory.Moved) error {
		kind, most := directory.UserKind, transferUsers
		rest := strings.TrimPrefix(key, prefix)
		if strings.HasPrefix(rest, "v/") {
			kind, most = directory.GroupKind, transferGroups
		}
		id, ok := directory.ParseID(rest[len("u/"):])
		if !ok {
			return &directory.Error{Code: directory.Internal, Message: "the state moved " + key + " names no record"}
		}
		if len(out.ids) > 0 && out.kind != kind || len(out.ids) == most {
			return store.ErrStop
		}
		out.kind, out.ids = kind, append(out.ids, id)
		return nil
	})
	return out, err
}

// end notes that a transfer, or its undoing, is complete.
func (v Transfers) end(ctx context.Context, p directory.Principal, id directory.ID) error {
	return v.s.write(ctx, p, func(t *tenantTx) error {
		found, err := transferOf(t.Reader, "", id)
		if err != nil || !found.Open() {
			return err
		}
		if left, err := nextPiece(t.Reader, &found); err != nil || len(left.ids) > 0 {
			return err // an undo has begun meanwhile
		}
		if found.Phase == directory.TransferMoving {
			found.Phase = directory.TransferMoved
			return t.putTransfer(&found, directory.ActionConnectionTransferred)
		}
		prefix := directory.MovedPrefix(found.ID, directory.MovePending)
		err = t.Reader.KVs(directory.MovedKV, prefix, prefix+"w", func(m directory.KV) error {
			t.Unset(directory.MovedKV, strings.Clone(m.Key))
			return nil
		})
		if err != nil {
			return err
		}
		found.Phase, found.Pending = directory.TransferUndone, 0
		return t.putTransfer(&found, directory.ActionConnectionTransferred)
	})
}

// piece moves some records in one transaction. If a rule refuses, they are tried one by one, so that only those stay for whom it does.
func (v Transfers) piece(ctx context.Context, p directory.Principal, of *directory.Transfer, part transferPiece) error {
	err := v.movePiece(ctx, p, of, part, nil)
	var no *directory.Error
	switch {
	case err == nil || !errors.As(err, &no) || no.Rule == "":
		return err
	case len(part.ids) > 1:
		for i := range part.ids {
			if err := v.piece(ctx, p, of, transferPiece{part.key, part.kind, part.ids[i : i+1]}); err != nil {
				return err
			}
		}
		return nil
	}
	return v.movePiece(ctx, p, of, part, no)
}

// movePiece is the transaction of a piece. With no, the only record of the piece stays where it is, because a rule refused it.
func (v Transfers) movePiece(ctx context.Context, p directory.Principal, of *directory.Transfer, part transferPiece, no *directory.Error) error {
	return v.s.write(ctx, p, func(t *tenantTx) error {
		if err := t.load(); err != nil {
			return err
		}
		now, err := transferOf(t.Reader, "", of.ID)
		if err != nil || now.Phase != of.Phase {
			return err // an undo has begun meanwhile, or another process has gone on
		}
		m := transferring{tenantTx: t, of: &now}
		if m.from, m.to, err = transferEnds(t.Reader, of.From, of.To); err != nil {
			return err
		}
		todo, err := m.take(part)
		if err != nil || len(todo) == 0 {
			return err
		}
		for _, id := range todo {
			if no != nil {
				err = m.stays(part.kind, id, no)
			} else {
				err = m.record(part.kind, id)
			}
			if err != nil {
				return err
			}
		}
		return t.Set(directory.TransferKV, now.ID.String(), now)
	})
}

// transferring is the transaction that moves a piece, or gives it back.
type transferring struct {
	*tenantTx
	of       *directory.Transfer
	from, to directory.Connection
	moved    map[string]directory.Moved // by their keys, when a transfer is undone
}

func (m *transferring) undo() bool { return m.of.Phase == directory.TransferUndoing }

// take removes the records of a part from what is to be done, and gives those that were there still: another process may have been faster.
func (m *transferring) take(part transferPiece) (todo []directory.ID, err error) {
	if m.undo() {
		keys := make([]string, len(part.ids))
		for i, id := range part.ids {
			keys[i] = directory.MovedKey(m.of.ID, directory.MoveDone, part.kind, id)
		}
		if m.moved, err = txn.GetAll[directory.Moved](m.Reader, directory.MovedKV, keys); err != nil {
			return nil, err
		}
		for i, id := range part.ids {
			if _, ok := m.moved[keys[i]]; ok {
				m.Unset(directory.MovedKV, keys[i])
				todo = append(todo, id)
			}
		}
		m.of.Moved -= len(todo)
		return todo, nil
	}
	piece, _, err := txn.Get[directory.TransferPiece](m.Reader, directory.MovedKV, part.key)
	if err != nil {
		return nil, err
	}
	wanted := make(map[directory.ID]bool, len(part.ids))
	for _, id := range part.ids {
		wanted[id] = true
	}
	rest := directory.TransferPiece{Kind: part.kind}
	for _, id := range piece.IDs {
		if wanted[id] {
			todo = append(todo, id)
		} else {
			rest.IDs = append(rest.IDs, id)
		}
	}
	if len(todo) == 0 {
		return nil, nil
	}
	m.of.Pending -= len(todo)
	if len(rest.IDs) > 0 {
		return todo, m.Set(directory.MovedKV, part.key, rest)
	}
	m.Unset(directory.MovedKV, part.key)
	return todo, nil
}

// record moves one record, or gives it back. A record that the expected connection no longer manages stays.
func (m *transferring) record(kind directory.Kind, id directory.ID) error {
	if kind == directory.GroupKind {
		return m.group(id)
	}
	return m.user(id)
}

func (m *transferring) user(id directory.ID) error {
	u, ok, err := txn.Optional(m.Reader.User(id))
	if err != nil {
		return err
	}
	before := u.Clone()
	expected := m.expected()
	if !ok || before.Connection != expected || before.Gone() && !m.undo() {
		why := policy.TransferDeleted
		if ok {
			why = policy.TransferMissed(before.Connection, expected)
		}
		subject := directory.Subject{Kind: string(directory.UserKind), ID: id.String(), Name: before.UserName}
		return m.left(subject, &directory.Error{Rule: "C14", Message: why})
	}
	moved := m.moved[directory.MovedKey(m.of.ID, directory.MoveDone, directory.UserKind, id)]
	var d policy.Decision
	action := directory.ActionUserTransfer
	if m.undo() {
		d, action = m.state.Untransfer(before, &moved, &m.from), directory.ActionUserTransferUndo
		d.User.Document = withExternalID(before.Document, moved.ExternalID)
	} else {
		moved = directory.Moved{ExternalID: before.ExternalID, Statement: before.Statement, StatedAt: before.StatedAt, Sent: before.Sent}
		d = m.state.Transfer(before, &m.to)
		d.User.Document = withoutExternalID(before.Document)
	}
	if d.User.Sent != nil {
		d.User.Sent = withExternalID(d.User.Sent, d.User.ExternalID)
	}
	if _, err = m.applyUserDecision(action, &before, d, nil, Changed); err != nil {
		return err
	}
	return m.done(userSubject(&before), &moved)
}

func (m *transferring) group(id directory.ID) error {
	found, ok, err := txn.Optional(m.Reader.Group(id))
	if err != nil {
		return err
	}
	before := found.Clone()
	expected := m.expected()
	if !ok || before.Connection != expected {
		why := policy.TransferDeleted
		if ok {
			why = policy.TransferMissed(before.Connection, expected)
		}
		subject := directory.Subject{Kind: string(directory.GroupKind), ID: id.String(), Name: before.DisplayName}
		return m.left(subject, &directory.Error{Rule: "C14", Message: why})
	}
	moved := m.moved[directory.MovedKey(m.of.ID, directory.MoveDone, directory.GroupKind, id)]
	after, draft, action := before, directory.GroupDraft{DisplayName: before.DisplayName}, directory.ActionGroupTransfer
	if m.undo() {
		after.Connection, draft.ExternalID, action = m.from.ID, moved.ExternalID, directory.ActionGroupTransferUndo
	} else {
		after.Connection, moved = m.to.ID, directory.Moved{ExternalID: before.ExternalID}
	}
	draft.Document = withExternalID(before.Document, draft.ExternalID)
	if _, err = m.applyGroupDraft(action, &before, after, &draft); err != nil {
		return err
	}
	return m.done(groupSubject(&before), &moved)
}

// expected is the connection that manages what is to be worked on.
func (m *transferring) expected() directory.ConnectionID {
	if m.undo() {
		return m.to.ID
	}
	return m.from.ID
}

// done notes that a record moved. What was given back is forgotten.
func (m *transferring) done(subject directory.Subject, moved *directory.Moved) error {
	if m.undo() {
		return nil
	}
	m.of.Moved++
	moved.Name, moved.At = subject.Name, m.Now
	return m.note(directory.MoveDone, subject, moved)
}

// stays notes that a rule refused a record.
func (m *transferring) stays(kind directory.Kind, id directory.ID, no *directory.Error) error {
	subject := directory.Subject{Kind: string(kind), ID: id.String()}
	if kind == directory.GroupKind {
		g, _, err := txn.Optional(m.Reader.Group(id))
		if err != nil {
			return err
		}
		subject.Name = strings.Clone(g.DisplayName)
		return m.left(subject, no)
	}
	u, _, err := txn.Optional(m.Reader.User(id))
	if err != nil {
		return err
	}
	subject.Name = strings.Clone(u.UserName)
	return m.left(subject, no)
}

// left notes why a record stays where it is.
func (m *transferring) left(subject directory.Subject, no *directory.Error) error {
	step, action := directory.MoveLeft, directory.ActionConnectionTransfer
	if m.undo() {
		step, action = directory.MoveKept, directory.ActionConnectionTransferUndo
		m.of.Kept++
	} else {
		m.of.Left++
	}
	line := m.Line(action, subject)
	line.Outcome, line.Rule, line.Reason = directory.WasDenied, no.Rule, no.Message
	m.Audit(line)
	return m.note(step, subject, &directory.Moved{Name: subject.Name, Reason: no.Message})
}

func (m *transferring) note(step directory.MovedStep, subject directory.Subject, moved *directory.Moved) error {
	id, _ := directory.ParseID(subject.ID)
	return m.Set(directory.MovedKV, directory.MovedKey(m.of.ID, step, directory.Kind(subject.Kind), id), *moved)
}

// withExternalID is a document with this externalId; "" takes it out.
func withExternalID(d directory.Document, externalID string) directory.Document {
	if externalID == "" {
		return withoutExternalID(d)
	}
	a := txn.Decoded(d)
	a.Set("externalId", externalID)
	return a.Document()
}
