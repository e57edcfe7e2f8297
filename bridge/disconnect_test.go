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
	k.T.Helper()
	d, err := k.Disconnects().Preview(bg, k.Op, id, mode, bridge.PeoplePage{Limit: 500})
	k.OK(err)
	return d
}

func (k *kit) disconnect(id directory.ConnectionID, mode directory.Disconnect) bridge.Disconnected {
	k.T.Helper()
	done, err := k.Disconnects().Disconnect(bg, k.Op, id, bridge.DisconnectOrder{Mode: mode, Digest: k.preview(id, mode).Digest, Reason: "moved"})
	k.OK(err)
	return done
}

// owner makes a user without a managing connection an Owner.
func (k *kit) owner(tenant directory.TenantID, name string) directory.ID {
	k.T.Helper()
	u := k.NewUser(pointed(k.Op, tenant), bridgetest.Person{Name: name})
	k.OK(k.JoinBuiltIn(bg, k.Op, tenant, directory.Owners, u.User.ID))
	return u.User.ID
}

func TestC10FinaliseMakesPeopleLocal(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	okta := k.NewIdP(acme, "acme-okta", func(d *bridge.ConnectionDraft) {
		d.Mappings = []directory.GroupMapping{{DisplayName: "Admins", Grants: directory.Owners}, {DisplayName: "Temps", Guest: true}}
	})
	entra := k.NewIdP(acme, "acme-entra")
	ids := k.staff(okta, 4)
	other := k.NewUser(entra, bridgetest.Person{Name: "eve@acme.example"}).User.ID
	k.ChangeUser(okta, ids[1], bridgetest.SetActive(false))
	k.OK(k.DeleteUser(bg, okta, ids[2], directory.Precondition{}))
	admins := k.NewGroup(okta, "Admins", bridgetest.Add(ids[0], other))
	temps := k.NewGroup(okta, "Temps", bridgetest.Add(ids[3]))
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
	op := pointed(k.Op, acme)
	for i, want := range []string{"active", "suspended", "gone", "active"} {
		u, err := k.User(bg, op, ids[i])
		k.OK(err)
		if got := k.state(acme, ids[i]); got != want || u.User.Connection != "" {
			t.Errorf("user %d is %s, managed by %q", i, got, u.User.Connection)
		}
		if i == 3 && u.User.Type != directory.Guest {
			t.Error("a guest by mapping became a member, which needs a seat")
		}
	}
	if got := k.MembersOf(op, k.BuiltIn(acme, directory.Owners).ID); len(got) != 2 {
		t.Errorf("owners %v", got)
	}
	k.OK(k.LeaveBuiltIn(bg, k.Op, acme, directory.Owners, other)) // it is a grant of its own now, which an operator may take
	for _, id := range []directory.ID{admins.ID, temps.ID} {
		g, err := k.Group(bg, op, id, bridge.WithoutMembers)
		k.OK(err)
		if g.Group.Connection != "" || g.Group.Members == 0 {
			t.Errorf("group %+v", g.Group)
		}
	}
	_, err := k.EditConnection(bg, k.Op, "acme-okta", directory.Precondition{}, func(c directory.Connection) (directory.Connection, error) { return c, nil })
	k.Fails(err, directory.NotFound, "")
	k.ChangeUser(entra, ids[0], bridgetest.SetTitle("adopted")) // the next identity provider may have them
	k.NewIdP(acme, "acme-okta")                                 // and the slug is free
}

