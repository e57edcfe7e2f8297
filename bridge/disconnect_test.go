package bridge_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"drawbridge/bridge"
	"drawbridge/bridge/bridgetest"
	"drawbridge/directory"
	"drawbridge/store"
)

func (k *kit) preview(id directory.ConnectionID, mode directory.Disconnect) bridge.Disconnection {
	k.t.Helper()
	d, err := k.PreviewDisconnect(bg, k.op, id, mode, directory.ID{}, 500)
	k.ok(err)
	return d
}

func (k *kit) disconnect(id directory.ConnectionID, mode directory.Disconnect) bridge.Disconnected {
	k.t.Helper()
	done, err := k.Disconnect(bg, k.op, id, mode, k.preview(id, mode).Digest, "moved")
	k.ok(err)
	return done
}

// owner makes somebody an Owner whom nobody manages.
func (k *kit) owner(tenant directory.TenantID, name string) directory.ID {
	k.t.Helper()
	u := k.create(pointed(k.op, tenant), person{name: name})
	k.ok(k.JoinBuiltIn(bg, k.op, tenant, directory.Owners, u.User.ID))
	return u.User.ID
}

func TestC10FinaliseMakesPeopleLocal(t *testing.T) {
	k := start(t)
	acme := k.tenant("acme", 0)
	okta := k.idp(acme, "acme-okta", func(d *bridge.ConnectionDraft) {
		d.Mappings = []directory.GroupMapping{{DisplayName: "Admins", Grants: directory.Owners}, {DisplayName: "Temps", Guest: true}}
	})
	entra := k.idp(acme, "acme-entra")
	ids := k.staff(okta, 4)
	other := k.create(entra, person{name: "eve@acme.example"}).User.ID
	k.edit(okta, ids[1], active(false))
	k.ok(k.DeleteUser(bg, okta, ids[2], directory.Precondition{}))
	admins := k.group(okta, "Admins", add(ids[0], other))
	temps := k.group(okta, "Temps", add(ids[3]))
	d := k.preview("acme-okta", directory.Finalise)
	if d.Users != 4 || d.Gone != 1 || d.Suspended != 1 || d.Suspends != 0 || d.Groups != 2 || d.GrantsKept != 2 || d.Credentials != 1 || len(d.People) != 4 || len(d.Refused) != 0 {
		t.Errorf("preview %+v", d)
	}
	if again := k.preview("acme-okta", directory.Finalise); again.Digest != d.Digest {
		t.Error("a preview that shows the same has another digest")
	}
	if done := k.disconnect("acme-okta", directory.Finalise); !done.Done || done.Users != 4 || done.Groups != 2 {
		t.Errorf("done %+v", done)
	}
	op := pointed(k.op, acme)
	for i, want := range []string{"active", "suspended", "gone", "active"} {
		u, err := k.User(bg, op, ids[i])
		k.ok(err)
		if got := k.state(acme, ids[i]); got != want || u.User.Connection != "" {
			t.Errorf("user %d is %s, managed by %q", i, got, u.User.Connection)
		}
		if i == 3 && u.User.Type != directory.Guest {
			t.Error("a guest by mapping became a member, which needs a seat")
		}
	}
	if got := k.members(op, k.builtIn(acme, directory.Owners).ID); len(got) != 2 {
		t.Errorf("owners %v", got)
	}
	k.ok(k.LeaveBuiltIn(bg, k.op, acme, directory.Owners, other)) // it is a grant of its own now, which an operator may take
	for _, id := range []directory.ID{admins.ID, temps.ID} {
		g, err := k.Group(bg, op, id, false)
		k.ok(err)
		if g.Group.Connection != "" || g.Group.Members == 0 {
			t.Errorf("group %+v", g.Group)
		}
	}
	_, err := k.EditConnection(bg, k.op, "acme-okta", directory.Precondition{}, func(c directory.Connection) (directory.Connection, error) { return c, nil })
	k.fails(err, directory.NotFound, "")
	k.edit(entra, ids[0], title("adopted")) // the next identity provider may have them
	k.idp(acme, "acme-okta")                // and the slug is free
}

