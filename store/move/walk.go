package move

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"drawbridge/directory"
	"drawbridge/store"
	"drawbridge/store/record"
)

// piece is how many records are read and written at a time.
const piece = 500

// visitor gets all records of a tenant, in an order in which they can be written: members and groups before
// memberships, rest last.
type visitor interface {
	records(c directory.Change) error // Users, Groups, Join, Resources, Tombstones, KVs
	lines(audit []directory.Audit, events []directory.Event) error
	uses(connection directory.ConnectionID, uses []directory.Use) error
	rest(c directory.Change) error // everything else; see store.MoveStage.Install
}

// walk passes all records of a tenant to v, piece by piece.
func walk(ctx context.Context, st store.Store, mover store.Mover, id directory.TenantID, v visitor) error {
	w := &walker{ctx: ctx, store: st, mover: mover, tenant: id, visitor: v}
	for _, step := range []func() error{w.users, w.groups, w.memberships, w.resources, w.tombstones, w.kvs, w.audit, w.events, w.rest} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

type walker struct {
	ctx     context.Context
	store   store.Store
	mover   store.Mover
	tenant  directory.TenantID
	visitor visitor

	known []directory.ID // the groups
}

// view reads a piece. Records must be cloned to be kept.
func (w *walker) view(read func(store.Reader) error) error {
	return w.store.View(w.ctx, w.tenant, nil, read)
}

// pages reads a list page by page; list appends to c, which is passed on.
func (w *walker) pages(q directory.Query, list func(r store.Reader, q directory.Query, c *directory.Change) (directory.Page, error)) error {
	q.Count = piece
	for {
		var c directory.Change
		var page directory.Page
		err := w.view(func(r store.Reader) (err error) {
			page, err = list(r, q, &c)
			return err
		})
		if err != nil {
			return err
		}
		if err := w.show(c); err != nil || page.Last == nil {
			return err
		}
		q.After = page.Last
	}
}

func (w *walker) show(c directory.Change) error {
	if c.Empty() {
		return nil
	}
	return w.visitor.records(c)
}

func (w *walker) users() error {
	return w.pages(directory.Query{Gone: true}, func(r store.Reader, q directory.Query, c *directory.Change) (directory.Page, error) {
		return r.Users(q, func(u *directory.User, _ []directory.GroupRef) error {
			c.Users = append(c.Users, u.Clone())
			return nil
		})
	})
}

func (w *walker) groups() error {
	return w.pages(directory.Query{BuiltIn: true}, func(r store.Reader, q directory.Query, c *directory.Change) (directory.Page, error) {
		return r.Groups(q, func(g *directory.Group, _ []directory.Member) error {
			c.Groups = append(c.Groups, g.Clone())
			w.known = append(w.known, g.ID)
			return nil
		})
	})
}

func (w *walker) memberships() error {
	for _, group := range w.known {
		after, more := directory.ID{}, true
		for more {
			var c directory.Change
			more = false
			err := w.view(func(r store.Reader) error {
				return r.Members(group, after, func(m directory.Membership) error {
					// A member may have several memberships, which must stay together.
					if len(c.Join) >= piece && m.Member.ID != after {
						more = true
						return store.ErrStop
					}
					after = m.Member.ID
					m.Member.Display = strings.Clone(m.Member.Display)
					c.Join = append(c.Join, m)
					return nil
				})
			})
			if err != nil {
				return err
			}
			if err := w.show(c); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *walker) resources() error {
	var kinds []directory.Kind
	err := w.view(func(r store.Reader) error {
		counts, err := r.Usage()
		kinds = slices.Sorted(maps.Keys(counts.Resources))
		return err
	})
	if err != nil {
		return err
	}
	for _, kind := range kinds {
		err := w.pages(directory.Query{}, func(r store.Reader, q directory.Query, c *directory.Change) (directory.Page, error) {
			return r.Resources(kind, q, func(v *directory.Resource) error {
				c.Resources = append(c.Resources, v.Clone())
				return nil
			})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *walker) tombstones() error {
	after := directory.ID{}
	for {
		var c directory.Change
		err := w.view(func(r store.Reader) error {
			some, err := r.Tombstones(after, piece)
			c.Tombstones = slices.Clone(some)
			return err
		})
		if err != nil || len(c.Tombstones) == 0 {
			return err
		}
		if err := w.show(c); err != nil {
			return err
		}
		after = c.Tombstones[len(c.Tombstones)-1].ID
	}
}

func (w *walker) kvs() error {
	kinds, err := w.mover.KVKinds(w.ctx, w.tenant)
	if err != nil {
		return err
	}
	for _, kind := range kinds {
		from, more := "", true
		for more {
			var c directory.Change
			more = false
			err := w.view(func(r store.Reader) error {
				return r.KVs(kind, from, "", func(m directory.KV) error {
					if len(c.KVs) == piece {
						more = true
						return store.ErrStop
					}
					m.Key, m.Value = strings.Clone(m.Key), slices.Clone(m.Value)
					c.KVs = append(c.KVs, m)
					return nil
				})
			})
			if err != nil {
				return err
			}
			if err := w.show(c); err != nil {
				return err
			}
			if more {
				from = c.KVs[len(c.KVs)-1].Key + "\x01" // no key has NUL, and the next key is above this one
			}
		}
	}
	return nil
}

func (w *walker) audit() error {
	for after := uint64(0); ; {
		var some []directory.Audit
		err := w.view(func(r store.Reader) error {
			lines, _, err := r.Audit(after, piece)
			some = directory.CloneAudit(lines)
			return err
		})
		if err != nil || len(some) == 0 {
			return err
		}
		if err := w.visitor.lines(some, nil); err != nil {
			return err
		}
		after = some[len(some)-1].Seq
	}
}

func (w *walker) events() error {
	for after := uint64(0); ; {
		var some []directory.Event
		err := w.view(func(r store.Reader) error {
			events, _, err := r.Events(after, piece)
			for i := 0; i < len(events) && err == nil; i++ {
				var own directory.Event
				own, err = cloneEvent(&events[i])
				some = append(some, own)
			}
			return err
		})
		if err != nil || len(some) == 0 {
			return err
		}
		if err := w.visitor.lines(nil, some); err != nil {
			return err
		}
		after = some[len(some)-1].Seq
	}
}

// cloneEvent is a copy that shares no memory with the store.
func cloneEvent(v *directory.Event) (directory.Event, error) {
	d := record.NewReader(string(record.AppendEvent(nil, v)))
	return d.ReadEvent(v.Seq)
}

// rest is everything of which there is little.
func (w *walker) rest() error {
	var c directory.Change
	err := w.view(func(r store.Reader) error { return readRest(r, w.tenant, &c) })
	if err != nil {
		return err
	}
	if c.Claims, err = w.mover.Claims(w.ctx, w.tenant); err != nil {
		return err
	}
	connections := []directory.ConnectionID{}
	for i := range c.Connections {
		connections = append(connections, c.Connections[i].ID)
	}
	if w.tenant == directory.Provider { // operators and applications show their credentials without a connection
		connections = append(connections, "")
		if c.Mails, err = w.store.Mails(w.ctx, time.Time{}, mostMails); err != nil {
			return err
		}
	}
	for _, connection := range connections {
		uses, err := w.store.Uses(w.ctx, connection)
		if err != nil {
			return err
		}
		if err := w.visitor.uses(connection, uses); err != nil {
			return err
		}
	}
	return w.visitor.rest(c)
}

// mostMails is how many mails may wait. The outbox has far fewer.
const mostMails = 1 << 24

func readRest(r store.Reader, id directory.TenantID, c *directory.Change) error {
	tenant, err := r.Tenant()
	if err != nil {
		return err
	}
	if id != directory.Provider {
		tenant = tenant.Clone()
		c.Tenant = &tenant
	}
	connections, err := r.Connections()
	if err != nil {
		return err
	}
	names := []directory.ConnectionID{""} // keys of applications have no connection
	for i := range connections {
		c.Connections = append(c.Connections, connections[i].Clone())
		names = append(names, connections[i].ID)
	}
	for _, name := range names {
		tokens, err := r.Tokens(name)
		if err != nil {
			return err
		}
		c.Tokens = append(c.Tokens, tokens...)
	}
	if seq, known, err := r.Noticed(); err != nil {
		return err
	} else if known {
		c.Noticed = &seq
	}
	if c.SupportSessions, err = r.SupportSessions(); err != nil {
		return err
	}
	if c.Requests, err = r.DeletionRequests(); err != nil || id != directory.Provider {
		return err
	}
	return readProvider(r, c)
}

func readProvider(r store.Reader, c *directory.Change) error {
	settings, err := r.ProviderSettings()
	if err != nil {
		return err
	}
	if settings.Version > 0 {
		c.Provider = &settings
	}
	everybody := directory.ID{}
	if c.Operators, err = r.Operators(); err != nil {
		return err
	}
	if c.Sessions, err = r.Sessions(everybody); err != nil {
		return err
	}
	if c.APIKeys, err = r.APIKeys(everybody); err != nil {
		return err
	}
	c.Links, err = r.Links(everybody)
	return err
}
