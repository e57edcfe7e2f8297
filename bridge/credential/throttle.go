package credential

import (
	"context"
	"crypto/sha256"
	"math"
	"strings"
	"sync"
	"time"

	"drawbridge/directory"
	"drawbridge/internal/limit"
	"drawbridge/store"
)

// Throttle slows down clients that guess secrets. An attempt takes from up to three buckets: of the account together with the client's
// network, of the account from all networks, and of the network. All buckets fill up again with time, so no account is
// locked permanently. An attempt from a network from which the account recently signed in does not take from the account's common bucket,
// so a person who guesses does not lock the owner out. A successful attempt gives back what it took.
// Servers that share a store share the buckets, if the store has some: there the time is that of the store.
type Throttle struct {
	shared   store.Buckets // nil: the buckets are those below
	mu       sync.Mutex    // an attempt takes from all of its buckets or from none
	pairs    *limit.Limiter[string]
	accounts *limit.Limiter[string]
	networks *limit.Limiter[string]
}

// mostBuckets is how many buckets of each kind are remembered. A client can create any number of them, with unknown accounts and from its
// own networks; a bucket in use is not dropped for them.
const mostBuckets = 20_000

// The buckets of an account from one network, of an account, and of a network.
func pairRate() limit.Rate    { return limit.Every(30*time.Second, 5) }
func accountRate() limit.Rate { return limit.Every(10*time.Second, 20) }
func networkRate() limit.Rate { return limit.Every(2*time.Second, 30) }

// NewThrottle makes a Throttle. Its buckets are in shared; nil: in memory, and full.
func NewThrottle(shared store.Buckets) *Throttle {
	return &Throttle{
		shared:   shared,
		pairs:    limit.NewLimiter[string](pairRate(), mostBuckets),
		accounts: limit.NewLimiter[string](accountRate(), mostBuckets),
		networks: limit.NewLimiter[string](networkRate(), mostBuckets),
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

// buckets are the shared buckets of an attempt. Their keys are hashes, because the store must not keep the names that strangers try.
func (a *Attempt) buckets() []store.Bucket {
	bucket := func(kind, key string, r limit.Rate) store.Bucket {
		return store.Bucket{Key: sha256.Sum256([]byte(kind + "\x00" + key)), PerSecond: r.PerSecond, Burst: r.Burst}
	}
	all := []store.Bucket{bucket("network", a.network(), networkRate())}
	if a.Account == "" {
		return all
	}
	pair := bucket("pair", a.pair(), pairRate())
	pair.Refill = true
	all = append(all, pair)
	if !a.Known {
		all = append(all, bucket("account", a.account(), accountRate()))
	}
	return all
}

// Admit takes one attempt. The error is Throttled and says when the next attempt is possible, or Unavailable if the store that counts
// cannot be reached. Call it before any work is done.
func (t *Throttle) Admit(ctx context.Context, now time.Time, a Attempt) error {
	wait, err := t.take(ctx, now, &a)
	if err != nil {
		return err
	}
	if wait > 0 {
		return &directory.Error{
			Code: directory.Throttled, RetryAfter: time.Duration(math.Ceil(wait.Seconds())) * time.Second,
			Message: "too many attempts: wait a moment and try again",
		}
	}
	return nil
}

// take takes one attempt, if the result is 0.
func (t *Throttle) take(ctx context.Context, now time.Time, a *Attempt) (wait time.Duration, err error) {
	if t.shared != nil {
		return t.shared.TakeTokens(ctx, a.buckets())
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	wait = t.networks.Wait(a.network(), now)
	if a.Account != "" {
		wait = max(wait, t.pairs.Wait(a.pair(), now))
		if !a.Known {
			wait = max(wait, t.accounts.Wait(a.account(), now))
		}
	}
	if wait > 0 {
		return wait, nil
	}
	t.networks.Take(a.network(), now)
	if a.Account != "" {
		t.pairs.Take(a.pair(), now)
		if !a.Known {
			t.accounts.Take(a.account(), now)
		}
	}
	return 0, nil
}

// Succeeded gives back what a successful attempt took, and fills the bucket of account and network.
func (t *Throttle) Succeeded(ctx context.Context, now time.Time, a Attempt) {
	if t.shared != nil {
		// The buckets fill up again with time, so this failure does not matter.
		_ = t.shared.GiveTokens(context.WithoutCancel(ctx), a.buckets())
		return
	}
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
