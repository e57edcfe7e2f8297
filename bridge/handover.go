package bridge

import (
	"context"
	"fmt"
	"slices"
	"time"

	"drawbridge/bridge/record"
	"drawbridge/bridge/sharing"
	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// Handovers are the verbs that export a tenant from this installation and import it into another one (T6).
type Handovers struct{ s *Service }

// Handovers gives the verbs of handing over.
func (s *Service) Handovers() Handovers { return Handovers{s} }

// HandoverState is how far the hand-over of a tenant is.
type HandoverState struct {
	Tenant  directory.Tenant
	Receipt *directory.BundleReceipt // nil: the bundle has not been confirmed
}

// Unlink hands a tenant over (T6). From the first transaction on, nothing in it is served or changed. Its credentials end, the
// support sessions of operators end, and the tenant leaves all scopes that name it, except the scope of the caller, who must fetch
// the bundle. A second call continues an interrupted one, and so does the job handover.
//
// NotFound, Refused T6 without an active Owner who is not an operator, Conflict while a connection is being disconnected.
func (h Handovers) Unlink(ctx context.Context, p directory.Principal, tenant directory.TenantID, reason string) (directory.Tenant, error) {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return directory.Tenant{}, err
	}
	if err := policy.CheckText("reason", reason, 0, 500); err != nil {
		return directory.Tenant{}, err
	}
	own, scoped, err := h.s.operatorsOf(ctx, tenant)
	if err != nil {
		return directory.Tenant{}, err
	}
	scoped = slices.DeleteFunc(scoped, func(id directory.ID) bool { return id.String() == p.Actor.ID })
	err = h.s.writeHandover(ctx, p, func(t *tenantTx) error {
		if err := t.load(); err != nil {
			return err
		}
		if t.tenant.Status != directory.TenantActive {
			if t.tenant.Status == directory.TenantGone {
				return policy.Frozen(&t.tenant).Err()
			}
			return nil
		}
		return t.unlink(own, scoped, reason)
	})
	if err != nil {
		return directory.Tenant{}, err
	}
	return h.s.continueUnlink(ctx, p, tenant)
}

// operatorsOf gives the folded addresses of all operators, and those whose scope names the tenant.
func (s *Service) operatorsOf(ctx context.Context, tenant directory.TenantID) (addresses map[string]bool, scoped []directory.ID, err error) {
	addresses = make(map[string]bool)
	err = s.store.View(ctx, directory.Provider, nil, func(r store.Reader) error {
		all, err := r.Operators()
		for i := range all {
			addresses[directory.Fold(all[i].Email)] = true
			if slices.Contains(all[i].Scope.Tenants, tenant) {
				scoped = append(scoped, all[i].ID)
			}
		}
		return err
	})
	return addresses, scoped, err
}

func (s *Service) writeHandover(ctx context.Context, p directory.Principal, decide func(*tenantTx) error) error {
	return s.write(ctx, p, func(t *tenantTx) error {
		t.handover = true
		return decide(t)
	})
}

func (t *tenantTx) unlink(operators map[string]bool, scoped []directory.ID, reason string) error {
	owners, err := t.ownOwners(operators)
	if err != nil {
		return err
	}
	if err := t.Refuse(policy.Unlink(owners), directory.ActionTenantUnlink, tenantSubject(&t.tenant)); err != nil {
		return err
	}
	return t.takeOut(directory.ActionTenantUnlink, directory.Handover{Since: t.Now, Until: t.Now.Add(policy.HandoverGrace(t.state.Settings)), By: t.Principal.Actor, Reason: reason, Operators: scoped})
}

