package postgres

import (
	"bytes"
	"encoding/json"
	"time"

	"drawbridge/internal/limit"
)

// decoded keeps decoded records that every request reads and that seldom change. It saves the decoding only: the body comes from the
// database each time, and a record with another body is decoded anew. So an entry never expires.
type decoded[T any] struct {
	known *limit.Map[struct{}, string, decodedBody[T]]
}

type decodedBody[T any] struct {
	body  []byte
	value *T
}

// mostDecoded is how many records of a kind are kept.
const mostDecoded = 20_000

func newDecoded[T any]() decoded[T] {
	return decoded[T]{limit.NewMap[struct{}, string, decodedBody[T]](limit.Bounds{All: mostDecoded})}
}

// last gives a record as it was when it was last read; nil: it is not kept. It may be another one by now.
func (d *decoded[T]) last(key string) *T {
	k, _ := d.known.Get(struct{}{}, key, time.Time{})
	return k.value
}

// decode gives the value of body. Callers must not change it.
func (d *decoded[T]) decode(key string, body []byte) (*T, error) {
	if k, ok := d.known.Get(struct{}{}, key, time.Time{}); ok && bytes.Equal(k.body, body) {
		return k.value, nil
	}
	v := new(T)
	if err := json.Unmarshal(body, v); err != nil {
		return nil, err
	}
	d.known.Put(struct{}{}, key, time.Time{}, decodedBody[T]{body, v})
	return v, nil
}
