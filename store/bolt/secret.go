package bolt

import (
	"context"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"drawbridge/directory"
)

// Secret returns a secret of the installation. It is a file beside the store, NAME.key, so that neither the store file nor a
// backup of it contains secrets.
func (s *Store) Secret(ctx context.Context, name string, generate func() ([]byte, error)) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, gaveUp(err)
	}
	if ok, err := regexp.MatchString("^[a-z][a-z-]{0,63}$", name); err != nil || !ok {
		return nil, internal("a secret cannot be called %q", name)
	}
	s.secretLock.Lock()
	defer s.secretLock.Unlock()
	file := filepath.Join(filepath.Dir(s.path), name+".key")
	text, err := os.ReadFile(file) //nolint:gosec // name has letters and hyphens only
	switch {
	case err == nil:
		key, err := hex.DecodeString(strings.TrimSpace(string(text)))
		if err != nil || len(key) == 0 {
			return nil, &directory.Error{
				Code: directory.Internal, Err: err,
				Message: file + " does not hold a key; restore it from a copy, or remove it to have a new one made",
			}
		}
		return key, nil
	case !errors.Is(err, fs.ErrNotExist):
		return nil, failed("the key "+file+" could not be read", err)
	}
	key, err := generate()
	if err != nil {
		return nil, err
	}
	if err := writeFile(file, []byte(hex.EncodeToString(key)+"\n")); err != nil {
		return nil, failed("the key "+file+" could not be written", err)
	}
	return key, nil
}

// unfinishedSuffix is at the end of the name of a file that is not written yet.
const unfinishedSuffix = ".new"

// writeFile replaces a small file at once: after a crash there is the old one or the new one.
func writeFile(path string, content []byte) error {
	temporary := path + unfinishedSuffix
	f, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600) //nolint:gosec // a path of this package
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(temporary))
	}
	if err := os.Rename(temporary, path); err != nil {
		return err
	}
	return syncFolder(path)
}
