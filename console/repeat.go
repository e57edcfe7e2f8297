package console

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"sync"
	"time"

	"drawbridge/directory"
)

// A client that does not know whether its create arrived sends it again with the same Idempotency-Key. That it was done is
// remembered by the bridge, in the transaction that did it, for a day: across a restart, too. The whole answer, which may
// hold a secret that is kept nowhere else, stays in memory for a shorter while: within it a repeat gets the same answer.
// Behind it, a repeat gets the answer as it is now where there is no secret in it (see operation.again), and otherwise 409
// with what was made.
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
	at, body, err := hashes(who, operation, key, in)
	if err != nil {
		return nil, err
	}
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

// hashes name a request: who asks for what under which key, and all that is in it.
func hashes(who, operation, key string, in any) (at, body [32]byte, err error) {
	text, err := json.Marshal(in)
	return sha256.Sum256([]byte(who + "\x00" + operation + "\x00" + key)), sha256.Sum256(text), err
}

// repeatOf is the name of a request for the bridge.
func repeatOf(who, operation, key string, in any) (directory.Repeat, error) {
	at, body, err := hashes(who, operation, key, in)
	return directory.Repeat{Key: hex.EncodeToString(at[:]), Body: hex.EncodeToString(body[:])}, err
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
