package bridge_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"drawbridge/bridge"
	"drawbridge/bridge/bridgetest"
	"drawbridge/bridge/credential"
	"drawbridge/bridge/notify"
	"drawbridge/bridge/overview"
	"drawbridge/directory"
)

func TestT1SlugIsCheckedAndNeverReused(t *testing.T) {
	t.Parallel()
	k := start(t)
	made, err := k.CreateTenant(bg, k.Op, bridge.TenantDraft{Name: "Acme & Söhne Ltd.", Plan: "business", Address: directory.Address{Country: "ch"}})
	k.OK(err)
	if made.ID != "acme-s-hne-ltd" || made.Address.Country != "CH" || made.DataRegion != "" {
		t.Errorf("%+v", made)
	}
	again, err := k.CreateTenant(bg, k.Op, bridge.TenantDraft{Name: "Acme & Söhne Ltd.", Plan: "business"})
	k.OK(err)
	if again.ID != "acme-s-hne-ltd-2" {
		t.Errorf("%+v", again)
	}
	_, err = k.CreateTenant(bg, k.Op, bridge.TenantDraft{ID: made.ID, Name: "x", Plan: "business"})
	if e := k.Fails(err, directory.Conflict, ""); e.Field != "tenant" {
		t.Errorf("%+v", e)
	}
	for field, d := range map[string]bridge.TenantDraft{
		"tenant":          {ID: "Acme_1", Name: "x", Plan: "business"},
		"name":            {ID: "a", Plan: "business"},
		"plan":            {ID: "a", Name: "x", Plan: "gold"},
		"seats":           {ID: "a", Name: "x", Plan: "starter", Seats: 11},
		"website":         {ID: "a", Name: "x", Plan: "business", Website: "a\r\nb"},
		"address.country": {ID: "a", Name: "x", Plan: "business", Address: directory.Address{Country: "Switzerland"}},
		"slug":            {Name: "日本", Plan: "business"},
	} {
		_, err := k.CreateTenant(bg, k.Op, d)
		rule := directory.Rule("")
		if field == "address.country" {
			rule = "T2"
		}
		if e := k.Fails(err, directory.Invalid, rule); e.Field != field {
			t.Errorf("%s: %+v", field, e)
		}
	}
	_, err = k.CreateTenant(bg, k.Op, bridge.TenantDraft{ID: "b", Name: "x", Plan: "business", Address: directory.Address{Country: "ZZ"}})
	k.Fails(err, directory.Invalid, "T2")
	_, err = k.CreateTenant(bg, k.Op, bridge.TenantDraft{ID: "b", Name: "x", Plan: "business", DataRegion: "mars"})
	if e := k.Fails(err, directory.Conflict, "T2"); e.Field != "data_region" {
		t.Errorf("%+v", e)
	}
	for _, name := range directory.BuiltIns() {
		if g := k.BuiltIn(made.ID, name); g.DisplayName != name.Title() {
			t.Errorf("%+v", g)
		}
	}
	if lines := k.AuditOf(made.ID); len(lines) != 1 || lines[0].Action != "tenant.create" {
		t.Errorf("%+v", lines)
	}
	_, err = k.EditTenant(bg, k.Op, made.ID, directory.Precondition{}, func(t directory.Tenant) (directory.Tenant, error) { t.DataRegion = "mars"; return t, nil })
	k.Fails(err, directory.Conflict, "T2")
}

func TestB8SeatLimitStaysAboveOccupiedSeats(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 20)
	okta := k.NewIdP(acme, "acme-okta")
	k.NewUsers(okta, 12)
	set := func(change func(*directory.Tenant)) error {
		_, err := k.EditTenant(bg, k.Op, acme, directory.Precondition{}, func(t directory.Tenant) (directory.Tenant, error) {
			change(&t)
			return t, nil
		})
		return err
	}
	if e := k.Fails(set(func(t *directory.Tenant) { t.Seats = 11 }), directory.Refused, "B8"); !strings.Contains(e.Message, "12 seats are in use") {
		t.Error(e.Message)
	}
	k.Fails(set(func(t *directory.Tenant) { t.Plan, t.Seats = "starter", 0 }), directory.Refused, "B8")
	k.OK(set(func(t *directory.Tenant) { t.Seats = 12 }))
	after := k.LastEvent(acme)
	k.OK(set(func(t *directory.Tenant) { t.Seats = 12 }))
	if got := k.EventsOf(acme, after); len(got) != 0 {
		t.Errorf("events %s", bridgetest.Kinds(got))
	}
	days := -1
	k.Fails(set(func(t *directory.Tenant) { t.Overrides.TombstoneDays = &days }), directory.Invalid, "")
}

