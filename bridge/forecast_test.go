package bridge_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"drawbridge/bridge"
	"drawbridge/bridge/bridgetest"
	"drawbridge/bridge/credential"
	"drawbridge/directory"
	"drawbridge/policy"
)

// TestE7PredictionsComeTrue plays random histories on a small tenant. After each it asks for a forecast about a user, sends one of
// the writes that the forecast is about, and compares.
func TestE7PredictionsComeTrue(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		w := newForecastWorld(t, rt)
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			w.step(rt)
		}
		w.compare(rt)
	})
}

type forecastWorld struct {
	k       *kit
	tenant  directory.TenantID
	secrets map[directory.ConnectionID]string
	ids     []directory.ConnectionID
	live    int // connections
	users   []directory.ID
	names   int
}

func newForecastWorld(t *testing.T, rt *rapid.T) *forecastWorld {
	w := &forecastWorld{k: start(t), secrets: map[directory.ConnectionID]string{}}
	del := rapid.SampledFrom([]directory.OnDelete{directory.OnDeleteSuspend, directory.OnDeleteRemove}).Draw(rt, "on_delete")
	rehire := rapid.SampledFrom([]directory.RehireMode{directory.RehireRestore, directory.RehireConflict}).Draw(rt, "rehire")
	manual := rapid.SampledFrom([]directory.SuspensionMode{directory.Yield, directory.Hold}).Draw(rt, "suspension_manual")
	brake := rapid.SampledFrom([]directory.BrakeMode{directory.BrakeAlert, directory.BrakeHold}).Draw(rt, "brake")
	w.tenant = w.k.NewTenant("acme", rapid.IntRange(2, 4).Draw(rt, "seats"), func(o *directory.Overrides) {
		o.OnDelete, o.Rehire, o.ManualSuspension, o.Brake = &del, &rehire, &manual, &brake
	})
	for _, id := range []directory.ConnectionID{"okta", "entra"} {
		w.secrets[id] = w.k.connect(w.tenant, string(id)).Text
		w.ids, w.live = append(w.ids, id), w.live+1
	}
	for range 3 {
		w.create(rt)
	}
	return w
}

func (w *forecastWorld) signIn(id directory.ConnectionID) (directory.Principal, error) {
	return w.k.Authenticate(bg, id, bridgetest.Bearer(w.secrets[id]), credential.Client{})
}

func (w *forecastWorld) connection(t *rapid.T) directory.ConnectionID {
	return rapid.SampledFrom(w.ids).Draw(t, "connection")
}

func (w *forecastWorld) user(t *rapid.T) directory.ID {
	if len(w.users) == 0 {
		t.Skip()
	}
	return rapid.SampledFrom(w.users).Draw(t, "user")
}

func (w *forecastWorld) create(t *rapid.T) {
	p, err := w.signIn(w.connection(t))
	if err != nil {
		return
	}
	w.names++
	external := rapid.SampledFrom([]string{"", fmt.Sprint("e", w.names), "shared"}).Draw(t, "external")
	if out, err := w.k.CreateUser(bg, p, bridgetest.Person{Name: fmt.Sprintf("u%d@acme.test", w.names), External: external}.Draft); err == nil {
		w.users = append(w.users, out.User.ID)
	}
}

