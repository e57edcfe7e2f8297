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

func holding(mode directory.BrakeMode) func(*directory.Overrides) {
	return func(o *directory.Overrides) { o.Brake = &mode }
}

func (k *kit) staff(p directory.Principal, n int) []directory.ID {
	k.T.Helper()
	var out []directory.ID
	for i := range n {
		out = append(out, k.NewUser(p, bridgetest.Person{Name: fmt.Sprintf("u%03d", i), External: fmt.Sprintf("e%03d", i)}).User.ID)
	}
	return out
}

func (k *kit) state(tenant directory.TenantID, id directory.ID) string {
	k.T.Helper()
	p := k.Op
	p.Tenant = tenant
	u, err := k.User(bg, p, id)
	if err != nil {
		return string(directory.CodeOf(err))
	}
	if u.User.Gone() {
		return "gone"
	}
	return u.User.State.String()
}

// deactivate sends active: false for each user, as Entra ID and Okta do. It returns how many the brake refused.
func (k *kit) deactivate(p directory.Principal, ids []directory.ID) (refused int) {
	k.T.Helper()
	for _, id := range ids {
		_, err := k.EditUser(bg, p, id, directory.Precondition{}, bridgetest.SetActive(false))
		if err != nil {
			if e := k.Fails(err, directory.Refused, "C8"); !strings.Contains(e.Message, "operator") {
				k.T.Error(e.Message)
			}
			refused++
		}
	}
	return refused
}

func TestC8HoldsAMassDeprovisioning(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0, holding(directory.BrakeHold))
	okta := k.NewIdP(acme, "acme-okta")
	other := k.NewIdP(acme, "acme-entra")
	ids := k.staff(okta, 40)
	after := k.LastEvent(acme)
	if n := k.deactivate(okta, ids[:20]); n != 12 { // a fifth of forty
		t.Errorf("%d refused", n)
	}
	if got := strings.Count(bridgetest.Kinds(k.EventsOf(acme, after)), "brake.held"); got != 1 {
		t.Errorf("it shouted %d times", got)
	}
	k.Clock.Advance(40 * time.Minute)
	if n := k.deactivate(okta, ids[:20]); n != 12 { // the repeat of the identity provider: the eight are suspended already
		t.Errorf("%d refused", n)
	}
	k.Clock.Advance(2 * time.Hour) // the brake holds until an operator decides, however long that takes
	if n := k.deactivate(okta, ids[20:21]); n != 1 {
		t.Errorf("%d refused", n)
	}
	held, err := k.HeldRemovals().List(bg, k.Op, acme, "acme-okta")
	k.OK(err)
	if len(held) != 13 || held[0].Before != "active" || held[0].After != "suspended" || held[0].Times+held[1].Times < 4 {
		t.Fatalf("%d held: %+v", len(held), held)
	}
	totals, err := k.HeldRemovals().Totals(bg, k.Op, acme, "")
	k.OK(err)
	if len(totals) != 1 || totals[0].Connection != "acme-okta" || totals[0].People != 13 || totals[0].Active != 32 || totals[0].Usual != 6 || totals[0].Last.Sub(totals[0].First) != 160*time.Minute {
		t.Errorf("totals %+v", totals)
	}
	k.othersAreNotStopped(okta, other, ids)

	// The identity provider reactivates one user.
	k.ChangeUser(okta, ids[12], bridgetest.SetActive(true))
	held, err = k.HeldRemovals().List(bg, k.Op, acme, "")
	k.OK(err)
	if len(held) != 12 {
		t.Errorf("%d held after a withdrawal", len(held))
	}
	k.releasedAndDiscarded(okta, ids, held)
}

// othersAreNotStopped: neither the other connection nor an operator is, and additions and changes still pass.
func (k *kit) othersAreNotStopped(okta, other directory.Principal, ids []directory.ID) {
	k.T.Helper()
	t, acme := k.T, okta.Tenant
	if held, err := k.HeldRemovals().List(bg, k.Op, acme, "acme-entra"); err != nil || len(held) != 0 {
		t.Errorf("%v %v", held, err)
	}
	ann := k.NewUser(other, bridgetest.Person{Name: "ann"}).User
	k.ChangeUser(other, ann.ID, bridgetest.SetActive(false))
	_, _, err := k.SuspendUser(bg, k.Op, acme, ids[39], bridge.SuspendOrder{})
	k.OK(err)
	k.ChangeUser(okta, ids[30], bridgetest.SetTitle("chief"))
	k.ChangeUser(okta, ids[0], bridgetest.SetActive(true))
}