func TestC10TerminateSuspends(t *testing.T) {
	k := start(t)
	days, hold := 30, directory.Hold
	acme := k.tenant("acme", 0, func(o *directory.Overrides) { o.AutoDeleteDays, o.ManualSuspension = &days, &hold })
	okta := k.idp(acme, "acme-okta", func(d *bridge.ConnectionDraft) {
		d.Mappings = []directory.GroupMapping{{DisplayName: "Admins", Grants: directory.Owners}}
	})
	ids := k.staff(okta, 12)
	k.group(okta, "Admins", add(ids[0], ids[1]))
	d := k.preview("acme-okta", directory.Terminate)
	if len(d.Refused) != 2 || d.Refused[0].Rule != "G3" || d.Suspends != 12 || !d.Unusual || d.AutoDeleteDays != 30 || d.GrantsTaken != 2 {
		t.Errorf("preview %+v", d)
	}
	_, err := k.Disconnect(bg, k.op, "acme-okta", directory.Terminate, d.Digest, "")
	k.fails(err, directory.Refused, "G3")
	k.edit(okta, ids[5], title("nothing was done: the connection still works"))
	k.owner(acme, "boss@acme.example")
	_, err = k.Disconnect(bg, k.op, "acme-okta", directory.Terminate, d.Digest, "")
	k.fails(err, directory.Conflict, "C10") // what was shown had refusals in it
	after := k.lastEvent(acme)
	if done := k.disconnect("acme-okta", directory.Terminate); !done.Done || done.Users != 12 {
		t.Errorf("done %+v", done)
	}
	for _, id := range ids {
		if got := k.state(acme, id); got != "suspended" {
			t.Errorf("user %s is %s", id, got)
		}
	}
	if got := k.members(pointed(k.op, acme), k.builtIn(acme, directory.Owners).ID); len(got) != 1 {
		t.Errorf("owners %v", got)
	}
	said := map[directory.EventKind]int{}
	for _, e := range k.events(acme, after) {
		said[e.Kind]++
	}
	if said[directory.UserSuspended] != 12 || said[directory.BrakeAlerted] != 1 || said[directory.TokenRevoked] != 1 ||
		said[directory.ConnectionEnding] != 1 || said[directory.ConnectionRemoved] != 1 {
		t.Errorf("events %v", said)
	}
	all, err := k.AutoDeletions(bg, k.op, acme)
	k.ok(err)
	if len(all) != 12 {
		t.Errorf("%d will be deleted by the clock, though the tenant holds suspensions by hand", len(all))
	}
	_, err = k.EditUser(bg, okta, ids[5], directory.Precondition{}, active(true)) // let in before, written behind it
	k.fails(err, directory.Unauthorized, "")
	_, err = k.CreateUser(bg, okta, person{name: "late@acme.example"}.edit)
	k.fails(err, directory.Unauthorized, "")
}

func TestC10WhatIsDoneIsWhatWasShown(t *testing.T) {
	k := start(t)
	acme := k.tenant("acme", 0)
	okta := k.idp(acme, "acme-okta")
	ids := k.staff(okta, 3)
	shown := k.preview("acme-okta", directory.Terminate)
	k.edit(okta, ids[0], title("a title is no matter"))
	if k.preview("acme-okta", directory.Terminate).Digest != shown.Digest {
		t.Error("a title changes the digest")
	}
	for what, change := range map[string]func(){
		"one more":      func() { k.create(okta, person{name: "new@acme.example"}) },
		"one suspended": func() { k.edit(okta, ids[0], active(false)) },
		"a group":       func() { k.group(okta, "Staff") },
		"auto-delete":   func() { k.override(acme, func(o *directory.Overrides) { days := 9; o.AutoDeleteDays = &days }) },
	} {
		shown := k.preview("acme-okta", directory.Terminate)
		change()
		_, err := k.Disconnect(bg, k.op, "acme-okta", directory.Terminate, shown.Digest, "")
		if e := k.fails(err, directory.Conflict, "C10"); e.Field != "digest" {
			t.Errorf("%s: %+v", what, e)
		}
	}
	finalise := k.preview("acme-okta", directory.Finalise)
	_, err := k.Disconnect(bg, k.op, "acme-okta", directory.Terminate, finalise.Digest, "")
	k.fails(err, directory.Conflict, "C10")
	_, err = k.PreviewDisconnect(bg, k.op, "acme-okta", "drop", directory.ID{}, 0)
	k.fails(err, directory.Invalid, "C10")
	first, err := k.PreviewDisconnect(bg, k.op, "acme-okta", directory.Finalise, directory.ID{}, 2)
	k.ok(err)
	rest, err := k.PreviewDisconnect(bg, k.op, "acme-okta", directory.Finalise, first.Next, 500)
	k.ok(err)
	if len(first.People) != 2 || len(rest.People) != 2 || !rest.Next.IsZero() || first.Digest != rest.Digest || rest.People[0].User == first.People[1].User {
		t.Errorf("pages %+v, %+v", first, rest)
	}
}

// cutStore fails every write behind the first so many, as a process does that was killed.
type cutStore struct {
	store.Store
	left int
}

func (s *cutStore) Update(ctx context.Context, tenant directory.TenantID, want *store.Want, decide store.Decide) error {
	if s.left == 0 {
		return errors.New("the process is gone")
	}
	s.left--
	return s.Store.Update(ctx, tenant, want, decide)
}

