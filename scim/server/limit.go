package server

import (
	"math"
	"time"

	"drawbridge/directory"
)

// throttled is the answer to a caller who has to wait. Okta reads whole seconds only, so they are rounded up.
func throttled(wait time.Duration, message string) error {
	seconds := math.Ceil(wait.Seconds())
	return &directory.Error{Code: directory.Throttled, Message: message, RetryAfter: time.Duration(max(seconds, 1)) * time.Second}
}
