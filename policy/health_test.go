package policy_test

import (
	"testing"
	"time"

	"drawbridge/directory"
	"drawbridge/policy"
)

func TestHealthCases(t *testing.T) {
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
