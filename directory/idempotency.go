package directory

import (
	"fmt"
	"time"
)

// Idempotency is how a client names a request that it may have to send again. The server performs it once for each Key. Both fields
// are hashes, in hexadecimal. The zero Idempotency names no request.
type Idempotency struct {
	Key  string // hash of the caller, the operation and the client's own key
	Body string // hash of the request: one Key names one request
}

// IdempotencyRecord is the record of a request that was done. It is written in the same Change.
type IdempotencyRecord struct {
	Body    string    `json:"body"`
	At      time.Time `json:"at"`
	Caller  string    `json:"caller,omitempty"`
	Request string    `json:"request"` // its id: a second transaction of the same request is not a repeat
	Subject Subject   `json:"subject"` // what came of it
}

// IdempotencyLife is how long a completed request is remembered.
const IdempotencyLife = 24 * time.Hour

// AlreadyDone is the error of a request that was done before and is not done again. Subject is its result. It unwraps to an Error
// with the code Conflict.
type AlreadyDone struct {
	Subject Subject
	At      time.Time
}

func (e *AlreadyDone) Error() string { return e.Unwrap().Error() }

// Unwrap is the error for a client that cannot get the first answer again.
func (e *AlreadyDone) Unwrap() error {
	what := e.Subject.Kind
	if e.Subject.Name != "" {
		what += " " + e.Subject.Name
	}
	return &Error{Code: Conflict, Field: "Idempotency-Key", Message: fmt.Sprintf(
		"this was done already, at %s, and not again: see the %s (%s); a secret in the first answer was shown there and is kept nowhere: make a new one if it did not arrive",
		e.At.UTC().Format(time.RFC3339), what, e.Subject.ID)}
}
