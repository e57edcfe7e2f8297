package txn

import (
	"context"
	"encoding/json"
	"strings"

	"drawbridge/directory"
	"drawbridge/store"
)

// Set puts a value into the Change that the tenant keeps under kind and key.
func (t *Tx) Set(kind directory.KVKind, key string, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return &directory.Error{Code: directory.Internal, Message: "the state " + string(kind) + " " + key + " cannot be written", Err: err}
	}
	t.Change.KVs = append(t.Change.KVs, directory.KV{Kind: kind, Key: key, Value: text})
	return nil
}

// Unset drops the value under kind and key. A missing value is not an error.
func (t *Tx) Unset(kind directory.KVKind, key string) {
	t.Change.DropKVs = append(t.Change.DropKVs, directory.KVRef{Kind: kind, Key: key})
}

// Get reads the value under kind and key. ok is false if there is none.
func Get[T any](r store.Reader, kind directory.KVKind, key string) (value T, ok bool, err error) {
	m, ok, err := Optional(r.KV(kind, key))
	if err != nil || !ok {
		return value, false, err
	}
	value, err = Value[T](m)
	return value, true, err
}

// GetAll reads the values of a kind under many keys. A key without a value is missing in the result.
func GetAll[T any](r store.Reader, kind directory.KVKind, keys []string) (map[string]T, error) {
	found, err := r.KVsByKey(kind, keys)
	if err != nil {
		return nil, err
	}
	values := make(map[string]T, len(found))
	for key, m := range found {
		if values[key], err = Value[T](m); err != nil {
			return nil, err
		}
	}
	return values, nil
}

// Each reads the values of a kind in the order of their keys, from the key from on and before the key to; "" is no bound. An error
// of yield ends it and is returned; store.ErrStop ends it without an error. yield must not read.
func Each[T any](r store.Reader, kind directory.KVKind, from, to string, yield func(key string, value *T) error) error {
	return r.KVs(kind, from, to, func(m directory.KV) error {
		value, err := Value[T](m)
		if err != nil {
			return err
		}
		return yield(m.Key, &value)
	})
}

// Value decodes the value of a key-value record.
func Value[T any](m directory.KV) (value T, err error) {
	if err := json.Unmarshal(m.Value, &value); err != nil {
		return value, &directory.Error{Code: directory.Internal, Message: "the state " + string(m.Kind) + " " + m.Key + " cannot be read", Err: err}
	}
	return value, nil
}

// EachOf reads the values of a kind that several tenants keep; nil means all tenants. An error of yield ends it and is returned;
// store.ErrStop ends it without an error.
func EachOf[T any](ctx context.Context, st store.Store, kind directory.KVKind, tenants []directory.TenantID, yield func(tenant directory.TenantID, key string, value *T) error) error {
	return st.TenantKVs(ctx, kind, tenants, func(tenant directory.TenantID, m directory.KV) error {
		value, err := Value[T](m)
		if err != nil {
			return err
		}
		return yield(tenant, strings.Clone(m.Key), &value)
	})
}
