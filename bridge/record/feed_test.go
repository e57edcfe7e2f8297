package record_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"drawbridge/bridge"
	"drawbridge/bridge/bridgetest"
	"drawbridge/bridge/credential"
	"drawbridge/bridge/record"
	"drawbridge/directory"
)

// app makes a key and signs in with it.
func TestE2FeedContinuesAtTheCursor(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	app := k.NewApplication(acme)
	okta := k.NewIdP(acme, "acme-okta")
	k.NewUsers(okta, 20)
	cursor, seen := "", uint64(0)
	for {
		page, err := k.Feed(bg, app, cursor, 3)
		k.OK(err)
		for _, e := range page.Events {
			if e.Seq != seen+1 || e.Tenant != acme {
				t.Fatalf("event %d of %s after %d", e.Seq, e.Tenant, seen)
			}
			seen = e.Seq
		}
		cursor = page.Next.String()
		if len(page.Events) == 0 {
			if seen != page.Last || page.Oldest != 1 {
				t.Fatalf("walked to %d of %d", seen, page.Last)
			}
			break
		}
	}
	k.NewUser(okta, bridgetest.Person{Name: "late"})
	page, err := k.Feed(bg, app, cursor, 0)
	k.OK(err)
	if len(page.Events) != 1 || page.Events[0].Seq != seen+1 {
		t.Errorf("then %+v", page.Events)
	}
	end, err := k.Feed(bg, app, record.FeedEnd, 0)
	k.OK(err)
	if len(end.Events) != 0 || end.Next != page.Next {
		t.Errorf("the end is %v, want %v", end.Next, page.Next)
	}
}

func TestE2InvalidCursorsAreRefused(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme, beta := k.NewTenant("acme", 0), k.NewTenant("beta", 0)
	app, other := k.NewApplication(acme), k.NewApplication(beta)
	k.NewUsers(k.NewIdP(acme, "acme-okta"), 3)
	page, err := k.Feed(bg, app, "", 2)
	k.OK(err)
	good := page.Next.String()
	foreign, err := k.Feed(bg, other, "", 1)
	k.OK(err)
	for _, bad := range []struct {
		cursor string
		code   directory.Code
		says   string
	}{
		{foreign.Next.String(), directory.Invalid, "another tenant"},
		{strings.Replace(good, "acme", "beta", 1), directory.Invalid, "another tenant"},
		{"acme.999.0123456789ab", directory.Expired, "ends with event"},
		{"acme.9223372036854775807.0123456789ab", directory.Expired, "ends with event"},
		{"acme.2.0123456789ab", directory.Expired, "another history"},
		{"acme.18446744073709551615.0123456789ab", directory.Invalid, "no cursor"},
		{"acme.-1.", directory.Invalid, "no cursor"},
		{"acme.02." + page.Next.Mark, directory.Invalid, "no cursor"},
		{"acme.2.XYZ", directory.Invalid, "no cursor"},
		{"2", directory.Invalid, "no cursor"},
		{good + ".", directory.Invalid, "no cursor"},
		{good + "\x00", directory.Invalid, "no cursor"},
		{strings.Repeat("a", 100) + ".2.", directory.Invalid, "no cursor"},
		{"END", directory.Invalid, "no cursor"},
	} {
		_, err := k.Feed(bg, app, bad.cursor, 10)
		e, ok := err.(*directory.Error) //nolint:errorlint // it comes from the bridge as it is
		if !ok || e.Code != bad.code || e.Field != "cursor" || !strings.Contains(e.Message, bad.says) {
			t.Errorf("%q: %v, want %s that says %q", bad.cursor, err, bad.code, bad.says)
		}
	}
	if _, err := k.Feed(bg, app, good, 10); err != nil {
		t.Error(err)
	}
	_, err = k.Events(bg, k.Op, acme, 999, 1)
	k.Fails(err, directory.Expired, "E2")
}

