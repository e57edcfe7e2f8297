package bridge

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"drawbridge/bridge/sharing"
	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// TenantDeletion is what the deletion of a tenant removes, or has removed (T9).
type TenantDeletion struct {
	Tenant      directory.Tenant
	Usage       directory.Usage
	Connections []directory.Connection
	Credentials int // live credentials of connections, whose sync stops
	AppKeys     int // live ones
	// Integrations of the installation are detached (C11).
	Integrations []sharing.Integration
	Operators    int // operators who have the tenant in an explicit scope
	AuditLines   uint64
	Archived     uint64 // lines and events in the archive, which stay there (E6)
	Events       uint64 // the number of the last one
	Digest       string // of the records, not of audit lines and events, which every request adds
	Deleted      bool
}

// PreviewTenantDeletion says what DeleteTenant removes. NotFound, Conflict for a tenant that is handed over.
func (s *Service) PreviewTenantDeletion(ctx context.Context, p directory.Principal, tenant directory.TenantID) (TenantDeletion, error) {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return TenantDeletion{}, err
	}
	_, scoped, err := s.operatorsOf(ctx, tenant)
	if err != nil {
		return TenantDeletion{}, err
	}
	attached, err := sharing.Attached(ctx, s.txn, tenant)
	if err != nil {
		return TenantDeletion{}, err
	}
	var out TenantDeletion
	err = s.read(ctx, p, func(r store.Reader) error {
		t := s.begin(r, p, s.instant())
		out, err = t.deletion(len(scoped))
		return err
	})
	out.Integrations = attached
	return out, err
}

// deletion counts what there is of a tenant.
func (t *tenantTx) deletion(scoped int) (TenantDeletion, error) {
	tenant, err := t.Reader.Tenant()
	if err != nil {
		return TenantDeletion{}, err
	}
	out := TenantDeletion{Tenant: tenant.Clone(), Operators: scoped}
	if tenant.Status != directory.TenantActive {
		return out, policy.Frozen(&tenant).Err()
	}
	usage, err := t.Reader.Usage()
	if err != nil {
		return out, err
	}
	out.Usage = usage.Clone()
	connections, err := t.Reader.Connections()
	if err != nil {
		return out, err
	}
	live := func(of directory.ConnectionID) (n int, err error) {
		tokens, err := t.Reader.Tokens(of)
		for i := range tokens {
			if tokens[i].Live(t.Now) {
				n++
			}
		}
		return n, err
	}
	for i := range connections {
		n, err := live(connections[i].ID)
		if err != nil {
			return out, err
		}
		out.Connections = append(out.Connections, connections[i].Clone())
		out.Credentials += n
	}
	if out.AppKeys, err = live(""); err != nil {
		return out, err
	}
	if _, out.AuditLines, err = t.Reader.Audit(0, 0); err != nil {
		return out, err
	}
	if out.Archived, err = t.archived(); err != nil {
		return out, err
	}
	_, out.Events, err = t.Reader.Events(0, 0)
	out.Digest = out.digest()
	return out, err
}

// archived counts the audit lines and events in the archive.
func (t *tenantTx) archived() (n uint64, err error) {
	for _, key := range []string{directory.ArchivedAudit, directory.ArchivedEvents} {
		mark, _, err := txn.Get[directory.ArchiveMark](t.Reader, directory.ArchiveKV, key)
		if err != nil {
			return 0, err
		}
		n += mark.Lines
	}
	return n, nil
}

