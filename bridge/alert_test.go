package bridge_test

import (
	"strings"
	"testing"
	"time"

	"drawbridge/bridge"
	"drawbridge/bridge/bridgetest"
	"drawbridge/bridge/overview"
	"drawbridge/directory"
)

func (k *kit) alerts(tenant directory.TenantID, which bridge.AlertsWanted) string {
	k.T.Helper()
	all, err := k.Alerts(bg, k.Op, tenant, which)
	k.OK(err)
	out := make([]string, 0, len(all))
	for i := range all {
		state := ""
		switch a := &all[i]; {
		case !a.Cleared.IsZero():
			state = " cleared"
		case a.Settled():
			state = " acknowledged"
		}
		out = append(out, all[i].Key+state)
	}
	return strings.Join(out, ", ")
}

func TestG6NewOwnersAndAdministratorsRaiseAlerts(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	okta := k.NewIdP(acme, "acme-okta")
	ann, bob := k.NewUser(okta, bridgetest.Person{Name: "ann"}).User, k.NewUser(okta, bridgetest.Person{Name: "bob"}).User
	if got := k.alerts(acme, bridge.RecentAlerts); got != "" {
		t.Fatalf("alerts %s", got)
	}
	k.OK(k.JoinBuiltIn(bg, k.Op, acme, directory.Owners, ann.ID))
	k.OK(k.JoinBuiltIn(bg, k.Op, acme, directory.Security, ann.ID)) // none of G6's
	k.Clock.Advance(time.Minute)
	k.OK(k.JoinBuiltIn(bg, k.Op, acme, directory.Administrators, bob.ID))
	if got := k.alerts(acme, bridge.OpenAlerts); got != "protected_group/administrators, protected_group/owners" {
		t.Errorf("alerts %s", got)
	}
	k.Clock.Advance(time.Minute)
	k.OK(k.JoinBuiltIn(bg, k.Op, acme, directory.Owners, bob.ID))
	all, err := k.Alerts(bg, k.Op, acme, bridge.OpenAlerts)
	k.OK(err)
	if a := all[0]; a.Key != "protected_group/owners" || a.Times != 2 || a.Text != "Owners: bob added" || a.By.Name != "Olga" || !a.Raised.Before(a.Last) {
		t.Errorf("%+v", a)
	}
	// An operator who has seen one change does not acknowledge the second.
	_, err = k.AcknowledgeAlert(bg, k.Op, acme, "protected_group/owners", acknowledged(1, ""))
	k.Fails(err, directory.Stale, "")
	_, err = k.AcknowledgeAlert(bg, k.Op, acme, "protected_group/owners", acknowledged(2, "ticket 1"))
	k.OK(err)
	_, err = k.AcknowledgeAlert(bg, k.Op, acme, "protected_group/owners", bridge.Acknowledgement{})
	k.Fails(err, directory.Conflict, "")
	_, err = k.AcknowledgeAlert(bg, k.Op, acme, "protected_group/nobody", bridge.Acknowledgement{})
	k.Fails(err, directory.NotFound, "")
	if got := k.alerts(acme, bridge.RecentAlerts); got != "protected_group/owners acknowledged, protected_group/administrators" {
		t.Errorf("alerts %s", got)
	}
	if line := k.AuditOf(acme)[len(k.AuditOf(acme))-1]; line.Action != "alert.acknowledge" || line.Reason != "ticket 1" {
		t.Errorf("%+v", line)
	}
	k.Clock.Advance(time.Minute)
	k.OK(k.LeaveBuiltIn(bg, k.Op, acme, directory.Owners, bob.ID)) // the next change raises it again
	if got := k.alerts(acme, bridge.OpenAlerts); got != "protected_group/owners, protected_group/administrators" {
		t.Errorf("alerts %s", got)
	}
	overview, err := k.TenantOverview(bg, k.Op, acme)
	k.OK(err)
	if len(overview.Alerts) != 2 || overview.Alerts[0].Times != 1 {
		t.Errorf("%+v", overview.Alerts)
	}
	// Another tenant has none of the alerts, and an operator without the tenant in scope sees none.
	beta := k.NewTenant("beta", 0)
	if got := k.alerts(beta, bridge.RecentAlerts); got != "" {
		t.Errorf("alerts %s", got)
	}
	blind := k.Op
	blind.Access.Scope = directory.Scope{Tenants: []directory.TenantID{beta}}
	if all, err := k.All.Alerts(bg, blind, bridge.RecentAlerts); err != nil || len(all) != 0 {
		t.Errorf("%+v, %v", all, err)
	}
}

// An identity provider that grants a protected group by a mapped group raises the same alert.
func TestG6MappedGroupsRaiseAlerts(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	okta := k.NewIdP(acme, "acme-okta", func(d *bridge.ConnectionDraft) {
		d.Mappings = []directory.GroupMapping{{DisplayName: "IT Admins", Grants: directory.Administrators}}
	})
	ann := k.NewUser(okta, bridgetest.Person{Name: "ann"}).User
	it := k.NewGroup(okta, "IT Admins", bridgetest.Add(ann.ID))
	all, err := k.Alerts(bg, k.Op, acme, bridge.OpenAlerts)
	k.OK(err)
	if len(all) != 1 || all[0].Key != "protected_group/administrators" || all[0].By.Kind != directory.ByIdP || all[0].Times != 1 {
		t.Fatalf("%+v", all)
	}
	_, err = k.EditGroup(bg, okta, it.ID, directory.Precondition{}, bridgetest.Steps(bridgetest.Remove(ann.ID)))
	k.OK(err)
	if all, err = k.Alerts(bg, k.Op, acme, bridge.OpenAlerts); err != nil || len(all) != 1 || all[0].Times != 2 || all[0].Text != "Administrators: ann removed" {
		t.Errorf("%+v, %v", all, err)
	}
}

