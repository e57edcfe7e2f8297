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

// A client that does not read while it sends a refused body would see a broken connection instead of the response. So the rest of the body
// is discarded: all of it if its announced length is at most announcedFactor times the limit, which costs no more than two accepted bodies;
// otherwise only a little, because reading costs time. Then the connection is closed.
const (
	mostDrained     = 256 << 10
	drainFactor     = 16 // times the limit of the body
	announcedFactor = 2  // times the limit of the body
)

// StrangerBody is the maximum size of the body of a request that needs no credential.
const StrangerBody = 4 << 10

// refuseSize is the refusal of a body that is too large. Without a credential it is delayed, so that a client that continues gets slower.
func (w *Response) refuseSize(limit int64) error {
	if w.place.stranger {
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
				b = nil
				w.drain(limit)
				return nil, err
			}
			b = append(make([]byte, 0, size), b...)
		}
		n, err := r.Body.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		w.received += int64(n)
		if int64(len(b)-start) > limit {
			b = nil // what has arrived is not kept while the rest is awaited
			w.drain(limit)
			return nil, w.refuseSize(limit)
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

// Discard reads a body of at most limit bytes and drops it. It returns false if the body is longer, if it ends early, or if the client
// expects 100 Continue before it sends the body. A handler that keeps a request waiting must call it first: net/http notices only after the
// body that a client has disconnected, and an unread body over HTTP/2 blocks other requests of the same network connection.
func (w *Response) Discard(limit int64) bool {
	r := w.Request
	if r.ContentLength > limit || r.Header.Get("Expect") != "" {
		return false
	}
	_, err := io.CopyN(io.Discard, r.Body, limit+1)
	return errors.Is(err, io.EOF)
}

// CanWait reports whether a refused request can be kept waiting. Over HTTP/1 it always can: the rest of a long body waits with the client. Over
// HTTP/2 the body must be read and thrown away first, which is done if it has at most limit bytes and arrives in a short time.
func (w *Response) CanWait(limit int64) bool {
	r := w.Request
	if r.ProtoMajor == 1 && (r.ContentLength < 0 || r.ContentLength > limit || r.Header.Get("Expect") != "") {
		return true
	}
	defer w.rest()()
	w.hurryBody()
	return w.Discard(limit)
}

// drain throws the rest of a refused body away, or a little of it: what arrives in a short time. If there is more, the connection ends with
// the response. The request gives back all that it has taken.
func (w *Response) drain(limit int64) {
	defer w.rest()()
	w.hurryBody()
	most := min(limit*drainFactor, mostDrained)
	if length := w.Request.ContentLength; length > 0 && length <= limit*announcedFactor {
		most = max(most, length)
	}
	n, err := io.CopyN(io.Discard, w.Request.Body, most)
	w.received += n
	if !errors.Is(err, io.EOF) { // there is more, or it has not arrived
		w.Set("Connection", "close")
	}
}

// Received returns how many bytes of the body have been read, including discarded ones.
func (w *Response) Received() int64 { return w.received }

func tooLarge(limit int64) error {
	return &directory.Error{Code: directory.TooLarge, Message: fmt.Sprintf("the body of the request is larger than %d bytes, which is the limit here", limit)}
}
