package bolt

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"

	"drawbridge/directory"
)

// fileFormat is the version of the layout. A release reads all formats up to its own, and upgrades a file when it opens it. 2:
// audit lines are chained, and there are buckets for mail. 3: there are KVs. 4: there are claims. 5: the indexes of userNames
// have their prepared form.
const (
	fileFormat = preparedNames
	fileMagic  = "drawbridge"
)

// description is in the file and says what the file is.
type description struct {
	Magic  string `json:"magic"`
	Format int    `json:"format"`
}

// sidecar is a file beside the store. Its existence says that there was a store, because bbolt silently makes a new one if the
// file is missing or empty. It also names the process that has the store open.
type sidecar struct {
	Note    string    `json:"note"`
	PID     int       `json:"pid"` // 0: no process has the file open
	Started time.Time `json:"started,omitzero"`

	// Restoring is the backup that is being copied here. A store that is missing while it is set was never whole.
	Restoring string `json:"restoring,omitempty"`
}

func sidecarPath(path string) string { return path + ".info" }

// opened is a store file that is ready for use.
type opened struct {
	db   *bbolt.DB
	file *storeFile
	full error // the disk is full: the store can only be read for now
}

// openFile checks the file, opens it, and makes the buckets of a new one.
func openFile(path string, options Options) (*opened, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, cannotOpen("the folder of the store "+path+" cannot be made", filepath.Dir(path), err)
	}
	if err := inspect(path, options); err != nil {
		return nil, err
	}
	var db *bbolt.DB
	var file *os.File
	err := shielded(func() (err error) {
		db, err = bbolt.Open(path, 0o600, &bbolt.Options{
			OpenFile: func(name string, flag int, mode os.FileMode) (*os.File, error) {
				f, err := os.OpenFile(name, flag, mode) //nolint:gosec // the operator names the file
				file = f
				return f, err
			},
			Timeout:         options.Timeout,
			FreelistType:    bbolt.FreelistMapType,
			InitialMmapSize: options.InitialMmapSize,
			MaxSize:         options.MaxSize,
		})
		return err
	})
	switch {
	case errors.Is(err, bbolterrors.ErrTimeout):
		return nil, inUse(path, err)
	case isSystemError(err):
		return nil, cannotOpen("the store "+path+" cannot be opened", path, err)
	case err != nil:
		return nil, refused(path, "could not be opened", err)
	}
	out := &opened{db: db}
	err = stillThere(path, file)
	if err == nil {
		out.full, err = prepare(path, db, options)
	}
	if err == nil {
		if out.file, err = openedFile(path, file); err != nil {
			err = cannotOpen("the store "+path+" cannot be read", path, err)
		}
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return out, nil
}

// stillThere checks that the opened file is the one at path: while Open waited, a compact or a repair may have replaced it, and
// writes to the old file would be lost.
func stillThere(path string, file *os.File) error {
	opened, err := file.Stat()
	if err != nil {
		return failed("the store could not be opened", err)
	}
	if there, err := os.Stat(path); err != nil || !os.SameFile(opened, there) {
		return &directory.Error{Code: directory.Unavailable, Message: "the store " + path + " was replaced while it was being opened; start again", Err: err}
	}
	return nil
}

// prepare makes a new file a store, and checks that an old one is a store. full is the error of a disk that has no room for the
// sidecar of an existing store, which can still be read.
func prepare(path string, db *bbolt.DB, options Options) (full, err error) {
	found, empty, err := describe(db)
	_, known := readSidecar(path)
	switch {
	case err != nil:
		return nil, refused(path, "is damaged", err)
	case empty && known:
		return nil, refused(path, "contains nothing, but there was a store", nil)
	case !empty && (found == nil || found.Magic != fileMagic):
		return nil, refused(path, "belongs to another program", nil)
	case found != nil && found.Format > fileFormat:
		return nil, &directory.Error{
			Code:    directory.Internal,
			Message: fmt.Sprintf("the store %s was written by a newer release (format %d, this one reads up to %d); run that release, or restore a backup of this one", path, found.Format, fileFormat),
		}
	}
	if found == nil || found.Format < fileFormat {
		from := 0
		what := "the new store " + path + " cannot be written"
		if found != nil {
			from = found.Format
			what = fmt.Sprintf("the store %s has format %d and cannot be upgraded to format %d", path, found.Format, fileFormat)
		}
		if err := db.Update(func(tx *bbolt.Tx) error { return makeBuckets(tx, from) }); err != nil {
			return nil, cannotOpen(what, path, err)
		}
		if err := syncFolder(path); err != nil {
			return nil, cannotOpen(what, filepath.Dir(path), err)
		}
	}
	err = writeSidecar(path, sidecar{PID: os.Getpid(), Started: options.Now()})
	if known && isFull(err) {
		return err, nil
	}
	return nil, err
}

