package directory

import (
	"errors"
	"time"
)

// Code says what kind of failure an Error is. HTTP surfaces and commands map it to their own numbers. Any other error counts as Internal.
type Code string

// The codes. Each HTTP surface has a table of all codes, and a test checks that none is missing.
const (
	NotFound     Code = "not_found"    // it does not exist, or the caller may not see it
	Conflict     Code = "conflict"     // a unique value is taken, or the state forbids it; Field names the value
	Invalid      Code = "invalid"      // the input is wrong; Field names where
	Stale        Code = "stale"        // a precondition (If-Match) names an older version
	Refused      Code = "refused"      // a rule of docs/rules.md refuses; Rule names it
	Forbidden    Code = "forbidden"    // the caller lacks the right
	Unauthorized Code = "unauthorized" // the credential is unknown, expired or revoked
	TooLarge     Code = "too_large"
	Throttled    Code = "throttled"   // RetryAfter says when to come back
	Unavailable  Code = "unavailable" // try again later: paused, disk full, stopping
	Unsupported  Code = "unsupported"
	Expired      Code = "expired" // it is no longer kept: begin again
	Internal     Code = "internal"
)

// Codes lists every code, for the tables of the HTTP surfaces and their tests.
func Codes() []Code {
	return []Code{NotFound, Conflict, Invalid, Stale, Refused, Forbidden, Unauthorized, TooLarge, Throttled, Unavailable, Unsupported, Expired, Internal}
}

// Error is a failure that may be shown. Message is safe for a stranger, says what to do, and holds no secret;
// Err is the cause, for the log only.
type Error struct {
	Code       Code
	Field      string        // the wrong attribute, setting or key, if there is one
	Rule       Rule          // the rule that refused, for Refused and for conflicts that come from a rule
	Message    string        // a sentence that goes with the answer
	RetryAfter time.Duration // whole seconds; zero: nothing to wait for
	Unknown    bool          // with Unavailable: the store does not know whether the change was committed
	Err        error
}

func (e *Error) Error() string {
	text := string(e.Code) + ": " + e.Message
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// CodeOf is the code of err: Internal for anything that is not an *Error, "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return Internal
}

// IsUnknown reports whether err leaves open if the change was committed. Every other error means that it was not.
func IsUnknown(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Unknown
}

// Rule is the number of a rule in docs/rules.md, such as "B2" or "L9". Refusals, audit lines and metrics carry it.
type Rule string

// IsTenantGone reports whether err says that a tenant does not exist or was handed over (T6). A job, which may start before that and
// end after it, does not count it as a failure.
func IsTenantGone(err error) bool {
	var e *Error
	return errors.As(err, &e) && (e.Code == NotFound || e.Code == Conflict && e.Rule == "T6")
}