func (d *TenantDeletion) digest() string {
	h := sha256.New()
	field := func(v any) { _, _ = fmt.Fprintf(h, "%v\n", v) } // a hash never fails
	field(d.Tenant.ID)
	field(d.Tenant.Name)
	field(d.Usage.Gone)
	field(d.Usage.Groups)
	for _, kind := range []directory.UserType{directory.TeamMember, directory.Guest} {
		for _, state := range directory.AllStates() {
			field(d.Usage.Users[kind][state])
		}
	}
	for i := range d.Connections {
		field(d.Connections[i].ID)
	}
	field(d.AppKeys)
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// DeletionOrder is what an operator enters to delete a tenant.
type DeletionOrder struct {
	Name   string // of the tenant, as the operator typed it
	Expect string // the Digest of a preview
	Reason string
}

// DeleteTenant deletes a tenant with everything in it (T9), its audit trail and its events too; no other tenant gets the slug.
// From the first transaction on, nothing of the tenant is served. A second call continues an interrupted one, and so does the job handover.
//
// NotFound, Conflict with Field expect if the tenant has changed since the preview, Conflict for a tenant that is handed over, Invalid.
func (s *Service) DeleteTenant(ctx context.Context, p directory.Principal, tenant directory.TenantID, order DeletionOrder) (TenantDeletion, error) {
	p, err := txn.ForOperator(p, tenant)
	if err == nil {
		err = policy.CheckText("reason", order.Reason, 1, 500)
	}
	if err != nil {
		return TenantDeletion{}, err
	}
	_, scoped, err := s.operatorsOf(ctx, tenant)
	if err != nil {
		return TenantDeletion{}, err
	}
	attached, err := sharing.Attached(ctx, s.txn, tenant)
	if err != nil {
		return TenantDeletion{}, err
	}
	var out TenantDeletion
	err = s.writeHandover(ctx, p, func(t *tenantTx) error {
		if err := t.load(); err != nil {
			return err
		}
		if h := t.tenant.Handover; h != nil && h.Deletion && t.tenant.Status != directory.TenantGone {
			out.Tenant = t.tenant.Clone()
			return nil
		}
		if out, err = t.deletion(len(scoped)); err != nil {
			return err
		}
		switch {
		case strings.TrimSpace(order.Name) != out.Tenant.Name:
			return &directory.Error{Code: directory.Invalid, Field: "name", Rule: "T9", Message: fmt.Sprintf("type the name of the company, %q, to delete it", out.Tenant.Name)}
		case order.Expect != out.Digest:
			return &directory.Error{Code: directory.Conflict, Field: "expect", Rule: "T9", Message: "the company has other people, groups, connections or keys than in the preview: look at a new preview"}
		}
		return t.takeOut(directory.ActionTenantDelete, directory.Handover{
			Since: t.Now, Until: t.Now, By: t.Principal.Actor, Reason: strings.TrimSpace(order.Reason), Operators: slices.Clone(scoped), Deletion: true,
		})
	})
	if err != nil {
		return TenantDeletion{}, err
	}
	if _, err := s.continueUnlink(ctx, p, tenant); err != nil {
		return TenantDeletion{}, err
	}
	if err := s.erase(ctx, p, tenant); err != nil {
		return TenantDeletion{}, err
	}
	if out.Tenant, err = s.Tenant(ctx, tenant); err != nil {
		return TenantDeletion{}, err
	}
	out.Integrations = attached
	out.Deleted = out.Tenant.Status == directory.TenantGone
	return out, nil
}

// noteDeletion writes into the trail of the installation that a tenant is deleted, since its own trail goes with it. The receipt replaces
// that of a bundle, which a deleted tenant does not have.
func (s *Service) noteDeletion(ctx context.Context, p directory.Principal, tenant *directory.Tenant) error {
	p.Tenant, p.Actor = directory.Provider, tenant.Handover.By
	return s.write(ctx, p, func(t *tenantTx) error {
		_, noted, err := txn.Get[directory.BundleReceipt](t.Reader, directory.ReceiptKV, string(tenant.ID))
		if err != nil || noted {
			return err
		}
		line := t.Line(directory.ActionTenantDelete, tenantSubject(tenant))
		line.Rule, line.Reason = "T9", tenant.Handover.Reason
		t.Audit(line)
		return t.Set(directory.ReceiptKV, string(tenant.ID), directory.BundleReceipt{At: t.Now, By: tenant.Handover.By})
	})
}
