package policy_test

import (
	"strings"
	"testing"
	"time"

	"drawbridge/directory"
	"drawbridge/policy"
)

func TestHealthCases(t *testing.T) {
	t.Parallel()
	type testCase struct {
		Name                                   string
		Last, Success, Failed, Since, Failures int
		Then                                   directory.HealthState
	}
	ago := func(minutes int) time.Time {
		if minutes == 0 {
			return time.Time{}
		}
		return now.Add(-time.Duration(minutes) * time.Minute)
	}
	for _, c := range cases[testCase](t, "health.yaml") {
		t.Run(c.Name, func(t *testing.T) {
			use := directory.Use{Last: ago(c.Last), Success: ago(c.Success), Failed: ago(c.Failed), FailingSince: ago(c.Since), Failures: c.Failures, Error: "403 no seat"}
			state, why := policy.Health(use, policy.Expected{Cadence: time.Hour}, now)
			if state != c.Then || (why == "") != (state == directory.Healthy) {
				t.Errorf("%s: %s", state, why)
			}
		})
	}
}

func TestQuietConnectionsSayWhenARequestWasExpected(t *testing.T) {
	t.Parallel()
	for cadence, want := range map[time.Duration]string{
		40 * time.Minute: "every 40 minutes", 90 * time.Minute: "every 90 minutes", time.Hour: "every hour", 36 * time.Hour: "every 36 hours",
		24 * time.Hour: "every day", 14 * 24 * time.Hour: "every 14 days",
	} {
		_, why := policy.Health(directory.Use{Last: now.Add(-3 * cadence)}, policy.Expected{Cadence: cadence}, now)
		if !strings.HasSuffix(why, want) {
			t.Errorf("%s: %q does not end with %q", cadence, why, want)
		}
	}
}
