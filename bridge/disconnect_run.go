package bridge

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/store"
)

// disconnectRun is the work that is left of a disconnection.
type disconnectRun struct {
	s      *Service
	p      directory.Principal
	id     directory.ConnectionID
	ending directory.Ending
	out    Disconnected
}

// continueDisconnect processes the remaining people, their roles, groups, resources, and the state of the connection. Each processed
// record is detached from the connection, so progress is the set of still-attached records; no cursor is stored. Every step is done in
// the name of the operator who began.
func (s *Service) continueDisconnect(ctx context.Context, p directory.Principal, id directory.ConnectionID) (Disconnected, error) {
	var found directory.Connection
	err := s.read(ctx, p, func(r store.Reader) error {
		c, err := r.Connection(id)
		found = c.Clone()
		return err
	})
	if err != nil {
		return Disconnected{}, err
	}
	if found.Ending == nil {
		return Disconnected{}, &directory.Error{Code: directory.Conflict, Rule: "C10", Message: fmt.Sprintf("connection %q is not being disconnected", id)}
	}
	p.Actor = found.Ending.By
	w := &disconnectRun{s: s, p: p, id: id, ending: *found.Ending, out: Disconnected{Connection: id, Mode: found.Ending.Mode}}
	for _, step := range []func(context.Context) error{w.users, w.grants, w.groups, w.resources, w.kvs, w.transfers} {
		if len(w.out.Left) > 0 {
			return w.out, nil
		}
		if err := step(ctx); err != nil {
			return w.out, err
		}
	}
	if len(w.out.Left) > 0 {
		return w.out, nil
	}
	return w.out, w.end(ctx)
}

// write does one step in the name of the operator who began. The brake does not judge an operator's decision again.
func (w *disconnectRun) write(ctx context.Context, decide func(*tenantTx) error) error {
	return w.s.write(ctx, w.p, func(t *tenantTx) error {
		if err := t.load(); err != nil {
			return err
		}
		t.released = true
		t.finalises = w.ending.Mode == directory.Finalise
		t.mappings = map[directory.ConnectionID][]directory.GroupMapping{w.id: nil}
		return decide(t)
	})
}

func (w *disconnectRun) users(ctx context.Context) error {
	var many, alone []directory.ID // each Owner has a transaction of their own, because the rule about the last Owner reads the stored memberships
	err := w.s.read(ctx, w.p, func(r store.Reader) error {
		isOwner := map[directory.ID]bool{}
		owners, ok, err := txn.Optional(r.BuiltIn(directory.Owners))
		if err == nil && ok {
			err = r.Members(owners.ID, directory.ID{}, func(m directory.Membership) error {
				isOwner[m.Member.ID] = true
				return nil
			})
		}
		if err != nil {
			return err
		}
		return ofUsers(r, w.id, func(u *directory.User) error {
			if isOwner[u.ID] {
				alone = append(alone, u.ID)
			} else {
				many = append(many, u.ID)
			}
			return nil
		})
	})
	if err != nil {
		return err
	}
	for part := range slices.Chunk(many, disconnectUsers) {
		if err := w.batch(ctx, part); err != nil {
			return err
		}
	}
	for _, id := range alone {
		if err := w.batch(ctx, []directory.ID{id}); err != nil {
			return err
		}
	}
	return nil
}

// batch settles some users. If a rule says no they are tried one by one, so that only those stay for whom it does.
func (w *disconnectRun) batch(ctx context.Context, ids []directory.ID) error {
	settled := 0
	var name string
	err := w.write(ctx, func(t *tenantTx) error {
		settled = 0
		for _, id := range ids {
			u, ok, err := txn.Optional(t.Reader.User(id))
			if err != nil {
				return err
			}
			if !ok || u.Connection != w.id {
				continue
			}
			name = strings.Clone(u.UserName)
			if err := w.user(t, u); err != nil {
				return err
			}
			settled++
		}
		return nil
	})
	var no *directory.Error
	switch {
	case err == nil:
		w.out.Users += settled
		return nil
	case !errors.As(err, &no) || no.Rule == "":
		return err
	case len(ids) > 1:
		for i := range ids {
			if err := w.batch(ctx, ids[i:i+1]); err != nil {
				return err
			}
		}
		return nil
	}
	w.out.Left = append(w.out.Left, RefusedPerson{User: ids[0], UserName: name, Rule: no.Rule, Message: no.Message})
	return nil
}

