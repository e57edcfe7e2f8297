package server

import (
	"math"
	"time"

	"drawbridge/directory"
)

// throttled is the answer to a caller who has to wait. Okta reads whole seconds only, so they are rounded up.
func throttled(wait time.Duration, message string) *directory.Error {
	seconds := math.Ceil(wait.Seconds())
	return &directory.Error{Code: directory.Throttled, Message: message, RetryAfter: time.Duration(max(seconds, 1)) * time.Second}
}

// What a request costs its connection beside the one token that lets it in (C5): a token for so many bytes of its body, and one for so
// much time that it takes. So a connection that sends large requests, or has the store searched, gets fewer of them.
const (
	tokenBytes = 64 << 10
	tokenTime  = 20 * time.Millisecond
)

// What is kept waiting is a connection of net/http with its buffers, which would be there all the same, and a timer. The bounds are
// for proxies in front, which may have no more than so many connections to us for all tenants.
const (
	heldEach = 64       // refusals of one connection at once
	heldAll  = 256      // of all
	heldBody = 64 << 10 // bytes of the body that is thrown away before, where it has to be
)

// hold keeps the refusal of somebody back who does not listen, so that whoever asks as fast as it is answered asks seldom. A connection
// may be refused as often as it may send, and is answered at once; beyond that a refusal waits for half of the time that it tells, and for
// Limits.Hold at most. A worker of an identity provider that listens is refused once in the time that it is told, a second at least: who
// listens meets this only with more workers than requests a second, and loses nothing, since what it may send gathers meanwhile. What
// waits has no body, no transaction and no lock; what there is no room for is answered at once.
func (s *server) hold(c *call, who directory.Principal, told time.Duration) {
	id := who.Connection.ID
	if s.limits.Hold <= 0 || s.refusals.Take(id, c.response.Started) == 0 || !c.response.CanWait(heldBody) || !s.held.Enter(id) {
		return
	}
	defer s.held.Leave(id)
	defer s.metrics.hold(who.Tenant, id)()
	select {
	case <-s.after(min(told/2, s.limits.Hold)):
	case <-c.ctx.Done(): // nobody waits for the answer any more
	case <-s.stopping:
	}
}
