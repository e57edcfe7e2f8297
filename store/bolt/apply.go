package bolt

import (
	"bytes"
	"errors"
	"maps"
	"slices"

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
		func() error { return w.forgetAudit(c.ForgetAudit) },
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
