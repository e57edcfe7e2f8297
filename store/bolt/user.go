package bolt

import (
	"errors"
	"slices"

	"drawbridge/directory"
)

// User returns a user, Gone or not.
func (r *reader) User(id directory.ID) (directory.User, error) {
	record := r.get(users, id[:])
	if record == nil {
		return directory.User{}, notFound("user")
	}
	var u directory.User
	if err := decodeUser(&u, id[:], record, forever); err != nil {
		return directory.User{}, r.damaged("user", id, err)
	}
	return u, nil
}

// UserByName returns the user with this userName that is not Gone. If an older release let several users have it, it returns the one
// with this spelling, or else the oldest.
func (r *reader) UserByName(userName string) (directory.User, error) {
	name := r.store.nameKey(userName)
	ids := r.lookup(byUserName, name, nil)
	if len(ids) == 0 {
		return directory.User{}, notFound("user")
	}
	found, err := r.usersAt(ids, func(u *directory.User) bool { return !u.Gone() && r.store.nameKey(u.UserName) == name })
	if err != nil {
		return directory.User{}, err
	}
	return spelt(found, userName), nil
}

// GoneByName returns the users with this userName that are Gone, the youngest (by ID) first.
func (r *reader) GoneByName(userName string) ([]directory.User, error) {
	name := r.store.nameKey(userName)
	all, err := r.usersAt(r.lookup(byGoneName, name, nil), func(u *directory.User) bool {
		return u.Gone() && r.store.nameKey(u.UserName) == name
	})
	slices.Reverse(all)
	return all, err
}

// UsersByExternalID returns users that a connection manages.
func (r *reader) UsersByExternalID(connection directory.ConnectionID, externalID string) ([]directory.User, error) {
	if externalID == "" {
		return nil, nil
	}
	scope := string(connection)
	return r.usersAt(r.lookup(byUserExternalID, externalID, &scope), func(u *directory.User) bool {
		return u.Connection == connection && u.ExternalID == externalID
	})
}

// usersAt reads the users that an index names; each must agree with the index.
func (r *reader) usersAt(ids []directory.ID, indexed func(*directory.User) bool) ([]directory.User, error) {
	var all []directory.User
	for _, id := range ids {
		u, err := r.User(id)
		if err != nil {
			return nil, r.dangling("user", id, err)
		}
		if !indexed(&u) {
			return nil, r.damaged("user", id, errMisplaced("user"))
		}
		all = append(all, u)
	}
	return all, nil
}

func errMisplaced(index string) error {
	return errors.New("the index of its " + index + " does not agree with it")
}

// oldUser decodes a stored user; it aliases the file. nil if there is none.
func (w *writer) oldUser(id directory.ID) (*directory.User, error) {
	record := w.reader.get(users, id[:])
	if record == nil {
		return nil, nil
	}
	u := new(directory.User)
	if err := decodeUser(u, id[:], record, transact); err != nil {
		return nil, w.reader.damaged("user", id, err)
	}
	return u, nil
}

func (w *writer) putUser(u *directory.User) error {
	old, err := w.oldUser(u.ID)
	if err != nil {
		return err
	}
	if err := w.countUser(old, u); err != nil {
		return err
	}
	if err := w.reindex(w.batch.store.userKeys(old), w.batch.store.userKeys(u)); err != nil {
		return err
	}
	return w.put(users, u.ID[:], encodeUser(u))
}

func (w *writer) removeUser(id directory.ID, deltas map[directory.ID]int) error {
	old, err := w.oldUser(id)
	if err != nil || old == nil {
		return err
	}
	if err := w.countUser(old, nil); err != nil {
		return err
	}
	if err := w.reindex(w.batch.store.userKeys(old), nil); err != nil {
		return err
	}
	if err := w.remove(users, id[:]); err != nil {
		return err
	}
	return w.leaveAll(id, deltas)
}

func (w *writer) countUser(old, now *directory.User) error {
	if old != nil && now != nil && old.Gone() == now.Gone() && old.Type == now.Type && old.State == now.State {
		return nil
	}
	c, err := w.changedCounts()
	if err != nil {
		return err
	}
	if old != nil {
		c.Add(old, -1)
	}
	if now != nil {
		c.Add(now, 1)
	}
	return nil
}
