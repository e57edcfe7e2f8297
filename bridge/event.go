package bridge

import (
	"context"
	"slices"
	"sync"

	"drawbridge/directory"
	"drawbridge/store"
)

// mostEvents bounds what Events and AuditLines give at once.
const mostEvents = 1000

// Events gives at most limit events of a tenant behind the one numbered after, in order, and the number of the last one
// there is (E2). limit 0, or one above 1000, counts as 1000.
func (s *Service) Events(ctx context.Context, p directory.Principal, tenant directory.TenantID, after uint64, limit int) ([]directory.Event, uint64, error) {
	p, err := operator(p, tenant)
	if err != nil {
		return nil, 0, err
	}
	var out []directory.Event
	var last uint64
	err = s.read(ctx, p, func(r store.Reader) error {
		if err := exists(r, tenant); err != nil {
			return err
		}
		events, seq, err := r.Events(after, bounded(limit))
		if err != nil {
			return err
		}
		out, last = slices.Clone(events), seq
		for i := range out {
			out[i].Data = slices.Clone(out[i].Data)
		}
		return nil
	})
	return out, last, err
}

// WaitEvents returns when the tenant has an event behind the one numbered after, or with the error of ctx when that ends.
func (s *Service) WaitEvents(ctx context.Context, tenant directory.TenantID, after uint64) error {
	return s.wait(ctx, tenant, after, func(r store.Reader) (uint64, error) {
		_, last, err := r.Events(after, 0)
		return last, err
	})
}

// WaitAudit is WaitEvents for the audit trail.
func (s *Service) WaitAudit(ctx context.Context, tenant directory.TenantID, after uint64) error {
	return s.wait(ctx, tenant, after, func(r store.Reader) (uint64, error) {
		_, last, err := r.Audit(after, 0)
		return last, err
	})
}

func (s *Service) wait(ctx context.Context, tenant directory.TenantID, after uint64, look func(store.Reader) (uint64, error)) error {
	for {
		woken := s.topics.wait(tenant) // before the look: what is committed in between is not missed
		var last uint64
		err := s.store.View(ctx, tenant, func(r store.Reader) (err error) {
			last, err = look(r)
			return err
		})
		if err != nil {
			return err
		}
		if last > after {
			return nil
		}
		select {
		case <-woken:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// exists gives NotFound for a tenant that does not exist. The installation itself is always there.
func exists(r store.Reader, tenant directory.TenantID) error {
	if tenant == directory.Provider {
		return nil
	}
	_, err := r.Tenant()
	return err
}

func bounded(limit int) int {
	if limit <= 0 || limit > mostEvents {
		return mostEvents
	}
	return limit
}

// topics wake those who wait for events, tenant by tenant.
type topics struct {
	mu   sync.Mutex
	open map[directory.TenantID]chan struct{}
}

// wait gives a channel that is closed with the next write on the tenant.
func (t *topics) wait(tenant directory.TenantID) <-chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	woken, ok := t.open[tenant]
	if !ok {
		if t.open == nil {
			t.open = map[directory.TenantID]chan struct{}{}
		}
		woken = make(chan struct{})
		t.open[tenant] = woken
	}
	return woken
}

func (t *topics) wake(tenant directory.TenantID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if woken, ok := t.open[tenant]; ok {
		close(woken)
		delete(t.open, tenant)
	}
}
