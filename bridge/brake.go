package bridge

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// jobsBrake is the key under which the removals of jobs are counted; a connection's slug has no asterisk.
const jobsBrake directory.ConnectionID = "*jobs"

// noteRemoval notes that the write takes a user away: by a suspension, or for good.
func (t *tenantTx) noteRemoval(u *directory.User, action directory.RemovalAction) {
	t.removed++
	t.removal = directory.HeldRemoval{Action: action, Subject: userSubject(u)}
}

// brake checks whether the removals of the write are unusually many (C8), before any of it is written. It counts removals by identity
// providers and jobs. Actions of an operator, and removals that an operator released, pass.
func (t *tenantTx) brake() error {
	by := t.Principal.Connection.ID
	if !txn.FromIdP(t.Principal) {
		if t.Principal.Actor.Kind != directory.BySystem {
			return nil
		}
		by = jobsBrake
	}
	if t.released || t.Principal.Reviewed || t.Principal.Undo || by == "" {
		return nil
	}
	weight := t.removed
	if weight == 0 {
		if weight = t.membersRemoved(); weight == 0 {
			return nil
		}
	}
	if t.state.Settings.Brake == directory.BrakeOff {
		return nil
	}
	r, _, err := txn.Get[directory.Removals](t.Reader, directory.BrakeKV, string(by))
	if err != nil {
		return err
	}
	usage, err := t.Reader.Usage() // as it was before the write
	if err != nil {
		return err
	}
	if t.Principal.Judged {
		return t.Set(directory.BrakeKV, string(by), policy.CountRemovals(r, weight, t.Now))
	}
	v := policy.Brake(t.state.Settings.Brake, r, weight, usage.Users[directory.TeamMember][directory.Active], t.Now)
	if v.Refuse == nil {
		if v.Alert {
			t.announceBrake(directory.ActionBrakeAlerted, directory.BrakeAlerted, by, &v)
		}
		return t.Set(directory.BrakeKV, string(by), v.Removals)
	}
	return t.holdRemoval(by, weight, &v)
}

// holdRemoval refuses the write and keeps what it wanted to remove for an operator.
func (t *tenantTx) holdRemoval(by directory.ConnectionID, weight int, v *policy.BrakeVerdict) error {
	item := t.removal
	item.Connection, item.Count = by, weight
	item.First, item.Last, item.Times, item.Request = t.Now, t.Now, 1, t.Principal.Request
	item.Key = heldKey(by, &item)
	old, again, err := txn.Get[directory.HeldRemoval](t.Reader, directory.HeldKV, item.Key)
	if err != nil {
		return err
	}
	if again {
		item.First, item.Times = old.First, old.Times+1
	}
	keep := t.s.tenantTx(t.WithEmptyChange())
	if err := keep.Set(directory.HeldKV, item.Key, item); err != nil {
		return err
	}
	if err := keep.Set(directory.BrakeKV, string(by), v.Removals); err != nil {
		return err
	}
	if v.Alert {
		keep.announceBrake(directory.ActionBrakeHeld, directory.BrakeHeld, by, v)
	}
	return &txn.Refusal{No: v.Refuse, Action: directory.ActionBrakeHold, Subject: item.Subject, Keep: &keep.Change}
}

func heldKey(by directory.ConnectionID, item *directory.HeldRemoval) string {
	return strings.Join([]string{string(by), item.Subject.Kind, item.Subject.ID, string(item.Action)}, "/")
}

// announceBrake writes the event that a connection removes unusually many people.
func (t *tenantTx) announceBrake(action directory.Action, kind directory.EventKind, by directory.ConnectionID, v *policy.BrakeVerdict) {
	subject := directory.Subject{Kind: "connection", ID: string(by)}
	data := directory.Attributes{{Name: "removals", Value: txn.Number(v.Within)}, {Name: "limit", Value: txn.Number(v.Limit)}}
	line := t.Line(action, subject)
	line.Rule, line.After = "C8", txn.Document(data)
	t.Audit(line)
	t.Event(kind, subject, data)
}

