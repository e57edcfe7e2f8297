package bridge_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"drawbridge/bridge"
	"drawbridge/bridge/bridgetest"
	"drawbridge/directory"
)

func TestD5DueUsersAreDeleted(t *testing.T) {
	t.Parallel()
	k := start(t)
	days := 30
	acme := k.NewTenant("acme", 0, func(o *directory.Overrides) { o.AutoDeleteDays = &days })
	okta := k.NewIdP(acme, "acme-okta")
	ids := k.staff(okta, 6)
	gone, back, held, owner, said := ids[0], ids[1], ids[2], ids[3], ids[4]
	k.Clock.Advance(time.Minute)
	k.ChangeUser(okta, gone, bridgetest.SetActive(false))
	k.ChangeUser(okta, back, bridgetest.SetActive(false))
	k.ChangeUser(okta, owner, bridgetest.SetActive(false))
	k.OK(k.JoinBuiltIn(bg, k.Op, acme, directory.Owners, owner)) // the last Owner, though suspended
	for id, mode := range map[directory.ID]directory.SuspensionMode{held: directory.Hold, said: directory.Yield} {
		_, _, err := k.SuspendUser(bg, k.Op, acme, id, bridge.SuspendOrder{Mode: mode})
		k.OK(err)
	}
	notices := map[string]int{}
	deleted := map[directory.ID]time.Duration{}
	began := k.Clock.Now()
	for k.Clock.Now().Before(began.AddDate(0, 0, 70)) {
		if k.Clock.Now().Equal(began.AddDate(0, 0, 29)) { // the day before: the clock of one starts again
			k.ChangeUser(okta, back, bridgetest.SetActive(true))
			k.ChangeUser(okta, back, bridgetest.SetActive(false))
		}
		wouldTell, would, err := k.AutoDelete(bg, directory.JobPrincipal("auto-delete"), acme, directory.RunDry)
		k.OK(err)
		told, did, err := k.AutoDelete(bg, directory.JobPrincipal("auto-delete"), acme, directory.RunApply)
		k.OK(err)
		if len(would) != len(did) || len(wouldTell) != len(told) {
			t.Fatalf("the dry run said %v %v, and it did %v %v", wouldTell, would, told, did)
		}
		for _, d := range told {
			notices[fmt.Sprintf("%s %d", d.UserName, d.Step)]++
		}
		for _, d := range did {
			deleted[d.User] = k.Clock.Now().Sub(began)
		}
		k.Clock.Advance(time.Hour)
	}
	if len(deleted) != 2 || deleted[gone] != 30*24*time.Hour || deleted[back].Truncate(24*time.Hour) != 59*24*time.Hour {
		t.Errorf("deleted %v", deleted)
	}
	if fmt.Sprint(notices) != "map[u000 1:1 u000 7:1 u001 1:1 u001 7:2]" {
		t.Errorf("notices %v", notices)
	}
	for id, want := range map[directory.ID]string{gone: "not_found", back: "not_found", held: "suspended", owner: "suspended", said: "suspended"} {
		if got := k.state(acme, id); got != want {
			t.Errorf("%s is %s, want %s", id, got, want)
		}
	}
	got := 0
	for _, e := range k.EventsOf(acme, 0) {
		if e.Kind == directory.UserDeletionNotice {
			got++
		}
	}
	if got != 5 {
		t.Errorf("%d events of notices", got)
	}
}

// If auto-delete is turned on a year late, it deletes only users that were announced a day before, and the brake holds
// unusually many deletions.
func TestD5AutoDeleteTurnedOnLateAnnouncesFirst(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	okta := k.NewIdP(acme, "acme-okta")
	ids := k.staff(okta, 30)
	k.deactivate(okta, ids[:9])
	k.Clock.Advance(400 * 24 * time.Hour)
	days, hold := 30, directory.BrakeHold
	k.Override(acme, func(o *directory.Overrides) { o.AutoDeleteDays, o.Brake = &days, &hold })
	preview, err := k.AutoDeletions(bg, k.Op, acme)
	k.OK(err)
	if len(preview) != 9 || !preview[0].Due.Equal(k.Clock.Now().Add(24*time.Hour)) {
		t.Errorf("%d: %+v", len(preview), preview[0])
	}
	told, did, err := k.AutoDelete(bg, directory.JobPrincipal("auto-delete"), acme, directory.RunApply)
	k.OK(err)
	if len(told) != 9 || len(did) != 0 {
		t.Errorf("%d told, %d deleted", len(told), len(did))
	}
	k.Clock.Advance(24 * time.Hour)
	_, did, err = k.AutoDelete(bg, directory.JobPrincipal("auto-delete"), acme, directory.RunApply)
	k.OK(err)
	held, err := k.HeldRemovals().List(bg, k.Op, acme, "")
	k.OK(err)
	if len(did) != 5 || len(held) != 4 || held[0].Action != directory.RemoveForGood {
		t.Errorf("%d deleted, %d held", len(did), len(held))
	}
	if _, _, err = k.AutoDelete(bg, directory.JobPrincipal("auto-delete"), acme, directory.RunApply); err != nil {
		t.Error(err)
	}
	k.NewOperator("tech@msp.example", directory.RoleTechnician, acme) // may release, but not delete permanently (D3)
	tech, _ := k.SignInAs("tech@msp.example", "")
	out, err := k.HeldRemovals().Release(bg, tech, acme, held[0].Connection, nil)
	k.OK(err)
	if len(out) != 4 || out[0].Done || !strings.Contains(out[0].Reason, "user.delete") || k.state(acme, ids[8]) != "suspended" {
		t.Errorf("%+v", out)
	}
	out, err = k.HeldRemovals().Release(bg, k.Op, acme, held[0].Connection, nil)
	k.OK(err)
	if len(out) != 4 || !out[3].Done || k.state(acme, ids[8]) != "not_found" {
		t.Errorf("%+v", out)
	}
	if preview, err = k.AutoDeletions(bg, k.Op, acme); err != nil || len(preview) != 0 {
		t.Errorf("%v %v", preview, err)
	}
}

func TestC2ExpiryIsAnnounced(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	end := k.Clock.Now().AddDate(0, 0, 60)
	k.NewIdP(acme, "acme-okta", func(d *bridge.ConnectionDraft) { d.Token.Expires = end })
	k.NewIdP(acme, "acme-entra")
	var told []string
	for range 62 * 4 {
		would, err := k.AnnounceTokenExpiries(bg, directory.JobPrincipal("token-notices"), acme, directory.RunDry)
		k.OK(err)
		got, err := k.AnnounceTokenExpiries(bg, directory.JobPrincipal("token-notices"), acme, directory.RunApply)
		k.OK(err)
		if len(would) != len(got) {
			t.Errorf("the dry run said %v, and it did %v", would, got)
		}
		for _, d := range got {
			told = append(told, fmt.Sprintf("%s %d", d.Connection, d.Step))
		}
		k.Clock.Advance(6 * time.Hour)
	}
	if got := strings.Join(told, ", "); got != "acme-okta 30, acme-okta 14, acme-okta 7, acme-okta 1" {
		t.Error(got)
	}
	events := k.EventsOf(acme, 0)
	if last := events[len(events)-1]; last.Kind != directory.ExpiryNotice || last.Subject.Name != "acme-okta" {
		t.Errorf("%+v", last)
	}
}
