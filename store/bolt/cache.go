package bolt

import (
	"bytes"
	"strings"
	"sync"
	"time"

	"drawbridge/directory"
	"drawbridge/internal/limit"
)

// The sizes of the caches. An entry of a cache never expires: it is compared with the file, or the cache is emptied.
const (
	mostDecoded     = 4096 // records
	mostCredentials = 4096
	eachCredentials = 64 // of one connection: an OAuth client may have many access tokens
)

// decodedCache keeps decoded the few records that every request needs: tenant, connection, token. An entry counts only while the file
// still has the bytes that it was decoded from, so a snapshot never sees a newer or an older value than its own.
type decodedCache struct {
	once    sync.Once
	entries *limit.Map[struct{}, cacheKey, cacheEntry]
}

type cacheKey struct{ bucket, key string }

type cacheEntry struct {
	record []byte
	value  any
}

// cached decodes a JSON record. The value is shared: it must not be changed.
func cached[T any](c *decodedCache, bucket string, key, record []byte) (T, error) {
	c.once.Do(func() { c.entries = limit.NewMap[struct{}, cacheKey, cacheEntry](limit.Bounds{All: mostDecoded}) })
	at := cacheKey{bucket, string(key)}
	entry, ok := c.entries.Get(struct{}{}, at, time.Time{})
	if known, typed := entry.value.(T); ok && typed && bytes.Equal(entry.record, record) {
		return known, nil
	}
	var value T
	if err := decodeJSON(&value, key, record); err != nil {
		return value, err
	}
	c.entries.Put(struct{}{}, at, time.Time{}, cacheEntry{bytes.Clone(record), value})
	return value, nil
}

// credentialCache keeps what valid credentials open, so that most requests need not look it up in the file. The writer empties it after
// each commit that changes a tenant, connection or token, and before it answers: after an acknowledged revocation, no cached credential
// gives access.
type credentialCache struct {
	mu         sync.RWMutex
	generation uint64 // moves when it is emptied
	entries    *limit.Map[directory.ConnectionID, [32]byte, credential]
}

type credentialKey struct {
	hash       [32]byte
	connection directory.ConnectionID
}

type credential struct {
	token      directory.Token
	connection directory.Connection
	tenant     directory.Tenant
}

// find returns what is cached, and the current generation, which put needs.
func (c *credentialCache) find(key credentialKey) (found credential, ok bool, generation uint64) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if c.entries == nil {
		return credential{}, false, c.generation
	}
	found, ok = c.entries.Get(key.connection, key.hash, time.Time{})
	return found, ok, c.generation
}

// put caches what was read from a snapshot of the given generation. If the cache was emptied since then, the snapshot may be too old, and
// nothing is cached.
func (c *credentialCache) put(key credentialKey, found credential, generation uint64) {
	key.connection = directory.ConnectionID(strings.Clone(string(key.connection))) // it may be a part of the text of a whole request
	c.mu.Lock()
	defer c.mu.Unlock()
	if generation != c.generation {
		return
	}
	if c.entries == nil {
		c.entries = limit.NewMap[directory.ConnectionID, [32]byte, credential](limit.Bounds{All: mostCredentials, Each: eachCredentials})
	}
	c.entries.Put(key.connection, key.hash, time.Time{}, found)
}

func (c *credentialCache) empty() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.generation++
	c.entries = nil
}
