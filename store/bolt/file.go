package bolt

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
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

// openFile checks the file, opens it, and makes the buckets of a new one.
func openFile(path string, options Options) (*bbolt.DB, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, failed("the folder of the store could not be made", err)
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
	case err != nil:
		return nil, refused(path, "could not be opened", err)
	}
	if err := stillThere(path, file); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if err := prepare(path, db, options); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
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

// prepare makes a new file a store, and sees to it that an old one is one.
func prepare(path string, db *bbolt.DB, options Options) error {
	found, empty, err := describe(db)
	switch _, known := readSidecar(path); {
	case err != nil:
		return refused(path, "is damaged", err)
	case empty && known:
		return refused(path, "has nothing in it, and a store was there", nil)
	case !empty && (found == nil || found.Magic != fileMagic):
		return refused(path, "belongs to another program", nil)
	case found != nil && found.Format > fileFormat:
		return &directory.Error{
			Code:    directory.Internal,
			Message: fmt.Sprintf("the store %s was written by a newer release (format %d, this one reads up to %d); run that release, or restore a backup of this one", path, found.Format, fileFormat),
		}
	}
	if found == nil || found.Format < fileFormat {
		from := 0
		if found != nil {
			from = found.Format
		}
		if err := db.Update(func(tx *bbolt.Tx) error { return makeBuckets(tx, from) }); err != nil {
			return failed("the store could not be prepared", err)
		}
		if err := syncFolder(path); err != nil {
			return failed("the folder of the store could not be written to the disk", err)
		}
	}
	return writeSidecar(path, sidecar{PID: os.Getpid(), Started: options.Now()})
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
		return refused(path, "could not be read", err)
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
	newest := metas[0]
	for _, m := range metas {
		if m.txid > newest.txid {
			newest = m
		}
	}
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
	const (
		head, size  = 16, 64
		magic       = 0xED0CDAED
		version     = 2
		leastPage   = 512
		largestPage = 64 << 10
	)
	at := func(offset int64) (meta, bool, error) {
		var b [head + size]byte
		if _, err := f.ReadAt(b[:], offset); err != nil {
			if errors.Is(err, io.EOF) {
				return meta{}, false, nil
			}
			return meta{}, false, err
		}
		m, order := b[head:], binary.NativeEndian
		sum := fnv.New64a()
		_, _ = sum.Write(m[:size-8])
		found := meta{pageSize: order.Uint32(m[8:]), pages: order.Uint64(m[40:]), txid: order.Uint64(m[48:])}
		intact := order.Uint32(m) == magic && order.Uint32(m[4:]) == version && order.Uint64(m[56:]) == sum.Sum64()
		return found, intact && found.pageSize >= leastPage && found.pageSize <= largestPage, nil
	}
	var metas []meta
	first, ok, err := at(0)
	if err != nil {
		return nil, err
	}
	if ok {
		metas = append(metas, first)
	}
	for page := int64(leastPage); page <= largestPage; page *= 2 {
		second, ok, err := at(page)
		if err != nil {
			return nil, err
		}
		if ok && int64(second.pageSize) == page {
			return append(metas, second), nil
		}
	}
	return metas, nil
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
	if err != nil {
		return found, false
	}
	_ = json.Unmarshal(text, &found) // that it is there counts, even if it is damaged
	return found, true
}

func writeSidecar(path string, s sidecar) error {
	s.Note = "A store stands beside this file. Without this file, a missing store is taken for a new one."
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return failed("the note beside the store could not be written", err)
	}
	temporary := sidecarPath(path) + ".new"
	if err := os.WriteFile(temporary, append(text, '\n'), 0o600); err != nil {
		return failed("the note beside the store could not be written", err)
	}
	if err := os.Rename(temporary, sidecarPath(path)); err != nil {
		return failed("the note beside the store could not be written", err)
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
