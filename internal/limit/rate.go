package limit

import (
	"math"
	"sync"
	"sync/atomic"
	"time"
)

// Rate is how often something may happen: Burst times at once, and PerSecond times a second in the long run. A PerSecond of 0 means
// no limit.
type Rate struct {
	PerSecond float64
	Burst     int
	Share     *Share // nil: this process alone counts
}

// Share divides rates among servers that get equal parts of the requests, so that together they allow as much as one alone. The zero
// value is that of a server that is alone.
type Share struct{ servers atomic.Int64 }

// Set says how many servers there are.
func (s *Share) Set(servers int) { s.servers.Store(int64(servers)) }

// mine is the part of a rate that is this process's.
func (r Rate) mine() Rate {
	if r.Share == nil {
		return r
	}
	n := int(r.Share.servers.Load())
	if n < 2 || r.PerSecond <= 0 {
		return r
	}
	return Rate{PerSecond: r.PerSecond / float64(n), Burst: max(1, (r.Burst+n/2)/n)}
}

// Every is a rate of once in each interval.
func Every(interval time.Duration, burst int) Rate {
	return Rate{PerSecond: float64(time.Second) / float64(interval), Burst: burst}
}

// bucket is a token bucket: it holds up to Burst tokens and gets PerSecond new ones a second. It may be in debt.
type bucket struct {
	tokens float64
	at     time.Time
}

// refill adds the tokens since the last call. If the clock went back, nothing is added, and time counts from now on; otherwise the bucket
// would get nothing until the clock has caught up.
func (b *bucket) refill(r Rate, now time.Time) {
	if elapsed := now.Sub(b.at); elapsed > 0 {
		b.tokens = min(float64(r.Burst), b.tokens+elapsed.Seconds()*r.PerSecond)
	}
	b.at = now
}

// wait returns how long it takes until there is a token.
func (b *bucket) wait(r Rate) time.Duration {
	if b.tokens >= 1 {
		return 0
	}
	seconds := (1 - b.tokens) / r.PerSecond
	return max(time.Duration(math.Ceil(seconds*float64(time.Second))), time.Millisecond)
}

// Limiter has a token bucket for each key, and keeps those of the keys that were used most recently. A dropped key has a full bucket when
// it returns. To cause that on purpose, an attacker needs as many keys as the limiter holds for each burst. It is safe for concurrent use.
type Limiter[K comparable] struct {
	rate Rate

	mu      sync.Mutex
	buckets *Map[struct{}, K, *bucket]
}

// NewLimiter makes a limiter that remembers at most size keys.
func NewLimiter[K comparable](r Rate, size int) *Limiter[K] {
	if r.PerSecond > 0 {
		r.Burst = max(r.Burst, 1)
	}
	return &Limiter[K]{rate: r, buckets: NewMap[struct{}, K, *bucket](Bounds{All: size})}
}

// with calls do with the bucket of a key, refilled up to now.
func (l *Limiter[K]) with(key K, now time.Time, do func(*bucket, Rate)) {
	rate := l.rate.mine()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.buckets.Update(struct{}{}, key, now, func(b *bucket, known bool) (*bucket, bool) {
		if !known {
			b = &bucket{tokens: float64(rate.Burst), at: now}
		}
		b.refill(rate, now)
		do(b, rate)
		return b, true
	})
}

// Take takes one token. If there is none, it takes nothing and returns how long it takes until there is one.
func (l *Limiter[K]) Take(key K, now time.Time) (wait time.Duration) {
	if l.rate.PerSecond <= 0 {
		return 0
	}
	l.with(key, now, func(b *bucket, rate Rate) {
		if wait = b.wait(rate); wait == 0 {
			b.tokens--
		}
	})
	return wait
}

// Wait returns what Take would return, and takes nothing.
func (l *Limiter[K]) Wait(key K, now time.Time) (wait time.Duration) {
	if l.rate.PerSecond <= 0 {
		return 0
	}
	l.with(key, now, func(b *bucket, rate Rate) { wait = b.wait(rate) })
	return wait
}

// Charge takes n tokens, at most a burst, even if the bucket has fewer. It is for work that has already been let in; later requests
// of the key wait instead.
func (l *Limiter[K]) Charge(key K, now time.Time, n float64) {
	if l.rate.PerSecond > 0 && n > 0 {
		l.with(key, now, func(b *bucket, rate Rate) { b.tokens -= min(n, float64(rate.Burst)) })
	}
}

// Give gives a token back that Take took.
func (l *Limiter[K]) Give(key K, now time.Time) {
	if l.rate.PerSecond > 0 {
		l.with(key, now, func(b *bucket, rate Rate) { b.tokens = min(b.tokens+1, float64(rate.Burst)) })
	}
}

// Reset fills the bucket of a key.
func (l *Limiter[K]) Reset(key K) {
	l.buckets.Delete(struct{}{}, key)
}
