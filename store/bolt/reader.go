package bolt

import (
	"bytes"
	"encoding/hex"
	"errors"
	"slices"

	"go.etcd.io/bbolt"

	"drawbridge/directory"
	"drawbridge/store"
)

// reader reads one tenant in one transaction.
type reader struct {
	store  *Store
	tx     *bbolt.Tx
	tenant directory.TenantID
	writer *writer // in an update: state that is not in the file yet

	data   *bbolt.Bucket // of the tenant; nil if there is no such tenant
	opened [parts]*bbolt.Bucket
	seeker [parts]*bbolt.Cursor // see cursor
	record *directory.Tenant    // of the tenant, after the first read; not in an update, which may change it
	gap    keyGap               // see firstMembership
}

var _ store.Reader = (*reader)(nil)

func (s *Store) reader(tx *bbolt.Tx, tenant directory.TenantID) *reader {
	r := &reader{store: s, tx: tx, tenant: tenant}
	r.enter()
	return r
}

// enter finds the buckets of the tenant.
func (r *reader) enter() {
	if b := r.tx.Bucket([]byte(dataBucket)); b != nil {
		r.data = b.Bucket(tenantKey(r.tenant))
	}
}

// part opens a bucket of the tenant at the first use; nil if the tenant does not exist.
func (r *reader) part(p part) *bbolt.Bucket {
	if r.opened[p] == nil && r.data != nil {
		b := r.data.Bucket(p.name())
		if b != nil && p.grows() {
			b.FillPercent = 0.95 // IDs and numbers only grow
		}
		r.opened[p] = b
	}
	return r.opened[p]
}

// cursor returns the shared cursor of p, because a change of a thousand members uses it thousands of times; nil if the tenant does
// not exist. A caller that lets other code read p between two steps must make its own cursor.
func (r *reader) cursor(p part) *bbolt.Cursor {
	if r.seeker[p] == nil {
		if b := r.part(p); b != nil {
			r.seeker[p] = b.Cursor()
		}
	}
	return r.seeker[p]
}

// seek returns the first key of p that is not before key, and its record; nil if there is none.
func (r *reader) seek(p part, key []byte) (found, record []byte) {
	c := r.cursor(p)
	if c == nil {
		return nil, nil
	}
	return c.Seek(key)
}

// get returns the record of key, nil if there is none.
func (r *reader) get(p part, key []byte) []byte {
	found, record := r.seek(p, key)
	if !bytes.Equal(found, key) {
		return nil
	}
	return record
}

// lookup returns the IDs of the records that have a value in an index, by ID. If scope is not nil, only those with this scope.
// nil: none.
func (r *reader) lookup(kind byte, value string, scope *string) []directory.ID {
	c := r.cursor(index)
	if c == nil {
		return nil
	}
	var space [128]byte
	prefix := appendIndexPrefix(space[:0], kind, value)
	var found []directory.ID
	for k, _ := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, _ = c.Next() {
		in, id, ok := indexEntry(k[len(prefix):])
		if ok && (scope == nil || string(in) == *scope) {
			found = append(found, id)
		}
	}
	if scope == nil && len(found) > 1 { // several scopes
		slices.SortFunc(found, compareIDs)
		found = slices.Compact(found)
	}
	return found
}

func compareIDs(a, b directory.ID) int { return bytes.Compare(a[:], b[:]) }

func (r *reader) damaged(what string, id directory.ID, err error) error {
	return damaged(r.tenant, what, id.String(), err)
}

// Tenant returns the tenant itself. Provider always exists, and its record is empty.
func (r *reader) Tenant() (directory.Tenant, error) {
	if r.record != nil {
		return *r.record, nil
	}
	record := r.tx.Bucket([]byte(tenantBucket)).Get(tenantKey(r.tenant))
	if record == nil {
		if r.tenant == directory.Provider {
			return directory.Tenant{}, nil
		}
		return directory.Tenant{}, notFound("tenant")
	}
	t, err := readTenant(r.store, tenantKey(r.tenant), record)
	if err == nil && r.writer == nil {
		kept := t
		r.record = &kept
	}
	return t, err
}

func readTenant(s *Store, key, record []byte) (directory.Tenant, error) {
	t, err := cached[directory.Tenant](&s.decoded, tenantBucket, key, record)
	if err != nil {
		return t, damaged(directory.TenantID(key), "tenant", "record", err)
	}
	return t, nil
}

func readConnection(s *Store, key, record []byte) (directory.Connection, error) {
	c, err := cached[directory.Connection](&s.decoded, connectionBucket, key, record)
	if err != nil {
		return c, damaged(directory.Provider, "connection", string(key), err)
	}
	return c, nil
}

func readToken(s *Store, key, record []byte) (directory.Token, error) {
	t, err := cached[directory.Token](&s.decoded, tokenBucket, key, record)
	if err != nil {
		return t, damaged(directory.Provider, "token with the hash", hex.EncodeToString(key), err)
	}
	return t, nil
}

// Connection returns a connection of this tenant.
func (r *reader) Connection(id directory.ConnectionID) (directory.Connection, error) {
	key := []byte(id)
	record := r.tx.Bucket([]byte(connectionBucket)).Get(key)
	if record == nil {
		return directory.Connection{}, notFound("connection")
	}
	c, err := readConnection(r.store, key, record)
	if err == nil && c.Tenant != r.tenant {
		return directory.Connection{}, notFound("connection")
	}
	return c, err
}

