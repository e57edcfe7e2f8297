package bolt

import (
	"context"
	"errors"
	"io"

	"go.etcd.io/bbolt"
)

// Backup writes a copy of the whole store to w while it goes on working. The copy is what was committed when Backup began.
// w should be a file on a local disk and not a network: for as long as it takes, no page of the store is used again.
func (s *Store) Backup(ctx context.Context, w io.Writer) error {
	return s.read(ctx, func(tx *bbolt.Tx) error {
		to := &untilDone{ctx: ctx, w: w}
		if _, err := tx.WriteTo(to); err != nil {
			return failed("the backup could not be written", errors.Join(err, to.err)) // err may not name its cause
		}
		return nil
	})
}

// untilDone is a writer that fails when ctx ends.
type untilDone struct {
	ctx context.Context //nolint:containedctx // it lives as long as one call of Backup
	w   io.Writer
	err error // why Write failed
}

func (u *untilDone) Write(b []byte) (int, error) {
	if u.err = u.ctx.Err(); u.err != nil {
		return 0, u.err
	}
	n, err := u.w.Write(b)
	u.err = err
	return n, err
}
