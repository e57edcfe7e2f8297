package server

import (
	"net/http"

	"drawbridge/bridge"
	"drawbridge/directory"
	"drawbridge/scim"
	"drawbridge/scim/patch"
)

// users is the collection at /Users.
type users struct{ *server }

func (s users) create(c *call, p directory.Principal) (reply, error) {
	view, err := c.projection(c.catalog.User)
	if err != nil {
		return reply{}, err
	}
	r, err := s.decode(c)
	if err != nil {
		return reply{}, err
	}
	draft := r.UserDraft(&c.quirks)
	result, err := s.bridge.CreateUser(c.ctx, p, func(*directory.User) (directory.UserDraft, error) { return draft, nil })
	if err != nil {
		return reply{}, err
	}
	return s.reply(c, http.StatusCreated, &result, view)
}

// decode reads the body of a POST or PUT.
func (s users) decode(c *call) (scim.Resource, error) {
	body := c.body
	if c.profile.UserNameFromEmail {
		body = scim.UserNameFromEmail(c.catalog.User, body, &c.quirks)
	}
	r, _, err := c.catalog.User.Decode(body, &c.quirks)
	return r, err
}

func (s users) get(c *call, p directory.Principal) (reply, error) {
	t := c.catalog.User
	view, err := c.projection(t)
	if err != nil {
		return reply{}, err
	}
	id, err := c.target()
	if err != nil {
		return reply{}, err
	}
	result, err := s.bridge.User(c.ctx, p, id)
	if err != nil {
		return reply{}, err
	}
	if err := c.current(result.User.Version); err != nil {
		return reply{}, err
	}
	if c.unmodified(result.User.Version) {
		return reply{status: http.StatusNotModified, version: result.User.Version}, nil
	}
	return s.reply(c, http.StatusOK, &result, view)
}

// replace is PUT. What the body leaves out is cleared (RFC 7644 §3.5.1), but for active: a client that does not speak of it
// must not wake somebody up (row 39).
func (s users) replace(c *call, p directory.Principal) (reply, error) {
	t := c.catalog.User
	view, err := c.projection(t)
	if err != nil {
		return reply{}, err
	}
	id, err := c.target()
	if err != nil {
		return reply{}, err
	}
	r, err := s.decode(c)
	if err != nil {
		return reply{}, err
	}
	draft := r.UserDraft(&c.quirks)
	compare := hasImmutable(t)
	result, err := s.bridge.EditUser(c.ctx, p, id, c.pre, func(before *directory.User) (directory.UserDraft, error) {
		if !compare {
			return draft, nil
		}
		old, err := t.FromUser(before)
		if err != nil {
			return directory.UserDraft{}, err
		}
		over, err := r.Over(old)
		if err != nil {
			return directory.UserDraft{}, err
		}
		q := copyQuirks(&c.quirks)
		return over.UserDraft(&q), nil
	})
	if err != nil {
		return reply{}, err
	}
	return s.reply(c, http.StatusOK, &result, view)
}

func (s users) patch(c *call, p directory.Principal) (reply, error) {
	t := c.catalog.User
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
	var noted scim.Quirks
	result, err := s.bridge.EditUser(c.ctx, p, id, c.pre, func(before *directory.User) (directory.UserDraft, error) {
		q := copyQuirks(&c.quirks)
		r, err := t.FromUser(before)
		if err != nil {
			return directory.UserDraft{}, err
		}
		if r, err = steps.Apply(r, &q); err != nil {
			return directory.UserDraft{}, err
		}
		draft := r.UserDraft(&q)
		noted = q
		return draft, nil
	})
	if err != nil {
		return reply{}, err
	}
	c.quirks = noted
	if c.profile.UserPatch == directory.ReplyNoContent && !c.params.projected() {
		return reply{status: http.StatusNoContent, location: c.location(t, id), version: result.User.Version}, nil
	}
	return s.reply(c, http.StatusOK, &result, view)
}

func (s users) remove(c *call, p directory.Principal) (reply, error) {
	id, err := c.target()
	if err != nil {
		return reply{}, err
	}
	if err := s.bridge.DeleteUser(c.ctx, p, id, c.pre); err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusNoContent}, nil
}

func (s users) list(c *call, p directory.Principal, t *scim.ResourceType, q directory.Query, view *scim.Projection, out *page) (directory.Page, error) {
	q.Groups = view.Wants(t, "groups")
	return s.bridge.ListUsers(c.ctx, p, q, func(u *directory.User, groups []directory.GroupRef) error {
		b, err := t.AppendUser(out.next(), c.base, u, groups, view)
		return out.put(b, err)
	})
}

func (s users) reply(c *call, status int, result *bridge.UserResult, view *scim.Projection) (reply, error) {
	t := c.catalog.User
	b := s.buffer()
	var err error
	if b.b, err = t.AppendUser(b.b, c.base, &result.User, result.Groups, view); err != nil {
		s.release(b)
		return reply{}, err
	}
	return reply{status: status, body: b, location: c.location(t, result.User.ID), version: result.User.Version}, nil
}

func (s *server) patchOptions(c *call) patch.Options {
	return patch.Options{UnknownPaths: c.profile.UnknownPaths, MaxOperations: s.limits.PatchOperations}
}

// copyQuirks is for edits: they may run more than once, and on another goroutine, so they note in a copy.
func copyQuirks(from *scim.Quirks) scim.Quirks {
	var q scim.Quirks
	for _, name := range from.Names() {
		q.Add(name)
	}
	return q
}