func TestC10TerminateSuspends(t *testing.T) {
	t.Parallel()
	k := start(t)
	days, hold := 30, directory.Hold
	acme := k.NewTenant("acme", 0, func(o *directory.Overrides) { o.AutoDeleteDays, o.ManualSuspension = &days, &hold })
	okta := k.NewIdP(acme, "acme-okta", func(d *bridge.ConnectionDraft) {
		d.Mappings = []directory.GroupMapping{{DisplayName: "Admins", Grants: directory.Owners}}
	})
	ids := k.staff(okta, 12)
	k.NewGroup(okta, "Admins", bridgetest.Add(ids[0], ids[1]))
	d := k.preview("acme-okta", directory.Terminate)
	if len(d.Refused) != 2 || d.Refused[0].Rule != "G3" || d.Suspends != 12 || !d.Unusual || d.AutoDeleteDays != 30 || d.GrantsTaken != 2 {
		t.Errorf("preview %+v", d)
	}
	_, err := k.Disconnects().Disconnect(bg, k.Op, "acme-okta", bridge.DisconnectOrder{Mode: directory.Terminate, Digest: d.Digest})
	k.Fails(err, directory.Refused, "G3")
	k.ChangeUser(okta, ids[5], bridgetest.SetTitle("nothing was done: the connection still works"))
	k.owner(acme, "boss@acme.example")
	_, err = k.Disconnects().Disconnect(bg, k.Op, "acme-okta", bridge.DisconnectOrder{Mode: directory.Terminate, Digest: d.Digest})
	k.Fails(err, directory.Conflict, "C10") // what was shown had refusals in it
	after := k.LastEvent(acme)
	if done := k.disconnect("acme-okta", directory.Terminate); !done.Done || done.Users != 12 {
		t.Errorf("done %+v", done)
	}
	for _, id := range ids {
		if got := k.state(acme, id); got != "suspended" {
			t.Errorf("user %s is %s", id, got)
		}
	}
	if got := k.MembersOf(pointed(k.Op, acme), k.BuiltIn(acme, directory.Owners).ID); len(got) != 1 {
		t.Errorf("owners %v", got)
	}
	said := map[directory.EventKind]int{}
	for _, e := range k.EventsOf(acme, after) {
		said[e.Kind]++
	}
	if said[directory.UserSuspended] != 12 || said[directory.BrakeAlerted] != 1 || said[directory.TokenRevoked] != 1 ||
		said[directory.ConnectionEnding] != 1 || said[directory.ConnectionRemoved] != 1 {
		t.Errorf("events %v", said)
	}
	all, err := k.AutoDeletions(bg, k.Op, acme)
	k.OK(err)
	if len(all) != 12 {
		t.Errorf("%d will be deleted by the clock, though the tenant holds suspensions by hand", len(all))
	}
	_, err = k.EditUser(bg, okta, ids[5], directory.Precondition{}, bridgetest.SetActive(true)) // authenticated before, written after it
	k.Fails(err, directory.Unauthorized, "")
	_, err = k.CreateUser(bg, okta, bridgetest.Person{Name: "late@acme.example"}.Draft)
	k.Fails(err, directory.Unauthorized, "")
}

func TestC10UnlinkMatchesItsPreview(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	okta := k.NewIdP(acme, "acme-okta")
	ids := k.staff(okta, 3)
	shown := k.preview("acme-okta", directory.Terminate)
	k.ChangeUser(okta, ids[0], bridgetest.SetTitle("a title is no matter"))
	if k.preview("acme-okta", directory.Terminate).Digest != shown.Digest {
		t.Error("a title changes the digest")
	}
	for what, change := range map[string]func(){
		"one more":      func() { k.NewUser(okta, bridgetest.Person{Name: "new@acme.example"}) },
		"one suspended": func() { k.ChangeUser(okta, ids[0], bridgetest.SetActive(false)) },
		"a group":       func() { k.NewGroup(okta, "Staff") },
		"auto-delete":   func() { k.Override(acme, func(o *directory.Overrides) { days := 9; o.AutoDeleteDays = &days }) },
	} {
		shown := k.preview("acme-okta", directory.Terminate)
		change()
		_, err := k.Disconnects().Disconnect(bg, k.Op, "acme-okta", bridge.DisconnectOrder{Mode: directory.Terminate, Digest: shown.Digest})
		if e := k.Fails(err, directory.Conflict, "C10"); e.Field != "digest" {
			t.Errorf("%s: %+v", what, e)
		}
	}
	finalise := k.preview("acme-okta", directory.Finalise)
	_, err := k.Disconnects().Disconnect(bg, k.Op, "acme-okta", bridge.DisconnectOrder{Mode: directory.Terminate, Digest: finalise.Digest})
	k.Fails(err, directory.Conflict, "C10")
	_, err = k.Disconnects().Preview(bg, k.Op, "acme-okta", "drop", bridge.PeoplePage{})
	k.Fails(err, directory.Invalid, "C10")
	first, err := k.Disconnects().Preview(bg, k.Op, "acme-okta", directory.Finalise, bridge.PeoplePage{Limit: 2})
	k.OK(err)
	rest, err := k.Disconnects().Preview(bg, k.Op, "acme-okta", directory.Finalise, bridge.PeoplePage{After: first.Next, Limit: 500})
	k.OK(err)
	if len(first.People) != 2 || len(rest.People) != 2 || !rest.Next.IsZero() || first.Digest != rest.Digest || rest.People[0].User == first.People[1].User {
		t.Errorf("pages %+v, %+v", first, rest)
	}
}

// cutStore fails every write after the given number, as if the process had been killed.
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

