package bolt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"go.etcd.io/bbolt"

	"drawbridge/directory"
)

// Rebuild copies the records of the file at from into a new file at to, and rebuilds the derived data: indexes, counts, the
// number of members in each group, the direction from members to groups, and the sequences of events and audit lines. No record is
// changed or left out; what Sweep would remove is left out. A damaged record stays damaged, and what pointed to it still does, so that it is not taken for missing.
//
// A file with damaged pages is Internal, because it is unknown what is missing in it. from stays as it is; to must not exist.
func Rebuild(ctx context.Context, from, to string, options Options, notes Notes) error {
	s, _, err := openToRead(from, options)
	if err != nil {
		return err
	}
	b := &rebuilder{store: s, notes: notes}
	err = s.read(ctx, func(tx *bbolt.Tx) error {
		c := &checker{store: s}
		if err := c.pages(tx); err != nil {
			return err
		}
		if len(c.report.Findings) > 0 {
			return unfit(from, "has damaged pages, so it is unknown what is missing in it; restore it from a backup", errors.New(c.report.Findings[0]))
		}
		b.old = tx
		return create(to, func(db *bbolt.DB) error {
			b.db = db
			return b.all(ctx)
		})
	})
	if errors.As(err, new(*panicValue)) {
		err = unfit(from, "", err)
	}
	return errors.Join(err, s.db.Close())
}

// rebuilder fills a new file from the records of an old one.
type rebuilder struct {
	store *Store
	notes Notes
	old   *bbolt.Tx
	db    *bbolt.DB

	tx      *bbolt.Tx
	written int // bytes in tx
	done    int64

	r      *reader // of the current tenant
	unread map[directory.ID]bool
	usage  directory.Usage
	sizes  map[directory.ID]int
	names  map[string]bool // of users that are not Gone; true: several have it
	keys   [][]byte        // of the index, to be sorted
}

func (b *rebuilder) all(ctx context.Context) (err error) {
	if b.tx, err = b.db.Begin(true); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = b.tx.Rollback() // the file is removed
		}
	}()
	for _, name := range rootBuckets() {
		if b.old.Bucket([]byte(name)) == nil {
			if isLater(name) { // its format had none
				continue
			}
			return fmt.Errorf("the store has no bucket %q", name)
		}
		if _, err := b.tx.CreateBucket([]byte(name)); err != nil {
			return err
		}
		switch name {
		case dataBucket, collisionBucket: // see tenant
			continue
		case operatorBucket:
			if err := b.operatorData(); err != nil {
				return err
			}
			continue
		}
		if err := b.copy([]string{name}, b.old.Bucket([]byte(name)), nil); err != nil {
			return err
		}
	}
	err = b.old.Bucket([]byte(dataBucket)).ForEachBucket(func(key []byte) error {
		if err := ctx.Err(); err != nil {
			return gaveUp(err)
		}
		tenant := directory.TenantID(key)
		if bytes.Equal(key, tenantKey(directory.Provider)) {
			tenant = directory.Provider
		}
		return b.tenant(tenant)
	})
	if err != nil {
		return err
	}
	return b.tx.Commit()
}

