package archive

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"runtime"
	"strings"
	"syscall"

	"drawbridge/directory"
)

// unfinished is the prefix of the names of files that are being written.
const unfinished = ".new-"

// Folder is a Storage in the file system. The folder itself must exist: a disk that is not mounted must not look like an empty archive.
// Nothing outside the folder is read or written, also not through a symbolic link in it.
type Folder struct{ root string }

// NewFolder is the folder at a path.
func NewFolder(root string) *Folder { return &Folder{root} }

func (f *Folder) String() string { return "folder " + f.root }

// Check writes a file and removes it.
func (f *Folder) Check(ctx context.Context, size int) error {
	return f.inside(ctx, "written", func(root *os.Root) error {
		f.sweep(root, ".")
		name := unfinished + rand.Text()
		err := writeFile(root, name, make([]byte, size))
		return errors.Join(err, remove(root, name))
	})
}

// Put writes a file beside its place, makes it durable, and gives it its name.
func (f *Folder) Put(ctx context.Context, name string, content []byte) error {
	return f.inside(ctx, "written", func(root *os.Root) error {
		dir := path.Dir(name)
		if err := makeFolder(root, dir); err != nil {
			return err
		}
		f.sweep(root, dir)
		temporary := path.Join(dir, unfinished+path.Base(name))
		if err := writeFile(root, temporary, content); err != nil {
			return errors.Join(err, remove(root, temporary))
		}
		if err := root.Rename(temporary, name); err != nil {
			return errors.Join(err, remove(root, temporary))
		}
		return syncFolder(root, dir)
	})
}

// Get reads a file.
func (f *Folder) Get(ctx context.Context, name string, most int64) (content []byte, err error) {
	wrong := func(what string) error {
		return &directory.Error{Code: directory.Invalid, Rule: "E6", Message: "it is " + what}
	}
	err = f.inside(ctx, "read", func(root *os.Root) error {
		info, err := root.Lstat(name)
		if errors.Is(err, fs.ErrNotExist) {
			return &directory.Error{Code: directory.NotFound, Rule: "E6", Message: fmt.Sprintf("there is no %s in the archive (%s)", name, f), Err: err}
		}
		switch {
		case err != nil:
			return err
		case !info.Mode().IsRegular():
			return wrong("not a regular file")
		case info.Size() > most:
			return wrong("larger than a segment can be")
		}
		file, err := root.Open(name)
		if err != nil {
			return err
		}
		defer func() { _ = file.Close() }() // it was only read
		if content, err = io.ReadAll(io.LimitReader(file, most+1)); err == nil && int64(len(content)) > most {
			return wrong("larger than a segment can be")
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return content, nil
}

// listed is how many names are read at once.
const listed = 1000

// List yields the files of one folder under the root.
func (f *Folder) List(ctx context.Context, prefix string, yield func(name string, size int64) error) error {
	return f.inside(ctx, "read", func(root *os.Root) error {
		dir, err := root.Open(path.Clean(prefix))
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		defer func() { _ = dir.Close() }() // it was only read
		for {
			files, err := dir.ReadDir(listed)
			for _, file := range files {
				if !file.Type().IsRegular() || strings.HasPrefix(file.Name(), unfinished) {
					continue
				}
				info, err := file.Info()
				if errors.Is(err, fs.ErrNotExist) {
					continue
				}
				if err != nil {
					return err
				}
				if err := yield(path.Join(prefix, file.Name()), info.Size()); err != nil {
					return err
				}
			}
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err := errors.Join(err, ctx.Err()); err != nil {
				return err
			}
		}
	})
}

// inside calls a function with the folder, and turns its error into a sentence for operators.
func (f *Folder) inside(ctx context.Context, what string, do func(*os.Root) error) error {
	err := ctx.Err()
	if err == nil {
		var root *os.Root
		if root, err = os.OpenRoot(f.root); err == nil {
			err = errors.Join(do(root), root.Close())
		}
	}
	var e *directory.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &e):
		return e
	}
	return f.failed(what, err)
}

// sweep removes unfinished files of a server that was killed while it wrote. A file that cannot be removed does no harm.
func (f *Folder) sweep(root *os.Root, dir string) {
	files, err := fs.Glob(root.FS(), path.Join(dir, unfinished+"*"))
	if err != nil {
		return
	}
	for _, name := range files {
		_ = root.Remove(name)
	}
}

func remove(root *os.Root, name string) error {
	if err := root.Remove(name); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// makeFolder makes the folders below the root, each durable before something is put into it.
func makeFolder(root *os.Root, dir string) error {
	if dir == "." {
		return nil
	}
	if info, err := root.Stat(dir); err == nil {
		if !info.IsDir() {
			return fmt.Errorf("%s is not a folder", dir)
		}
		return nil
	}
	if err := makeFolder(root, path.Dir(dir)); err != nil {
		return err
	}
	if err := root.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncFolder(root, path.Dir(dir))
}

func writeFile(root *os.Root, name string, content []byte) error {
	file, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

// syncFolder makes names in a folder survive a loss of power.
func syncFolder(root *os.Root, dir string) error {
	if runtime.GOOS == "windows" { // has no such call
		return nil
	}
	d, err := root.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		err = nil // there are file systems without
	}
	return errors.Join(err, d.Close())
}

// failed says what is wrong with the folder.
func (f *Folder) failed(what string, err error) error {
	why := err.Error()
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		why = "it is full"
	case errors.Is(err, syscall.EROFS):
		why = "it is read-only"
	case errors.Is(err, fs.ErrPermission):
		why = "the user that the server runs as may not do that there"
	case errors.Is(err, fs.ErrNotExist):
		why = "the folder does not exist; is its disk mounted?"
	case errors.Is(err, syscall.EFBIG):
		why = "a file may not be that large there"
	case errors.Is(err, syscall.EIO):
		why = "its disk reports an error of input or output"
	case errors.Is(err, context.DeadlineExceeded):
		why = "it took too long"
	}
	return &directory.Error{Code: directory.Unavailable, Rule: "E6", Message: fmt.Sprintf("the archive (%s) cannot be %s: %s", f, what, why), Err: err}
}
