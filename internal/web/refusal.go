package web

import (
	"net/http"
	"time"
)

// Late delays the error that the handler returns, so that a client that ignores Retry-After gets slower.
func (w *Response) Late(wait time.Duration) {
	if w.place.guard != nil {
		w.place.late = wait
	}
}

// refuse answers a request with an error. From here on the request takes nothing but its network connection.
func (w *Response) refuse(answer func()) {
	defer w.rest()()
	w.delay()
	w.hurryBody() // net/http reads what is left of a short body before it answers
	answer()
}

// delay waits before a delayed refusal. If too many requests wait already, the refusal is sent at once, and the network connection ends.
func (w *Response) delay() {
	p := &w.place
	if p.late <= 0 {
		return
	}
	g, slots := p.guard, p.guard.delayed
	if w.Alone() {
		slots = g.alone
	}
	if g.config.Delay <= 0 || !w.CanWait(delayedBody) || !slots.Enter(p.network) {
		w.Set("Connection", "close")
		return
	}
	defer slots.Leave(p.network)
	w.Wait(g.config.After(Delay(min(p.late, g.config.Delay), slots.Of(p.network))), g.closing)
}

// The delay of a refusal is multiplied by one more for each delayTogether refusals that wait at the same time, up to mostDelays.
// Otherwise hundreds of clients that ignore refusals would still send hundreds of requests a second.
const (
	delayTogether = 64
	mostDelays    = 8
)

// Delay returns by how much a refusal is delayed if n of the same client wait.
func Delay(usual time.Duration, waiting int) time.Duration {
	return usual * time.Duration(min(1+waiting/delayTogether, mostDelays))
}

// Alone reports whether the network connection of the request carries no other requests: it is HTTP/1 and comes from no trusted proxy. To
// keep such a request waiting takes nothing from others, since connections are bounded: any number of them may wait.
func (w *Response) Alone() bool {
	c := w.connection()
	return c != nil && !c.proxy && w.Request.ProtoMajor == 1
}

// Wait delays a refusal: until over or stop, or until the client has gone. Meanwhile the request has nothing but its network connection.
func (w *Response) Wait(over <-chan time.Time, stop <-chan struct{}) {
	defer w.rest()()
	var closed <-chan struct{}
	if c := w.connection(); c != nil {
		closed = c.closed
	}
	select {
	case <-over:
	case <-stop:
	case <-closed:
	case <-w.Request.Context().Done():
	}
}

// rest gives back what a refused request has taken, and lets its network connection be closed for a new one until done is called.
func (w *Response) rest() (done func()) {
	defer w.giveBack()
	c := w.connection()
	if c == nil || w.place.rests {
		return func() {}
	}
	mark := func(n int) {
		c.of.mu.Lock()
		defer c.of.mu.Unlock()
		c.refused += n
	}
	mark(1)
	w.place.rests = true
	return func() {
		mark(-1)
		w.place.rests = false
	}
}

// hurryBody gives what is left of the body a short time to arrive. The deadline of the next request is another one.
func (w *Response) hurryBody() {
	if w.now == nil || w.place.guard == nil || w.Request.Body == nil || w.Request.Body == http.NoBody {
		return
	}
	until := time.Now().Add(w.place.guard.config.RestOfBody) //nolint:forbidigo // a network connection goes by the clock of the machine, also where a test moves the clock of the server
	// A recorder in a test has no deadlines; that is not an error.
	_ = http.NewResponseController(w.under).SetReadDeadline(until)
}

// connection returns the network connection of the request, or nil if it is not bounded.
func (w *Response) connection() *conn {
	c, _ := w.Request.Context().Value(connKey{}).(*conn)
	return c
}
