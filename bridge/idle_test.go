package bridge_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"drawbridge/bridge"
	"drawbridge/directory"
	"drawbridge/store"
)

func (k *kit) report(app directory.Application, all ...bridge.Activity) bridge.ActivityReceipt {
	k.t.Helper()
	out, err := k.ReportActivity(bg, app, all)
	k.ok(err)
	return out
}

// idle gives names and days of the idle ones, and of the orphans behind a slash.
func (k *kit) idle(tenant directory.TenantID) string {
	k.t.Helper()
	r, err := k.Idle(bg, k.op, tenant)
	k.ok(err)
	var names, orphans []string
	for _, u := range r.Idle {
		names = append(names, fmt.Sprint(u.UserName, " ", u.Days))
	}
	for _, u := range r.Unmentioned {
		orphans = append(orphans, fmt.Sprint(u.UserName, " ", u.Days))
	}
	return strings.Join(names, ", ") + "/" + strings.Join(orphans, ", ")
}

func TestB10IdleSeats(t *testing.T) {
	k := start(t)
	thirty := 30
	acme := k.tenant("acme", 0, func(o *directory.Overrides) { o.IdleDays = &thirty })
	okta := k.idp(acme, "acme-okta")
	app := k.app(acme)
	ann := k.create(okta, person{name: "ann"}).User
	k.create(okta, person{name: "bob"})
	eve := k.create(okta, person{name: "eve"}).User
	k.clock.Advance(200 * day)
	r, err := k.Idle(bg, k.op, acme)
	k.ok(err)
	if len(r.Idle) != 0 || r.Reported.Since != "" || !strings.Contains(r.Sentence(), "no activity data has been reported") {
		t.Errorf("without data it guesses: %s", r.Sentence())
	}
	// From the first report on it counts, for those of whom nothing is known, too.
	lines := len(k.audit(acme))
	got := k.report(app, bridge.Activity{Email: "ann"}, bridge.Activity{User: ann.ID, At: k.clock.Now().Add(-time.Hour)},
		bridge.Activity{Email: "nobody"}, bridge.Activity{User: directory.ID{9}})
	if got.Recorded != 1 || got.Unchanged != 1 || fmt.Sprint(got.Unknown) != "[2 3]" {
		t.Errorf("%+v", got)
	}
	if n := len(k.audit(acme)); n != lines {
		t.Errorf("a report left %d audit lines", n-lines)
	}
	if got := k.idle(acme); got != "/" {
		t.Errorf("idle %s", got)
	}
	k.clock.Advance(29 * day)
	k.report(app, bridge.Activity{Email: "ann", At: k.clock.Now().Add(-10 * day)}) // older than nothing
	if got := k.idle(acme); got != "/" {
		t.Errorf("idle %s", got)
	}
	// The application falls silent: nobody becomes idle by that, and the report says it.
	k.clock.Advance(20 * day)
	if r, err = k.Idle(bg, k.op, acme); err != nil || len(r.Idle) != 0 || !r.Stale || !strings.Contains(r.Sentence(), "last reported on") {
		t.Errorf("%s, %v", r.Sentence(), err)
	}
	k.report(app) // it is there again, and nobody was active
	if got := k.idle(acme); got != "bob 49, eve 49, ann 30/" {
		t.Errorf("idle %s", got)
	}
	_, err = k.ReportActivity(bg, app, []bridge.Activity{{Email: "bob"}})
	k.ok(err)
	_, _, err = k.SuspendUser(bg, k.op, acme, eve.ID, "", "") // occupies no seat
	k.ok(err)
	if got := k.idle(acme); got != "ann 30/" {
		t.Errorf("idle %s", got)
	}
	// What makes no sense is refused as a whole.
	for _, bad := range [][]bridge.Activity{
		{{Email: "bob", At: k.clock.Now().Add(2 * time.Minute)}},
		{{Email: "eve"}, {}},
		{{Email: "eve", User: eve.ID}},
		make([]bridge.Activity, 1001),
	} {
		_, err = k.ReportActivity(bg, app, bad)
		k.fails(err, directory.Invalid, "B10")
	}
	// A deletion leaves nothing of it.
	k.ok(k.RemoveUser(bg, k.op, acme, eve.ID, true, "test"))
	k.ok(k.store.View(bg, acme, nil, func(r store.Reader) error {
		_, err := r.Memo(directory.ActivityMemo, eve.ID.String())
		k.fails(err, directory.NotFound, "")
		return nil
	}))
}

