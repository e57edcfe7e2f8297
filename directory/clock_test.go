package directory_test

import (
	"testing"
	"time"

	"drawbridge/directory"
)

// A time that was recorded while the clock was a month ahead is over when the clock is right. A small correction ends nothing.
func TestTimesAfterTheClockWasAheadAreOver(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)
	for ahead, want := range map[time.Duration]bool{0: true, time.Minute: true, 30 * 24 * time.Hour: false} {
		began := now.Add(ahead)
		session := directory.SupportSession{Since: began, Until: began.Add(time.Hour)}
		if session.Open(now) != want {
			t.Errorf("a support session that began %s ahead is open: %v", ahead, !want)
		}
		alert := directory.Alert{Acknowledged: began, Until: began.Add(time.Hour)}
		if alert.Snoozed(now) != want || alert.Open(now) == want {
			t.Errorf("an alert that was put off %s ahead is snoozed: %v", ahead, !want)
		}
	}
}
