package bolt

import (
	"bytes"
	"strings"
	"sync"

	"drawbridge/directory"
)

// decodedCache keeps the rare records decoded that every request needs: tenant, connection, token. An entry counts only
// while the file still has the bytes from which it was made, so that a snapshot never sees what is newer or older than it.
type decodedCache struct {
	mu      sync.RWMutex
	entries map[cacheKey]cacheEntry
}

type cacheKey struct{ bucket, key string }

type cacheEntry struct {
	record []byte
	value  any
}

const maxCached = 4096

// cached decodes a JSON record. The value is shared: it must not be changed.
func cached[T any](c *decodedCache, bucket string, key, record []byte) (T, error) {
	at := cacheKey{bucket, string(key)}
	c.mu.RLock()
	entry, ok := c.entries[at]
	c.mu.RUnlock()
	if known, typed := entry.value.(T); ok && typed && bytes.Equal(entry.record, record) {
		return known, nil
	}
	var value T
	if err := decodeJSON(&value, key, record); err != nil {
		return value, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.entries == nil || len(c.entries) >= maxCached {
		c.entries = make(map[cacheKey]cacheEntry)
	}
	c.entries[at] = cacheEntry{bytes.Clone(record), value}
	return value, nil
}

// credentialCache keeps what good credentials open, so that a request need not look it up in the file: nearly all of
// them come from a few identity providers. The writer empties it between the commit of a tenant, connection or token and
// the answer to it, so that nobody who was told of a revocation can see what was before it.
type credentialCache struct {
	mu         sync.RWMutex
	generation uint64 // moves when it is emptied
	entries    map[credentialKey]credential
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

// find gives what is known, and the generation that put wants of who looks it up instead.
func (c *credentialCache) find(key credentialKey) (found credential, ok bool, generation uint64) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	found, ok = c.entries[key]
	return found, ok, c.generation
}

// put keeps what was read from a snapshot that was begun in generation. If the cache was emptied since, the snapshot may be
// older than that, and nothing is kept.
func (c *credentialCache) put(key credentialKey, found credential, generation uint64) {
	key.connection = directory.ConnectionID(strings.Clone(string(key.connection))) // it may be part of a whole request
	c.mu.Lock()
	defer c.mu.Unlock()
	if generation != c.generation {
		return
	}
	if c.entries == nil || len(c.entries) >= maxCached {
		c.entries = make(map[credentialKey]credential)
	}
	c.entries[key] = found
}

func (c *credentialCache) empty() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.generation++
	c.entries = nil
}
