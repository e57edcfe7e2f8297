package observe

import (
	"context"
	"errors"
	"fmt"
	"time"

	"drawbridge/directory"
	"drawbridge/store"
)

// jobBudget is how long one run of the job promotes one connection.
const jobBudget = time.Minute

// Continue continues the promotions that were interrupted, and erases copies without a connection, which are left when a process ends in
// the middle. It returns what it did, or, with RunDry, what it would do. One connection that fails does not stop the others.
func (s *Service) Continue(ctx context.Context, p directory.Principal, how directory.Run) (done []string, err error) {
	if !s.cfg.Any() {
		return nil, nil
	}
	copies, err := s.open(ctx)
	if err != nil {
		return nil, err
	}
	var interrupted []directory.Connection
	used := make(map[directory.TenantID]bool)
	// The copies are listed first, so that a copy that is made meanwhile is not in the list.
	all, err := copies.Store.Tenants(ctx)
	if err == nil {
		err = s.cfg.Store.Summaries(ctx, nil, func(one *store.Summary) error {
			for i := range one.Connections {
				c := &one.Connections[i].Connection
				if c.Observing == nil {
					continue
				}
				used[c.Observing.Copy] = true
				if c.Observing.Promoting != nil {
					interrupted = append(interrupted, c.Clone())
				}
			}
			return nil
		})
	}
	if err != nil {
		return nil, err
	}
	s.forget(func(id directory.TenantID) bool { return used[id] })
	var errs []error
	for i := range interrupted {
		c := &interrupted[i]
		if !how.Dry() {
			if err := s.resume(ctx, p, copies, c); err != nil {
				errs = append(errs, fmt.Errorf("connection %s: %w", c.ID, err))
				continue
			}
		}
		done = append(done, fmt.Sprintf("connection %s: the promotion continued", c.ID))
	}
	for i := range all {
		id := all[i].ID
		if used[id] || all[i].Status == directory.TenantGone {
			continue
		}
		if !how.Dry() {
			if err := erase(ctx, copies.Store, id, p, s.cfg.Now()); err != nil {
				errs = append(errs, fmt.Errorf("copy %s: %w", id, err))
				continue
			}
		}
		done = append(done, fmt.Sprintf("copy %s: erased, no connection uses it", id))
	}
	return done, errors.Join(errs...)
}

// resume continues the promotion of a connection, unless a request does that now.
func (s *Service) resume(ctx context.Context, p directory.Principal, copies Copies, c *directory.Connection) error {
	release, err := s.take(c.ID)
	if err != nil {
		return nil // a request promotes it
	}
	defer release()
	p.Actor = c.Observing.Promoting.Actor
	_, err = s.promote(ctx, p, copies, c, s.cfg.Now().Add(jobBudget))
	return err
}
