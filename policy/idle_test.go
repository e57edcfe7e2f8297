package policy_test

import (
	"slices"
	"testing"
	"time"

	"drawbridge/directory"
	"drawbridge/policy"
)

// Days without activity count from the last of: the activity, the acceptance or the creation, and the first report (B10).
func TestB10IdleCountsFromTheLatestDay(t *testing.T) {
	t.Parallel()
	reported := directory.Span{Since: "2026-01-10", Last: "2026-03-01"}
	created := time.Date(2026, 1, 20, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name  string
		user  directory.User
		last  directory.Day
		since directory.Day
	}{
		{"accepted", directory.User{State: directory.Active, Created: created, AcceptedAt: created.AddDate(0, 0, 5)}, "", "2026-01-25"},
		{"never accepted", directory.User{State: directory.Active, Created: created}, "", "2026-01-20"},
		{"before the first report", directory.User{State: directory.Active, Created: created.AddDate(-1, 0, 0)}, "", "2026-01-10"},
		{"active since", directory.User{State: directory.Active, Created: created}, "2026-02-28", "2026-02-28"},
	} {
		days := c.since.Until(reported.Last)
		for _, limit := range []int{days, days + 1} {
			if since, idle := policy.Idle(&c.user, c.last, reported, limit); since != c.since || idle != (limit == days) {
				t.Errorf("%s, %d days: %s, %t", c.name, limit, since, idle)
			}
		}
	}
}

// A statement is a mention, too (B10).
func TestB10StatementsAreMentions(t *testing.T) {
	t.Parallel()
	u := directory.User{State: directory.Active, Connection: "acme-okta", Created: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), StatedAt: time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)}
	if since, unmentioned := policy.Unmentioned(&u, "2026-01-15", directory.Span{Since: "2026-01-01"}, "2026-02-11", 10); since != "2026-02-01" || !unmentioned {
		t.Errorf("%s, %t", since, unmentioned)
	}
}

// Auto-delete spares whom an identity provider last called active, also after the release from it (D5).
func TestD5SparesWhomAProviderCalledActive(t *testing.T) {
	t.Parallel()
	s := world("operator")
	s.Settings.AutoDeleteDays = 30
	for connection, want := range map[directory.ConnectionID]string{
		"":          "the identity provider said that the user is active before the user was released from it",
		"acme-okta": `connection "acme-okta" last said that the user is active`,
	} {
		u := directory.User{State: directory.Suspended, Connection: connection, Statement: directory.SaidActive, Suspension: &directory.Suspension{At: now, By: actor("operator")}}
		if ok, why := s.AutoDelete(&u); ok || why != want {
			t.Errorf("%t, %q", ok, why)
		}
	}
}

// A user without a connection has none to be released from, and one whom the provider deleted may be edited by hand (L9).
func TestL9NothingToRelease(t *testing.T) {
	t.Parallel()
	if d := world("operator").Unmanage(directory.User{UserName: "ann", Statement: directory.SaidNothing}); d.Refuse != nil || len(d.Events) > 0 || d.User.UserName != "ann" {
		t.Errorf("%+v", d)
	}
	u := directory.User{Connection: "acme-okta", State: directory.Suspended, Statement: directory.SaidDeleted}
	if no := policy.EditUserByPerson(&u, "Okta"); no != nil {
		t.Errorf("%+v", no)
	}
	u.Statement = directory.SaidInactive
	checkRefusal(t, policy.EditUserByPerson(&u, "Okta"), "L9", "Okta")
}

// A subscription names a bounded number of tenants, and one without tenants stays as it is (O2).
func TestO2SubscriptionsAreBounded(t *testing.T) {
	t.Parallel()
	o := &directory.Operator{Role: directory.RoleOwner, Scope: directory.Scope{All: true}, Status: directory.OperatorActive}
	for n, fine := range map[int]bool{10000: true, 10001: false} {
		if err := policy.CheckSubscription(o, &directory.Subscription{Tenants: slices.Repeat([]directory.TenantID{"acme"}, n)}); (err == nil) != fine {
			t.Errorf("%d: %v", n, err)
		}
	}
	o.Subscription = &directory.Subscription{Kinds: []string{"user.*"}}
	if kept := policy.KeepSubscription(o); kept == nil || kept == o.Subscription || len(kept.Kinds) != 1 || kept.Tenants != nil {
		t.Errorf("%+v", kept)
	}
}
