package bridge

import (
	"math"
	"sync"
	"time"

	"drawbridge/directory"
)

// throttle slows down whoever guesses. An attempt takes from three buckets: of the account together with the address it
// comes from, of the account from everywhere, and of the address. All fill up again by themselves, so that nobody is locked
// out for ever; and an address from which somebody signed in lately is spared the account's common bucket, so that a
// stranger who guesses does not keep the owner out. What was right is given back.
type throttle struct {
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
	// All who forgot a password together: fewer than the outbox takes in the same time, so that mails of others never wait behind them.
	forgotBurst, forgotEvery = 100, 200 * time.Millisecond
	maxBuckets               = 20000
	trustFor                 = 30 * 24 * time.Hour
)

// attempt takes one attempt, or says when the next is possible: Throttled. It is asked before any work is done.
func (t *throttle) attempt(now time.Time, account, address string) error {
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

// right notes that an attempt succeeded: the bucket of the pair is full again, the others get it back, and the address is
// known.
func (t *throttle) right(now time.Time, account, address string) {
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

// together takes one attempt of everybody's, or says when the next is possible: Throttled.
func (t *throttle) together(now time.Time, what string, burst float64, every time.Duration) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	b := t.bucket(now, "t"+what, burst, every)
	if b.fill(now) < 1 {
		return &directory.Error{Code: directory.Throttled, RetryAfter: time.Second, Message: "too many people ask for this at once: wait a moment and try again"}
	}
	b.left--
	return nil
}

func (t *throttle) bucket(now time.Time, name string, burst float64, every time.Duration) *bucket {
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
func (t *throttle) sweep(now time.Time) {
	for name, b := range t.buckets {
		if b.fill(now) >= b.burst {
			delete(t.buckets, name)
		}
	}
	if len(t.buckets) > maxBuckets {
		t.buckets = nil
	}
}
