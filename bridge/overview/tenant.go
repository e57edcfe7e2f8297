package overview

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"drawbridge/bridge"
	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// TenantQuery says which tenants of a scope to list, and in which order. All conditions must hold.
type TenantQuery struct {
	Only     []directory.TenantID // nil: all
	Q        string               // a part of the name, the slug or the customer number, in any case
	Status   directory.TenantStatus
	Plan     string
	Health   directory.HealthState // only tenants in which a connection has this state
	Tag      string
	Alerting bool // with open alerts

	Sort       TenantSort
	Descending bool
	After      *TenantMark
	Count      int
}

// TenantSort is an order of tenants.
type TenantSort string

// The orders. Tenants that are equal are ordered by slug.
const (
	BySlug     TenantSort = "slug"
	ByName     TenantSort = "name"
	ByStatus   TenantSort = "status"
	BySeats    TenantSort = "seats" // by the seats that are occupied now (T3)
	ByLastSync TenantSort = "last_sync"
	ByAlerts   TenantSort = "alerts" // open ones
)

// TenantMark is where a page ended.
type TenantMark struct {
	Key string // the sort key
	ID  directory.TenantID
}

// TenantPage is a part of a list of tenants.
type TenantPage struct {
	Tenants []bridge.TenantOverview
	Total   int         // the number of tenants that match
	Next    *TenantMark // nil: this is the end
}

// ListTenants gives the tenants in the scope of p that match, page by page (T3).
func (s *Service) ListTenants(ctx context.Context, p directory.Principal, q TenantQuery) (TenantPage, error) {
	rows, err := s.rosterOf(ctx, p)
	if err != nil {
		return TenantPage{}, err
	}
	return s.listByRoster(ctx, rows, q)
}

// pageOf completes a page from the positions of the tenants that match and come after the last page.
func (s *Service) pageOf(ctx context.Context, q *TenantQuery, out TenantPage, marks []TenantMark) (TenantPage, error) {
	slices.SortFunc(marks, q.order)
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
	slices.Sort(ids)
	var err error
	if out.Tenants, err = s.glances(ctx, ids); err != nil {
		return TenantPage{}, err
	}
	slices.SortFunc(out.Tenants, func(a, b bridge.TenantOverview) int { return at[a.Tenant.ID] - at[b.Tenant.ID] })
	return out, nil
}

func (q *TenantQuery) matches(o *bridge.TenantOverview) bool {
	t := &o.Tenant
	return directory.HasPart(q.Q, t.Name, string(t.ID), t.CustomerNumber) &&
		(q.Status == "" || t.Status == q.Status) && (q.Plan == "" || t.Plan == q.Plan) && (!q.Alerting || len(o.Alerts) > 0) &&
		(q.Tag == "" || slices.Contains(t.Tags, q.Tag)) &&
		(q.Health == "" || slices.ContainsFunc(o.Connections, func(c bridge.ConnectionOverview) bool { return c.Health.State == q.Health }))
}

// mark is the place of a tenant in the order.
func (q *TenantQuery) mark(o *bridge.TenantOverview) TenantMark {
	m := TenantMark{ID: o.Tenant.ID}
	switch q.Sort {
	case ByName:
		m.Key = directory.Fold(o.Tenant.Name)
	case ByStatus:
		m.Key = string(o.Tenant.Status)
	case BySeats:
		m.Key = fmt.Sprintf("%010d", o.Seats.Occupied)
	case ByLastSync:
		if !o.LastSync.IsZero() {
			m.Key = o.LastSync.UTC().Format("2006-01-02T15:04:05.000000")
		}
	case ByAlerts:
		m.Key = fmt.Sprintf("%010d", len(o.Alerts))
	case BySlug:
	}
	return m
}

func (q *TenantQuery) order(a, b TenantMark) int {
	c := cmp.Or(strings.Compare(a.Key, b.Key), strings.Compare(string(a.ID), string(b.ID)))
	if q.Descending {
		return -c
	}
	return c
}

// Tenants gives the tenants in the scope of p at a glance, in the order of their slugs.
func (s *Service) Tenants(ctx context.Context, p directory.Principal) ([]bridge.TenantOverview, error) {
	ids, err := s.scopeOf(ctx, p)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	return s.glances(ctx, ids)
}

