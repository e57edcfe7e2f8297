package bridge

import (
	"context"
	"time"

	"drawbridge/directory"
	"drawbridge/internal/limit"
	"drawbridge/store"
)

// placeLife is how long the end of a page of a list is remembered.
const placeLife = 5 * time.Minute

// places remembers in this process where pages of lists ended, for a store that only one process uses.
type places struct {
	table *limit.Map[directory.TenantID, string, []byte]
}

// A tenant has room for a few walks at the same time, and none of them pushes another tenant's out.
const (
	placesEach = 64
	placesAll  = 4096
)

func newPlaces() places {
	return places{limit.NewMap[directory.TenantID, string, []byte](limit.Bounds{All: placesAll, Each: placesEach, Life: placeLife})}
}

// Places remembers where pages of lists ended (RFC 7644 §3.4.2.4).
type Places struct{ s *Service }

// Places gives the memory of where pages ended.
func (s *Service) Places() Places { return Places{s} }

// Keep remembers for some minutes where a page of a list ended, under a key that names the walk; a place of nil is forgotten. If
// several processes share the store, they share the places, too.
func (m Places) Keep(ctx context.Context, p directory.Principal, key, place []byte) error {
	shared, ok := store.As[store.Places](m.s.store)
	switch {
	case ok && place != nil:
		return shared.KeepPlace(ctx, p.Tenant, key, place)
	case ok: // Take finds that it has expired; removing it would cost a write in every look-up
		return nil
	}
	m.s.places.table.Delete(p.Tenant, string(key)) // the lifetime of an entry begins when it is put
	if place != nil {
		m.s.places.table.Put(p.Tenant, string(key), m.s.txn.Instant(), place)
	}
	return nil
}

// Take returns what Keep last remembered under key, and forgets it; nil if there is nothing, or if it has expired.
func (m Places) Take(ctx context.Context, p directory.Principal, key []byte) (place []byte, err error) {
	if shared, ok := store.As[store.Places](m.s.store); ok {
		return shared.TakePlace(ctx, p.Tenant, key, placeLife)
	}
	m.s.places.table.Update(p.Tenant, string(key), m.s.txn.Instant(), func(old []byte, _ bool) ([]byte, bool) {
		place = old
		return nil, false
	})
	return place, nil
}
