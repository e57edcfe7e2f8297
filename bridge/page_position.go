package bridge

import (
	"context"
	"time"

	"drawbridge/directory"
	"drawbridge/internal/limit"
	"drawbridge/store"
)

// positionLife is how long the end of a page of a list is remembered.
const positionLife = 5 * time.Minute

// positions remembers in this process where pages of lists ended, for a store that only one process uses.
type positions struct {
	table *limit.Map[directory.TenantID, string, []byte]
}

// A tenant has room for a few walks at the same time, and none of them pushes another tenant's out.
const (
	positionsEach = 64
	positionsAll  = 4096
)

func newPositions() positions {
	return positions{limit.NewMap[directory.TenantID, string, []byte](limit.Bounds{All: positionsAll, Each: positionsEach, Life: positionLife})}
}

// PagePositions remembers where pages of lists ended (RFC 7644 §3.4.2.4).
type PagePositions struct{ s *Service }

// PagePositions gives the memory of where pages ended.
func (s *Service) PagePositions() PagePositions { return PagePositions{s} }

// Keep remembers for some minutes where a page of a list ended, under a key that names the walk; a position of nil is forgotten. If
// several processes share the store, they share the positions, too.
func (m PagePositions) Keep(ctx context.Context, p directory.Principal, key, position []byte) error {
	shared, ok := store.As[store.PagePositions](m.s.store)
	switch {
	case ok && position != nil:
		return shared.KeepPosition(ctx, p.Tenant, key, position)
	case ok: // Take finds that it has expired; removing it would cost a write in every look-up
		return nil
	}
	m.s.positions.table.Delete(p.Tenant, string(key)) // the lifetime of an entry begins when it is put
	if position != nil {
		m.s.positions.table.Put(p.Tenant, string(key), m.s.txn.Instant(), position)
	}
	return nil
}

// Take returns what Keep last remembered under key, and forgets it; nil if there is nothing, or if it has expired.
func (m PagePositions) Take(ctx context.Context, p directory.Principal, key []byte) (position []byte, err error) {
	if shared, ok := store.As[store.PagePositions](m.s.store); ok {
		return shared.TakePosition(ctx, p.Tenant, key, positionLife)
	}
	m.s.positions.table.Update(p.Tenant, string(key), m.s.txn.Instant(), func(old []byte, _ bool) ([]byte, bool) {
		position = old
		return nil, false
	})
	return position, nil
}
