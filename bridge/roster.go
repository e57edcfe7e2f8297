package bridge

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// byRoster reports whether a query needs to know nothing of a tenant but its record and its counts.
func (q *TenantQuery) byRoster() bool {
	return q.Health == "" && !q.Alerting && q.Sort != ByLastSync && q.Sort != ByAlerts
}

// listByRoster gives a page of tenants of which only those on the page are looked at in full.
func (s *Service) listByRoster(ctx context.Context, p directory.Principal, roster store.Roster, q TenantQuery) (TenantPage, error) {
	if _, err := txn.ForOperator(p, directory.Provider); err != nil {
		return TenantPage{}, err
	}
	rows, err := roster.Roster(ctx)
	if err != nil {
		return TenantPage{}, err
	}
	folded := directory.Fold(strings.TrimSpace(q.Q))
	var out TenantPage
	var marks []TenantMark
	for _, row := range rows {
		if row.Tenant.Status == directory.TenantGone || !policy.Sees(p, row.Tenant.ID) || !q.matchesRow(row, folded) {
			continue
		}
		out.Total++
		if at := s.markOfRow(row, &q); q.After == nil || q.order(at, *q.After) > 0 {
			marks = append(marks, at)
		}
	}
	if q.Sort != BySlug || q.Descending {
		slices.SortFunc(marks, q.order)
	}
	if len(marks) > q.Count {
		marks = marks[:q.Count]
		out.Next = &marks[q.Count-1]
	}
	ids := make([]directory.TenantID, len(marks))
	at := make(map[directory.TenantID]int, len(marks))
	for i := range marks {
		ids[i], at[marks[i].ID] = marks[i].ID, i
	}
	if len(ids) == 0 {
		return out, nil
	}
	if out.Tenants, err = s.glances(ctx, ids); err != nil {
		return TenantPage{}, err
	}
	slices.SortFunc(out.Tenants, func(a, b TenantOverview) int { return at[a.Tenant.ID] - at[b.Tenant.ID] })
	return out, nil
}

func (q *TenantQuery) matchesRow(row *store.RosterRow, folded string) bool {
	t := &row.Tenant
	return (folded == "" || strings.Contains(row.Name, folded) || strings.Contains(string(t.ID), folded) || strings.Contains(row.CustomerNumber, folded)) &&
		(q.Status == "" || t.Status == q.Status) && (q.Plan == "" || t.Plan == q.Plan) && (q.Tag == "" || slices.Contains(t.Tags, q.Tag))
}

// markOfRow is the place of a row in the order: that of TenantQuery.mark.
func (s *Service) markOfRow(row *store.RosterRow, q *TenantQuery) TenantMark {
	m := TenantMark{ID: row.Tenant.ID}
	switch q.Sort {
	case ByName:
		m.Key = row.Name
	case ByStatus:
		m.Key = string(row.Tenant.Status)
	case BySeats:
		m.Key = fmt.Sprintf("%010d", s.seatReport(&row.Tenant, row.Usage).Occupied)
	case BySlug, ByLastSync, ByAlerts:
	}
	return m
}
