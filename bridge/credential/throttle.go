package credential

import (
	"math"
	"strings"
	"sync"
	"time"

	"drawbridge/directory"
	"drawbridge/internal/limit"
)

// Throttle slows down clients that guess secrets. An attempt takes from up to three buckets: of the account together with the client's
// network, of the account from all networks, and of the network. All buckets fill up again with time, so no account is
// locked permanently. An attempt from a network from which the account recently signed in does not take from the account's common bucket,
// so a stranger who guesses does not lock the owner out. A successful attempt gives back what it took.
type Throttle struct {
	mu       sync.Mutex // an attempt takes from all of its buckets or from none
	pairs    *limit.Limiter[string]
	accounts *limit.Limiter[string]
	networks *limit.Limiter[string]
}

// mostBuckets is how many buckets of each kind are remembered. A client makes as many as it likes, of accounts that do not exist and
// from networks of its own; a bucket in use is not forgotten for them.
const mostBuckets = 20_000

// NewThrottle makes a Throttle whose buckets are full.
func NewThrottle() *Throttle {
	return &Throttle{
		pairs:    limit.NewLimiter[string](limit.Every(30*time.Second, 5), mostBuckets),
		accounts: limit.NewLimiter[string](limit.Every(10*time.Second, 20), mostBuckets),
		networks: limit.NewLimiter[string](limit.Every(2*time.Second, 30), mostBuckets),
	}
}

// Attempt is one attempt to use a secret.
type Attempt struct {
	For     string // what kind of secret it is; each kind has buckets of its own
	Account string // the account of the secret; "": none, as with one-time links, so that only the network counts
	Address string // of the client
	Known   bool   // the account signed in from there lately
}

func (a *Attempt) network() string { return a.For + " " + limit.Network(a.Address).String() }
func (a *Attempt) account() string { return a.For + " " + strings.ToLower(a.Account) }
func (a *Attempt) pair() string    { return a.account() + "\x00" + a.network() }

// Admit takes one attempt. The error is Throttled and says when the next attempt is possible. Call it before any work is done.
func (t *Throttle) Admit(now time.Time, a Attempt) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	wait := t.networks.Wait(a.network(), now)
	if a.Account != "" {
		wait = max(wait, t.pairs.Wait(a.pair(), now))
		if !a.Known {
			wait = max(wait, t.accounts.Wait(a.account(), now))
		}
	}
	if wait > 0 {
		return &directory.Error{
			Code: directory.Throttled, RetryAfter: time.Duration(math.Ceil(wait.Seconds())) * time.Second,
			Message: "too many attempts: wait a moment and try again",
		}
	}
	t.networks.Take(a.network(), now)
	if a.Account != "" {
		t.pairs.Take(a.pair(), now)
		if !a.Known {
			t.accounts.Take(a.account(), now)
		}
	}
	return nil
}

// Succeeded gives back what a successful attempt took, and fills the bucket of account and network.
func (t *Throttle) Succeeded(now time.Time, a Attempt) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.networks.Give(a.network(), now)
	if a.Account != "" {
		t.pairs.Reset(a.pair())
		if !a.Known {
			t.accounts.Give(a.account(), now)
		}
	}
}
