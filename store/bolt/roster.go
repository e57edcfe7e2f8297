package bolt

import (
	"bytes"
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"sync"

	"go.etcd.io/bbolt"

	"drawbridge/directory"
	"drawbridge/store"
)

// roster keeps the row of each tenant, so that a list of ten thousand tenants reads none of them from the file. The writer marks the
// tenants of each commit after it and before it answers; a reader of the roster reads those again. Only one process has the file
// open, so no other process changes them.
type roster struct {
	building sync.Mutex // one at a time reads rows

	mu    sync.Mutex
	built bool
	rows  []*store.RosterRow          // by slug; replaced and never changed
	marks uint64                      // how often the writer has marked
	stale map[directory.TenantID]mark // tenants that changed since their row was read
}

// mark says when the writer marked a tenant.
type mark struct {
	written uint64 // last, because of a write; 0: only uses of credentials were recorded
	last    uint64
}

// mark notes that tenants may have changed, and of which only uses of credentials were recorded.
func (r *roster) mark(written map[directory.TenantID]*writer, touched map[directory.TenantID]bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stale == nil {
		r.stale = map[directory.TenantID]mark{}
	}
	r.marks++
	for id := range touched {
		r.stale[id] = mark{written: r.stale[id].written, last: r.marks}
	}
	for id := range written {
		if id != directory.Provider {
			r.stale[id] = mark{written: r.marks, last: r.marks}
		}
	}
}

// wanted gives the rows as they are, which tenants are to be read again (nil: all), and the mark up to which a snapshot that is taken
// from now on has everything.
func (r *roster) wanted() (rows []*store.RosterRow, again map[directory.TenantID]mark, upTo uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.built {
		return nil, nil, r.marks
	}
	again = make(map[directory.TenantID]mark, len(r.stale))
	maps.Copy(again, r.stale)
	return r.rows, again, r.marks
}

// replace sets the rows. Tenants that were marked later stay stale.
func (r *roster) replace(rows []*store.RosterRow, upTo uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.rows, r.built = rows, true
	for id, mark := range r.stale {
		if mark.last <= upTo {
			delete(r.stale, id)
		}
	}
}

// Roster gives the row of each tenant.
func (s *Store) Roster(ctx context.Context) ([]*store.RosterRow, error) {
	r := &s.roster
	r.building.Lock()
	defer r.building.Unlock()
	rows, again, upTo := r.wanted()
	if again != nil && len(again) == 0 {
		if err := s.file.spoiled.Load(); err != nil {
			return nil, cannotRead(err)
		}
		return rows, nil
	}
	fresh := map[directory.TenantID]*store.RosterRow{}
	err := s.read(ctx, func(tx *bbolt.Tx) error {
		bucket := tx.Bucket([]byte(tenantBucket))
		if again == nil {
			return bucket.ForEach(func(key, _ []byte) error {
				if bytes.Equal(key, tenantKey(directory.Provider)) {
					return nil
				}
				id := directory.TenantID(key)
				row, err := s.rosterRow(tx, id)
				fresh[id] = row
				return err
			})
		}
		for id, mark := range again {
			if bucket.Get(tenantKey(id)) == nil {
				fresh[id] = nil
				continue
			}
			row, err := s.rosterRowAgain(tx, id, rows, mark)
			if err != nil {
				return err
			}
			fresh[id] = row
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	rows = merged(rows, fresh)
	r.replace(rows, upTo)
	return rows, nil
}

func (s *Store) rosterRow(tx *bbolt.Tx, id directory.TenantID) (*store.RosterRow, error) {
	r := s.reader(tx, id)
	tenant, err := r.Tenant()
	if err != nil {
		return nil, err
	}
	usage, err := r.Usage()
	if err != nil {
		return nil, err
	}
	row := &store.RosterRow{Tenant: tenant.Clone(), Usage: usage.Clone()}
	row.Name, row.CustomerNumber = directory.Fold(row.Tenant.Name), directory.Fold(row.Tenant.CustomerNumber)
	connections, err := r.Connections()
	if err != nil {
		return nil, err
	}
	for i := range connections {
		c := store.ConnectionSummary{Connection: connections[i].Clone()}
		tokens, err := r.Tokens(c.Connection.ID)
		if err != nil {
			return nil, err
		}
		c.Tokens = slices.Clone(slices.DeleteFunc(tokens, func(t directory.Token) bool { return !t.Revoked.IsZero() }))
		if c.Uses, err = readUses(tx, c.Connection.ID); err != nil {
			return nil, err
		}
		row.Connections = append(row.Connections, c)
	}
	if row.Alerts, err = r.copiedKVs(directory.AlertKV); err != nil {
		return nil, err
	}
	if row.Held, err = r.copiedKVs(directory.HeldKV); err != nil {
		return nil, err
	}
	row.Requests, err = r.DeletionRequests()
	row.Requests = slices.Clone(slices.DeleteFunc(row.Requests, func(q directory.DeletionRequest) bool { return q.Status != directory.RequestPending }))
	return row, err
}

// copiedKVs reads the values of a kind for use after the transaction.
func (r *reader) copiedKVs(kind directory.KVKind) (all []directory.KV, err error) {
	err = r.KVs(kind, "", "", func(m directory.KV) error {
		all = append(all, directory.KV{Kind: m.Kind, Key: strings.Clone(m.Key), Value: slices.Clone(m.Value)})
		return nil
	})
	return all, err
}

// rosterRowAgain reads the row of a tenant that was marked: only uses of its credentials, if nothing else was written.
func (s *Store) rosterRowAgain(tx *bbolt.Tx, id directory.TenantID, rows []*store.RosterRow, m mark) (*store.RosterRow, error) {
	at, known := slices.BinarySearchFunc(rows, id, func(row *store.RosterRow, id directory.TenantID) int { return cmp.Compare(row.Tenant.ID, id) })
	if !known || m.written > 0 {
		return s.rosterRow(tx, id)
	}
	row := *rows[at]
	row.Connections = slices.Clone(row.Connections)
	for i := range row.Connections {
		c := &row.Connections[i]
		var err error
		if c.Uses, err = readUses(tx, c.Connection.ID); err != nil {
			return nil, err
		}
	}
	return &row, nil
}

// merged is rows with those of fresh in their places. A row that is nil is taken out.
func merged(rows []*store.RosterRow, fresh map[directory.TenantID]*store.RosterRow) []*store.RosterRow {
	out := make([]*store.RosterRow, 0, len(rows)+len(fresh))
	for _, row := range rows {
		if _, again := fresh[row.Tenant.ID]; !again {
			out = append(out, row)
		}
	}
	if len(fresh) == 0 {
		return out
	}
	for _, row := range fresh {
		if row != nil {
			out = append(out, row)
		}
	}
	slices.SortFunc(out, func(a, b *store.RosterRow) int { return cmp.Compare(a.Tenant.ID, b.Tenant.ID) })
	return out
}
