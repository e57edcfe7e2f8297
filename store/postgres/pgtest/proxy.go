package pgtest

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// Verdict is what a Proxy does with something that a client sends.
type Verdict int

// The verdicts.
const (
	Pass   Verdict = iota
	Before         // the connection breaks before the server gets it
	After          // the server gets it, and the connection breaks before the client is answered
)

// Proxy stands between clients and a server and breaks connections at a chosen moment. It counts round trips.
type Proxy struct {
	port   int
	target string
	delay  time.Duration

	mu    sync.Mutex
	judge func(sent []byte) Verdict
	trips int
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

// URL makes the URL of a database lead through the proxy.
func (p *Proxy) URL(url string) string {
	return strings.Replace(url, "@"+p.target+"/", fmt.Sprintf("@127.0.0.1:%d/", p.port), 1)
}

// Judge sets what decides about everything that clients send from now on; nil lets everything pass.
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

// Trips gives how many round trips there were since it was asked last: each begins when a client sends after it was answered.
func (p *Proxy) Trips() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := p.trips
	p.trips = 0
	return n
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
	for {
		n, err := client.Read(buffer)
		if err != nil {
			return
		}
		p.mu.Lock()
		judge, delay := p.judge, p.delay
		mu.Lock()
		if answered {
			p.trips++
		}
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
