package limit

import "time"

// tolerance is how far back the clock may go before it counts as set back. Time servers correct clocks by less than this.
const tolerance = time.Minute

// Age returns how long ago at was. A clock that was corrected by less than a minute makes no difference: the age is never negative.
// After a larger step back the age cannot be known, and ok is false. The caller then treats what it remembers as too old, because a
// table that waits for the old time to come again would wait for as long as the clock was wrong.
func Age(at, now time.Time) (age time.Duration, ok bool) {
	age = now.Sub(at)
	if age >= 0 {
		return age, true
	}
	return 0, age >= -tolerance
}

// Within reports whether at was less than life ago, as Age counts.
func Within(at, now time.Time, life time.Duration) bool {
	age, ok := Age(at, now)
	return ok && age < life
}