// takeOut ends access to a tenant: its credentials, and the support sessions of operators.
func (t *tenantTx) takeOut(action directory.Action, h directory.Handover) error {
	connections, err := t.Reader.Connections()
	if err != nil {
		return err
	}
	if err := NoOpenTransfer(t.Reader); err != nil {
		return err
	}
	names := []directory.ConnectionID{""} // the keys of applications
	for i := range connections {
		if connections[i].Ending != nil {
			return &directory.Error{Code: directory.Conflict, Rule: "C10", Message: fmt.Sprintf("connection %q is being disconnected: wait until it is gone", connections[i].ID)}
		}
		if connections[i].Observing != nil {
			return observedYet(connections[i].ID)
		}
		names = append(names, connections[i].ID)
	}
	after := t.tenant.Clone()
	after.Status = directory.TenantUnlinking
	after.Handover = &h
	data := directory.Attributes{{Name: "until", Value: h.Until.Format(time.RFC3339)}}
	t.putStatus(&after, action, directory.TenantUnlinkedEvent, h.Reason, data)
	for _, name := range names {
		tokens, err := t.Reader.Tokens(name)
		if err != nil {
			return err
		}
		for _, token := range tokens {
			if !token.Live(t.Now) {
				continue
			}
			token.Revoked = t.Now
			if name == "" {
				record.PutAppKey(t.Tx, &token, directory.ActionAppKeyRevoke, directory.TokenRevoked)
			} else {
				t.putToken(&token, directory.ActionTokenRevoke)
			}
		}
	}
	entries, err := t.Reader.SupportSessions()
	for i := range entries {
		if e := entries[i]; e.Open(t.Now) {
			e.Left = t.Now
			t.Change.SupportSessions = append(t.Change.SupportSessions, e)
		}
	}
	return err
}

// putStatus puts a tenant with a new status into the Change.
func (t *tenantTx) putStatus(after *directory.Tenant, action directory.Action, kind directory.EventKind, reason string, data directory.Attributes) {
	before := t.tenant
	after.Version, after.Modified = before.Version+1, txn.Later(t.Now, before.Modified)
	t.Change.Tenant = after
	line := t.Line(action, tenantSubject(after))
	line.Rule, line.Reason = "T6", reason
	if h := after.Handover; h != nil && h.Deletion {
		line.Rule = "T9"
	}
	line.Before = txn.Document(directory.Attributes{{Name: "status", Value: string(before.Status)}})
	line.After = txn.Document(append(directory.Attributes{{Name: "status", Value: string(after.Status)}}, data...))
	t.Audit(line)
	if kind != "" {
		t.Event(kind, tenantSubject(after), data)
	}
}

// ownOwners looks for active Owners.
func (t *tenantTx) ownOwners(operators map[string]bool) (policy.ActiveOwners, error) {
	found := policy.NoOwner
	group, ok, err := t.builtIn(directory.Owners)
	if err != nil || !ok {
		return found, err
	}
	err = memberUsers(t.Reader, group.ID, func(u *directory.User) error {
		if u.State != directory.Active {
			return nil
		}
		if isOperator(u, operators) {
			found = policy.OnlyOperators
			return nil
		}
		found = policy.OwnOwner
		return store.ErrStop
	})
	return found, err
}

// isOperator compares every value that could show that a user is the same person as an operator.
func isOperator(u *directory.User, operators map[string]bool) bool {
	return operators[directory.Fold(u.UserName)] || slices.ContainsFunc(u.Emails, func(address string) bool { return operators[directory.Fold(address)] })
}

// continueUnlink does the steps after the first transaction: the scopes, then the last step.
func (s *Service) continueUnlink(ctx context.Context, p directory.Principal, tenant directory.TenantID) (directory.Tenant, error) {
	found, err := s.Tenant(ctx, tenant)
	if err != nil || found.Status != directory.TenantUnlinking {
		return found, err
	}
	p.Actor = found.Handover.By
	why := "the tenant was unlinked (T6)"
	if found.Handover.Deletion {
		why = "the tenant was deleted (T9)"
	}
	if err := s.operators.RemoveTenant(ctx, p, tenant, found.Handover.Operators, why); err != nil {
		return found, err
	}
	err = s.writeHandover(ctx, p, func(t *tenantTx) error {
		if err := t.load(); err != nil || t.tenant.Status != directory.TenantUnlinking {
			return err
		}
		after := t.tenant.Clone()
		after.Status = directory.TenantUnlinked
		t.putStatus(&after, directory.ActionTenantUnlinked, "", "", nil)
		return nil
	})
	if err != nil {
		return found, err
	}
	return s.Tenant(ctx, tenant)
}

