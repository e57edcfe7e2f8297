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

// The bounds of how long an operator may stay inside a tenant without entering again.
const (
	entryDefault = time.Hour
	entryMost    = 12 * time.Hour
)

// Enter opens an explicit context in which an operator works inside a tenant (T5): it stands in the tenant's audit trail
// and overview until the operator leaves or the limit passes. limit 0 is an hour. Whoever is inside already gets a new
// entry in the place of the old one. NotFound, Invalid.
func (s *Service) Enter(ctx context.Context, p directory.Principal, tenant directory.TenantID, reason string, limit time.Duration) (directory.Entry, error) {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return directory.Entry{}, err
	}
	if err := policy.CheckText("reason", reason, 0, 500); err != nil {
		return directory.Entry{}, err
	}
	if limit == 0 {
		limit = entryDefault
	}
	if limit < time.Minute || limit > entryMost {
		return directory.Entry{}, &directory.Error{Code: directory.Invalid, Field: "minutes", Rule: "T5", Message: fmt.Sprintf("the limit is between 1 and %d minutes", int(entryMost.Minutes()))}
	}
	var out directory.Entry
	err = s.write(ctx, p, func(t *tenantTx) error {
		found, err := t.Reader.Tenant()
		if err != nil {
			return err
		}
		all, err := t.Reader.Entries()
		if err != nil {
			return err
		}
		id := t.NewID()
		for i := range all { // one record for each operator: what was is in the audit trail
			if all[i].By.ID == p.Actor.ID {
				id = all[i].ID
			}
		}
		out = directory.Entry{ID: id, Tenant: tenant, By: p.Actor, Reason: reason, Since: t.Now, Until: t.Now.Add(limit)}
		t.Change.Entries = append(t.Change.Entries, out)
		line := t.Line("tenant.enter", tenantSubject(&found))
		line.Reason = reason
		line.After = txn.Document(directory.Attributes{{Name: "until", Value: out.Until.Format(time.RFC3339)}})
		t.Audit(line)
		t.Event(directory.TenantEntered, tenantSubject(&found), directory.Attributes{{Name: "until", Value: out.Until.Format(time.RFC3339)}, {Name: "reason", Value: reason}})
		return nil
	})
	return out, err
}

// Leave ends the context of Enter. Whoever is not inside leaves without a change. NotFound.
func (s *Service) Leave(ctx context.Context, p directory.Principal, tenant directory.TenantID) error {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return err
	}
	return s.write(ctx, p, func(t *tenantTx) error {
		found, err := t.Reader.Tenant()
		if err != nil {
			return err
		}
		if err := t.leave(); err != nil || len(t.Change.Entries) == 0 {
			return err
		}
		t.Audit(t.Line("tenant.leave", tenantSubject(&found)))
		t.Event(directory.TenantLeft, tenantSubject(&found), nil)
		return nil
	})
}

// leave ends the open entries of whoever asks.
func (t *tenantTx) leave() error {
	all, err := t.Reader.Entries()
	for i := range all {
		if e := all[i]; e.By.ID == t.Principal.Actor.ID && e.Open(t.Now) {
			e.Left = t.Now
			t.Change.Entries = append(t.Change.Entries, e)
		}
	}
	return err
}

// Inside lists who works inside a tenant now (T5). NotFound.
func (s *Service) Inside(ctx context.Context, p directory.Principal, tenant directory.TenantID) ([]directory.Entry, error) {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return nil, err
	}
	var out []directory.Entry
	now := s.instant()
	err = s.read(ctx, p, func(r store.Reader) error {
		if _, err := r.Tenant(); err != nil {
			return err
		}
		all, err := r.Entries()
		for i := range all {
			if all[i].Open(now) {
				out = append(out, all[i])
			}
		}
		return err
	})
	return out, err
}
