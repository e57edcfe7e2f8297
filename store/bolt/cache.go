package bolt

import (
	"bytes"
	"sync"
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
