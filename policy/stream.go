package policy

import (
	"time"

	"drawbridge/directory"
)

// longestStreamPause is the longest pause between two attempts to send audit lines, before its jitter.
const longestStreamPause = 5 * time.Minute

// StreamPause is how long to wait after the failed attempt numbered n to send audit lines, beginning with 1. jitter, from 0 to 1, spreads
// the attempts over ±20 %.
func StreamPause(n int, jitter float64) time.Duration {
	pause := longestStreamPause
	if n < 10 {
		pause = min(pause, time.Second<<max(n-1, 0))
	}
	return jittered(pause, jitter)
}

// StreamWaits reports whether the next attempt is in the future. A time that is further away than the longest pause was noted while the
// clock was ahead, and does not count.
func StreamWaits(s *directory.AuditStream, now time.Time) bool {
	return ahead(s.Next, now, longestStreamPause)
}

// StreamFailed notes a failed attempt to send audit lines, and decides when it is tried again. It is never given up.
func StreamFailed(s directory.AuditStream, reason string, jitter float64, now time.Time) directory.AuditStream {
	s.Attempts++
	s.Error = reason
	if s.FailingSince.IsZero() || s.FailingSince.After(now) {
		s.FailingSince = now
	}
	s.Next = now.Add(StreamPause(s.Attempts, jitter))
	return s
}

// StreamTook notes that lines were taken, which ends a failure.
func StreamTook(s directory.AuditStream, now time.Time) directory.AuditStream {
	return directory.AuditStream{Begun: s.Begun, Success: now}
}
