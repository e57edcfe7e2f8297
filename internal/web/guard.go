package web

import (
	"context"
	"math"
	"net/netip"
	"time"

	"drawbridge/directory"
	"drawbridge/internal/limit"
)

// GuardConfig has the limits of a Guard. A zero field means its default, except Open, where zero means no limit.
type GuardConfig struct {
	Memory     int64 // bytes that running requests may hold together
	Requests   int   // running requests of clients with a credential
	Each       int   // of them, of one owner
	Processors int   // how many requests may do long computations at the same time
	// Open is how often one address may call operations that need no credential.
	Open limit.Rate
	// Delay is the maximum delay of a refusal, so that a client that ignores refusals gets slower; 0: no delay.
	Delay time.Duration
	// RestOfBody is how long what is left of the body of a refused request may take to arrive.
	RestOfBody time.Duration

	Metrics  *Metrics
	Stopping context.Context //nolint:containedctx // it belongs to the server and not to a request: waiting requests are answered when it ends
	// After is time.After; a test can replace it.
	After func(time.Duration) <-chan time.Time
}

// The defaults of a Guard.
const (
	DefaultMemory   = 128 << 20
	DefaultRequests = 1024
	DefaultEach     = 128

	DefaultRestOfBody = 5 * time.Second
)

// Bounds of a Guard that are not configurable.
const (
	smallRequest     = 1 << 20 // claims up to this size may use the reserve: the usual requests of identity providers
	largeRequest     = 1 << 20 // what claims more computes for long
	computeWait      = 10 * time.Second
	computeLine      = 256 // requests that wait for a processor
	openAddresses    = 20_000
	openRequests     = 256      // running requests of clients without a credential
	openEach         = 64       // of them, of one address
	delayedRequests  = 1024     // refusals that wait on network connections that other requests share
	delayedEach      = 256      // of them, of one address
	delayedBody      = 64 << 10 // bytes of a body that are discarded before a refusal is delayed
	allRequestsTimes = 4        // how many times as many requests may wait for authentication
)

// Guard keeps clients of all surfaces of a process from taking what others need: memory, processors, and places for running requests. A nil
// Guard limits nothing.
type Guard struct {
	config  GuardConfig
	budget  *limit.Budget
	gate    *limit.Gate[string]
	open    *limit.Limiter[netip.Prefix]
	delayed *limit.Slots[netip.Prefix] // refusals that wait on network connections that other requests share
	alone   *limit.Slots[netip.Prefix] // delayed refusals on network connections of their own
	all     *limit.Slots[struct{}]     // all requests
	known   *limit.Slots[string]       // requests with an authenticated owner
	unknown *limit.Slots[netip.Prefix] // requests without a credential
	metrics *Metrics
	closing <-chan struct{}
}

// NewGuard makes a Guard.
func NewGuard(c GuardConfig) *Guard {
	c.Memory = orDefault(c.Memory, DefaultMemory)
	c.Requests, c.Each = orDefault(c.Requests, DefaultRequests), orDefault(c.Each, DefaultEach)
	c.Processors, c.RestOfBody = orDefault(c.Processors, 1), orDefault(c.RestOfBody, DefaultRestOfBody)
	if c.After == nil {
		c.After = time.After
	}
	g := &Guard{
		config:  c,
		budget:  limit.NewBudget(limit.BudgetBounds{All: c.Memory, Each: c.Memory / 4, Small: smallRequest, Reserve: c.Memory / 8}),
		gate:    limit.NewGate[string](limit.GateBounds{All: c.Processors, Each: max(1, c.Processors-1), Waiting: computeLine}),
		open:    limit.NewLimiter[netip.Prefix](c.Open, openAddresses),
		delayed: limit.NewSlots[netip.Prefix](delayedEach, delayedRequests),
		alone:   limit.NewSlots[netip.Prefix](math.MaxInt, math.MaxInt),
		all:     limit.NewSlots[struct{}](allRequestsTimes*c.Requests, allRequestsTimes*c.Requests),
		known:   limit.NewSlots[string](c.Each, c.Requests),
		unknown: limit.NewSlots[netip.Prefix](openEach, openRequests),
		metrics: c.Metrics,
	}
	if c.Stopping != nil {
		g.closing = c.Stopping.Done()
	}
	c.Metrics.watch(g)
	return g
}

func orDefault[N int | int64 | time.Duration](n, otherwise N) N {
	if n <= 0 {
		return otherwise
	}
	return n
}

// Largest is how much memory a single request can claim at most.
func (g *Guard) Largest() int64 {
	if g == nil {
		return math.MaxInt64
	}
	b := g.budget.Bounds()
	return b.All - b.Reserve
}

// place is what a request holds of its Guard.
type place struct {
	guard    *Guard
	claim    *limit.Claim
	owner    string
	network  netip.Prefix
	all      bool
	known    bool
	unknown  bool
	stranger bool // it needs no credential
	computes bool
	rests    bool          // it is refused, and its network connection may be closed for another
	late     time.Duration // the delay of its refusal; 0: it is not refused
}

