package policy_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"drawbridge/directory"
	"drawbridge/policy"
)

func TestOnLimitCases(t *testing.T) {
	t.Parallel()
	type testCase struct {
		Name  string
		Given struct {
			Members, Seats int
			OnLimit        directory.OnLimit `yaml:"on_limit"`
			SeatsMax       int               `yaml:"seats_max"`
			MaxMembers     int               `yaml:"max_members"`
		}
		Then struct {
			Refuse string
			Grow   int
			Over   bool
		}
	}
	for _, c := range cases[testCase](t, "onlimit.yaml") {
		t.Run(c.Name, func(t *testing.T) {
			s := world("idp")
			s.Settings.OnLimit, s.Settings.SeatsMax, s.Plan.MaxMembers, s.Purchased = c.Given.OnLimit, c.Given.SeatsMax, c.Given.MaxMembers, c.Given.Seats
			s.Usage.Users[directory.TeamMember][directory.Active] = c.Given.Members
			d := s.NewUser(directory.User{UserName: "ann"}, nil)
			if c.Then.Refuse != "" {
				checkRefusal(t, d.Refuse, "B2", c.Then.Refuse)
				return
			}
			if d.Refuse != nil || d.Grow != c.Then.Grow || d.Over != c.Then.Over {
				t.Errorf("%+v", d)
			}
		})
	}
}

func TestSeatNoticeCases(t *testing.T) {
	t.Parallel()
	type testCase struct {
		Name                             string
		Announced, Occupied, Limit, Step int
		Announce                         bool
	}
	for _, c := range cases[testCase](t, "seatnotice.yaml") {
		t.Run(c.Name, func(t *testing.T) {
			step, announce := policy.SeatNotice(c.Announced, policy.Seats{Occupied: c.Occupied, Limit: c.Limit})
			if step != c.Step || announce != c.Announce {
				t.Errorf("step %d, announce %t", step, announce)
			}
		})
	}
}

func TestCyclesStartOnTheirDay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ start, day, every, from, to directory.Day }{
		{"2026-01-31", "2026-02-27", "month", "2026-01-31", "2026-02-27"},
		{"2026-01-31", "2026-02-28", "month", "2026-02-28", "2026-03-30"},
		{"2026-01-31", "2026-03-31", "month", "2026-03-31", "2026-04-29"},
		{"2026-01-15", "2026-01-15", "", "2026-01-15", "2026-02-14"},
		{"2024-02-29", "2026-02-27", "year", "2025-02-28", "2026-02-27"},
		{"2024-02-29", "2028-02-29", "year", "2028-02-29", "2029-02-27"},
		{"2026-05-01", "2026-04-30", "year", "2025-05-01", "2026-04-30"},
	} {
		if from, to := policy.Cycle(c.start, c.day, string(c.every)); from != c.from || to != c.to {
			t.Errorf("%s in a cycle of a %s from %s: %s..%s, want %s..%s", c.day, c.every, c.start, from, to, c.from, c.to)
		}
	}
}

// Every cycle contains its day, and cycles leave no gap, for every start.
func TestCyclesAreGapless(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		start := directory.Day("2020-01-01").Add(rapid.IntRange(0, 3000).Draw(t, "start"))
		day := start.Add(rapid.IntRange(-800, 3000).Draw(t, "day"))
		every := rapid.SampledFrom([]string{"month", "year"}).Draw(t, "every")
		from, to := policy.Cycle(start, day, every)
		if from > day || day > to {
			t.Fatalf("%s is not in %s..%s", day, from, to)
		}
		if next, _ := policy.Cycle(start, to.Add(1), every); next != to.Add(1) {
			t.Fatalf("after %s..%s comes a cycle from %s", from, to, next)
		}
	})
}

