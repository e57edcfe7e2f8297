package policy

import (
	"fmt"
	"time"

	"drawbridge/directory"
)

const (
	failingCount = 5
	failingTime  = 30 * time.Minute
	// quietAfter is how many cadences of silence are an alarm: one call may come late.
	quietAfter = 2
)

// Health says how the sync of a connection is (C7), and why in a sentence. use is what is known of all its credentials
// together; cadence is how often its type of identity provider is heard of if all is well.
func Health(use directory.Use, cadence time.Duration, now time.Time) (state directory.HealthState, why string) {
	switch {
	case use.Last.IsZero():
		return directory.NeverConnected, "no request with a good credential has come yet"
	case use.Failures >= failingCount, use.Failures > 0 && use.Failed.Sub(use.FailingSince) >= failingTime:
		return directory.Failing, fmt.Sprintf("%d requests since %s were refused and none succeeded; the last one: %s", use.Failures, minute(use.FailingSince), use.Error)
	case now.Sub(use.Last) > quietAfter*cadence:
		return directory.Quiet, fmt.Sprintf("no request since %s, and one is expected every %s", minute(use.Last), span(cadence))
	}
	return directory.Healthy, ""
}

const (
	// healthTrust is how long what was found about a connection is believed: five runs of the job that looks.
	healthTrust = 5 * time.Minute
	// clockSlack is by how much a clock may be corrected without anybody being told.
	clockSlack = time.Minute
)

// HealthStale says since when the health of a connection is not to be believed, and why: because whoever watches it has stopped
// (checked is when it looked last), or because the clock stands before what has already happened. Zero: it is fresh.
func HealthStale(use directory.Use, checked, now time.Time) (since time.Time, why string) {
	switch {
	case now.Before(use.Last.Add(-clockSlack)):
		return now, fmt.Sprintf("the clock of the server stands before the last request, which came at %s", minute(use.Last))
	case now.Before(checked.Add(-clockSlack)):
		return now, fmt.Sprintf("the clock of the server stands before the last look at this connection, which was at %s", minute(checked))
	case now.Sub(checked) > healthTrust:
		return checked, "nobody has looked since: the job health does not get through (drawbridge job list)"
	}
	return time.Time{}, ""
}

func minute(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 MST") }

// span writes a duration of hours or days.
func span(d time.Duration) string {
	if days := d / (24 * time.Hour); days > 1 && d%(24*time.Hour) == 0 {
		return fmt.Sprintf("%d days", days)
	}
	return d.String()
}