func TestC10GoesOnAfterAnyCut(t *testing.T) {
	for _, mode := range []directory.Disconnect{directory.Finalise, directory.Terminate} {
		for writes := 0; ; writes++ {
			cut := &cutStore{left: -1}
			k := start(t, func(c *bridgetest.Config) { cut.Store = c.Store; c.Store = cut })
			acme := k.tenant("acme", 0, holding(directory.BrakeHold))
			okta := k.idp(acme, "acme-okta", func(d *bridge.ConnectionDraft) {
				d.Mappings = []directory.GroupMapping{{DisplayName: "Admins", Grants: directory.Administrators}}
			})
			k.owner(acme, "boss@acme.example")
			ids := k.staff(okta, 104)
			k.deactivate(okta, ids[:30]) // some are held
			k.group(okta, "Admins", add(ids...))
			shown := k.preview("acme-okta", mode)
			cut.left = writes
			_, err := k.Disconnect(bg, k.op, "acme-okta", mode, shown.Digest, "")
			cut.left = -1
			if err == nil {
				if writes < 5 {
					t.Fatalf("it took %d transactions", writes)
				}
				break
			}
			if writes > 0 {
				_, err := k.CreateUser(bg, okta, person{name: "late@acme.example"}.edit)
				k.fails(err, directory.Unauthorized, "")
				all, err := k.ResumeDisconnects(bg, directory.JobPrincipal("disconnect"), acme, true)
				k.ok(err)
				if len(all) != 1 {
					t.Fatalf("%d wait to go on", len(all))
				}
				all, err = k.ResumeDisconnects(bg, directory.JobPrincipal("disconnect"), acme, false)
				k.ok(err)
				if len(all) != 1 || !all[0].Done {
					t.Fatalf("behind %d writes: %+v", writes, all)
				}
				suspended := 0
				for _, id := range ids {
					u, err := k.User(bg, pointed(k.op, acme), id)
					k.ok(err)
					if u.User.Connection != "" {
						t.Fatalf("behind %d writes %s is still managed", writes, u.User.UserName)
					}
					if u.User.State == directory.Suspended {
						suspended++
						if by := u.User.Suspension.By; mode == directory.Terminate && by.Kind == directory.BySystem {
							t.Errorf("suspended by %+v instead of whoever decided", by)
						}
					}
				}
				if want := shown.Suspended + shown.Suspends; suspended != want {
					t.Errorf("%d suspended, want %d", suspended, want)
				}
				held, err := k.HeldRemovals(bg, k.op, acme, "")
				k.ok(err)
				if len(held) != 0 {
					t.Errorf("%d are still held", len(held))
				}
			}
		}
	}
}

func TestC10WaitsForAnOwner(t *testing.T) {
	cut := &cutStore{left: -1}
	k := start(t, func(c *bridgetest.Config) { cut.Store = c.Store; c.Store = cut })
	acme := k.tenant("acme", 0)
	okta := k.idp(acme, "acme-okta")
	ada := k.create(okta, person{name: "ada@acme.example"}).User.ID
	k.ok(k.JoinBuiltIn(bg, k.op, acme, directory.Owners, ada))
	boss := k.owner(acme, "boss@acme.example")
	k.staff(okta, 3)
	cut.left = 1
	_, err := k.Disconnect(bg, k.op, "acme-okta", directory.Terminate, k.preview("acme-okta", directory.Terminate).Digest, "")
	if err == nil {
		t.Fatal("the cut did nothing")
	}
	cut.left = -1
	k.ok(k.LeaveBuiltIn(bg, k.op, acme, directory.Owners, boss)) // the other Owner goes in the middle
	left, err := k.Disconnect(bg, k.op, "acme-okta", directory.Terminate, "", "")
	k.ok(err)
	if left.Done || len(left.Left) != 1 || left.Left[0].Rule != "G3" || left.Users != 3 || k.state(acme, ada) != "active" {
		t.Errorf("left %+v", left)
	}
	_, err = k.Disconnect(bg, k.op, "acme-okta", directory.Finalise, "", "")
	k.fails(err, directory.Conflict, "C10")
	_, err = k.RotateToken(bg, k.op, "acme-okta", bridge.TokenOptions{})
	k.fails(err, directory.Conflict, "C10")
	k.clock.Advance(time.Minute)
	k.ok(k.JoinBuiltIn(bg, k.op, acme, directory.Owners, boss))
	done, err := k.ResumeDisconnects(bg, directory.JobPrincipal("disconnect"), acme, false)
	k.ok(err)
	if len(done) != 1 || !done[0].Done || k.state(acme, ada) != "suspended" {
		t.Errorf("done %+v", done)
	}
}
