package server

import (
	"net/http"

	"drawbridge/bridge"
	"drawbridge/directory"
	"drawbridge/scim"
	"drawbridge/scim/patch"
)

// groups is the collection at /Groups.
type groups struct{ *server }

func (s groups) create(c *call, p directory.Principal) (reply, error) {
	t := c.catalog.Group
	view, err := c.projection(t)
	if err != nil {
		return reply{}, err
	}
	r, members, err := t.Decode(c.body, &c.quirks)
	if err != nil {
		return reply{}, err
	}
	draft := r.GroupDraft(&c.quirks)
	if members != nil && len(*members) > 0 {
		draft.Members = []directory.MemberEdit{{Op: directory.AddMembers, Members: *members}}
	}
	result, err := s.bridge.CreateGroup(c.ctx, p, func(*directory.Group) (directory.GroupDraft, error) { return draft, nil })
	if err != nil {
		return reply{}, err
	}
	return s.reply(c, p, http.StatusCreated, &result, view)
}

func (s groups) get(c *call, p directory.Principal) (reply, error) {
	t := c.catalog.Group
	view, err := c.projection(t)
	if err != nil {
		return reply{}, err
	}
	id, err := c.target()
	if err != nil {
		return reply{}, err
	}
	result, err := s.bridge.Group(c.ctx, p, id, view.Wants(t, "members"))
	if err != nil {
		return reply{}, err
	}
	if err := c.current(result.Group.Version); err != nil {
		return reply{}, err
	}
	if c.unmodified(result.Group.Version) {
		return reply{status: http.StatusNotModified, version: result.Group.Version}, nil
	}
	return s.encode(c, http.StatusOK, &result, view)
}

// replace is PUT. RFC 7644 §3.5.1 lets a server clear what the body leaves out. For the identity providers that we know by
// name a missing "members" leaves the membership as it is (row 52), since some of them send groups without it and would
// empty every group; a generic client gets what the RFC says.
func (s groups) replace(c *call, p directory.Principal) (reply, error) {
	t := c.catalog.Group
	view, err := c.projection(t)
	if err != nil {
		return reply{}, err
	}
	id, err := c.target()
	if err != nil {
		return reply{}, err
	}
	r, members, err := t.Decode(c.body, &c.quirks)
	if err != nil {
		return reply{}, err
	}
	var steps []directory.MemberEdit
	switch {
	case members != nil:
		steps = []directory.MemberEdit{{Op: directory.ReplaceMembers, Members: *members}}
	case c.profile.Type == directory.Generic:
		steps = []directory.MemberEdit{{Op: directory.ReplaceMembers}}
	default:
		c.quirks.Add(quirkMembersKept)
	}
	draft := r.GroupDraft(&c.quirks)
	draft.Members = steps
	compare := hasImmutable(t)
	result, err := s.bridge.EditGroup(c.ctx, p, id, c.pre, func(before *directory.Group) (directory.GroupDraft, error) {
		if !compare {
			return draft, nil
		}
		old, err := t.FromGroup(before)
		if err != nil {
			return directory.GroupDraft{}, err
		}
		over, err := r.Over(old)
		if err != nil {
			return directory.GroupDraft{}, err
		}
		q := copyQuirks(&c.quirks)
		out := over.GroupDraft(&q)
		out.Members = steps
		return out, nil
	})
	if err != nil {
		return reply{}, err
	}
	return s.reply(c, p, http.StatusOK, &result, view)
}

func (s groups) patch(c *call, p directory.Principal) (reply, error) {
	t := c.catalog.Group
	view, err := c.projection(t)
	if err != nil {
		return reply{}, err
	}
	id, err := c.target()
	if err != nil {
		return reply{}, err
	}
	steps, err := patch.Parse(t, c.body, s.patchOptions(c), &c.quirks)
	if err != nil {
		return reply{}, err
	}
	members := steps.Members()
	var noted scim.Quirks
	result, err := s.bridge.EditGroup(c.ctx, p, id, c.pre, func(before *directory.Group) (directory.GroupDraft, error) {
		q := copyQuirks(&c.quirks)
		r, err := t.FromGroup(before)
		if err != nil {
			return directory.GroupDraft{}, err
		}
		if r, err = steps.Apply(r, &q); err != nil {
			return directory.GroupDraft{}, err
		}
		draft := r.GroupDraft(&q)
		draft.Members = members
		noted = q
		return draft, nil
	})
	if err != nil {
		return reply{}, err
	}
	c.quirks = noted
	if c.profile.GroupPatch == directory.ReplyNoContent && !c.params.projected() {
		return reply{status: http.StatusNoContent, location: c.location(t, id), version: result.Group.Version}, nil
	}
	return s.reply(c, p, http.StatusOK, &result, view)
}

func (s groups) remove(c *call, p directory.Principal) (reply, error) {
	id, err := c.target()
	if err != nil {
		return reply{}, err
	}
	if err := s.bridge.DeleteGroup(c.ctx, p, id, c.pre); err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusNoContent}, nil
}

func (s groups) list(c *call, p directory.Principal, t *scim.ResourceType, q directory.Query, view *scim.Projection, out *page) (directory.Page, error) {
	q.Members = view.Wants(t, "members")
	return s.bridge.ListGroups(c.ctx, p, q, func(g *directory.Group, members []directory.Member) error {
		b, err := t.AppendGroup(out.next(), c.base, g, members, view)
		return out.put(b, err)
	})
}

// reply answers a write. The members are read only if they will be shown: a group may have a hundred thousand.
func (s groups) reply(c *call, p directory.Principal, status int, result *bridge.GroupResult, view *scim.Projection) (reply, error) {
	if result.Members == nil && result.Group.Members > 0 && view.Wants(c.catalog.Group, "members") {
		full, err := s.bridge.Group(c.ctx, p, result.Group.ID, true)
		if err != nil {
			return reply{}, err
		}
		result = &full
	}
	return s.encode(c, status, result, view)
}

func (s groups) encode(c *call, status int, result *bridge.GroupResult, view *scim.Projection) (reply, error) {
	t := c.catalog.Group
	b := s.buffer()
	var err error
	if b.b, err = t.AppendGroup(b.b, c.base, &result.Group, result.Members, view); err != nil {
		s.release(b)
		return reply{}, err
	}
	return reply{status: status, body: b, location: c.location(t, result.Group.ID), version: result.Group.Version}, nil
}