// TakeBack ends a hand-over within the grace time (T6): the tenant is served again, and is in the scopes again that named it.
// Credentials stay revoked; connections need new ones. NotFound, Conflict for a tenant that is not, or no longer, unlinked.
func (h Handovers) TakeBack(ctx context.Context, p directory.Principal, tenant directory.TenantID, reason string) (directory.Tenant, error) {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return directory.Tenant{}, err
	}
	if err := policy.CheckText("reason", reason, 0, 500); err != nil {
		return directory.Tenant{}, err
	}
	found, err := h.s.Tenant(ctx, tenant)
	if err != nil {
		return found, err
	}
	if found.Handover == nil || found.Status == directory.TenantGone {
		return found, &directory.Error{Code: directory.Conflict, Field: "status", Rule: "T6", Message: fmt.Sprintf("tenant %s is %s: only one that is unlinked can be taken back", tenant, found.Status)}
	}
	if err := h.s.operators.ReturnTenant(ctx, p, tenant, found.Handover.Operators, "the tenant was taken back (T6)"); err != nil {
		return found, err
	}
	err = h.s.writeHandover(ctx, p, func(t *tenantTx) error {
		if err := t.load(); err != nil {
			return err
		}
		if t.tenant.Status != directory.TenantUnlinked && t.tenant.Status != directory.TenantUnlinking {
			return policy.Frozen(&t.tenant).Err()
		}
		after := t.tenant.Clone()
		after.Status, after.Handover = directory.TenantActive, nil
		t.putStatus(&after, directory.ActionTenantTakeBack, directory.TenantTakenBack, reason, nil)
		return nil
	})
	if err != nil {
		return found, err
	}
	if err := h.s.dropReceipt(ctx, p, tenant); err != nil {
		return found, err
	}
	return h.s.Tenant(ctx, tenant)
}

// Handover says how far the hand-over of a tenant is. NotFound.
func (h Handovers) Handover(ctx context.Context, p directory.Principal, tenant directory.TenantID) (HandoverState, error) {
	if _, err := txn.ForOperator(p, tenant); err != nil {
		return HandoverState{}, err
	}
	found, err := h.s.Tenant(ctx, tenant)
	if err != nil {
		return HandoverState{}, err
	}
	out := HandoverState{Tenant: found}
	receipt, ok, err := h.s.bundleReceipt(ctx, tenant)
	if ok {
		out.Receipt = &receipt
	}
	return out, err
}

func (s *Service) bundleReceipt(ctx context.Context, tenant directory.TenantID) (receipt directory.BundleReceipt, ok bool, err error) {
	err = s.store.View(ctx, directory.Provider, nil, func(r store.Reader) error {
		receipt, ok, err = txn.Get[directory.BundleReceipt](r, directory.ReceiptKV, string(tenant))
		return err
	})
	return receipt, ok, err
}

func (s *Service) dropReceipt(ctx context.Context, p directory.Principal, tenant directory.TenantID) error {
	if _, ok, err := s.bundleReceipt(ctx, tenant); err != nil || !ok {
		return err
	}
	p.Tenant = directory.Provider
	return s.write(ctx, p, func(t *tenantTx) error {
		t.Unset(directory.ReceiptKV, string(tenant))
		line := t.Line(directory.ActionBundleVoid, directory.Subject{Kind: "tenant", ID: string(tenant)})
		line.Rule, line.Reason = "T6", "the tenant was taken back: the bundle is no longer complete"
		t.Audit(line)
		return nil
	})
}

