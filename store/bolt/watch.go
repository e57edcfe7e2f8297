package bolt

import (
	"context"
	"sync"

	"drawbridge/directory"
)

// changes has the change numbers of tenants, and wakes those who wait for one to move. The numbers count the commits of this
// process, beginning at 1; only one process has the file open.
type changes struct {
	mu      sync.Mutex
	closed  bool
	numbers map[directory.TenantID]uint64 // without those that are still 1
	waiting map[directory.TenantID]map[*waiter]struct{}
}

// waiter is a call of Changed.
type waiter struct{ woken chan struct{} }

// moved changes the number of a tenant and wakes its waiters.
func (c *changes) moved(tenant directory.TenantID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.numbers == nil {
		c.numbers = make(map[directory.TenantID]uint64)
	}
	c.numbers[tenant] = c.number(tenant) + 1
	for w := range c.waiting[tenant] {
		w.wake()
	}
}

// close wakes all waiters for the last time.
func (c *changes) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	for _, waiters := range c.waiting {
		for w := range waiters {
			w.wake()
		}
	}
}

func (w *waiter) wake() {
	select {
	case w.woken <- struct{}{}:
	default: // it is awake already
	}
}

func (c *changes) number(tenant directory.TenantID) uint64 { return max(c.numbers[tenant], 1) }

// newer returns the numbers that differ from those in seen. If none does, w waits for the next one.
func (c *changes) newer(seen map[directory.TenantID]uint64, w *waiter) (map[directory.TenantID]uint64, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, isClosed()
	}
	var found map[directory.TenantID]uint64
	for tenant, number := range seen {
		if now := c.number(tenant); now != number {
			if found == nil {
				found = make(map[directory.TenantID]uint64)
			}
			found[tenant] = now
		}
	}
	if found != nil {
		return found, nil
	}
	for tenant := range seen {
		if c.waiting == nil {
			c.waiting = make(map[directory.TenantID]map[*waiter]struct{})
		}
		if c.waiting[tenant] == nil {
			c.waiting[tenant] = make(map[*waiter]struct{})
		}
		c.waiting[tenant][w] = struct{}{}
	}
	return nil, nil
}

// leave ends the wait of w.
func (c *changes) leave(seen map[directory.TenantID]uint64, w *waiter) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for tenant := range seen {
		delete(c.waiting[tenant], w)
		if len(c.waiting[tenant]) == 0 {
			delete(c.waiting, tenant)
		}
	}
}

// Changed waits until a tenant in seen has another change number.
func (s *Store) Changed(ctx context.Context, seen map[directory.TenantID]uint64) (map[directory.TenantID]uint64, error) {
	w := &waiter{woken: make(chan struct{}, 1)}
	defer s.changes.leave(seen, w)
	for {
		found, err := s.changes.newer(seen, w)
		if err != nil || len(found) > 0 {
			return found, err
		}
		select {
		case <-w.woken:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
