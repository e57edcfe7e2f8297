package bridge

import (
	"context"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
)

// SuspendOrder is how an operator suspends a user.
type SuspendOrder struct {
	Mode   directory.SuspensionMode // "": as the tenant's setting says
	Reason string
}

// SuspendUser suspends a user on behalf of an operator (L3, L4), or changes mode and reason of a suspension. The Notice says what the next sync will do. NotFound, Refused G3.
func (s *Service) SuspendUser(ctx context.Context, p directory.Principal, tenant directory.TenantID, id directory.ID, order SuspendOrder) (UserResult, Notice, error) {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return UserResult{}, "", err
	}
	if order.Mode != "" && order.Mode != directory.Yield && order.Mode != directory.Hold {
		return UserResult{}, "", &directory.Error{Code: directory.Invalid, Field: "mode", Message: "mode is yield or hold"}
	}
	if err := policy.CheckText("reason", order.Reason, 0, 1024); err != nil {
		return UserResult{}, "", err
	}
	out, err := s.writeUser(ctx, p, wantEdit(p, id), func(t *tenantTx) (UserResult, error) {
		before, err := t.openUser(id)
		if err != nil {
			return UserResult{}, err
		}
		return t.suspend(&before, order)
	})
	if err != nil {
		return out, "", err
	}
	notice, err := s.nextSync(ctx, p, &out.User)
	if err != nil { // the suspension is done, so it must not be reported as failed
		notice = "The user is suspended. What the next sync will do could not be read."
	}
	return out, notice, nil
}

func (t *tenantTx) suspend(before *directory.User, order SuspendOrder) (UserResult, error) {
	d := t.state.Suspend(*before, order.Mode, order.Reason)
	if d.Why == "" {
		d.Why = order.Reason
	}
	return t.applyUserDecision(directory.ActionUserSuspend, before, d, nil, Changed)
}

// ReleaseUser ends the suspension of a user after a seat check. If the user is not suspended, nothing is done.
// NotFound, Refused B2, Conflict if the userName was taken meanwhile.
func (s *Service) ReleaseUser(ctx context.Context, p directory.Principal, tenant directory.TenantID, id directory.ID) (UserResult, error) {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return UserResult{}, err
	}
	return s.writeUser(ctx, p, wantEdit(p, id), func(t *tenantTx) (UserResult, error) {
		before, err := t.openUser(id)
		if err != nil {
			return UserResult{}, err
		}
		return t.release(&before)
	})
}

func (t *tenantTx) release(before *directory.User) (UserResult, error) {
	if before.Gone() {
		other, taken, err := txn.Optional(t.Reader.UserByName(before.UserName))
		if err != nil {
			return UserResult{}, err
		}
		if taken && other.ID != before.ID {
			return UserResult{}, t.Refuse(policy.ReleaseNameTaken(before, &other), directory.ActionUserRelease, userSubject(before))
		}
	}
	return t.applyUserDecision(directory.ActionUserRelease, before, t.state.Release(*before), nil, Changed)
}
