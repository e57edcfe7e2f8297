package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"drawbridge/directory"
)

// spoolPrefix begins the name of every file that keeps a long body while its request is answered.
const spoolPrefix = "incoming-"

const (
	spoolsAtOnce = 4
	spoolReserve = 256 << 20 // bytes that stay free on the disk, which the store shares
	spoolStep    = 8 << 20   // bytes that are written between two checks of the free space
)

// spool keeps long bodies in the data folder: a bundle is read twice, and may be longer than the memory. It never uses the space that the
// store needs.
type spool struct {
	dir   string
	most  int64                           // bytes of one body
	free  func(dir string) (int64, error) // bytes that are free on a disk; -1: unknown
	slots chan struct{}
}

func newSpool(dir string, most int64) *spool {
	return &spool{dir: dir, most: most, free: freeDisk, slots: make(chan struct{}, spoolsAtOnce)}
}

// spooled is a file that is removed when it is closed.
type spooled struct {
	*os.File
	slots chan struct{}
}

func (s spooled) Close() error {
	<-s.slots
	return errors.Join(s.File.Close(), os.Remove(s.Name()))
}

// store copies a body to the disk. The error is TooLarge, or Unavailable if the disk is full.
func (s *spool) store(ctx context.Context, body io.Reader) (io.ReadSeekCloser, error) {
	select {
	case s.slots <- struct{}{}:
	default:
		return nil, &directory.Error{Code: directory.Unavailable, Message: "other bundles are being sent: try again when they are done"}
	}
	f, err := os.CreateTemp(s.dir, spoolPrefix+"*.tmp")
	if err != nil {
		<-s.slots
		return nil, &directory.Error{Code: directory.Unavailable, Message: "what was sent could not be kept on the disk", Err: err}
	}
	out := spooled{f, s.slots}
	if err := s.copy(ctx, f, body); err != nil {
		return nil, errors.Join(err, out.Close())
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, errors.Join(err, out.Close())
	}
	return out, nil
}

func (s *spool) copy(ctx context.Context, to io.Writer, body io.Reader) error {
	for left := s.most; ; {
		if err := s.room(); err != nil {
			return err
		}
		n, err := io.CopyN(to, body, min(spoolStep, left+1))
		left -= n
		switch {
		case left < 0:
			return &directory.Error{Code: directory.TooLarge, Message: fmt.Sprintf("a bundle has at most %s here (limits.bundle_bytes)", Bytes(s.most))}
		case errors.Is(err, io.EOF):
			return nil
		case err != nil && ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			return &directory.Error{Code: directory.Unavailable, Message: "what was sent did not arrive whole, or the disk is full; nothing was stored", Err: err}
		}
	}
}

// room is the error for a full disk.
func (s *spool) room() error {
	free, err := s.free(s.dir)
	if err != nil {
		return &directory.Error{Code: directory.Unavailable, Message: "the free space of the disk is unknown", Err: err}
	}
	if free >= 0 && free < spoolReserve+spoolStep {
		return &directory.Error{Code: directory.Unavailable, Message: fmt.Sprintf("the disk has no room for the bundle: %s stay free for the store", Bytes(spoolReserve))}
	}
	return nil
}

// drop removes the files of a killed process.
func (s *spool) drop() error {
	left, err := filepath.Glob(filepath.Join(s.dir, spoolPrefix+"*.tmp"))
	if err != nil {
		return err
	}
	for _, file := range left {
		if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
