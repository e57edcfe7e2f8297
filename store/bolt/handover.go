package bolt

import (
	"bytes"
	"context"
	"errors"

	"go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"

	"drawbridge/directory"
	"drawbridge/store"
)

// Two buckets at the root hold invisible tenants: slug → the buckets of one tenant, as in dataBucket. They exist only while
// they contain a tenant. bbolt moves a bucket from one to another at once, for every size.
const (
	stagedBucket = "staged" // not published yet
	erasedBucket = "erased" // waits for Sweep
)

// sweepPiece is how many keys one Sweep removes.
const sweepPiece = 4000

// stage is a store.Stage. Its slug is in Store.staging until it ends, so that Sweep does not remove it.
type stage struct {
	s      *Store
	tenant directory.TenantID
	ended  bool
}

// Stage begins to import a tenant.
func (s *Store) Stage(ctx context.Context, tenant directory.TenantID) (store.Stage, error) {
	if tenant == directory.Provider {
		return nil, internal("the installation itself cannot be staged")
	}
	g, err := s.stage(ctx, tenant)
	if err != nil {
		return nil, err
	}
	return g, nil
}

func (s *Store) stage(ctx context.Context, tenant directory.TenantID) (*stage, error) {
	s.stagingLock.Lock()
	taken := s.staging[tenant]
	if !taken {
		if s.staging == nil {
			s.staging = make(map[directory.TenantID]bool)
		}
		s.staging[tenant] = true
	}
	s.stagingLock.Unlock()
	if taken {
		return nil, conflict("tenant", string(tenant))
	}
	for more := true; more; {
		err := s.submit(ctx, directory.Provider, func(b *batch) error {
			if b.tx.Bucket([]byte(tenantBucket)).Get(tenantKey(tenant)) != nil {
				return conflict("tenant", string(tenant))
			}
			return b.put(func() (err error) {
				aside, err := b.tx.CreateBucketIfNotExists([]byte(stagedBucket))
				if err != nil {
					return err
				}
				if more, err = b.sweep(aside, tenantKey(tenant)); err != nil || more {
					return err
				}
				return makePartsIn(aside, tenantKey(tenant))
			})
		})
		if err != nil {
			s.unstage(tenant)
			return nil, err
		}
	}
	return &stage{s: s, tenant: tenant}, nil
}

func (s *Store) unstage(tenant directory.TenantID) {
	s.stagingLock.Lock()
	defer s.stagingLock.Unlock()
	delete(s.staging, tenant)
}

func (s *Store) isStaging(tenant directory.TenantID) bool {
	s.stagingLock.Lock()
	defer s.stagingLock.Unlock()
	return s.staging[tenant]
}

// writer returns a writer to the staged buckets within a batch.
func (g *stage) writer(b *batch) (*writer, error) {
	r := &reader{store: g.s, tx: b.tx, tenant: g.tenant}
	if aside := b.tx.Bucket([]byte(stagedBucket)); aside != nil && !g.ended {
		r.data = aside.Bucket(tenantKey(g.tenant))
	}
	if r.data == nil {
		return nil, internal("tenant %q is not, or no longer, staged", g.tenant)
	}
	w := &writer{batch: b, reader: r}
	r.writer = w
	return w, nil
}

// Put adds records.
func (g *stage) Put(ctx context.Context, c directory.Change) error {
	rest := c
	rest.Users, rest.Groups, rest.Resources, rest.Tombstones, rest.KVs, rest.Join = nil, nil, nil, nil, nil, nil
	if !rest.Empty() {
		return internal("a staged change holds more than records")
	}
	return g.s.submit(ctx, directory.Provider, func(b *batch) error {
		w, err := g.writer(b)
		if err != nil {
			return err
		}
		if err := shielded(func() error { return w.verifyStaged(&c) }); err != nil {
			return err
		}
		return b.put(func() error {
			if err := w.apply(&c); err != nil {
				return err
			}
			return w.flush()
		})
	})
}

