package operators

import (
	"context"
	"slices"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
)

// SuspendOperator suspends an operator and ends sessions, keys and links in the same transaction (O7). An operator who is suspended already
// does not change. NotFound, Forbidden, Refused O8.
func (s *Service) SuspendOperator(ctx context.Context, p directory.Principal, id directory.ID, reason string) (View, error) {
	if err := policy.CheckText("reason", reason, 0, 500); err != nil {
		return View{}, err
	}
	return s.changeStatus(ctx, p, id, statusChange{directory.ActionOperatorSuspend, reason}, func(t tx, o *directory.Operator) error {
		if o.Status == directory.OperatorSuspended {
			return nil
		}
		o.Status, o.APIAccess, o.NewEmail = directory.OperatorSuspended, false, ""
		return t.endAccess(o.ID, directory.ID{})
	})
}

// RestoreOperator ends a suspension, and nothing else does (O7). Keys stay revoked, and API access is off.
// NotFound, Forbidden, Conflict for an operator who is not suspended.
func (s *Service) RestoreOperator(ctx context.Context, p directory.Principal, id directory.ID) (View, error) {
	return s.changeStatus(ctx, p, id, statusChange{action: directory.ActionOperatorRestore}, func(_ tx, o *directory.Operator) error {
		if o.Status != directory.OperatorSuspended {
			return &directory.Error{Code: directory.Conflict, Field: "status", Rule: "O7", Message: "only a suspended operator can be restored; this one is " + string(o.Status)}
		}
		o.Status = directory.OperatorPending
		if o.Registered() {
			o.Status = directory.OperatorActive
		}
		return nil
	})
}

type statusChange struct {
	action directory.Action
	reason string
}

func (s *Service) changeStatus(ctx context.Context, p directory.Principal, id directory.ID, as statusChange, change func(tx, *directory.Operator) error) (View, error) {
	p, err := txn.ForOperator(p, directory.Provider)
	if err != nil {
		return View{}, err
	}
	err = s.write(ctx, p, func(t tx) error {
		before, err := t.managed(id, as.action)
		if err == nil {
			err = p.If.Check(before.Version)
		}
		if err != nil {
			return err
		}
		after := before
		if err := change(t, &after); err != nil {
			return err
		}
		return t.changeOperator(&before, after, as.action, as.reason)
	})
	if err != nil {
		return View{}, err
	}
	return s.OperatorByID(ctx, p, id)
}

// DeleteOperator ends the account of an operator for good, with sessions, keys, links, scope and subscription (O7). The audit trail keeps the
// name, and the address is free for a new account. NotFound, Stale, Forbidden, Refused O7 for the caller's own account, Refused O8.
func (s *Service) DeleteOperator(ctx context.Context, p directory.Principal, id directory.ID, reason string) error {
	if err := policy.CheckText("reason", reason, 0, 500); err != nil {
		return err
	}
	p, err := txn.ForOperator(p, directory.Provider)
	if err != nil {
		return err
	}
	return s.write(ctx, p, func(t tx) error {
		o, err := t.managed(id, directory.ActionOperatorDelete)
		if err == nil {
			err = p.If.Check(o.Version)
		}
		if err != nil {
			return err
		}
		subject := operatorSubject(&o)
		if err := t.Refuse(policy.DeleteOperator(t.Principal, &o), directory.ActionOperatorDelete, subject); err != nil {
			return err
		}
		all, err := t.Reader.Operators()
		if err != nil {
			return err
		}
		left := slices.DeleteFunc(slices.Clone(all), func(other directory.Operator) bool { return other.ID == id })
		if err := t.Refuse(policy.KeepOperators(all, left), directory.ActionOperatorDelete, subject); err != nil {
			return err
		}
		if err := t.endAccess(id, directory.ID{}); err != nil { // each end of a key has an audit line
			return err
		}
		t.Change.RemoveOperators = append(t.Change.RemoveOperators, id)
		line := t.Line(directory.ActionOperatorDelete, subject)
		line.Before, line.Reason = txn.Document(operatorFacts(&o)), reason
		t.Audit(line)
		t.Event(directory.OperatorDeleted, subject, operatorFacts(&o))
		return nil
	})
}