// releasedAndDiscarded: an operator releases a part, discards a part, and releases the rest as a whole. Afterwards the connection removes
// as usual.
func (k *kit) releasedAndDiscarded(okta directory.Principal, ids []directory.ID, held []bridge.HeldChange) {
	k.T.Helper()
	t, acme := k.T, okta.Tenant
	out, err := k.HeldRemovals().Release(bg, k.Op, acme, "acme-okta", []string{held[0].Key, held[1].Key})
	k.OK(err)
	if len(out) != 2 || !out[0].Done || !out[1].Done {
		t.Errorf("%+v", out)
	}
	if n := k.deactivate(okta, ids[31:32]); n != 1 {
		t.Error("it opened while something is held")
	}
	_, err = k.HeldRemovals().Discard(bg, k.Op, acme, "acme-okta", []string{held[2].Key, "nothing"})
	k.Fails(err, directory.NotFound, "")
	_, err = k.HeldRemovals().Discard(bg, k.Op, acme, "acme-okta", []string{held[2].Key})
	k.OK(err)
	if id, _ := directory.ParseID(held[2].Subject.ID); k.state(acme, id) != "active" {
		t.Error("what was discarded happened")
	}
	out, err = k.HeldRemovals().Release(bg, k.Op, acme, "acme-okta", nil)
	k.OK(err)
	for _, o := range out {
		id, _ := directory.ParseID(o.Subject.ID)
		if !o.Done || k.state(acme, id) != "suspended" {
			t.Errorf("%+v: %s", o, k.state(acme, id))
		}
	}
	// Afterwards the connection removes as usual, and the identity provider may reactivate the users.
	if n := k.deactivate(okta, ids[32:33]); n != 0 {
		t.Error("it stayed shut")
	}
	id, _ := directory.ParseID(out[0].Subject.ID)
	k.ChangeUser(okta, id, bridgetest.SetActive(true))
	if k.state(acme, id) != "active" {
		t.Error("the identity provider cannot end a suspension that it asked for")
	}
	var released int
	for _, line := range k.AuditOf(acme) {
		if line.Action == "brake.release" && line.Actor.Kind == directory.ByOperator {
			released++
		}
	}
	if released != len(out)+2 {
		t.Errorf("%d lines of released removals", released)
	}
}

func TestC8AlertModeHoldsNothing(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	okta := k.NewIdP(acme, "acme-okta")
	ids := k.staff(okta, 12)
	after := k.LastEvent(acme)
	if n := k.deactivate(okta, ids); n != 0 {
		t.Errorf("%d refused", n)
	}
	if got := strings.Count(bridgetest.Kinds(k.EventsOf(acme, after)), "brake.alerted"); got != 1 {
		t.Errorf("it shouted %d times", got)
	}
	k.Override(acme, holding(directory.BrakeOff))
	k.Clock.Advance(2 * time.Hour)
	for _, id := range ids {
		k.ChangeUser(okta, id, bridgetest.SetActive(true))
	}
	after = k.LastEvent(acme)
	k.deactivate(okta, ids)
	if got := bridgetest.Kinds(k.EventsOf(acme, after)); strings.Contains(got, "brake") {
		t.Errorf("off, and it shouted: %s", got)
	}
}

func TestC8HoldsDeletions(t *testing.T) {
	t.Parallel()
	for _, how := range []directory.OnDelete{directory.OnDeleteSuspend, directory.OnDeleteRemove} {
		t.Run(string(how), func(t *testing.T) {
			k := start(t)
			acme := k.NewTenant("acme", 0, holding(directory.BrakeHold), func(o *directory.Overrides) { o.OnDelete = &how })
			okta := k.NewIdP(acme, "acme-okta")
			ids := k.staff(okta, 8)
			k.NewGroup(okta, "Team", bridgetest.Add(ids[0])) // deleting the user empties a group: that is one removal, not two
			for i, id := range ids {
				err := k.DeleteUser(bg, okta, id, directory.Precondition{})
				if i < 5 {
					k.OK(err)
				} else {
					k.Fails(err, directory.Refused, "C8")
				}
			}
			if _, err := k.User(bg, okta, ids[7]); err != nil {
				t.Error("who was not deleted is not found")
			}
			out, err := k.HeldRemovals().Release(bg, k.Op, acme, "", nil)
			k.OK(err)
			want := map[directory.OnDelete]string{directory.OnDeleteSuspend: "gone", directory.OnDeleteRemove: "not_found"}[how]
			if len(out) != 3 || !out[0].Done || k.state(acme, ids[7]) != want {
				t.Errorf("%+v, the last one is %s", out, k.state(acme, ids[7]))
			}
			if again, err := k.HeldRemovals().Release(bg, k.Op, acme, "", nil); err != nil || len(again) != 0 {
				t.Errorf("%v %v", again, err)
			}
		})
	}
}

