package console

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"sync"
	"time"

	"drawbridge/directory"
)

// A client that does not know whether its create arrived sends it again with the same Idempotency-Key, and gets the same
// answer instead of a second thing. Answers are kept in memory for a while, since some hold secrets that are kept nowhere
// else: behind that time, or a restart, a repeat is a new request, and unique names (slug, e-mail address) still refuse it.
const (
	repeatHeader = "Idempotency-Key"
	repeatLife   = 15 * time.Minute
	maxRepeats   = 2000
	maxRepeatKey = 200
)

// repeats remembers the answers to creates.
type repeats struct {
	mu   sync.Mutex
	seen map[[32]byte]*repeat
}

type repeat struct {
	body    [32]byte
	done    chan struct{} // closed when answer is there
	answer  any           // nil: the request failed, and may be tried again
	expires time.Time
}

// once runs do, or gives what an earlier run with the same key gave. Only successes are remembered. The error is Conflict
// for a key that was used with another body, and Throttled when too many answers are kept.
func (r *repeats) once(ctx context.Context, now func() time.Time, who, operation, key string, in any, do func() (any, error)) (any, error) {
	if len(key) > maxRepeatKey {
		return nil, &directory.Error{Code: directory.Invalid, Field: repeatHeader, Message: "an Idempotency-Key has at most 200 characters"}
	}
	text, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	at, body := sha256.Sum256([]byte(who+"\x00"+operation+"\x00"+key)), sha256.Sum256(text)
	for {
		mine, other, err := r.take(at, body, now())
		switch {
		case err != nil:
			return nil, err
		case mine != nil:
			return r.run(at, mine, do)
		}
		select {
		case <-other.done:
		case <-ctx.Done():
			return nil, &directory.Error{Code: directory.Unavailable, Message: "the first request with this key is still under way: try again", Err: ctx.Err()}
		}
		if other.answer != nil {
			return other.answer, nil
		}
	}
}

// run finishes an entry whatever becomes of do, a panic included.
func (r *repeats) run(at [32]byte, mine *repeat, do func() (any, error)) (answer any, err error) {
	defer func() {
		if answer == nil || err != nil {
			r.finish(at, mine, nil)
			return
		}
		r.finish(at, mine, answer)
	}()
	return do()
}

// take gives a new entry that the caller must finish, or the one that is there.
func (r *repeats) take(at, body [32]byte, now time.Time) (mine, other *repeat, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if old := r.seen[at]; old != nil && now.Before(old.expires) {
		if old.body != body {
			return nil, nil, &directory.Error{Code: directory.Conflict, Field: repeatHeader, Message: "this Idempotency-Key was used for another request: choose a new one"}
		}
		return nil, old, nil
	}
	if len(r.seen) >= maxRepeats {
		for key, old := range r.seen {
			if !now.Before(old.expires) {
				delete(r.seen, key)
			}
		}
		if len(r.seen) >= maxRepeats {
			return nil, nil, &directory.Error{Code: directory.Throttled, RetryAfter: time.Minute, Message: "too many requests with an Idempotency-Key are remembered: try again later, or without one"}
		}
	}
	if r.seen == nil {
		r.seen = make(map[[32]byte]*repeat)
	}
	mine = &repeat{body: body, done: make(chan struct{}), expires: now.Add(repeatLife)}
	r.seen[at] = mine
	return mine, nil, nil
}

// finish notes an answer; nil forgets the entry.
func (r *repeats) finish(at [32]byte, mine *repeat, answer any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if mine.answer = answer; answer == nil {
		delete(r.seen, at)
	}
	close(mine.done)
}
