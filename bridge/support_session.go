package bridge

import (
	"context"
	"fmt"
	"time"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// The limits of how long an operator may stay inside a tenant without entering again.
const (
	sessionDefault = time.Hour
	sessionMost    = 12 * time.Hour
)

// Support are the verbs of support sessions, in which an operator works inside a tenant (T5).
type Support struct{ s *Service }

// Support gives the verbs of support sessions.
func (s *Service) Support() Support { return Support{s} }

// Enter opens a support session, in which an operator works inside a tenant (T5). The tenant's audit trail and overview show
// it until the operator leaves or the limit passes. limit 0 is an hour. An operator who is already inside gets a new
// session, which replaces the old one. NotFound, Invalid.
func (v Support) Enter(ctx context.Context, p directory.Principal, tenant directory.TenantID, reason string, limit time.Duration) (directory.SupportSession, error) {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return directory.SupportSession{}, err
	}
	if err := policy.CheckText("reason", reason, 0, 500); err != nil {
		return directory.SupportSession{}, err
	}
	if limit == 0 {
		limit = sessionDefault
	}
	if limit < time.Minute || limit > sessionMost {
		return directory.SupportSession{}, &directory.Error{Code: directory.Invalid, Field: "minutes", Rule: "T5", Message: fmt.Sprintf("the limit is between 1 and %d minutes", int(sessionMost.Minutes()))}
	}
	var out directory.SupportSession
	err = v.s.write(ctx, p, func(t *tenantTx) error {
		found, err := t.Reader.Tenant()
		if err != nil {
			return err
		}
		all, err := t.Reader.SupportSessions()
		if err != nil {
			return err
		}
		id := t.NewID()
		for i := range all { // one record for each operator: earlier ones are in the audit trail
			if all[i].By.ID == p.Actor.ID {
				id = all[i].ID
			}
		}
		out = directory.SupportSession{ID: id, Tenant: tenant, By: p.Actor, Reason: reason, Since: t.Now, Until: t.Now.Add(limit)}
		t.Change.SupportSessions = append(t.Change.SupportSessions, out)
		line := t.Line(directory.ActionTenantEnter, tenantSubject(&found))
		line.Reason = reason
		line.After = txn.Document(directory.Attributes{{Name: "until", Value: out.Until.Format(time.RFC3339)}})
		t.Audit(line)
		t.Event(directory.TenantEntered, tenantSubject(&found), directory.Attributes{{Name: "until", Value: out.Until.Format(time.RFC3339)}, {Name: "reason", Value: reason}})
		return nil
	})
	return out, err
}

// Leave ends a session. If the operator is not inside, it changes nothing. NotFound.
func (v Support) Leave(ctx context.Context, p directory.Principal, tenant directory.TenantID) error {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return err
	}
	return v.s.write(ctx, p, func(t *tenantTx) error {
		found, err := t.Reader.Tenant()
		if err != nil {
			return err
		}
		if err := t.endSupportSessions(); err != nil || len(t.Change.SupportSessions) == 0 {
			return err
		}
		t.Audit(t.Line(directory.ActionTenantLeave, tenantSubject(&found)))
		t.Event(directory.TenantLeft, tenantSubject(&found), nil)
		return nil
	})
}

// endSupportSessions ends the open support sessions of the caller.
func (t *tenantTx) endSupportSessions() error {
	all, err := t.Reader.SupportSessions()
	for i := range all {
		if e := all[i]; e.By.ID == t.Principal.Actor.ID && e.Open(t.Now) {
			e.Left = t.Now
			t.Change.SupportSessions = append(t.Change.SupportSessions, e)
		}
	}
	return err
}

// Sessions lists who works inside a tenant now (T5). NotFound.
func (v Support) Sessions(ctx context.Context, p directory.Principal, tenant directory.TenantID) ([]directory.SupportSession, error) {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return nil, err
	}
	var out []directory.SupportSession
	now := v.s.instant()
	err = v.s.read(ctx, p, func(r store.Reader) error {
		if _, err := r.Tenant(); err != nil {
			return err
		}
		all, err := r.SupportSessions()
		for i := range all {
			if all[i].Open(now) {
				out = append(out, all[i])
			}
		}
		return err
	})
	return out, err
}