func TestE2OldCursorIsExpired(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	app := k.NewApplication(acme)
	okta := k.NewIdP(acme, "acme-okta")
	k.NewUsers(okta, 10)
	first, err := k.Feed(bg, app, "", 4)
	k.OK(err)
	k.Clock.Advance(20 * 24 * time.Hour)
	for i := range 5 {
		k.NewUser(okta, bridgetest.Person{Name: fmt.Sprint("late", i)})
	}
	half := k.LastEvent(acme) - 5
	k.Clock.Advance(10*24*time.Hour - time.Minute)
	trimmed, err := k.Trim(bg, k.Op, acme, directory.RunApply)
	k.OK(err)
	if trimmed.Events != 0 {
		t.Fatalf("%d events of less than 30 days are gone", trimmed.Events)
	}
	k.Clock.Advance(2 * time.Minute)
	trimmed, err = k.Trim(bg, k.Op, acme, directory.RunApply)
	k.OK(err)
	if uint64(trimmed.Events) != half {
		t.Errorf("%d events are gone, want %d", trimmed.Events, half)
	}
	_, err = k.Feed(bg, app, first.Next.String(), 4)
	if e := k.Fails(err, directory.Expired, "E2"); !strings.Contains(e.Message, fmt.Sprintf("the oldest event is %d", half+1)) {
		t.Error(e.Message)
	}
	page, err := k.Feed(bg, app, "", 100)
	k.OK(err)
	if len(page.Events) != 5 || page.Events[0].Seq != half+1 || page.Oldest != half+1 {
		t.Errorf("the oldest is %d, and %d events from %d", page.Oldest, len(page.Events), page.Events[0].Seq)
	}
	// A consumer whose cursor is the last removed event continues without a gap, although that event is gone.
	before, err := k.Feed(bg, app, fmt.Sprintf("acme.%d.0123456789ab", half), 100)
	k.OK(err)
	if len(before.Events) != 5 {
		t.Errorf("%+v", before)
	}
	k.Clock.Advance(60 * 24 * time.Hour)
	_, err = k.Trim(bg, k.Op, acme, directory.RunApply)
	k.OK(err)
	rest, err := k.Feed(bg, app, page.Next.String(), 100)
	k.OK(err)
	if len(rest.Events) != 0 || rest.Oldest != rest.Last {
		t.Errorf("%+v", rest)
	}
	k.NewUser(okta, bridgetest.Person{Name: "later"})
	rest, err = k.Feed(bg, app, rest.Next.String(), 100)
	k.OK(err)
	if len(rest.Events) != 1 || rest.Events[0].Seq != page.Last+1 {
		t.Errorf("%+v", rest)
	}
}

func TestFeedWaitsForTheNextEvent(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme, beta := k.NewTenant("acme", 0), k.NewTenant("beta", 0)
	app := k.NewApplication(acme)
	page, err := k.Feed(bg, app, record.FeedEnd, 0)
	k.OK(err)
	woken := make(chan error, 1)
	go func() { woken <- k.WaitFeed(bg, app, page.Next) }()
	k.NewUsers(k.NewIdP(beta, "beta-okta"), 1)
	select {
	case err := <-woken:
		t.Fatalf("woken by another tenant: %v", err)
	default:
	}
	k.NewIdP(acme, "acme-okta")
	k.OK(<-woken)
	ctx, cancel := context.WithCancel(bg)
	cancel()
	page, err = k.Feed(bg, app, record.FeedEnd, 0)
	k.OK(err)
	if err := k.WaitFeed(ctx, app, page.Next); err == nil {
		t.Error("a wait that was given up found an event")
	}
}

