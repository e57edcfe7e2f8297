package observe

import (
	"context"
	"math"
	"time"

	"drawbridge/directory"
	"drawbridge/store"
)

// piece is how many records are copied in one transaction.
const piece = 500

// exists reports whether there is a complete copy. One that is being prepared has a connection that is paused.
func exists(ctx context.Context, st store.Store, id directory.TenantID) (there bool, err error) {
	err = readCopy(ctx, st, id, func(_ *directory.Tenant, connections []directory.Connection) {
		there = len(connections) == 1 && !connections[0].Paused
	})
	return there, err
}

// readCopy describes a copy, if there is one.
func readCopy(ctx context.Context, st store.Store, id directory.TenantID, found func(*directory.Tenant, []directory.Connection)) error {
	return st.View(ctx, id, nil, func(r store.Reader) error {
		t, err := r.Tenant()
		if directory.CodeOf(err) == directory.NotFound || err == nil && t.Status != directory.TenantActive {
			return nil
		}
		if err != nil {
			return err
		}
		connections, err := r.Connections()
		if err == nil {
			found(&t, connections)
		}
		return err
	})
}

// erase deletes a copy. The name of a copy is never used again.
func erase(ctx context.Context, st store.Store, id directory.TenantID, p directory.Principal, now time.Time) error {
	there := false
	err := readCopy(ctx, st, id, func(*directory.Tenant, []directory.Connection) { there = true })
	if err != nil || !there {
		return err
	}
	err = st.Erase(ctx, id, func(r store.Reader) (directory.Change, error) {
		before, err := r.Tenant()
		if err != nil {
			return directory.Change{}, err
		}
		after := directory.Tenant{ID: id, Version: before.Version + 1, Created: before.Created, Modified: now.UTC(), Plan: before.Plan, Status: directory.TenantGone}
		return directory.Change{Tenant: &after, Audit: []directory.Audit{line(id, p, now)}}, nil
	})
	if sweeper, ok := store.As[store.Sweeper](st); ok {
		for more := true; more && err == nil; {
			more, err = sweeper.Sweep(ctx)
		}
	}
	return err
}

func line(id directory.TenantID, p directory.Principal, now time.Time) directory.Audit {
	return directory.Audit{
		Time: now.UTC(), Tenant: id, Actor: p.Actor, Action: directory.ActionConnectionObserve, Outcome: directory.Done, Rule: "C9",
		Subject: directory.Subject{Kind: "tenant", ID: string(id)}, Request: p.Request,
	}
}

// copier copies the records of a tenant. It does not copy events, audit lines and credentials: the identity provider is authenticated by
// the tenant, and the copy records only what happens in it.
type copier struct {
	ctx  context.Context //nolint:containedctx // of one call
	from store.Reader
	to   store.Stage
	next directory.Change
	size int
}

func (c *copier) all(tenant *directory.Tenant) error {
	var groups []directory.ID
	_, err := c.from.Groups(directory.Query{Count: math.MaxInt, BuiltIn: true}, func(g *directory.Group, _ []directory.Member) error {
		groups = append(groups, g.ID)
		c.next.Groups = append(c.next.Groups, g.Clone())
		return c.grow()
	})
	if err != nil {
		return err
	}
	_, err = c.from.Users(directory.Query{Count: math.MaxInt, Gone: true}, func(u *directory.User, _ []directory.GroupRef) error {
		c.next.Users = append(c.next.Users, u.Clone())
		return c.grow()
	})
	if err == nil {
		err = c.flush()
	}
	for _, group := range groups {
		if err != nil {
			return err
		}
		err = c.from.Members(group, directory.ID{}, func(m directory.Membership) error {
			c.next.Join = append(c.next.Join, m)
			return c.grow()
		})
	}
	for _, step := range []func() error{c.flush, func() error { return c.resources(tenant) }, c.tombstones, c.kvs, c.flush} {
		if err == nil {
			err = step()
		}
	}
	return err
}

func (c *copier) resources(tenant *directory.Tenant) error {
	for _, kind := range tenant.CustomKinds() {
		_, err := c.from.Resources(kind, directory.Query{Count: math.MaxInt}, func(v *directory.Resource) error {
			c.next.Resources = append(c.next.Resources, v.Clone())
			return c.grow()
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *copier) tombstones() error {
	var after directory.ID
	for {
		page, err := c.from.Tombstones(after, piece)
		if err != nil || len(page) == 0 {
			return err
		}
		after = page[len(page)-1].ID
		c.next.Tombstones = append(c.next.Tombstones, page...)
		if err := c.flush(); err != nil {
			return err
		}
	}
}

// kvs copies the state that rules keep about people: that of a bundle, and invitations.
func (c *copier) kvs() error {
	for _, kind := range append(directory.CarriedKVs(), directory.InvitationKV) {
		err := c.from.KVs(kind, "", "", func(m directory.KV) error {
			m.Value = append(directory.Document(nil), m.Value...)
			c.next.KVs = append(c.next.KVs, m)
			return c.grow()
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *copier) grow() error {
	if c.size++; c.size < piece {
		return nil
	}
	return c.flush()
}

func (c *copier) flush() error {
	next := c.next
	c.next, c.size = directory.Change{}, 0
	if next.Empty() {
		return nil
	}
	return c.to.Put(c.ctx, next)
}
