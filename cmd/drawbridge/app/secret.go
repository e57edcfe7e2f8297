package app

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/uuid"

	"drawbridge/directory"
)

// newID makes ids that are ordered by time, also within a millisecond. This is the one place where ids come from.
func newID() directory.ID { return directory.ID(uuid.Must(uuid.NewV7())) }

// cursorSecret is the configured secret, or the one that the first start left in the data folder.
func (c *Config) cursorSecret() ([]byte, error) {
	if c.CursorSecret != "" {
		return []byte(c.CursorSecret), nil
	}
	file := filepath.Join(c.Data, "cursor.key")
	text, err := os.ReadFile(file)
	if err == nil {
		key, err := hex.DecodeString(strings.TrimSpace(string(text)))
		if err != nil || len(key) < 32 {
			return nil, fmt.Errorf("%s does not hold a key; remove it to have a new one made (cursors of lists that are being read now become invalid)", file)
		}
		return key, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	key := make([]byte, 32)
	if _, err := rand.Read(key); err != nil {
		return nil, err
	}
	temporary := file + ".new"
	if err := os.WriteFile(temporary, []byte(hex.EncodeToString(key)+"\n"), 0o600); err != nil {
		return nil, err
	}
	return key, os.Rename(temporary, file)
}

// linkKey is what links in mails are made with. It comes from the secret of the cursors, so that there is one secret to keep, and
// tells nothing about it.
func linkKey(secret []byte) []byte {
	mac := hmac.New(sha256.New, secret)
	_, _ = mac.Write([]byte("links in mails")) // a hash never fails
	return mac.Sum(nil)
}
