package web

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"drawbridge/directory"
)

// ErrSlow says that a body did not arrive in time. A surface answers it with 408 (RFC 9110 §15.5.9).
var ErrSlow = errors.New("the body of the request came too slowly")

// A client that is still sending a body that is refused would see a broken connection instead of the response. So the rest is read and
// thrown away, but no more of it than drainFactor times the limit: reading costs time too.
const (
	mostDrained = 16 << 20
	drainFactor = 16
)

// StrangerBody is how many bytes the body of a request may have that needs no credential.
const StrangerBody = 4 << 10

// refuseSize is the refusal of a body that is too large. One of a stranger comes late, so that a client that goes on sending gets slower.
func (w *Response) refuseSize(limit int64) error {
	if w.place.unknown {
		w.Late(time.Second)
	}
	return tooLarge(limit)
}

// ReadBody appends the body of the request to b. It takes memory as the body arrives, not as the header announces it, and claims it
// with Grow. A body of more than limit bytes is TooLarge, a body that ends too early is Invalid, and one that arrives too slowly is
// ErrSlow.
func (w *Response) ReadBody(b []byte, limit int64) ([]byte, error) {
	r := w.Request
	if r.ContentLength > limit {
		if r.Header.Get("Expect") == "" { // a client that expects 100 Continue has not sent anything yet
			w.drain(limit)
		}
		return b, w.refuseSize(limit)
	}
	start := len(b)
	if n := int(min(r.ContentLength, 64<<10)); n > 0 {
		b = slices.Grow(b, n+1)
	}
	for {
		if len(b) == cap(b) {
			size := max(512, 2*cap(b))
			if err := w.Grow(int64(size - cap(b))); err != nil {
				w.place.claim.Release()
				if r.ContentLength > 0 { // else it may never end
					w.drain(limit)
				}
				return nil, err
			}
			b = append(make([]byte, 0, size), b...)
		}
		n, err := r.Body.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		if int64(len(b)-start) > limit {
			w.drain(limit)
			return b, w.refuseSize(limit)
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

// Discard reads a body of at most limit bytes and throws it away. It returns false if the body is longer, if it breaks off, or if the
// client expects 100 Continue before it sends the body. A handler that keeps a request waiting must call it first: net/http notices
// only after the body that a client has gone away, and an unread body over HTTP/2 takes room from all other requests of the same
// network connection.
func (w *Response) Discard(limit int64) bool {
	r := w.Request
	if r.ContentLength > limit || r.Header.Get("Expect") != "" {
		return false
	}
	_, err := io.CopyN(io.Discard, r.Body, limit+1)
	return errors.Is(err, io.EOF)
}

// CanWait reports whether the request can be kept waiting. Over HTTP/1 it always can: the rest of the body waits with the client. Over
// HTTP/2 the body must be read and thrown away first, which is done if it has at most limit bytes.
func (w *Response) CanWait(limit int64) bool {
	r := w.Request
	if r.ProtoMajor == 1 && (r.ContentLength < 0 || r.ContentLength > limit || r.Header.Get("Expect") != "") {
		return true
	}
	return w.Discard(limit)
}

func (w *Response) drain(limit int64) {
	// If the rest cannot be read, there is nothing to throw away.
	_, _ = io.CopyN(io.Discard, w.Request.Body, min(limit*drainFactor, mostDrained))
}

func tooLarge(limit int64) error {
	return &directory.Error{Code: directory.TooLarge, Message: fmt.Sprintf("the body of the request is larger than %d bytes, which is the limit here", limit)}
}