// describe reads the description in the file; nil if there is none.
func describe(db *bbolt.DB) (found *description, empty bool, err error) {
	empty = true
	err = shielded(func() error {
		return db.View(func(tx *bbolt.Tx) error {
			if first, _ := tx.Cursor().First(); first != nil {
				empty = false
			}
			b := tx.Bucket([]byte(metaBucket))
			if b == nil {
				return nil
			}
			if text := b.Get([]byte("format")); text != nil {
				found = new(description)
				return json.Unmarshal(text, found)
			}
			return nil
		})
	})
	return found, empty, err
}

// makeBuckets makes the missing buckets at the root and in every tenant, and upgrades a file of the older format from. from is 0 for
// a new file.
func makeBuckets(tx *bbolt.Tx, from int) error {
	for _, name := range rootBuckets() {
		if _, err := tx.CreateBucketIfNotExists([]byte(name)); err != nil {
			return err
		}
	}
	text, err := json.Marshal(description{Magic: fileMagic, Format: fileFormat})
	if err != nil {
		return err
	}
	if err := tx.Bucket([]byte(metaBucket)).Put([]byte("format"), text); err != nil {
		return err
	}
	if err := makeParts(tx, directory.Provider); err != nil {
		return err
	}
	return tx.Bucket([]byte(tenantBucket)).ForEach(func(key, _ []byte) error { // only a file of an older format has any
		tenant := directory.TenantID(key)
		if err := makeParts(tx, tenant); err != nil || from >= preparedNames {
			return err
		}
		return prepareNames(tx, tenant)
	})
}

// makeParts makes the missing buckets of a tenant.
func makeParts(tx *bbolt.Tx, tenant directory.TenantID) error {
	return makePartsIn(tx.Bucket([]byte(dataBucket)), tenantKey(tenant))
}

func makePartsIn(in *bbolt.Bucket, key []byte) error {
	data, err := in.CreateBucketIfNotExists(key)
	if err != nil {
		return err
	}
	for p := range parts {
		if _, err := data.CreateBucketIfNotExists(p.name()); err != nil {
			return err
		}
	}
	return nil
}

// inspect checks the file before bbolt opens it: bbolt makes an empty file a new database, and ends the process if a file is too
// short.
func inspect(path string, options Options) error {
	beside, known := readSidecar(path)
	heads, what, err := examine(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && beside.Restoring != "":
		return &directory.Error{
			Code: directory.Internal,
			Message: fmt.Sprintf("the store %s is missing, because a restore of %s was interrupted; run the restore again, or move %s away to begin with an empty store",
				path, beside.Restoring, sidecarPath(path)),
		}
	case errors.Is(err, fs.ErrNotExist) && known:
		return refused(path, "is missing, but there was a store", nil)
	case errors.Is(err, fs.ErrNotExist), what == isEmpty && !known:
		return nil
	case what == isEmpty:
		return refused(path, "is empty, but there was a store", nil)
	case err != nil:
		return cannotOpen("the store "+path+" cannot be read", path, err)
	case what != "":
		return refused(path, what, nil)
	case heads == 1:
		options.Logger.Warn("one of the two meta pages of the store is damaged; the other one is used, and the last commit may be missing", "path", path)
	}
	return nil
}

const isEmpty = "is empty"

// examine reads the beginning and the length of a file. what says what is wrong with it, "" if nothing is; heads is the number of
// intact meta pages.
func examine(path string) (heads int, what string, err error) {
	info, err := os.Stat(path) // first, because opening a pipe would block
	if err != nil {
		return 0, "", err
	}
	if !info.Mode().IsRegular() {
		return 0, "is not a regular file", nil
	}
	f, err := os.Open(path) //nolint:gosec // the operator names the file
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = f.Close() }() // it was only read
	metas, err := readMetas(f)
	if err != nil {
		return 0, "", err
	}
	info, err = f.Stat() // after reading, because a file in use grows
	if err != nil {
		return 0, "", err
	}
	switch {
	case info.Size() == 0:
		return 0, isEmpty, nil
	case len(metas) == 0:
		return 0, "is not a store, or its beginning is damaged", nil
	}
	newest := newestMeta(metas)
	if need := newest.pages * uint64(newest.pageSize); uint64(info.Size()) < need {
		return 0, fmt.Sprintf("is cut short: %d bytes of %d are there", info.Size(), need), nil
	}
	return len(metas), "", nil
}

