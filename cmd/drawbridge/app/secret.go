package app

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"

	"github.com/google/uuid"

	"drawbridge/directory"
	"drawbridge/store"
)

// newID makes ids that are ordered by time, also within a millisecond. This is the one place where ids come from.
func newID() directory.ID { return directory.ID(uuid.Must(uuid.NewV7())) }

// The secrets that the servers of an installation share.
const (
	cursorKey   = "cursor"   // for cursors of lists; the key of links in mails is derived from it
	handoverKey = "handover" // signs hand-over bundles
	archiveKey  = "archive"  // signs segments of the archive
)

// keySize is the length of a secret that the first start makes.
const keySize = 32

// cursorSecret is the configured secret, or the one that the first start stored.
func (c *Config) cursorSecret(ctx context.Context, secrets store.Secrets) ([]byte, error) {
	if c.CursorSecret != "" {
		return []byte(c.CursorSecret), nil
	}
	key, err := secrets.Secret(ctx, cursorKey, randomKey)
	if err == nil && len(key) < keySize {
		err = errors.New("the key cursor in the store is too short")
	}
	return key, err
}

func randomKey() ([]byte, error) {
	key := make([]byte, keySize)
	_, err := rand.Read(key)
	return key, err
}

// linkKey is the key of links in mails. It is derived from the secret of the cursors, so that there is only one secret, and reveals nothing
// about it.
func linkKey(secret []byte) []byte {
	mac := hmac.New(sha256.New, secret)
	_, _ = mac.Write([]byte("links in mails")) // a hash never fails
	return mac.Sum(nil)
}
