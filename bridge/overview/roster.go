package overview

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"drawbridge/bridge"
	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// plain reports whether a query needs only the record and the counts of a tenant.
func (q *TenantQuery) plain() bool {
	return q.Health == "" && !q.Alerting && q.Sort != ByLastSync && q.Sort != ByAlerts
}

// rosterOf gives the rows of the tenants that p sees, without deleted ones.
func (s *Service) rosterOf(ctx context.Context, p directory.Principal) (rows []*store.RosterRow, err error) {
	if _, err := txn.ForOperator(p, directory.Provider); err != nil {
		return nil, err
	}
	all, err := s.store.Roster(ctx)
	for _, row := range all {
		if row.Tenant.Status != directory.TenantGone && policy.Sees(p, row.Tenant.ID) {
			rows = append(rows, row)
		}
	}
	return rows, err
}

// listByRoster gives a page of the tenants of some rows. Only those on the page are looked at in full.
func (s *Service) listByRoster(ctx context.Context, rows []*store.RosterRow, q TenantQuery) (TenantPage, error) {
	folded := directory.Fold(strings.TrimSpace(q.Q))
	now, plain := s.txn.Instant(), q.plain()
	var out TenantPage
	var marks []TenantMark
	for _, row := range rows {
		if !q.matchesRow(row, folded) {
			continue
		}
		var at TenantMark
		if plain {
			at = s.markOfRow(row, &q)
		} else {
			o, err := s.glanceOfRow(row, now)
			if err != nil {
				return TenantPage{}, err
			}
			if !q.matches(&o) {
				continue
			}
			at = q.mark(&o)
		}
		out.Total++
		if q.After == nil || q.order(at, *q.After) > 0 {
			marks = append(marks, at)
		}
	}
	return s.pageOf(ctx, &q, out, marks)
}

// glanceOfRow adds what lists are filtered and sorted by, besides record and counts: the health of the connections, the last sync and the
// open alerts.
func (s *Service) glanceOfRow(row *store.RosterRow, now time.Time) (bridge.TenantOverview, error) {
	o := bridge.TenantOverview{Tenant: row.Tenant}
	for i := range row.Connections {
		c := s.bridge.ConnectionFrom(&row.Connections[i])
		if c.LastSuccess.After(o.LastSync) {
			o.LastSync = c.LastSuccess
		}
		o.Connections = append(o.Connections, c)
	}
	for _, m := range row.Alerts {
		a, err := txn.Value[directory.Alert](m)
		if err != nil {
			return o, err
		}
		if a.Open(now) {
			o.Alerts = append(o.Alerts, a)
		}
	}
	return o, nil
}

func (q *TenantQuery) matchesRow(row *store.RosterRow, folded string) bool {
	t := &row.Tenant
	return (q.Only == nil || slices.Contains(q.Only, t.ID)) && (folded == "" || strings.Contains(row.Name, folded) || strings.Contains(string(t.ID), folded) || strings.Contains(row.CustomerNumber, folded)) &&
		(q.Status == "" || t.Status == q.Status) && (q.Plan == "" || t.Plan == q.Plan) && (q.Tag == "" || slices.Contains(t.Tags, q.Tag))
}

// markOfRow is the position of a row in the order of TenantQuery.mark.
func (s *Service) markOfRow(row *store.RosterRow, q *TenantQuery) TenantMark {
	m := TenantMark{ID: row.Tenant.ID}
	switch q.Sort {
	case ByName:
		m.Key = row.Name
	case ByStatus:
		m.Key = string(row.Tenant.Status)
	case BySeats:
		m.Key = fmt.Sprintf("%010d", s.bridge.SeatsFrom(&row.Tenant, row.Usage).Occupied)
	case BySlug, ByLastSync, ByAlerts:
	}
	return m
}
