package bolt

import (
	"bytes"
	"context"
	"slices"

	"go.etcd.io/bbolt"

	"drawbridge/directory"
)

// preparedNames is the first format whose indexes of userNames have directory.UserNameKey. Those of older ones have
// directory.Fold, which tells apart what is one name now (café in NFC and in NFD).
const preparedNames = 5

// nameKey is the key of a userName in its indexes.
func (s *Store) nameKey(userName string) string {
	if s.format < preparedNames {
		return directory.Fold(userName)
	}
	return directory.UserNameKey(userName)
}

// prepareNames rewrites the index of userNames of a tenant, in a file of an older format. Users that now share a name keep
// their records: each is found by its ID, and by its own spelling of the name; collisionBucket remembers the name.
func prepareNames(tx *bbolt.Tx, tenant directory.TenantID) error {
	in := tx.Bucket([]byte(dataBucket)).Bucket(tenantKey(tenant))
	names := in.Bucket(index.name())
	type move struct{ from, to, name []byte }
	var moves []move
	err := in.Bucket(users.name()).ForEach(func(k, record []byte) error {
		var u directory.User
		if len(k) != idLength {
			return nil
		}
		if err := decodeUser(&u, k, record, transact); err != nil {
			return nil //nolint:nilerr // check tells of a damaged record
		}
		folded, prepared := directory.Fold(u.UserName), directory.UserNameKey(u.UserName)
		if folded == prepared {
			return nil
		}
		kind := byUserName
		m := move{name: []byte(prepared)}
		if u.Gone() {
			kind, m.name = byGoneName, nil
		}
		m.from, m.to = indexKey(kind, folded, "", u.ID), indexKey(kind, prepared, "", u.ID)
		moves = append(moves, m)
		return nil
	})
	if err != nil {
		return err
	}
	for _, m := range moves {
		if err := names.Delete(m.from); err != nil {
			return err
		}
		if err := names.Put(m.to, nil); err != nil {
			return err
		}
	}
	for _, m := range moves {
		if m.name == nil || !shared(names, string(m.name)) {
			continue
		}
		if err := tx.Bucket([]byte(collisionBucket)).Put(collisionKey(tenant, m.name), nil); err != nil {
			return err
		}
	}
	return nil
}

// shared reports whether more than one user that is not Gone is in the index under a name.
func shared(names *bbolt.Bucket, name string) bool {
	prefix := appendIndexPrefix(nil, byUserName, name)
	n := 0
	c := names.Cursor()
	for k, _ := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, _ = c.Next() {
		if _, _, ok := indexEntry(k[len(prefix):]); ok {
			n++
		}
	}
	return n > 1
}

// collisionKey names a userName of a tenant that several users had when the file became one of this format.
func collisionKey(tenant directory.TenantID, name []byte) []byte {
	return append(append(bytes.Clone(tenantKey(tenant)), 0), name...)
}

// NameCollisions lists the users that share a userName because an older release told their names apart. A collision is gone when
// all but one of its users have another name, or are Gone.
func (s *Store) NameCollisions(ctx context.Context) (all []directory.NameCollision, err error) {
	err = s.read(ctx, func(tx *bbolt.Tx) error {
		all, err = s.collisions(tx)
		return err
	})
	return all, err
}

func (s *Store) collisions(tx *bbolt.Tx) (all []directory.NameCollision, err error) {
	b := tx.Bucket([]byte(collisionBucket))
	if b == nil { // a file of an older format
		return nil, nil
	}
	err = b.ForEach(func(k, _ []byte) error {
		slug, name, ok := bytes.Cut(k, []byte{0})
		if !ok || tx.Bucket([]byte(dataBucket)).Bucket(slug) == nil {
			return nil // the tenant is gone
		}
		r := s.reader(tx, directory.TenantID(slug))
		users, err := r.usersAt(r.lookup(byUserName, string(name), nil), func(u *directory.User) bool {
			return !u.Gone() && s.nameKey(u.UserName) == string(name)
		})
		if err != nil || len(users) < 2 {
			return err
		}
		found := directory.NameCollision{Tenant: directory.TenantID(slug)}
		for i := range users {
			found.Users = append(found.Users, users[i].ID)
			found.Names = append(found.Names, users[i].UserName)
		}
		all = append(all, found)
		return nil
	})
	return all, err
}

// logCollisions logs and counts the users that share a userName, when the file is opened.
func (s *Store) logCollisions() {
	all, err := s.NameCollisions(context.Background())
	if err != nil {
		s.options.Logger.Warn("users that share a userName cannot be listed", "error", err)
		return
	}
	s.colliding = len(all) > 0
	s.options.Metrics.collide(all)
	for i := range all[:min(len(all), loggedCollisions)] {
		s.options.Logger.Warn("users share a userName; rename or delete all but one", "tenant", all[i].Tenant, "users", all[i].Users, "names", all[i].Names)
	}
	if more := len(all) - loggedCollisions; more > 0 {
		s.options.Logger.Warn("more users share a userName; check lists them all", "more", more)
	}
}

// loggedCollisions is how many collisions the log names.
const loggedCollisions = 20

// watchCollisions counts the collisions again after a commit, as long as there are any.
func (s *Store) watchCollisions() {
	if !s.colliding {
		return
	}
	if all, err := s.NameCollisions(context.Background()); err == nil {
		s.colliding = len(all) > 0
		s.options.Metrics.collide(all)
	}
}

// spelt returns the user whose name has the same spelling as userName, or else the oldest one.
func spelt(users []directory.User, userName string) directory.User {
	i := slices.IndexFunc(users, func(u directory.User) bool { return u.UserName == userName })
	return users[max(i, 0)]
}
