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
	"slices"
	"strings"

	"drawbridge/console/wire"
	"drawbridge/directory"
)

const (
	prefix     = "/api/v1"
	maxProblem = 1 << 20 // how much of an error's body is read
)

// request is what a call sends.
type request struct {
	method string
	path   string // without the prefix, each part escaped
	query  url.Values
	etag   string // for If-Match
	in     any    // the body: nil, an upload, or a value that becomes JSON
}

// upload is a body that is sent as it is.
type upload struct{ from io.Reader }

// download takes an answer as it is.
type download struct{ to io.Writer }

// build makes the request for the server.
func (c *Client) build(ctx context.Context, r request) (*http.Request, error) {
	var body io.Reader
	contentType := ""
	switch in := r.in.(type) {
	case nil:
	case upload:
		body, contentType = in.from, "application/gzip"
	default:
		data, err := json.Marshal(in)
		if err != nil {
			return nil, fmt.Errorf("encode the request: %w", err)
		}
		body, contentType = bytes.NewReader(data), "application/json"
	}
	u := url.URL{Scheme: "http", Host: "drawbridge", Path: prefix + r.path, RawPath: prefix + r.path, RawQuery: r.query.Encode()}
	if p, err := url.PathUnescape(u.RawPath); err == nil {
		u.Path = p
	}
	if c.wouldChange(r) {
		query := u.Query()
		query.Set("dry_run", "true")
		u.RawQuery = query.Encode()
	}
	target := u.String()
	if c.base != "" {
		target = c.base + strings.TrimPrefix(target, "http://drawbridge")
	}
	req, err := http.NewRequestWithContext(ctx, r.method, target, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", "drawbridge")
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	if c.key != "" {
		req.Header.Set("Authorization", "Bearer "+c.key)
	}
	if c.name != "" && r.method == http.MethodPost {
		req.Header.Set("Idempotency-Key", c.name)
	}
	if r.etag != "" {
		req.Header.Set("If-Match", r.etag)
	}
	return req, nil
}

// wouldChange reports whether a request of a Dry client would change something.
func (c *Client) wouldChange(r request) bool { return c.dry && r.method != http.MethodGet }

// do sends a request and puts the answer into out: nil, a download, or a pointer to a value that is read as JSON.
func (c *Client) do(ctx context.Context, r request, out any) error {
	req, err := c.build(ctx, r)
	if err != nil {
		return err
	}
	res, err := c.http.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return c.interrupted(ctx, r)
		}
		var op *net.OpError
		if errors.As(err, &op) {
			return c.unreachable(op.Err)
		}
		return c.unreachable(err)
	}
	defer res.Body.Close()
	if res.StatusCode >= http.StatusBadRequest {
		return problem(res)
	}
	if c.wouldChange(r) {
		previewed := &Previewed{}
		if err := json.NewDecoder(res.Body).Decode(&previewed.Preview); err != nil {
			return c.unreadable(ctx, r, res, err)
		}
		return previewed
	}
	if to, ok := out.(download); ok {
		if kind := mediaType(res); slices.Contains([]string{"text/html", "text/plain", "application/json"}, kind) { // no file of the API is of these
			return c.unreadable(ctx, r, res, errors.New(kind))
		}
		if _, err := io.Copy(to.to, res.Body); err != nil {
			return c.unreadable(ctx, r, res, err)
		}
		return nil
	}
	if out == nil { // a call without a body in the answer, which is 204
		if res.StatusCode != http.StatusNoContent {
			return c.unreadable(ctx, r, res, errors.New(res.Status))
		}
		return nil
	}
	if err := json.NewDecoder(res.Body).Decode(out); err != nil {
		return c.unreadable(ctx, r, res, err)
	}
	return nil
}

// call sends a request and returns the answer.
func call[T any](ctx context.Context, c *Client, r request) (T, error) {
	var out T
	err := c.do(ctx, r, &out)
	return out, err
}

// get reads a resource.
func get[T any](ctx context.Context, c *Client, path string, query url.Values) (T, error) {
	return call[T](ctx, c, request{method: http.MethodGet, path: path, query: query})
}

// post sends a body, or none if in is nil.
func post[T any](ctx context.Context, c *Client, path string, in any) (T, error) {
	return call[T](ctx, c, request{method: http.MethodPost, path: path, in: in})
}

// text reads a resource that is not JSON.
func (c *Client) text(ctx context.Context, path string, query url.Values) ([]byte, error) {
	var out bytes.Buffer
	err := c.do(ctx, request{method: http.MethodGet, path: path, query: query}, download{&out})
	return out.Bytes(), err
}

func problem(res *http.Response) error {
	e := &Error{}
	data, err := io.ReadAll(io.LimitReader(res.Body, maxProblem))
	if err != nil || json.Unmarshal(data, &e.Problem) != nil || e.Detail == "" {
		e.Problem = wire.Problem{Title: res.Status, Status: res.StatusCode, Code: string(directory.Internal), Detail: "the server answered " + res.Status}
		if res.StatusCode == http.StatusRequestHeaderFieldsTooLarge || res.StatusCode == http.StatusRequestURITooLong {
			e.Code, e.Detail = string(directory.TooLarge), "an argument is too long: it does not fit into the address or the headers of a request"
			return e
		}
		if kind := mediaType(res); kind != "" && kind != "application/problem+json" && kind != "application/json" {
			e.Detail += " with " + kind + ", which is no answer of Drawbridge: perhaps a proxy answered"
		}
	}
	return e
}

// segment escapes one part of a path.
func segment(s string) string { return url.PathEscape(s) }
