package server

import (
	"net/http"

	"drawbridge/bridge"
	"drawbridge/directory"
	"drawbridge/scim"
	"drawbridge/scim/patch"
)

// custom is the collection of a resource type that the tenant has defined for itself.
type custom struct{ *server }

func (s custom) create(c *call, p directory.Principal) (reply, error) {
	view, err := c.projection(c.kind)
	if err != nil {
		return reply{}, err
	}
	r, _, err := c.kind.Decode(c.body, &c.quirks)
	if err != nil {
		return reply{}, err
	}
	draft := r.ResourceDraft(&c.quirks)
	result, err := s.bridge.CreateResource(c.ctx, p, c.kind.Kind(), func(*directory.Resource) (directory.ResourceDraft, error) { return draft, nil })
	if err != nil {
		return reply{}, err
	}
	return s.reply(c, http.StatusCreated, &result, view)
}

func (s custom) get(c *call, p directory.Principal) (reply, error) {
	view, err := c.projection(c.kind)
	if err != nil {
		return reply{}, err
	}
	id, err := c.target()
	if err != nil {
		return reply{}, err
	}
	result, err := s.bridge.Resource(c.ctx, p, c.kind.Kind(), id)
	if err != nil {
		return reply{}, err
	}
	if err := c.current(result.Resource.Version); err != nil {
		return reply{}, err
	}
	if c.unmodified(result.Resource.Version) {
		return reply{status: http.StatusNotModified, version: result.Resource.Version}, nil
	}
	return s.reply(c, http.StatusOK, &result, view)
}

func (s custom) replace(c *call, p directory.Principal) (reply, error) {
	view, err := c.projection(c.kind)
	if err != nil {
		return reply{}, err
	}
	id, err := c.target()
	if err != nil {
		return reply{}, err
	}
	r, _, err := c.kind.Decode(c.body, &c.quirks)
	if err != nil {
		return reply{}, err
	}
	result, err := s.bridge.EditResource(c.ctx, p, c.kind.Kind(), id, c.pre, func(before *directory.Resource) (directory.ResourceDraft, error) {
		old, err := c.kind.FromResource(before)
		if err != nil {
			return directory.ResourceDraft{}, err
		}
		over, err := r.Over(old)
		if err != nil {
			return directory.ResourceDraft{}, err
		}
		q := copyQuirks(&c.quirks)
		return over.ResourceDraft(&q), nil
	})
	if err != nil {
		return reply{}, err
	}
	return s.reply(c, http.StatusOK, &result, view)
}

func (s custom) patch(c *call, p directory.Principal) (reply, error) {
	view, err := c.projection(c.kind)
	if err != nil {
		return reply{}, err
	}
	id, err := c.target()
	if err != nil {
		return reply{}, err
	}
	steps, err := patch.Parse(c.kind, c.body, s.patchOptions(c), &c.quirks)
	if err != nil {
		return reply{}, err
	}
	var noted scim.Quirks
	result, err := s.bridge.EditResource(c.ctx, p, c.kind.Kind(), id, c.pre, func(before *directory.Resource) (directory.ResourceDraft, error) {
		q := copyQuirks(&c.quirks)
		r, err := c.kind.FromResource(before)
		if err != nil {
			return directory.ResourceDraft{}, err
		}
		if r, err = steps.Apply(r, &q); err != nil {
			return directory.ResourceDraft{}, err
		}
		draft := r.ResourceDraft(&q)
		noted = q
		return draft, nil
	})
	if err != nil {
		return reply{}, err
	}
	c.quirks = noted
	return s.reply(c, http.StatusOK, &result, view)
}

func (s custom) remove(c *call, p directory.Principal) (reply, error) {
	id, err := c.target()
	if err != nil {
		return reply{}, err
	}
	if err := s.bridge.DeleteResource(c.ctx, p, c.kind.Kind(), id, c.pre); err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusNoContent}, nil
}

func (s custom) list(c *call, p directory.Principal, t *scim.ResourceType, q directory.Query, view *scim.Projection, out *page) (directory.Page, error) {
	return s.bridge.ListResources(c.ctx, p, t.Kind(), q, func(x *directory.Resource) error {
		b, err := t.AppendResource(out.next(), c.base, x, view)
		return out.put(b, err)
	})
}

func (s custom) reply(c *call, status int, result *bridge.ResourceResult, view *scim.Projection) (reply, error) {
	b := s.buffer()
	var err error
	if b.b, err = c.kind.AppendResource(b.b, c.base, &result.Resource, view); err != nil {
		s.release(b)
		return reply{}, err
	}
	return reply{status: status, body: b, location: c.location(c.kind, result.Resource.ID), version: result.Resource.Version}, nil
}
