package bridge_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"drawbridge/bridge"
	"drawbridge/directory"
)

func holding(mode directory.BrakeMode) func(*directory.Overrides) {
	return func(o *directory.Overrides) { o.Brake = &mode }
}

func (k *kit) staff(p directory.Principal, n int) []directory.ID {
	k.t.Helper()
	var out []directory.ID
	for i := range n {
		out = append(out, k.create(p, person{name: fmt.Sprintf("u%03d", i), external: fmt.Sprintf("e%03d", i)}).User.ID)
	}
	return out
}

func (k *kit) state(tenant directory.TenantID, id directory.ID) string {
	k.t.Helper()
	p := k.op
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

// deactivate is how Entra ID and Okta take people away; it gives how many were refused by the brake.
func (k *kit) deactivate(p directory.Principal, ids []directory.ID) (refused int) {
	k.t.Helper()
	for _, id := range ids {
		_, err := k.EditUser(bg, p, id, directory.Precondition{}, active(false))
		if err != nil {
			if e := k.fails(err, directory.Refused, "C8"); !strings.Contains(e.Message, "operator") {
				k.t.Error(e.Message)
			}
			refused++
		}
	}
	return refused
}

func TestC8HoldsAMassDeprovisioning(t *testing.T) {
	k := start(t)
	acme := k.tenant("acme", 0, holding(directory.BrakeHold))
	okta := k.idp(acme, "acme-okta")
	other := k.idp(acme, "acme-entra")
	ids := k.staff(okta, 40)
	after := k.lastEvent(acme)
	if n := k.deactivate(okta, ids[:20]); n != 12 { // a fifth of forty
		t.Errorf("%d refused", n)
	}
	if got := strings.Count(kinds(k.events(acme, after)), "brake.held"); got != 1 {
		t.Errorf("it shouted %d times", got)
	}
	k.clock.Advance(40 * time.Minute)
	if n := k.deactivate(okta, ids[:20]); n != 12 { // the repeat of the identity provider: the eight are suspended already
		t.Errorf("%d refused", n)
	}
	k.clock.Advance(2 * time.Hour) // it stays shut until somebody decides, whatever the hour
	if n := k.deactivate(okta, ids[20:21]); n != 1 {
		t.Errorf("%d refused", n)
	}
	held, err := k.HeldRemovals(bg, k.op, acme, "acme-okta")
	k.ok(err)
	if len(held) != 13 || held[0].Before != "active" || held[0].After != "suspended" || held[0].Times+held[1].Times < 4 {
		t.Fatalf("%d held: %+v", len(held), held)
	}
	// Nobody else is stopped: not the other connection, and not an operator.
	if held, err := k.HeldRemovals(bg, k.op, acme, "acme-entra"); err != nil || len(held) != 0 {
		t.Errorf("%v %v", held, err)
	}
	ann := k.create(other, person{name: "ann"}).User
	k.edit(other, ann.ID, active(false))
	_, _, err = k.SuspendUser(bg, k.op, acme, ids[39], "", "")
	k.ok(err)
	// What adds or changes still passes.
	k.edit(okta, ids[30], title("chief"))
	k.edit(okta, ids[0], active(true))

	// The identity provider changes its mind about one.
	k.edit(okta, ids[12], active(true))
	held, err = k.HeldRemovals(bg, k.op, acme, "")
	k.ok(err)
	if len(held) != 12 {
		t.Errorf("%d held after a withdrawal", len(held))
	}
	// Released in part, discarded in part, the rest released whole.
	out, err := k.ReleaseHeld(bg, k.op, acme, "acme-okta", []string{held[0].Key, held[1].Key})
	k.ok(err)
	if len(out) != 2 || !out[0].Done || !out[1].Done {
		t.Errorf("%+v", out)
	}
	if n := k.deactivate(okta, ids[31:32]); n != 1 {
		t.Error("it opened while something is held")
	}
	_, err = k.DiscardHeld(bg, k.op, acme, "acme-okta", []string{held[2].Key, "nothing"})
	k.fails(err, directory.NotFound, "")
	_, err = k.DiscardHeld(bg, k.op, acme, "acme-okta", []string{held[2].Key})
	k.ok(err)
	if id, _ := directory.ParseID(held[2].Subject.ID); k.state(acme, id) != "active" {
		t.Error("what was discarded happened")
	}
	out, err = k.ReleaseHeld(bg, k.op, acme, "acme-okta", nil)
	k.ok(err)
	for _, o := range out {
		id, _ := directory.ParseID(o.Subject.ID)
		if !o.Done || k.state(acme, id) != "suspended" {
			t.Errorf("%+v: %s", o, k.state(acme, id))
		}
	}
	// Afterwards the connection removes as usual, and the word of the identity provider counts: it may bring them back.
	if n := k.deactivate(okta, ids[32:33]); n != 0 {
		t.Error("it stayed shut")
	}
	id, _ := directory.ParseID(out[0].Subject.ID)
	k.edit(okta, id, active(true))
	if k.state(acme, id) != "active" {
		t.Error("the identity provider cannot end a suspension that it asked for")
	}
	var released int
	for _, line := range k.audit(acme) {
		if line.Action == "brake.release" && line.Actor.Kind == directory.ByOperator {
			released++
		}
	}
	if released != len(out)+2 {
		t.Errorf("%d lines of released removals", released)
	}
}

func TestC8AlertOnlyShouts(t *testing.T) {
	k := start(t)
	acme := k.tenant("acme", 0)
	okta := k.idp(acme, "acme-okta")
	ids := k.staff(okta, 12)
	after := k.lastEvent(acme)
	if n := k.deactivate(okta, ids); n != 0 {
		t.Errorf("%d refused", n)
	}
	if got := strings.Count(kinds(k.events(acme, after)), "brake.alerted"); got != 1 {
		t.Errorf("it shouted %d times", got)
	}
	k.override(acme, holding(directory.BrakeOff))
	k.clock.Advance(2 * time.Hour)
	for _, id := range ids {
		k.edit(okta, id, active(true))
	}
	after = k.lastEvent(acme)
	k.deactivate(okta, ids)
	if got := kinds(k.events(acme, after)); strings.Contains(got, "brake") {
		t.Errorf("off, and it shouted: %s", got)
	}
}

func TestC8Deletions(t *testing.T) {
	for _, how := range []directory.OnDelete{directory.OnDeleteSuspend, directory.OnDeleteRemove} {
		t.Run(string(how), func(t *testing.T) {
			k := start(t)
			acme := k.tenant("acme", 0, holding(directory.BrakeHold), func(o *directory.Overrides) { o.OnDelete = &how })
			okta := k.idp(acme, "acme-okta")
			ids := k.staff(okta, 8)
			k.group(okta, "Team", add(ids[0])) // who is deleted empties a group: that is one removal, not two
			for i, id := range ids {
				err := k.DeleteUser(bg, okta, id, directory.Precondition{})
				if i < 5 {
					k.ok(err)
				} else {
					k.fails(err, directory.Refused, "C8")
				}
			}
			if _, err := k.User(bg, okta, ids[7]); err != nil {
				t.Error("who was not deleted is not found")
			}
			out, err := k.ReleaseHeld(bg, k.op, acme, "", nil)
			k.ok(err)
			want := map[directory.OnDelete]string{directory.OnDeleteSuspend: "gone", directory.OnDeleteRemove: "not_found"}[how]
			if len(out) != 3 || !out[0].Done || k.state(acme, ids[7]) != want {
				t.Errorf("%+v, the last one is %s", out, k.state(acme, ids[7]))
			}
			if again, err := k.ReleaseHeld(bg, k.op, acme, "", nil); err != nil || len(again) != 0 {
				t.Errorf("%v %v", again, err)
			}
		})
	}
}

func TestC8GroupsThatAreEmptied(t *testing.T) {
	k := start(t)
	acme := k.tenant("acme", 0, holding(directory.BrakeHold))
	okta := k.idp(acme, "acme-okta", func(d *bridge.ConnectionDraft) {
		d.Mappings = []directory.GroupMapping{{DisplayName: "Admins", Grants: directory.Administrators}}
	})
	ids := k.staff(okta, 20)
	small := k.group(okta, "Small", add(ids[0], ids[1]))
	large := k.group(okta, "Large", add(ids[:10]...))
	admins := k.group(okta, "Admins", add(ids[10:18]...))
	change := func(id directory.ID, edit directory.GroupEdit) error {
		_, err := k.EditGroup(bg, okta, id, directory.Precondition{}, edit)
		return err
	}
	k.ok(change(large.ID, steps(remove(ids[:6]...)))) // not emptied: not counted
	k.ok(change(large.ID, steps(add(ids[:6]...))))
	k.ok(change(small.ID, steps(replace()))) // two of five
	k.fails(change(large.ID, steps(replace())), directory.Refused, "C8")
	if got := k.members(okta, large.ID); len(got) != 10 {
		t.Errorf("%d members left", len(got))
	}
	k.fails(k.DeleteGroup(bg, okta, large.ID, directory.Precondition{}), directory.Refused, "C8")
	k.fails(change(admins.ID, steps(remove(ids[10:14]...))), directory.Refused, "C8")
	held, err := k.HeldRemovals(bg, k.op, acme, "acme-okta")
	k.ok(err)
	got := ""
	for _, h := range held {
		got += fmt.Sprintf("%s %s %d: %s to %s; ", h.Action, h.Subject.Name, h.Count, h.Before, h.After)
	}
	if got != "delete_group Large 10: 10 members to deleted; empty_group Large 10: 10 members to no members; remove_members Admins 4: 8 members to 4 members; " {
		t.Error(got)
	}
	out, err := k.ReleaseHeld(bg, k.op, acme, "acme-okta", []string{held[2].Key, held[1].Key})
	k.ok(err)
	if !out[0].Done || !out[1].Done || len(k.members(okta, large.ID)) != 0 || len(k.members(okta, admins.ID)) != 4 {
		t.Errorf("%+v", out)
	}
	out, err = k.ReleaseHeld(bg, k.op, acme, "acme-okta", nil)
	k.ok(err)
	if len(out) != 1 || !out[0].Done {
		t.Errorf("%+v", out)
	}
	if _, err := k.Group(bg, okta, large.ID, false); directory.CodeOf(err) != directory.NotFound {
		t.Error("the group is still there")
	}
}

// A rule that forbids a removal meanwhile forbids its release, and says why; the removal stays held.
func TestC8ReleaseAsksTheRules(t *testing.T) {
	k := start(t)
	acme := k.tenant("acme", 0, holding(directory.BrakeHold))
	okta := k.idp(acme, "acme-okta")
	ids := k.staff(okta, 6)
	if n := k.deactivate(okta, ids); n != 1 {
		t.Fatalf("%d refused", n)
	}
	k.ok(k.JoinBuiltIn(bg, k.op, acme, directory.Owners, ids[5]))
	out, err := k.ReleaseHeld(bg, k.op, acme, "acme-okta", nil)
	k.ok(err)
	if len(out) != 1 || out[0].Done || !strings.Contains(out[0].Reason, "active Owner") {
		t.Errorf("%+v", out)
	}
	if held, err := k.HeldRemovals(bg, k.op, acme, "acme-okta"); err != nil || len(held) != 1 {
		t.Errorf("%v %v", held, err)
	}
	_, err = k.HeldRemovals(bg, okta, acme, "")
	k.fails(err, directory.Forbidden, "")
	_, err = k.HeldRemovals(bg, k.op, "nobody", "")
	k.fails(err, directory.NotFound, "")
}
