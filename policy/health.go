package policy

import (
	"fmt"
	"time"

	"drawbridge/directory"
)

const (
	failingCount = 5
	failingTime  = 30 * time.Minute
	// quietAfter is how many cadences of silence raise an alarm: one request may be late.
	quietAfter = 2
)

// Expected is what a healthy connection does.
type Expected struct {
	Cadence time.Duration // the interval at which requests come, or at which the server runs
	Pulled  bool          // the server reads the identity provider: a use is a run, and a failed run is not repeated by the identity provider (C15)
}

// Health gives the state of the sync of a connection (C7), and a sentence that says why. use is the use of all its credentials
// together.
func Health(use directory.Use, expected Expected, now time.Time) (state directory.HealthState, why string) {
	cadence := expected.Cadence
	switch {
	case use.Last.IsZero() && expected.Pulled:
		return directory.NeverConnected, "it has not run yet"
	case use.Last.IsZero():
		return directory.NeverConnected, "no request with a good credential has come yet"
	case expected.Pulled && use.Failures > 0:
		return directory.Failing, fmt.Sprintf("no run since %s has succeeded; the last one: %s", minute(use.FailingSince), use.Error)
	case expected.Pulled && now.Sub(use.Last) > quietAfter*cadence:
		return directory.Quiet, fmt.Sprintf("no run since %s, and one is expected every %s: look at the job pull (drawbridge job list)", minute(use.Last), span(cadence))
	case use.Failures >= failingCount, use.Failures > 0 && use.Failed.Sub(use.FailingSince) >= failingTime:
		return directory.Failing, fmt.Sprintf("%d requests since %s were refused and none succeeded; the last one: %s", use.Failures, minute(use.FailingSince), use.Error)
	case now.Sub(use.Last) > quietAfter*cadence:
		return directory.Quiet, fmt.Sprintf("no request since %s, and one is expected every %s", minute(use.Last), span(cadence))
	}
	return directory.Healthy, ""
}

const (
	// healthTrust is how long the last check of a connection is valid: five runs of the job.
	healthTrust = 5 * time.Minute
	// clockSlack is how far a clock may be corrected before it is reported.
	clockSlack = time.Minute
)

// HealthStale says since when the health of a connection is not reliable, and why: the job that checks it has stopped
// (checked is the time of its last check), or the clock is earlier than what has already happened. A zero since means that the health is fresh.
func HealthStale(use directory.Use, checked, now time.Time) (since time.Time, why string) {
	switch {
	case now.Before(use.Last.Add(-clockSlack)):
		return now, fmt.Sprintf("the clock of the server is earlier than the last request, which came at %s", minute(use.Last))
	case now.Before(checked.Add(-clockSlack)):
		return now, fmt.Sprintf("the clock of the server is earlier than the last check of this connection, which was at %s", minute(checked))
	case now.Sub(checked) > healthTrust:
		return checked, "the connection has not been checked since: the job health does not finish (drawbridge job list)"
	}
	return time.Time{}, ""
}

func minute(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 MST") }

// span writes a duration in the largest unit that it has a whole number of.
func span(d time.Duration) string {
	for _, unit := range []struct {
		of   time.Duration
		name string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}} {
		switch n := d / unit.of; {
		case n == 0 || d%unit.of != 0:
		case n == 1:
			return unit.name
		case n > 1:
			return fmt.Sprintf("%d %ss", n, unit.name)
		}
	}
	return d.String()
}
