package overview

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"drawbridge/bridge"
	"drawbridge/directory"
)

// ConnectionQuery says which connections of a scope to list, and in which order. All conditions must hold.
type ConnectionQuery struct {
	Tenant directory.TenantID // "": all of the scope
	Q      string             // a part of the slug or the type, or of the slug or the name of the tenant, in any case
	Type   directory.ConnectionType
	Health directory.HealthState

	Sort       ConnectionSort
	Descending bool
	After      *ConnectionMark
	Count      int
}

// ConnectionSort is an order of connections.
type ConnectionSort string

// The orders. Connections that are equal are ordered by slug.
const (
	ConnectionsBySlug        ConnectionSort = "slug"
	ConnectionsByTenant      ConnectionSort = "tenant"
	ConnectionsByType        ConnectionSort = "type"
	ConnectionsByHealth      ConnectionSort = "health" // what needs an operator first
	ConnectionsByLastSuccess ConnectionSort = "last_success"
)

// ConnectionMark is where a page ended.
type ConnectionMark struct {
	Key string // the sort key
	ID  directory.ConnectionID

	tenant directory.TenantID
}

// ConnectionPage is a part of a list of connections.
type ConnectionPage struct {
	Connections []bridge.ConnectionOverview
	Next        *ConnectionMark // nil: this is the end
}

// ListConnections gives the connections of all tenants in the scope of p that match, page by page. Only the tenants of the page are read
// in full, if the store has a roster.
func (s *Service) ListConnections(ctx context.Context, p directory.Principal, q ConnectionQuery) (ConnectionPage, error) {
	marks, err := s.connectionMarks(ctx, p, &q)
	if err != nil {
		return ConnectionPage{}, err
	}
	slices.SortFunc(marks, q.order)
	var out ConnectionPage
	if len(marks) > q.Count {
		marks = marks[:q.Count]
		out.Next = &marks[q.Count-1]
	}
	at := make(map[directory.ConnectionID]int, len(marks))
	tenants := make([]directory.TenantID, len(marks))
	for i := range marks {
		at[marks[i].ID], tenants[i] = i, marks[i].tenant
	}
	slices.Sort(tenants)
	if tenants = slices.Compact(tenants); len(tenants) == 0 {
		return out, nil
	}
	glances, err := s.glances(ctx, tenants)
	if err != nil {
		return ConnectionPage{}, err
	}
	for i := range glances {
		for _, c := range glances[i].Connections {
			if _, wanted := at[c.Connection.ID]; wanted {
				out.Connections = append(out.Connections, c)
			}
		}
	}
	slices.SortFunc(out.Connections, func(a, b bridge.ConnectionOverview) int { return at[a.Connection.ID] - at[b.Connection.ID] })
	return out, nil
}

// connectionMarks gives the positions of the connections that match and come after the last page, in no order.
func (s *Service) connectionMarks(ctx context.Context, p directory.Principal, q *ConnectionQuery) ([]ConnectionMark, error) {
	var marks []ConnectionMark
	note := func(c *bridge.ConnectionOverview) {
		if !q.matches(c) {
			return
		}
		if at := q.mark(c); q.After == nil || q.order(at, *q.After) > 0 {
			marks = append(marks, at)
		}
	}
	if q.Tenant != "" {
		all, err := s.bridge.Connections(ctx, p, q.Tenant)
		for i := range all {
			note(&all[i])
		}
		return marks, err
	}
	rows, err := s.rosterOf(ctx, p)
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		for i := range row.Connections {
			c := s.bridge.ConnectionFrom(&row.Connections[i])
			c.TenantName = row.Tenant.Name
			note(&c)
		}
	}
	return marks, nil
}

func (q *ConnectionQuery) matches(c *bridge.ConnectionOverview) bool {
	folded := directory.Fold(strings.TrimSpace(q.Q))
	return (q.Type == "" || c.Connection.Type == q.Type) && (q.Health == "" || c.Health.State == q.Health) &&
		(folded == "" || strings.Contains(string(c.Connection.ID), folded) || strings.Contains(string(c.Connection.Type), folded) ||
			directory.HasPart(q.Q, string(c.Connection.Tenant), c.TenantName))
}

// mark is the position of a connection in the order.
func (q *ConnectionQuery) mark(c *bridge.ConnectionOverview) ConnectionMark {
	m := ConnectionMark{ID: c.Connection.ID, tenant: c.Connection.Tenant}
	switch q.Sort {
	case ConnectionsByTenant:
		m.Key = string(c.Connection.Tenant)
	case ConnectionsByType:
		m.Key = string(c.Connection.Type)
	case ConnectionsByHealth:
		m.Key = urgency(c)
	case ConnectionsByLastSuccess:
		if !c.LastSuccess.IsZero() {
			m.Key = c.LastSuccess.UTC().Format("2006-01-02T15:04:05.000000000")
		}
	case ConnectionsBySlug:
	}
	return m
}

// urgency is the sort key of the health: what needs an operator most comes first.
func urgency(c *bridge.ConnectionOverview) string {
	rest := c.Connection.Paused || c.Connection.Ending != nil
	switch {
	case c.Health.State == directory.Failing && !rest:
		return "0"
	case c.Health.State == directory.Quiet && !rest:
		return "1"
	case c.Health.State == directory.NeverConnected && !rest:
		return "2"
	case rest:
		return "3"
	}
	return "4"
}

func (q *ConnectionQuery) order(a, b ConnectionMark) int {
	c := cmp.Or(strings.Compare(a.Key, b.Key), strings.Compare(string(a.ID), string(b.ID)))
	if q.Descending {
		return -c
	}
	return c
}
