package directory

import "time"

// HoursCounted is how many hours an Hourly counts.
const HoursCounted = 24

// Hourly is a count for each hour of a day: of Hour, which is counted from 1970, and of the hours before it, the oldest first.
type Hourly struct {
	Hour   int64                `json:"hour"`
	Counts [HoursCounted]uint32 `json:"counts"`
}

// OnceAt is a count of one, at a time.
func OnceAt(at time.Time) Hourly {
	h := Hourly{Hour: hourOf(at)}
	h.Counts[HoursCounted-1] = 1
	return h
}

func hourOf(at time.Time) int64 { return at.Unix() / int64(time.Hour/time.Second) }

// Until gives the counts of the hour of at and of the hours before it. Counts of other hours are left out.
func (h Hourly) Until(at time.Time) Hourly { return h.until(hourOf(at)) }

func (h Hourly) until(hour int64) Hourly {
	out := Hourly{Hour: hour}
	for i, n := range h.Counts {
		if to := int64(i) + h.Hour - hour; to >= 0 && to < HoursCounted {
			out.Counts[to] = n
		}
	}
	return out
}

// Join adds the counts of both. The result ends with the later of the two hours.
func (h Hourly) Join(other Hourly) Hourly {
	switch {
	case other == Hourly{}:
		return h
	case h == Hourly{}:
		return other
	}
	last := max(h.Hour, other.Hour)
	h, other = h.until(last), other.until(last)
	for i, n := range other.Counts {
		h.Counts[i] += n
	}
	return h
}

// Sum is all of the counts.
func (h Hourly) Sum() (all uint64) {
	for _, n := range h.Counts {
		all += uint64(n)
	}
	return all
}
