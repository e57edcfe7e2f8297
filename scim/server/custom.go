package server

import (
	"drawbridge/bridge"
	"drawbridge/directory"
	"drawbridge/scim"
)

// custom is the collection of a resource type that the tenant has defined for itself.
type custom struct{ *server }

// storedResource is a custom resource as a record.
type storedResource bridge.ResourceResult

func (x *storedResource) id() directory.ID     { return x.Resource.ID }
func (x *storedResource) version() uint64      { return x.Resource.Version }
func (x *storedResource) deviations() []string { return nil }

func (x *storedResource) append(c *call, b []byte, _ directory.Principal, view *scim.Projection) ([]byte, error) {
	return c.kind.AppendResource(b, c.base, &x.Resource, view)
}

func (s custom) create(c *call, p directory.Principal, w write) (record, error) {
	draft := w.resource.ResourceDraft(w.quirks)
	result, err := s.bridge.CreateResource(c.ctx, p, c.kind.Kind(), func(*directory.Resource) (directory.ResourceDraft, error) { return draft, nil })
	return (*storedResource)(&result), err
}

func (s custom) get(c *call, p directory.Principal, id directory.ID, _ *scim.Projection) (record, error) {
	result, err := s.bridge.Resource(c.ctx, p, c.kind.Kind(), id)
	return (*storedResource)(&result), err
}

func (s custom) edit(c *call, p directory.Principal, id directory.ID, edit edit) (record, error) {
	result, err := s.bridge.EditResource(c.ctx, p, bridge.ResourceKey{Kind: c.kind.Kind(), ID: id}, c.pre, func(before *directory.Resource) (directory.ResourceDraft, error) {
		w, err := edit(func() (scim.Resource, error) { return c.kind.FromResource(before) })
		if err != nil {
			return directory.ResourceDraft{}, err
		}
		return w.resource.ResourceDraft(w.quirks), nil
	})
	return (*storedResource)(&result), err
}

func (s custom) remove(c *call, p directory.Principal, id directory.ID) error {
	return s.bridge.DeleteResource(c.ctx, p, c.kind.Kind(), id, c.pre)
}

func (s custom) list(c *call, p directory.Principal, of *part, out *page) (directory.Page, error) {
	return s.bridge.ListResources(c.ctx, p, of.kind.Kind(), of.query, func(x *directory.Resource) error {
		b, err := of.kind.AppendResource(out.next(), c.base, x, of.view)
		return out.put(b, err)
	})
}
