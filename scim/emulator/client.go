package emulator

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Client sends requests to one SCIM base URL. All fields except Base may be zero.
type Client struct {
	Base   string // "https://host/scim/v2/acme-okta"
	Auth   Auth
	HTTP   *http.Client       // nil: NewHTTPClient
	Reason func(error) string // explains why there was no answer; nil: the error itself
	Record func(RoundTrip)    // optional; called once for each request, after its answer
	Clock  func() time.Time   // nil: exchanges are not timed
	Header http.Header        // on every request; headers of the step override it
}

// Auth is how the client proves who it is: the whole value of the Authorization header. "" sends none.
type Auth string

// Bearer is "Bearer token".
func Bearer(token string) Auth { return Auth("Bearer " + token) }

// Basic is HTTP Basic.
func Basic(user, password string) Auth {
	return Auth("Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password)))
}

// RoundTrip is one request and its answer, as they went over the wire. Header holds no Authorization.
type RoundTrip struct {
	Method  string
	URL     string
	Request Message
	Status  int // 0: there was no answer, see Err
	Answer  Message
	Took    time.Duration
	Err     error
}

// Message is the header and body of a request or an answer.
type Message struct {
	Header http.Header
	Body   []byte
}

// maxAnswer is the maximum size of an answer of a server under test.
const maxAnswer = 64 << 20

// NewHTTPClient makes a client that behaves like the IdPs: it follows no redirect, keeps connections alive, and gives up
// after timeout (Okta waits 60 seconds). roots may be nil.
func NewHTTPClient(timeout time.Duration, roots *tls.Config) *http.Client {
	return &http.Client{
		Timeout: timeout,
		Transport: &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			TLSClientConfig:     roots,
			MaxIdleConnsPerHost: 64,
			DisableCompression:  true, // the IdP says itself what it accepts
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Do sends one request. path is what follows the base URL, with its query, byte for byte; "//…" is a path of the host. The
// exchange is given to Record and returned; its Err is set when there was no answer.
func (c *Client) Do(ctx context.Context, method, path string, header http.Header, body []byte) RoundTrip {
	trip := RoundTrip{Method: method, Request: Message{Header: http.Header{}, Body: body}}
	trip.URL, trip.Err = join(c.Base, path)
	var started time.Time
	if c.Clock != nil {
		started = c.Clock()
	}
	if trip.Err == nil {
		c.send(ctx, &trip, header)
	}
	if c.Clock != nil {
		trip.Took = c.Clock().Sub(started)
	}
	if c.Record != nil {
		c.Record(trip)
	}
	return trip
}

func (c *Client) send(ctx context.Context, trip *RoundTrip, header http.Header) {
	req, err := http.NewRequestWithContext(ctx, trip.Method, trip.URL, bytes.NewReader(trip.Request.Body))
	if err != nil {
		trip.Err = err
		return
	}
	if len(trip.Request.Body) == 0 {
		req.Body, req.ContentLength, req.GetBody = nil, 0, nil
	}
	for _, set := range []http.Header{c.Header, header} {
		for name, values := range set {
			if name == "Content-Type" && len(trip.Request.Body) == 0 && len(header[name]) == 0 {
				continue // a request without a body has no type
			}
			req.Header[name] = values
		}
	}
	trip.Request.Header = req.Header.Clone()
	trip.Request.Header.Del("Authorization")
	if c.Auth != "" && header.Values("Authorization") == nil {
		req.Header.Set("Authorization", string(c.Auth))
	}
	if req.Header.Get("Authorization") == "" {
		req.Header.Del("Authorization")
	}
	client := c.HTTP
	if client == nil {
		client = http.DefaultClient
	}
	res, err := client.Do(req)
	if err != nil {
		trip.Err = err
		return
	}
	defer res.Body.Close()
	trip.Status, trip.Answer.Header = res.StatusCode, res.Header
	var from io.Reader = res.Body
	if strings.EqualFold(res.Header.Get("Content-Encoding"), "gzip") {
		unpacked, err := gzip.NewReader(res.Body)
		if err != nil {
			trip.Err = fmt.Errorf("the answer says gzip and is not: %w", err)
			return
		}
		from = unpacked
	}
	trip.Answer.Body, trip.Err = io.ReadAll(io.LimitReader(from, maxAnswer))
}

// join appends path to base and keeps all its bytes. A base with a query ("…/acme-entra?aadOptscim062020", which is what
// an Entra administrator types) keeps that query before the path's own.
func join(base, path string) (string, error) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" {
		return "", fmt.Errorf("%q is not an absolute URL", base)
	}
	if strings.HasPrefix(path, "//") {
		return u.Scheme + "://" + u.Host + path[1:], nil
	}
	front, query, asked := strings.Cut(path, "?")
	full := u.Scheme + "://" + u.Host + strings.TrimRight(u.EscapedPath(), "/") + front
	switch {
	case u.RawQuery != "" && asked:
		full += "?" + u.RawQuery + "&" + query
	case u.RawQuery != "":
		full += "?" + u.RawQuery
	case asked:
		full += "?" + query
	}
	return full, nil
}
