package bridge_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"drawbridge/bridge"
	"drawbridge/bridge/bridgetest"
	"drawbridge/directory"
	"drawbridge/store"
)

func (k *kit) report(app directory.Application, all ...bridge.Activity) bridge.ActivityReceipt {
	k.T.Helper()
	out, err := k.ReportActivity(bg, app, all)
	k.OK(err)
	return out
}

// idle gives the names and days of the idle users, a slash, and those of the orphans.
func (k *kit) idle(tenant directory.TenantID) string {
	k.T.Helper()
	r, err := k.Idle(bg, k.Op, tenant)
	k.OK(err)
	var names, orphans []string
	for _, u := range r.Idle {
		names = append(names, fmt.Sprint(u.UserName, " ", u.Days))
	}
	for _, u := range r.Unmentioned {
		orphans = append(orphans, fmt.Sprint(u.UserName, " ", u.Days))
	}
	return strings.Join(names, ", ") + "/" + strings.Join(orphans, ", ")
}

func TestB10IdleSeatsAreReported(t *testing.T) {
	t.Parallel()
	k := start(t)
	thirty := 30
	acme := k.NewTenant("acme", 0, func(o *directory.Overrides) { o.IdleDays = &thirty })
	okta := k.NewIdP(acme, "acme-okta")
	app := k.NewApplication(acme)
	ann := k.NewUser(okta, bridgetest.Person{Name: "ann"}).User
	k.NewUser(okta, bridgetest.Person{Name: "bob"})
	eve := k.NewUser(okta, bridgetest.Person{Name: "eve"}).User
	k.Clock.Advance(200 * bridgetest.Day)
	r, err := k.Idle(bg, k.Op, acme)
	k.OK(err)
	if len(r.Idle) != 0 || r.Reported.Since != "" || !strings.Contains(r.Sentence(), "no activity data has been reported") {
		t.Errorf("without data it guesses: %s", r.Sentence())
	}
	// From the first report on it counts, for those of whom nothing is known, too.
	lines := len(k.AuditOf(acme))
	got := k.report(app, bridge.Activity{Email: "ann"}, bridge.Activity{User: ann.ID, At: k.Clock.Now().Add(-time.Hour)},
		bridge.Activity{Email: "nobody"}, bridge.Activity{User: directory.ID{9}})
	if got.Recorded != 1 || got.Unchanged != 1 || fmt.Sprint(got.Unknown) != "[2 3]" {
		t.Errorf("%+v", got)
	}
	if n := len(k.AuditOf(acme)); n != lines {
		t.Errorf("a report left %d audit lines", n-lines)
	}
	if got := k.idle(acme); got != "/" {
		t.Errorf("idle %s", got)
	}
	k.Clock.Advance(29 * bridgetest.Day)
	k.report(app, bridge.Activity{Email: "ann", At: k.Clock.Now().Add(-10 * bridgetest.Day)}) // older than nothing
	if got := k.idle(acme); got != "/" {
		t.Errorf("idle %s", got)
	}
	// The application stops reporting. No user becomes idle by that, and the report says so.
	k.Clock.Advance(20 * bridgetest.Day)
	if r, err = k.Idle(bg, k.Op, acme); err != nil || len(r.Idle) != 0 || !r.Stale || !strings.Contains(r.Sentence(), "last reported on") {
		t.Errorf("%s, %v", r.Sentence(), err)
	}
	k.report(app) // it reports again, and no user was active
	if got := k.idle(acme); got != "bob 49, eve 49, ann 30/" {
		t.Errorf("idle %s", got)
	}
	_, err = k.ReportActivity(bg, app, []bridge.Activity{{Email: "bob"}})
	k.OK(err)
	_, _, err = k.SuspendUser(bg, k.Op, acme, eve.ID, bridge.SuspendOrder{}) // occupies no seat
	k.OK(err)
	if got := k.idle(acme); got != "ann 30/" {
		t.Errorf("idle %s", got)
	}
	// An invalid report is refused as a whole.
	for _, bad := range [][]bridge.Activity{
		{{Email: "bob", At: k.Clock.Now().Add(2 * time.Minute)}},
		{{Email: "eve"}, {}},
		{{Email: "eve", User: eve.ID}},
		make([]bridge.Activity, 1001),
	} {
		_, err = k.ReportActivity(bg, app, bad)
		k.Fails(err, directory.Invalid, "B10")
	}
	// A deletion leaves nothing of it.
	k.OK(k.RemoveUser(bg, k.Op, acme, eve.ID, directory.Removal{Force: true, Reason: "test"}))
	k.OK(k.Store.View(bg, acme, nil, func(r store.Reader) error {
		_, err := r.KV(directory.ActivityKV, eve.ID.String())
		k.Fails(err, directory.NotFound, "")
		return nil
	}))
}

