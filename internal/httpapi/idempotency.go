package httpapi

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"drawbridge/directory"
)

// A client that does not know whether its create arrived sends it again with the same Idempotency-Key. The bridge remembers for a day
// that it was done, in the transaction that did it, so a restart does not matter. The answer itself may hold a secret that is stored
// nowhere, so it stays in memory only, and for a shorter time. During that time a repeat gets the same answer. Later it gets the answer
// as it would be now if that has no secret (see Operation.Repeat), otherwise 409 with what was created.
const (
	RepeatHeader = "Idempotency-Key" // of a request that may be sent again
	answerLife   = 15 * time.Minute
	maxAnswers   = 2000
	maxRepeatKey = 200
)

// run calls the handler, once for each Idempotency-Key.
func (e *endpoint) run(ctx context.Context, c *Call, in any) (any, error) {
	key := c.Response.Request.Header.Get(RepeatHeader)
	if key == "" || !e.Repeatable {
		return e.Handler.run(ctx, c, in)
	}
	if len(key) > maxRepeatKey {
		return nil, &directory.Error{Code: directory.Invalid, Field: RepeatHeader, Message: "an Idempotency-Key has at most 200 characters"}
	}
	text, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	name := requestName{key: sha256.Sum256([]byte(c.Caller + "\x00" + e.ID + "\x00" + key)), body: sha256.Sum256(text)}
	answer, err := e.answers.once(ctx, name, e.cfg.Now, func() (any, error) {
		c.Repeat = directory.Idempotency{Key: hex.EncodeToString(name.key[:]), Body: hex.EncodeToString(name.body[:])}
		return e.Handler.run(ctx, c, in)
	})
	var done *directory.AlreadyDone
	if errors.As(err, &done) && e.Repeat != nil {
		return e.Repeat(ctx, c, done.Subject)
	}
	return answer, err
}

// requestName tells requests apart: who asks for what under which key, and everything that is in the request.
type requestName struct{ key, body [32]byte }

// answers remembers the answers to creates.
type answers struct {
	mu   sync.Mutex
	seen map[[32]byte]*answer
}

type answer struct {
	body    [32]byte
	done    chan struct{} // closed when value is there
	value   any           // nil: the request failed, and may be tried again
	expires time.Time
}

// once runs do, or gives what an earlier run with the same key gave. Only successes are remembered. The error is Conflict for a key
// that was used with another body, and Throttled when too many answers are kept.
func (a *answers) once(ctx context.Context, name requestName, now func() time.Time, do func() (any, error)) (any, error) {
	for {
		mine, other, err := a.take(name, now())
		switch {
		case err != nil:
			return nil, err
		case mine != nil:
			return a.run(name, mine, do)
		}
		select {
		case <-other.done:
		case <-ctx.Done():
			return nil, &directory.Error{Code: directory.Unavailable, Message: "the first request with this key is still under way: try again", Err: ctx.Err()}
		}
		if other.value != nil {
			return other.value, nil
		}
	}
}

// run finishes an entry whatever becomes of do, a panic included.
func (a *answers) run(name requestName, mine *answer, do func() (any, error)) (value any, err error) {
	defer func() {
		if err != nil {
			value = nil
		}
		a.finish(name, mine, value)
	}()
	return do()
}

// take gives a new entry that the caller must finish, or the one that is there.
func (a *answers) take(name requestName, now time.Time) (mine, other *answer, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if old := a.seen[name.key]; old != nil && now.Before(old.expires) {
		if old.body != name.body {
			return nil, nil, &directory.Error{Code: directory.Conflict, Field: RepeatHeader, Message: "this Idempotency-Key was used for another request: choose a new one"}
		}
		return nil, old, nil
	}
	if len(a.seen) >= maxAnswers {
		for key, old := range a.seen {
			if !now.Before(old.expires) {
				delete(a.seen, key)
			}
		}
		if len(a.seen) >= maxAnswers {
			return nil, nil, &directory.Error{Code: directory.Throttled, RetryAfter: time.Minute, Message: "too many requests with an Idempotency-Key are remembered: try again later, or without one"}
		}
	}
	if a.seen == nil {
		a.seen = make(map[[32]byte]*answer)
	}
	mine = &answer{body: name.body, done: make(chan struct{}), expires: now.Add(answerLife)}
	a.seen[name.key] = mine
	return mine, nil, nil
}

// finish notes an answer; nil forgets the entry.
func (a *answers) finish(name requestName, mine *answer, value any) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if mine.value = value; value == nil {
		delete(a.seen, name.key)
	}
	close(mine.done)
}
