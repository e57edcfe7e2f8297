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

func minute(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 MST") }

// span writes a duration of hours or days.
func span(d time.Duration) string {
	if days := d / (24 * time.Hour); days > 1 && d%(24*time.Hour) == 0 {
		return fmt.Sprintf("%d days", days)
	}
	return d.String()
}
