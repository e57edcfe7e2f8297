package server

import (
	"drawbridge/bridge"
	"drawbridge/directory"
	"drawbridge/scim"
)

// groups is the collection at /Groups.
type groups struct{ *server }

// storedGroup is a group as a record.
type storedGroup bridge.GroupResult

func (g *storedGroup) id() directory.ID     { return g.Group.ID }
func (g *storedGroup) version() uint64      { return g.Group.Version }
func (g *storedGroup) deviations() []string { return g.Deviations }

// append encodes the group. The members are read only if they will be shown: a group may have a hundred thousand. Many are read and encoded
// when the call may keep a processor busy.
func (g *storedGroup) append(c *call, b []byte, p directory.Principal, view *scim.Projection) ([]byte, error) {
	read := g.Members == nil && g.Group.Members > 0 && view.Wants(c.catalog.Group, "members")
	if read && g.Group.Members > bridge.FewMembers {
		again, done, err := c.compute(p)
		if err != nil {
			return b, c.unanswered(err)
		}
		defer done()
		p = again
	}
	if read {
		full, err := c.server.bridge.Group(c.ctx, p, g.Group.ID, bridge.WithMembers)
		if err != nil {
			return b, err
		}
		*g = storedGroup(full)
	}
	if err := c.grow(int64(len(g.Members)) * memberCost); err != nil {
		return b, c.unanswered(err)
	}
	return c.catalog.Group.AppendGroup(b, c.base, &g.Group, g.Members, view)
}

func (s groups) draft(w write) directory.GroupDraft {
	draft := w.resource.GroupDraft(w.quirks)
	draft.Members = w.members
	return draft
}

func (s groups) create(c *call, p directory.Principal, w write) (record, error) {
	draft := s.draft(w)
	result, err := s.bridge.CreateGroup(c.ctx, p, func(*directory.Group) (directory.GroupDraft, error) { return draft, nil })
	return (*storedGroup)(&result), err
}

func (s groups) get(c *call, p directory.Principal, id directory.ID, view *scim.Projection) (record, error) {
	detail := bridge.WithoutMembers
	if view.Wants(c.catalog.Group, "members") {
		detail = bridge.WithFewMembers
	}
	result, err := s.bridge.Group(c.ctx, p, id, detail)
	return (*storedGroup)(&result), err
}

func (s groups) edit(c *call, p directory.Principal, id directory.ID, edit edit) (record, error) {
	result, err := s.bridge.EditGroup(c.ctx, p, id, c.pre, func(before *directory.Group) (directory.GroupDraft, error) {
		w, err := edit(func() (scim.Resource, error) { return c.catalog.Group.FromGroup(before) })
		if err != nil {
			return directory.GroupDraft{}, err
		}
		return s.draft(w), nil
	})
	return (*storedGroup)(&result), err
}

func (s groups) remove(c *call, p directory.Principal, id directory.ID) error {
	return s.bridge.DeleteGroup(c.ctx, p, id, c.pre)
}

func (s groups) list(c *call, p directory.Principal, of *part, out *page) (directory.Page, error) {
	q := of.query
	q.Members = of.view.Wants(of.kind, "members")
	return s.bridge.ListGroups(c.ctx, p, q, func(g *directory.Group, members []directory.Member) error {
		b, err := of.kind.AppendGroup(out.next(), c.base, g, members, of.view)
		return out.put(b, err)
	})
}
