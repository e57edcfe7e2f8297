package web

import (
	"net/http"
	"time"
)

// Response is the http.ResponseWriter that a Surface gives to its handlers. It also carries the request, where the request came
// from, and its fields of the access log.
type Response struct {
	Request *http.Request
	ID      string // of the request; also in the header X-Request-Id of the response
	Origin  Origin
	Started time.Time

	// Handlers set these for the access log. A value from a client must be checked first.
	Route      string // the pattern, never the path
	Operation  string
	Tenant     string
	Connection string

	// Value is free for the surface to use.
	Value any

	under  http.ResponseWriter
	now    func() time.Time
	values []string // of the response headers
	status int
	bytes  int64

	received int64 // bytes of the body of the request

	place place // what it has taken of the Guard
}

// usualHeaders is how many headers most responses have, apart from those that net/http adds.
const usualHeaders = 6

// Header returns the header of the response.
func (w *Response) Header() http.Header { return w.under.Header() }

// Set sets a response header. name must be in the canonical form that http.Header uses: Etag, Www-Authenticate. All values of a
// response share one slice, which saves an allocation for each header.
func (w *Response) Set(name, value string) {
	at := len(w.values)
	w.values = append(w.values, value)
	w.under.Header()[name] = w.values[at : at+1 : at+1]
}

// WriteHeader sends the status and the header.
func (w *Response) WriteHeader(status int) {
	if w.status == 0 && status >= http.StatusOK {
		w.status = status
	}
	w.under.WriteHeader(status)
}

// Write sends a part of the body.
func (w *Response) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.under.Write(b)
	w.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController find the underlying writer.
func (w *Response) Unwrap() http.ResponseWriter { return w.under }

// Sent returns how many bytes of the body of the response have been sent.
func (w *Response) Sent() int64 { return w.bytes }

// Status returns the status of the response, 0 before there is one.
func (w *Response) Status() int { return w.status }
