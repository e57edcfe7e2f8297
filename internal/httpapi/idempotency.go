package httpapi

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"time"

	"drawbridge/directory"
	"drawbridge/internal/limit"
)

// A client that does not know whether its create arrived sends it again with the same Idempotency-Key. The bridge records in the same
// transaction that the create was done, and remembers it for a day, so a restart does not matter. The answer may contain a secret that is
// not stored, so it stays only in memory, and for a shorter time. During that time a repeat gets the same answer. Later it gets the present
// form of the answer if that has no secret (see Operation.Repeat), otherwise 409 with what was created.
const (
	IdempotencyHeader = "Idempotency-Key" // of a request that may be sent again
	answerLife        = 15 * time.Minute
	maxAnswers        = 2000
	callerShare       = 100 // how many of the answers one caller may have
	maxIdempotencyKey = 200
)

// run calls the handler, once for each Idempotency-Key.
func (e *endpoint) run(ctx context.Context, c *Call, in any) (any, error) {
	key := c.Response.Request.Header.Get(IdempotencyHeader)
	if key == "" || !e.Repeatable {
		return e.Handler.run(ctx, c, in)
	}
	if len(key) > maxIdempotencyKey {
		return nil, &directory.Error{Code: directory.Invalid, Field: IdempotencyHeader, Message: "an Idempotency-Key has at most 200 characters"}
	}
	text, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	name := requestName{caller: c.Caller, key: sha256.Sum256([]byte(c.Caller + "\x00" + e.ID + "\x00" + key)), body: sha256.Sum256(text)}
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

// requestName identifies a request: the caller, the key, and the complete request.
type requestName struct {
	caller    string
	key, body [32]byte
}

// answers remembers the answers to creates. When a caller has more than its share, its oldest is forgotten; the repeat of a forgotten
// one is still known to the bridge.
type answers struct {
	seen *limit.Map[string, [32]byte, *answer]
}

func newAnswers() answers {
	return answers{limit.NewMap[string, [32]byte, *answer](limit.Bounds{All: maxAnswers, Each: callerShare, Life: answerLife})}
}

type answer struct {
	body  [32]byte
	done  chan struct{} // closed when value is there
	value any           // nil: the request failed, and may be tried again
}

// once runs do, or returns the result of an earlier run with the same key. Only successes are remembered. The error is Conflict for a key
// that was used with another body.
func (a *answers) once(ctx context.Context, name requestName, now func() time.Time, do func() (any, error)) (any, error) {
	for {
		mine, other, err := a.take(name, now())
		switch {
		case err != nil:
			return nil, err
		case mine != nil:
			return a.run(name, mine, now, do)
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

// run finishes an entry for every result of do, including a panic.
func (a *answers) run(name requestName, mine *answer, now func() time.Time, do func() (any, error)) (value any, err error) {
	defer func() {
		if err != nil {
			value = nil
		}
		a.finish(name, mine, now(), value)
	}()
	return do()
}

// take gives a new entry that the caller must finish, or the existing one.
func (a *answers) take(name requestName, now time.Time) (mine, other *answer, err error) {
	a.seen.Update(name.caller, name.key, now, func(old *answer, known bool) (*answer, bool) {
		switch {
		case !known:
			mine = &answer{body: name.body, done: make(chan struct{})}
			return mine, true
		case old.body != name.body:
			err = &directory.Error{Code: directory.Conflict, Field: IdempotencyHeader, Message: "this Idempotency-Key was used for another request: choose a new one"}
		default:
			other = old
		}
		return old, true
	})
	return mine, other, err
}

// finish stores an answer; nil drops the entry, unless another request has replaced it.
func (a *answers) finish(name requestName, mine *answer, now time.Time, value any) {
	mine.value = value
	if value == nil {
		a.seen.Update(name.caller, name.key, now, func(is *answer, known bool) (*answer, bool) { return is, known && is != mine })
	}
	close(mine.done)
}
