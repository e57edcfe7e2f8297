package bolt

import (
	"bytes"
	"strings"

	"drawbridge/directory"
)

// maxMemoKey bounds the key of a memo; bbolt takes keys up to 32 KiB.
const maxMemoKey = 512

func memoKey(kind directory.MemoKind, key string) []byte {
	b := make([]byte, 0, len(kind)+1+len(key))
	return append(append(append(b, kind...), 0), key...)
}

// Memo returns what a rule remembers under a key.
func (r *reader) Memo(kind directory.MemoKind, key string) (directory.Memo, error) {
	at := memoKey(kind, key)
	record := r.get(memos, at)
	if record == nil {
		return directory.Memo{}, notFound("memo")
	}
	return r.memo(kind, at, record)
}

func (r *reader) memo(kind directory.MemoKind, at, record []byte) (directory.Memo, error) {
	key := string(at[len(kind)+1:])
	value, err := unseal(at, record)
	if err != nil {
		return directory.Memo{}, damaged(r.tenant, "memo "+string(kind), key, err)
	}
	return directory.Memo{Kind: kind, Key: key, Value: value}, nil
}

// Memos yields the memos of a kind by key.
func (r *reader) Memos(kind directory.MemoKind, from, to string, yield func(directory.Memo) error) error {
	b := r.part(memos)
	if b == nil {
		return nil
	}
	prefix, end := memoKey(kind, ""), memoKey(kind, to)
	c := b.Cursor()
	for k, v := c.Seek(memoKey(kind, from)); bytes.HasPrefix(k, prefix); k, v = c.Next() {
		if to != "" && bytes.Compare(k, end) >= 0 {
			return nil
		}
		m, err := r.memo(kind, k, v)
		if err != nil {
			return err
		}
		if err := yield(m); err != nil {
			return stopped(err)
		}
	}
	return nil
}

func (w *writer) putMemo(m *directory.Memo) error {
	key := memoKey(m.Kind, m.Key)
	return w.put(memos, key, seal(append(newRecord(len(m.Value)), m.Value...), key))
}

func (w *writer) dropMemo(m *directory.MemoRef) error { return w.remove(memos, memoKey(m.Kind, m.Key)) }

// verifyMemos refuses memos whose key could be confused with another one.
func verifyMemos(c *directory.Change) error {
	for i := range c.Memos {
		m := &c.Memos[i]
		if m.Kind == "" || strings.ContainsRune(string(m.Kind), 0) || strings.ContainsRune(m.Key, 0) || len(m.Key) > maxMemoKey {
			return internal("a memo of kind %q has an impossible key", m.Kind)
		}
	}
	return nil
}

// memos checks that every memo can be read.
func (c *checker) memos() {
	b := c.r.part(memos)
	if b == nil { // a file of an older format
		return
	}
	c.must(b.ForEach(func(k, v []byte) error {
		c.one()
		kind, key, ok := bytes.Cut(k, []byte{0})
		if !ok {
			c.find("tenant %q has the key %q in memos", c.r.tenant, k)
			return nil
		}
		if _, err := unseal(k, v); err != nil {
			c.find("%s", sentenceOf(damaged(c.r.tenant, "memo "+string(kind), string(key), err)))
		}
		return nil
	}))
}
