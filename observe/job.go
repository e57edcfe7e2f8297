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

// Continue continues the promotions that were interrupted, opens the copies that were not opened, and erases copies without a connection, which are
// left when a process ends in the middle. It returns what it did, or, with RunDry, what it would do. One connection that fails does not stop the others.
func (s *Service) Continue(ctx context.Context, p directory.Principal, how directory.Run) (done []string, err error) {
	if !s.cfg.Any() {
		return nil, nil
	}
	copies, err := s.open(ctx)
	if err != nil {
		return nil, err
	}
	var interrupted, observing []directory.Connection
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
				} else {
					observing = append(observing, c.Clone())
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
	for i := range observing {
		if g, err := gateOf(ctx, copies, &observing[i]); err != nil {
			errs = append(errs, fmt.Errorf("connection %s: %w", observing[i].ID, err))
		} else if g.stopped() {
			interrupted = append(interrupted, observing[i])
		}
	}
	for i := range interrupted {
		c := &interrupted[i]
		did, err := s.resume(ctx, p, copies, c.ID, how)
		if err != nil {
			errs = append(errs, fmt.Errorf("connection %s: %w", c.ID, err))
		} else if did != "" {
			done = append(done, fmt.Sprintf("connection %s: %s", c.ID, did))
		}
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

// resume continues what stopped in the middle of an observation, unless a request does that now, and says what it did.
func (s *Service) resume(ctx context.Context, p directory.Principal, copies Copies, id directory.ConnectionID, how directory.Run) (did string, err error) {
	release, err := s.take(ctx, id)
	if directory.CodeOf(err) == directory.Conflict {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	defer release()
	c, err := s.connection(ctx, id)
	if err != nil {
		return "", err
	}
	if c.Observing == nil { // a request was faster
		return "", nil
	}
	g, err := gateOf(ctx, copies, &c)
	if err != nil {
		return "", err
	}
	switch {
	case c.Observing.Promoting != nil:
		if !how.Dry() {
			err = s.continuePromotion(ctx, p, &g, &c)
		}
		return "the promotion continued", err
	case g.stopped():
		if !how.Dry() {
			_, err = s.complete(ctx, p, copies, &c)
		}
		return "the copy was completed", err
	}
	return "", nil
}

func (s *Service) continuePromotion(ctx context.Context, p directory.Principal, g *gate, c *directory.Connection) error {
	after, err := s.claim(ctx, p, c)
	if err == nil {
		err = g.closeAgain(ctx, p.Request)
	}
	if err != nil || after.Observing.Promoting == nil {
		return err
	}
	p.Actor = after.Observing.Promoting.Actor
	_, err = s.promote(ctx, p, g, &after, s.cfg.Now().Add(jobBudget))
	return err
}