// ConfirmBundle records that the caller has the bundle whose manifest has this sum and has verified the copy on the disk (T6). Without a
// confirmation the data stays after the grace time. The bundle is made again to compare the sums, and discarded. NotFound, Conflict if the
// sum is not that of the bundle, or the tenant is not unlinked.
func (h Handovers) ConfirmBundle(ctx context.Context, p directory.Principal, tenant directory.TenantID, manifest directory.Hash) (HandoverState, error) {
	p, err := txn.ForOperator(p, directory.Provider)
	if err != nil {
		return HandoverState{}, err
	}
	sum, err := h.WriteBundle(ctx, p, tenant, nowhere{})
	if err != nil {
		return HandoverState{}, err
	}
	if sum != manifest {
		return HandoverState{}, &directory.Error{Code: directory.Conflict, Field: "manifest", Rule: "T6", Message: fmt.Sprintf("this is not the bundle of tenant %s as it is: fetch it once more", tenant)}
	}
	p.Tenant = directory.Provider
	err = h.s.write(ctx, p, func(t *tenantTx) error {
		subject := directory.Subject{Kind: "tenant", ID: string(tenant)}
		old, ok, err := txn.Get[directory.BundleReceipt](t.Reader, directory.ReceiptKV, string(tenant))
		if err != nil || ok && old.Manifest == manifest {
			return err
		}
		line := t.Line(directory.ActionBundleConfirm, subject)
		line.Rule, line.After = "T6", txn.Document(directory.Attributes{{Name: "manifest", Value: manifest.String()}})
		t.Audit(line)
		return t.Set(directory.ReceiptKV, string(tenant), directory.BundleReceipt{Manifest: manifest, At: t.Now, By: t.Principal.Actor})
	})
	if err != nil {
		return HandoverState{}, err
	}
	return h.Handover(ctx, p, tenant)
}

type nowhere struct{}

func (nowhere) Write(p []byte) (int, error) { return len(p), nil }

// HandoverStep is a step of a hand-over that was due and was done, or would be.
type HandoverStep struct {
	Tenant directory.TenantID
	Did    string
}

// ContinueHandovers does what is due (T6): it finishes interrupted hand-overs, deletes the data of tenants whose
// grace time is over and whose bundle was confirmed, and returns space to the store. With RunDry nothing is written.
func (h Handovers) ContinueHandovers(ctx context.Context, p directory.Principal, how directory.Run) ([]HandoverStep, error) {
	if _, err := txn.ForOperator(p, directory.Provider); err != nil {
		return nil, err
	}
	all, err := h.s.store.Tenants(ctx)
	if err != nil {
		return nil, err
	}
	var out []HandoverStep
	for i := range all {
		tenant := &all[i]
		switch {
		case tenant.Status == directory.TenantUnlinking:
			p.Tenant = tenant.ID
			if !how.Dry() {
				_, err = h.s.continueUnlink(ctx, p, tenant.ID)
			}
			out = append(out, HandoverStep{tenant.ID, "unlinked"})
		case tenant.Status == directory.TenantUnlinked && tenant.Handover.Deletion:
			if !how.Dry() {
				err = h.s.erase(ctx, p, tenant.ID)
			}
			out = append(out, HandoverStep{tenant.ID, "deleted"})
		case tenant.Status == directory.TenantUnlinked && !h.s.instant().Before(tenant.Handover.Until):
			_, held, failed := h.s.bundleReceipt(ctx, tenant.ID)
			if err = failed; err == nil && held {
				if !how.Dry() {
					err = h.s.erase(ctx, p, tenant.ID)
				}
				out = append(out, HandoverStep{tenant.ID, "data taken away"})
			}
		}
		if err != nil {
			return out, err
		}
	}
	left, err := h.s.leaveGone(ctx, p, how)
	for _, name := range left {
		out = append(out, HandoverStep{Did: name + " detached from companies that are gone"})
	}
	if err != nil {
		return out, err
	}
	sweeper, ok := store.As[store.Sweeper](h.s.store)
	for more := ok && !how.Dry(); more; {
		if more, err = sweeper.Sweep(ctx); err != nil {
			return out, err
		}
	}
	return out, nil
}