func TestB10OrphansAreReported(t *testing.T) {
	t.Parallel()
	k := start(t)
	ninety := 90
	acme := k.NewTenant("acme", 0, func(o *directory.Overrides) { o.OrphanDays = &ninety })
	beta := k.NewTenant("beta", 0) // reports no orphans
	okta, other := k.NewIdP(acme, "acme-okta"), k.NewIdP(beta, "beta-okta")
	ann, bob := k.NewUser(okta, bridgetest.Person{Name: "ann"}).User, k.NewUser(okta, bridgetest.Person{Name: "bob"}).User
	k.NewUser(okta, bridgetest.Person{Name: "eve"})
	k.NewUser(other, bridgetest.Person{Name: "zoe"})
	k.OK(k.Flush(bg))
	k.Clock.Advance(60 * bridgetest.Day)
	k.ChangeUser(okta, ann.ID, bridgetest.SetActive(true)) // changes nothing, and is a mention
	page, err := k.ListUsers(bg, okta, directory.Query{Where: directory.Compare{Path: directory.Path{Name: "userName"}, Op: directory.Equal, Value: "eve"}, Count: 10}, func(*directory.User, []directory.GroupRef) error { return nil })
	k.OK(err)
	if page.Total != 1 {
		t.Fatal(page.Total)
	}
	_, err = k.ListUsers(bg, okta, directory.Query{Count: 10}, func(*directory.User, []directory.GroupRef) error { return nil }) // a list mentions no user
	k.OK(err)
	k.OK(k.Flush(bg))
	k.Clock.Advance(35 * bridgetest.Day)
	if got := k.idle(acme); got != "/" { // the connection has sent no request since: that is the business of C7
		t.Errorf("orphans %s", got)
	}
	k.Success(okta)
	if got := k.idle(acme); got != "/bob 95" {
		t.Errorf("orphans %s", got)
	}
	k.ChangeUser(okta, bob.ID, bridgetest.SetTitle("Boss"))
	k.OK(k.Flush(bg))
	k.Clock.Advance(60 * bridgetest.Day)
	k.Success(okta)
	if got := k.idle(acme); got != "/ann 95, eve 95" {
		t.Errorf("orphans %s", got)
	}
	k.OK(k.Store.View(bg, beta, nil, func(r store.Reader) error {
		return r.KVs(directory.MentionKV, "", "", func(m directory.KV) error { t.Errorf("beta has %s", m.Key); return nil })
	}))
}

