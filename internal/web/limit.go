package web

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Limiters is a bounded set of token buckets, one for each key.
type Limiters[K comparable] struct {
	rate  rate.Limit
	burst int
	bound int

	mu  sync.Mutex
	set map[K]*rate.Limiter
}

// NewLimiters makes buckets that refill at perSecond; 0: there is no limit.
func NewLimiters[K comparable](perSecond float64, burst, bound int) *Limiters[K] {
	return &Limiters[K]{rate: rate.Limit(perSecond), burst: burst, bound: bound, set: map[K]*rate.Limiter{}}
}

func (l *Limiters[K]) bucket(key K) *rate.Limiter {
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

// Take takes one token. wait is how long the caller has to wait for the next; 0: the token was there.
func (l *Limiters[K]) Take(key K, now time.Time) (wait time.Duration) {
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

// Charge takes n more tokens, at most a burst, without asking whether they are there: work that has been let in already is
// paid for by what comes after it.
func (l *Limiters[K]) Charge(key K, now time.Time, n int) {
	if l.rate > 0 && n > 0 {
		l.bucket(key).ReserveN(now, min(n, l.burst))
	}
}

// Waiters counts requests that are kept waiting: a bounded number for each key, and in all.
type Waiters[K comparable] struct {
	each, all int

	mu    sync.Mutex
	count map[K]int
	total int
}

// NewWaiters lets so many requests of each key wait at once, and so many of all keys together.
func NewWaiters[K comparable](each, all int) *Waiters[K] {
	return &Waiters[K]{each: each, all: all, count: map[K]int{}}
}

// Enter reports whether one more may wait; who may must Leave.
func (w *Waiters[K]) Enter(key K) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.total >= w.all || w.count[key] >= w.each {
		return false
	}
	w.total++
	w.count[key]++
	return true
}

// Leave makes room for another.
func (w *Waiters[K]) Leave(key K) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.total--
	if w.count[key]--; w.count[key] <= 0 {
		delete(w.count, key)
	}
}

// Network is what failed credentials are counted by: an IPv4 address, or the /64 of an IPv6 one, since a client has as many
// of those as it likes.
func Network(address string) netip.Prefix {
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