func TestSnapshotsAreTakenAtTheTimeOfDay(t *testing.T) {
	t.Parallel()
	zone := func(name string) *time.Location {
		at, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	for _, c := range []struct {
		zone      string
		day       directory.Day
		hour, min int
		want      string // "": there is no such day
	}{
		{"America/New_York", "2026-03-07", 19, 0, "2026-03-08T00:00:00Z"},
		{"America/New_York", "2026-03-08", 19, 0, "2026-03-08T23:00:00Z"}, // clocks went forward
		{"America/New_York", "2026-03-08", 2, 30, "2026-03-08T07:00:00Z"}, // the day has no 02:30: at the jump from 02:00 to 03:00
		{"Australia/Lord_Howe", "2026-10-04", 2, 15, "2026-10-03T15:30:00Z"},
		{"America/New_York", "2026-10-31", 19, 0, "2026-10-31T23:00:00Z"},
		{"America/New_York", "2026-11-01", 19, 0, "2026-11-02T00:00:00Z"}, // and back
		{"America/New_York", "2026-11-01", 1, 30, "2026-11-01T05:30:00Z"}, // which there is twice
		{"Pacific/Apia", "2011-12-30", 19, 0, ""},                         // the day that Samoa left out
		{"America/Santiago", "2026-09-06", 0, 0, "2026-09-06T04:00:00Z"},  // no midnight: from 24:00 of the day before to 01:00
		{"America/Havana", "2026-03-08", 0, 59, "2026-03-08T05:00:00Z"},
		{"Asia/Beirut", "2026-03-29", 0, 30, "2026-03-28T22:00:00Z"},
		{"Asia/Kolkata", "2026-05-05", 0, 0, "2026-05-04T18:30:00Z"},
	} {
		at, ok := policy.SnapshotInstant(c.day, zone(c.zone), c.hour, c.min)
		if got := at.UTC().Format(time.RFC3339); ok != (c.want != "") || ok && got != c.want {
			t.Errorf("%s %d:%02d in %s: %s %t, want %s", c.day, c.hour, c.min, c.zone, got, ok, c.want)
		}
	}
	// In every zone and at every time of day, one snapshot for each date, in order.
	for _, name := range []string{"America/New_York", "Europe/Zurich", "Australia/Lord_Howe", "Pacific/Apia", "America/Santiago", "Asia/Beirut", "UTC"} {
		for _, at := range [][2]int{{0, 0}, {0, 30}, {1, 59}, {2, 30}, {3, 0}, {19, 0}, {23, 59}} {
			created := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
			seen := map[directory.Day]bool{}
			last := directory.Day("")
			for now := created; now.Year() == 2026; now = now.Add(7 * time.Hour) {
				for _, day := range policy.SnapshotsDue(policy.DailyTime{Zone: zone(name), Hour: at[0], Minute: at[1]}, created, now, last) {
					if last != "" && day != last.Add(1) {
						t.Fatalf("%s %v: %s follows %s", name, at, day, last)
					}
					seen[day], last = true, day
				}
			}
			if len(seen) < 363 {
				t.Errorf("%s %v: %d days", name, at, len(seen))
			}
		}
	}
}

// A snapshot from the future was taken while the clock was ahead; the clocks of two servers may differ a little.
func TestB7SnapshotTakenAhead(t *testing.T) {
	t.Parallel()
	for ahead, want := range map[time.Duration]bool{-time.Hour: false, 0: false, directory.ClockStep: false, directory.ClockStep + time.Second: true} {
		if got := policy.SnapshotIsAhead(now.Add(ahead), now); got != want {
			t.Errorf("%s ahead: %v", ahead, got)
		}
	}
}

func TestBillWithoutSnapshots(t *testing.T) {
	t.Parallel()
	if b := policy.BillOf("2026-01-01", "2026-01-31", nil); b.Days != 31 || b.Counted != 0 || b.Total != 0 || b.Usage != 0 {
		t.Errorf("%+v", b)
	}
}

// A month of ten seats costs ten times the price; half a month of one more adds half a price, and credits take away.
func TestBillIsProrated(t *testing.T) {
	t.Parallel()
	month := func(counts func(day int) int) []directory.Snapshot {
		var out []directory.Snapshot
		for i := range 30 {
			out = append(out, directory.Snapshot{Day: directory.Day("2026-04-01").Add(i), Billed: counts(i + 1), SeatPrice: 7.99, Currency: "USD"})
		}
		return out
	}
	whole := policy.BillOf("2026-04-01", "2026-04-30", month(func(int) int { return 10 }))
	if whole.Total.String() != "79.90" || whole.Usage != 10 || whole.ProjectedTotal != whole.Total {
		t.Errorf("%+v", whole)
	}
	joined := policy.BillOf("2026-04-01", "2026-04-30", month(func(day int) int { return 10 + day/16 }))
	if joined.Base.String() != "79.90" || joined.Added.String() != "4.00" || joined.Total.String() != "83.90" {
		t.Errorf("%+v", joined)
	}
	left := policy.BillOf("2026-04-01", "2026-04-30", month(func(day int) int { return 10 - day/16*2 }))
	if left.Credited.String() != "7.99" || left.Total.String() != "71.91" {
		t.Errorf("%+v", left)
	}
	half := policy.BillOf("2026-04-01", "2026-04-30", month(func(int) int { return 10 })[:15])
	if half.Total.String() != "39.95" || half.ProjectedTotal.String() != "79.90" || half.Projected != 10 || half.Last != "2026-04-15" {
		t.Errorf("%+v", half)
	}
	flat := policy.BillOf("2026-02-01", "2026-02-28", []directory.Snapshot{{Day: "2026-02-01", FlatPrice: 19.95, Currency: "USD"}})
	if flat.Flat.String() != "0.71" || flat.ProjectedTotal.String() != "19.95" {
		t.Errorf("%+v", flat)
	}
}

func TestInvalidOverridesAreNamed(t *testing.T) {
	t.Parallel()
	text := func(s string) *string { return &s }
	day := directory.Day("2026-02-30")
	n := func(n int) *int { return &n }
	for want, o := range map[string]directory.Overrides{
		"snapshot_time":    {SnapshotTime: text("7 pm")},
		"billing_start":    {BillingStart: &day},
		"auto_delete_days": {AutoDeleteDays: n(181)},
		"seats_max":        {SeatsMax: n(-1)},
		"event_days":       {EventDays: n(29)},
	} {
		if err := policy.CheckOverrides(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// Days that do not exist have no cycle and no instant of a snapshot (B7).
func TestB7DaysThatDoNotExist(t *testing.T) {
	t.Parallel()
	for _, c := range [][2]directory.Day{{"2026-02-30", "2026-03-01"}, {"2026-03-01", "2026-02-30"}} {
		if from, to := policy.Cycle(c[0], c[1], "month"); from != c[1] || to != c[1] {
			t.Errorf("%v: %s to %s", c, from, to)
		}
	}
	if _, ok := policy.SnapshotInstant("2026-02-30", time.UTC, 19, 0); ok {
		t.Error("30 February is counted")
	}
}

// A bill counts the days that were counted late, and says if its days have prices in two currencies: the amounts are of the last one (B7).
func TestB7BillsSayWhatIsOdd(t *testing.T) {
	t.Parallel()
	day := func(d directory.Day, currency string, late bool) directory.Snapshot {
		return directory.Snapshot{Day: d, Members: 1, Billed: 1, SeatPrice: 31, Currency: currency, Late: late}
	}
	b := policy.BillOf("2026-05-01", "2026-05-03", []directory.Snapshot{day("2026-05-01", "EUR", true), day("2026-05-02", "USD", false), day("2026-05-03", "USD", true)})
	if b.Late != 2 || !b.Mixed || b.Currency != "USD" || b.Total != 200 || b.SeatDays != 3 {
		t.Errorf("%+v", b)
	}
}

// A year that began later in the year than the day has not begun yet: the cycle is the one before (B7).
func TestB7YearsBeginOnTheirDay(t *testing.T) {
	t.Parallel()
	for day, want := range map[directory.Day][2]directory.Day{
		"2026-03-14": {"2025-03-15", "2026-03-14"}, "2026-03-15": {"2026-03-15", "2027-03-14"}, "2025-03-14": {"2024-03-15", "2025-03-14"}, "2024-01-01": {"2023-03-15", "2024-03-14"},
	} {
		if from, to := policy.Cycle("2025-03-15", day, "year"); from != want[0] || to != want[1] {
			t.Errorf("%s: %s to %s, want %s", day, from, to, want)
		}
	}
}
