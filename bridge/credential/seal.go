package credential

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"

	"drawbridge/directory"
)

// Ring seals credentials that the server must show to others, and opens them again. Its first key seals; the others open what was sealed
// before the key was changed. The zero Ring has no key.
type Ring struct{ keys []sealKey }

type sealKey struct {
	name string
	aead cipher.AEAD
}

// SealKeySize is the length of a key of a Ring in bytes.
const SealKeySize = 32

// NewRing makes a Ring of keys of 256 bits. The error is Invalid.
func NewRing(keys ...[]byte) (Ring, error) {
	var r Ring
	for _, key := range keys {
		if len(key) != SealKeySize {
			return Ring{}, &directory.Error{Code: directory.Invalid, Message: fmt.Sprintf("a sealing key has %d bytes, not %d", SealKeySize, len(key))}
		}
		block, err := aes.NewCipher(key)
		if err != nil {
			return Ring{}, err
		}
		aead, err := cipher.NewGCM(block)
		if err != nil {
			return Ring{}, err
		}
		sum := sha256.Sum256(append([]byte("drawbridge sealing key\x00"), key...))
		r.keys = append(r.keys, sealKey{name: hex.EncodeToString(sum[:6]), aead: aead})
	}
	return r, nil
}

// Current names the key that seals; "" if there is none.
func (r Ring) Current() string {
	if len(r.keys) == 0 {
		return ""
	}
	return r.keys[0].name
}

// Seal encrypts text for one place: it cannot be opened for another one. Unavailable without a key.
func (r Ring) Seal(random io.Reader, place string, text []byte) (key string, data []byte, err error) {
	if len(r.keys) == 0 {
		return "", nil, noSealKey()
	}
	k := r.keys[0]
	nonce := make([]byte, k.aead.NonceSize())
	if err := Fill(random, nonce); err != nil {
		return "", nil, err
	}
	return k.name, k.aead.Seal(nonce, nonce, text, []byte(place)), nil //nolint:gosec // the nonce was filled from random above
}

// Open decrypts what Seal made. Unavailable if the key is missing, or if the data was changed.
func (r Ring) Open(key, place string, data []byte) ([]byte, error) {
	for _, k := range r.keys {
		if k.name != key || len(data) < k.aead.NonceSize() {
			continue
		}
		n := k.aead.NonceSize()
		if text, err := k.aead.Open(nil, data[:n], data[n:], []byte(place)); err == nil {
			return text, nil
		}
		return nil, &directory.Error{Code: directory.Unavailable, Message: "the sealed credential was changed in the store, and cannot be opened: enter it again"}
	}
	return nil, &directory.Error{Code: directory.Unavailable, Message: fmt.Sprintf(
		"the sealed credential needs the sealing key %s, which this server does not have: put that key back as seal.key or seal.old_key, or enter the credential again", key)}
}

func noSealKey() error {
	return &directory.Error{Code: directory.Unavailable, Message: "this server has no sealing key, so it cannot keep a credential: set seal.key_file (DRAWBRIDGE_SEAL_KEY_FILE)"}
}
