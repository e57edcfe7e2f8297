package bolt

import (
	"bytes"
	"strings"

	"drawbridge/directory"
)

// maxKVKey bounds the key of a KV; bbolt takes keys up to 32 KiB.
const maxKVKey = 512

func kvKey(kind directory.KVKind, key string) []byte {
	b := make([]byte, 0, len(kind)+1+len(key))
	return append(append(append(b, kind...), 0), key...)
}

// KV returns what a rule remembers under a key.
func (r *reader) KV(kind directory.KVKind, key string) (directory.KV, error) {
	at := kvKey(kind, key)
	record := r.get(kvs, at)
	if record == nil {
		return directory.KV{}, notFound("state")
	}
	return r.kv(kind, at, record)
}

func (r *reader) kv(kind directory.KVKind, at, record []byte) (directory.KV, error) {
	key := string(at[len(kind)+1:])
	value, err := unseal(at, record)
	if err != nil {
		return directory.KV{}, damaged(r.tenant, "state "+string(kind), key, err)
	}
	return directory.KV{Kind: kind, Key: key, Value: value}, nil
}

// KVs yields the values of a kind by key.
func (r *reader) KVs(kind directory.KVKind, from, to string, yield func(directory.KV) error) error {
	b := r.part(kvs)
	if b == nil {
		return nil
	}
	prefix, end := kvKey(kind, ""), kvKey(kind, to)
	c := b.Cursor()
	for k, v := c.Seek(kvKey(kind, from)); bytes.HasPrefix(k, prefix); k, v = c.Next() {
		if to != "" && bytes.Compare(k, end) >= 0 {
			return nil
		}
		m, err := r.kv(kind, k, v)
		if err != nil {
			return err
		}
		if err := yield(m); err != nil {
			return stopped(err)
		}
	}
	return nil
}

func (w *writer) putKV(m *directory.KV) error {
	key := kvKey(m.Kind, m.Key)
	return w.put(kvs, key, seal(append(newRecord(len(m.Value)), m.Value...), key))
}

func (w *writer) dropKV(m *directory.KVRef) error { return w.remove(kvs, kvKey(m.Kind, m.Key)) }

// verifyKVs refuses KVs whose key could be confused with another one.
func verifyKVs(c *directory.Change) error {
	for i := range c.KVs {
		m := &c.KVs[i]
		if m.Kind == "" || strings.ContainsRune(string(m.Kind), 0) || strings.ContainsRune(m.Key, 0) || len(m.Key) > maxKVKey {
			return internal("a KV of kind %q has an invalid key", m.Kind)
		}
	}
	return nil
}

// kvs checks that every KV can be read.
func (c *checker) kvs() {
	b := c.r.part(kvs)
	if b == nil { // a file of an older format
		return
	}
	c.must(b.ForEach(func(k, v []byte) error {
		c.record()
		kind, key, ok := bytes.Cut(k, []byte{0})
		if !ok {
			c.find("tenant %q has the key %q in the bucket of KVs", c.r.tenant, k)
			return nil
		}
		if _, err := unseal(k, v); err != nil {
			c.find("%s", sentenceOf(damaged(c.r.tenant, "state "+string(kind), string(key), err)))
		}
		return nil
	}))
}
