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

// A connection that the server reads itself has other reasons: its runs, and not requests of an identity provider (C7, C15).
func TestC15HealthOfAPulledConnection(t *testing.T) {
	t.Parallel()
	expected := policy.Expected{Cadence: time.Hour, Pulled: true}
	for _, c := range []struct {
		name  string
		use   directory.Use
		state directory.HealthState
		why   string
	}{
		{"never", directory.Use{}, directory.NeverConnected, "it has not run yet"},
		{"one failed run", directory.Use{Last: now, Failures: 1, FailingSince: now.Add(-time.Minute), Error: "no key"}, directory.Failing, "no run since 2026-05-04 08:59 UTC has succeeded; the last one: no key"},
		{"no run for two hours", directory.Use{Last: now.Add(-2 * time.Hour)}, directory.Healthy, ""},
		{"no run for longer", directory.Use{Last: now.Add(-2*time.Hour - time.Second)}, directory.Quiet, "one is expected every hour: look at the job pull"},
		{"a run just now", directory.Use{Last: now}, directory.Healthy, ""},
	} {
		if state, why := policy.Health(c.use, expected, now); state != c.state || !strings.Contains(why, c.why) {
			t.Errorf("%s: %s, %q", c.name, state, why)
		}
	}
	// A cadence that is no whole number of minutes is written as it is.
	if _, why := policy.Health(directory.Use{Last: now.Add(-time.Hour)}, policy.Expected{Cadence: 90 * time.Second, Pulled: true}, now); !strings.Contains(why, "every 1m30s") {
		t.Error(why)
	}
}