// membersRemoved is how many members the write removes from a protected group, or from a group that it empties or deletes.
func (t *tenantTx) membersRemoved() int {
	protected, emptied := 0, 0
	for _, w := range t.groups {
		switch {
		case w.after.BuiltIn != "":
			protected += len(w.removed)
		case w.before != nil && w.before.Members > 0 && w.after.Members == 0:
			emptied += len(w.removed)
			t.removal = directory.HeldRemoval{Action: directory.RemoveAll, Subject: groupSubject(w.before)}
		case len(w.removed) > 0 && t.removal.Action == "":
			t.removal = directory.HeldRemoval{Action: directory.RemoveFromGroup, Subject: groupSubject(&w.after), Members: w.removed}
		}
	}
	if t.deleted != nil {
		emptied = max(emptied, t.deleted.Members)
		t.removal = directory.HeldRemoval{Action: directory.RemoveGroup, Subject: groupSubject(t.deleted)}
	}
	return max(protected, emptied)
}

// withdrawHeld drops the held suspension of a user whom the identity provider states as active again.
func (t *tenantTx) withdrawHeld(u *directory.User) error {
	if t.state.Settings.Brake != directory.BrakeHold || !txn.FromIdP(t.Principal) {
		return nil
	}
	item := directory.HeldRemoval{Action: directory.RemoveSuspend, Subject: userSubject(u)}
	key := heldKey(t.Principal.Connection.ID, &item)
	if _, held, err := txn.Optional(t.Reader.KV(directory.HeldKV, key)); err != nil || !held {
		return err
	}
	t.Unset(directory.HeldKV, key)
	line := t.Line(directory.ActionBrakeWithdraw, item.Subject)
	line.Rule, line.Reason = "C8", "the identity provider calls the user active again"
	t.Audit(line)
	return t.reopenBrake(t.Principal.Connection.ID, key)
}

// reopenBrake lets a connection remove again if this write decides about the last of its held removals.
func (t *tenantTx) reopenBrake(by directory.ConnectionID, settled ...string) error {
	left := 0
	err := heldBy(t.Reader, by, func(key string, _ *directory.HeldRemoval) error {
		if slices.Contains(settled, key) {
			return nil
		}
		left++
		return store.ErrStop
	})
	if err != nil || left > 0 {
		return err
	}
	r, _, err := txn.Get[directory.Removals](t.Reader, directory.BrakeKV, string(by))
	if err != nil {
		return err
	}
	r.Shut = time.Time{}
	return t.Set(directory.BrakeKV, string(by), r)
}

// heldBy gives the removals that a connection wanted, or those of all connections for "".
func heldBy(r store.Reader, by directory.ConnectionID, yield func(key string, item *directory.HeldRemoval) error) error {
	from, to := "", ""
	if by != "" {
		from, to = string(by)+"/", string(by)+"0" // the byte after the slash
	}
	return txn.Each(r, directory.HeldKV, from, to, yield)
}

// HeldChange is what a held removal would change, as it is now.
type HeldChange struct {
	directory.HeldRemoval
	Before string // "active", "12 members", …
	After  string
	Moot   bool // there is nothing left to remove
}

// HeldRemovals are the verbs of removals that the brake holds (C8).
type HeldRemovals struct{ s *Service }

// HeldRemovals gives the verbs of held removals.
func (s *Service) HeldRemovals() HeldRemovals { return HeldRemovals{s} }

// List shows what waits for an operator as a difference (C8): of one connection, or of all of the tenant for "".
// NotFound.
func (h HeldRemovals) List(ctx context.Context, p directory.Principal, tenant directory.TenantID, by directory.ConnectionID) ([]HeldChange, error) {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return nil, err
	}
	var out []HeldChange
	err = h.s.read(ctx, p, func(r store.Reader) error {
		if err := txn.Exists(r, tenant); err != nil {
			return err
		}
		out, err = heldChanges(r, by)
		return err
	})
	return out, err
}