func TestC8HoldsRemovalsFromGroups(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0, holding(directory.BrakeHold))
	okta := k.NewIdP(acme, "acme-okta", func(d *bridge.ConnectionDraft) {
		d.Mappings = []directory.GroupMapping{{DisplayName: "Admins", Grants: directory.Administrators}}
	})
	ids := k.staff(okta, 20)
	small := k.NewGroup(okta, "Small", bridgetest.Add(ids[0], ids[1]))
	large := k.NewGroup(okta, "Large", bridgetest.Add(ids[:10]...))
	admins := k.NewGroup(okta, "Admins", bridgetest.Add(ids[10:18]...))
	change := func(id directory.ID, edit directory.GroupEdit) error {
		_, err := k.EditGroup(bg, okta, id, directory.Precondition{}, edit)
		return err
	}
	k.OK(change(large.ID, bridgetest.Steps(bridgetest.Remove(ids[:6]...)))) // not emptied: not counted
	k.OK(change(large.ID, bridgetest.Steps(bridgetest.Add(ids[:6]...))))
	k.OK(change(small.ID, bridgetest.Steps(bridgetest.Replace()))) // two of five
	k.Fails(change(large.ID, bridgetest.Steps(bridgetest.Replace())), directory.Refused, "C8")
	if got := k.MembersOf(okta, large.ID); len(got) != 10 {
		t.Errorf("%d members left", len(got))
	}
	k.Fails(k.DeleteGroup(bg, okta, large.ID, directory.Precondition{}), directory.Refused, "C8")
	k.Fails(change(admins.ID, bridgetest.Steps(bridgetest.Remove(ids[10:14]...))), directory.Refused, "C8")
	held, err := k.HeldRemovals().List(bg, k.Op, acme, "acme-okta")
	k.OK(err)
	got := ""
	for _, h := range held {
		got += fmt.Sprintf("%s %s %d: %s to %s; ", h.Action, h.Subject.Name, h.Count, h.Before, h.After)
	}
	if got != "delete_group Large 10: 10 members to deleted; empty_group Large 10: 10 members to no members; remove_members Admins 4: 8 members to 4 members; " {
		t.Error(got)
	}
	out, err := k.HeldRemovals().Release(bg, k.Op, acme, "acme-okta", []string{held[2].Key, held[1].Key})
	k.OK(err)
	if !out[0].Done || !out[1].Done || len(k.MembersOf(okta, large.ID)) != 0 || len(k.MembersOf(okta, admins.ID)) != 4 {
		t.Errorf("%+v", out)
	}
	k.NewOperator("tech@msp.example", directory.RoleTechnician, acme) // may release, but not delete a group for good (D3)
	tech, _ := k.SignInAs("tech@msp.example", "")
	out, err = k.HeldRemovals().Release(bg, tech, acme, "acme-okta", nil)
	k.OK(err)
	if len(out) != 1 || out[0].Done || !strings.Contains(out[0].Reason, "group.delete") {
		t.Errorf("%+v", out)
	}
	out, err = k.HeldRemovals().Release(bg, k.Op, acme, "acme-okta", nil)
	k.OK(err)
	if len(out) != 1 || !out[0].Done {
		t.Errorf("%+v", out)
	}
	if _, err := k.Group(bg, okta, large.ID, bridge.WithoutMembers); directory.CodeOf(err) != directory.NotFound {
		t.Error("the group is still there")
	}
}

// A rule may forbid a removal after the brake held it. Then its release is refused with the reason, and the removal stays held.
func TestC8ReleaseObeysTheRules(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0, holding(directory.BrakeHold))
	okta := k.NewIdP(acme, "acme-okta")
	ids := k.staff(okta, 6)
	if n := k.deactivate(okta, ids); n != 1 {
		t.Fatalf("%d refused", n)
	}
	k.OK(k.JoinBuiltIn(bg, k.Op, acme, directory.Owners, ids[5]))
	out, err := k.HeldRemovals().Release(bg, k.Op, acme, "acme-okta", nil)
	k.OK(err)
	if len(out) != 1 || out[0].Done || !strings.Contains(out[0].Reason, "active Owner") {
		t.Errorf("%+v", out)
	}
	if held, err := k.HeldRemovals().List(bg, k.Op, acme, "acme-okta"); err != nil || len(held) != 1 {
		t.Errorf("%v %v", held, err)
	}
	_, err = k.HeldRemovals().List(bg, okta, acme, "")
	k.Fails(err, directory.Forbidden, "")
	_, err = k.HeldRemovals().List(bg, k.Op, "nobody", "")
	k.Fails(err, directory.NotFound, "")
}
