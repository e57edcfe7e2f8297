package server

import (
	"math"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"drawbridge/directory"
)

// limiters is a bounded set of token buckets, one for each key.
type limiters[K comparable] struct {
	rate  rate.Limit
	burst int
	bound int

	mu  sync.Mutex
	set map[K]*rate.Limiter
}

// newLimiters makes buckets that refill at perSecond; 0: there is no limit.
func newLimiters[K comparable](perSecond float64, burst, bound int) *limiters[K] {
	return &limiters[K]{rate: rate.Limit(perSecond), burst: burst, bound: bound, set: map[K]*rate.Limiter{}}
}

func (l *limiters[K]) bucket(key K) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	if b, ok := l.set[key]; ok {
		return b
	}
	if len(l.set) >= l.bound {
		// Forgetting all of them costs a fresh burst for each; remembering who was here longest would cost every request.
		clear(l.set)
	}
	b := rate.NewLimiter(l.rate, l.burst)
	l.set[key] = b
	return b
}

// take takes one token. wait is how long the caller has to wait for the next; 0: the token was there.
func (l *limiters[K]) take(key K, now time.Time) (wait time.Duration) {
	if l.rate <= 0 {
		return 0
	}
	b := l.bucket(key)
	if b.AllowN(now, 1) {
		return 0
	}
	r := b.ReserveN(now, 1)
	wait = r.DelayFrom(now)
	r.CancelAt(now)
	return max(wait, time.Millisecond)
}

// charge takes n more tokens, at most a burst, without asking whether they are there: work that has been let in already is
// paid for by what comes after it.
func (l *limiters[K]) charge(key K, now time.Time, n int) {
	if l.rate > 0 && n > 0 {
		l.bucket(key).ReserveN(now, min(n, l.burst))
	}
}

// throttled is the answer to a caller who has to wait. Okta reads whole seconds only, so they are rounded up.
func throttled(wait time.Duration, message string) error {
	seconds := math.Ceil(wait.Seconds())
	return &directory.Error{Code: directory.Throttled, Message: message, RetryAfter: time.Duration(max(seconds, 1)) * time.Second}
}

// network is what failed credentials are counted by: an IPv4 address, or the /64 of an IPv6 one, since a client has as many
// of those as it likes.
func network(address string) netip.Prefix {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return netip.Prefix{}
	}
	bits := 64
	if a = a.Unmap().WithZone(""); a.Is4() {
		bits = 32
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return p
}
