package web

import (
	"net/http"
	"time"
)

// Exchange is one request and its answer. It is the http.ResponseWriter of the answer, and holds what the access log is to
// say about it.
type Exchange struct {
	Request *http.Request
	ID      string // of the request; also in the answer's X-Request-Id
	Origin  Origin
	Started time.Time

	// What handlers note for the access log. Nothing here may come from a client unchecked.
	Route      string // the pattern, never the path
	Operation  string
	Tenant     string
	Connection string

	// Value is for the face's own use.
	Value any

	w      http.ResponseWriter
	values []string // of the headers of the answer
	status int
	bytes  int64
}

// headers is how many headers an answer has as a rule, beside those of net/http.
const headers = 6

// Header is the header of the answer.
func (x *Exchange) Header() http.Header { return x.w.Header() }

// Set sets a header of the answer. name has the form in which http.Header keeps it: Etag, Www-Authenticate. The values of
// an answer stand side by side in one piece of memory.
func (x *Exchange) Set(name, value string) {
	at := len(x.values)
	x.values = append(x.values, value)
	x.w.Header()[name] = x.values[at : at+1 : at+1]
}

// WriteHeader begins the answer.
func (x *Exchange) WriteHeader(status int) {
	if x.status == 0 && status >= http.StatusOK {
		x.status = status
	}
	x.w.WriteHeader(status)
}

// Write goes on with the answer.
func (x *Exchange) Write(b []byte) (int, error) {
	if x.status == 0 {
		x.status = http.StatusOK
	}
	n, err := x.w.Write(b)
	x.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController find the writer below.
func (x *Exchange) Unwrap() http.ResponseWriter { return x.w }

// Status is the status of the answer; 0 as long as there is none.
func (x *Exchange) Status() int { return x.status }
