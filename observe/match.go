package observe

import (
	"context"
	"slices"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/store"
)

// mostSame is how many people of the tenant a Change names as perhaps the same.
const mostSame = 5

// foundBy says by what the identity provider found the records of a page.
func (s *Service) foundBy(ctx context.Context, copies Copies, c *directory.Connection, page []Change) error {
	var keys []string
	for i := range page {
		keys = append(keys, page[i].ID.String())
	}
	var noted map[string]string
	err := copies.Store.View(ctx, c.Observing.Copy, nil, func(r store.Reader) (err error) {
		noted, err = txn.GetAll[string](r, directory.FoundKV, keys)
		return err
	})
	if err != nil {
		return err
	}
	for i := range page {
		change := &page[i]
		switch by, searched := noted[change.ID.String()]; {
		case change.Effect == Create:
		case searched:
			change.By = by
		case c.Type.Pulled():
			change.By = change.readBy(c)
		default:
			change.By = "id"
		}
	}
	return nil
}

// readBy is by what a run of a connection that is read found a record. It knows those that it manages by the externalId, and finds others by
// their names.
func (c *Change) readBy(reads *directory.Connection) string {
	externalID, name := "", "userName"
	switch {
	case c.present.user != nil:
		externalID = c.present.user.ExternalID
	case c.present.group != nil:
		externalID, name = c.present.group.ExternalID, "displayName"
	}
	if c.From == reads.ID && externalID != "" {
		return "externalId"
	}
	return name
}

// duplicates finds the people of the tenant who are perhaps those that would be created. Groups have no duplicates: their names are unique.
func (s *Service) duplicates(ctx context.Context, c *directory.Connection, page []Change) error {
	for i := range page {
		created := &page[i]
		if created.Kind != directory.UserKind || created.Effect != Create {
			continue
		}
		err := s.cfg.Store.View(ctx, c.Tenant, nil, func(r store.Reader) error {
			created.Same = nil
			return created.samePeople(r)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *Change) same(id directory.ID, userName string) {
	known := func(s Same) bool { return s.ID == id }
	if len(c.Same) < mostSame && !slices.ContainsFunc(c.Same, known) {
		c.Same = append(c.Same, Same{id, userName})
	}
}

// samePeople finds people who have an address of the user, as an e-mail address or as the userName.
func (c *Change) samePeople(r store.Reader) error {
	addresses := append([]string{c.Name}, c.emails...)
	for _, address := range addresses {
		u, there, err := txn.Optional(r.UserByName(address))
		if err != nil {
			return err
		}
		if there {
			c.same(u.ID, u.UserName)
		}
		has := directory.Compare{Path: directory.Path{Name: "emails", Sub: "value"}, Op: directory.Equal, Value: directory.Fold(address)}
		_, err = r.Users(directory.Query{Where: has, Count: mostSame}, func(u *directory.User, _ []directory.GroupRef) error {
			c.same(u.ID, u.UserName)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
