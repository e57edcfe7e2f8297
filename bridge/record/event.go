package record

import (
	"context"
	"slices"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/store"
)

// mostEvents bounds what Events and AuditLines give at once.
const mostEvents = 1000

// Events gives at most limit events of a tenant behind the one numbered after, in order, for operators (E2); Next of the page is not
// set. after 0 means the oldest that is kept. limit 0, or one above 1000, counts as 1000. Expired where the event behind after is not kept
// any more, or after is ahead of the feed.
func (s *Service) Events(ctx context.Context, p directory.Principal, tenant directory.TenantID, after uint64, limit int) (FeedPage, error) {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return FeedPage{}, err
	}
	var out FeedPage
	err = s.read(ctx, p, func(r store.Reader) error {
		if err := txn.Exists(r, tenant); err != nil {
			return err
		}
		first, last, err := r.Events(0, 1)
		if err != nil {
			return err
		}
		out = FeedPage{Oldest: last + 1, Last: last}
		if len(first) > 0 {
			out.Oldest = first[0].Seq
		}
		if after > 0 {
			if err := out.admit(directory.Cursor{Tenant: tenant, Seq: after}); err != nil {
				return err
			}
		}
		events, _, err := r.Events(after, bounded(limit))
		out.Events = slices.Clone(events)
		for i := range out.Events {
			out.Events[i].Data = slices.Clone(out.Events[i].Data)
		}
		return err
	})
	return out, err
}

// WaitEvents returns when the tenant has an event behind the one numbered after, or with the error of ctx when that ends.
func (s *Service) WaitEvents(ctx context.Context, tenant directory.TenantID, after uint64) error {
	return s.txn.Wait(ctx, tenant, after, func(r store.Reader) (uint64, error) {
		_, last, err := r.Events(after, 0)
		return last, err
	})
}

// WaitAudit is WaitEvents for the audit trail.
func (s *Service) WaitAudit(ctx context.Context, tenant directory.TenantID, after uint64) error {
	return s.txn.Wait(ctx, tenant, after, func(r store.Reader) (uint64, error) {
		_, last, err := r.Audit(after, 0)
		return last, err
	})
}

func bounded(limit int) int {
	if limit <= 0 || limit > mostEvents {
		return mostEvents
	}
	return limit
}
