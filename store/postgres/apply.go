package postgres

import (
	"crypto/rand"
	"encoding/binary"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5/pgtype"

	"drawbridge/directory"
)

// apply adds a Change that verify has accepted to the pending writes. Removals come first and groups last, so that the member count of a
// group is written once, with all effects of the Change.
func (t *tx) apply(c *directory.Change) error {
	t.dirty = true
	t.renewed = t.renewed || c.Tenant != nil || len(c.Connections)+len(c.RemoveConnections)+len(c.Tokens) > 0
	moved := make(map[directory.ID]int) // group → how many members more
	steps := []func() error{
		func() error { return t.putTenant(c.Tenant) },
		func() error { return t.applyCredentials(c) },
		func() error {
			return each(c.RemoveGroups, func(id *directory.ID) error { return t.removeGroup(*id, moved) })
		},
		func() error {
			return each(c.RemoveUsers, func(id *directory.ID) error { t.removeUser(*id, moved); return nil })
		},
		func() error {
			return each(c.RemoveResources, func(id *directory.ID) error { t.putResource(*id, nil); return nil })
		},
		func() error { return each(c.Users, func(u *directory.User) error { t.putUser(u.ID, u); return nil }) },
		func() error {
			return each(c.Resources, func(v *directory.Resource) error { t.putResource(v.ID, v); return nil })
		},
		func() error {
			return each(c.Leave, func(m *directory.Membership) error { t.leaveGroup(m, moved); return nil })
		},
		func() error {
			return each(c.Join, func(m *directory.Membership) error { t.joinGroup(m, moved); return nil })
		},
		func() error {
			return each(c.Groups, func(g *directory.Group) error {
				t.putGroup(g.ID, g, moved[g.ID])
				delete(moved, g.ID)
				return nil
			})
		},
		func() error { t.recount(moved); return nil },
		func() error {
			return each(c.DropTombstones, func(id *directory.ID) error { t.putTombstone(*id, nil); return nil })
		},
		func() error {
			return each(c.Tombstones, func(v *directory.Tombstone) error { t.putTombstone(v.ID, v); return nil })
		},
		func() error {
			return each(c.DropKVs, func(ref *directory.KVRef) error { t.putKV(*ref, nil); return nil })
		},
		func() error {
			return each(c.KVs, func(m *directory.KV) error {
				t.putKV(directory.KVRef{Kind: m.Kind, Key: m.Key}, m)
				return nil
			})
		},
		func() error { return each(c.Claims, t.putClaim) },
		func() error { t.forget(c.ForgetEvents); return nil },
		func() error { t.forgetAudit(c.ForgetAudit); return nil },
		func() error { return t.applyOperatorRows(c) },
		func() error { return t.applyMails(c) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	t.addLines(c)
	return nil
}

func each[T any](list []T, do func(*T) error) error {
	for i := range list {
		if err := do(&list[i]); err != nil {
			return err
		}
	}
	return nil
}

// reindex removes the keys that are no longer right and adds the missing ones.
func (t *tx) reindex(before, after []key) {
	for _, k := range before {
		if !slices.Contains(after, k) {
			t.dropKey(k)
		}
	}
	for _, k := range after {
		if !slices.Contains(before, k) {
			t.addKey(k)
		}
	}
}

// newData is the key of new data. It is random, because all writers would have to share a sequence.
func newData() int64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // it never fails
	return int64(binary.BigEndian.Uint64(b[:])>>1 | 1)
}

// newID makes a random id.
func newID() (id pgtype.UUID) {
	_, _ = rand.Read(id.Bytes[:]) // it never fails
	id.Valid = true
	return id
}

// putTenant writes the record of the tenant, and creates the tenant if it does not exist.
func (t *tx) putTenant(v *directory.Tenant) error {
	if v == nil {
		return nil
	}
	body, err := marshal(v)
	if err != nil {
		return err
	}
	switch {
	case t.staged != 0: // it is published
		t.also("insert into tenant (slug, pk, body) values ($1, $2, $3)", string(t.tenant), t.pk, body)
		t.also("delete from staged where pk = $1", t.pk)
	case t.pk == noData:
		t.pk = newData()
		t.also("insert into tenant (slug, pk, body) values ($1, $2, $3)", string(t.tenant), t.pk, body)
		t.also("insert into lane (pk) values ($1)", t.pk)
	default:
		t.also("update tenant set body = $2 where slug = $1", string(t.tenant), body)
	}
	kept := *v
	t.head.tenant = &kept
	return nil
}

// putUser writes a user, or removes it if u is nil.
func (t *tx) putUser(id directory.ID, u *directory.User) {
	old := t.known.users[id]
	if old != nil {
		t.head.usage.Add(old, -1)
	}
	if u != nil {
		kept := *u
		u = &kept
		t.head.usage.Add(u, 1)
	}
	t.reindex(userKeys(old), userKeys(u))
	t.known.users[id] = u
	t.pending.users[id] = true
}

func (t *tx) removeUser(id directory.ID, moved map[directory.ID]int) {
	if t.known.users[id] == nil {
		return
	}
	t.putUser(id, nil)
	t.leaveAll(id, moved)
}

// putGroup writes a group with the count of its members, which changes by more; or removes it if g is nil.
func (t *tx) putGroup(id directory.ID, g *directory.Group, more int) {
	old := t.known.groups[id]
	if old != nil && old.BuiltIn == "" {
		t.head.usage.Groups--
	}
	if g != nil {
		kept := *g
		g = &kept
		g.Members = more
		if old != nil {
			g.Members += old.Members
		}
		if g.BuiltIn == "" {
			t.head.usage.Groups++
		}
	}
	t.reindex(groupKeys(old), groupKeys(g))
	t.known.groups[id] = g
	t.pending.groups[id] = true
}

// removeGroup removes a group with all its members. There may be many: the database removes them.
func (t *tx) removeGroup(id directory.ID, moved map[directory.ID]int) error {
	if t.known.groups[id] == nil {
		return nil
	}
	t.putGroup(id, nil, 0)
	delete(moved, id)
	t.leaveAll(id, moved)
	if err := t.ask("delete from member where pk = $1 and grp = $2 returning member", []any{t.pk, uuidOf(id)}, nextRow); err != nil {
		return err
	}
	for p := range t.known.memberships {
		if p.group == id {
			delete(t.known.memberships, p)
		}
	}
	for member, all := range t.known.of {
		t.known.of[member] = slices.DeleteFunc(slices.Clone(all), func(m directory.Membership) bool { return m.Group == id })
	}
	return nil
}

// recount writes the groups of which only the membership has changed.
func (t *tx) recount(moved map[directory.ID]int) {
	for id, more := range moved {
		if old := t.known.groups[id]; old != nil && more != 0 {
			kept := *old
			kept.Members += more
			t.known.groups[id] = &kept
			t.pending.groups[id] = true
		}
	}
}

func (t *tx) joinGroup(m *directory.Membership, moved map[directory.ID]int) {
	all := t.known.memberships[pair{m.Group, m.Member.ID}]
	for i := range all {
		if all[i].Source == m.Source {
			return
		}
	}
	if len(all) == 0 {
		moved[m.Group]++
	}
	kept := *m
	t.moveMember(m.Member.ID, place{m.Group, m.Source}, &kept)
}

func (t *tx) leaveGroup(m *directory.Membership, moved map[directory.ID]int) {
	all := t.known.memberships[pair{m.Group, m.Member.ID}]
	for i := range all {
		if all[i].Source != m.Source {
			continue
		}
		if len(all) == 1 {
			moved[m.Group]--
		}
		t.moveMember(m.Member.ID, place{m.Group, m.Source}, nil)
		return
	}
}

// leaveAll removes a user or group from every group.
func (t *tx) leaveAll(member directory.ID, moved map[directory.ID]int) {
	var last directory.ID
	for _, m := range t.known.of[member] { // in the order of the groups
		if m.Group != last {
			moved[m.Group]--
		}
		last = m.Group
		t.moveMember(member, place{m.Group, m.Source}, nil)
	}
}

// putResource writes a resource, or removes it if v is nil.
func (t *tx) putResource(id directory.ID, v *directory.Resource) {
	old := t.known.resources[id]
	if old == nil && v == nil {
		return
	}
	t.countResource(old, -1)
	if v != nil {
		kept := *v
		v = &kept
	}
	t.countResource(v, 1)
	t.reindex(resourceKeys(old), resourceKeys(v))
	t.known.resources[id] = v
	t.pending.resources[id] = true
}

func (t *tx) countResource(v *directory.Resource, n int) {
	if v == nil {
		return
	}
	c := maps.Clone(t.head.usage.Resources) // a caller may still have the old counts
	if c == nil {
		c = make(map[directory.Kind]int)
	}
	if c[v.Kind] += n; c[v.Kind] == 0 {
		delete(c, v.Kind)
	}
	if len(c) == 0 {
		c = nil
	}
	t.head.usage.Resources = c
}

// putTombstone writes a tombstone, or drops it if v is nil.
func (t *tx) putTombstone(id directory.ID, v *directory.Tombstone) {
	if v != nil {
		kept := *v
		v = &kept
	}
	t.reindex(tombstoneKeys(t.known.tombstones[id]), tombstoneKeys(v))
	t.known.tombstones[id] = v
	t.pending.tombstones[id] = true
}

// putKV writes a key-value record, or drops it if m is nil.
func (t *tx) putKV(ref directory.KVRef, m *directory.KV) {
	if m != nil {
		kept := *m
		m = &kept
	}
	t.known.kvs[ref] = m
	t.pending.kvs[ref] = true
}

// addLines numbers audit lines and events, and chains each line to the one before it.
func (t *tx) addLines(c *directory.Change) {
	h := &t.head
	for i := range c.Audit {
		line := c.Audit[i]
		h.auditSeq++
		line.Seq = uint64(h.auditSeq)
		line.ChainStart = h.chainHead == directory.Hash{}
		line.Hash = line.Sum(h.chainHead)
		h.chainHead = line.Hash
		t.pending.audit = append(t.pending.audit, line)
	}
	for i := range c.Events {
		event := c.Events[i]
		h.eventSeq++
		event.Seq = uint64(h.eventSeq)
		t.pending.events = append(t.pending.events, event)
	}
}

// forget removes the events up to seq except the last one, and notes where the remaining ones begin.
func (t *tx) forget(seq uint64) {
	h := &t.head
	last := int64(min(seq, uint64(max(h.eventSeq-1, 0))))
	if last <= h.forgotten {
		return
	}
	t.also("delete from event where pk = $1 and seq <= $2", t.pk, last)
	h.forgotten = last
}

// forgetAudit removes the audit lines up to seq except the last one. The ArchiveMark says where the remaining ones begin.
func (t *tx) forgetAudit(seq uint64) {
	if last := int64(min(seq, uint64(max(t.head.auditSeq-1, 0)))); last > 0 {
		t.also("delete from audit where pk = $1 and seq <= $2", t.pk, last)
	}
}