// erase deletes the data of a tenant. The slug stays reserved, so that it is not given to another tenant.
func (s *Service) erase(ctx context.Context, p directory.Principal, tenant directory.TenantID) error {
	found, err := s.Tenant(ctx, tenant)
	if err == nil && found.Handover != nil && found.Handover.Deletion {
		p.Actor = found.Handover.By
		err = s.noteDeletion(ctx, p, &found)
	}
	if err != nil {
		return err
	}
	_, scoped, err := s.operatorsOf(ctx, tenant)
	if err != nil {
		return err
	}
	if err := s.operators.RemoveTenant(ctx, p, tenant, scoped, "the tenant is gone (T6)"); err != nil {
		return err
	}
	receipt, held, err := s.bundleReceipt(ctx, tenant)
	if err != nil || !held {
		return err
	}
	if err := s.erasing(ctx, tenant); err != nil {
		return err
	}
	now := s.instant()
	p.Tenant = tenant
	err = s.store.Erase(ctx, tenant, func(r store.Reader) (directory.Change, error) {
		t := s.begin(r, p, now)
		before, err := r.Tenant()
		if err != nil {
			return directory.Change{}, err
		}
		if before.Status != directory.TenantUnlinked || now.Before(before.Handover.Until) {
			return directory.Change{}, nil
		}
		t.tenant = before
		gone := *before.Handover
		why := "the grace time is over"
		if gone.Gone, gone.Operators = now, nil; gone.Deletion {
			why, t.Principal.Actor = gone.Reason, gone.By
		}
		gone.Reason = ""
		after := directory.Tenant{ID: before.ID, Created: before.Created, Plan: before.Plan, Status: directory.TenantGone, Handover: &gone}
		data := directory.Attributes{{Name: "manifest", Value: receipt.Manifest.String()}}
		if gone.Deletion {
			data = nil
		}
		t.putStatus(&after, directory.ActionTenantErase, directory.TenantErased, why, data)
		return t.Change, nil
	})
	if err != nil {
		return err
	}
	_, err = s.leaveGone(ctx, p, directory.RunApply)
	return err
}

// leaveGone takes the tenants whose data was deleted out of the integrations of the installation (C11) and out of what operators subscribed
// to, and names those that had one.
func (s *Service) leaveGone(ctx context.Context, p directory.Principal, how directory.Run) ([]string, error) {
	all, err := s.store.Tenants(ctx)
	if err != nil {
		return nil, err
	}
	gone := map[directory.TenantID]sharing.Departure{}
	for i := range all {
		if all[i].Status != directory.TenantGone {
			continue
		}
		why := sharing.Departure{By: directory.JobPrincipal("handover").Actor, Why: fmt.Sprintf("the data of company %s was deleted (T6)", all[i].ID)}
		if h := all[i].Handover; h != nil && h.Deletion {
			why = sharing.Departure{By: h.By, Why: fmt.Sprintf("company %s was deleted (T9)", all[i].ID)}
		}
		gone[all[i].ID] = why
	}
	if len(gone) == 0 {
		return nil, nil
	}
	left, err := s.operators.Unsubscribe(ctx, p, func(tenant directory.TenantID) bool { _, is := gone[tenant]; return is }, how)
	if err != nil {
		return left, err
	}
	projects, err := s.projects.Leave(ctx, gone, how)
	left = append(left, projects...)
	if err != nil {
		return left, err
	}
	more, err := s.leave(ctx, gone, how)
	return append(left, more...), err
}