func (w *disconnectRun) user(t *tenantTx, u directory.User) error {
	action, d := directory.ActionUserUnmanage, t.state.Finalise(u)
	if w.ending.Mode == directory.Terminate {
		action, d = directory.ActionUserTerminate, t.state.Terminate(u)
		of, err := t.Reader.MembershipsOf(u.ID)
		if err != nil {
			return err
		}
		for _, m := range of {
			if m.Source.IsZero() {
				continue
			}
			source, ok, err := txn.Optional(t.Reader.Group(m.Source))
			if err != nil {
				return err
			}
			if !ok || source.Connection != w.id {
				continue
			}
			b, err := t.Reader.Group(m.Group)
			if err != nil {
				return err
			}
			if err := t.ungrant(b, m.Member, m.Source); err != nil {
				return err
			}
		}
	}
	_, err := t.applyUserDecision(action, &u, d, nil, Changed)
	return err
}

// grants turns roles from the mapping of the connection into direct grants, so that no user loses a role by
// becoming local. Terminate has removed the roles of its people before.
func (w *disconnectRun) grants(ctx context.Context) error {
	type grant struct {
		group directory.Group
		m     directory.Membership
	}
	var all []grant
	err := w.s.read(ctx, w.p, func(r store.Reader) error {
		of := map[directory.ID]bool{}
		if err := ofGroups(r, w.id, func(g *directory.Group) error { of[g.ID] = true; return nil }); err != nil {
			return err
		}
		var byAttribute []grant
		err := granted(r, func(b *directory.Group, m *directory.Membership) error {
			m.Member.Display = ""
			if of[m.Source] {
				all = append(all, grant{group: b.Clone(), m: *m})
			} else if m.ByAttribute() {
				byAttribute = append(byAttribute, grant{group: b.Clone(), m: *m})
			}
			return nil
		})
		for part := range slices.Chunk(byAttribute, readBatch) {
			if err != nil {
				return err
			}
			ids := make([]directory.ID, len(part))
			for i := range part {
				ids[i] = part[i].m.Member.ID
			}
			var users map[directory.ID]directory.User
			if users, err = r.UsersByID(ids); err != nil {
				return err
			}
			for _, g := range part { // no connection manages the user any more, whose grant came from this one
				if u, ok := users[g.m.Member.ID]; ok && u.Connection == "" {
					all = append(all, g)
				}
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	for part := range slices.Chunk(all, disconnectUsers) {
		err := w.write(ctx, func(t *tenantTx) error {
			kept := map[directory.ID][]directory.ID{}
			for _, g := range part {
				of, err := t.Reader.Memberships(g.group.ID, g.m.Member.ID)
				if err != nil {
					return err
				}
				if !slices.ContainsFunc(of, func(m directory.Membership) bool { return m.Source == g.m.Source }) {
					continue
				}
				t.Change.Leave = append(t.Change.Leave, g.m)
				own := g.m
				own.Source = directory.ID{}
				t.Change.Join = append(t.Change.Join, own)
				kept[g.group.ID] = append(kept[g.group.ID], g.m.Member.ID)
			}
			for _, name := range directory.BuiltIns() {
				b, ok, err := t.builtIn(name)
				if err != nil {
					return err
				}
				if !ok || len(kept[b.ID]) == 0 {
					continue
				}
				line := t.Line(directory.ActionGroupKeepGrants, groupSubject(&b))
				line.Rule, line.Reason = "C10", fmt.Sprintf("granted by mapping of connection %q until now, and as such from now on", w.id)
				line.After = txn.Document(appendIDs(nil, "kept", kept[b.ID]))
				t.Audit(line)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *disconnectRun) groups(ctx context.Context) error {
	var all []directory.ID
	err := w.s.read(ctx, w.p, func(r store.Reader) error {
		return ofGroups(r, w.id, func(g *directory.Group) error { all = append(all, g.ID); return nil })
	})
	if err != nil {
		return err
	}
	for part := range slices.Chunk(all, disconnectGroups) {
		settled := 0
		err := w.write(ctx, func(t *tenantTx) error {
			settled = 0
			for _, id := range part {
				g, ok, err := txn.Optional(t.Reader.Group(id))
				if err != nil {
					return err
				}
				if !ok || g.Connection != w.id {
					continue
				}
				work := t.editOf(g.Clone())
				work.action, work.after.Connection = directory.ActionGroupUnmanage, ""
				settled++
			}
			return nil
		})
		if err != nil {
			return err
		}
		w.out.Groups += settled
	}
	return nil
}

func (w *disconnectRun) resources(ctx context.Context) error {
	var all []directory.Resource
	err := w.s.read(ctx, w.p, func(r store.Reader) error {
		tenant, err := r.Tenant()
		if err != nil {
			return err
		}
		return ofResources(r, &tenant, w.id, func(v *directory.Resource) error {
			all = append(all, directory.Resource{ID: v.ID, Kind: directory.Kind(strings.Clone(string(v.Kind)))})
			return nil
		})
	})
	if err != nil {
		return err
	}
	for part := range slices.Chunk(all, disconnectUsers) {
		err := w.write(ctx, func(t *tenantTx) error {
			for i := range part {
				before, ok, err := txn.Optional(t.Reader.Resource(part[i].Kind, part[i].ID))
				if err != nil {
					return err
				}
				if !ok || before.Connection != w.id {
					continue
				}
				after := before
				after.Connection = ""
				if _, err := t.applyResourceDraft(&before, after, &directory.ResourceDraft{ExternalID: before.ExternalID, Document: before.Document}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// kvs drops what waits for an operator in the name of the connection.
func (w *disconnectRun) kvs(ctx context.Context) error {
	var held []directory.HeldRemoval
	err := w.s.read(ctx, w.p, func(r store.Reader) error {
		return heldBy(r, w.id, func(_ string, item *directory.HeldRemoval) error {
			held = append(held, *item)
			return nil
		})
	})
	if err != nil {
		return err
	}
	for part := range slices.Chunk(held, disconnectUsers) {
		err := w.write(ctx, func(t *tenantTx) error {
			for i := range part {
				t.Unset(directory.HeldKV, part[i].Key)
				line := t.Line(directory.ActionBrakeDiscard, part[i].Subject)
				line.Rule, line.Reason = "C10", string(part[i].Action)+" of connection "+string(w.id)+", which is disconnected"
				t.Audit(line)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// transfers forgets what moved from or to the connection (C14), in pieces. Without the connection none of it can be undone.
func (w *disconnectRun) transfers(ctx context.Context) error {
	var all []directory.Transfer
	var keys []string
	err := w.s.read(ctx, w.p, func(r store.Reader) error {
		keys = nil
		var err error
		if all, err = transfersOf(r, w.id); err != nil {
			return err
		}
		for i := range all {
			prefix := all[i].ID.String()
			err := r.KVs(directory.MovedKV, prefix+"/", prefix+"0", func(m directory.KV) error {
				keys = append(keys, strings.Clone(m.Key))
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	forget := func(kind directory.KVKind, keys []string) error {
		for part := range slices.Chunk(keys, disconnectMoved) {
			err := w.write(ctx, func(t *tenantTx) error {
				for _, key := range part {
					t.Unset(kind, key)
				}
				line := t.Line(directory.ActionConnectionTransferForget, directory.Subject{Kind: "connection", ID: string(w.id)})
				line.Rule, line.After = "C14", txn.Document(directory.Attributes{{Name: string(kind), Value: txn.Number(len(part))}})
				t.Audit(line)
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	}
	if err := forget(directory.MovedKV, keys); err != nil {
		return err
	}
	ids := make([]string, len(all))
	for i := range all {
		ids[i] = all[i].ID.String()
	}
	return forget(directory.TransferKV, ids)
}

// end removes the connection. Nothing can have come back since the steps before: no write in its name is let through.
func (w *disconnectRun) end(ctx context.Context) error {
	err := w.write(ctx, func(t *tenantTx) error {
		c, ok, err := txn.Optional(t.Reader.Connection(w.id))
		if err != nil || !ok { // another call was faster
			return err
		}
		tokens, err := t.Reader.Tokens(w.id)
		if err != nil {
			return err
		}
		for i := range tokens {
			t.Unset(directory.TokenKV, string(tokens[i].ID))
		}
		t.Unset(directory.BrakeKV, string(w.id))
		t.Unset(directory.HealthKV, string(w.id))
		t.Unset(directory.PullKV, string(w.id))
		t.Unset(directory.SealedKV, string(w.id))
		t.Change.RemoveConnections = append(t.Change.RemoveConnections, w.id)
		data := directory.Attributes{
			{Name: "mode", Value: string(w.ending.Mode)}, {Name: "users", Value: txn.Number(w.ending.Users)}, {Name: "groups", Value: txn.Number(w.ending.Groups)},
		}
		line := t.Line(directory.ActionConnectionDisconnected, connectionSubject(&c))
		line.Rule, line.Reason, line.Before, line.After = "C10", w.ending.Reason, txn.Document(connectionFacts(&c)), txn.Document(data)
		t.Audit(line)
		t.Event(directory.ConnectionRemoved, connectionSubject(&c), data)
		return nil
	})
	w.out.Done = err == nil
	return err
}