func TestB10Orphans(t *testing.T) {
	k := start(t)
	ninety := 90
	acme := k.tenant("acme", 0, func(o *directory.Overrides) { o.OrphanDays = &ninety })
	beta := k.tenant("beta", 0) // wants to know nothing
	okta, other := k.idp(acme, "acme-okta"), k.idp(beta, "beta-okta")
	ann, bob := k.create(okta, person{name: "ann"}).User, k.create(okta, person{name: "bob"}).User
	k.create(okta, person{name: "eve"})
	k.create(other, person{name: "zoe"})
	k.ok(k.Flush(bg))
	k.clock.Advance(60 * day)
	k.edit(okta, ann.ID, active(true)) // changes nothing, and is a mention
	page, err := k.ListUsers(bg, okta, directory.Query{Where: directory.Compare{Path: directory.Path{Name: "userName"}, Op: directory.Equal, Value: "eve"}, Count: 10}, func(*directory.User, []directory.GroupRef) error { return nil })
	k.ok(err)
	if page.Total != 1 {
		t.Fatal(page.Total)
	}
	_, err = k.ListUsers(bg, okta, directory.Query{Count: 10}, func(*directory.User, []directory.GroupRef) error { return nil }) // a walk mentions nobody
	k.ok(err)
	k.ok(k.Flush(bg))
	k.clock.Advance(35 * day)
	if got := k.idle(acme); got != "/" { // nothing was heard of the connection since: that is the business of C7
		t.Errorf("orphans %s", got)
	}
	k.Success(okta)
	if got := k.idle(acme); got != "/bob 95" {
		t.Errorf("orphans %s", got)
	}
	k.edit(okta, bob.ID, title("Boss"))
	k.ok(k.Flush(bg))
	k.clock.Advance(60 * day)
	k.Success(okta)
	if got := k.idle(acme); got != "/ann 95, eve 95" {
		t.Errorf("orphans %s", got)
	}
	k.ok(k.store.View(bg, beta, nil, func(r store.Reader) error {
		return r.Memos(directory.MentionMemo, "", "", func(m directory.Memo) error { t.Errorf("beta has %s", m.Key); return nil })
	}))
}

func TestB10GuestsAndCredentials(t *testing.T) {
	k := start(t)
	one := 1
	acme := k.tenant("acme", 0, func(o *directory.Overrides) { o.IncludedGuests = &one })
	okta := k.idp(acme, "acme-okta")
	k.idp(acme, "acme-entra")
	k.app(acme)
	for _, name := range []string{"g1", "g2", "g3"} {
		k.create(okta, person{name: name, userType: "guest"})
	}
	k.clock.Advance(89 * day)
	k.Success(okta)
	k.clock.Advance(2 * day)
	r, err := k.Idle(bg, k.op, acme)
	k.ok(err)
	if r.GuestsBeyond() != 2 || len(r.Tokens) != 2 || r.Tokens[0].Connection != "acme-entra" || r.Tokens[1].Name != "Portal" {
		t.Errorf("%+v", r)
	}
	k.clock.Advance(88 * day)
	if r, err = k.Idle(bg, k.op, acme); err != nil || len(r.Tokens) != 3 {
		t.Errorf("%+v, %v", r.Tokens, err)
	}
}

// One report a week, whatever the clock does and however often the job runs.
func TestB10OncePerWeek(t *testing.T) {
	p := &postman{}
	k := start(t, posted(p, directory.Recipient{Address: "ops@example.test"}))
	one := 0
	zurich := "Europe/Zurich"
	acme := k.tenant("acme", 0, func(o *directory.Overrides) { o.IncludedGuests, o.SnapshotZone = &one, &zurich })
	beta := k.tenant("beta", 0) // has nothing to tell
	okta := k.idp(acme, "acme-okta")
	k.create(okta, person{name: "g1", userType: "guest"})
	announced := func() int {
		t.Helper()
		n := 0
		for _, tenant := range []directory.TenantID{acme, beta} {
			for range 2 {
				dry, would, err := k.AnnounceIdle(bg, directory.JobPrincipal("idle"), tenant, true)
				k.ok(err)
				got, did, err := k.AnnounceIdle(bg, directory.JobPrincipal("idle"), tenant, false)
				k.ok(err)
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
		k.clock.Advance(day)
		if n := announced(); n != 0 {
			t.Errorf("%d more in the first week, %s", n, k.clock.Now())
		}
	}
	k.clock.Advance(day - 3*time.Hour - time.Second) // Monday, a second before eight
	if n := announced(); n != 0 {
		t.Errorf("%d before Monday at eight", n)
	}
	k.clock.Advance(time.Second)
	if n := announced(); n != 1 {
		t.Errorf("%d on Monday at eight", n)
	}
	k.clock.Advance(365 * day) // the clock jumps, and is put right
	if n := announced(); n != 1 {
		t.Errorf("%d a year later", n)
	}
	k.clock.Advance(-365 * day)
	if n := announced(); n != 0 {
		t.Errorf("%d more when the clock was put right", n)
	}
	k.clock.Advance(7 * day)
	if n := announced(); n != 1 {
		t.Errorf("%d in the week after", n)
	}
	if got := strings.Count(kinds(k.events(acme, 0)), "seats.idle"); got != 4 {
		t.Errorf("%d events", got)
	}
	k.ok(k.Notify(bg))
	k.post()
	found := false
	for _, m := range p.sent {
		found = found || strings.Contains(string(m.Data), "1 guests beyond the 0 that are included")
	}
	if !found {
		t.Errorf("nobody was told: %d mails", len(p.sent))
	}
}
