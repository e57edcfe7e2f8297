package txn

import (
	"context"

	"drawbridge/directory"
	"drawbridge/store"
)

// Wait returns when last gives a number above after for the tenant, or with the error of ctx when that ends. It looks again after every
// commit on the tenant, by any process.
func (r *Runner) Wait(ctx context.Context, tenant directory.TenantID, after uint64, last func(store.Reader) (uint64, error)) error {
	seen := map[directory.TenantID]uint64{tenant: 0} // the first call tells the number, so that no commit before the read is missed
	for {
		moved, err := r.store.Changed(ctx, seen)
		if err != nil {
			return err
		}
		seen = moved
		var at uint64
		err = r.store.View(ctx, tenant, nil, func(reader store.Reader) (err error) {
			at, err = last(reader)
			return err
		})
		if err != nil || at > after {
			return err
		}
	}
}
