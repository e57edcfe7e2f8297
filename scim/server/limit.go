package server

import (
	"math"
	"time"

	"drawbridge/directory"
	"drawbridge/internal/web"
)

// throttled is the answer to a caller that has to wait. Okta reads whole seconds only, so they are rounded up.
func throttled(wait time.Duration, message string) *directory.Error {
	seconds := math.Ceil(wait.Seconds())
	return &directory.Error{Code: directory.Throttled, Message: message, RetryAfter: time.Duration(max(seconds, 1)) * time.Second}
}

// A request costs its connection one token (C5), and another one for each part of its body and of its duration of these sizes. So a
// connection that sends large requests or slow searches gets fewer of them.
const (
	tokenBytes = 64 << 10
	tokenTime  = 20 * time.Millisecond
)

// A waiting request costs a net/http connection with its buffers, which would exist anyway, and a timer. The bounds are
// for trusted proxies, which use only a limited number of connections to this server for all tenants, and for HTTP/2.
const (
	delayedEach = 64       // refusals of one connection at once
	delayedAll  = 256      // of all
	delayedBody = 64 << 10 // bytes of the body that is thrown away before, where it has to be
)

// delay delays the refusal of a connection that ignores Retry-After, so that a client that repeats at once repeats rarely. A connection
// may be refused as often as it may send, and gets those refusals at once. Each further refusal waits for half of its Retry-After, and for
// Limits.Delay at most. A worker that obeys Retry-After is refused at most once in that time, at least a second. So obedient
// clients are delayed only if they have more workers than requests a second, and they lose nothing, because their tokens accumulate meanwhile.
// A waiting request has no body, no transaction and no lock. If there is no room, the refusal is sent at once.
func (s *server) delay(c *call, who directory.Principal, retryAfter time.Duration) {
	id := who.Connection.ID
	w, slots := c.response, s.delayed
	if w.Alone() {
		slots = s.delayedAlone
	}
	if s.limits.Delay <= 0 || s.refusals.Take(id, w.Started) == 0 || !w.CanWait(delayedBody) || !slots.Enter(id) {
		return
	}
	defer slots.Leave(id)
	defer s.metrics.delay(who.Tenant, id)()
	w.Wait(s.after(web.Delay(min(retryAfter/2, s.limits.Delay), slots.Of(id))), s.stopping)
}