// Alerts close without an operator when their cause is gone: a released brake, a healthy sync, free seats.
func TestAlertsCloseWithTheirCause(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 20, holding(directory.BrakeHold))
	okta := k.NewIdP(acme, "acme-okta")
	ids := k.staff(okta, 20)
	if got := k.alerts(acme, bridge.OpenAlerts); got != "seats/" {
		t.Errorf("alerts %s", got)
	}
	k.deactivate(okta, ids[:10])
	if got := k.alerts(acme, bridge.RecentAlerts); got != "brake/acme-okta, seats/ cleared" && got != "seats/ cleared, brake/acme-okta" {
		t.Errorf("alerts %s", got)
	}
	k.Clock.Advance(time.Second)
	_, err := k.HeldRemovals().Discard(bg, k.Op, acme, "", nil)
	k.OK(err)
	if got := k.alerts(acme, bridge.OpenAlerts); got != "" {
		t.Errorf("alerts %s", got)
	}
	k.Clock.Advance(30 * 24 * time.Hour) // the connection sends no request
	_, err = k.CheckHealth(bg, directory.JobPrincipal("health"), acme, directory.RunApply)
	k.OK(err)
	if got := k.alerts(acme, bridge.OpenAlerts); got != "sync/acme-okta" {
		t.Errorf("alerts %s", got)
	}
	k.Success(okta)
	_, err = k.CheckHealth(bg, directory.JobPrincipal("health"), acme, directory.RunApply)
	k.OK(err)
	if got := k.alerts(acme, bridge.OpenAlerts); got != "" {
		t.Errorf("alerts %s", got)
	}
	secret, err := k.RotateToken(bg, k.Op, "acme-okta", bridge.TokenOptions{Expires: k.Clock.Now().Add(20 * 24 * time.Hour)})
	k.OK(err)
	for _, want := range []string{"", "token/" + string(secret.Token.ID)} { // 20 days before is early, 5 is late
		_, err = k.AnnounceTokenExpiries(bg, directory.JobPrincipal("token-notices"), acme, directory.RunApply)
		k.OK(err)
		if got := k.alerts(acme, bridge.OpenAlerts); got != want {
			t.Errorf("alerts %s, want %s", got, want)
		}
		k.Clock.Advance(15 * 24 * time.Hour)
	}
	k.revoke("acme-okta", secret.Token.ID)
	if got := k.alerts(acme, bridge.OpenAlerts); got != "" {
		t.Errorf("alerts %s", got)
	}
}

// acknowledged is the Acknowledgement of an alert that was seen to have happened so many times.
func acknowledged(times uint64, note string) bridge.Acknowledgement {
	return bridge.Acknowledgement{If: directory.Precondition{MatchSet: true, Match: []uint64{times}}, Note: note}
}

// A snoozed alert is open again when its time has come, or when its cause happens again. An alert that was acknowledged for good is not.
func TestSnoozedAlertReopens(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	okta := k.NewIdP(acme, "acme-okta")
	ann, bob := k.NewUser(okta, bridgetest.Person{Name: "ann"}).User, k.NewUser(okta, bridgetest.Person{Name: "bob"}).User
	const owners = "protected_group/owners"
	k.OK(k.JoinBuiltIn(bg, k.Op, acme, directory.Owners, ann.ID))
	snooze := func(d time.Duration) {
		t.Helper()
		_, err := k.AcknowledgeAlert(bg, k.Op, acme, owners, bridge.Acknowledgement{Until: k.Clock.Now().Add(d)})
		k.OK(err)
		if got := k.alerts(acme, bridge.OpenAlerts); got != "" {
			t.Errorf("snoozed, and open: %s", got)
		}
	}
	snooze(time.Hour)
	page, err := k.All.ListTenants(bg, k.Op, overview.TenantQuery{Alerting: true, Sort: overview.BySlug, Count: 10})
	k.OK(err)
	if page.Total != 0 {
		t.Errorf("the list has an open alert")
	}
	k.Clock.Advance(time.Hour)
	if got := k.alerts(acme, bridge.OpenAlerts); got != owners {
		t.Errorf("an hour later: %q", got)
	}
	snooze(time.Hour)
	k.OK(k.JoinBuiltIn(bg, k.Op, acme, directory.Owners, bob.ID))
	if got := k.alerts(acme, bridge.OpenAlerts); got != owners {
		t.Errorf("after it has happened again: %q", got)
	}
	snooze(time.Hour)
	_, err = k.AcknowledgeAlert(bg, k.Op, acme, owners, bridge.Acknowledgement{Note: "for good"})
	k.OK(err)
	k.Clock.Advance(2 * time.Hour)
	if got := k.alerts(acme, bridge.OpenAlerts); got != "" {
		t.Errorf("acknowledged for good, and open: %q", got)
	}
	for _, until := range []time.Duration{-time.Second, 91 * 24 * time.Hour} {
		_, err := k.AcknowledgeAlert(bg, k.Op, acme, owners, bridge.Acknowledgement{Until: k.Clock.Now().Add(until)})
		k.Fails(err, directory.Invalid, "")
	}
}
