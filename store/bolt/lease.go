package bolt

import (
	"context"
	"sync"
	"time"

	"drawbridge/store"
)

// leases are kept in memory: no other process can open the file, so they end with this one.
type leases struct {
	mu   sync.Mutex
	held map[string]store.Lease
}

// Acquire takes or extends a lease.
func (s *Store) Acquire(ctx context.Context, name, holder string, ttl time.Duration) (store.Lease, error) {
	if err := ctx.Err(); err != nil {
		return store.Lease{}, gaveUp(err)
	}
	now := s.options.Now()
	s.leases.mu.Lock()
	defer s.leases.mu.Unlock()
	if old, ok := s.leases.held[name]; ok && old.Holder != holder && now.Before(old.Until) {
		return old, nil
	}
	if s.leases.held == nil {
		s.leases.held = make(map[string]store.Lease)
	}
	lease := store.Lease{Holder: holder, Until: now.Add(ttl)}
	s.leases.held[name] = lease
	return lease, nil
}

// Release ends a lease.
func (s *Store) Release(_ context.Context, name, holder string) error {
	s.leases.mu.Lock()
	defer s.leases.mu.Unlock()
	if s.leases.held[name].Holder == holder {
		delete(s.leases.held, name)
	}
	return nil
}