// enter takes a place among the requests that are not authenticated yet.
func (g *Guard) enter(w *Response) error {
	if g == nil {
		return nil
	}
	w.place = place{guard: g, network: limit.Network(w.Origin.Address)}
	if !g.all.Enter(struct{}{}) {
		return w.crowded()
	}
	w.place.all = true
	return nil
}

// busy is the refusal of a request because a limit of the Guard is reached.
func (w *Response) busy(limit, message string) *directory.Error {
	w.place.guard.metrics.refuse(limit)
	w.Late(time.Second)
	return &directory.Error{Code: directory.Unavailable, RetryAfter: time.Second, Message: message + "; nothing was done, try again"}
}

func (w *Response) crowded() error {
	return w.busy(refusedRequests, "too many requests are under way")
}

// leave gives back what a request has taken.
func (w *Response) leave() {
	p := &w.place
	if p.guard == nil {
		return
	}
	w.giveBack()
	if p.all {
		p.guard.all.Leave(struct{}{})
	}
}

// giveBack returns everything except the place of enter.
func (w *Response) giveBack() {
	if w.place.guard == nil {
		return
	}
	w.place.claim.Release()
	w.step()
}

// step gives up the place of a running request.
func (w *Response) step() {
	p := &w.place
	switch {
	case p.known:
		p.guard.known.Leave(p.owner)
	case p.unknown:
		p.guard.unknown.Leave(p.network)
	}
	p.known, p.unknown = false, false
}

// Owner sets the owner of the request, such as a connection or an operator, as soon as it is known. The memory and the place of the request
// then count for the owner. The error is Unavailable with a Retry-After if the owner has no place left.
func (w *Response) Owner(name string) error {
	p := &w.place
	if p.guard == nil || p.known {
		return nil
	}
	if !p.guard.known.Enter(name) {
		return w.crowded()
	}
	p.owner, p.known, p.claim = name, true, p.guard.budget.Claim(name)
	return nil
}

// Grow claims memory before it is used. The error is TooLarge if the request could never have so much, and Unavailable with a Retry-After
// if there is not enough now.
func (w *Response) Grow(bytes int64) error {
	p := &w.place
	if p.guard == nil || bytes <= 0 {
		return nil
	}
	if p.claim == nil {
		p.claim = p.guard.budget.Claim(w.Origin.Address)
	}
	if p.claim.Bytes()+bytes > p.guard.Largest() {
		p.guard.metrics.refuse(refusedSize)
		return &directory.Error{Code: directory.TooLarge, Message: "the request needs more memory than one request may have: send less at once, or ask the operator of this server to raise limits.memory_bytes"}
	}
	if !p.claim.Grow(bytes) {
		return w.busy(refusedMemory, "the memory for requests is used up")
	}
	return nil
}

// Large reports whether the request has claimed so much memory that it will compute for long.
func (w *Response) Large() bool { return w.place.claim.Bytes() > largeRequest }

// Compute waits until the request may compute for long. done must be called when that is over, and before the response is sent, because the
// client may read it slowly. A request that computes already does not wait again. The error is Unavailable with a Retry-After.
func (w *Response) Compute() (done func(), err error) {
	p := &w.place
	if p.guard == nil || p.computes {
		return func() {}, nil
	}
	owner := p.owner
	if owner == "" {
		owner = w.Origin.Address
	}
	ctx, cancel := context.WithTimeout(w.Request.Context(), computeWait)
	defer cancel()
	if err := p.guard.gate.Enter(ctx, owner); err != nil {
		no := w.busy(refusedProcessors, "too many large requests are under way")
		no.Err = err
		return nil, no
	}
	p.computes = true
	return func() {
		if p.computes {
			p.computes = false
			p.guard.gate.Leave(owner)
		}
	}, nil
}

// Stranger admits a request that needs no credential, before its body is read. The error is Throttled if its address sends too many, and
// Unavailable if too many are running.
func (w *Response) Stranger() error {
	p := &w.place
	g := p.guard
	if g == nil {
		return nil
	}
	if wait := g.open.Take(p.network, w.Started); wait > 0 {
		g.metrics.refuse(refusedAddress)
		w.Late(wait)
		seconds := max(math.Ceil(wait.Seconds()), 1)
		return &directory.Error{Code: directory.Throttled, RetryAfter: time.Duration(seconds) * time.Second, Message: "too many requests from this address: wait a moment and try again"}
	}
	if !g.unknown.Enter(p.network) {
		return w.crowded()
	}
	p.unknown, p.stranger = true, true
	return nil
}

// Park gives up the place of a running request while a long poll waits. unpark takes a place again; the error is Unavailable if there is
// none.
func (w *Response) Park() (unpark func() error) {
	p := &w.place
	if !p.known {
		return func() error { return nil }
	}
	owner := p.owner
	w.step()
	return func() error {
		if !p.guard.known.Enter(owner) {
			return w.crowded()
		}
		p.known = true
		return nil
	}
}
