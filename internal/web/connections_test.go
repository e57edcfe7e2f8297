package web_test

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"drawbridge/internal/web"
)

// named is a listener whose connections come from the addresses that the test says.
type named struct {
	net.Listener
	addresses chan string
}

type namedConn struct {
	net.Conn
	address string
}

func (c namedConn) RemoteAddr() net.Addr { return address(c.address) }

type address string

func (a address) Network() string { return "tcp" }
func (a address) String() string  { return string(a) }

func (n named) Accept() (net.Conn, error) {
	c, err := n.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return namedConn{c, <-n.addresses}, nil
}

// listening serves h with bounded connections; dial opens one from an address.
func listening(t *testing.T, bounds *web.Connections, h http.Handler) (dial func(from string) net.Conn) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addresses := make(chan string, 1)
	srv := web.NewServer(h, web.DefaultTimeouts(), slog.New(slog.DiscardHandler))
	bound := bounds.Bind(srv, named{ln, addresses})
	go func() { _ = srv.Serve(bound) }() // it ends with the test
	t.Cleanup(func() { _ = srv.Close() })
	return func(from string) net.Conn {
		addresses <- from + ":1"
		c, err := net.Dial("tcp", ln.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		return c
	}
}

// answers reports whether a request on the connection is answered.
func answers(t *testing.T, c net.Conn) bool {
	t.Helper()
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		return false
	}
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return false
	}
	_, err = io.Copy(io.Discard, res.Body)
	return err == nil && res.Body.Close() == nil && res.StatusCode == http.StatusOK
}

func TestConnectionsAreSharedBetweenAddresses(t *testing.T) {
	t.Parallel()
	metrics := web.NewMetrics(prometheus.NewPedanticRegistry())
	proxies, err := web.ParseProxies([]string{"10.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	bounds := web.NewConnections(6, 4, proxies, web.NewGuard(web.GuardConfig{Metrics: metrics}))
	dial := listening(t, bounds, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	var noisy []net.Conn
	for range 5 { // the fifth takes the place of the first
		c := dial("192.0.2.1")
		if !answers(t, c) {
			t.Fatal("a connection is not served")
		}
		noisy = append(noisy, c)
	}
	if answers(t, noisy[0]) || !answers(t, noisy[1]) {
		t.Error("not the connection that was idle for longest was closed")
	}
	quiet := []net.Conn{dial("192.0.2.2"), dial("192.0.2.3"), dial("192.0.2.4")}
	for i, c := range quiet {
		if !answers(t, c) {
			t.Errorf("client %d is kept out by a client with four idle connections", i)
		}
	}
	if answers(t, noisy[2]) {
		t.Error("a noisy client has as many as before")
	}
	for range 3 {
		if c := dial("10.0.0.1"); !answers(t, c) {
			t.Error("a proxy is kept out")
		}
	}
	if n := testutil.ToFloat64(metrics.Refused("connections")); n < 3 {
		t.Errorf("%v refusals are counted", n)
	}
}

// A connection with a request under way is never closed to make space for another.
func TestBusyConnectionsStay(t *testing.T) {
	t.Parallel()
	hold, entered := make(chan struct{}), make(chan struct{})
	dial := listening(t, web.NewConnections(2, 2, nil, web.NewGuard(web.GuardConfig{})), http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		entered <- struct{}{}
		<-hold
	}))
	results := make(chan bool, 2)
	for range 2 {
		c := dial("192.0.2.1")
		go func() { results <- answers(t, c) }()
		<-entered
	}
	if answers(t, dial("192.0.2.2")) {
		t.Error("a third connection is served")
	}
	close(hold)
	for range 2 {
		if !<-results {
			t.Error("a request that was being answered was cut off")
		}
	}
}

// Headers that arrive without an end take no more memory than the budget.
func TestLongHeadersStayWithinTheBudget(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewPedanticRegistry()
	metrics := web.NewMetrics(registry)
	guard := web.NewGuard(web.GuardConfig{Memory: mib, Metrics: metrics, After: func(time.Duration) <-chan time.Time {
		fired := make(chan time.Time, 1)
		fired <- time.Time{}
		return fired
	}})
	dial := listening(t, web.NewConnections(0, 0, nil, guard), http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	refused := func() float64 { return testutil.ToFloat64(metrics.Refused("memory_bytes")) }
	for n := 0; refused() == 0; n++ {
		if n > 200 {
			t.Fatal("no connection is refused")
		}
		c := dial(fmt.Sprintf("192.0.2.%d", n))
		_ = c.SetDeadline(time.Now().Add(10 * time.Second))
		_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\nX-Long: "+strings.Repeat("x", 60<<10)) // the server may close it at once
	}
	if !answers(t, dial("192.0.2.250")) {
		t.Error("a request with a short header is not served")
	}
	c := dial("192.0.2.251")
	for n := range 2 {
		if !answers(t, c) {
			t.Errorf("request %d on one connection is not served", n)
		}
	}
}

// A few addresses that have a request under way on all of their connections leave room for another address.
func TestSlowConnectionsLeaveRoomForOthers(t *testing.T) {
	t.Parallel()
	release, entered := make(chan struct{}), make(chan struct{}, 64)
	guard := web.NewGuard(web.GuardConfig{Metrics: web.NewMetrics(prometheus.NewRegistry())})
	dial := listening(t, web.NewConnections(16, 4, nil, guard), http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			entered <- struct{}{}
			<-release
		}
	}))
	defer close(release)
	busy := 0
	for i := range 16 {
		c := dial(fmt.Sprintf("203.0.113.%d", 1+i%4))
		_ = c.SetDeadline(time.Now().Add(10 * time.Second))
		_, _ = io.WriteString(c, "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n") // refused connections may fail here
		done := make(chan struct{})
		go func() { // a refused connection ends at once
			_, _ = c.Read(make([]byte, 1))
			close(done)
		}()
		select {
		case <-entered:
			busy++
		case <-done:
		}
	}
	if busy < 8 || busy > 12 {
		t.Errorf("four addresses have %d of 16 places", busy)
	}
	if !answers(t, dial("198.51.100.1")) {
		t.Error("another address finds no place")
	}
}
