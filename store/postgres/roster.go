package postgres

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"sync"

	"github.com/jackc/pgx/v5"

	"drawbridge/directory"
	"drawbridge/store"
)

// roster keeps the rows of the last Roster. Each call asks which tenants changed since then, in any process, and reads only those.
type roster struct {
	mu      sync.Mutex // one at a time reads rows
	entries map[directory.TenantID]*rosterEntry
	rows    []*store.RosterRow // of all entries by slug; replaced and never changed
}

// rosterEntry is the row of a tenant, and the state that it shows.
type rosterEntry struct {
	state rosterState
	row   *store.RosterRow
}

// rosterState is the state of a tenant and of the uses of its credentials, which no Change records.
type rosterState struct {
	tenantState
	tenant directory.TenantID
	uses   [][]byte
}

func (a *rosterState) sameUses(b *rosterState) bool {
	return slices.EqualFunc(a.uses, b.uses, bytes.Equal)
}

const (
	rosterSQL = `select t.slug, t.pk, l.change, l.audit_head from tenant t join lane l on l.pk = t.pk where t.slug <> '' and t.body is not null order by t.slug`

	rosterUsesSQL = "select c.pk, u.body from use u join connection c on c.slug = u.connection order by c.pk, u.connection, u.token"

	rosterRequestsSQL = "select t.slug, d.body from desk d join tenant t on t.pk = d.pk where d.kind = $2 and t.slug = any($1) order by t.slug, d.id"

	rosterPiece = 1000 // tenants whose rows are read at once
)

// Roster gives the row of each tenant.
func (s *Store) Roster(ctx context.Context) ([]*store.RosterRow, error) {
	r := &s.roster
	r.mu.Lock()
	defer r.mu.Unlock()
	states, err := s.rosterStates(ctx)
	if err != nil {
		return nil, err
	}
	entries := make(map[directory.TenantID]*rosterEntry, len(states))
	var again []directory.TenantID
	same := len(states) == len(r.rows)
	for i := range states {
		now := &states[i]
		old := r.entries[now.tenant]
		switch {
		case old == nil || old.state.tenantState != now.tenantState:
			again = append(again, now.tenant)
		case old.state.sameUses(now):
			entries[now.tenant] = old
			continue
		default:
			row, err := withUses(old.row, now.uses)
			if err != nil {
				return nil, err
			}
			entries[now.tenant] = &rosterEntry{*now, row}
		}
		same = false
	}
	if same {
		return r.rows, nil
	}
	fresh := map[directory.TenantID]*store.RosterRow{}
	for some := range slices.Chunk(again, rosterPiece) {
		if err := s.rosterRows(ctx, some, fresh); err != nil {
			return nil, err
		}
	}
	rows := make([]*store.RosterRow, 0, len(states))
	for i := range states {
		now := &states[i]
		if row := fresh[now.tenant]; row != nil {
			if row, err = withUses(row, now.uses); err != nil {
				return nil, err
			}
			entries[now.tenant] = &rosterEntry{*now, row}
		}
		if e := entries[now.tenant]; e != nil { // it may have ended in between
			rows = append(rows, e.row)
		}
	}
	r.entries, r.rows = entries, rows
	return rows, nil
}

// rosterStates gives the present state of each tenant, by slug.
func (s *Store) rosterStates(ctx context.Context) (states []rosterState, err error) {
	uses := map[int64][][]byte{}
	b := &pgx.Batch{}
	b.Queue(rosterSQL).Query(func(rows pgx.Rows) error {
		states = nil
		for rows.Next() {
			var state rosterState
			var head []byte
			if err := rows.Scan((*string)(&state.tenant), &state.pk, &state.change, &head); err != nil {
				return err
			}
			copy(state.auditHead[:], head)
			states = append(states, state)
		}
		return rows.Err()
	})
	b.Queue(rosterUsesSQL).Query(func(rows pgx.Rows) error {
		clear(uses)
		for rows.Next() {
			var pk int64
			var body []byte
			if err := rows.Scan(&pk, &body); err != nil {
				return err
			}
			uses[pk] = append(uses[pk], body)
		}
		return rows.Err()
	})
	err = s.readWithin(ctx, b, 6*s.options.Timeout)
	for i := range states {
		states[i].uses = uses[states[i].pk]
	}
	return states, err
}

// withUses gives a copy of a row with uses of credentials.
func withUses(row *store.RosterRow, bodies [][]byte) (*store.RosterRow, error) {
	out := *row
	out.Connections = slices.Clone(row.Connections)
	for i := range out.Connections {
		out.Connections[i].Uses = nil
	}
	for _, body := range bodies {
		var use directory.Use
		if err := json.Unmarshal(body, &use); err != nil {
			return nil, damaged("use of a token of tenant "+string(row.Tenant.ID), err)
		}
		for i := range out.Connections {
			if c := &out.Connections[i]; c.Connection.ID == use.Connection {
				c.Uses = append(c.Uses, use)
			}
		}
	}
	return &out, nil
}

// rosterRows adds the rows of some tenants, without uses, to rows. A tenant that does not exist any more is left out.
func (s *Store) rosterRows(ctx context.Context, tenants []directory.TenantID, rows map[directory.TenantID]*store.RosterRow) error {
	err := s.Summaries(ctx, tenants, func(sum *store.Summary) error {
		row := &store.RosterRow{Tenant: sum.Tenant, Usage: sum.Usage, Name: directory.Fold(sum.Tenant.Name), CustomerNumber: directory.Fold(sum.Tenant.CustomerNumber), Connections: sum.Connections}
		for i := range row.Connections {
			c := &row.Connections[i]
			c.Tokens = slices.DeleteFunc(c.Tokens, func(t directory.Token) bool { return !t.Revoked.IsZero() })
		}
		rows[sum.Tenant.ID] = row
		return nil
	})
	if err != nil {
		return err
	}
	for _, kind := range []directory.KVKind{directory.AlertKV, directory.HeldKV} {
		err := s.TenantKVs(ctx, kind, tenants, func(tenant directory.TenantID, kv directory.KV) error {
			switch row := rows[tenant]; {
			case row == nil:
			case kind == directory.AlertKV:
				row.Alerts = append(row.Alerts, kv)
			default:
				row.Held = append(row.Held, kv)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	b := &pgx.Batch{}
	b.Queue(rosterRequestsSQL, slugs(tenants), requestRow).Query(func(result pgx.Rows) error {
		for _, tenant := range tenants { // the query may run again
			if row := rows[tenant]; row != nil {
				row.Requests = nil
			}
		}
		for result.Next() {
			var tenant directory.TenantID
			var body []byte
			if err := result.Scan((*string)(&tenant), &body); err != nil {
				return err
			}
			var request directory.DeletionRequest
			if err := json.Unmarshal(body, &request); err != nil {
				return damaged("deletion request of tenant "+string(tenant), err)
			}
			if row := rows[tenant]; row != nil && request.Status == directory.RequestPending {
				row.Requests = append(row.Requests, request)
			}
		}
		return result.Err()
	})
	return s.readWithin(ctx, b, 6*s.options.Timeout)
}
