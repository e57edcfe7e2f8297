package bridge

import (
	"context"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
)

// RemoveUser deletes a user for good on behalf of an operator. Force, with a Reason, overrules D2, but never D1.
// NotFound, Conflict D1 or D2, Invalid.
func (s *Service) RemoveUser(ctx context.Context, p directory.Principal, tenant directory.TenantID, id directory.ID, how directory.Removal) error {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return err
	}
	if err := policy.CheckText("reason", how.Reason, 0, 1024); err != nil {
		return err
	}
	return s.removeUser(ctx, p, id, directory.Precondition{}, how)
}

func (s *Service) removeUser(ctx context.Context, p directory.Principal, id directory.ID, pre directory.Precondition, how directory.Removal) error {
	return s.write(ctx, p, func(t *tenantTx) error {
		u, err := t.openUser(id)
		if err != nil {
			return err
		}
		if err := pre.Check(u.Version); err != nil {
			return err
		}
		return t.removeUserByPerson(&u, how)
	})
}

// removeUserByPerson deletes a user for an operator (D1, D2).
func (t *tenantTx) removeUserByPerson(u *directory.User, how directory.Removal) error {
	idp, err := t.idpOf(u.Connection)
	if err != nil {
		return err
	}
	forced, no := policy.DeleteByPerson(u, how, policy.IdPTitle(idp))
	if err := t.Refuse(no, directory.ActionUserDelete, userSubject(u)); err != nil {
		return err
	}
	if forced {
		return t.removeUser(u, []directory.Rule{"D2"}, "forced: "+how.Reason)
	}
	return t.removeUser(u, []directory.Rule{"D1"}, how.Reason)
}

func (t *tenantTx) deleteUser(id directory.ID, pre directory.Precondition) error {
	u, err := t.openUser(id)
	if err != nil {
		return err
	}
	adopts, no := t.manages(u.Connection, "user", id)
	if err := t.Refuse(no, directory.ActionUserDelete, userSubject(&u)); err != nil {
		return err
	}
	if err := pre.Check(u.Version); err != nil {
		return err
	}
	before := u
	if adopts {
		u.Connection = t.Principal.Connection.ID
	}
	d, remove := t.state.DeleteByIdP(u)
	if remove && t.Principal.Reviewed {
		if err := t.Refuse(policy.DeleteForGood(t.Principal.Access, directory.UserDelete), directory.ActionUserDelete, userSubject(&u)); err != nil {
			return err
		}
	}
	if remove {
		return t.removeUser(&u, d.Because, d.Why)
	}
	if err := t.leaveAll(&before); err != nil {
		return err
	}
	d.User.Type = policy.TypeOf(t.state.Settings, personOf(&u, userType(&u))) // no mapped group holds the user any more
	_, err = t.applyUserDecision(directory.ActionUserDelete, &before, d, nil, Changed)
	return err
}

// removeUser removes a user for good and leaves the tombstone (D6).
func (t *tenantTx) removeUser(u *directory.User, because []directory.Rule, why string) error {
	if err := t.keepOwner(u, nil, directory.ActionUserDelete); err != nil {
		return err
	}
	if err := t.leaveAll(u); err != nil {
		return err
	}
	if policy.Occupied(u.State) {
		t.noteRemoval(u, directory.RemoveDelete)
	}
	t.state.Usage.Add(u, -1)
	t.seatsMoved = true
	if err := t.updateLedger(u, nil); err != nil {
		return err
	}
	if err := t.onboard(u, nil); err != nil {
		return err
	}
	if err := t.endRequests(u); err != nil {
		return err
	}
	t.Change.RemoveUsers = append(t.Change.RemoveUsers, u.ID)
	t.Unset(directory.ActivityKV, u.ID.String())
	t.Unset(directory.MentionKV, u.ID.String())
	t.Change.Tombstones = append(t.Change.Tombstones, policy.TombstoneOf(u, t.Now, t.Principal.Actor))
	line := t.Line(directory.ActionUserDelete, userSubject(u))
	line.Rule, line.Reason = because[0], why
	line.Before = txn.Document(append(txn.Decoded(u.Document), userFacts(u)...))
	t.Audit(line)
	t.Event(directory.UserDeleted, userSubject(u), append(userData(u), directory.Attribute{Name: "reason", Value: why}))
	return nil
}

// DeleteGroup is the DELETE of an identity provider: it removes the group with its memberships, and its members stay. For other callers
// it is RemoveGroup without Force. NotFound, Stale, Refused G1, G3 or L9.
func (s *Service) DeleteGroup(ctx context.Context, p directory.Principal, id directory.ID, pre directory.Precondition) error {
	if !txn.FromIdP(p) {
		return s.removeGroup(ctx, p, id, pre, directory.Removal{})
	}
	return s.write(ctx, p, func(t *tenantTx) error { return t.deleteGroup(id, pre) })
}

// RemoveGroup deletes a group for good on behalf of an operator; its members stay. Force, with a Reason, overrules D2.
// NotFound, Refused G1 or G3, Conflict D2, Invalid.
func (s *Service) RemoveGroup(ctx context.Context, p directory.Principal, tenant directory.TenantID, id directory.ID, how directory.Removal) error {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return err
	}
	if err := policy.CheckText("reason", how.Reason, 0, 1024); err != nil {
		return err
	}
	return s.removeGroup(ctx, p, id, directory.Precondition{}, how)
}

func (s *Service) removeGroup(ctx context.Context, p directory.Principal, id directory.ID, pre directory.Precondition, how directory.Removal) error {
	return s.write(ctx, p, func(t *tenantTx) error {
		g, _, err := t.openGroup(id, pre, directory.ActionGroupDelete)
		if err != nil {
			return err
		}
		idp, err := t.idpOf(g.Connection)
		if err != nil {
			return err
		}
		forced, no := policy.DeleteGroupByPerson(&g, how, idp)
		if err := t.Refuse(no, directory.ActionGroupDelete, groupSubject(&g)); err != nil {
			return err
		}
		if forced {
			return t.removeGroup(&g, "D2", "forced: "+how.Reason)
		}
		return t.removeGroup(&g, "", how.Reason)
	})
}
