package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/store/bolt"
)

// storeName is the store in the data folder.
const storeName = "drawbridge.db"

// StorePath is where the store of a data folder is.
func StorePath(data string) string { return filepath.Join(data, storeName) }

// RestoreOptions say how careful Restore is.
type RestoreOptions struct {
	Sum      string // the checksum; "": read from the file beside the backup
	NoSum    bool   // go without a checksum
	Findings bool   // accept a copy with faults, too
}

// Restore puts a backup into a data folder that does not exist or is empty. It copies the backup, reads the copy back from the
// disk, compares it by its checksum, and checks it in a worker; only then the copy gets its name. Until then a server refuses to
// start on the folder, also if this process ends in the middle. An interrupted restore can simply be repeated.
func Restore(ctx context.Context, backup, data string, o RestoreOptions, hear func(wire.Progress)) (wire.CheckReport, error) {
	p, err := thisProgram()
	if err != nil {
		return wire.CheckReport{}, err
	}
	report, err := p.restore(ctx, backup, data, o, hear)
	return report, forCommand(err)
}

func (p program) restore(ctx context.Context, backup, data string, o RestoreOptions, hear listener) (wire.CheckReport, error) {
	none := wire.CheckReport{}
	want, err := o.sum(backup)
	if err != nil {
		return none, err
	}
	made, err := emptyFolder(data)
	if err != nil {
		return none, err
	}
	store := StorePath(data)
	part := filepath.Join(data, "."+storeName+partSuffix)
	undo := func(err error) error {
		errs := []error{err}
		note, unfinished := bolt.NotePaths(store)
		for _, path := range []string{part, note, unfinished} {
			if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
				errs = append(errs, err)
			}
		}
		if made {
			errs = append(errs, os.Remove(data))
		}
		return errors.Join(errs...)
	}
	if err := bolt.MarkRestoring(store, backup); err != nil { // first, so that a server does not take the folder for a new installation
		return none, undo(err)
	}
	if err := copyFile(ctx, backup, part, want, hear); err != nil {
		return none, undo(err)
	}
	report, err := p.checkFile(ctx, hear, part)
	if err != nil {
		return none, undo(err)
	}
	report.File = backup
	if len(report.Findings) > 0 && !o.Findings {
		return report, undo(&directory.Error{
			Code: directory.Internal,
			Message: fmt.Sprintf("the backup %s has %d faults and was not restored; take another one, or add --with-faults if this is all there is. The first: %s",
				backup, len(report.Findings), report.Findings[0]),
		})
	}
	if err := renameNew(part, store); err != nil {
		return report, undo(err)
	}
	return report, errors.Join(syncDir(data), bolt.Mark(store))
}

// sum is the checksum that the backup must have; "" if none is asked for.
func (o RestoreOptions) sum(backup string) (string, error) {
	invalid := func(format string, args ...any) (string, error) {
		return "", &directory.Error{Code: directory.Invalid, Message: fmt.Sprintf(format, args...)}
	}
	info, err := os.Stat(backup)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return invalid("there is no backup %s", backup)
	case err != nil:
		return invalid("the backup %s cannot be read: %s", backup, reason(err))
	case !info.Mode().IsRegular():
		return invalid("%s is not a regular file", backup)
	case o.Sum != "":
		sum, err := parseSum(o.Sum)
		if err != nil {
			return invalid("--sha256: %s", err)
		}
		return sum, nil
	case o.NoSum:
		return "", nil
	}
	sum, err := readSum(backup + sumSuffix)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return invalid("there is no %s%s to compare with; give the checksum with --sha256, or go without one with --no-checksum", backup, sumSuffix)
	case err != nil:
		return invalid("%s%s holds no checksum: %s", backup, sumSuffix, reason(err))
	}
	return sum, nil
}

// emptyFolder makes the folder, or checks that it contains nothing except the files of an interrupted restore.
func emptyFolder(data string) (made bool, err error) {
	entries, err := os.ReadDir(data)
	if errors.Is(err, fs.ErrNotExist) {
		if err := os.MkdirAll(data, 0o700); err != nil {
			return false, &directory.Error{Code: directory.Unavailable, Message: "the folder " + data + " cannot be made: " + reason(err), Err: err}
		}
		return true, nil
	}
	if err != nil {
		return false, &directory.Error{Code: directory.Invalid, Message: "the folder " + data + " cannot be read: " + reason(err), Err: err}
	}
	note, unfinished := bolt.NotePaths(storeName)
	left := map[string]bool{"." + storeName + partSuffix: true, note: true, unfinished: true, "lost+found": true}
	for _, e := range entries {
		if !left[e.Name()] {
			return false, &directory.Error{
				Code:    directory.Conflict,
				Message: fmt.Sprintf("the folder %s is not empty (there is %s in it); restore into an empty one, then move it to where the server looks", data, e.Name()),
			}
		}
	}
	if err := os.Remove(filepath.Join(data, "."+storeName+partSuffix)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	return false, nil
}

// copyFile copies a file that has the checksum want, and reads the copy back from the disk.
func copyFile(ctx context.Context, from, to, want string, hear listener) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return &directory.Error{Code: directory.Unavailable, Message: "the backup " + from + " cannot be read: " + reason(err), Err: err}
	}
	defer func() { _ = in.Close() }() // it was only read
	info, err := in.Stat()
	if err != nil {
		return err
	}
	out, err := os.OpenFile(to, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return unrestored(to, err)
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	read := sha256.New()
	count := &counter{total: info.Size(), hear: hear}
	if _, err := io.Copy(io.MultiWriter(out, read, count), &untilDone{ctx, in}); err != nil {
		return unrestored(to, err)
	}
	got := hex.EncodeToString(read.Sum(nil))
	if want != "" && got != want {
		return &directory.Error{
			Code:    directory.Internal,
			Message: fmt.Sprintf("the backup %s is not what was backed up: its checksum is %s and must be %s; take another one", from, got, want),
		}
	}
	if err := out.Sync(); err != nil {
		return unrestored(to, err)
	}
	if _, err := out.Seek(0, io.SeekStart); err != nil {
		return unrestored(to, err)
	}
	written := sha256.New()
	if _, err := io.Copy(io.MultiWriter(written, &counter{total: info.Size(), hear: hear}), &untilDone{ctx, out}); err != nil {
		return unrestored(to, err)
	}
	if back := hex.EncodeToString(written.Sum(nil)); back != got {
		return unrestored(to, errors.New("the disk gives back something else than was written"))
	}
	return nil
}

func unrestored(path string, err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	e := unwritten(path, err)
	var known *directory.Error
	if errors.As(e, &known) {
		known.Message = strings.Replace(known.Message, "the backup", "the store", 1)
	}
	return e
}

// untilDone reads until ctx ends.
type untilDone struct {
	ctx context.Context //nolint:containedctx // it lives as long as one copy
	r   io.Reader
}

func (u *untilDone) Read(b []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.r.Read(b)
}
