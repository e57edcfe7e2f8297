package web

import (
	"log/slog"
	"net/http"
	"strings"
	"time"
)

// Timeouts limit how long, and with how many header bytes, a client may keep a connection busy.
type Timeouts struct {
	Header      time.Duration // for the header of a request to arrive
	Read        time.Duration // for header and body to arrive
	Write       time.Duration // until the client has read the response, from the end of the header
	Idle        time.Duration // between two requests
	HeaderBytes int           // of request line and header together; see HeaderBytes
}

// DefaultTimeouts suit identity providers, which give up after 60 seconds.
func DefaultTimeouts() Timeouts {
	return Timeouts{Header: 10 * time.Second, Read: 60 * time.Second, Write: 120 * time.Second, Idle: 120 * time.Second, HeaderBytes: 64 << 10}
}

// WithRead returns t with another time for a body to arrive. The time for the response changes by the same amount.
func (t Timeouts) WithRead(read time.Duration) Timeouts {
	t.Write += read - t.Read
	t.Read, t.Header = read, min(t.Header, read)
	return t
}

// HeaderBytes returns about how many bytes the request line and the header of r had.
func HeaderBytes(r *http.Request) int {
	n := len(r.Method) + len(r.URL.EscapedPath()) + len(r.URL.RawQuery) + len(r.Host)
	for name, values := range r.Header {
		for _, value := range values {
			n += len(name) + len(value) + len(": \r\n")
		}
	}
	return n
}

// NewServer makes an http.Server that slow and broken clients cannot block. It logs the reports of net/http (broken handshakes,
// superfluous headers) as warnings. A header that is a little too long reaches the handler, which can answer 431 and count it. The
// server itself answers a longer one, and closes the connection.
func NewServer(h http.Handler, t Timeouts, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: t.Header,
		ReadTimeout:       t.Read,
		WriteTimeout:      t.Write,
		IdleTimeout:       t.Idle,
		MaxHeaderBytes:    t.HeaderBytes + headerSlack,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
		// These buffers hold bytes of clients that handlers have not read yet.
		HTTP2: &http.HTTP2Config{MaxConcurrentStreams: 100, MaxReceiveBufferPerConnection: 256 << 10, MaxReceiveBufferPerStream: 128 << 10},
	}
}

// headerSlack is by how much a header may be too long and still reach the handler.
const headerSlack = 8 << 10

// Mount is a handler with the prefix of the paths that it serves.
type Mount struct {
	Prefix  string // "/scim/" means "/scim" and everything below it
	Handler http.Handler
}

// ByPrefix gives a request to the first mount whose prefix its path has, otherwise to rest. Unlike http.ServeMux it does not redirect
// untidy paths: identity providers send double and trailing slashes and do not follow redirects.
func ByPrefix(rest http.Handler, mounts ...Mount) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := strings.TrimLeft(r.URL.Path, "/")
		for _, mount := range mounts {
			prefix := strings.Trim(mount.Prefix, "/")
			if after, ok := strings.CutPrefix(path, prefix); ok && (after == "" || after[0] == '/') {
				mount.Handler.ServeHTTP(w, r)
				return
			}
		}
		rest.ServeHTTP(w, r)
	})
}

// Extend gives the request until the given time, for long polls and long work; the zero time means no limit.
func (w *Response) Extend(until time.Time) {
	// A recorder in a test has no deadlines; that is not an error.
	c := http.NewResponseController(w.under)
	_ = c.SetWriteDeadline(until)
	_ = c.SetReadDeadline(until) // the server keeps reading in order to notice that the client has disconnected
}
