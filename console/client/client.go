// Package client is the Go client of the operator API. The command line is its first user.
//
// It owns the way to the server (a unix socket in the data folder, or a URL and an API key) and the types that travel; it decides nothing and
// prints nothing.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
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
	name string // of the creates of this client, for repeats
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

// At makes a client of the server at a URL without a path, such as https://drawbridge.example.com. It wants a key (see As)
// for all but one-time links.
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
	Err error
}

// Error is the sentence, with the field and the rule where there are any.
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
func (e *Error) Unwrap() error { return e.Err }

// CodeOf is the code of an error that a server reported, or that package directory knows; "" for any other.
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

// unreachable says that no server answers, and how to start one.
func (c *Client) unreachable(err error) error {
	e := &Error{Problem: wire.Problem{Title: "no server", Code: string(directory.Unavailable)}}
	if c.base != "" {
		e.Detail, e.Err = "no server answers at "+c.base, err
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

// upload is a body that is sent as it is.
type upload struct{ from io.Reader }

// download takes an answer as it is.
type download struct{ to io.Writer }

// do sends a request and decodes the answer into out, if out is not nil.
func (c *Client) do(ctx context.Context, method, path string, query url.Values, etag string, in, out any) error {
	var body io.Reader
	raw, isUpload := in.(upload)
	if isUpload {
		body = raw.from
	} else if in != nil {
		data, err := json.Marshal(in)
		if err != nil {
			return fmt.Errorf("encode the request: %w", err)
		}
		body = bytes.NewReader(data)
	}
	u := url.URL{Scheme: "http", Host: "drawbridge", Path: "/api/v1" + path, RawQuery: query.Encode()}
	u.RawPath = "/api/v1" + path // path is escaped already
	if p, err := url.PathUnescape(u.RawPath); err == nil {
		u.Path = p
	}
	target := u.String()
	if c.base != "" {
		target = c.base + strings.TrimPrefix(target, "http://drawbridge")
	}
	req, err := http.NewRequestWithContext(ctx, method, target, body)
	if err != nil {
		return err
	}
	req.Header.Set("User-Agent", "drawbridge")
	_, isBuffer := out.(*bytes.Buffer)
	stream, isDownload := out.(download)
	if !isBuffer && !isDownload {
		req.Header.Set("Accept", "application/json")
	}
	if isUpload {
		req.Header.Set("Content-Type", "application/gzip")
	} else if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.key != "" {
		req.Header.Set("Authorization", "Bearer "+c.key)
	}
	if c.name != "" && method == http.MethodPost {
		req.Header.Set("Idempotency-Key", c.name)
	}
	if etag != "" {
		req.Header.Set("If-Match", etag)
	}
	res, err := c.http.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		var op *net.OpError
		if errors.As(err, &op) {
			return c.unreachable(op.Err)
		}
		return c.unreachable(err)
	}
	defer res.Body.Close()
	if res.StatusCode >= 400 {
		return problem(res)
	}
	if out == nil || res.StatusCode == http.StatusNoContent {
		_, _ = io.Copy(io.Discard, res.Body)
		return nil
	}
	if isDownload {
		if _, err := io.Copy(stream.to, res.Body); err != nil {
			return fmt.Errorf("what came is not whole: %w", err)
		}
		return nil
	}
	if raw, ok := out.(*bytes.Buffer); ok {
		if _, err := raw.ReadFrom(res.Body); err != nil {
			return fmt.Errorf("read the server's answer: %w", err)
		}
		return nil
	}
	if err := json.NewDecoder(res.Body).Decode(out); err != nil {
		return fmt.Errorf("read the server's answer: %w", err)
	}
	return nil
}

// text gets something that is no JSON.
func (c *Client) text(ctx context.Context, path string, query url.Values) ([]byte, error) {
	var out bytes.Buffer
	err := c.do(ctx, http.MethodGet, path, query, "", nil, &out)
	return out.Bytes(), err
}

// call is do with the answer as a result.
func call[T any](ctx context.Context, c *Client, method, path string, query url.Values, etag string, in any) (T, error) {
	var out T
	err := c.do(ctx, method, path, query, etag, in, &out)
	return out, err
}

// maxProblem is how much of an error's body is read.
const maxProblem = 1 << 20

func problem(res *http.Response) error {
	e := &Error{}
	data, err := io.ReadAll(io.LimitReader(res.Body, maxProblem))
	if err != nil || json.Unmarshal(data, &e.Problem) != nil || e.Detail == "" {
		e.Problem = wire.Problem{Title: res.Status, Status: res.StatusCode, Code: string(directory.Internal), Detail: "the server answered " + res.Status}
	}
	return e
}

// seg escapes one part of a path.
func seg(s string) string { return url.PathEscape(s) }
