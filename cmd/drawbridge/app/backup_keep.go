package app

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"drawbridge/console/wire"
	"drawbridge/directory"
)

// items gives the good copies, the newest first. It ignores files with other names.
func (b *backups) items() ([]wire.Backup, error) {
	entries, err := os.ReadDir(b.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, &directory.Error{Code: directory.Unavailable, Message: "the folder of backups " + b.dir + " cannot be read", Err: err}
	}
	items := []wire.Backup{}
	for _, e := range entries {
		at, ok := timeOfBackup(e.Name())
		if !ok || !e.Type().IsRegular() {
			continue
		}
		item := wire.Backup{Path: filepath.Join(b.dir, e.Name()), Time: at}
		if info, err := e.Info(); err == nil {
			item.Bytes = info.Size()
		}
		if item.SHA256, err = readSum(item.Path + sumSuffix); err != nil {
			continue // not finished, or its checksum is missing: not reliable
		}
		items = append(items, item)
	}
	slices.SortFunc(items, func(a, b wire.Backup) int { return cmp.Or(b.Time.Compare(a.Time), strings.Compare(b.Path, a.Path)) })
	return items, nil
}

// letGo removes the oldest copies beyond backup.keep, and the parts of interrupted backups.
func (b *backups) letGo() error {
	items, err := b.items()
	if err != nil {
		return err
	}
	var errs []error
	for _, item := range items[min(len(items), b.config.Keep):] {
		errs = append(errs, os.Remove(item.Path), os.Remove(item.Path+sumSuffix)) // the copy first, so that no copy is without its checksum
	}
	return errors.Join(append(errs, b.letSuspectsGo(), sweep(b.dir), syncDir(b.dir))...)
}

// letSuspectsGo keeps as many suspects as good copies.
func (b *backups) letSuspectsGo() error {
	suspects, err := filepath.Glob(filepath.Join(globEscape(b.dir), backupPrefix+"*"+backupSuffix+suspectSuffix))
	if err != nil {
		return err
	}
	var errs []error
	for _, path := range suspects[:max(0, len(suspects)-b.config.Keep)] { // Glob sorts, and names sort by time
		errs = append(errs, os.Remove(path), os.Remove(path+sumSuffix))
	}
	return errors.Join(errs...)
}

// sweep removes parts of copies that were interrupted by the end of the process. No other program writes such names, and no copy
// is in progress.
func sweep(dir string) error {
	var errs []error
	for _, pattern := range []string{"." + backupPrefix + "*" + partSuffix, ".check.*" + partSuffix} {
		left, err := filepath.Glob(filepath.Join(globEscape(dir), pattern))
		errs = append(errs, err)
		for _, path := range left {
			errs = append(errs, os.Remove(path))
		}
	}
	return errors.Join(errs...)
}

func globEscape(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}
