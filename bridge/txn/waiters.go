package txn

import (
	"context"
	"sync"

	"drawbridge/directory"
	"drawbridge/store"
)

// Wait returns when last gives a number above after for the tenant, or with the error of ctx when that ends. It looks again after
// every commit on the tenant.
func (r *Runner) Wait(ctx context.Context, tenant directory.TenantID, after uint64, last func(store.Reader) (uint64, error)) error {
	for {
		woken := r.waiters.wait(tenant) // before the read, so that no commit in between is missed
		var at uint64
		err := r.store.View(ctx, tenant, nil, func(reader store.Reader) (err error) {
			at, err = last(reader)
			return err
		})
		if err != nil {
			return err
		}
		if at > after {
			return nil
		}
		select {
		case <-woken:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Wake makes those who wait for a tenant look again: for a commit that Run did not make.
func (r *Runner) Wake(tenant directory.TenantID) { r.waiters.wake(tenant) }

// waiters are those who wait for the next commit, by tenant.
type waiters struct {
	mu   sync.Mutex
	open map[directory.TenantID]chan struct{}
}

// wait gives a channel that is closed with the next commit on the tenant.
func (w *waiters) wait(tenant directory.TenantID) <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	woken, ok := w.open[tenant]
	if !ok {
		if w.open == nil {
			w.open = map[directory.TenantID]chan struct{}{}
		}
		woken = make(chan struct{})
		w.open[tenant] = woken
	}
	return woken
}

func (w *waiters) wake(tenant directory.TenantID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if woken, ok := w.open[tenant]; ok {
		close(woken)
		delete(w.open, tenant)
	}
}
