package client

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"drawbridge/console/wire"
	"drawbridge/directory"
)

// Client calls one server. It is safe for concurrent use.
type Client struct {
	data string
	base string // of a server over the network; "": the socket in data
	key  string // an API key; "": the local Owner, which only the socket knows
	name string // of the creates of this client, so that they can be repeated
	dry  bool   // only ask what would happen
	http *http.Client
}

// As gives a client that shows an API key and so acts as the operator to whom it belongs.
func (c *Client) As(key string) *Client {
	other := *c
	other.key = key
	return &other
}

// Repeatable gives a client whose creates carry an Idempotency-Key: each is done once, however often it is sent.
func (c *Client) Repeatable(key string) *Client {
	other := *c
	other.name = key
	return &other
}

// Dry gives a client that changes nothing: every call that would change something returns a *Previewed instead, and fails if the server
// cannot say what would happen.
func (c *Client) Dry() *Client {
	other := *c
	other.dry = true
	return &other
}

// Previewed is the error of a call of a Dry client: it was not done, and the Preview says what it would do.
type Previewed struct{ wire.Preview }

func (*Previewed) Error() string { return "only a preview was asked for: nothing was done" }

// At makes a client of the server at a URL without a path, such as https://drawbridge.example.com. It needs a key (see As) for everything
// except one-time links.
func At(base string) *Client {
	return &Client{base: strings.TrimRight(base, "/"), http: &http.Client{Transport: &http.Transport{MaxIdleConns: 4, Proxy: http.ProxyFromEnvironment}}}
}

// New makes a client of the server that keeps its data in the folder data. It does not connect yet.
func New(data string) *Client {
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		socket, path := wire.Sockets(data)
		if text, err := os.ReadFile(path); err == nil { //nolint:gosec // a file of the data folder
			socket = strings.TrimSpace(string(text))
		}
		return (&net.Dialer{}).DialContext(ctx, "unix", socket)
	}
	return &Client{data: data, http: &http.Client{Transport: &http.Transport{DialContext: dial, MaxIdleConns: 4}}}
}

// Error is a failure that the server reported, or the failure to reach it.
type Error struct {
	wire.Problem
	Err   error
	cause error // the cause, which the reader of the sentence does not need
}

// Error is the sentence, with the field and the rule if there are any.
func (e *Error) Error() string {
	text := e.Detail
	for _, f := range e.Errors {
		if !strings.Contains(text, f.Field) || !strings.Contains(text, f.Message) {
			text += fmt.Sprintf("\n  %s: %s", f.Field, f.Message)
		}
	}
	if len(e.Errors) == 0 && e.Rule == "" && e.Field != "" && !strings.Contains(text, e.Field) {
		text = e.Field + ": " + text
	}
	if e.Rule != "" {
		text += " (rule " + e.Rule + ")"
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return cmp.Or(e.Err, e.cause) }

// CodeOf is the code of an error of a server or of package directory; "" for any other.
func CodeOf(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	var d *directory.Error
	if errors.As(err, &d) {
		return string(d.Code)
	}
	return ""
}

// NoServer reports whether err says that no server was reached, so that nothing was done.
func NoServer(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Status == 0 && e.Code == string(directory.Unavailable)
}

// unreachable is the error if no server answers; it says how to start one.
func (c *Client) unreachable(err error) error {
	e := &Error{Problem: wire.Problem{Title: "no server", Code: string(directory.Unavailable)}}
	if c.base != "" {
		e.Detail, e.Err = "no server answers at "+c.base, networkError{err}
		if untrusted(err) {
			e.Detail = "the server at " + c.base + " is not trusted"
		}
		return e
	}
	abs, absErr := filepath.Abs(c.data)
	if absErr != nil {
		abs = c.data
	}
	switch {
	case errors.Is(err, os.ErrPermission):
		e.Detail = fmt.Sprintf("a server may be running on %s, but this user may not open its socket; call as the user that runs the server", abs)
	case errors.Is(err, os.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED):
		e.Detail = fmt.Sprintf("no server is running on the data folder %s; start one with `drawbridge serve --data %s`, or name another folder with --data or DRAWBRIDGE_DATA", abs, c.data)
	default:
		e.Detail = fmt.Sprintf("the server on the data folder %s does not answer", abs)
		e.Err = err
	}
	return e
}