func TestOverviewCountsSeats(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 30)
	okta := k.NewIdP(acme, "acme-okta")
	u := k.NewUsers(okta, 3)
	k.ChangeUser(okta, u[0], bridgetest.SetActive(false))
	k.OK(k.DeleteUser(bg, okta, u[1], directory.Precondition{}))
	for range 2 {
		k.NewUser(okta, bridgetest.Person{Name: k.Clock.NewID().String(), UserType: "guest"})
	}
	report, err := k.Seats(bg, k.Op, acme)
	k.OK(err)
	if report.Occupied != 1 || report.Billable != 1 || report.Limit != 30 || report.Guests != 2 || report.IncludedGuests != 20 || report.Usage.Gone != 1 {
		t.Errorf("%+v", report)
	}
	k.Clock.Advance(time.Minute)
	k.Success(okta)
	all, err := k.All.Tenants(bg, k.Op)
	k.OK(err)
	if len(all) != 1 || !all[0].LastSync.Equal(k.Clock.Now()) || len(all[0].Connections) != 1 || all[0].Seats.Occupied != 1 {
		t.Errorf("%+v", all)
	}
	_, err = k.Seats(bg, k.Op, "nobody")
	k.Fails(err, directory.NotFound, "")
}

func TestWaitEventsReturnsWithTheNextEvent(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	okta := k.NewIdP(acme, "acme-okta")
	last := k.LastEvent(acme)
	done := make(chan error, 1)
	go func() { done <- k.WaitEvents(bg, acme, last) }()
	select {
	case err := <-done:
		t.Fatalf("returned without an event: %v", err)
	case <-time.After(20 * time.Millisecond):
	}
	k.NewUser(okta, bridgetest.Person{Name: "ann@acme.test"})
	k.OK(<-done)
	k.OK(k.WaitEvents(bg, acme, last))
	ctx, cancel := context.WithTimeout(bg, 10*time.Millisecond)
	defer cancel()
	if err := k.WaitEvents(ctx, acme, last+100); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}

func TestEventsContinueAtTheCursor(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	okta := k.NewIdP(acme, "acme-okta")
	k.NewUsers(okta, 10)
	seen := uint64(0)
	for {
		page, err := k.Events(bg, k.Op, acme, seen, 3)
		k.OK(err)
		events, last := page.Events, page.Last
		if len(events) == 0 {
			if seen != last {
				t.Errorf("walked to %d of %d", seen, last)
			}
			return
		}
		for _, e := range events {
			if e.Seq != seen+1 {
				t.Fatalf("event %d after %d", e.Seq, seen)
			}
			seen = e.Seq
		}
	}
}

