package bolt

import (
	"context"
	"errors"
	"io"

	"go.etcd.io/bbolt"
)

// Backup writes a copy of the whole store to w while the store is in use. The copy is the state of the last commit before Backup
// began. w should be a file on a local disk and not a network, because no page of the store is reused until Backup ends.
func (s *Store) Backup(ctx context.Context, w io.Writer) error {
	return s.read(ctx, func(tx *bbolt.Tx) error {
		to := &contextWriter{ctx: ctx, w: w}
		if _, err := tx.WriteTo(to); err != nil {
			return failed("the backup could not be written", errors.Join(err, to.err)) // err may not name its cause
		}
		return nil
	})
}

// contextWriter is a writer that fails after ctx has ended.
type contextWriter struct {
	ctx context.Context //nolint:containedctx // it lives as long as one call of Backup
	w   io.Writer
	err error // why Write failed
}

func (u *contextWriter) Write(b []byte) (int, error) {
	if u.err = u.ctx.Err(); u.err != nil {
		return 0, u.err
	}
	n, err := u.w.Write(b)
	u.err = err
	return n, err
}
