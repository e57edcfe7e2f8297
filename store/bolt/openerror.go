package bolt

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"drawbridge/directory"
)

// cannotOpen is the error when the operating system does not let a file be used. Its message is for the operator, so it has the
// path, the cause, and what to do.
func cannotOpen(what, path string, err error) error {
	var known *directory.Error
	if errors.As(err, &known) {
		return err
	}
	message := what + ": " + causeOf(err)
	switch {
	case errors.Is(err, fs.ErrPermission):
		message += ". " + permissions(denied(path, err))
	case errors.Is(err, syscall.EROFS):
		message += ". Mount the file system for writing, or choose another data folder"
	case isFull(err):
		message += ". Make room on that file system"
	}
	return &directory.Error{Code: directory.Unavailable, Message: message, Err: err}
}

// isFull reports whether err says that there is no room.
func isFull(err error) bool { return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) }

// isSystemError reports whether err comes from the operating system: it says nothing about the content of a file.
func isSystemError(err error) bool {
	var path *fs.PathError
	var number syscall.Errno
	return errors.As(err, &path) || errors.As(err, &number)
}

// denied is what the operating system refused to use. To replace the file at path, another one is created in the same folder: if that is
// refused, the permissions of the folder say why.
func denied(path string, err error) string {
	var of *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &of):
		return of.Path
	case errors.As(err, &link):
		return filepath.Dir(path)
	}
	return path
}

// permissions says who may use a file, and which user tried.
func permissions(path string) string {
	me := fmt.Sprintf("This process runs as user %d, group %d", os.Geteuid(), os.Getegid())
	for at := path; ; at = filepath.Dir(at) { // the nearest one that can be seen at all
		info, err := os.Lstat(at)
		if err == nil {
			kind := "file"
			if info.IsDir() {
				kind = "folder"
			}
			return fmt.Sprintf("The %s %s has mode %s%s. %s: give it the permission to read and write (chown, chmod)", kind, at, info.Mode(), owner(info), me)
		}
		if at == filepath.Dir(at) {
			return me + ": give it the permission to read and write (chown, chmod)"
		}
	}
}
