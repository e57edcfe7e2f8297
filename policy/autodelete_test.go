package policy_test

import (
	"strings"
	"testing"
	"time"

	"drawbridge/directory"
	"drawbridge/policy"
)

func TestAutoDeleteCases(t *testing.T) {
	t.Parallel()
	type testCase struct {
		Name            string
		Days, Since     int
		Active, Earlier bool
		By, Mode, Said  string
		Told, Ago       int
		Then            struct {
			Why           string
			Hours, Notice int
		}
	}
	for _, c := range cases[testCase](t, "autodelete.yaml") {
		t.Run(c.Name, func(t *testing.T) {
			s := world("idp")
			s.Settings.AutoDeleteDays = c.Days
			u := directory.User{State: directory.Active, Connection: "acme-okta", Statement: directory.Statement(c.Said)}
			if !c.Active {
				u.State = directory.Suspended
				u.Suspension = &directory.Suspension{At: now.AddDate(0, 0, -c.Since), By: actor(c.By), Mode: directory.SuspensionMode(c.Mode)}
			}
			ok, why := s.AutoDelete(&u)
			if !ok {
				if c.Then.Why == "" || !strings.Contains(why, c.Then.Why) {
					t.Errorf("the user is not deleted: %s; want %q", why, c.Then.Why)
				}
				return
			}
			var notice directory.DeletionNotice
			if c.Told > 0 {
				notice = directory.DeletionNotice{Suspended: u.Suspension.At, Step: c.Told, At: now.Add(-time.Duration(c.Ago) * time.Hour)}
				if c.Earlier {
					notice.Suspended = notice.Suspended.Add(-time.Hour)
				}
			}
			due, step := s.DeletionDue(&u, notice)
			if got := int(due.Sub(now).Hours()); c.Then.Why != "" || got != c.Then.Hours || step != c.Then.Notice {
				t.Errorf("in %d hours, notice %d; want %+v", got, step, c.Then)
			}
		})
	}
}

func TestD5NoticeSaysTheRemainingDays(t *testing.T) {
	t.Parallel()
	for hours, want := range map[int]int{24 * 7: 7, 36: 2, 24: 1, 1: 1, 0: 0, -5: 0} {
		if got := policy.DaysLeft(now.Add(time.Duration(hours)*time.Hour), now); got != want {
			t.Errorf("%d hours before: %d days", hours, got)
		}
	}
}

func TestExpiringTokensAreAnnounced(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ hours, given, want int }{
		{31 * 24, 0, 0},
		{30 * 24, 0, 30},
		{29 * 24, 30, 0},
		{14 * 24, 30, 14},
		{10 * 24, 14, 0},
		{7 * 24, 14, 7},
		{24, 7, 1},
		{2, 1, 0},
		{2, 0, 1}, // made with a short life: one notice, the nearest
		{0, 0, 0},
		{-5, 7, 0},
	} {
		if got := policy.TokenNotice(now.Add(time.Duration(c.hours)*time.Hour), c.given, now); got != c.want {
			t.Errorf("%d hours before, %d given: %d, want %d", c.hours, c.given, got, c.want)
		}
	}
}
