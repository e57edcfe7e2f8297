package web

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"drawbridge/directory"
)

// ErrSlow is a body that did not arrive within the time for it; a face answers it with 408 (RFC 9110 §15.5.9).
var ErrSlow = errors.New("the body of the request came too slowly")

// drained bounds how much of a body that is too large is read and thrown away, so that a client that is still sending sees
// the answer and not a broken connection.
const drained = 64 << 20

// ReadBody reads the body of the request behind what is in b. It takes memory as the body arrives, not as it is announced.
// A body of more than limit bytes is TooLarge, one that ends too early Invalid, and one that comes too slowly is ErrSlow.
func (x *Exchange) ReadBody(b []byte, limit int64) ([]byte, error) {
	r := x.Request
	if r.ContentLength > limit {
		if r.Header.Get("Expect") == "" { // else the client waits for our word before it sends anything
			x.drain()
		}
		return b, tooLarge(limit)
	}
	start := len(b)
	if n := int(min(r.ContentLength, 64<<10)); n > 0 {
		b = slices.Grow(b, n+1)
	}
	for {
		if len(b) == cap(b) {
			b = slices.Grow(b, max(512, len(b)))
		}
		n, err := r.Body.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		if int64(len(b)-start) > limit {
			x.drain()
			return b, tooLarge(limit)
		}
		if errors.Is(err, io.EOF) {
			return b, nil
		}
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return b, fmt.Errorf("%w: %w", ErrSlow, err)
		}
		if err != nil {
			return b, &directory.Error{Code: directory.Invalid, Message: "the body of the request could not be read to its end", Err: err}
		}
	}
}

// Discard reads a short body and throws it away. It reports false if there is more than limit, it breaks off, or the client waits
// for our word before it sends any. Whoever keeps a request waiting needs that: net/http sees that a client has gone away only behind its
// body, and over HTTP/2 what lies unread takes room from every other request of the connection.
func (x *Exchange) Discard(limit int64) bool {
	r := x.Request
	if r.ContentLength > limit || r.Header.Get("Expect") != "" {
		return false
	}
	_, err := io.CopyN(io.Discard, r.Body, limit+1)
	return errors.Is(err, io.EOF)
}

func (x *Exchange) drain() {
	// What cannot be read any more need not be thrown away.
	_, _ = io.CopyN(io.Discard, x.Request.Body, drained)
}

func tooLarge(limit int64) error {
	return &directory.Error{Code: directory.TooLarge, Message: fmt.Sprintf("the body of the request is larger than %d bytes, which is the limit here", limit)}
}