// step makes one random change of the tenant. An error is a valid result.
func (w *forecastWorld) step(t *rapid.T) {
	id := w.user(t)
	switch rapid.IntRange(0, 12).Draw(t, "what") {
	case 0:
		w.create(t)
	case 1:
		_, _, _ = w.k.SuspendUser(bg, w.k.Op, w.tenant, id, bridge.SuspendOrder{Mode: rapid.SampledFrom([]directory.SuspensionMode{"", directory.Yield, directory.Hold}).Draw(t, "mode")})
	case 2:
		_, _ = w.k.ReleaseUser(bg, w.k.Op, w.tenant, id)
	case 3:
		_ = w.k.ReleaseManagement(bg, w.k.Op, w.tenant, directory.UserKind, id)
	case 4:
		if p, err := w.signIn(w.connection(t)); err == nil {
			_, _ = w.k.EditUser(bg, p, id, directory.Precondition{}, bridgetest.SetActive(rapid.Bool().Draw(t, "active")))
		}
	case 5:
		if p, err := w.signIn(w.connection(t)); err == nil {
			_ = w.k.DeleteUser(bg, p, id, directory.Precondition{})
		}
	case 6:
		paused := rapid.Bool().Draw(t, "paused")
		_, _ = w.k.EditConnection(bg, w.k.Op, w.connection(t), directory.Precondition{}, func(c directory.Connection) (directory.Connection, error) { c.Paused = paused; return c, nil })
	case 7:
		w.k.Clock.Advance(time.Duration(rapid.IntRange(1, 90).Draw(t, "minutes")) * time.Minute)
	case 8:
		_, _, _ = w.k.ConvertUser(bg, w.k.Op, w.tenant, id, rapid.SampledFrom([]directory.UserType{directory.TeamMember, directory.Guest}).Draw(t, "type"))
	case 9:
		_ = w.k.JoinBuiltIn(bg, w.k.Op, w.tenant, directory.Owners, id)
	case 10:
		w.disconnect(t)
	case 11:
		w.plan(rapid.SampledFrom([]string{"starter", "business"}).Draw(t, "plan"))
	case 12:
		manual := rapid.SampledFrom([]directory.SuspensionMode{directory.Yield, directory.Hold}).Draw(t, "manual")
		_, _ = w.k.EditTenant(bg, w.k.Op, w.tenant, directory.Precondition{}, func(t directory.Tenant) (directory.Tenant, error) {
			t.Overrides.ManualSuspension = &manual
			return t, nil
		})
	}
}

func (w *forecastWorld) plan(id string) {
	_, _ = w.k.EditTenant(bg, w.k.Op, w.tenant, directory.Precondition{}, func(t directory.Tenant) (directory.Tenant, error) { t.Plan = id; return t, nil })
}

// disconnect ends a connection, and another one may take its place later.
func (w *forecastWorld) disconnect(t *rapid.T) {
	id := w.connection(t)
	mode := rapid.SampledFrom([]directory.Disconnect{directory.Finalise, directory.Terminate}).Draw(t, "disconnect")
	preview, err := w.k.Disconnects().Preview(bg, w.k.Op, id, mode, bridge.PeoplePage{Limit: 10})
	if err != nil {
		return
	}
	if _, err := w.k.Disconnects().Disconnect(bg, w.k.Op, id, bridge.DisconnectOrder{Mode: mode, Digest: preview.Digest, Reason: "test"}); err != nil {
		return
	}
	w.live--
	if w.live == 0 { // one user must be left to predict
		id := directory.ConnectionID(fmt.Sprint("next", w.names))
		w.names++
		w.plan("business")
		w.secrets[id] = w.k.connect(w.tenant, string(id)).Text
		w.ids, w.live = append(w.ids, id), 1
	}
}

// compare asks for a forecast, sends the write, and compares.
func (w *forecastWorld) compare(t *rapid.T) {
	why, err := w.k.WhyUser(bg, w.k.Op, w.tenant, w.user(t))
	if directory.CodeOf(err) == directory.NotFound {
		t.Skip()
	}
	if err != nil || len(why.Syncs) == 0 {
		t.Fatalf("no forecast: %+v, %v", why, err)
	}
	f := rapid.SampledFrom(why.Syncs).Draw(t, "forecast")
	p, err := w.signIn(f.Connection)
	if f.Blocked != nil {
		if directory.CodeOf(err) != f.Blocked.Code {
			t.Fatalf("blocked by %v, and the request gets %v", f.Blocked, err)
		}
		return
	}
	if err != nil {
		t.Fatalf("not blocked, and the request gets %v", err)
	}
	want := rapid.SampledFrom(f.Outcomes).Draw(t, "outcome")
	before := why.User
	made, err := w.send(p, &before, want.Write)
	if want.Refuse != nil {
		var got *directory.Error
		if !errors.As(err, &got) || got.Code != want.Refuse.Code || got.Rule != want.Refuse.Rule || got.Message != want.Refuse.Message {
			t.Fatalf("%s: predicted %v, got %v", want.Write, want.Refuse, err)
		}
		return
	}
	if err != nil {
		t.Fatalf("%s: predicted success, got %v", want.Write, err)
	}
	other, known := made != directory.ID{} && made != before.ID, slices.Contains(w.users, made)
	if want.Created != (other && !known) || (want.Revived != nil) != (other && known) || want.Revived != nil && want.Revived.ID != made {
		t.Fatalf("%s: created is %v, revived is %+v, and the answer was %s for %s", want.Write, want.Created, want.Revived, made, before.ID)
	}
	op := w.k.Op
	op.Tenant = w.tenant
	after, err := w.k.User(bg, op, before.ID)
	if want.After == nil {
		if directory.CodeOf(err) != directory.NotFound {
			t.Fatalf("%s: the user should be deleted: %+v, %v", want.Write, after.User, err)
		}
		return
	}
	if err != nil || after.User.State != want.After.State || after.User.Connection != want.After.Connection || after.User.Statement != want.After.Statement {
		t.Fatalf("%s: predicted %+v, got %+v, %v", want.Write, want.After, after.User, err)
	}
}

