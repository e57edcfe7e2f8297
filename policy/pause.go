package policy

import "time"

// jittered spreads a pause over ±20 %. jitter is from 0 to 1.
func jittered(pause time.Duration, jitter float64) time.Duration {
	return time.Duration(float64(pause) * (0.8 + 0.4*min(max(jitter, 0), 1)))
}

// ahead reports whether an instant is in the future, by a pause of at most longest with its jitter. One that is further away was noted while
// the clock was ahead, and does not count.
func ahead(at, now time.Time, longest time.Duration) bool {
	return now.Before(at) && at.Sub(now) <= longest*6/5
}
