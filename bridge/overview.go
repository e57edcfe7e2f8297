package bridge

import (
	"context"
	"fmt"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// overviewLines is how many audit lines an Overview has.
const overviewLines = 10

// Overview is everything about a tenant in one place (T4). A part that the caller may not see is nil.
type Overview struct {
	TenantOverview

	SupportSessions []directory.SupportSession  // the support sessions that are open now
	Requests        []directory.DeletionRequest // deletion requests that wait for a decision
	Held            []directory.HeldRemoval     // what the brake keeps
	Lines           []directory.Audit           // the last ones, the newest first; needs tenant.record
}

// Overview gives one tenant in one place (T4). NotFound.
func (s *Service) Overview(ctx context.Context, p directory.Principal, id directory.TenantID) (Overview, error) {
	glance, err := s.TenantOverview(ctx, p, id)
	if err != nil {
		return Overview{}, err
	}
	out := Overview{TenantOverview: glance}
	if p, err = txn.ForOperator(p, id); err != nil {
		return Overview{}, err
	}
	now := s.instant()
	if err := s.read(ctx, p, func(r store.Reader) error {
		entries, err := r.SupportSessions()
		if err != nil {
			return err
		}
		for i := range entries {
			if entries[i].Open(now) {
				out.SupportSessions = append(out.SupportSessions, entries[i])
			}
		}
		requests, err := r.DeletionRequests()
		if err != nil {
			return err
		}
		for i := range requests {
			if requests[i].Status = requests[i].StatusAt(now); requests[i].Status == directory.RequestPending {
				out.Requests = append(out.Requests, requests[i])
			}
		}
		if err := heldBy(r, "", func(_ string, item *directory.HeldRemoval) error {
			out.Held = append(out.Held, *item)
			return nil
		}); err != nil {
			return err
		}
		if policy.Allow(p.Access, directory.TenantRecord, id) == nil {
			var lines []directory.Audit
			lines, _, err = r.SearchAudit(directory.AuditQuery{Limit: overviewLines, Scan: overviewLines})
			out.Lines = directory.CloneAudit(lines)
		}
		return err
	}); err != nil {
		return Overview{}, err
	}
	return out, nil
}

// PlanWarning says that the plan of a tenant is not in the catalogue, and what to do.
func PlanWarning(t directory.Tenant) string {
	return fmt.Sprintf("the plan %q of tenant %s is not in the configuration: its identity providers get 503 and nothing can be written; put the plan back, or give the tenant another one (drawbridge tenant update %s --plan PLAN)", t.Plan, t.ID, t.ID)
}

// WithoutPlan gives the tenants whose plan is not in the catalogue: nothing can be written in them until an operator puts
// the plan back or chooses another one (B5).
func (s *Service) WithoutPlan(ctx context.Context) ([]directory.Tenant, error) {
	all, err := s.store.Tenants(ctx)
	var out []directory.Tenant
	for i := range all {
		if _, ok := policy.FindPlan(s.plans, all[i].Plan); !ok {
			out = append(out, all[i].Clone())
		}
	}
	return out, err
}