// verifyStaged is verify for records that must all be new.
func (w *writer) verifyStaged(c *directory.Change) error {
	old := func(p part, id directory.ID) error {
		if w.reader.get(p, id[:]) != nil {
			return conflict("id", id.String())
		}
		return nil
	}
	for i := range c.Users {
		if err := old(users, c.Users[i].ID); err != nil {
			return err
		}
	}
	for i := range c.Groups {
		if err := old(groups, c.Groups[i].ID); err != nil {
			return err
		}
	}
	for i := range c.Resources {
		if err := old(resources, c.Resources[i].ID); err != nil {
			return err
		}
	}
	for i := range c.Join {
		id := c.Join[i].Member.ID
		if w.reader.get(users, id[:]) == nil && w.reader.get(groups, id[:]) == nil {
			return &directory.Error{Code: directory.Invalid, Field: "members", Message: "a membership names the member " + id.String() + ", which does not exist"}
		}
	}
	if err := w.verifyUsers(c); err != nil {
		return err
	}
	if err := w.verifyGroups(c); err != nil {
		return err
	}
	return w.verifyRest(c)
}

// Record adds audit lines and events with their numbers.
func (g *stage) Record(ctx context.Context, lines []directory.Audit, feed []directory.Event) error {
	return g.s.submit(ctx, directory.Provider, func(b *batch) error {
		w, err := g.writer(b)
		if err != nil {
			return err
		}
		return b.put(func() error {
			for i := range lines {
				key, err := w.numberedKey(audit, lines[i].Seq)
				if err != nil {
					return err
				}
				if err := w.put(audit, key, encodeAudit(&lines[i], key)); err != nil {
					return err
				}
			}
			for i := range feed {
				key, err := w.numberedKey(events, feed[i].Seq)
				if err != nil {
					return err
				}
				if err := w.put(events, key, encodeEvent(&feed[i], key)); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

// numberedKey is the key of a line that has its number already. Events before the first one were forgotten, and audit lines before
// the first one are in the archive.
func (w *writer) numberedKey(p part, seq uint64) ([]byte, error) {
	b := w.reader.part(p)
	last := b.Sequence()
	if p == events && last == 0 && seq > 1 {
		if err := w.put(facts, forgottenKey(), encodeForgotten(seq-1)); err != nil {
			return nil, err
		}
		last = seq - 1
	}
	if p == audit && last == 0 && seq > 1 {
		mark, err := w.reader.archived()
		if err != nil {
			return nil, err
		}
		last = mark.Last
	}
	if seq != last+1 {
		return nil, &directory.Error{Code: directory.Invalid, Field: string(p.name()), Message: "the " + string(p.name()) + " have a gap, or a line twice"}
	}
	return seqKey(seq), b.SetSequence(seq)
}

// Publish makes the staged data the tenant. It needs a commit of its own, because a bucket must not be moved after a write to it.
func (g *stage) Publish(ctx context.Context, decide func(store.Reader) (directory.Change, error)) error {
	err := g.s.submitAlone(ctx, func(b *batch) error {
		return b.put(func() error {
			aside := b.tx.Bucket([]byte(stagedBucket))
			if aside == nil || g.ended {
				return internal("tenant %q is not, or no longer, staged", g.tenant)
			}
			if err := aside.MoveBucket(tenantKey(g.tenant), b.tx.Bucket([]byte(dataBucket))); err != nil {
				if errors.Is(err, bbolterrors.ErrBucketExists) {
					return conflict("tenant", string(g.tenant))
				}
				return err
			}
			return b.update(g.tenant, func(r store.Reader) (directory.Change, error) {
				c, err := decide(r)
				if err == nil && (c.Tenant == nil || c.Tenant.Version < 2) {
					err = internal("tenant %q is published without its record, or as a new one", g.tenant)
				}
				return c, err
			})
		})
	})
	if err == nil {
		g.end()
	}
	return err
}

func (g *stage) end() {
	g.ended = true
	g.s.unstage(g.tenant)
}

// Drop discards the staged tenant; Sweep frees its space.
func (g *stage) Drop(context.Context) error {
	if !g.ended {
		g.end()
	}
	return nil
}

// Erase removes everything of a tenant, and writes the Change of decide in its place.
func (s *Store) Erase(ctx context.Context, tenant directory.TenantID, decide func(store.Reader) (directory.Change, error)) error {
	if tenant == directory.Provider {
		return internal("the installation itself cannot be erased")
	}
	return s.submitAlone(ctx, func(b *batch) error {
		w := b.tenant(tenant)
		change, err := decide(w.reader)
		if err != nil || change.Empty() {
			return err
		}
		if change.Tenant == nil {
			return internal("tenant %q is erased without a record in its place", tenant)
		}
		if err := w.verify(&change); err != nil {
			return err
		}
		return b.put(func() error {
			if err := b.forgetTenant(w.reader); err != nil {
				return err
			}
			erased, err := b.tx.CreateBucketIfNotExists([]byte(erasedBucket))
			if err != nil {
				return err
			}
			if err := b.tx.Bucket([]byte(dataBucket)).MoveBucket(tenantKey(tenant), erased); err != nil {
				return err
			}
			if err := makeParts(b.tx, tenant); err != nil {
				return err
			}
			delete(b.tenants, tenant)
			return b.tenant(tenant).apply(&change)
		})
	})
}

// forgetTenant removes what belongs to a tenant outside its own buckets.
func (b *batch) forgetTenant(r *reader) error {
	connections, err := r.Connections()
	if err != nil {
		return err
	}
	uses := b.tx.Bucket([]byte(useBucket))
	names := []directory.ConnectionID{""} // "" is for the keys of applications
	for i := range connections {
		names = append(names, connections[i].ID)
		if err := b.register(connectionBucket, []byte(connections[i].ID), nil); err != nil {
			return err
		}
	}
	for _, name := range names {
		tokens, err := r.Tokens(name)
		if err != nil {
			return err
		}
		for i := range tokens {
			if err := b.register(tokenBucket, bytes.Clone(tokens[i].Hash[:]), nil); err != nil {
				return err
			}
			if err := uses.Delete(useKey(name, tokens[i].ID)); err != nil {
				return err
			}
		}
	}
	operators := b.tx.Bucket([]byte(operatorBucket))
	for _, kind := range []byte{sessionOfTenant, requestOfTenant} {
		if err := removePrefix(operators, operatorTenantKey(kind, r.tenant, nil)); err != nil {
			return err
		}
	}
	return nil
}

// Sweep frees a part of the space of erased and abandoned tenants.
func (s *Store) Sweep(ctx context.Context) (more bool, err error) {
	rubbish := false
	err = s.read(ctx, func(tx *bbolt.Tx) error {
		rubbish = tx.Bucket([]byte(erasedBucket)) != nil || tx.Bucket([]byte(stagedBucket)) != nil
		return nil
	})
	if err != nil || !rubbish {
		return false, err
	}
	err = s.submit(ctx, directory.Provider, func(b *batch) error {
		return b.put(func() error {
			more = false
			for _, name := range []string{erasedBucket, stagedBucket} {
				aside := b.tx.Bucket([]byte(name))
				if aside == nil {
					continue
				}
				var slugs [][]byte
				if err := aside.ForEachBucket(func(key []byte) error { slugs = append(slugs, bytes.Clone(key)); return nil }); err != nil {
					return err
				}
				busy := false
				for _, key := range slugs {
					if name == stagedBucket && s.isStaging(directory.TenantID(key)) {
						busy = true
						continue
					}
					left, err := b.sweep(aside, key)
					if err != nil || left {
						more = left
						return err
					}
				}
				if !busy {
					if err := b.tx.DeleteBucket([]byte(name)); err != nil {
						return err
					}
				}
			}
			return nil
		})
	})
	return more && err == nil, err
}

// sweep removes keys of the tenant under key, and then the tenant itself.
func (b *batch) sweep(aside *bbolt.Bucket, key []byte) (more bool, err error) {
	data := aside.Bucket(key)
	if data == nil {
		return false, nil
	}
	room := sweepPiece
	for p := range parts {
		bucket := data.Bucket(p.name())
		if bucket == nil {
			continue
		}
		var old [][]byte // collected first: a cursor must not see deletions
		c := bucket.Cursor()
		for k, _ := c.First(); k != nil && len(old) < room; k, _ = c.Next() {
			old = append(old, bytes.Clone(k))
		}
		for _, k := range old {
			if err := bucket.Delete(k); err != nil {
				return false, err
			}
		}
		if room -= len(old); room == 0 {
			return true, nil
		}
	}
	return false, aside.DeleteBucket(key)
}