// operatorData copies what belongs to operators, and rebuilds the index of their addresses. An address stays if its operator
// cannot be read or is lost.
func (b *rebuilder) operatorData() error {
	r := b.store.reader(b.old, directory.Provider)
	keys := make(map[string][]byte)
	err := r.operatorData().ForEach(func(k, v []byte) error {
		if len(k) == 0 || k[0] != operatorByEmail {
			if len(k) == 1+idLength && k[0] == operatorByID {
				if o, err := r.Operator(directory.ID(k[1:])); err == nil {
					keys[string(operatorKey(operatorByEmail, []byte(directory.Fold(o.Email))))] = bytes.Clone(k[1:])
				}
			}
			return b.put([]string{operatorBucket}, k, v)
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = r.operatorData().ForEach(func(k, v []byte) error {
		if _, made := keys[string(k)]; len(k) == 0 || k[0] != operatorByEmail || made {
			return nil
		}
		if len(v) == idLength {
			if _, err := r.Operator(directory.ID(v)); err == nil {
				return nil // the operator has another address
			}
		}
		keys[string(k)] = bytes.Clone(v)
		return nil
	})
	if err != nil {
		return err
	}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if err := b.put([]string{operatorBucket}, []byte(key), keys[key]); err != nil {
			return err
		}
	}
	return nil
}

// put writes one value, and begins another transaction when this one is large.
func (b *rebuilder) put(path []string, key, value []byte) error {
	if b.written > bytesPerCommit {
		if err := b.tx.Commit(); err != nil {
			return err
		}
		var err error
		if b.tx, err = b.db.Begin(true); err != nil {
			return err
		}
		b.written = 0
	}
	bucket := b.bucket(path)
	bucket.FillPercent = 0.95
	b.written += len(key) + len(value)
	if b.done++; b.done%1024 == 0 {
		b.notes.progress("records", b.done, 0)
	}
	return bucket.Put(key, value)
}

func (b *rebuilder) bucket(path []string) *bbolt.Bucket {
	bucket := b.tx.Bucket([]byte(path[0]))
	for _, name := range path[1:] {
		bucket = bucket.Bucket([]byte(name))
	}
	return bucket
}

// copy copies every value of a bucket, after change if there is one.
func (b *rebuilder) copy(path []string, from *bbolt.Bucket, change func(key, value []byte) []byte) error {
	return from.ForEach(func(k, v []byte) error {
		if v == nil {
			return fmt.Errorf("%q has the bucket %q in it", path, k)
		}
		if change != nil {
			v = change(k, v)
		}
		return b.put(path, k, v)
	})
}

func (b *rebuilder) tenant(tenant directory.TenantID) error {
	if err := makeParts(b.tx, tenant); err != nil {
		return err
	}
	b.r = b.store.reader(b.old, tenant)
	b.unread, b.sizes, b.keys, b.usage = make(map[directory.ID]bool), make(map[directory.ID]int), nil, directory.Usage{}
	b.names = make(map[string]bool)
	path := func(p part) []string { return []string{dataBucket, string(tenantKey(tenant)), string(p.name())} }
	for _, p := range []part{members, users, groups, resources, tombstones, kvs, audit, events} { // members first, because groups count them
		from := b.r.part(p)
		if from == nil && p == kvs { // a file of an older format
			continue
		}
		if from == nil {
			return fmt.Errorf("tenant %q has no bucket %s", tenant, p.name())
		}
		if err := b.copy(path(p), from, b.watch(p)); err != nil {
			return err
		}
	}
	if err := b.sequences(path); err != nil {
		return err
	}
	if err := b.memberOf(path(memberOf)); err != nil {
		return err
	}
	if err := b.facts(path(facts)); err != nil {
		return err
	}
	if err := b.collide(tenant); err != nil {
		return err
	}
	return b.index(path(index))
}

// named notes which names the users of a tenant share.
func (b *rebuilder) named(u *directory.User, unreadable error) {
	if unreadable != nil || u.Gone() || b.store.format < preparedNames {
		return
	}
	name := b.store.nameKey(u.UserName)
	if _, known := b.names[name]; known {
		b.names[name] = true
	} else {
		b.names[name] = false
	}
}

// collide writes the list of shared names again.
func (b *rebuilder) collide(tenant directory.TenantID) error {
	for _, name := range slices.Sorted(maps.Keys(b.names)) {
		if b.names[name] {
			if err := b.put([]string{collisionBucket}, collisionKey(tenant, []byte(name)), nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// watch collects the index entries and counts of the records of a part. A group gets the number of its members.
func (b *rebuilder) watch(p part) func(key, record []byte) []byte {
	look := func(read func(id directory.ID, record []byte) ([]byte, [][]byte, error)) func(key, record []byte) []byte {
		return func(key, record []byte) []byte {
			if len(key) != idLength {
				return record
			}
			changed, keys, err := read(directory.ID(key), record)
			if err != nil {
				b.unread[directory.ID(key)] = true
				return record
			}
			b.keys = append(b.keys, keys...)
			return changed
		}
	}
	switch p {
	case members:
		var group, member directory.ID
		return func(key, record []byte) []byte {
			if g, m, _, ok := splitMemberKey(key); ok && (g != group || m != member) {
				b.sizes[g]++
				group, member = g, m
			}
			return record
		}
	case users:
		return look(func(id directory.ID, record []byte) ([]byte, [][]byte, error) {
			var u directory.User
			err := decodeUser(&u, id[:], record, transact)
			if err == nil {
				b.usage.Add(&u, 1)
			}
			b.named(&u, err)
			return record, b.store.userKeys(&u), err
		})
	case groups:
		return look(func(id directory.ID, record []byte) ([]byte, [][]byte, error) {
			var g directory.Group
			if err := decodeGroup(&g, id[:], record, forever); err != nil {
				return nil, nil, err
			}
			if g.BuiltIn == "" {
				b.usage.Groups++
			}
			if g.Members != b.sizes[id] {
				g.Members = b.sizes[id]
				record = encodeGroup(&g)
			}
			return record, groupKeys(&g), nil
		})
	case resources:
		return look(func(id directory.ID, record []byte) ([]byte, [][]byte, error) {
			var v directory.Resource
			err := decodeResource(&v, id[:], record, forever)
			if err == nil {
				if b.usage.Resources == nil {
					b.usage.Resources = make(map[directory.Kind]int)
				}
				b.usage.Resources[v.Kind]++
			}
			return record, resourceKeys(&v), err
		})
	case tombstones:
		return look(func(id directory.ID, record []byte) ([]byte, [][]byte, error) {
			var t directory.Tombstone
			err := decodeJSON(&t, id[:], record)
			return record, tombstoneKeys(&t), err
		})
	}
	return nil
}

// sequences sets the numbers with which audit lines and events continue. A number beyond the last line stays: it says that lines
// are missing.
func (b *rebuilder) sequences(path func(part) []string) error {
	for _, p := range []part{audit, events} {
		from := b.r.part(p)
		seq := from.Sequence()
		if last, _ := from.Cursor().Last(); len(last) == 8 {
			seq = max(seq, seqOf(last))
		}
		if err := b.bucket(path(p)).SetSequence(seq); err != nil {
			return err
		}
	}
	return nil
}

func (b *rebuilder) memberOf(path []string) error {
	return b.r.part(members).ForEach(func(key, _ []byte) error {
		group, member, source, ok := splitMemberKey(key)
		if !ok {
			return nil
		}
		return b.put(path, memberKey(member, group, source), nil)
	})
}

// facts writes the counts, if there were any or there is something to count, and copies the rest.
func (b *rebuilder) facts(path []string) error {
	from := b.r.part(facts)
	err := b.copy(path, from, nil)
	if err != nil {
		return err
	}
	stored, err := b.r.storedUsage()
	if len(b.unread) > 0 && err == nil {
		return nil // records that cannot be read still count
	}
	if from.Get(usageKey()) == nil && b.usage.Gone == 0 && b.usage.Groups == 0 && b.usage.Users == stored.Users && b.usage.Resources == nil {
		return nil
	}
	return b.put(path, usageKey(), encodeUsage(&b.usage, usageKey()))
}

// index writes the entries that the records need. Entries that may belong to an unreadable record stay.
func (b *rebuilder) index(path []string) error {
	values := make(map[string][]byte) // of the entries that have one
	tenant := b.r.tenant
	err := b.old.Bucket([]byte(connectionBucket)).ForEach(func(key, record []byte) error {
		if v, err := readConnection(b.store, key, record); err == nil && v.Tenant == tenant {
			b.keys = append(b.keys, connectionKey(v.ID))
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = b.old.Bucket([]byte(tokenBucket)).ForEach(func(hash, record []byte) error {
		if v, err := readToken(b.store, hash, record); err == nil && v.Tenant == tenant {
			key := tokenKey(v.Connection, v.ID)
			b.keys, values[string(key)] = append(b.keys, key), bytes.Clone(hash)
		}
		return nil
	})
	if err != nil {
		return err
	}
	slices.SortFunc(b.keys, bytes.Compare)
	unreadable := &checker{store: b.store, tx: b.old, r: b.r, unread: b.unread}
	var more [][]byte
	err = b.r.part(index).ForEach(func(key, value []byte) error {
		if _, made := values[string(key)]; !made && (unreadable.needed(key, value) || b.lost(key)) {
			more = append(more, bytes.Clone(key))
			if len(key) > 0 && key[0] == tokenOfConnection {
				values[string(key)] = bytes.Clone(value)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	b.keys = append(b.keys, more...)
	slices.SortFunc(b.keys, bytes.Compare)
	for _, key := range slices.CompactFunc(b.keys, bytes.Equal) {
		if err := b.put(path, key, values[string(key)]); err != nil {
			return err
		}
	}
	b.keys = nil
	return nil
}

// lost reports whether an entry of the old index is the only trace of a record: the record is missing, nothing says that it was
// deleted, and no other record has the value. Such an entry stays, so that the loss stays visible and the person is not created a
// second time. b.keys is sorted.
func (b *rebuilder) lost(key []byte) bool {
	if len(key) <= idLength || key[0] == connectionOfTenant || key[0] == tokenOfConnection {
		return false
	}
	id, value := directory.ID(key[len(key)-idLength:]), key[:len(key)-idLength]
	for _, p := range []part{users, groups, resources, tombstones} {
		if b.r.get(p, id[:]) != nil {
			return false
		}
	}
	at, _ := slices.BinarySearchFunc(b.keys, value, bytes.Compare)
	return at == len(b.keys) || !bytes.HasPrefix(b.keys[at], value)
}
