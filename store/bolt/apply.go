package bolt

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"maps"
	"slices"
	"strings"

	"go.etcd.io/bbolt"

	"drawbridge/directory"
)

// writer changes one tenant within a batch.
type writer struct {
	batch  *batch
	reader *reader

	usage        *directory.Usage // read at the first use, written once for the whole batch
	usageChanged bool

	head      directory.Hash // of the last audit line; zero before the chain begins
	headKnown bool

	recorded bool // an audit line or an event was written
}

// apply writes a Change that verify has accepted. An error means damage or a bug; then the batch is rolled back.
//
// Removals come first and groups last, so that the member count of a group is written once, with everything that the Change did.
func (w *writer) apply(c *directory.Change) error {
	deltas := make(map[directory.ID]int) // group → change of its number of members
	steps := []func() error{
		func() error { return w.putTenant(c.Tenant) },
		func() error { return each(c.Connections, w.putConnection) },
		func() error { return each(c.RemoveConnections, w.removeConnection) },
		func() error { return each(c.Tokens, w.putToken) },
		func() error {
			return each(c.RemoveGroups, func(id *directory.ID) error { return w.removeGroup(*id, deltas) })
		},
		func() error {
			return each(c.RemoveUsers, func(id *directory.ID) error { return w.removeUser(*id, deltas) })
		},
		func() error { return each(c.RemoveResources, w.removeResource) },
		func() error { return each(c.Users, w.putUser) },
		func() error { return each(c.Resources, w.putResource) },
		func() error { return w.leave(c.Leave, deltas) },
		func() error { return w.join(c.Join, deltas) },
		func() error {
			return each(c.Groups, func(g *directory.Group) error {
				delta := deltas[g.ID]
				delete(deltas, g.ID)
				return w.putGroup(g, delta)
			})
		},
		func() error { return w.writeDeltas(deltas) },
		func() error { return each(c.DropTombstones, w.dropTombstone) },
		func() error { return each(c.Tombstones, w.putTombstone) },
		func() error { return each(c.DropKVs, w.dropKV) },
		func() error { return each(c.KVs, w.putKV) },
		func() error { return each(c.Claims, w.putClaim) },
		func() error { return w.forget(c.ForgetEvents) },
		func() error { return w.applyOperatorData(c) },
		func() error { return w.applyMails(c) },
		func() error { return each(c.Audit, w.addAudit) },
		func() error { return each(c.Events, w.addEvent) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	w.recorded = w.recorded || len(c.Audit)+len(c.Events) > 0
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

func (w *writer) put(p part, key, value []byte) error {
	b := w.reader.part(p)
	if b == nil {
		return errors.New("the tenant has no bucket for " + string(p.name()))
	}
	w.batch.bytes += len(key) + len(value)
	return b.Put(key, value)
}

func (w *writer) remove(p part, key []byte) error {
	b := w.reader.part(p)
	if b == nil {
		return errors.New("the tenant has no bucket for " + string(p.name()))
	}
	w.batch.bytes += len(key)
	return b.Delete(key)
}

// reindex removes the index entries of the old record that the new one does not have, and adds the missing ones.
func (w *writer) reindex(before, after [][]byte) error {
	for _, key := range before {
		if !has(after, key) {
			if err := w.remove(index, key); err != nil {
				return err
			}
		}
	}
	for _, key := range after {
		if !has(before, key) {
			if err := w.put(index, key, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

func has(keys [][]byte, key []byte) bool {
	return slices.ContainsFunc(keys, func(k []byte) bool { return bytes.Equal(k, key) })
}

// counts returns the counts of the tenant as this batch has left them.
func (w *writer) counts() (*directory.Usage, error) {
	if w.usage == nil {
		stored, err := w.reader.storedUsage()
		if err != nil {
			return nil, err
		}
		w.usage = &stored
	}
	return w.usage, nil
}

// changedCounts returns the counts to a caller that changes them.
func (w *writer) changedCounts() (*directory.Usage, error) {
	w.usageChanged = true
	return w.counts()
}

// flush writes what the batch has collected.
func (w *writer) flush() error {
	if !w.usageChanged {
		return nil
	}
	return w.put(facts, usageKey(), encodeUsage(w.usage, usageKey()))
}

func cloneUsage(c directory.Usage) directory.Usage {
	c.Resources = maps.Clone(c.Resources)
	return c
}

func (w *writer) putTenant(t *directory.Tenant) error {
	if t == nil {
		return nil
	}
	key := tenantKey(t.ID)
	record, err := encodeJSON(t, key)
	if err != nil {
		return err
	}
	if err := w.batch.register(tenantBucket, key, record); err != nil {
		return err
	}
	if w.reader.data != nil {
		return nil
	}
	if err := makeParts(w.batch.tx, t.ID); err != nil {
		return err
	}
	w.reader.data = w.batch.tx.Bucket([]byte(dataBucket)).Bucket(key)
	return nil
}

func (w *writer) putConnection(c *directory.Connection) error {
	key := []byte(c.ID)
	record, err := encodeJSON(c, key)
	if err != nil {
		return err
	}
	if err := w.batch.register(connectionBucket, key, record); err != nil {
		return err
	}
	return w.put(index, connectionKey(c.ID), nil)
}

func (w *writer) putToken(t *directory.Token) error {
	key := tokenKey(t.Connection, t.ID)
	if old := w.reader.get(index, key); old != nil && !bytes.Equal(old, t.Hash[:]) {
		if err := w.batch.register(tokenBucket, old, nil); err != nil { // the token has a new secret
			return err
		}
	}
	hash := bytes.Clone(t.Hash[:])
	record, err := encodeJSON(t, hash)
	if err != nil {
		return err
	}
	if err := w.batch.register(tokenBucket, hash, record); err != nil {
		return err
	}
	return w.put(index, key, hash)
}

// removeConnection removes a connection with its credentials and their uses.
func (w *writer) removeConnection(id *directory.ConnectionID) error {
	tokens, err := w.reader.Tokens(*id)
	if err != nil {
		return err
	}
	for i := range tokens {
		if err := w.removeToken(&tokens[i]); err != nil {
			return err
		}
	}
	uses := w.batch.tx.Bucket([]byte(useBucket))
	if err := removePrefix(uses, useKey(*id, "")); err != nil {
		return err
	}
	if err := w.batch.register(connectionBucket, []byte(*id), nil); err != nil {
		return err
	}
	return w.remove(index, connectionKey(*id))
}

func (w *writer) removeToken(t *directory.Token) error {
	if err := w.batch.register(tokenBucket, bytes.Clone(t.Hash[:]), nil); err != nil {
		return err
	}
	return w.remove(index, tokenKey(t.Connection, t.ID))
}

// removePrefix removes every key of b with a prefix.
func removePrefix(b *bbolt.Bucket, prefix []byte) error {
	var old [][]byte // collected first: a cursor must not see deletions
	c := b.Cursor()
	for k, _ := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, _ = c.Next() {
		old = append(old, bytes.Clone(k))
	}
	for _, key := range old {
		if err := b.Delete(key); err != nil {
			return err
		}
	}
	return nil
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

func (w *writer) oldGroup(id directory.ID) (*directory.Group, error) {
	record := w.reader.get(groups, id[:])
	if record == nil {
		return nil, nil
	}
	g := new(directory.Group)
	if err := decodeGroup(g, id[:], record, transact); err != nil {
		return nil, w.reader.damaged("group", id, err)
	}
	return g, nil
}

// putGroup writes a group; delta is the change of its number of members.
func (w *writer) putGroup(g *directory.Group, delta int) error {
	old, err := w.oldGroup(g.ID)
	if err != nil {
		return err
	}
	now := *g
	now.Members = delta
	if old != nil {
		now.Members += old.Members
	}
	if err := w.countGroup(old, &now); err != nil {
		return err
	}
	if err := w.reindex(groupKeys(old), groupKeys(&now)); err != nil {
		return err
	}
	return w.put(groups, g.ID[:], encodeGroup(&now))
}

func (w *writer) removeGroup(id directory.ID, deltas map[directory.ID]int) error {
	old, err := w.oldGroup(id)
	if err != nil || old == nil {
		return err
	}
	if err := w.countGroup(old, nil); err != nil {
		return err
	}
	if err := w.reindex(groupKeys(old), nil); err != nil {
		return err
	}
	if err := w.remove(groups, id[:]); err != nil {
		return err
	}
	if err := w.removeMembers(id); err != nil {
		return err
	}
	delete(deltas, id)
	return w.leaveAll(id, deltas)
}

func (w *writer) countGroup(old, now *directory.Group) error {
	n := 0
	if old != nil && old.BuiltIn == "" {
		n--
	}
	if now != nil && now.BuiltIn == "" {
		n++
	}
	if n == 0 {
		return nil
	}
	c, err := w.changedCounts()
	if err != nil {
		return err
	}
	c.Groups += n
	return nil
}

// writeDeltas writes the groups of which only the number of members has changed.
func (w *writer) writeDeltas(deltas map[directory.ID]int) error {
	for id, delta := range deltas {
		old, err := w.oldGroup(id)
		if err != nil {
			return err
		}
		if old == nil || delta == 0 {
			continue
		}
		old.Members += delta
		if err := w.put(groups, id[:], encodeGroup(old)); err != nil {
			return err
		}
	}
	return nil
}

// join adds memberships in key order, which is the order of the pages.
func (w *writer) join(list []directory.Membership, deltas map[directory.ID]int) error {
	if !slices.IsSortedFunc(list, compareMemberships) {
		list = slices.Clone(list)
		slices.SortStableFunc(list, compareMemberships)
	}
	var key []byte // the bucket copies it
	for i := range list {
		m := &list[i]
		key = appendMemberKey(key[:0], m.Group, m.Member.ID, m.Source)
		first := w.reader.firstMembership(m.Group, m.Member.ID)
		if bytes.Equal(first, key) || first != nil && w.reader.get(members, key) != nil {
			continue
		}
		if first == nil {
			deltas[m.Group]++
		}
		if err := w.put(members, key, encodeMember(key, m.Member)); err != nil {
			return err
		}
		w.reader.gap.fill(key)
		key = appendMemberKey(key[:0], m.Member.ID, m.Group, m.Source)
		if err := w.put(memberOf, key, nil); err != nil {
			return err
		}
	}
	return nil
}

func compareMemberships(a, b directory.Membership) int {
	if order := compareIDs(a.Group, b.Group); order != 0 {
		return order
	}
	return compareIDs(a.Member.ID, b.Member.ID)
}

func (w *writer) leave(list []directory.Membership, deltas map[directory.ID]int) error {
	for _, m := range slices.SortedStableFunc(slices.Values(list), compareMemberships) {
		if err := w.drop(m.Group, m.Member.ID, m.Source, deltas); err != nil {
			return err
		}
	}
	return nil
}

// drop removes one membership, in both directions.
func (w *writer) drop(group, member, source directory.ID, deltas map[directory.ID]int) error {
	key := memberKey(group, member, source)
	if w.reader.get(members, key) == nil {
		return nil
	}
	w.reader.gap = keyGap{} // it may have ended at this key
	if err := w.remove(members, key); err != nil {
		return err
	}
	if err := w.remove(memberOf, memberKey(member, group, source)); err != nil {
		return err
	}
	if w.reader.firstMembership(group, member) == nil {
		deltas[group]--
	}
	return nil
}

// leaveAll removes a user or group from every group.
func (w *writer) leaveAll(member directory.ID, deltas map[directory.ID]int) error {
	var out []directory.Membership // collected first: a cursor must not see deletions
	err := w.reader.groupsOf(member, func(group, source directory.ID) error {
		out = append(out, directory.Membership{Group: group, Member: directory.Member{ID: member}, Source: source})
		return nil
	})
	if err != nil {
		return err
	}
	return w.leave(out, deltas)
}

// removeMembers removes all members of a group that is removed.
func (w *writer) removeMembers(group directory.ID) error {
	var out []directory.Membership
	err := w.reader.Members(group, directory.ID{}, func(m directory.Membership) error {
		out = append(out, m)
		return nil
	})
	if err != nil {
		return err
	}
	return w.leave(out, make(map[directory.ID]int))
}

func (w *writer) oldResource(id directory.ID) (*directory.Resource, error) {
	record := w.reader.get(resources, id[:])
	if record == nil {
		return nil, nil
	}
	v := new(directory.Resource)
	if err := decodeResource(v, id[:], record, transact); err != nil {
		return nil, w.reader.damaged("resource", id, err)
	}
	return v, nil
}

func (w *writer) putResource(v *directory.Resource) error {
	old, err := w.oldResource(v.ID)
	if err != nil {
		return err
	}
	if err := w.countResource(old, v); err != nil {
		return err
	}
	if err := w.reindex(resourceKeys(old), resourceKeys(v)); err != nil {
		return err
	}
	return w.put(resources, v.ID[:], encodeResource(v))
}

func (w *writer) removeResource(id *directory.ID) error {
	old, err := w.oldResource(*id)
	if err != nil || old == nil {
		return err
	}
	if err := w.countResource(old, nil); err != nil {
		return err
	}
	if err := w.reindex(resourceKeys(old), nil); err != nil {
		return err
	}
	return w.remove(resources, id[:])
}

func (w *writer) countResource(old, now *directory.Resource) error {
	if old != nil && now != nil && old.Kind == now.Kind {
		return nil
	}
	c, err := w.changedCounts()
	if err != nil {
		return err
	}
	if old != nil {
		kind := directory.Kind(strings.Clone(string(old.Kind))) // a map may keep the key of the last assignment, and this one aliases the file
		if c.Resources[kind]--; c.Resources[kind] == 0 {
			delete(c.Resources, kind)
		}
		if len(c.Resources) == 0 {
			c.Resources = nil
		}
	}
	if now != nil {
		if c.Resources == nil {
			c.Resources = make(map[directory.Kind]int)
		}
		c.Resources[now.Kind]++
	}
	return nil
}

func (w *writer) oldTombstone(id directory.ID) (*directory.Tombstone, error) {
	t, err := w.reader.Tombstone(id)
	if directory.CodeOf(err) == directory.NotFound {
		return nil, nil
	}
	return &t, err
}

func (w *writer) putTombstone(t *directory.Tombstone) error {
	old, err := w.oldTombstone(t.ID)
	if err != nil {
		return err
	}
	if err := w.reindex(tombstoneKeys(old), tombstoneKeys(t)); err != nil {
		return err
	}
	record, err := encodeJSON(t, t.ID[:])
	if err != nil {
		return err
	}
	return w.put(tombstones, t.ID[:], record)
}

func (w *writer) dropTombstone(id *directory.ID) error {
	old, err := w.oldTombstone(*id)
	if err != nil || old == nil {
		return err
	}
	if err := w.reindex(tombstoneKeys(old), nil); err != nil {
		return err
	}
	return w.remove(tombstones, id[:])
}

// addAudit numbers a line and chains it to the one before it.
func (w *writer) addAudit(a *directory.Audit) error {
	previous, err := w.chainHead()
	if err != nil {
		return err
	}
	key, err := w.nextKey(audit)
	if err != nil {
		return err
	}
	line := *a
	line.Seq = binary.BigEndian.Uint64(key)
	line.ChainStart = previous == directory.Hash{}
	line.Hash = line.Sum(previous)
	w.head = line.Hash
	return w.put(audit, key, encodeAudit(&line, key))
}

// chainHead returns the hash of the last audit line, zero if the chain has not begun. If the last line is damaged, the chain
// continues from a hash of its bytes: verification then always names that line, and the tenant can still be written.
func (w *writer) chainHead() (directory.Hash, error) {
	if w.headKnown {
		return w.head, nil
	}
	b := w.reader.part(audit)
	if b == nil {
		return directory.Hash{}, errors.New("the tenant has no bucket for " + string(audit.name()))
	}
	if k, v := b.Cursor().Last(); k != nil {
		last, err := decodeAudit(0, k, v)
		if err != nil {
			w.batch.store.options.Logger.Error("the last audit line is damaged", "tenant", w.reader.tenant, "key", hex.EncodeToString(k), "error", err)
			last.Hash = sha256.Sum256(v)
		}
		w.head = last.Hash
	}
	w.headKnown = true
	return w.head, nil
}

func (w *writer) addEvent(v *directory.Event) error {
	key, err := w.nextKey(events)
	if err != nil {
		return err
	}
	return w.put(events, key, encodeEvent(v, key))
}

// forget removes the events up to seq except the last one, and records where the remaining ones begin, so that a check can tell
// forgotten events from lost ones.
func (w *writer) forget(seq uint64) error {
	b := w.reader.part(events)
	if b == nil || seq == 0 || b.Sequence() == 0 {
		return nil
	}
	seq = min(seq, b.Sequence()-1)
	before, err := w.reader.forgotten()
	if err != nil || seq <= before {
		return err
	}
	var old [][]byte // collected first: a cursor must not see deletions
	c := b.Cursor()
	for k, _ := c.First(); k != nil && bytes.Compare(k, seqKey(seq)) <= 0; k, _ = c.Next() {
		old = append(old, bytes.Clone(k))
	}
	for _, key := range old {
		if err := w.remove(events, key); err != nil {
			return err
		}
	}
	return w.put(facts, forgottenKey(), encodeForgotten(seq))
}

func (w *writer) nextKey(p part) ([]byte, error) {
	b := w.reader.part(p)
	if b == nil {
		return nil, errors.New("the tenant has no bucket for " + string(p.name()))
	}
	seq, err := b.NextSequence()
	return seqKey(seq), err
}
