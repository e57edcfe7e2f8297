package bridge_test

import (
	"strings"
	"testing"
	"time"

	"drawbridge/bridge"
	"drawbridge/directory"
)

func (k *kit) alerts(tenant directory.TenantID, past bool) string {
	k.t.Helper()
	all, err := k.Alerts(bg, k.op, tenant, past)
	k.ok(err)
	out := make([]string, 0, len(all))
	for i := range all {
		state := ""
		switch a := &all[i]; {
		case !a.Cleared.IsZero():
			state = " cleared"
		case !a.Acknowledged.IsZero():
			state = " acknowledged"
		}
		out = append(out, all[i].Key+state)
	}
	return strings.Join(out, ", ")
}

func TestG6AlertsOfOwnersAndAdministrators(t *testing.T) {
	k := start(t)
	acme := k.tenant("acme", 0)
	okta := k.idp(acme, "acme-okta")
	ann, bob := k.create(okta, person{name: "ann"}).User, k.create(okta, person{name: "bob"}).User
	if got := k.alerts(acme, true); got != "" {
		t.Fatalf("alerts %s", got)
	}
	k.ok(k.JoinBuiltIn(bg, k.op, acme, directory.Owners, ann.ID))
	k.ok(k.JoinBuiltIn(bg, k.op, acme, directory.Security, ann.ID)) // none of G6's
	k.clock.Advance(time.Minute)
	k.ok(k.JoinBuiltIn(bg, k.op, acme, directory.Administrators, bob.ID))
	if got := k.alerts(acme, false); got != "protected_group/administrators, protected_group/owners" {
		t.Errorf("alerts %s", got)
	}
	k.clock.Advance(time.Minute)
	k.ok(k.JoinBuiltIn(bg, k.op, acme, directory.Owners, bob.ID))
	all, err := k.Alerts(bg, k.op, acme, false)
	k.ok(err)
	if a := all[0]; a.Key != "protected_group/owners" || a.Times != 2 || a.Text != "Owners: 1 added, 0 removed" || a.By.Name != "Olga" || !a.Raised.Before(a.Last) {
		t.Errorf("%+v", a)
	}
	// Who has seen one change does not acknowledge the second.
	_, err = k.AcknowledgeAlert(bg, k.op, acme, "protected_group/owners", directory.Precondition{MatchSet: true, Match: []uint64{1}}, "")
	k.fails(err, directory.Stale, "")
	_, err = k.AcknowledgeAlert(bg, k.op, acme, "protected_group/owners", directory.Precondition{MatchSet: true, Match: []uint64{2}}, "ticket 1")
	k.ok(err)
	_, err = k.AcknowledgeAlert(bg, k.op, acme, "protected_group/owners", directory.Precondition{}, "")
	k.fails(err, directory.Conflict, "")
	_, err = k.AcknowledgeAlert(bg, k.op, acme, "protected_group/nobody", directory.Precondition{}, "")
	k.fails(err, directory.NotFound, "")
	if got := k.alerts(acme, true); got != "protected_group/owners acknowledged, protected_group/administrators" {
		t.Errorf("alerts %s", got)
	}
	if line := k.audit(acme)[len(k.audit(acme))-1]; line.Action != "alert.acknowledge" || line.Reason != "ticket 1" {
		t.Errorf("%+v", line)
	}
	k.clock.Advance(time.Minute)
	k.ok(k.LeaveBuiltIn(bg, k.op, acme, directory.Owners, bob.ID)) // the next change raises it again
	if got := k.alerts(acme, false); got != "protected_group/owners, protected_group/administrators" {
		t.Errorf("alerts %s", got)
	}
	overview, err := k.TenantOverview(bg, k.op, acme)
	k.ok(err)
	if len(overview.Alerts) != 2 || overview.Alerts[0].Times != 1 {
		t.Errorf("%+v", overview.Alerts)
	}
	// Another tenant has none of them, and somebody who does not see the tenant sees none.
	beta := k.tenant("beta", 0)
	if got := k.alerts(beta, true); got != "" {
		t.Errorf("alerts %s", got)
	}
	blind := k.op
	blind.Access.Scope = directory.Scope{Tenants: []directory.TenantID{beta}}
	if all, err := k.Alerts(bg, blind, directory.Provider, true); err != nil || len(all) != 0 {
		t.Errorf("%+v, %v", all, err)
	}
}