func TestC10UnlinkResumesAfterACrash(t *testing.T) {
	t.Parallel()
	for _, mode := range []directory.Disconnect{directory.Finalise, directory.Terminate} {
		for writes := 0; ; writes++ {
			cut := &cutStore{left: -1}
			k := start(t, func(c *bridgetest.Config) { cut.Store = c.Store; c.Store = cut })
			acme := k.NewTenant("acme", 0, holding(directory.BrakeHold))
			okta := k.NewIdP(acme, "acme-okta", func(d *bridge.ConnectionDraft) {
				d.Mappings = []directory.GroupMapping{{DisplayName: "Admins", Grants: directory.Administrators}}
			})
			k.owner(acme, "boss@acme.example")
			ids := k.staff(okta, 104)
			k.deactivate(okta, ids[:30]) // some are held
			k.NewGroup(okta, "Admins", bridgetest.Add(ids...))
			shown := k.preview("acme-okta", mode)
			cut.left = writes
			_, err := k.Disconnects().Disconnect(bg, k.Op, "acme-okta", bridge.DisconnectOrder{Mode: mode, Digest: shown.Digest})
			cut.left = -1
			if err == nil {
				if writes < 5 {
					t.Fatalf("it took %d transactions", writes)
				}
				break
			}
			if writes > 0 {
				_, err := k.CreateUser(bg, okta, bridgetest.Person{Name: "late@acme.example"}.Draft)
				k.Fails(err, directory.Unauthorized, "")
				all, err := k.Disconnects().Resume(bg, directory.JobPrincipal("disconnect"), acme, directory.RunDry)
				k.OK(err)
				if len(all) != 1 {
					t.Fatalf("%d wait to go on", len(all))
				}
				all, err = k.Disconnects().Resume(bg, directory.JobPrincipal("disconnect"), acme, directory.RunApply)
				k.OK(err)
				if len(all) != 1 || !all[0].Done {
					t.Fatalf("after %d writes: %+v", writes, all)
				}
				suspended := 0
				for _, id := range ids {
					u, err := k.User(bg, pointed(k.Op, acme), id)
					k.OK(err)
					if u.User.Connection != "" {
						t.Fatalf("after %d writes %s is still managed", writes, u.User.UserName)
					}
					if u.User.State == directory.Suspended {
						suspended++
						if by := u.User.Suspension.By; mode == directory.Terminate && by.Kind == directory.BySystem {
							t.Errorf("suspended by %+v instead of the operator who decided", by)
						}
					}
				}
				if want := shown.Suspended + shown.Suspends; suspended != want {
					t.Errorf("%d suspended, want %d", suspended, want)
				}
				held, err := k.HeldRemovals().List(bg, k.Op, acme, "")
				k.OK(err)
				if len(held) != 0 {
					t.Errorf("%d are still held", len(held))
				}
			}
		}
	}
}

func TestC10WaitsForAnOwner(t *testing.T) {
	t.Parallel()
	cut := &cutStore{left: -1}
	k := start(t, func(c *bridgetest.Config) { cut.Store = c.Store; c.Store = cut })
	acme := k.NewTenant("acme", 0)
	okta := k.NewIdP(acme, "acme-okta")
	ada := k.NewUser(okta, bridgetest.Person{Name: "ada@acme.example"}).User.ID
	k.OK(k.JoinBuiltIn(bg, k.Op, acme, directory.Owners, ada))
	boss := k.owner(acme, "boss@acme.example")
	k.staff(okta, 3)
	cut.left = 1
	_, err := k.Disconnects().Disconnect(bg, k.Op, "acme-okta", bridge.DisconnectOrder{Mode: directory.Terminate, Digest: k.preview("acme-okta", directory.Terminate).Digest})
	if err == nil {
		t.Fatal("the cut did nothing")
	}
	cut.left = -1
	k.OK(k.LeaveBuiltIn(bg, k.Op, acme, directory.Owners, boss)) // the other Owner goes in the middle
	left, err := k.Disconnects().Disconnect(bg, k.Op, "acme-okta", bridge.DisconnectOrder{Mode: directory.Terminate})
	k.OK(err)
	if left.Done || len(left.Left) != 1 || left.Left[0].Rule != "G3" || left.Users != 3 || k.state(acme, ada) != "active" {
		t.Errorf("left %+v", left)
	}
	_, err = k.Disconnects().Disconnect(bg, k.Op, "acme-okta", bridge.DisconnectOrder{Mode: directory.Finalise})
	k.Fails(err, directory.Conflict, "C10")
	_, err = k.RotateToken(bg, k.Op, "acme-okta", bridge.TokenOptions{})
	k.Fails(err, directory.Conflict, "C10")
	k.Clock.Advance(time.Minute)
	k.OK(k.JoinBuiltIn(bg, k.Op, acme, directory.Owners, boss))
	done, err := k.Disconnects().Resume(bg, directory.JobPrincipal("disconnect"), acme, directory.RunApply)
	k.OK(err)
	if len(done) != 1 || !done[0].Done || k.state(acme, ada) != "suspended" {
		t.Errorf("done %+v", done)
	}
}
