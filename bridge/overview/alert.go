package overview

import (
	"context"
	"slices"

	"drawbridge/bridge"
	"drawbridge/bridge/txn"
	"drawbridge/directory"
)

// Alerts gives the open alerts of all tenants that p sees, the latest first; with bridge.RecentAlerts also those that ended within 90 days.
func (s *Service) Alerts(ctx context.Context, p directory.Principal, which bridge.AlertsWanted) ([]bridge.TenantAlert, error) {
	var out []bridge.TenantAlert
	now := s.txn.Instant()
	note := func(t *directory.Tenant, a *directory.Alert) {
		if which.Has(a, now) {
			out = append(out, bridge.TenantAlert{Tenant: t.ID, Name: t.Name, Alert: *a})
		}
	}
	if err := s.eachAlert(ctx, p, note); err != nil {
		return nil, err
	}
	slices.SortStableFunc(out, func(a, b bridge.TenantAlert) int { return b.Last.Compare(a.Last) })
	return out, nil
}

// eachAlert gives the alerts of the tenants that p sees and that are served.
func (s *Service) eachAlert(ctx context.Context, p directory.Principal, note func(*directory.Tenant, *directory.Alert)) error {
	rows, err := s.rosterOf(ctx, p)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if row.Tenant.Status != directory.TenantActive {
			continue
		}
		for _, m := range row.Alerts {
			a, err := txn.Value[directory.Alert](m)
			if err != nil {
				return err
			}
			note(&row.Tenant, &a)
		}
	}
	return nil
}
