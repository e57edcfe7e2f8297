package directory_test

import (
	"testing"
	"time"

	"drawbridge/directory"
)

func TestRequestsAreCountedByTheHour(t *testing.T) {
	t.Parallel()
	at := func(hour int) time.Time { return time.Date(2026, 5, 4, hour, 59, 59, 0, time.UTC) }
	use := func(hour int) directory.Use {
		return directory.Use{Last: at(hour), Requests: directory.OnceAt(at(hour))}
	}
	var all directory.Use
	for _, hour := range []int{0, 1, 3, 3, 23} {
		all = all.Next(use(hour))
	}
	counts := func(u directory.Use, hour int) (out map[int]uint32) {
		out = map[int]uint32{}
		for i, n := range u.Requests.Until(at(hour)).Counts {
			if n > 0 {
				out[hour-directory.HoursCounted+1+i] = n
			}
		}
		return out
	}
	same := func(what string, got, want map[int]uint32) {
		t.Helper()
		if len(got) != len(want) {
			t.Fatalf("%s: %v, not %v", what, got, want)
		}
		for hour, n := range want {
			if got[hour] != n {
				t.Errorf("%s: %v, not %v", what, got, want)
			}
		}
	}
	same("a whole day", counts(all, 23), map[int]uint32{0: 1, 1: 1, 3: 2, 23: 1})
	same("an hour later, the first hour is forgotten", counts(all, 24), map[int]uint32{1: 1, 3: 2, 23: 1})
	same("a week later", counts(all, 24*7), nil)
	same("before the last hour", counts(all, 22), map[int]uint32{0: 1, 1: 1, 3: 2})
	same("two credentials", counts(all.Join(use(3)), 23), map[int]uint32{0: 1, 1: 1, 3: 3, 23: 1})
	same("a note without a request", counts(all.Next(directory.Use{Last: at(24)}), 24), map[int]uint32{1: 1, 3: 2, 23: 1})
}

func TestAUseOfAnotherProcessAddsItsRequests(t *testing.T) {
	t.Parallel()
	at := func(minute int) time.Time { return time.Date(2026, 5, 4, 9, minute, 0, 0, time.UTC) }
	stored := directory.Use{Last: at(9), Address: "192.0.2.1", Requests: directory.OnceAt(at(9))}
	older := directory.Use{Last: at(5), Success: at(5), Address: "192.0.2.9", Requests: directory.OnceAt(at(5))}
	want := stored
	want.Requests.Counts[directory.HoursCounted-1] = 2
	if got := stored.Record(older); got != want {
		t.Errorf("%+v, not %+v", got, want)
	}
	// A clock that was two days ahead: its requests count for the hour in which that was noticed.
	ahead := directory.Use{Last: at(9).AddDate(0, 0, 2), Requests: directory.OnceAt(at(9).AddDate(0, 0, 2))}
	if got := ahead.Record(older).Requests.Until(at(9)).Counts[directory.HoursCounted-1]; got != 2 {
		t.Errorf("%d requests in the last hour, not 2", got)
	}
}
