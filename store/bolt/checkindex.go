package bolt

import (
	"bytes"
	"encoding/hex"

	"go.etcd.io/bbolt"

	"drawbridge/directory"
)

// memberships compares both directions of all memberships, and the groups' counts.
func (c *checker) memberships() {
	forward, backward := c.r.part(members), c.r.part(memberOf)
	n := 0
	var group, member directory.ID
	c.must(forward.ForEach(func(k, v []byte) error {
		n++
		c.record()
		if _, _, _, ok := splitMemberKey(k); !ok {
			c.find("tenant %q has the key %s in members", c.r.tenant, hex.EncodeToString(k))
			return nil
		}
		m, err := c.r.membership(k, v)
		if err != nil {
			c.find("%s", sentenceOf(err))
			m.Group, m.Member.ID, m.Source, _ = splitMemberKey(k) // the key says that it exists
		} else {
			c.report.Memberships++
		}
		if m.Group != group || m.Member.ID != member {
			c.sizes[m.Group]++
			group, member = m.Group, m.Member.ID
		}
		if !c.unread[m.Member.ID] && c.r.get(users, m.Member.ID[:]) == nil && c.r.get(groups, m.Member.ID[:]) == nil {
			c.find("group %s of tenant %q has the member %s, which does not exist", m.Group, c.r.tenant, m.Member.ID)
		}
		if backward.Get(memberKey(m.Member.ID, m.Group, m.Source)) == nil {
			c.find("%s", sentenceOf(c.r.damaged("reverse entry of the membership in group "+m.Group.String()+" of", m.Member.ID, errNoRecord())))
		}
		return nil
	}))
	c.must(backward.ForEach(func(key, value []byte) error {
		n--
		if len(value) > 0 {
			c.find("the reverse entry %s of tenant %q has a value", hex.EncodeToString(key), c.r.tenant)
		}
		return nil
	}))
	if n != 0 {
		c.find("tenant %q has %+d more memberships by group than by member", c.r.tenant, n)
	}
	for id, counted := range c.sizes {
		if stored, ok := c.stored[id]; (!ok || stored != counted) && !c.unread[id] {
			c.find("group %s of tenant %q has %d members, and its record says %d", id, c.r.tenant, counted, stored)
		}
	}
	for id, stored := range c.stored {
		if stored != 0 && c.sizes[id] == 0 {
			c.find("group %s of tenant %q has no members, and its record says %d", id, c.r.tenant, stored)
		}
	}
}

// index looks for entries that no record needs.
func (c *checker) index() {
	n := 0
	c.must(c.r.part(index).ForEach(func(key, value []byte) error {
		n++
		if len(value) > 0 && key[0] != tokenOfConnection {
			c.find("the index %q of tenant %q has a value with the entry %q", key[:1], c.r.tenant, key)
		}
		return nil
	}))
	if n == c.entries {
		return
	}
	wrong := 0
	c.must(c.r.part(index).ForEach(func(key, value []byte) error {
		if !c.needed(key, value) {
			wrong++
			c.find("the index %q of tenant %q has the entry %q, which no record needs", key[:1], c.r.tenant, key)
		}
		return nil
	}))
	if more := n - c.entries; wrong == 0 && len(c.unread) == 0 && more != 0 {
		c.find("the indexes of tenant %q have %d entries, and its records need %d", c.r.tenant, n, c.entries)
	}
}

// needed reports whether a record needs an entry of the index. A record that cannot be read may need any entry.
func (c *checker) needed(key, value []byte) bool {
	if len(key) == 0 {
		return false
	}
	switch key[0] {
	case connectionOfTenant:
		record := c.tx.Bucket([]byte(connectionBucket)).Get(key[1:])
		if record == nil {
			return false
		}
		v, err := readConnection(c.store, key[1:], record)
		return err != nil || v.Tenant == c.r.tenant
	case tokenOfConnection:
		record := c.tx.Bucket([]byte(tokenBucket)).Get(value)
		if record == nil {
			return false
		}
		v, err := readToken(c.store, value, record)
		return err != nil || v.Tenant == c.r.tenant && bytes.Equal(tokenKey(v.Connection, v.ID), key)
	}
	if len(key) < idLength {
		return false
	}
	id := directory.ID(key[len(key)-idLength:])
	return c.unread[id] || has(c.r.keysOf(key[0], id), key)
}

// keysOf returns the index entries of the record that an entry of that kind names; none if there is no such record.
func (r *reader) keysOf(kind byte, id directory.ID) [][]byte {
	switch kind {
	case byUserName, byGoneName, byUserExternalID, byEmail, byUserUnique:
		if u, err := r.User(id); err == nil {
			return r.store.userKeys(&u)
		}
	case byDisplayName, byBuiltIn, byGroupExternalID, byGroupUnique:
		if g, err := r.Group(id); err == nil {
			return groupKeys(&g)
		}
	case byKind, byResourceID, byResourceUnique:
		var v directory.Resource
		if record := r.get(resources, id[:]); record != nil && decodeResource(&v, id[:], record, forever) == nil {
			return resourceKeys(&v)
		}
	case byTombExternalID:
		if t, err := r.Tombstone(id); err == nil {
			return tombstoneKeys(&t)
		}
	}
	return nil
}

// indexed checks that the entries of a record exist.
func (c *checker) indexed(keys [][]byte, id directory.ID) {
	seen := make(map[string]bool, len(keys))
	for _, key := range keys {
		if seen[string(key)] {
			continue
		}
		seen[string(key)] = true
		c.entries++
		if c.r.get(index, key) == nil {
			c.find("record %s of tenant %q is missing in index %q", id, c.r.tenant, key[:1])
		}
	}
}

func (c *checker) once(kind byte, name string, id directory.ID) {
	at := string(kind) + name
	if other, twice := c.unique[at]; twice {
		c.find("%s and %s of tenant %q have the same name", other, id, c.r.tenant)
	}
	c.unique[at] = id
}

// collisions tells which users are known to share a userName.
func (c *checker) collisions(b *bbolt.Bucket) {
	c.must(b.ForEach(func(k, v []byte) error {
		if slug, name, ok := bytes.Cut(k, []byte{0}); !ok || len(slug) == 0 || len(name) == 0 || len(v) > 0 {
			c.find("the list of userNames that are shared has the key %s", hex.EncodeToString(k))
		}
		return nil
	}))
	all, err := c.store.collisions(c.tx)
	if c.must(err) {
		for _, collision := range all {
			c.report.Collisions = append(c.report.Collisions, collision.String())
		}
	}
}

// named checks that no other user has the userName of a user. Users who are known to share one are no damage.
func (c *checker) named(u *directory.User) {
	name := c.store.nameKey(u.UserName)
	if known := c.tx.Bucket([]byte(collisionBucket)); known != nil {
		if k, _ := known.Cursor().Seek(collisionKey(c.r.tenant, []byte(name))); bytes.Equal(k, collisionKey(c.r.tenant, []byte(name))) {
			return
		}
	}
	c.once(byUserName, name, u.ID)
}

// alone checks that no other record has the unique values of a record.
func (c *checker) alone(kind byte, keys []directory.UniqueKey, id directory.ID) {
	for _, key := range keys {
		at := string(kind) + string(key)
		if other, twice := c.unique[at]; twice {
			path, _ := key.Split()
			c.find("%s and %s of tenant %q have the same %s, which is unique", other, id, c.r.tenant, path)
		}
		c.unique[at] = id
	}
}
