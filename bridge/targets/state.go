package targets

import (
	"context"
	"fmt"
	"strings"
	"time"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// Result is what a step came to for one user or group.
type Result struct {
	Kind  directory.Kind
	Local directory.ID
	Link  *directory.TargetLink // nil: nothing connects them any more
	// Joined and Left are members that were sent to a group, and taken out of it, as ids in the application. Forget removes all others
	// from the list before.
	Joined, Left []string
	Forget       bool
}

// attached reads the state of a target that a run began with. NotFound if it was detached since.
func attached(x *txn.Tx, t *directory.Target) (directory.TargetState, error) {
	stored, _, err := txn.Get[directory.TargetState](x.Reader, directory.TargetStateKV, t.ID.String())
	if err != nil {
		return stored, err
	}
	state, begun, _ := policy.AttachedState(t, x.Principal.Tenant, stored)
	if !begun {
		return state, notAttached(Where{x.Principal.Tenant, t.Name})
	}
	return state, nil
}

// Save stores what steps came to. NotFound if the target was deleted or detached.
func (s *Service) Save(ctx context.Context, tenant directory.TenantID, t *directory.Target, results ...Result) error {
	return s.txn.Run(ctx, by(tenant), func(x *txn.Tx) error {
		if _, err := attached(x, t); err != nil {
			return err
		}
		for i := range results {
			if err := put(x, t.ID, &results[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

func put(x *txn.Tx, target directory.ID, r *Result) error {
	if r.Forget {
		prefix := directory.SentMemberKey(target, r.Local, "")
		err := x.Reader.KVs(directory.SentMemberKV, prefix, strings.TrimSuffix(prefix, "/")+"0", func(kv directory.KV) error {
			x.Unset(directory.SentMemberKV, strings.Clone(kv.Key))
			return nil
		})
		if err != nil {
			return err
		}
	}
	for _, member := range r.Left {
		x.Unset(directory.SentMemberKV, directory.SentMemberKey(target, r.Local, member))
	}
	for _, member := range r.Joined {
		if err := x.Set(directory.SentMemberKV, directory.SentMemberKey(target, r.Local, member), struct{}{}); err != nil {
			return err
		}
	}
	key := directory.LinkKey(target, r.Kind, r.Local)
	if r.Link == nil {
		x.Unset(directory.LinkKV, key)
		return nil
	}
	return x.Set(directory.LinkKV, key, r.Link)
}

// StateChange is what changes the state of a target as a whole, with the event that announces it.
type StateChange struct {
	Apply  func(*directory.TargetState)
	Action directory.Action // "": only the numbers change
	Event  directory.EventKind
	Reason string
	Data   directory.Attributes
}

// ChangeState changes the state of a target. Apply is called with the state as it is stored now, and may be called again. NotFound if the target
// was deleted or detached.
func (s *Service) ChangeState(ctx context.Context, tenant directory.TenantID, t *directory.Target, change StateChange) (out directory.TargetState, err error) {
	decide := func(x *txn.Tx) error {
		out, err = step(x, t, change.Apply)
		if err != nil || change.Action == "" {
			return err
		}
		line := x.Line(change.Action, subject(t))
		line.Rule, line.Reason = "C16", change.Reason
		if len(change.Data) > 0 {
			line.After = txn.Document(change.Data)
		}
		x.Audit(line)
		x.Event(change.Event, subject(t), change.Data)
		return nil
	}
	if change.Action == "" {
		err = s.txn.Run(ctx, by(tenant), decide)
	} else {
		err = s.write(ctx, by(tenant), decide)
	}
	return out, err
}

// step changes and puts the state of a target.
func step(x *txn.Tx, t *directory.Target, change func(*directory.TargetState)) (directory.TargetState, error) {
	state, err := attached(x, t)
	if err != nil {
		return state, err
	}
	change(&state)
	err = putState(x, t.ID.String(), &state)
	return state, err
}

// Wish is what an operator wants of the next run.
type Wish struct {
	Compare bool // read the application completely first
	Release int  // let so many removals happen that the brake holds; 0: none
}

// Sync asks for a run for one tenant, which begins at once on the server that leads. NotFound; Conflict for a target that is paused, and C8
// where another number of removals is held.
func (s *Service) Sync(ctx context.Context, p directory.Principal, at Where, wish Wish) error {
	t, err := s.At(ctx, p, at)
	if err != nil {
		return err
	}
	if t.Paused {
		return &directory.Error{Code: directory.Conflict, Message: "the target is paused: resume it first"}
	}
	if p, err = txn.ForOperator(p, at.Tenant); err != nil {
		return err
	}
	return s.write(ctx, p, func(x *txn.Tx) error {
		if err := txn.Exists(x.Reader, at.Tenant); err != nil {
			return err
		}
		state, _, err := begin(x, &t)
		if err != nil {
			return err
		}
		state.Wanted, state.Next = x.Now, time.Time{}
		state.Compare = state.Compare || wish.Compare
		action := directory.ActionTargetSync
		if wish.Release > 0 {
			if state.Held != wish.Release {
				return &directory.Error{Code: directory.Conflict, Rule: "C8", Field: "release", Message: fmt.Sprintf("%d removals are held now, not %d: look at them again", state.Held, wish.Release)}
			}
			action, state.Released = directory.ActionTargetRelease, wish.Release
			x.Event(directory.TargetReleased, subject(&t), directory.Attributes{{Name: "removals", Value: txn.Number(wish.Release)}})
		}
		line := x.Line(action, subject(&t))
		if wish.Release > 0 {
			line.Rule, line.After = "C8", txn.Document(directory.Attributes{{Name: "removals", Value: txn.Number(wish.Release)}})
		}
		x.Audit(line)
		return putState(x, t.ID.String(), &state)
	})
}

// Failure is a person or group that an application did not take.
type Failure struct {
	Kind  directory.Kind
	Local directory.ID
	directory.TargetLink
}

// Failures gives who of a tenant could not be sent to a target, by kind and id. NotFound.
func (s *Service) Failures(ctx context.Context, p directory.Principal, at Where) ([]Failure, error) {
	t, err := s.At(ctx, p, at)
	if err != nil {
		return nil, err
	}
	var out []Failure
	from, to := span(t.ID)
	err = s.txn.View(ctx, at.Tenant, func(r store.Reader) error {
		out = nil
		return txn.Each(r, directory.LinkKV, from, to, func(key string, l *directory.TargetLink) error {
			kind, id, ok := parseLink(key)
			if ok && l.Tries > 0 && l.Resumes == t.Resumes {
				out = append(out, Failure{Kind: kind, Local: id, TargetLink: *l})
			}
			return nil
		})
	})
	return out, err
}