// Connections returns the connections of this tenant by slug.
func (r *reader) Connections() ([]directory.Connection, error) {
	b := r.part(index)
	if b == nil {
		return nil, nil
	}
	var all []directory.Connection
	prefix := []byte{connectionOfTenant}
	cursor := b.Cursor()
	for k, _ := cursor.Seek(prefix); bytes.HasPrefix(k, prefix); k, _ = cursor.Next() {
		c, err := r.Connection(directory.ConnectionID(k[1:]))
		if directory.CodeOf(err) == directory.NotFound {
			return nil, damaged(r.tenant, "connection", string(k[1:]), errNoRecord())
		}
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}

// Tokens returns the credentials of a connection of this tenant by creation.
func (r *reader) Tokens(id directory.ConnectionID) ([]directory.Token, error) {
	b := r.part(index)
	if b == nil {
		return nil, nil
	}
	var all []directory.Token
	prefix := tokenPrefix(id)
	cursor := b.Cursor()
	for k, hash := cursor.Seek(prefix); bytes.HasPrefix(k, prefix); k, hash = cursor.Next() {
		record := r.tx.Bucket([]byte(tokenBucket)).Get(hash)
		if record == nil {
			return nil, damaged(r.tenant, "token", string(k[len(prefix):]), errNoRecord())
		}
		t, err := readToken(r.store, hash, record)
		if err != nil {
			return nil, err
		}
		if t.Tenant != r.tenant || t.Connection != id {
			return nil, damaged(r.tenant, "token", string(k[len(prefix):]), errors.New("it belongs to another connection"))
		}
		all = append(all, t)
	}
	slices.SortStableFunc(all, func(a, b directory.Token) int { return a.Created.Compare(b.Created) })
	return all, nil
}

// Resource returns a resource of a custom type.
func (r *reader) Resource(kind directory.Kind, id directory.ID) (directory.Resource, error) {
	record := r.get(resources, id[:])
	if record == nil {
		return directory.Resource{}, notFound("resource")
	}
	var v directory.Resource
	if err := decodeResource(&v, id[:], record, forever); err != nil {
		return directory.Resource{}, r.damaged("resource", id, err)
	}
	if v.Kind != kind {
		return directory.Resource{}, notFound("resource")
	}
	return v, nil
}

// Tombstone returns what is kept of a deleted user or group.
func (r *reader) Tombstone(id directory.ID) (directory.Tombstone, error) {
	var t directory.Tombstone
	record := r.get(tombstones, id[:])
	if record == nil {
		return t, notFound("tombstone")
	}
	if err := decodeJSON(&t, id[:], record); err != nil {
		return directory.Tombstone{}, r.damaged("tombstone", id, err)
	}
	return t, nil
}

// Tombstones returns at most limit tombstones by ID, beginning after the ID "after".
func (r *reader) Tombstones(after directory.ID, limit int) ([]directory.Tombstone, error) {
	b := r.part(tombstones)
	if b == nil {
		return nil, nil
	}
	var all []directory.Tombstone
	c := b.Cursor()
	for k, _ := c.Seek(append(bytes.Clone(after[:]), 0)); k != nil && len(all) < limit; k, _ = c.Next() {
		if len(k) != idLength {
			return nil, damaged(r.tenant, "tombstone", hex.EncodeToString(k), errors.New("its key has a wrong length"))
		}
		t, err := r.Tombstone(directory.ID(k))
		if err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, nil
}

// TombstonesByExternalID returns tombstones of a connection by ID.
func (r *reader) TombstonesByExternalID(connection directory.ConnectionID, externalID string) ([]directory.Tombstone, error) {
	scope := string(connection)
	var all []directory.Tombstone
	for _, id := range r.lookup(byTombExternalID, externalID, &scope) {
		t, err := r.Tombstone(id)
		if err != nil {
			return nil, r.dangling("tombstone", id, err)
		}
		all = append(all, t)
	}
	return all, nil
}

// dangling is the error for a record that an index names and that cannot be read.
func (r *reader) dangling(what string, id directory.ID, err error) error {
	if directory.CodeOf(err) == directory.NotFound {
		return r.damaged(what, id, errNoRecord())
	}
	return err
}

// Usage returns the counts.
func (r *reader) Usage() (directory.Usage, error) {
	if r.writer != nil {
		counts, err := r.writer.counts()
		if err != nil {
			return directory.Usage{}, err
		}
		return cloneUsage(*counts), nil
	}
	return r.storedUsage()
}

func (r *reader) storedUsage() (directory.Usage, error) {
	key := usageKey()
	record := r.get(facts, key)
	if record == nil {
		return directory.Usage{}, nil
	}
	c, err := decodeUsage(key, record)
	if err != nil {
		return directory.Usage{}, damaged(r.tenant, "count", "of users and groups", err)
	}
	return c, nil
}

func usageKey() []byte { return []byte("usage") }

// forgotten returns the number of the last event that was removed on purpose.
func (r *reader) forgotten() (uint64, error) {
	record := r.get(facts, forgottenKey())
	if record == nil {
		return 0, nil
	}
	seq, err := decodeForgotten(record)
	if err != nil {
		return 0, damaged(r.tenant, "note", "of the events that were forgotten", err)
	}
	return seq, nil
}

func forgottenKey() []byte { return []byte("forgotten") }
