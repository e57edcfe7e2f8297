package outbound

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"drawbridge/directory"
)

// Client gives a client whose requests pass the guard. Redirects are not followed: the answer is the redirect itself. A body beyond most
// bytes ends with an error, and a request that takes longer than timeout fails.
func (g *Guard) Client(timeout time.Duration, most int64) *http.Client {
	return &http.Client{
		Transport: bounded{guard: g, most: most}, Timeout: timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// bounded sends a request by the transport of its scheme and bounds the answer.
type bounded struct {
	guard *Guard
	most  int64
}

// RoundTrip refuses URLs that ParseURL refuses, except long ones, so that a URL that an answer named passes the same check.
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	g := b.guard
	u, err := g.parse("url", r.URL.String())
	if err == nil && g.cfg.Proxy != nil {
		// The proxy resolves the name. If it can be resolved here too, its addresses are checked.
		_, err = g.resolve(r.Context(), "url", u)
	}
	if err != nil {
		closeBody(r)
		return nil, err
	}
	transport := g.secure
	if r.URL.Scheme == "http" {
		transport = g.plain
	}
	res, err := transport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	res.Body = &boundedBody{ReadCloser: res.Body, left: b.most, most: b.most}
	return res, nil
}

func closeBody(r *http.Request) {
	if r.Body != nil {
		_ = r.Body.Close()
	}
}

// CloseIdle closes connections that are not in use.
func (g *Guard) CloseIdle() {
	g.secure.CloseIdleConnections()
	g.plain.CloseIdleConnections()
}

// boundedBody fails if an answer is too long.
type boundedBody struct {
	io.ReadCloser
	left, most int64
}

func (b *boundedBody) Read(p []byte) (int, error) {
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.ReadCloser.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return n, &directory.Error{Code: directory.TooLarge, Message: fmt.Sprintf("the answer is longer than %d bytes", b.most)}
	}
	return n, err
}

// Dial connects to an address that a request by HTTPS may reach, for TLS of another protocol. It never uses the proxy.
func (g *Guard) Dial(ctx context.Context, address string) (net.Conn, error) {
	return g.direct.DialContext(ctx, "tcp", address)
}
