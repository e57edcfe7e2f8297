package record

import (
	"context"
	"slices"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// mostEvents bounds what Events and AuditLines give at once.
const mostEvents = 1000

// Events gives at most limit events of a tenant after the one numbered after, in order, for operators (E2); Next of the page is not set.
// after 0 means the oldest that is kept. limit 0, or one above 1000, counts as 1000. Of the installation it leaves out what names an
// operator or a tenant outside the caller's scope (O10). Expired if the event after after is no longer kept, or if after is ahead of the
// feed.
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
		shown, err := visibility(r, p)
		if err != nil {
			return err
		}
		out.Events, err = shownEvents(r, shown, after, bounded(limit))
		return err
	})
	return out, err
}

// shownEvents gives at most limit of the events after the one numbered after that are shown to the caller.
func shownEvents(r store.Reader, shown policy.Visibility, after uint64, limit int) ([]directory.Event, error) {
	var out []directory.Event
	for {
		events, _, err := r.Events(after, limit)
		if err != nil {
			return nil, err
		}
		for i := range events {
			if !shown.Event(&events[i]) {
				continue
			}
			e := events[i]
			e.Data = slices.Clone(e.Data)
			if out = append(out, e); len(out) == limit {
				return out, nil
			}
		}
		if len(events) < limit || !shown.Limited() {
			return out, nil
		}
		after = events[len(events)-1].Seq
	}
}

// WaitEvents returns when the tenant has an event after the one numbered after, or with the error of ctx when that ends.
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
