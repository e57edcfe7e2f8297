package bolt

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"reflect"

	"go.etcd.io/bbolt"

	"drawbridge/directory"
)

// Check looks at every page and every record and gives a sentence for everything that does not fit: damaged pages and
// records, indexes, counts and memberships that do not agree with the records, gaps in the audit trail and the events.
//
// Updates wait while it looks at the pages, and the snapshot of which it then looks at the records pins pages, so it is for a
// quiet hour or for a backup. A page that is damaged in its structure may end the process; check a file that is suspect
// in a child process.
func (s *Store) Check(ctx context.Context) ([]string, error) {
	c := &checker{store: s}
	err := s.submit(ctx, func(*batch) error { return s.read(ctx, c.pages) }) // bbolt wants no writer beside it
	if err == nil && len(c.findings) == 0 {                                  // else the rest would stand on sand
		err = s.read(ctx, func(tx *bbolt.Tx) error { return c.records(ctx, tx) })
	}
	return c.findings, err
}

// checker gathers what Check finds.
type checker struct {
	store    *Store
	tx       *bbolt.Tx
	findings []string

	r       *reader                 // of the tenant that is looked at
	entries int                     // index entries that its records ask for
	usage   directory.Usage         // counted
	sizes   map[directory.ID]int    // distinct members of each group, counted
	stored  map[directory.ID]int    // as the groups' records say
	unique  map[string]directory.ID // folded names seen
}

const maxFindings = 1000

func (c *checker) find(format string, args ...any) {
	if len(c.findings) < maxFindings {
		c.findings = append(c.findings, fmt.Sprintf(format, args...))
	}
}

// must notes an error of reading.
func (c *checker) must(err error) bool {
	if err != nil {
		c.find("%v", err)
	}
	return err == nil
}

func (c *checker) pages(tx *bbolt.Tx) error {
	for err := range tx.Check() { // to the end, or its goroutine never ends
		c.find("page: %v", err)
	}
	return nil
}

func (c *checker) records(ctx context.Context, tx *bbolt.Tx) error {
	c.tx = tx
	return tx.Bucket([]byte(dataBucket)).ForEachBucket(func(key []byte) error {
		if err := ctx.Err(); err != nil {
			return gaveUp(err)
		}
		tenant := directory.TenantID(key)
		if bytes.Equal(key, tenantKey(directory.Provider)) {
			tenant = directory.Provider
		}
		c.tenant(tenant)
		return nil
	})
}

func (c *checker) tenant(tenant directory.TenantID) {
	c.r = c.store.reader(c.tx, tenant)
	c.entries, c.usage = 0, directory.Usage{}
	c.sizes, c.stored = make(map[directory.ID]int), make(map[directory.ID]int)
	c.unique = make(map[string]directory.ID)
	for p := range parts {
		if c.r.part(p) == nil {
			c.find("tenant %q has no bucket %s", tenant, p.name())
			return
		}
	}
	_, err := c.r.Tenant()
	c.must(err)
	c.users()
	c.groups()
	c.others()
	c.credentials()
	c.memberships()
	c.memos()
	c.index()
	if stored, err := c.r.storedUsage(); c.must(err) && !reflect.DeepEqual(stored, c.usage) {
		c.find("tenant %q counts %+v, and it has %+v", tenant, stored, c.usage)
	}
	journalCheck(c, audit, decodeAudit)
	journalCheck(c, events, decodeEvent)
}

func (c *checker) users() {
	var u directory.User
	c.each(users, func(id directory.ID, record []byte) error {
		if err := decodeUser(&u, id[:], record, transact); err != nil {
			return err
		}
		c.usage.Add(&u, 1)
		if !u.Gone() {
			c.once(byUserName, directory.Fold(u.UserName), id)
		}
		c.indexed(userKeys(&u), id)
		return nil
	})
}

func (c *checker) groups() {
	var g directory.Group
	c.each(groups, func(id directory.ID, record []byte) error {
		if err := decodeGroup(&g, id[:], record, transact); err != nil {
			return err
		}
		if g.BuiltIn == "" {
			c.usage.Groups++
			c.once(byDisplayName, directory.Fold(g.DisplayName), id)
		} else {
			c.once(byBuiltIn, string(g.BuiltIn), id)
		}
		c.stored[id] = g.Members
		c.indexed(groupKeys(&g), id)
		return nil
	})
}