func TestAppKeysReadOneTenant(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	until := k.Clock.Now().Add(48 * time.Hour)
	secret, err := k.CreateAppKey(bg, k.Op, acme, record.AppKeyOptions{Name: " Portal ", Expires: until})
	k.OK(err)
	if !strings.HasPrefix(secret.Text, "dba_"+secret.Token.Prefix) || secret.Token.Hash != [32]byte{} || secret.Token.Name != "Portal" {
		t.Errorf("%+v", secret.Token)
	}
	from := credential.Client{Address: "203.0.113.9", UserAgent: "portal/1"}
	app, err := k.AuthenticateApplication(bg, secret.Text, from)
	k.OK(err)
	if app.Tenant != acme || app.Key != secret.Token.ID {
		t.Errorf("%+v", app)
	}
	keys, err := k.AppKeys(bg, k.Op, acme)
	k.OK(err)
	if len(keys.Keys) != 1 || len(keys.Uses) != 1 || keys.Uses[0].Address != from.Address || keys.Keys[0].Hash != [32]byte{} {
		t.Errorf("%+v", keys)
	}
	// An application key is not a credential of a connection, and a credential of a connection is not an application key.
	okta := k.NewIdP(acme, "acme-okta")
	for _, connection := range []directory.ConnectionID{"acme-okta", ""} {
		_, err = k.Authenticate(bg, connection, bridge.Credential{Secret: secret.Text}, from)
		k.Fails(err, directory.Unauthorized, "")
		_, _, err = k.IssueAccessToken(bg, connection, string(secret.Token.ID), secret.Text, from)
		k.Fails(err, directory.Unauthorized, "")
	}
	scim, err := k.RotateToken(bg, k.Op, "acme-okta", bridge.TokenOptions{})
	k.OK(err)
	for _, wrong := range []string{scim.Text, "", "dba_", secret.Text + "x", strings.ToUpper(secret.Text)} {
		_, err = k.AuthenticateApplication(bg, wrong, from)
		k.Fails(err, directory.Unauthorized, "")
	}
	// An identity provider makes none, and revokes none.
	_, err = k.CreateAppKey(bg, okta, acme, record.AppKeyOptions{Name: "x"})
	k.Fails(err, directory.Forbidden, "")
	k.Fails(k.RevokeAppKey(bg, okta, acme, secret.Token.ID), directory.Forbidden, "")
	beta := k.NewTenant("beta", 0)
	k.Fails(k.RevokeAppKey(bg, k.Op, beta, secret.Token.ID), directory.NotFound, "")
	for _, bad := range []record.AppKeyOptions{{}, {Name: "a\nb"}, {Name: strings.Repeat("x", 101)}, {Name: "x", Expires: k.Clock.Now()}} {
		_, err = k.CreateAppKey(bg, k.Op, acme, bad)
		k.Fails(err, directory.Invalid, "")
	}
	_, err = k.CreateAppKey(bg, k.Op, "nobody", record.AppKeyOptions{Name: "x"})
	k.Fails(err, directory.NotFound, "")

	k.Clock.Advance(48 * time.Hour)
	_, err = k.AuthenticateApplication(bg, secret.Text, from)
	k.Fails(err, directory.Unauthorized, "")
	secret, err = k.CreateAppKey(bg, k.Op, acme, record.AppKeyOptions{Name: "Portal"})
	k.OK(err)
	k.OK(k.RevokeAppKey(bg, k.Op, acme, secret.Token.ID))
	k.OK(k.RevokeAppKey(bg, k.Op, acme, secret.Token.ID))
	_, err = k.AuthenticateApplication(bg, secret.Text, from)
	k.Fails(err, directory.Unauthorized, "")
	if got := bridgetest.Kinds(k.EventsOf(acme, 0)); strings.Count(got, "token.created") != 4 || strings.Count(got, "token.revoked") != 1 {
		t.Errorf("the events are %s", got)
	}
}

// withMail makes a user with e-mail addresses beside the userName.
func withMail(k *kit, okta directory.Principal, name string, addresses ...string) directory.User {
	k.T.Helper()
	out, err := k.CreateUser(bg, okta, func(before *directory.User) (directory.UserDraft, error) {
		d, err := bridgetest.Person{Name: name}.Draft(before)
		a, _ := d.Document.Attributes()
		var emails []any
		for _, address := range addresses {
			emails = append(emails, directory.Attributes{{Name: "value", Value: address}})
		}
		a.Set("emails", emails)
		d.Emails, d.Document = addresses, a.Document()
		return d, err
	})
	k.OK(err)
	return out.User
}

// groupNames are the groups of an answer; * marks those that the user is in by another group.
func groupNames(a record.Access) string {
	var out []string
	for _, g := range a.Groups {
		name := g.Name
		if g.Indirect {
			name += "*"
		}
		out = append(out, name)
	}
	return strings.Join(out, ", ")
}

