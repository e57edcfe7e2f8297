package observe

import (
	"context"
	"math"

	"drawbridge/bridge/operators"
	"drawbridge/directory"
	"drawbridge/store"
)

// copyTenant makes the copy of the tenant of c, or completes one that was interrupted. It reads one snapshot of the tenant, so that the
// copy is consistent.
func (s *Service) copyTenant(ctx context.Context, p directory.Principal, to Copies, c *directory.Connection) error {
	o := c.Observing
	if there, err := exists(ctx, to.Store, o.Copy); err != nil || there {
		return err
	}
	if begun, err := complete(ctx, p, to, c); err != nil || begun {
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
	_, err = complete(ctx, p, to, c)
	return err
}

// complete finishes a copy whose connection is paused: it releases what the observation takes over, and lets the identity provider in.
func complete(ctx context.Context, p directory.Principal, to Copies, c *directory.Connection) (begun bool, err error) {
	o := c.Observing
	if err := look(ctx, to.Store, o.Copy, func(*directory.Tenant, []directory.Connection) { begun = true }); err != nil || !begun {
		return begun, err
	}
	by := operators.Local("observe", "observe mode", p.Request)
	if o.TakeOver != "" {
		if err := takeOver(ctx, to, c, by); err != nil {
			return true, err
		}
	}
	return true, resume(ctx, to, c.ID, by)
}

// pause keeps the identity provider from writing to the copy.
func pause(ctx context.Context, to Copies, id directory.ConnectionID, by directory.Principal) error {
	return setPaused(ctx, to, id, by, true)
}

// resume lets the identity provider write to the copy.
func resume(ctx context.Context, to Copies, id directory.ConnectionID, by directory.Principal) error {
	return setPaused(ctx, to, id, by, false)
}

func setPaused(ctx context.Context, to Copies, id directory.ConnectionID, by directory.Principal, paused bool) error {
	_, err := to.Bridge.EditConnection(ctx, by, id, directory.Precondition{}, func(c directory.Connection) (directory.Connection, error) {
		c.Paused = paused
		return c, nil
	})
	return err
}

// record names what a connection can manage.
type record struct {
	kind directory.Kind
	id   directory.ID
}

// takeOver releases in the copy the records that another connection manages. A connection that is pulled finds people and groups by their
// names, and takes over only those that have no externalId: one of another identity provider could be a former person's.
func takeOver(ctx context.Context, to Copies, c *directory.Connection, by directory.Principal) error {
	o := c.Observing
	var all []record
	err := to.Store.View(ctx, o.Copy, nil, func(r store.Reader) error {
		all = nil
		_, err := r.Users(directory.Query{Count: math.MaxInt}, func(u *directory.User, _ []directory.GroupRef) error {
			if u.Connection == o.TakeOver {
				all = append(all, record{directory.UserKind, u.ID})
			}
			return nil
		})
		if err != nil {
			return err
		}
		_, err = r.Groups(directory.Query{Count: math.MaxInt}, func(g *directory.Group, _ []directory.Member) error {
			if g.Connection == o.TakeOver {
				all = append(all, record{directory.GroupKind, g.ID})
			}
			return nil
		})
		return err
	})
	for _, m := range all {
		if err != nil {
			return err
		}
		release := to.Bridge.ReleaseManagement
		if c.Type.Pulled() {
			release = to.Bridge.ReleaseIdentity
		}
		err = release(ctx, by, o.Copy, m.kind, m.id)
	}
	return err
}
