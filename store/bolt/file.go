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

// fileFormat is the version of the layout. A release reads all formats up to its own, and makes a file its own when it opens
// it. 2: audit lines are chained, and there are buckets for mail. 3: there are memos.
// 4: there are claims. 5: the indexes of userNames have their prepared form.
const (
	fileFormat = preparedNames
	fileMagic  = "drawbridge"
)

// description stands in the file and says what it is.
type description struct {
	Magic  string `json:"magic"`
	Format int    `json:"format"`
}

// sidecar stands beside the file. That it exists says that a store was there; bbolt would make a new one without a word
// where the file is missing or empty. It also names the process that holds the file.
type sidecar struct {
	Note    string    `json:"note"`
	PID     int       `json:"pid"` // 0: nobody holds the file
	Started time.Time `json:"started,omitzero"`
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
		return nil, held(path, err)
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

// stillThere sees whether the file that was opened is the one at path: while Open waited, a compact or a repair may have put
// another one there, and what is written to the old one would be lost.
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
		return nil, refused(path, "has nothing in it, and a store was there", nil)
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

// describe reads what the file says about itself; nil if it says nothing.
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

// makeBuckets makes the buckets at the root and those of every tenant, as far as they are missing, and makes a file of an older
// format one of this format. from is its format, 0 for a new file.
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
	return tx.Bucket([]byte(tenantBucket)).ForEach(func(key, _ []byte) error { // of a file of an older format
		tenant := directory.TenantID(key)
		if err := makeParts(tx, tenant); err != nil || from >= preparedNames {
			return err
		}
		return prepareNames(tx, tenant)
	})
}

// makeParts makes the buckets of a tenant, as far as they are missing.
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

// inspect looks at the file before bbolt does: bbolt makes an empty file a new database, and a file that is too short
// ends the process.
func inspect(path string, options Options) error {
	_, known := readSidecar(path)
	heads, what, err := examine(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && known:
		return refused(path, "is missing, and a store was there", nil)
	case errors.Is(err, fs.ErrNotExist), what == isEmpty && !known:
		return nil
	case what == isEmpty:
		return refused(path, "is empty, and a store was there", nil)
	case err != nil:
		return cannotOpen("the store "+path+" cannot be read", path, err)
	case what != "":
		return refused(path, what, nil)
	case heads == 1:
		options.Logger.Warn("one of the two heads of the store is damaged; the other one is used, and the last commit may be missing", "path", path)
	}
	return nil
}

const isEmpty = "is empty"

// examine looks at the beginning and the length of a file. what says what is wrong with it, "" if nothing is; heads is how
// many of its two heads are intact.
func examine(path string) (heads int, what string, err error) {
	info, err := os.Stat(path) // first: a pipe would never open
	if err != nil {
		return 0, "", err
	}
	if !info.Mode().IsRegular() {
		return 0, "is no ordinary file", nil
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
	info, err = f.Stat() // behind the reading: a file in use only grows
	if err != nil {
		return 0, "", err
	}
	switch {
	case info.Size() == 0:
		return 0, isEmpty, nil
	case len(metas) == 0:
		return 0, "is no store, or its beginning is damaged", nil
	}
	newest := newestMeta(metas)
	if need := newest.pages * uint64(newest.pageSize); uint64(info.Size()) < need {
		return 0, fmt.Sprintf("is cut short: %d bytes of %d are there", info.Size(), need), nil
	}
	return len(metas), "", nil
}

// meta is what inspect needs of a meta page of bbolt.
type meta struct {
	pageSize uint32
	pages    uint64 // how many pages the file has
	txid     uint64
}

// readMetas gives the intact meta pages of a bbolt file, at most two. A page has a head of 16 bytes; behind it magic,
// version, page size, flags (4 bytes each), root page, its sequence, free list page, count of pages, transaction (8 each)
// and an FNV-1a sum of all these, in the byte order of the machine.
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

func held(path string, err error) error {
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
	s.Note = "A store stands beside this file. Without this file, a missing store is taken for a new one."
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