func (c *checker) others() {
	var v directory.Resource
	c.each(resources, func(id directory.ID, record []byte) error {
		if err := decodeResource(&v, id[:], record, forever); err != nil {
			return err
		}
		if c.usage.Resources == nil {
			c.usage.Resources = make(map[directory.Kind]int)
		}
		c.usage.Resources[v.Kind]++
		c.indexed(resourceKeys(&v), id)
		return nil
	})
	c.each(tombstones, func(id directory.ID, record []byte) error {
		var t directory.Tombstone
		if err := decodeJSON(&t, id[:], record); err != nil {
			return err
		}
		c.indexed(tombstoneKeys(&t), id)
		return nil
	})
}

func (c *checker) credentials() {
	list, err := c.r.Connections()
	if !c.must(err) {
		return
	}
	c.entries += len(list)
	c.must(c.tx.Bucket([]byte(tokenBucket)).ForEach(func(hash, record []byte) error {
		t, err := readToken(c.store, hash, record)
		if err != nil || t.Tenant != c.r.tenant {
			return err
		}
		c.entries++
		if !bytes.Equal(c.r.get(index, tokenKey(t.Connection, t.ID)), hash) {
			c.find("token %s of connection %s does not stand under its connection", t.ID, t.Connection)
		}
		return nil
	}))
}

// memberships compares the two ways round, and the groups' counts.
func (c *checker) memberships() {
	forward, backward := c.r.part(members), c.r.part(memberOf)
	n := 0
	var group, member directory.ID
	c.must(forward.ForEach(func(k, v []byte) error {
		n++
		m, err := c.r.membership(k, v)
		if err != nil {
			c.find("%v", err)
			return nil
		}
		if m.Group != group || m.Member.ID != member {
			c.sizes[m.Group]++
			group, member = m.Group, m.Member.ID
		}
		if backward.Get(memberKey(m.Member.ID, m.Group, m.Source)) == nil {
			c.find("%v", c.r.damaged("membership in group "+m.Group.String()+" of", m.Member.ID, errNoRecord()))
		}
		return nil
	}))
	c.must(backward.ForEach(func(_, _ []byte) error {
		n--
		return nil
	}))
	if n != 0 {
		c.find("tenant %q has %+d memberships by group beside those by member", c.r.tenant, n)
	}
	for id, counted := range c.sizes {
		if stored, ok := c.stored[id]; !ok || stored != counted {
			c.find("group %s of tenant %q has %d members, and its record says %d", id, c.r.tenant, counted, stored)
		}
	}
	for id, stored := range c.stored {
		if stored != 0 && c.sizes[id] == 0 {
			c.find("group %s of tenant %q has no members, and its record says %d", id, c.r.tenant, stored)
		}
	}
}

// index sees whether there are entries that no record asks for.
func (c *checker) index() {
	n := 0
	c.must(c.r.part(index).ForEach(func(_, _ []byte) error {
		n++
		return nil
	}))
	if n != c.entries {
		c.find("the indexes of tenant %q have %d entries, and its records ask for %d", c.r.tenant, n, c.entries)
	}
}

// indexed sees whether the entries of a record are there.
func (c *checker) indexed(keys [][]byte, id directory.ID) {
	seen := make(map[string]bool, len(keys))
	for _, key := range keys {
		if seen[string(key)] {
			continue
		}
		seen[string(key)] = true
		c.entries++
		if c.r.get(index, key) == nil {
			c.find("record %s of tenant %q is missing in index %q", id, c.r.tenant, key[0])
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

func (c *checker) each(p part, look func(id directory.ID, record []byte) error) {
	c.must(c.r.part(p).ForEach(func(k, v []byte) error {
		if len(k) != idLength {
			c.find("tenant %q has the key %s in %s", c.r.tenant, hex.EncodeToString(k), p.name())
			return nil
		}
		id := directory.ID(k)
		if err := look(id, v); err != nil {
			c.find("%v", c.r.damaged(string(p.name())+" record", id, err))
		}
		return nil
	}))
}

func journalCheck[T any](c *checker, p part, decode func(seq uint64, key, record []byte) (T, error)) {
	b := c.r.part(p)
	last := uint64(0)
	c.must(b.ForEach(func(k, v []byte) error {
		if len(k) != 8 {
			c.find("tenant %q has the key %s in %s", c.r.tenant, hex.EncodeToString(k), p.name())
			return nil
		}
		seq := binary.BigEndian.Uint64(k)
		if last != 0 && seq != last+1 { // the first one may have been trimmed away
			c.find("%s of tenant %q jumps from %d to %d", p.name(), c.r.tenant, last, seq)
		}
		last = seq
		if _, err := decode(seq, k, v); err != nil {
			c.find("%v", damaged(c.r.tenant, string(p.name())+" line", fmt.Sprint(seq), err))
		}
		return nil
	}))
	if last != 0 && last != b.Sequence() {
		c.find("%s of tenant %q ends at %d, and the last one was %d", p.name(), c.r.tenant, last, b.Sequence())
	}
}