// HeldTotal is what a connection asked to remove, in numbers.
type HeldTotal struct {
	Connection  directory.ConnectionID
	People      int // to be suspended or deleted
	Groups      int // to lose members, or to be deleted
	Moot        int // of both: there is nothing left to remove
	Active      int // people of the tenant who are active now
	Usual       int // removals within an hour that the brake lets pass
	First, Last time.Time
}

// Totals sums up what waits for an operator, by connection (C8): of one connection, or of all of the tenant for "". NotFound.
func (h HeldRemovals) Totals(ctx context.Context, p directory.Principal, tenant directory.TenantID, by directory.ConnectionID) ([]HeldTotal, error) {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return nil, err
	}
	var out []HeldTotal
	err = h.s.read(ctx, p, func(r store.Reader) error {
		if err := txn.Exists(r, tenant); err != nil {
			return err
		}
		all, err := heldChanges(r, by)
		if err != nil {
			return err
		}
		usage, err := r.Usage()
		if err != nil {
			return err
		}
		out = heldTotals(all)
		for i := range out {
			removals, _, err := txn.Get[directory.Removals](r, directory.BrakeKV, string(out[i].Connection))
			if err != nil {
				return err
			}
			out[i].Usual = policy.BrakeUsual(removals, usage.Users[directory.TeamMember][directory.Active], h.s.instant())
			for _, states := range usage.Users {
				out[i].Active += states[directory.Active]
			}
		}
		return nil
	})
	return out, err
}

// heldTotals counts held removals, which are in the order of their connections.
func heldTotals(all []HeldChange) (out []HeldTotal) {
	people := map[string]bool{} // one person may have two removals: a suspension and a deletion
	for i := range all {
		d := &all[i]
		if len(out) == 0 || out[len(out)-1].Connection != d.Connection {
			out = append(out, HeldTotal{Connection: d.Connection, First: d.First})
			clear(people)
		}
		t := &out[len(out)-1]
		switch {
		case d.Subject.Kind != string(directory.UserKind):
			t.Groups++
		case !people[d.Subject.ID]:
			people[d.Subject.ID] = true
			t.People++
		}
		if d.Moot {
			t.Moot++
		}
		if d.First.Before(t.First) {
			t.First = d.First
		}
		if d.Last.After(t.Last) {
			t.Last = d.Last
		}
	}
	return out
}