func (w *forecastWorld) send(p directory.Principal, u *directory.User, write policy.SyncWrite) (directory.ID, error) {
	switch write {
	case policy.WriteActive:
		_, err := w.k.EditUser(bg, p, u.ID, directory.Precondition{}, bridgetest.SetActive(true))
		return directory.ID{}, err
	case policy.WriteInactive:
		_, err := w.k.EditUser(bg, p, u.ID, directory.Precondition{}, bridgetest.SetActive(false))
		return directory.ID{}, err
	case policy.WriteOther:
		_, err := w.k.EditUser(bg, p, u.ID, directory.Precondition{}, bridgetest.SetTitle("changed"))
		return directory.ID{}, err
	case policy.WriteDelete:
		return directory.ID{}, w.k.DeleteUser(bg, p, u.ID, directory.Precondition{})
	}
	out, err := w.k.CreateUser(bg, p, bridgetest.Person{Name: u.UserName, External: u.ExternalID, Active: bridgetest.Yes()}.Draft)
	return out.User.ID, err
}

// A POST with the name of a user in grace can mean another user by now, who is no new one.
func TestE7PostThatBringsBackAnotherUser(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	okta := k.NewIdP(acme, "acme-okta")
	ann := k.NewUser(okta, bridgetest.Person{Name: "ann@acme.test"}).User
	k.OK(k.DeleteUser(bg, okta, ann.ID, directory.Precondition{}))
	other, err := k.AddUser(bg, k.Op, acme, bridge.UserForm{UserName: "ann@acme.test"}, "")
	k.OK(err)
	_, err = k.EditUser(bg, okta, other.User.ID, directory.Precondition{}, bridgetest.SetActive(false))
	k.OK(err)
	why, err := k.WhyUser(bg, k.Op, acme, ann.ID)
	k.OK(err)
	o, ok := why.Syncs[0].Outcome(policy.WriteCreate)
	if !ok || o.Created || o.Revived == nil || o.Revived.ID != other.User.ID || !strings.Contains(why.Next, "a POST of the user brings back another user, ann@acme.test ("+other.User.ID.String()+")") {
		t.Errorf("%+v: %s", o, why.Next)
	}
	if made := k.NewUser(okta, bridgetest.Person{Name: "ann@acme.test"}); made.User.ID != other.User.ID {
		t.Errorf("the POST gave %+v", made)
	}
}

func TestL4AnswerOfASuspensionPredictsTheNextSync(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	okta := k.NewIdP(acme, "acme-okta")
	ann := k.NewUser(okta, bridgetest.Person{Name: "ann@acme.test"}).User
	notice := func(mode directory.SuspensionMode) string {
		_, text, err := k.SuspendUser(bg, k.Op, acme, ann.ID, bridge.SuspendOrder{Mode: mode})
		k.OK(err)
		return string(text)
	}
	if text := notice(directory.Yield); !strings.Contains(text, "active: true ends the suspension") {
		t.Error(text)
	}
	if text := notice(directory.Hold); !strings.Contains(text, "the suspension holds") {
		t.Error(text)
	}
	k.OK(k.ReleaseManagement(bg, k.Op, acme, directory.UserKind, ann.ID))
	if text := notice(directory.Yield); !strings.Contains(text, "No connection manages this user") || !strings.Contains(text, "ends the suspension") {
		t.Error(text)
	}
	if text := notice(directory.Hold); !strings.Contains(text, "No connection manages this user") || strings.Contains(text, "ends the suspension") {
		t.Error(text)
	}
	_, err := k.EditConnection(bg, k.Op, "acme-okta", directory.Precondition{}, func(c directory.Connection) (directory.Connection, error) { c.Paused = true; return c, nil })
	k.OK(err)
	if text := notice(directory.Yield); !strings.Contains(text, "paused this connection") {
		t.Error(text)
	}
}
