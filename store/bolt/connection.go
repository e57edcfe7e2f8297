package bolt

import (
	"bytes"

	"go.etcd.io/bbolt"

	"drawbridge/directory"
)

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
