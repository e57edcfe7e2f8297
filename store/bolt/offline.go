package bolt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"time"

	"go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"

	"drawbridge/directory"
)

// This file works on stores that no server has open, or on copies. A file with a damaged structure may end the process that reads
// it, so all of this must run in a child process.

// CheckFile does what Check does, on a file and without changing it. A file that is not a store, or not of a format that this
// release reads, is an error: Internal with a sentence for the operator, Unavailable while a server has the file open.
func CheckFile(ctx context.Context, path string, options Options, notes Notes) (Report, error) {
	s, heads, err := openToRead(path, options)
	if err != nil {
		return Report{}, err
	}
	c := &checker{store: s, notes: notes}
	if heads == 1 {
		c.find("one of the two meta pages of the file is damaged; the other one is used, and the last commit may be missing")
	}
	err = s.read(ctx, func(tx *bbolt.Tx) error {
		before := len(c.report.Findings)
		c.report.Size = tx.Size()
		notes.progress("pages", 0, tx.Size())
		if err := c.pages(tx); err != nil || len(c.report.Findings) > before {
			return err // nothing else can be trusted
		}
		c.report.Pages, c.report.FreePages = countPages(tx)
		return c.records(ctx, tx)
	})
	if errors.As(err, new(*panicValue)) {
		c.find("the file %s %s", path, structural)
		err = nil
	}
	return c.report, errors.Join(err, s.db.Close())
}

// countPages counts the pages of a file, and the free ones.
func countPages(tx *bbolt.Tx) (all, free int) {
	for {
		info, err := tx.Page(all)
		if err != nil || info == nil {
			return all, free
		}
		if info.Type == "free" { // its header is that of an earlier use
			free, all = free+1, all+1
			continue
		}
		all += 1 + info.OverflowCount
	}
}

// openToRead opens a file for reading. heads is the number of intact meta pages.
func openToRead(path string, options Options) (s *Store, heads int, err error) {
	options = options.withDefaults()
	heads, what, err := examine(path)
	if err != nil || what != "" {
		return nil, 0, unfit(path, what, err)
	}
	var db *bbolt.DB
	err = shielded(func() (err error) {
		db, err = bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true, Timeout: options.Timeout, FreelistType: bbolt.FreelistMapType, PreLoadFreelist: true})
		return err
	})
	switch {
	case errors.Is(err, bbolterrors.ErrTimeout):
		return nil, 0, inUse(path, err)
	case err != nil:
		return nil, 0, unfit(path, "could not be opened", err)
	}
	format, what, err := identify(db)
	if what != "" || err != nil {
		return nil, 0, errors.Join(unfit(path, what, err), db.Close())
	}
	return &Store{path: path, format: format, db: db, options: options}, heads, nil
}

// identify returns the format of an open file, or says what is wrong with one that is not a store of a release up to this one.
func identify(db *bbolt.DB) (format int, what string, err error) {
	found, empty, err := describe(db)
	switch {
	case err != nil:
		return 0, "is damaged", err
	case empty:
		return 0, "has nothing in it", nil
	case found == nil || found.Magic != fileMagic:
		return 0, "belongs to another program", nil
	case found.Format > fileFormat:
		return 0, fmt.Sprintf("was written by a newer release (format %d, this one reads up to %d); use that release", found.Format, fileFormat), nil
	}
	return found.Format, "", nil
}

// unfit is the error for a file that cannot be used for what was asked.
func unfit(path, what string, err error) error {
	var known *directory.Error
	switch {
	case errors.As(err, new(*panicValue)):
		what = structural
	case errors.As(err, &known):
		return err
	}
	if what == "" {
		what = "could not be read"
	}
	switch {
	case errors.Is(err, os.ErrNotExist):
		what = "does not exist"
	case isSystemError(err):
		return cannotOpen("the file "+path+" "+what, path, err)
	}
	return &directory.Error{Code: directory.Internal, Message: "the file " + path + " " + what, Err: err}
}

// structural is what is wrong with a file when reading it panics.
const structural = "has a damaged structure; restore it from a backup"

// bytesPerCommit bounds the transactions that write a new file.
const bytesPerCommit = 16 << 20

// create makes a new file and fills it. It refuses to overwrite. Only the end is synced, because a file that was not finished is
// removed.
func create(path string, fill func(*bbolt.DB) error) error {
	if _, err := os.Lstat(path); err == nil {
		return unfit(path, "is there already", nil)
	}
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: time.Second, NoSync: true, NoFreelistSync: true, FreelistType: bbolt.FreelistMapType})
	if err != nil {
		return failed("the file "+path+" could not be made", err)
	}
	err = shielded(func() error { return fill(db) })
	if err == nil {
		err = db.Sync()
	}
	if err = errors.Join(err, db.Close()); err != nil {
		return failed("the file "+path+" could not be written", errors.Join(err, os.Remove(path)))
	}
	return writeFreelist(path)
}

// writeFreelist opens a new file once as a server does, so that it contains a free list and both meta pages agree.
func writeFreelist(path string) error {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: time.Second, FreelistType: bbolt.FreelistMapType})
	if err == nil {
		err = errors.Join(db.Update(func(*bbolt.Tx) error { return nil }), db.Close())
	}
	if err != nil {
		return failed("the file "+path+" could not be written", err)
	}
	return nil
}

// Compact copies the content of the file at from into a new file at to, without its free space. from stays as it is; to must not
// exist.
func Compact(from, to string, options Options) error {
	s, _, err := openToRead(from, options)
	if err != nil {
		return err
	}
	err = create(to, func(db *bbolt.DB) error { return bbolt.Compact(db, s.db, bytesPerCommit) })
	if errors.As(err, new(*panicValue)) {
		err = unfit(from, "", err)
	}
	return errors.Join(err, s.db.Close())
}

