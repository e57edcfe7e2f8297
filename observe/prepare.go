package observe

import (
	"context"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/store"
)

// copyTenant makes the copy of the tenant of c. It reads one snapshot of the tenant, so that the copy is consistent.
func (s *Service) copyTenant(ctx context.Context, p directory.Principal, to Copies, c *directory.Connection) error {
	o := c.Observing
	if err := s.eraseFormer(ctx, p, to, c); err != nil {
		return err
	}
	stage, err := to.Store.Stage(ctx, o.Copy)
	if err != nil {
		return err
	}
	defer func() { _ = stage.Drop(context.WithoutCancel(ctx)) }() // does nothing after Publish
	var tenant directory.Tenant
	err = s.cfg.Store.View(ctx, c.Tenant, nil, func(r store.Reader) error {
		t, err := r.Tenant()
		if err != nil {
			return err
		}
		tenant = t.Clone()
		return (&copier{ctx: ctx, from: r, to: stage}).all(&tenant)
	})
	if err != nil {
		return err
	}
	now := s.cfg.Now()
	err = stage.Publish(ctx, func(store.Reader) (directory.Change, error) {
		copied, own := tenant.Clone(), c.Clone()
		copied.ID, own.Tenant, own.Observing, own.Paused = o.Copy, o.Copy, nil, true
		copied.Version++
		return directory.Change{Tenant: &copied, Connections: []directory.Connection{own}, Audit: []directory.Audit{line(o.Copy, p, now)}}, nil
	})
	if err != nil {
		return err
	}
	g, err := gateOf(ctx, to, c)
	if err != nil {
		return err
	}
	return s.openCopy(ctx, p, &g, c)
}

// eraseFormer erases the copy of an earlier observation of c, which a process that dropped or promoted it did not erase yet. A store has one
// connection of a name, so the copy would be in the way until the job erases it.
func (s *Service) eraseFormer(ctx context.Context, p directory.Principal, to Copies, c *directory.Connection) error {
	former, there, err := txn.Optional(to.Store.Connection(ctx, c.ID))
	if err != nil || !there || former.Tenant == c.Observing.Copy {
		return err
	}
	// This is read after the copy was found. No later observation uses a copy that was there before it, so this one is not used any more.
	now, err := s.connection(ctx, c.ID)
	if err != nil {
		return err
	}
	if now.Observing == nil || now.Observing.Copy != c.Observing.Copy {
		return overtaken(c.ID)
	}
	return erase(ctx, to.Store, former.Tenant, p, s.cfg.Now())
}

// record names what a connection can manage.
type record struct {
	kind directory.Kind
	id   directory.ID
}
