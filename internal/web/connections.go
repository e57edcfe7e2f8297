package web

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"drawbridge/internal/limit"
)

// The default bounds of network connections.
const (
	DefaultConnections        = 2048
	DefaultAddressConnections = 512
)

// Connections limits the network connections of all listeners of a process. When the number is reached, a new connection replaces an idle
// one: of its own address, otherwise of the address that has the most. So a client that opens thousands of connections and leaves them open
// does not lock out other clients, and a few that send slowly on all of theirs do not either (see [limit.Places]). For trusted proxies and
// programs on the same machine only the total counts.
//
// A header that is being received takes memory before there is a request. The part beyond the size of most headers is claimed from the
// budget of the Guard. If the budget is used up, the connection is closed.
type Connections struct {
	all, each int
	proxies   Proxies
	guard     *Guard
	metrics   *Metrics

	mu    sync.Mutex
	total int
	clock uint64
	from  map[netip.Prefix]map[*conn]struct{}
}

// NewConnections limits the number of connections, and of connections of one address; 0 means the default. guard must
// not be nil.
func NewConnections(all, each int, proxies Proxies, guard *Guard) *Connections {
	return &Connections{
		all: orDefault(all, DefaultConnections), each: orDefault(each, DefaultAddressConnections), proxies: proxies, guard: guard, metrics: guard.metrics,
		from: make(map[netip.Prefix]map[*conn]struct{}),
	}
}

// conn is a network connection with the data for choosing which one to close. The fields below the Conn are guarded by
// Connections.mu.
type conn struct {
	net.Conn
	of      *Connections
	network netip.Prefix
	proxy   bool
	local   bool
	busy    int    // requests that are being answered
	refused int    // of them, those that are refused and only wait; see Response.rest
	used    uint64 // when it was used last
	gone    bool
	closed  chan struct{} // closed when the connection is gone
	header  int64         // bytes that arrived since the last request
	claim   *limit.Claim  // for a long header
}

// freeHeader is how long a header may be without a claim, and the step by which a claim grows.
const freeHeader = 16 << 10

// headerWait is how long a header waits for memory.
const headerWait = time.Second

// Read counts the bytes that arrive while no request is being answered, which belong to a header. If there is no memory for it, Read waits a
// moment, so that a client that reconnects at once gets slower.
func (c *conn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if c.received(n) {
		return n, err
	}
	<-c.of.guard.config.After(headerWait)
	if c.received(0) {
		return n, err
	}
	c.of.metrics.refuse(refusedMemory)
	return 0, errors.New("the memory for requests is used up")
}

// received counts n bytes of a header, and reports whether there is memory for what has arrived.
func (c *conn) received(n int) bool {
	c.of.mu.Lock()
	defer c.of.mu.Unlock()
	if c.busy > 0 || c.gone {
		return true
	}
	for c.header += int64(n); c.header > freeHeader+c.claim.Bytes(); {
		if !c.claim.Grow(freeHeader) {
			return false
		}
	}
	return true
}

// Close closes the connection and frees its place.
func (c *conn) Close() error {
	c.of.mu.Lock()
	c.of.forget(c)
	c.of.mu.Unlock()
	return c.Conn.Close()
}

// forgetArrived forgets what has arrived before.
func (c *conn) forgetArrived() {
	c.header = 0
	c.claim.Release()
}

// Bind makes srv count its connections, and returns the listener that it must serve.
func (l *Connections) Bind(srv *http.Server, ln net.Listener) net.Listener {
	next := srv.Handler
	srv.ConnContext = func(ctx context.Context, under net.Conn) context.Context {
		if c := connOf(under); c != nil {
			return context.WithValue(ctx, connKey{}, c)
		}
		return ctx
	}
	srv.ConnState = func(under net.Conn, state http.ConnState) {
		if c := connOf(under); c != nil && state == http.StateIdle { // the last body has been read completely
			l.mu.Lock()
			defer l.mu.Unlock()
			c.forgetArrived()
		}
	}
	srv.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c, ok := r.Context().Value(connKey{}).(*conn); ok {
			l.begin(c)
			defer l.end(c)
		}
		next.ServeHTTP(w, r)
	})
	return &listener{Listener: ln, of: l}
}

type connKey struct{}

func connOf(under net.Conn) *conn {
	if encrypted, ok := under.(*tls.Conn); ok {
		under = encrypted.NetConn()
	}
	c, _ := under.(*conn)
	return c
}

type listener struct {
	net.Listener
	of *Connections
}

// Accept accepts the next connection for which there is a place.
func (l *listener) Accept() (net.Conn, error) {
	for {
		under, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		address := host(under.RemoteAddr().String())
		c := &conn{Conn: under, of: l.of, network: limit.Network(address), proxy: l.of.proxies.trust(address), closed: make(chan struct{})}
		c.claim = l.of.guard.budget.Claim("header " + c.network.String())
		c.local = c.network.IsValid() && c.network.Addr().IsLoopback()
		victim, ok := l.of.admit(c)
		if victim != nil {
			_ = victim.Conn.Close() // it is idle, or its request is refused
		}
		if ok {
			return c, nil
		}
		_ = under.Close() // the client sees that it is refused
	}
}

// admit takes a place for c. The caller must close the victim, if there is one.
func (l *Connections) admit(c *conn) (victim *conn, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	own := l.from[c.network]
	switch {
	case !c.proxy && !c.local && len(own) >= limit.Places(l.each, l.total, l.all):
		victim = idlest(own)
	case l.total >= l.all:
		most, has := own, len(own)
		if c.proxy { // it carries the requests of many
			most, has = nil, -1
		}
		for _, others := range l.from {
			if len(others) > has+1 && idlest(others) != nil {
				most, has = others, len(others)-1
			}
		}
		victim = idlest(most)
	default:
		l.add(c)
		return nil, true
	}
	l.metrics.refuse(refusedConnections)
	if victim == nil {
		return nil, false
	}
	l.forget(victim)
	l.add(c)
	return victim, true
}

// idlest returns the connection that was used least recently, of those on which nothing is being answered but refusals that wait; nil if
// there is none. Connections of proxies carry the requests of many and are left alone.
func idlest(set map[*conn]struct{}) *conn {
	var out *conn
	for c := range set {
		if c.busy == c.refused && !c.proxy && (out == nil || c.used < out.used) {
			out = c
		}
	}
	return out
}

func (l *Connections) add(c *conn) {
	set := l.from[c.network]
	if set == nil {
		set = make(map[*conn]struct{})
		l.from[c.network] = set
	}
	set[c] = struct{}{}
	l.total++
	l.clock++
	c.used = l.clock
	l.metrics.connection(1)
}

func (l *Connections) forget(c *conn) {
	if c.gone {
		return
	}
	c.gone = true
	close(c.closed)
	c.claim.Release()
	set := l.from[c.network]
	if _, known := set[c]; !known {
		return
	}
	if delete(set, c); len(set) == 0 {
		delete(l.from, c.network)
	}
	l.total--
	l.metrics.connection(-1)
}

func (l *Connections) begin(c *conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c.busy++
}

func (l *Connections) end(c *conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if c.busy--; c.busy == 0 {
		c.forgetArrived()
	}
	l.clock++
	c.used = l.clock
}
