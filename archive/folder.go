package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"

	"drawbridge/directory"
)

// unfinished is the beginning of the name of a file that is being written.
const unfinished = ".new-"

// Folder is a Place in the file system. The folder itself must be there: a disk that is not mounted must not look like an empty
// archive.
type Folder struct{ root string }

// NewFolder is the folder at a path.
func NewFolder(root string) *Folder { return &Folder{root} }

func (f *Folder) String() string { return "folder " + f.root }

// Put writes a file beside its place, makes it durable, and gives it its name.
func (f *Folder) Put(ctx context.Context, name string, content []byte) error {
	if err := ctx.Err(); err != nil {
		return f.failed("written", err)
	}
	if _, err := os.Stat(f.root); err != nil {
		return f.failed("written", err)
	}
	to := f.path(name)
	if err := f.makeFolder(filepath.Dir(to)); err != nil {
		return f.failed("written", err)
	}
	temporary := filepath.Join(filepath.Dir(to), unfinished+filepath.Base(to))
	if err := writeFile(temporary, content); err != nil {
		return f.failed("written", errors.Join(err, remove(temporary)))
	}
	if err := os.Rename(temporary, to); err != nil {
		return f.failed("written", errors.Join(err, remove(temporary)))
	}
	if err := syncFolder(filepath.Dir(to)); err != nil {
		return f.failed("written", err)
	}
	return nil
}

func remove(name string) error {
	if err := os.Remove(name); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// makeFolder makes the folders below the root, each durable before something is put into it.
func (f *Folder) makeFolder(dir string) error {
	if _, err := os.Stat(dir); err == nil || dir == filepath.Clean(f.root) {
		return err
	}
	if err := f.makeFolder(filepath.Dir(dir)); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncFolder(filepath.Dir(dir))
}

func writeFile(name string, content []byte) error {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600) //nolint:gosec // a name of this package below the configured folder
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

func syncFolder(dir string) error {
	d, err := os.Open(dir) //nolint:gosec // a folder below the configured one
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Get reads a file.
func (f *Folder) Get(ctx context.Context, name string, most int64) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, f.failed("read", err)
	}
	file, err := os.Open(f.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &directory.Error{Code: directory.NotFound, Rule: "E6", Message: fmt.Sprintf("there is no %s in the archive (%s)", name, f), Err: err}
	}
	if err != nil {
		return nil, f.failed("read", err)
	}
	defer func() { _ = file.Close() }() // it was only read
	content, err := io.ReadAll(io.LimitReader(file, most+1))
	if err != nil {
		return nil, f.failed("read", err)
	}
	if int64(len(content)) > most {
		return nil, &directory.Error{Code: directory.Invalid, Rule: "E6", Message: name + " is larger than a segment can be"}
	}
	return content, nil
}

// List yields the files of one folder below the root.
func (f *Folder) List(ctx context.Context, prefix string, yield func(name string, size int64) error) error {
	if _, err := os.Stat(f.root); err != nil {
		return f.failed("read", err)
	}
	files, err := os.ReadDir(f.path(prefix))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return f.failed("read", err)
	}
	for _, file := range files {
		if err := ctx.Err(); err != nil {
			return f.failed("read", err)
		}
		if !file.Type().IsRegular() || strings.HasPrefix(file.Name(), unfinished) {
			continue
		}
		info, err := file.Info()
		if err != nil {
			return f.failed("read", err)
		}
		if err := yield(path.Join(prefix, file.Name()), info.Size()); err != nil {
			return err
		}
	}
	return nil
}

func (f *Folder) path(name string) string { return filepath.Join(f.root, filepath.FromSlash(name)) }

// failed says what is wrong with the folder.
func (f *Folder) failed(what string, err error) error {
	why := err.Error()
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		why = "it is full"
	case errors.Is(err, syscall.EROFS):
		why = "it is read-only"
	case errors.Is(err, fs.ErrPermission):
		why = "the server may not do that there"
	case errors.Is(err, fs.ErrNotExist):
		why = "the folder is not there; is its disk mounted?"
	case errors.Is(err, context.DeadlineExceeded):
		why = "it took too long"
	}
	return &directory.Error{Code: directory.Unavailable, Rule: "E6", Message: fmt.Sprintf("the archive (%s) cannot be %s: %s", f, what, why), Err: err}
}
