package txn

import (
	"encoding/json"

	"drawbridge/directory"
	"drawbridge/store"
)

// Set puts a value into the Change that the tenant keeps under kind and key.
func (t *Tx) Set(kind directory.MemoKind, key string, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return &directory.Error{Code: directory.Internal, Message: "the state " + string(kind) + " " + key + " cannot be written", Err: err}
	}
	t.Change.Memos = append(t.Change.Memos, directory.Memo{Kind: kind, Key: key, Value: text})
	return nil
}

// Unset drops the value under kind and key. It is no error if there is none.
func (t *Tx) Unset(kind directory.MemoKind, key string) {
	t.Change.DropMemos = append(t.Change.DropMemos, directory.MemoRef{Kind: kind, Key: key})
}

// Get reads the value under kind and key. ok is false if there is none.
func Get[T any](r store.Reader, kind directory.MemoKind, key string) (value T, ok bool, err error) {
	m, ok, err := Optional(r.Memo(kind, key))
	if err != nil || !ok {
		return value, false, err
	}
	err = unpack(m, &value)
	return value, true, err
}

// Each reads the values of a kind in the order of their keys, from the key from on and before the key to; "" is no bound. It ends
// when yield returns false.
func Each[T any](r store.Reader, kind directory.MemoKind, from, to string, yield func(key string, value *T) bool) error {
	return r.Memos(kind, from, to, func(m directory.Memo) error {
		var value T
		if err := unpack(m, &value); err != nil {
			return err
		}
		if !yield(m.Key, &value) {
			return store.ErrStop
		}
		return nil
	})
}

func unpack(m directory.Memo, into any) error {
	if err := json.Unmarshal(m.Value, into); err != nil {
		return &directory.Error{Code: directory.Internal, Message: "the state " + string(m.Kind) + " " + m.Key + " cannot be read", Err: err}
	}
	return nil
}