// An identity provider that gives somebody power by a mapped group raises the same alert.
func TestG6AlertsOfAMappedGroup(t *testing.T) {
	k := start(t)
	acme := k.tenant("acme", 0)
	okta := k.idp(acme, "acme-okta", func(d *bridge.ConnectionDraft) {
		d.Mappings = []directory.GroupMapping{{DisplayName: "IT Admins", Grants: directory.Administrators}}
	})
	ann := k.create(okta, person{name: "ann"}).User
	it := k.group(okta, "IT Admins", add(ann.ID))
	all, err := k.Alerts(bg, k.op, acme, false)
	k.ok(err)
	if len(all) != 1 || all[0].Key != "protected_group/administrators" || all[0].By.Kind != directory.ByIdP || all[0].Times != 1 {
		t.Fatalf("%+v", all)
	}
	_, err = k.EditGroup(bg, okta, it.ID, directory.Precondition{}, steps(remove(ann.ID)))
	k.ok(err)
	if all, err = k.Alerts(bg, k.op, acme, false); err != nil || len(all) != 1 || all[0].Times != 2 || all[0].Text != "Administrators: 0 added, 1 removed" {
		t.Errorf("%+v, %v", all, err)
	}
}

// What settles by itself needs nobody: the brake that was released, a sync that is well again, seats that are free again.
func TestAlertsSettleByThemselves(t *testing.T) {
	k := start(t)
	acme := k.tenant("acme", 20, holding(directory.BrakeHold))
	okta := k.idp(acme, "acme-okta")
	ids := k.staff(okta, 20)
	if got := k.alerts(acme, false); got != "seats/" {
		t.Errorf("alerts %s", got)
	}
	k.deactivate(okta, ids[:10])
	if got := k.alerts(acme, true); got != "brake/acme-okta, seats/ cleared" && got != "seats/ cleared, brake/acme-okta" {
		t.Errorf("alerts %s", got)
	}
	k.clock.Advance(time.Second)
	_, err := k.DiscardHeld(bg, k.op, acme, "", nil)
	k.ok(err)
	if got := k.alerts(acme, false); got != "" {
		t.Errorf("alerts %s", got)
	}
	k.clock.Advance(30 * 24 * time.Hour) // nobody hears of the connection
	_, err = k.CheckHealth(bg, directory.JobPrincipal("health"), acme, false)
	k.ok(err)
	if got := k.alerts(acme, false); got != "sync/acme-okta" {
		t.Errorf("alerts %s", got)
	}
	k.Success(okta)
	_, err = k.CheckHealth(bg, directory.JobPrincipal("health"), acme, false)
	k.ok(err)
	if got := k.alerts(acme, false); got != "" {
		t.Errorf("alerts %s", got)
	}
	secret, err := k.RotateToken(bg, k.op, "acme-okta", bridge.TokenOptions{Expires: k.clock.Now().Add(20 * 24 * time.Hour)})
	k.ok(err)
	for _, want := range []string{"", "token/" + string(secret.Token.ID)} { // 20 days before is early, 5 is late
		_, err = k.NoticeTokens(bg, directory.JobPrincipal("token-notices"), acme, false)
		k.ok(err)
		if got := k.alerts(acme, false); got != want {
			t.Errorf("alerts %s, want %s", got, want)
		}
		k.clock.Advance(15 * 24 * time.Hour)
	}
	k.ok(k.RevokeToken(bg, k.op, "acme-okta", secret.Token.ID))
	if got := k.alerts(acme, false); got != "" {
		t.Errorf("alerts %s", got)
	}
}
