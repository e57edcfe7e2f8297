package bolt

import (
	"context"
	"io"

	"go.etcd.io/bbolt"
)

// Backup writes a copy of the whole store to w while it goes on working. The copy is what was committed when Backup began.
// w should be a file on a local disk and not a network: for as long as it takes, no page of the store is used again.
func (s *Store) Backup(ctx context.Context, w io.Writer) error {
	return s.read(ctx, func(tx *bbolt.Tx) error {
		if _, err := tx.WriteTo(&untilDone{ctx, w}); err != nil {
			return failed("the backup could not be written", err)
		}
		return nil
	})
}

// untilDone is a writer that fails when ctx ends.
type untilDone struct {
	ctx context.Context //nolint:containedctx // it lives as long as one call of Backup
	w   io.Writer
}

func (u *untilDone) Write(b []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.w.Write(b)
}
