package bridge

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// TenantDeletion is what the deletion of a tenant takes away, or has taken away (T9).
type TenantDeletion struct {
	Tenant      directory.Tenant
	Usage       directory.Usage
	Connections []directory.Connection
	Credentials int // live ones of connections: with them, syncing stops
	AppKeys     int // live ones
	Operators   int // who have the tenant in an explicit scope
	AuditLines  uint64
	Events      uint64 // the number of the last one
	Digest      string // of what people made; not of lines and events, which every request adds
	Deleted     bool
}

// PreviewTenantDeletion says what DeleteTenant takes away. NotFound, Conflict for a tenant that is handed over.
func (s *Service) PreviewTenantDeletion(ctx context.Context, p directory.Principal, tenant directory.TenantID) (TenantDeletion, error) {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return TenantDeletion{}, err
	}
	_, scoped, err := s.operatorsOf(ctx, tenant)
	if err != nil {
		return TenantDeletion{}, err
	}
	var out TenantDeletion
	err = s.read(ctx, p, func(r store.Reader) error {
		t := s.begin(r, p, s.instant())
		out, err = t.deletion(len(scoped))
		return err
	})
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
	_, out.Events, err = t.Reader.Events(0, 0)
	out.Digest = out.digest()
	return out, err
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

// DeleteTenant deletes a tenant with everything in it (T9), its audit trail and its events too; the slug is given to nobody else. name is
// the name of the tenant as somebody typed it, and expect the Digest of a preview. From the first transaction on nothing of the tenant
// is served. Called again it goes on where it was interrupted, and so does the job handover.
//
// NotFound, Conflict with Field expect where there is something else by now, Conflict for a tenant that is handed over, Invalid.
func (s *Service) DeleteTenant(ctx context.Context, p directory.Principal, tenant directory.TenantID, name, expect, reason string) (TenantDeletion, error) {
	p, err := txn.ForOperator(p, tenant)
	if err == nil {
		err = policy.CheckText("reason", reason, 1, 500)
	}
	if err != nil {
		return TenantDeletion{}, err
	}
	_, scoped, err := s.operatorsOf(ctx, tenant)
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
		case strings.TrimSpace(name) != out.Tenant.Name:
			return &directory.Error{Code: directory.Invalid, Field: "name", Rule: "T9", Message: fmt.Sprintf("type the name of the company, %q, to delete it", out.Tenant.Name)}
		case expect != out.Digest:
			return &directory.Error{Code: directory.Conflict, Field: "expect", Rule: "T9", Message: "the company has other people, groups, connections or keys than in the preview: look at a new preview"}
		}
		return t.takeOut("tenant.delete", directory.Handover{
			Since: t.Now, Until: t.Now, By: t.Principal.Actor, Reason: strings.TrimSpace(reason), Operators: slices.Clone(scoped), Deletion: true,
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
	out.Deleted = out.Tenant.Status == directory.TenantGone
	return out, nil
}

// noteDeletion writes into the trail of the installation that a tenant is deleted, since its own trail goes with it. The receipt stands for
// the bundle, which a tenant that is deleted has none of.
func (s *Service) noteDeletion(ctx context.Context, p directory.Principal, tenant *directory.Tenant) error {
	p.Tenant, p.Actor = directory.Provider, tenant.Handover.By
	return s.write(ctx, p, func(t *tenantTx) error {
		_, noted, err := txn.Get[directory.BundleReceipt](t.Reader, directory.ReceiptKV, string(tenant.ID))
		if err != nil || noted {
			return err
		}
		line := t.Line("tenant.delete", tenantSubject(tenant))
		line.Rule, line.Reason = "T9", tenant.Handover.Reason
		t.Audit(line)
		return t.Set(directory.ReceiptKV, string(tenant.ID), directory.BundleReceipt{At: t.Now, By: tenant.Handover.By})
	})
}
