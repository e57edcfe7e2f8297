package policy_test

import (
	"testing"
	"time"

	"drawbridge/directory"
	"drawbridge/policy"
)

func TestE6AStreamIsNeverGivenUp(t *testing.T) {
	t.Parallel()
	if first, last := policy.StreamPause(1, 0.5), policy.StreamPause(100, 0.5); first != time.Second || last != 5*time.Minute {
		t.Errorf("pauses from %s to %s", first, last)
	}
	now := time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)
	s := directory.AuditStream{Begun: now}
	for n := range 1000 {
		s = policy.StreamFailed(s, "away", float64(n%3)/2, now)
		if pause := s.Next.Sub(now); pause < 800*time.Millisecond || pause > 6*time.Minute || !policy.StreamWaits(&s, now) || policy.StreamWaits(&s, s.Next) {
			t.Fatalf("after failure %d: %s", n+1, pause)
		}
	}
	if s.Attempts != 1000 || !s.FailingSince.Equal(now) {
		t.Errorf("%+v", s)
	}
	if policy.StreamWaits(&s, now.Add(-time.Hour)) {
		t.Error("it waits for an hour, because the clock was ahead")
	}
	if s = policy.StreamTook(s, now); s.Attempts != 0 || s.Error != "" || !s.Begun.Equal(now) || !s.Success.Equal(now) {
		t.Errorf("%+v", s)
	}
}