func TestE4AccessAnswersForEveryState(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	app := k.NewApplication(acme)
	okta := k.NewIdP(acme, "acme-okta")
	ann := k.NewUser(okta, bridgetest.Person{Name: "Ann@acme.test", External: "1"}).User
	bob := withMail(k, okta, "bob", "bob@acme.test", "team@acme.test")
	cleo := withMail(k, okta, "cleo", "cleo@acme.test", "team@acme.test")
	dan := withMail(k, okta, "dan", "ann@acme.test") // another user's userName among the addresses gives nothing
	team1 := k.NewGroup(okta, "Sales", bridgetest.Add(ann.ID))
	k.NewGroup(okta, "Everybody", bridgetest.Add(team1.ID))
	k.OK(k.JoinBuiltIn(bg, k.Op, acme, directory.Owners, ann.ID))
	k.OK(k.JoinBuiltIn(bg, k.Op, acme, directory.Owners, bob.ID))

	ask := func(email string) record.Access {
		t.Helper()
		got, err := k.Access(bg, app, email, directory.ID{})
		k.OK(err)
		return got
	}
	got := ask("ANN@acme.test")
	if !got.Allowed || got.State != "active" || got.User.ID != ann.ID || groupNames(got) != "Owners, Team Members, Sales, Everybody*" {
		t.Errorf("%+v with %s", got, groupNames(got))
	}
	if got := ask("bob@acme.test"); !got.Allowed || got.User.ID != bob.ID || groupNames(got) != "Owners, Team Members" {
		t.Errorf("by address: %+v", got)
	}
	if got := ask("team@acme.test"); got.Allowed || got.State != "ambiguous" || got.Known || len(got.Groups) != 0 {
		t.Errorf("an address of two: %+v", got)
	}
	_, _, err := k.SuspendUser(bg, k.Op, acme, cleo.ID, bridge.SuspendOrder{Reason: "left"})
	k.OK(err)
	if got := ask("team@acme.test"); !got.Allowed || got.State != "active" || got.User.ID != bob.ID {
		t.Errorf("an address of one who is active and one who is suspended: %+v", got)
	}
	_, _, err = k.SuspendUser(bg, k.Op, acme, bob.ID, bridge.SuspendOrder{Reason: "left"})
	k.OK(err)
	if got := ask("team@acme.test"); got.Allowed || got.State != "ambiguous" || got.Known {
		t.Errorf("an address of two who are suspended: %+v", got)
	}
	_, err = k.ReleaseUser(bg, k.Op, acme, bob.ID)
	k.OK(err)
	if got := ask("nobody@acme.test"); got.Allowed || got.State != "unknown" || got.Known || got.Why == "" {
		t.Errorf("nobody: %+v", got)
	}
	_, _, err = k.SuspendUser(bg, k.Op, acme, ann.ID, bridge.SuspendOrder{Reason: "left"})
	k.OK(err)
	if got := ask("ann@acme.test"); !got.Allowed || got.User.ID != dan.ID {
		t.Errorf("the userName of one who is suspended, the address of one who is active: %+v", got)
	}
	eve := withMail(k, okta, "eve", "ann@acme.test")
	if got := ask("ann@acme.test"); got.Allowed || got.State != "suspended" || got.User.ID != ann.ID {
		t.Errorf("the userName of one who is suspended, the address of two who are active: %+v", got)
	}
	k.ChangeUser(okta, dan.ID, bridgetest.SetActive(false))
	k.ChangeUser(okta, eve.ID, bridgetest.SetActive(false))
	if got := ask("ann@acme.test"); got.Allowed || got.State != "suspended" || got.Why != "suspended by an operator" || len(got.Groups) != 0 {
		t.Errorf("suspended: %+v", got)
	}
	if got := ask("dan"); got.Allowed || got.Why != "suspended by the identity provider" {
		t.Errorf("suspended: %+v", got)
	}
	k.OK(k.DeleteUser(bg, okta, dan.ID, directory.Precondition{}))
	if got := ask("dan"); got.Allowed || got.State != "unknown" {
		t.Errorf("deleted by the identity provider: %+v", got)
	}
	byID, err := k.Access(bg, app, "", dan.ID)
	k.OK(err)
	if byID.Allowed || byID.Why != "the identity provider has deleted the user" {
		t.Errorf("deleted, by id: %+v", byID)
	}
}

func TestPeopleAreListedForApplications(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme, beta := k.NewTenant("acme", 0), k.NewTenant("beta", 0)
	app := k.NewApplication(acme)
	okta := k.NewIdP(acme, "acme-okta")
	k.NewUsers(okta, 7)
	k.NewUsers(k.NewIdP(beta, "beta-okta"), 2)
	var seen []directory.ID
	after := directory.ID{}
	for {
		people, more, err := k.People(bg, app, after, 3)
		k.OK(err)
		for _, p := range people {
			if !p.Allowed || len(p.Groups) != 1 || p.Groups[0].BuiltIn != directory.TeamMembers {
				t.Errorf("%+v", p)
			}
			seen = append(seen, p.User.ID)
			after = p.User.ID
		}
		if !more {
			break
		}
	}
	if len(seen) != 7 {
		t.Errorf("%d people", len(seen))
	}
}