// InScope gives the tenants that p sees, without deleted ones, in the order of their slugs.
func (s *Service) InScope(ctx context.Context, p directory.Principal) ([]directory.Tenant, error) {
	if _, err := txn.ForOperator(p, directory.Provider); err != nil {
		return nil, err
	}
	all, err := s.store.Tenants(ctx)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(t directory.Tenant) bool { return !policy.Sees(p, t.ID) || t.Status == directory.TenantGone }), nil
}

// scopeOf gives the ids of InScope.
func (s *Service) scopeOf(ctx context.Context, p directory.Principal) ([]directory.TenantID, error) {
	tenants, err := s.InScope(ctx, p)
	var ids []directory.TenantID
	for i := range tenants {
		ids = append(ids, tenants[i].ID)
	}
	return ids, err
}

// glances gives tenants at a glance, in the order of their slugs. The facts of a tenant are from one snapshot. A tenant that was removed is
// left out.
func (s *Service) glances(ctx context.Context, ids []directory.TenantID) ([]bridge.TenantOverview, error) {
	out := make([]bridge.TenantOverview, 0, len(ids))
	err := s.store.Summaries(ctx, ids, func(sum *store.Summary) error {
		o := bridge.TenantOverview{Tenant: sum.Tenant.Clone(), Usage: sum.Usage.Clone(), Seats: s.bridge.SeatsFrom(&sum.Tenant, sum.Usage)}
		_, known := policy.FindPlan(s.plans, sum.Tenant.Plan)
		o.PlanMissing = !known
		for i := range sum.Connections {
			c := s.bridge.ConnectionFrom(&sum.Connections[i])
			c.Connection, c.Tokens, c.TenantName = c.Connection.Clone(), slices.Clone(c.Tokens), o.Tenant.Name
			for j := range c.Tokens {
				c.Tokens[j].Hash = [32]byte{}
			}
			if c.LastSuccess.After(o.LastSync) {
				o.LastSync = c.LastSuccess
			}
			o.Connections = append(o.Connections, c)
		}
		out = append(out, o)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if err := s.addAlerts(ctx, ids, out); err != nil {
		return nil, err
	}
	return out, s.addHealth(ctx, ids, out)
}

// addAlerts adds the open alerts of tenants, the latest first.
func (s *Service) addAlerts(ctx context.Context, ids []directory.TenantID, to []bridge.TenantOverview) error {
	now := s.txn.Instant()
	err := eachTenantKV(ctx, s.store, directory.AlertKV, glanceAt{ids, to}, func(o *bridge.TenantOverview, _ string, a *directory.Alert) {
		if a.Open(now) {
			o.Alerts = append(o.Alerts, *a)
		}
	})
	for i := range to {
		slices.SortFunc(to[i].Alerts, directory.LatestAlert)
	}
	return err
}

// addHealth adds since when the state of connections is known, and how many of their removals are held.
func (s *Service) addHealth(ctx context.Context, ids []directory.TenantID, to []bridge.TenantOverview) error {
	connection := func(o *bridge.TenantOverview, id string) *bridge.ConnectionOverview {
		for i := range o.Connections {
			if string(o.Connections[i].Connection.ID) == id {
				return &o.Connections[i]
			}
		}
		return nil
	}
	err := eachTenantKV(ctx, s.store, directory.HealthKV, glanceAt{ids, to}, func(o *bridge.TenantOverview, key string, h *directory.HealthReport) {
		if c := connection(o, key); c != nil {
			c.Health.Since = h.Since
		}
	})
	if err != nil {
		return err
	}
	return eachTenantKV(ctx, s.store, directory.HeldKV, glanceAt{ids, to}, func(o *bridge.TenantOverview, _ string, h *directory.HeldRemoval) {
		if c := connection(o, string(h.Connection)); c != nil {
			c.Held++
		}
	})
}

// glanceAt are the overviews that are filled in.
type glanceAt struct {
	ids []directory.TenantID
	to  []bridge.TenantOverview // in the order of the slugs
}

// eachTenantKV reads the values of a kind of many tenants.
func eachTenantKV[T any](ctx context.Context, st store.Store, kind directory.KVKind, at glanceAt, note func(o *bridge.TenantOverview, key string, value *T)) error {
	return txn.EachOf(ctx, st, kind, at.ids, func(tenant directory.TenantID, key string, value *T) error {
		n, ok := slices.BinarySearchFunc(at.to, tenant, func(o bridge.TenantOverview, id directory.TenantID) int {
			return strings.Compare(string(o.Tenant.ID), string(id))
		})
		if ok {
			note(&at.to[n], key, value)
		}
		return nil
	})
}
