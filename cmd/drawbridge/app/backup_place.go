package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"drawbridge/directory"
)

// The names of backups that the server chooses itself. The time is in UTC, so that the order of the names is that of time.
const (
	backupPrefix  = "drawbridge-"
	backupTime    = "20060102T150405Z"
	backupNumber  = "_" // before the number of another backup in the same second; sorts after backupSuffix
	backupSuffix  = ".db"
	suspectSuffix = ".suspect" // appended to the name of a copy that failed the check
	sumSuffix     = ".sha256"
	partSuffix    = ".partial"
)

// place is where a backup goes. A folder in the request must exist; the configured one is created.
func (b *backups) place(to string, began time.Time) (string, error) {
	invalid := func(format string, args ...any) (string, error) {
		return "", &directory.Error{Code: directory.Invalid, Field: "to", Message: fmt.Sprintf(format, args...)}
	}
	dir, path := b.dir, ""
	switch {
	case to == "":
		mkdir := os.MkdirAll
		if filepath.Dir(b.dir) == b.data { // a data folder that was moved must not be created again
			mkdir = os.Mkdir
		}
		if err := mkdir(b.dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return "", unwritten(b.dir, err)
		}
	case strings.ContainsRune(to, 0) || !filepath.IsAbs(to):
		return invalid("%q is not an absolute path", to)
	default:
		info, err := os.Stat(to)
		switch {
		case err == nil && info.IsDir():
			dir = to
		case strings.HasSuffix(to, string(filepath.Separator)):
			return invalid("there is no folder %s", to)
		default:
			path = filepath.Clean(to)
			dir = filepath.Dir(path)
		}
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			return invalid("there is no folder %s", dir)
		}
	}
	if path == "" {
		path = freeName(dir, began)
	}
	if p := taken(path); p != "" {
		return "", &directory.Error{Code: directory.Conflict, Field: "to", Message: p + " is there already; a backup writes nothing over"}
	}
	return path, nil
}

// freeName is a name for a backup that began at this time. Further backups in one second get numbers, up to 9, that rise with time.
func freeName(dir string, began time.Time) string {
	stem := filepath.Join(dir, backupPrefix+began.UTC().Format(backupTime))
	path := stem + backupSuffix
	free := path
	for n := 2; n < 10; n++ {
		next := stem + backupNumber + strconv.Itoa(n) + backupSuffix
		if taken(path) != "" {
			free = next
		}
		path = next
	}
	return free
}

// taken gives the file that is in the way of a backup, or nothing.
func taken(path string) string {
	for _, p := range []string{path, path + sumSuffix, path + suspectSuffix} {
		if _, err := os.Lstat(p); !errors.Is(err, fs.ErrNotExist) {
			return p
		}
	}
	return ""
}

func timeOfBackup(name string) (time.Time, bool) {
	text, ok := strings.CutPrefix(name, backupPrefix)
	if !ok {
		return time.Time{}, false
	}
	if text, ok = strings.CutSuffix(text, backupSuffix); !ok {
		return time.Time{}, false
	}
	text, number, numbered := strings.Cut(text, backupNumber)
	if numbered && (len(number) != 1 || number < "2" || number > "9") {
		return time.Time{}, false
	}
	at, err := time.Parse(backupTime, text)
	return at, err == nil
}

// lookAtFolder tests whether a backup could be written, before one is due. The server works without backups, so a failure is a warning.
func (b *backups) lookAtFolder(context.Context) error {
	err := tryFolder(b.dir)
	b.metrics.writable.Set(1)
	if err != nil {
		b.metrics.writable.Set(0)
		return warning{fmt.Errorf("no backup can be written: %w", err)}
	}
	return nil
}

// tryFolder makes a folder if it is missing, and writes a file into it that it removes again.
func tryFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("the folder %s cannot be made: %w", dir, errors.New(reason(err)))
	}
	f, err := os.CreateTemp(dir, ".try-*")
	if err != nil {
		return fmt.Errorf("the folder %s cannot be written to: %w", dir, errors.New(reason(err)))
	}
	_, err = f.WriteString("x")
	if err = errors.Join(err, f.Close(), os.Remove(f.Name())); err != nil {
		return fmt.Errorf("the folder %s cannot be written to: %w", dir, errors.New(reason(err)))
	}
	return nil
}
