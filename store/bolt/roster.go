package bolt

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"sync"

	"go.etcd.io/bbolt"

	"drawbridge/directory"
	"drawbridge/store"
)

// roster keeps the row of each tenant, so that a list of ten thousand tenants reads none of them from the file. The writer marks the
// tenants of each commit after it and before it answers; whoever asks for the roster reads those again. Only one process has the file
// open, so nobody else changes them.
type roster struct {
	building sync.Mutex // one at a time reads rows

	mu    sync.Mutex
	built bool
	rows  []*store.RosterRow            // by slug; replaced and never changed
	marks uint64                        // how often the writer has marked
	stale map[directory.TenantID]uint64 // the mark of tenants that changed since their row was read
}

// mark notes that tenants may have changed.
func (r *roster) mark(tenants map[directory.TenantID]*writer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stale == nil {
		r.stale = map[directory.TenantID]uint64{}
	}
	r.marks++
	for id := range tenants {
		if id != directory.Provider {
			r.stale[id] = r.marks
		}
	}
}

// wanted gives the rows as they are, which tenants are to be read again (nil: all), and the mark up to which a snapshot that is taken
// from now on has everything.
func (r *roster) wanted() (rows []*store.RosterRow, again []directory.TenantID, upTo uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.built {
		return nil, nil, r.marks
	}
	again = make([]directory.TenantID, 0, len(r.stale))
	for id := range r.stale {
		again = append(again, id)
	}
	return r.rows, again, r.marks
}

// replace sets the rows. Tenants that were marked later stay stale.
func (r *roster) replace(rows []*store.RosterRow, upTo uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.rows, r.built = rows, true
	for id, mark := range r.stale {
		if mark <= upTo {
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
		for _, id := range again {
			if bucket.Get(tenantKey(id)) == nil {
				fresh[id] = nil
				continue
			}
			row, err := s.rosterRow(tx, id)
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
	return row, nil
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
