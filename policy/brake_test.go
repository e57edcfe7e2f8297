package policy_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"drawbridge/directory"
	"drawbridge/policy"
)

func TestBrakeCases(t *testing.T) {
	t.Parallel()
	type testCase struct {
		Name           string
		Mode           directory.BrakeMode
		Active, Weight int
		Before         []struct{ Ago, N int }
		Alerted, Shut  bool
		Then           string
		Limit          int
	}
	for _, c := range cases[testCase](t, "brake.yaml") {
		t.Run(c.Name, func(t *testing.T) {
			var r directory.Removals
			for _, b := range c.Before {
				for range b.N {
					r.Recent = append(r.Recent, now.Add(-time.Duration(b.Ago)*time.Minute).UnixMilli())
				}
			}
			if c.Alerted {
				r.Alerted = now.Add(-time.Minute)
			}
			if c.Shut {
				r.Shut = now.Add(-time.Minute)
			}
			v := policy.Brake(c.Mode, r, c.Weight, c.Active, now)
			got := "pass"
			switch {
			case v.Refuse != nil:
				got = "held"
				checkRefusal(t, v.Refuse, "C8", "operator")
			case v.Alert:
				got = "alert"
			}
			if got != c.Then || v.Limit != c.Limit {
				t.Errorf("%s, limit %d; want %s, %d", got, v.Limit, c.Then, c.Limit)
			}
			if got == "held" && len(v.Removals.Recent) > len(r.Recent) {
				t.Error("what was held counts as removed")
			}
		})
	}
}

// In hold mode no hour has more removals than the limit allows for the members at that time, for all times and sizes.
func TestBrakeHoldsTheLimit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		active := rapid.IntRange(0, 2000).Draw(t, "active")
		var r directory.Removals
		var done []time.Time
		at := now
		for range rapid.IntRange(1, 80).Draw(t, "requests") {
			at = at.Add(time.Duration(rapid.IntRange(0, 1200).Draw(t, "seconds")) * time.Second)
			weight := rapid.IntRange(1, 60).Draw(t, "weight")
			v := policy.Brake(directory.BrakeHold, r, weight, active, at)
			r = v.Removals
			if v.Refuse != nil {
				if strings.Contains(v.Refuse.Message, "\n") {
					t.Fatal(v.Refuse.Message)
				}
				continue
			}
			active = max(0, active-weight)
			for range weight {
				done = append(done, at)
			}
			within := 0
			for _, d := range done {
				if d.After(at.Add(-time.Hour)) {
					within++
				}
			}
			if within > 50 || within > max(5, (active+within)/5) {
				t.Fatalf("%d removals within an hour of %d members", within, active+within)
			}
		}
	})
}

func TestBrakeUsualCountsThoseWhoWereRemovedInTheHour(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)
	r := policy.CountRemovals(directory.Removals{}, 10, now)
	for after, want := range map[time.Duration]int{0: 10, 2 * time.Hour: 8} {
		if got := policy.BrakeUsual(r, 40, now.Add(after)); got != want {
			t.Errorf("after %v: %d, not %d", after, got, want)
		}
	}
}
