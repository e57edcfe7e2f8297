package web

import (
	"log/slog"
	"net/http"
	"strings"
	"time"
)

// Timeouts bound how long a client may keep a connection busy.
type Timeouts struct {
	Header      time.Duration // until the header of a request is there
	Read        time.Duration // until its body is there
	Write       time.Duration // until the answer is taken, counted from the end of the header
	Idle        time.Duration // between two requests
	HeaderBytes int           // of a request line and header; see HeaderBytes
}

// DefaultTimeouts fit identity providers, which give up after 60 seconds themselves.
func DefaultTimeouts() Timeouts {
	return Timeouts{Header: 10 * time.Second, Read: 60 * time.Second, Write: 120 * time.Second, Idle: 120 * time.Second, HeaderBytes: 64 << 10}
}

// Patient is t with another time for a body to arrive, and as much more for the answer to be taken.
func (t Timeouts) Patient(read time.Duration) Timeouts {
	t.Write += read - t.Read
	t.Read, t.Header = read, min(t.Header, read)
	return t
}

// HeaderBytes is about how many bytes the request line and the header of a request had.
func HeaderBytes(r *http.Request) int {
	n := len(r.Method) + len(r.URL.EscapedPath()) + len(r.URL.RawQuery) + len(r.Host)
	for name, values := range r.Header {
		for _, value := range values {
			n += len(name) + len(value) + len(": \r\n")
		}
	}
	return n
}

// NewServer makes an http.Server that slow and broken clients cannot hold up. What net/http complains of (broken handshakes,
// superfluous headers) goes to log as warnings. It closes connections whose header has more than twice t.HeaderBytes: what is less
// reaches the handler, which can say so and count it.
func NewServer(h http.Handler, t Timeouts, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: t.Header,
		ReadTimeout:       t.Read,
		WriteTimeout:      t.Write,
		IdleTimeout:       t.Idle,
		MaxHeaderBytes:    2 * t.HeaderBytes,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}

// Part is a part of the path space with its handler.
type Part struct {
	Prefix  string // "/scim/": everything that begins so, and "/scim" itself
	Handler http.Handler
}

// Split hands requests to the first part that their path begins with, otherwise to rest. Unlike http.ServeMux it leaves
// paths as they are: identity providers send double and trailing slashes and do not follow redirects.
func Split(rest http.Handler, parts ...Part) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := strings.TrimLeft(r.URL.Path, "/")
		for _, part := range parts {
			prefix := strings.Trim(part.Prefix, "/")
			if after, ok := strings.CutPrefix(path, prefix); ok && (after == "" || after[0] == '/') {
				part.Handler.ServeHTTP(w, r)
				return
			}
		}
		rest.ServeHTTP(w, r)
	})
}

// Extend gives a request more time than the server's time-outs, for long polls and long work; the zero time: as long as it
// takes. It is no error if the writer cannot do it.
func (x *Exchange) Extend(until time.Time) {
	// A recorder in a test has no deadline to move.
	c := http.NewResponseController(x.w)
	_ = c.SetWriteDeadline(until)
	_ = c.SetReadDeadline(until) // the server goes on reading, to see whether the client is still there
}
