package sharing

import (
	"context"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/store"
)

// All gives every integration of a kind, by name, as the installation keeps it.
func All[T any](ctx context.Context, r *txn.Runner, kind directory.KVKind) (out []T, err error) {
	err = r.View(ctx, directory.Provider, func(reader store.Reader) error {
		out = nil
		return txn.Each(reader, kind, "", "", func(_ string, one *T) error {
			out = append(out, *one)
			return nil
		})
	})
	return out, err
}