func TestB10GuestsAndUnusedCredentialsAreReported(t *testing.T) {
	t.Parallel()
	k := start(t)
	one := 1
	acme := k.NewTenant("acme", 0, func(o *directory.Overrides) { o.IncludedGuests = &one })
	okta := k.NewIdP(acme, "acme-okta")
	k.NewIdP(acme, "acme-entra")
	k.NewApplication(acme)
	for _, name := range []string{"g1", "g2", "g3"} {
		k.NewUser(okta, bridgetest.Person{Name: name, UserType: "guest"})
	}
	k.Clock.Advance(89 * bridgetest.Day)
	k.Success(okta)
	k.Clock.Advance(2 * bridgetest.Day)
	r, err := k.Idle(bg, k.Op, acme)
	k.OK(err)
	if r.GuestsBeyond() != 2 || len(r.Tokens) != 2 || r.Tokens[0].Connection != "acme-entra" || r.Tokens[1].Name != "Portal" {
		t.Errorf("%+v", r)
	}
	k.Clock.Advance(88 * bridgetest.Day)
	if r, err = k.Idle(bg, k.Op, acme); err != nil || len(r.Tokens) != 3 {
		t.Errorf("%+v, %v", r.Tokens, err)
	}
}

// The report is written once a week, however the clock jumps and however often the job runs.
func TestB10ReportIsWrittenOnceAWeek(t *testing.T) {
	t.Parallel()
	p := &bridgetest.Postman{}
	k := start(t, bridgetest.Posted(p, directory.Recipient{Address: "ops@example.test"}))
	one := 0
	zurich := "Europe/Zurich"
	acme := k.NewTenant("acme", 0, func(o *directory.Overrides) { o.IncludedGuests, o.SnapshotZone = &one, &zurich })
	beta := k.NewTenant("beta", 0) // has nothing to report
	okta := k.NewIdP(acme, "acme-okta")
	k.NewUser(okta, bridgetest.Person{Name: "g1", UserType: "guest"})
	announced := func() int {
		t.Helper()
		n := 0
		for _, tenant := range []directory.TenantID{acme, beta} {
			for range 2 {
				dry, would, err := k.AnnounceIdle(bg, directory.JobPrincipal("idle"), tenant, directory.RunDry)
				k.OK(err)
				got, did, err := k.AnnounceIdle(bg, directory.JobPrincipal("idle"), tenant, directory.RunApply)
				k.OK(err)
				if did != would || did && got.Sentence() != dry.Sentence() {
					t.Errorf("dry %v %s, done %v %s", would, dry.Sentence(), did, got.Sentence())
				}
				if did {
					n++
				}
			}
		}
		return n
	}
	// It is Monday, 4 May, 11 o'clock in Zurich.
	if n := announced(); n != 1 {
		t.Errorf("%d in the first week", n)
	}
	for range 6 {
		k.Clock.Advance(bridgetest.Day)
		if n := announced(); n != 0 {
			t.Errorf("%d more in the first week, %s", n, k.Clock.Now())
		}
	}
	k.Clock.Advance(bridgetest.Day - 3*time.Hour - time.Second) // Monday, a second before eight
	if n := announced(); n != 0 {
		t.Errorf("%d before Monday at eight", n)
	}
	k.Clock.Advance(time.Second)
	if n := announced(); n != 1 {
		t.Errorf("%d on Monday at eight", n)
	}
	k.Clock.Advance(365 * bridgetest.Day) // the clock jumps, and is put right
	if n := announced(); n != 1 {
		t.Errorf("%d a year later", n)
	}
	k.Clock.Advance(-365 * bridgetest.Day)
	if n := announced(); n != 0 {
		t.Errorf("%d more when the clock was put right", n)
	}
	k.Clock.Advance(7 * bridgetest.Day)
	if n := announced(); n != 1 {
		t.Errorf("%d in the week after", n)
	}
	if got := strings.Count(bridgetest.Kinds(k.EventsOf(acme, 0)), "seats.idle"); got != 4 {
		t.Errorf("%d events", got)
	}
	k.OK(k.Notify(bg))
	k.SendMails()
	found := false
	for _, m := range p.Sent {
		found = found || strings.Contains(string(m.Data), "1 guests beyond the 0 that are included")
	}
	if !found {
		t.Errorf("no recipient got a mail: %d mails", len(p.Sent))
	}
}
