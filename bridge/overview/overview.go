package overview

import (
	"context"

	"drawbridge/bridge"
	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// overviewLines is how many audit lines an Overview has.
const overviewLines = 10

// Overview is everything about a tenant in one place (T4). A part that the caller may not see is nil.
type Overview struct {
	bridge.TenantOverview

	SupportSessions []directory.SupportSession  // the support sessions that are open now
	Requests        []directory.DeletionRequest // deletion requests that wait for a decision
	Held            []directory.HeldRemoval     // what the brake keeps
	Lines           []directory.Audit           // the last ones, the newest first; needs tenant.record
}

// Overview gives one tenant in one place (T4). NotFound.
func (s *Service) Overview(ctx context.Context, p directory.Principal, id directory.TenantID) (Overview, error) {
	glance, err := s.bridge.TenantOverview(ctx, p, id)
	if err != nil {
		return Overview{}, err
	}
	out := Overview{TenantOverview: glance}
	if p, err = txn.ForOperator(p, id); err != nil {
		return Overview{}, err
	}
	now := s.txn.Instant()
	if err := s.txn.View(ctx, p.Tenant, func(r store.Reader) error {
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
		if err := txn.Each(r, directory.HeldKV, "", "", func(_ string, item *directory.HeldRemoval) error {
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
