package archive_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"drawbridge/archive"
	"drawbridge/directory"
)

// limitedChild names the folder of a process that may not write large files, or has no rights.
const limitedChild = "DRAWBRIDGE_TEST_ARCHIVE_LIMITED"

// A write that ends early, because of a limit of the size of a file or because the server has no right, leaves nothing, and its error names
// cause and path.
func TestWriteThatEndsEarlyLeavesNothing(t *testing.T) {
	t.Parallel()
	if dir := os.Getenv(limitedChild); dir != "" {
		limited(t, dir)
		return
	}
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestWriteThatEndsEarlyLeavesNothing$")
	cmd.Env = append(os.Environ(), limitedChild+"="+dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if found, err := os.ReadDir(filepath.Join(dir, "acme")); err != nil || len(found) > 0 {
		t.Errorf("%v is left, %v", found, err)
	}
}

func limited(t *testing.T, dir string) {
	t.Helper()
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 1000, Max: before.Max}); err != nil {
		t.Fatal(err)
	}
	f := archive.NewFolder(dir)
	err := f.Put(t.Context(), "acme/segment", bytes.Repeat([]byte("x"), 5000)) // 1000 bytes are written, and then the error comes
	if directory.CodeOf(err) != directory.Unavailable || !errors.Is(err, syscall.EFBIG) || !strings.Contains(err.Error(), "a file may not be that large there") || !strings.Contains(err.Error(), dir) {
		t.Errorf("%v", err)
	}
	if err := f.Check(t.Context(), 5000); !errors.Is(err, syscall.EFBIG) {
		t.Errorf("the check says %v", err)
	}
	if err := f.Check(t.Context(), 500); err != nil {
		t.Errorf("the check of a small file says %v", err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		t.Fatal(err)
	}
}

// The reason of each error of a file system is a sentence.
func TestReasonsOfAFolder(t *testing.T) {
	t.Parallel()
	for cause, want := range map[error]string{
		syscall.ENOSPC: "it is full", syscall.EDQUOT: "it is full", syscall.EROFS: "it is read-only", syscall.EFBIG: "that large", syscall.EIO: "input or output",
		syscall.EACCES: "the user that the server runs as", syscall.EPERM: "the user that the server runs as", syscall.ENOENT: "is its disk mounted?",
		syscall.ESTALE: "stale", syscall.ENOTCONN: "not connected",
	} {
		err := archive.FolderFailed("/srv/archive", &fs.PathError{Op: "write", Path: "acme/audit/x", Err: cause})
		if directory.CodeOf(err) != directory.Unavailable || !errors.Is(err, cause) || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "folder /srv/archive") {
			t.Errorf("%v: %v", cause, err)
		}
	}
}
