package credential

import (
	"math"
	"sync"
	"time"

	"drawbridge/directory"
)

// Throttle slows down clients that guess secrets. An attempt takes from three buckets: of the account together with the address that it
// comes from, of the account from all addresses, and of the address. All buckets fill up again with time, so that no account is locked
// for ever. An address from which the account signed in lately does not take from the account's common bucket, so that a stranger who
// guesses does not keep the owner out. A successful attempt gives back what it took. The zero value is ready.
type Throttle struct {
	mu      sync.Mutex
	buckets map[string]*bucket
	trusted map[string]time.Time // account NUL address → when it was last right
}

// bucket holds burst attempts, and gets a new one every so often.
type bucket struct {
	burst float64
	every time.Duration
	left  float64
	at    time.Time
}

func (b *bucket) fill(now time.Time) float64 {
	if now.After(b.at) {
		b.left = min(b.burst, b.left+float64(now.Sub(b.at))/float64(b.every))
		b.at = now
	}
	return b.left
}

const (
	pairBurst, pairEvery       = 5, 30 * time.Second
	accountBurst, accountEvery = 20, 10 * time.Second
	addressBurst, addressEvery = 30, 2 * time.Second
	maxBuckets                 = 20000
	trustFor                   = 30 * 24 * time.Hour
)

// Attempt takes one attempt. The error is Throttled and says when the next attempt is possible. Call it before any work is done.
func (t *Throttle) Attempt(now time.Time, account, address string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.buckets) > maxBuckets {
		t.sweep(now)
	}
	pair := account + "\x00" + address
	wanted := []*bucket{t.bucket(now, "p"+pair, pairBurst, pairEvery), t.bucket(now, "x"+address, addressBurst, addressEvery)}
	if at, ok := t.trusted[pair]; !ok || now.Sub(at) > trustFor {
		wanted = append(wanted, t.bucket(now, "a"+account, accountBurst, accountEvery))
	}
	wait := time.Duration(0)
	for _, b := range wanted {
		if left := b.fill(now); left < 1 {
			wait = max(wait, time.Duration((1-left)*float64(b.every)))
		}
	}
	if wait > 0 {
		return &directory.Error{
			Code: directory.Throttled, RetryAfter: time.Duration(math.Ceil(wait.Seconds())) * time.Second,
			Message: "too many attempts: wait a moment and try again",
		}
	}
	for _, b := range wanted {
		b.left--
	}
	return nil
}

// Succeeded notes that an attempt succeeded: the bucket of account and address is full again, the others get the attempt back, and
// the address is known.
func (t *Throttle) Succeeded(now time.Time, account, address string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	pair := account + "\x00" + address
	delete(t.buckets, "p"+pair)
	taken := []string{"x" + address}
	if at, ok := t.trusted[pair]; !ok || now.Sub(at) > trustFor {
		taken = append(taken, "a"+account)
	}
	for _, name := range taken {
		if b := t.buckets[name]; b != nil {
			b.left = min(b.burst, b.left+1)
		}
	}
	if t.trusted == nil || len(t.trusted) > maxBuckets {
		t.trusted = make(map[string]time.Time)
	}
	t.trusted[pair] = now
}

// AttemptTogether takes one attempt from a bucket that all clients share. The error is Throttled.
func (t *Throttle) AttemptTogether(now time.Time, what string, burst float64, every time.Duration) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	b := t.bucket(now, "t"+what, burst, every)
	if b.fill(now) < 1 {
		return &directory.Error{Code: directory.Throttled, RetryAfter: time.Second, Message: "too many people ask for this at once: wait a moment and try again"}
	}
	b.left--
	return nil
}

func (t *Throttle) bucket(now time.Time, name string, burst float64, every time.Duration) *bucket {
	b := t.buckets[name]
	if b == nil {
		b = &bucket{burst: burst, every: every, left: burst, at: now}
		if t.buckets == nil {
			t.buckets = make(map[string]*bucket)
		}
		t.buckets[name] = b
	}
	return b
}

// sweep forgets the buckets that are full, which say nothing; if that is not enough, all of them: the price of a flood.
func (t *Throttle) sweep(now time.Time) {
	for name, b := range t.buckets {
		if b.fill(now) >= b.burst {
			delete(t.buckets, name)
		}
	}
	if len(t.buckets) > maxBuckets {
		t.buckets = nil
	}
}
