package bolt

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"

	"drawbridge/directory"
)

// storeFile is the file that bbolt has open. bbolt never checks the path again, and trusts the content of the file. So
// before and after each commit the writer checks that the path still leads to this file, that it was not cut short, and that
// its last commit is the last one of this process: an acknowledged write must be found there after a restart.
type storeFile struct {
	path     string
	file     *os.File
	identity os.FileInfo   // device and inode of file
	pageSize int64         // of bbolt
	txid     atomic.Uint64 // of the last commit that is known to be in the file
	size     atomic.Int64  // of the file, as it was seen last; bbolt never shrinks it

	// spoiled says that the content of the file was changed by something else. It stays so until the restart, and nothing is
	// read any more: memory and file no longer agree.
	spoiled atomic.Pointer[directory.Error]
}

// openedFile begins to watch a file that bbolt has just opened.
func openedFile(path string, file *os.File) (*storeFile, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	f := &storeFile{path: path, file: file, identity: info}
	f.size.Store(info.Size())
	metas, err := readMetas(file)
	if err != nil {
		return nil, err
	}
	if len(metas) == 0 {
		return nil, errors.New("it has no intact meta page")
	}
	newest := newestMeta(metas)
	f.pageSize = int64(newest.pageSize)
	f.txid.Store(newest.txid)
	return f, nil
}

// check says why the file is not the store any more, nil if it is. inFlight is how many commits this process may have written since
// txid was stored.
func (f *storeFile) check(inFlight uint64) error {
	if err := f.spoiled.Load(); err != nil {
		return err
	}
	if err := f.checkPath(); err != nil {
		return err
	}
	return f.checkContent(inFlight)
}

// checkPath checks that the path leads to the open file. When the file is moved back, it does again.
func (f *storeFile) checkPath() error {
	info, err := os.Stat(f.path)
	switch {
	case err == nil && os.SameFile(info, f.identity):
		return nil
	case err == nil:
		return f.unavailable("another file is at %s: the store was replaced while the server was running. Restart the server to use the file that is there now", f.path)
	case errors.Is(err, fs.ErrNotExist):
		what := "the store file " + f.path
		if _, err := os.Stat(filepath.Dir(f.path)); errors.Is(err, fs.ErrNotExist) {
			what = "the folder " + filepath.Dir(f.path) + " of the store"
		}
		return f.unavailable("%s was moved or deleted while the server was running. Put it back and the server continues. If it was deleted, %s before you stop the server",
			what, f.rescue())
	}
	return f.unavailable("the store file %s cannot be reached: %s", f.path, causeOf(err))
}

// rescue says how to save the content of a deleted file, which exists until it is closed. The socket of the command line may have been
// deleted too.
func (f *storeFile) rescue() string {
	if runtime.GOOS == "linux" {
		return fmt.Sprintf("copy /proc/%d/fd/%d, which still has its content, to a safe place", os.Getpid(), f.file.Fd())
	}
	return "take a backup to another folder (drawbridge backup --to)"
}

// checkContent checks that nothing else has changed the content of the file.
func (f *storeFile) checkContent(inFlight uint64) error {
	info, err := f.file.Stat()
	if err != nil {
		return f.unavailable("the store file %s cannot be examined: %s", f.path, causeOf(err))
	}
	known := f.size.Load()
	if info.Size() < known {
		return f.spoil("the store file %s was cut short while the server was running: it has %d bytes, and it had %d", f.path, info.Size(), known)
	}
	f.grown(known, info.Size())
	first := f.txid.Load() // before reading: the writer may commit meanwhile
	newest, err := f.newestTxid()
	switch {
	case err != nil:
		return f.unavailable("the store file %s cannot be read: %s", f.path, causeOf(err))
	case newest < first || newest > f.txid.Load()+inFlight:
		return f.spoil("the store file %s was overwritten while the server was running", f.path)
	}
	return nil
}

// grown notes a larger size.
func (f *storeFile) grown(known, size int64) {
	for size > known && !f.size.CompareAndSwap(known, size) {
		known = f.size.Load()
	}
}

// newestTxid reads the number of the last commit from the two meta pages; 0 if both are damaged.
func (f *storeFile) newestTxid() (uint64, error) {
	newest, b := uint64(0), make([]byte, metaLength)
	for page := range int64(2) {
		m, ok, err := readMeta(f.file, page*f.pageSize, b)
		if err != nil {
			return 0, err
		}
		if ok && m.txid > newest {
			newest = m.txid
		}
	}
	return newest, nil
}

// mapped reports whether the two meta pages can be read from memory. If bbolt fails to read them, it keeps its locks, and every caller
// would wait forever.
func (f *storeFile) mapped() error {
	if err := f.spoiled.Load(); err != nil {
		return err
	}
	info, err := f.file.Stat()
	if err != nil {
		return f.unavailable("the store file %s cannot be examined: %s", f.path, causeOf(err))
	}
	if info.Size() < 2*f.pageSize {
		return f.spoil("the store file %s was cut short while the server was running: it has %d bytes, and it had %d", f.path, info.Size(), f.size.Load())
	}
	return nil
}

func (f *storeFile) unavailable(format string, args ...any) *directory.Error {
	return &directory.Error{Code: directory.Unavailable, Message: fmt.Sprintf(format, args...)}
}

func (f *storeFile) spoil(format string, args ...any) *directory.Error {
	err := f.unavailable(format+". Stop the server; then run a check, and restore a backup if it finds faults", args...)
	f.spoiled.CompareAndSwap(nil, err)
	return f.spoiled.Load()
}

// causeOf is the cause of an error in the words of the operating system.
func causeOf(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err.Error()
	}
	return err.Error()
}
