package postgres

import (
	"bytes"
	"encoding/json"
	"sync"
)

// decoded keeps decoded records that every request reads and that seldom change. It saves the decoding only: the body comes from the
// database each time, and a record with another body is decoded anew.
type decoded[T any] struct {
	mu    sync.Mutex
	known map[string]decodedBody[T]
}

type decodedBody[T any] struct {
	body  []byte
	value *T
}

// decodedMost is how many records of a kind are kept. With more, all are forgotten.
const decodedMost = 20_000

// decode gives the value of body. Callers must not change it.
func (d *decoded[T]) decode(key string, body []byte) (*T, error) {
	d.mu.Lock()
	k, ok := d.known[key]
	d.mu.Unlock()
	if ok && bytes.Equal(k.body, body) {
		return k.value, nil
	}
	v := new(T)
	if err := json.Unmarshal(body, v); err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.known == nil || len(d.known) >= decodedMost {
		d.known = make(map[string]decodedBody[T])
	}
	d.known[key] = decodedBody[T]{body, v}
	return v, nil
}