// Compare returns a sentence for every difference in the content of two files: buckets, keys, values and sequences, independent of
// the pages that hold them. At most 1000.
func Compare(ctx context.Context, a, b string, options Options, notes Notes) ([]string, error) {
	return (&comparison{notes: notes}).files(ctx, a, b, options)
}

// SameRecords returns a sentence for every record in which two files differ; derived data is not compared.
func SameRecords(ctx context.Context, a, b string, options Options, notes Notes) ([]string, error) {
	return (&comparison{notes: notes, recordsOnly: true}).files(ctx, a, b, options)
}

func (c *comparison) files(ctx context.Context, a, b string, options Options) ([]string, error) {
	first, _, err := openToRead(a, options)
	if err != nil {
		return nil, err
	}
	second, _, err := openToRead(b, options)
	if err != nil {
		return nil, errors.Join(err, first.db.Close())
	}
	err = first.read(ctx, func(x *bbolt.Tx) error {
		return second.read(ctx, func(y *bbolt.Tx) error {
			c.total = x.Size()
			return c.cursors(ctx, nil, x, y)
		})
	})
	return c.findings, errors.Join(err, first.db.Close(), second.db.Close())
}

// comparison reads two files side by side.
type comparison struct {
	notes       Notes
	recordsOnly bool // derived data is not compared
	done, total int64
	count       int
	findings    []string
}

func (c *comparison) find(format string, args ...any) {
	if len(c.findings) < maxFindings {
		c.findings = append(c.findings, fmt.Sprintf(format, args...))
	}
}

// differ records a key that differs, unless it is derived data and only records are compared.
func (c *comparison) differ(path []string, key []byte, how string) {
	if c.recordsOnly && len(path) == 1 && path[0] == operatorBucket && key[0] == operatorByEmail {
		return
	}
	if c.recordsOnly && len(path) == 1 && path[0] == metaBucket && string(key) == probeKey {
		return
	}
	if c.recordsOnly && len(path) == 0 && (string(key) == erasedBucket || string(key) == stagedBucket) {
		return // Sweep removes them: nothing in them is a record of a tenant
	}
	c.find("%q in %q %s", key, path, how)
}

func (c *comparison) buckets(ctx context.Context, path []string, a, b *bbolt.Bucket) error {
	if c.recordsOnly && len(path) == 3 {
		switch path[2] {
		case string(index.name()), string(memberOf.name()), string(facts.name()):
			return nil
		}
	}
	if c.recordsOnly && len(path) == 1 && path[0] == collisionBucket {
		return nil
	}
	if a.Sequence() != b.Sequence() && !c.recordsOnly {
		c.find("the numbers in %q go on at %d and at %d", path, a.Sequence(), b.Sequence())
	}
	return c.cursors(ctx, path, a, b)
}

// holdsAny reports whether a bucket is not empty.
func holdsAny(b *bbolt.Bucket) bool {
	key, _ := b.Cursor().First()
	return key != nil
}

// nested is a transaction or a bucket.
type nested interface {
	Cursor() *bbolt.Cursor
	Bucket(key []byte) *bbolt.Bucket
}

func (c *comparison) cursors(ctx context.Context, path []string, inA, inB nested) error {
	a, b := inA.Cursor(), inB.Cursor()
	ka, va := a.First()
	kb, vb := b.First()
	for ka != nil || kb != nil {
		if err := ctx.Err(); err != nil {
			return gaveUp(err)
		}
		order := bytes.Compare(ka, kb)
		switch {
		case kb == nil || ka != nil && order < 0:
			c.differ(path, ka, "is missing in the second file")
			ka, va = a.Next()
			continue
		case ka == nil || order > 0:
			if !c.recordsOnly || vb != nil || holdsAny(inB.Bucket(kb)) { // a format that lacks a bucket has no records for it
				c.differ(path, kb, "is missing in the first file")
			}
			kb, vb = b.Next()
			continue
		case (va == nil) != (vb == nil) || !bytes.Equal(va, vb) && !c.sameGroup(path, ka, va, vb):
			c.differ(path, ka, "differs")
		case va == nil:
			if err := c.buckets(ctx, append(path[:len(path):len(path)], string(ka)), inA.Bucket(ka), inB.Bucket(kb)); err != nil {
				return err
			}
		}
		c.done += int64(len(ka) + len(va))
		if c.count++; c.count%1024 == 0 {
			c.notes.progress("records", c.done, c.total)
		}
		ka, va = a.Next()
		kb, vb = b.Next()
	}
	return nil
}

// sameGroup reports whether two records of a group differ only in the number of members.
func (c *comparison) sameGroup(path []string, key, a, b []byte) bool {
	if !c.recordsOnly || len(path) != 3 || path[2] != string(groups.name()) {
		return false
	}
	var x, y directory.Group
	if decodeGroup(&x, key, a, transact) != nil || decodeGroup(&y, key, b, transact) != nil {
		return false
	}
	x.Members, y.Members = 0, 0
	return reflect.DeepEqual(x, y)
}

// Mark writes beside the path of a store that there is one: from then on a missing file is an error and not a reason to make a new
// one. The folder must exist.
func Mark(path string) error { return writeSidecar(path, sidecar{}) }

// MarkRestoring writes beside the path of a store that a backup is being copied there. Until Mark follows, a missing store is an
// interrupted restore. The folder must exist.
func MarkRestoring(path, backup string) error { return writeSidecar(path, sidecar{Restoring: backup}) }

// NotePaths are the file that Mark and MarkRestoring write, and the one that a crash in the middle of that leaves.
func NotePaths(path string) (note, unfinished string) {
	note = sidecarPath(path)
	return note, note + unfinishedSuffix
}
