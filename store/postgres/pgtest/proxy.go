package pgtest

import (
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// Verdict is what a Proxy does with data of a client.
type Verdict int

// The values of Verdict.
const (
	Pass   Verdict = iota
	Before         // the connection breaks before the server gets it
	After          // the server gets it, and the connection breaks before the client is answered
)

// Proxy is between clients and a server and breaks connections at a chosen moment. It counts round trips and statements.
type Proxy struct {
	port   int
	target string
	delay  time.Duration

	mu    sync.Mutex
	judge func(sent []byte) Verdict
	count Counts
	open  map[net.Conn]bool
}

// NewProxy starts a proxy before the cluster.
func NewProxy(t testing.TB, c *Cluster) *Proxy {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address, _ := l.Addr().(*net.TCPAddr)
	p := &Proxy{port: address.Port, target: fmt.Sprintf("127.0.0.1:%d", c.Port), open: map[net.Conn]bool{}}
	t.Cleanup(func() {
		_ = l.Close()
		p.Break()
	})
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			go p.carry(client)
		}
	}()
	return p
}

// URL turns the URL of a database into one of the proxy.
func (p *Proxy) URL(url string) string {
	return strings.Replace(url, "@"+p.target+"/", fmt.Sprintf("@127.0.0.1:%d/", p.port), 1)
}

// Judge sets the function that decides about the data of clients from now on; nil lets everything pass.
func (p *Proxy) Judge(judge func(sent []byte) Verdict) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.judge = judge
}

// Delay makes each round trip longer.
func (p *Proxy) Delay(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.delay = d
}

// Counts is what clients asked of the server.
type Counts struct {
	Trips      int // round trips: each begins when a client sends after it was answered
	Statements int
	Bytes      int // bytes that clients sent
}

// Counts gives the counts since its last call.
func (p *Proxy) Counts() Counts {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.count
	p.count = Counts{}
	return c
}

// statements counts the statements in what a client sends, piece by piece.
type statements struct {
	started bool   // the client has sent its first message, which has no type
	rest    []byte // the beginning of a message that is not complete
}

// read counts the messages in sent that run a statement.
func (s *statements) read(sent []byte) (n int) {
	s.rest = append(s.rest, sent...)
	for {
		kind, head := byte(0), 0
		if s.started {
			head = 1
		}
		if len(s.rest) < head+4 {
			return n
		}
		if s.started {
			kind = s.rest[0]
		}
		length := head + int(binary.BigEndian.Uint32(s.rest[head:]))
		if len(s.rest) < length {
			return n
		}
		if kind == 'E' || kind == 'Q' { // Execute, or Query
			n++
		}
		s.started, s.rest = true, s.rest[length:]
	}
}

// Break breaks all connections.
func (p *Proxy) Break() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.open {
		_ = c.Close()
	}
}

func (p *Proxy) carry(client net.Conn) {
	server, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", p.target)
	if err != nil {
		_ = client.Close()
		return
	}
	p.mu.Lock()
	p.open[client], p.open[server] = true, true
	p.mu.Unlock()
	end := func() {
		_ = client.Close()
		_ = server.Close()
		p.mu.Lock()
		delete(p.open, client)
		delete(p.open, server)
		p.mu.Unlock()
	}
	var mu sync.Mutex
	answered, mute := true, false
	go func() { // from the server to the client
		defer end()
		buffer := make([]byte, 64<<10)
		for {
			n, err := server.Read(buffer)
			mu.Lock()
			answered = true
			silent := mute
			mu.Unlock()
			if err != nil || silent {
				return
			}
			if _, err := client.Write(buffer[:n]); err != nil {
				return
			}
		}
	}()
	defer end()
	buffer := make([]byte, 1<<20)
	var counter statements
	for {
		n, err := client.Read(buffer)
		if err != nil {
			return
		}
		p.mu.Lock()
		judge, delay := p.judge, p.delay
		mu.Lock()
		if answered {
			p.count.Trips++
		}
		p.count.Bytes += n
		p.count.Statements += counter.read(buffer[:n])
		answered = false
		mu.Unlock()
		p.mu.Unlock()
		verdict := Pass
		if judge != nil {
			verdict = judge(buffer[:n])
		}
		if verdict == Before {
			return
		}
		if verdict == After {
			mu.Lock()
			mute = true
			mu.Unlock()
		}
		if delay > 0 {
			time.Sleep(delay)
		}
		if _, err := server.Write(buffer[:n]); err != nil {
			return
		}
		if verdict == After {
			time.Sleep(50 * time.Millisecond) // the server does what it was sent
			return
		}
	}
}
