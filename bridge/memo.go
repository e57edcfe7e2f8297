package bridge

import (
	"encoding/json"

	"drawbridge/directory"
	"drawbridge/store"
)

// remember puts a memo into the Change.
func (t *turn) remember(kind directory.MemoKind, key string, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return &directory.Error{Code: directory.Internal, Message: "a memo cannot be written", Err: err}
	}
	t.change.Memos = append(t.change.Memos, directory.Memo{Kind: kind, Key: key, Value: text})
	return nil
}

// forget drops a memo; one that is not there is no error.
func (t *turn) forget(kind directory.MemoKind, key string) {
	t.change.DropMemos = append(t.change.DropMemos, directory.MemoRef{Kind: kind, Key: key})
}

// recall reads a memo; ok is false if there is none.
func recall[T any](r store.Reader, kind directory.MemoKind, key string) (value T, ok bool, err error) {
	m, ok, err := absent(r.Memo(kind, key))
	if err != nil || !ok {
		return value, false, err
	}
	err = unpack(m, &value)
	return value, true, err
}

// recallAll reads the memos of a kind with keys from "from" up to, but not with, "to".
func recallAll[T any](r store.Reader, kind directory.MemoKind, from, to string, yield func(key string, value *T) bool) error {
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
		return &directory.Error{Code: directory.Internal, Message: "the memo " + string(m.Kind) + " " + m.Key + " cannot be read", Err: err}
	}
	return nil
}
