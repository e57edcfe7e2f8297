package server

import (
	"drawbridge/bridge"
	"drawbridge/directory"
	"drawbridge/scim"
)

// users is the collection at /Users.
type users struct{ *server }

// storedUser is a user as a record.
type storedUser bridge.UserResult

func (u *storedUser) id() directory.ID     { return u.User.ID }
func (u *storedUser) version() uint64      { return u.User.Version }
func (u *storedUser) deviations() []string { return u.Deviations }

func (u *storedUser) append(c *call, b []byte, _ directory.Principal, view *scim.Projection) ([]byte, error) {
	return c.catalog.User.AppendUser(b, c.base, &u.User, u.Groups, view)
}

func (s users) create(c *call, p directory.Principal, w write) (record, error) {
	draft := w.resource.UserDraft(w.quirks)
	result, err := s.bridge.CreateUser(c.ctx, p, func(*directory.User) (directory.UserDraft, error) { return draft, nil })
	return (*storedUser)(&result), err
}

func (s users) get(c *call, p directory.Principal, id directory.ID, _ *scim.Projection) (record, error) {
	result, err := s.bridge.User(c.ctx, p, id)
	return (*storedUser)(&result), err
}

func (s users) edit(c *call, p directory.Principal, id directory.ID, edit edit) (record, error) {
	result, err := s.bridge.EditUser(c.ctx, p, id, c.pre, func(before *directory.User) (directory.UserDraft, error) {
		w, err := edit(func() (scim.Resource, error) { return c.catalog.User.FromUser(before) })
		if err != nil {
			return directory.UserDraft{}, err
		}
		return w.resource.UserDraft(w.quirks), nil
	})
	return (*storedUser)(&result), err
}

func (s users) remove(c *call, p directory.Principal, id directory.ID) error {
	return s.bridge.DeleteUser(c.ctx, p, id, c.pre)
}

func (s users) list(c *call, p directory.Principal, of *part, out *page) (directory.Page, error) {
	q := of.query
	q.Groups = of.view.Wants(of.kind, "groups")
	return s.bridge.ListUsers(c.ctx, p, q, func(u *directory.User, groups []directory.GroupRef) error {
		b, err := of.kind.AppendUser(out.next(), c.base, u, groups, of.view)
		return out.put(b, err)
	})
}