// heldChanges gives what a connection wanted to remove as a difference, or what all wanted for "".
func heldChanges(r store.Reader, by directory.ConnectionID) ([]HeldChange, error) {
	var out []HeldChange
	err := heldBy(r, by, func(_ string, item *directory.HeldRemoval) error {
		out = append(out, HeldChange{HeldRemoval: *item})
		return nil
	})
	if err != nil {
		return nil, err
	}
	for part := range slices.Chunk(out, readBatch) {
		if err := compareHeld(r, part); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// compareHeld compares held removals with the records that exist now.
func compareHeld(r store.Reader, part []HeldChange) error {
	var userIDs, groupIDs []directory.ID
	for i := range part {
		id, _ := directory.ParseID(part[i].Subject.ID)
		if part[i].Subject.Kind == string(directory.UserKind) {
			userIDs = append(userIDs, id)
		} else {
			groupIDs = append(groupIDs, id)
		}
	}
	users, err := r.UsersByID(userIDs)
	if err != nil {
		return err
	}
	groups, err := r.GroupsByID(groupIDs)
	if err != nil {
		return err
	}
	for i := range part {
		d := &part[i]
		id, _ := directory.ParseID(d.Subject.ID)
		d.Before, d.After, d.Moot = "gone", "gone", true
		if u, ok := users[id]; ok && d.Subject.Kind == string(directory.UserKind) {
			d.ofUser(&u)
		} else if g, ok := groups[id]; ok {
			d.ofGroup(&g)
		}
	}
	return nil
}

func (d *HeldChange) ofUser(u *directory.User) {
	d.Before, d.After = u.State.String(), directory.Suspended.String()
	d.Moot = u.State == directory.Suspended && d.Action == directory.RemoveSuspend || u.Gone()
	if d.Action != directory.RemoveSuspend {
		d.After = "deleted"
	}
}

func (d *HeldChange) ofGroup(g *directory.Group) {
	d.Before, d.After, d.Moot = fmt.Sprintf("%d members", g.Members), "no members", g.Members == 0
	switch d.Action {
	case directory.RemoveGroup:
		d.After, d.Moot = "deleted", false
	case directory.RemoveFromGroup:
		d.After = fmt.Sprintf("%d members", max(0, g.Members-len(d.Members)))
	}
}

// HeldOutcome is the result of a held removal that an operator released or discarded.
type HeldOutcome struct {
	directory.HeldRemoval
	Done   bool
	Reason string // why not, or that there was nothing left to do
}

// Release executes held removals of a connection: those with the given keys, or all (C8). A removal that a rule now
// forbids stays held, with the reason. Permanent deletions stay held unless the releasing operator may delete (D3).
// NotFound for an unknown key; then nothing was done.
func (h HeldRemovals) Release(ctx context.Context, p directory.Principal, tenant directory.TenantID, by directory.ConnectionID, keys []string) ([]HeldOutcome, error) {
	return h.s.decideHeld(ctx, p, tenant, heldChoice{by, keys, directory.ActionBrakeRelease}, func(item *directory.HeldRemoval) HeldOutcome {
		out := HeldOutcome{HeldRemoval: *item, Done: true}
		err := h.s.releaseHeld(ctx, p, tenant, item)
		switch {
		case txn.IsNotFound(err):
			out.Reason = "there was nothing left to remove"
		case err != nil:
			out.Done, out.Reason = false, err.Error()
			var e *directory.Error
			if errors.As(err, &e) {
				out.Reason = e.Message
			}
		}
		return out
	})
}

// Discard drops held removals of a connection: those with the given keys, or all (C8). The identity provider was
// refused and does not learn of the decision. NotFound for an unknown key; then nothing was done.
func (h HeldRemovals) Discard(ctx context.Context, p directory.Principal, tenant directory.TenantID, by directory.ConnectionID, keys []string) ([]HeldOutcome, error) {
	return h.s.decideHeld(ctx, p, tenant, heldChoice{by, keys, directory.ActionBrakeDiscard}, func(item *directory.HeldRemoval) HeldOutcome {
		return HeldOutcome{HeldRemoval: *item, Done: true}
	})
}

// heldChoice names the removals of a connection that an operator decides about; no keys: all.
type heldChoice struct {
	by     directory.ConnectionID
	keys   []string
	action directory.Action
}

func (s *Service) decideHeld(ctx context.Context, p directory.Principal, tenant directory.TenantID, choice heldChoice, do func(*directory.HeldRemoval) HeldOutcome) ([]HeldOutcome, error) {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return nil, err
	}
	var chosen []directory.HeldRemoval
	err = s.read(ctx, p, func(r store.Reader) error {
		if err := txn.Exists(r, tenant); err != nil {
			return err
		}
		return heldBy(r, choice.by, func(key string, item *directory.HeldRemoval) error {
			if len(choice.keys) == 0 || slices.Contains(choice.keys, key) {
				chosen = append(chosen, *item)
			}
			return nil
		})
	})
	if err != nil {
		return nil, err
	}
	for _, key := range choice.keys {
		if !slices.ContainsFunc(chosen, func(item directory.HeldRemoval) bool { return item.Key == key }) {
			return nil, &directory.Error{Code: directory.NotFound, Message: fmt.Sprintf("nothing is held under %q", key)}
		}
	}
	out := make([]HeldOutcome, 0, len(chosen))
	var settled []string
	for i := range chosen {
		if err := ctx.Err(); err != nil {
			return out, err
		}
		done := do(&chosen[i])
		out = append(out, done)
		if done.Done {
			settled = append(settled, done.Key)
		}
	}
	if len(settled) == 0 {
		return out, nil
	}
	return out, s.write(ctx, p, func(t *tenantTx) error {
		connections := map[directory.ConnectionID]bool{}
		var order []directory.ConnectionID
		for i := range out {
			if item := &out[i]; item.Done {
				t.Unset(directory.HeldKV, item.Key)
				line := t.Line(choice.action, item.Subject)
				line.Rule, line.Reason = "C8", string(item.Action)+" of connection "+string(item.Connection)
				t.Audit(line)
				if !connections[item.Connection] {
					connections[item.Connection] = true
					order = append(order, item.Connection)
				}
			}
		}
		for _, by := range order {
			if err := t.reopenBrake(by, settled...); err != nil {
				return err
			}
			kind := directory.BrakeReleased
			if choice.action == directory.ActionBrakeDiscard {
				kind = directory.BrakeDiscarded
			}
			t.Event(kind, directory.Subject{Kind: "connection", ID: string(by)}, directory.Attributes{{Name: "removals", Value: txn.Number(len(settled))}})
		}
		return nil
	})
}

// releaseHeld does one held removal as the connection that asked for it.
func (s *Service) releaseHeld(ctx context.Context, p directory.Principal, tenant directory.TenantID, item *directory.HeldRemoval) error {
	id, _ := directory.ParseID(item.Subject.ID)
	if item.Action == directory.RemoveForGood {
		if err := s.write(ctx, p, func(t *tenantTx) error {
			return t.Refuse(policy.DeleteForGood(p.Access, directory.UserDelete), directory.ActionBrakeRelease, item.Subject)
		}); err != nil {
			return err
		}
		return s.autoDelete(ctx, directory.JobPrincipal("auto-delete"), tenant, id, brakeReleased)
	}
	as := directory.Principal{Actor: directory.Actor{Kind: directory.ByIdP, ID: string(item.Connection)}, Tenant: tenant, Request: p.Request}
	return s.write(ctx, as, func(t *tenantTx) error {
		c, err := t.Reader.Connection(item.Connection)
		if err != nil {
			return err
		}
		if err := notEnding(&c); err != nil {
			return err
		}
		t.Principal.Connection, t.Principal.Actor.Name, t.released = c, string(c.Type), true
		var pre directory.Precondition
		switch item.Action {
		case directory.RemoveSuspend:
			_, err = t.editUser(id, pre, func(before *directory.User) (directory.UserDraft, error) {
				no := false
				return directory.UserDraft{
					UserName: before.UserName, ExternalID: before.ExternalID, Emails: before.Emails, UserType: userType(before),
					Document: before.Document, Active: &no,
				}, nil
			})
			return err
		case directory.RemoveDelete:
			if err := t.load(); err != nil {
				return err
			}
			if no := policy.DeleteForGood(p.Access, directory.UserDelete); no != nil && t.state.Settings.OnDelete == directory.OnDeleteRemove {
				t.Principal = p // the refusal concerns the releasing operator, not the connection
				return t.Refuse(no, directory.ActionBrakeRelease, item.Subject)
			}
			return t.deleteUser(id, pre)
		case directory.RemoveGroup:
			if no := policy.DeleteForGood(p.Access, directory.GroupDelete); no != nil {
				t.Principal = p
				return t.Refuse(no, directory.ActionBrakeRelease, item.Subject)
			}
			return t.deleteGroup(id, pre)
		}
		step := directory.MemberEdit{Op: directory.ReplaceMembers}
		if item.Action == directory.RemoveFromGroup {
			step.Op = directory.RemoveMembers
			for _, member := range item.Members {
				step.Members = append(step.Members, directory.MemberRef{Value: member.String()})
			}
		}
		_, err = t.editGroup(id, pre, func(before *directory.Group) (directory.GroupDraft, error) {
			return directory.GroupDraft{
				DisplayName: before.DisplayName, ExternalID: before.ExternalID, Document: before.Document, Members: []directory.MemberEdit{step},
			}, nil
		})
		return err
	})
}
