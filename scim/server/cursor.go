package server

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"time"

	"drawbridge/directory"
	"drawbridge/internal/limit"
	"drawbridge/scim"
)

// cursors makes and reads the cursors of RFC 9865: positions in an ordered result. A cursor is sealed, so that a client cannot read or
// change it, and bound to its connection and query.
type cursors struct {
	seal    cipher.AEAD
	timeout time.Duration
}

// place is the position of a cursor: a resource type, and the record after which it continues; the zero Mark is before the first.
type place struct {
	kind  int // index in the list of types that the query is about
	after *directory.Mark
}

const (
	cursorFormat = 1
	maxCursor    = 16 << 10 // characters; a sort key is bounded by the store
)

func newCursors(secret []byte, timeout time.Duration) (*cursors, error) {
	key, err := hkdf.Key(sha256.New, secret, nil, "drawbridge scim cursor", 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	seal, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, err
	}
	return &cursors{seal: seal, timeout: timeout}, nil
}

// write makes a cursor; bound says what it belongs to.
func (c *cursors) write(p place, bound []byte, now time.Time) string {
	text := make([]byte, 0, 64)
	text = append(text, cursorFormat)
	text = binary.BigEndian.AppendUint64(text, uint64(now.Unix()))
	text = binary.BigEndian.AppendUint16(text, uint16(p.kind))
	if p.after != nil {
		text = append(text, p.after.ID[:]...)
		text = append(text, p.after.Key...)
	}
	return base64.RawURLEncoding.EncodeToString(c.seal.Seal(nil, nil, text, bound)) //nolint:gosec // G407: the cipher makes a random nonce itself
}

// read opens a cursor. The errors are those of RFC 9865 §2.1.
func (c *cursors) read(text string, bound []byte, kinds int, now time.Time) (place, error) {
	const head = 1 + 8 + 2
	invalid := &scim.Error{Status: 400, Type: "invalidCursor", Detail: "the cursor is not one of this server, or belongs to another connection or another query; begin with an empty one"}
	if len(text) > maxCursor {
		return place{}, invalid
	}
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return place{}, invalid
	}
	b, err := c.seal.Open(nil, nil, sealed, bound)
	if err != nil || len(b) < head || b[0] != cursorFormat {
		return place{}, invalid
	}
	issued := time.Unix(int64(binary.BigEndian.Uint64(b[1:])), 0)
	if !limit.Within(issued, now, c.timeout) {
		return place{}, &scim.Error{Status: 400, Type: "expiredCursor", Detail: "the cursor has expired; begin with an empty one"}
	}
	p := place{kind: int(binary.BigEndian.Uint16(b[9:]))}
	if p.kind >= kinds {
		return place{}, invalid
	}
	if rest := b[head:]; len(rest) > 0 {
		if len(rest) < len(directory.ID{}) {
			return place{}, invalid
		}
		p.after = &directory.Mark{ID: directory.ID(rest[:16]), Key: string(rest[16:])}
	}
	return p, nil
}