func TestE5MetricsDescribeTenants(t *testing.T) {
	t.Parallel()
	reg := prometheus.NewPedanticRegistry()
	k := start(t, func(c *bridgetest.Config) {
		c.Metrics, c.Gauges, c.Notify = bridge.NewMetrics(reg), overview.NewMetrics(reg), notify.NewMetrics(reg)
	})
	acme := k.NewTenant("acme", 2)
	okta := k.NewIdP(acme, "acme-okta", func(d *bridge.ConnectionDraft) { d.Token.Expires = k.Clock.Now().Add(time.Hour) })
	k.NewUsers(okta, 2)
	_, err := k.CreateUser(bg, okta, bridgetest.Person{Name: "x"}.Draft)
	k.Fails(err, directory.Refused, "B2")
	k.Success(okta)
	err = testutil.GatherAndCompare(reg, strings.NewReader(`
# HELP drawbridge_alerts_open Open alerts of a tenant by kind: protected_group, brake, sync, token, seats, webhook, target. `+"`drawbridge alert list`"+` shows them; acknowledge those that an operator has looked at.
# TYPE drawbridge_alerts_open gauge
drawbridge_alerts_open{kind="brake",tenant="acme"} 0
drawbridge_alerts_open{kind="protected_group",tenant="acme"} 0
drawbridge_alerts_open{kind="seats",tenant="acme"} 1
drawbridge_alerts_open{kind="sync",tenant="acme"} 0
drawbridge_alerts_open{kind="target",tenant="acme"} 0
drawbridge_alerts_open{kind="token",tenant="acme"} 0
drawbridge_alerts_open{kind="webhook",tenant="acme"} 0
# HELP drawbridge_policy_refusals_total Writes that a rule refused or held back, by the rule's number; the audit trail of the tenant has the reason in words.
# TYPE drawbridge_policy_refusals_total counter
drawbridge_policy_refusals_total{rule="B2",tenant="acme"} 1
# HELP drawbridge_seats Seats of a tenant: occupied ones count against the limit, billable ones are charged; no limit is shown where there is none.
# TYPE drawbridge_seats gauge
drawbridge_seats{kind="billable",tenant="acme"} 2
drawbridge_seats{kind="limit",tenant="acme"} 2
drawbridge_seats{kind="occupied",tenant="acme"} 2
`), "drawbridge_alerts_open", "drawbridge_policy_refusals_total", "drawbridge_seats")
	if err != nil {
		t.Error(err)
	}
	families, err := reg.Gather()
	k.OK(err)
	if len(families) != 11 {
		t.Errorf("%d metrics", len(families))
	}
	problems, err := testutil.GatherAndLint(reg)
	k.OK(err)
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

// Alerts compare the expiry with the time. A credential that never expires counts as later than all others. One that has expired stays in
// the metric, so that the alert can fire, unless it was revoked or replaced.
func TestE5ExpiryOfCredentialsIsAMetric(t *testing.T) {
	t.Parallel()
	reg := prometheus.NewPedanticRegistry()
	k := start(t, func(c *bridgetest.Config) {
		c.Metrics, c.Gauges, c.Notify = bridge.NewMetrics(reg), overview.NewMetrics(reg), notify.NewMetrics(reg)
	})
	acme := k.NewTenant("acme", 0)
	hour := k.Clock.Now().Add(time.Hour)
	_, old, err := k.CreateConnection(bg, k.Op, bridge.ConnectionDraft{ID: "acme-okta", Tenant: acme, Token: bridge.TokenOptions{Expires: hour}})
	k.OK(err)
	expiry := func() (found []float64) {
		families, err := reg.Gather()
		k.OK(err)
		for _, f := range families {
			if f.GetName() != "drawbridge_token_expiry_timestamp_seconds" {
				continue
			}
			for _, m := range f.GetMetric() {
				found = append(found, m.GetGauge().GetValue())
			}
		}
		slices.Sort(found)
		return found
	}
	check := func(when string, want ...float64) {
		t.Helper()
		if got := expiry(); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", when, got, want)
		}
	}
	check("live", float64(hour.Unix()))
	k.Clock.Advance(2 * time.Hour)
	check("expired, and nothing else is there", float64(hour.Unix()))
	_, err = k.RotateToken(bg, k.Op, "acme-okta", bridge.TokenOptions{})
	k.OK(err)
	check("another lives, and never expires", math.Inf(1))
	secret, err := k.RotateToken(bg, k.Op, "acme-okta", bridge.TokenOptions{Kind: directory.ClientSecret})
	k.OK(err)
	_, _, err = k.IssueAccessToken(bg, "acme-okta", string(secret.Token.ID), secret.Text, credential.Client{})
	k.OK(err)
	check("access tokens come and go", math.Inf(1), math.Inf(1))
	tokens, err := k.Connections(bg, k.Op, acme)
	k.OK(err)
	for _, token := range tokens[0].Tokens {
		if token.ID != old.Token.ID {
			k.revoke("acme-okta", token.ID)
		}
	}
	check("only the expired one was not revoked", float64(hour.Unix()))
	k.revoke("acme-okta", old.Token.ID)
	check("all were revoked")
}

// A decision may run more than once, but its conflict is counted once.
func TestE5AHeldSuspensionCountsOnce(t *testing.T) {
	t.Parallel()
	reg := prometheus.NewPedanticRegistry()
	k := start(t, func(c *bridgetest.Config) {
		c.Metrics, c.Gauges, c.Notify = bridge.NewMetrics(reg), overview.NewMetrics(reg), notify.NewMetrics(reg)
	})
	acme := k.NewTenant("acme", 0)
	okta := k.NewIdP(acme, "acme-okta")
	ann := k.NewUser(okta, bridgetest.Person{Name: "ann@acme.test"}).User
	_, _, err := k.SuspendUser(bg, k.Op, acme, ann.ID, bridge.SuspendOrder{Mode: directory.Hold})
	k.OK(err)
	k.ChangeUser(okta, ann.ID, bridgetest.SetActive(true))
	err = testutil.GatherAndCompare(reg, strings.NewReader(`
# HELP drawbridge_alerts_open Open alerts of a tenant by kind: protected_group, brake, sync, token, seats, webhook, target. `+"`drawbridge alert list`"+` shows them; acknowledge those that an operator has looked at.
# TYPE drawbridge_alerts_open gauge
drawbridge_alerts_open{kind="brake",tenant="acme"} 0
drawbridge_alerts_open{kind="protected_group",tenant="acme"} 0
drawbridge_alerts_open{kind="seats",tenant="acme"} 1
drawbridge_alerts_open{kind="sync",tenant="acme"} 0
drawbridge_alerts_open{kind="target",tenant="acme"} 0
drawbridge_alerts_open{kind="token",tenant="acme"} 0
drawbridge_alerts_open{kind="webhook",tenant="acme"} 0
# HELP drawbridge_policy_refusals_total Writes that a rule refused or held back, by the rule's number; the audit trail of the tenant has the reason in words.
# TYPE drawbridge_policy_refusals_total counter
drawbridge_policy_refusals_total{rule="L4",tenant="acme"} 1
`), "drawbridge_policy_refusals_total")
	if err != nil {
		t.Error(err)
	}
}