// meta is the part of a meta page of bbolt that inspect needs.
type meta struct {
	pageSize uint32
	pages    uint64 // number of pages in the file
	txid     uint64
}

// readMetas returns the intact meta pages of a bbolt file, at most two. A page has a header of 16 bytes, then magic, version, page
// size, flags (4 bytes each), root page, its sequence, free list page, number of pages, transaction (8 each) and an FNV-1a sum of
// all these, in the byte order of the machine.
func readMetas(f io.ReaderAt) ([]meta, error) {
	var metas []meta
	b := make([]byte, metaLength)
	first, ok, err := readMeta(f, 0, b)
	if err != nil {
		return nil, err
	}
	if ok {
		metas = append(metas, first)
	}
	for page := int64(minPage); page <= maxPage; page *= 2 {
		second, ok, err := readMeta(f, page, b)
		if err != nil {
			return nil, err
		}
		if ok && int64(second.pageSize) == page {
			return append(metas, second), nil
		}
	}
	return metas, nil
}

// The sizes of pages that bbolt supports.
const (
	minPage = 512
	maxPage = 64 << 10
)

const (
	pageHead   = 16
	metaLength = pageHead + 64
)

// readMeta reads the meta page at an offset into b, which has metaLength bytes; ok is false if the page is not intact.
func readMeta(f io.ReaderAt, offset int64, b []byte) (found meta, ok bool, err error) {
	const (
		magic   = 0xED0CDAED
		version = 2
	)
	if _, err := f.ReadAt(b, offset); err != nil {
		if errors.Is(err, io.EOF) {
			return meta{}, false, nil
		}
		return meta{}, false, err
	}
	m, order := b[pageHead:], binary.NativeEndian
	found = meta{pageSize: order.Uint32(m[8:]), pages: order.Uint64(m[40:]), txid: order.Uint64(m[48:])}
	intact := order.Uint32(m) == magic && order.Uint32(m[4:]) == version && order.Uint64(m[56:]) == fnv1a(m[:56])
	return found, intact && found.pageSize >= minPage && found.pageSize <= maxPage, nil
}

// fnv1a is hash/fnv.New64a without an object for it: it runs before and after each commit.
func fnv1a(b []byte) uint64 {
	sum := uint64(14695981039346656037)
	for _, c := range b {
		sum = (sum ^ uint64(c)) * 1099511628211
	}
	return sum
}

// newestMeta is the meta page of the last commit; there must be one.
func newestMeta(metas []meta) meta {
	newest := metas[0]
	for _, m := range metas {
		if m.txid > newest.txid {
			newest = m
		}
	}
	return newest
}

func refused(path, what string, err error) error {
	return &directory.Error{
		Code: directory.Internal,
		Message: fmt.Sprintf("the store %s %s; restore it from a backup, or move %s away to begin with an empty one",
			path, what, sidecarPath(path)),
		Err: err,
	}
}

func inUse(path string, err error) error {
	who := "another process"
	if by, ok := readSidecar(path); ok && by.PID != 0 {
		who = fmt.Sprintf("process %d", by.PID)
		if !by.Started.IsZero() {
			who += ", started " + by.Started.Format(time.RFC3339) + ","
		}
	}
	return &directory.Error{
		Code:    directory.Unavailable,
		Message: fmt.Sprintf("%s holds the store %s; only one process can use it at a time", who, path),
		Err:     err,
	}
}

func readSidecar(path string) (sidecar, bool) {
	var found sidecar
	text, err := os.ReadFile(sidecarPath(path))
	if err == nil {
		_ = json.Unmarshal(text, &found) // that it exists counts, even if it is damaged
	}
	return found, !errors.Is(err, fs.ErrNotExist) // one that cannot be read exists
}

func writeSidecar(path string, s sidecar) error {
	s.Note = "A store is beside this file. Without this file, a missing store is taken for a new one."
	text, err := json.MarshalIndent(s, "", "  ")
	if err == nil {
		err = writeFile(sidecarPath(path), append(text, '\n'))
	}
	if err != nil {
		return cannotOpen("the file "+sidecarPath(path)+" beside the store cannot be written", sidecarPath(path), err)
	}
	return nil
}

// syncFolder makes the name of a new file survive a power cut.
func syncFolder(path string) error {
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
