package bridge_test

import (
	"context"
	"flag"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"drawbridge/bridge"
	"drawbridge/bridge/bridgetest"
	"drawbridge/directory"
	"drawbridge/store"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing them")

// sevenPM is 19:00 in New York on a day of 2026 or 2027, computed by hand: summer time is from 8 March to 1 November 2026, and
// from 14 March 2027.
func sevenPM(day time.Time) time.Time {
	year := day.Year()
	summer := [2]time.Time{time.Date(2026, 3, 8, 0, 0, 0, 0, time.UTC), time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)}
	if year == 2027 {
		summer = [2]time.Time{time.Date(2027, 3, 14, 0, 0, 0, 0, time.UTC), time.Date(2027, 11, 7, 0, 0, 0, 0, time.UTC)}
	}
	hours := 24 // UTC-5
	if !day.Before(summer[0]) && day.Before(summer[1]) {
		hours = 23 // UTC-4
	}
	return day.Add(time.Duration(hours) * time.Hour)
}

// stay is what the test itself notes about who held a seat.
type stay struct {
	guest    bool
	from, to time.Time
}

func (s stay) held(at time.Time) bool { return !s.from.After(at) && (s.to.IsZero() || at.Before(s.to)) }

// year is a tenant whose people join and leave over a year, and what the test itself notes about them.
type year struct {
	*kit
	acme  directory.TenantID
	okta  directory.Principal
	notes []stay
	seats map[string]int // user name → index of the open note
	ids   map[string]directory.ID
	down  [2]time.Time // when the server does not run
}

// step is what happens at a time of the year.
type step struct {
	at time.Time
	do func()
}

func (k *year) enter(name string, guest bool) {
	k.seats[name] = len(k.notes)
	k.notes = append(k.notes, stay{guest: guest, from: k.Clock.Now()})
}

func (k *year) leave(name string) { k.notes[k.seats[name]].to = k.Clock.Now() }

func (k *year) join(name, userType string) func() {
	return func() {
		k.ids[name] = k.NewUser(k.okta, bridgetest.Person{Name: name, External: name, UserType: userType}).User.ID
		k.enter(name, userType == "guest")
	}
}

func (k *year) suspend(name string) func() {
	return func() { k.ChangeUser(k.okta, k.ids[name], bridgetest.SetActive(false)); k.leave(name) }
}

// restore gives a member who was suspended a seat again.
func (k *year) restore(name string) func() {
	return func() { k.ChangeUser(k.okta, k.ids[name], bridgetest.SetActive(true)); k.enter(name, false) }
}

// convert makes a guest a member.
func (k *year) convert(name string) func() {
	return func() {
		k.ChangeUser(k.okta, k.ids[name], bridgetest.Person{Name: name, External: name}.Draft)
		k.leave(name)
		k.enter(name, false)
	}
}

// steps are the events of the year, in their order.
func (k *year) steps() []step {
	on := func(text string, do func()) step {
		at, err := time.Parse("2006-01-02 15:04 MST", text+" UTC")
		k.OK(err)
		return step{at, do}
	}
	return []step{
		on("2026-01-10 15:05", k.join("ann", "")),
		on("2026-01-10 15:06", k.join("bob", "")),
		on("2026-02-14 09:00", k.join("cid", "")), // in the middle of a cycle
		on("2026-02-20 23:59", k.suspend("bob")),  // 18:59 in New York: not that day
		on("2026-02-22 00:01", k.suspend("cid")),  // 19:01 on the 21st: that day still
		on("2026-03-08 22:59", k.restore("bob")),  // 18:59 on the day the clocks go forward
		on("2026-03-09 23:01", k.suspend("bob")),  // 19:01, in summer time
		on("2026-04-01 12:00", k.join("g1", "guest")),
		on("2026-04-01 12:01", k.join("g2", "guest")),
		on("2026-04-01 12:02", k.join("g3", "guest")),
		on("2026-04-02 12:00", k.join("g4", "guest")), // one beyond the three included
		on("2026-05-15 12:00", k.join("g5", "guest")),
		on("2026-06-15 12:00", k.convert("g1")), // a member, and one guest less
		on("2026-07-01 12:00", k.restore("cid")),
		on("2026-11-01 23:59", k.suspend("ann")), // 18:59 on the day the clocks go back
		on("2026-11-03 00:01", k.suspend("cid")), // 19:01 the day after
		on("2026-12-01 12:00", k.restore("bob")),
	}
}

// live goes through the year hour by hour. No day is counted twice.
func (k *year) live(steps []step, end time.Time) {
	taken := map[directory.Day]bool{}
	for k.Clock.Now().Before(end) {
		for len(steps) > 0 && !steps[0].at.After(k.Clock.Now()) {
			steps[0].do()
			steps = steps[1:]
		}
		if now := k.Clock.Now(); now.Before(k.down[0]) || now.After(k.down[1]) {
			got, err := k.TakeSnapshots(bg, directory.JobPrincipal("snapshot"), k.acme, directory.RunApply)
			k.OK(err)
			for _, s := range got {
				if taken[s.Day] {
					k.T.Errorf("%s is counted twice", s.Day)
				}
				taken[s.Day] = true
			}
		}
		next := time.Hour
		if len(steps) > 0 && steps[0].at.Sub(k.Clock.Now()) < next {
			next = steps[0].at.Sub(k.Clock.Now())
		}
		k.Clock.Advance(next)
	}
}

// owed is what the notes come to.
type owed struct {
	cost           float64
	seatDays, days int
}

// owed compares each day with the notes, and adds the days up.
func (k *year) owed(byDay map[directory.Day]directory.Snapshot) (o owed) {
	from, to := time.Date(2026, 1, 10, 0, 0, 0, 0, time.UTC), time.Date(2027, 1, 9, 0, 0, 0, 0, time.UTC)
	for day := from; !day.After(to); day = day.AddDate(0, 0, 1) {
		at := sevenPM(day)
		members, guests := 0, 0
		for _, n := range k.notes {
			if n.held(at) && n.guest {
				guests++
			} else if n.held(at) {
				members++
			}
		}
		billed := members + max(0, guests-3)
		s := byDay[directory.DayOf(day)]
		late := at.Before(k.down[1]) && at.After(k.down[0])
		if s.Members != members || s.Guests != guests || s.Billed != billed || s.Late != late || !s.At.Equal(at) {
			k.T.Errorf("%s: %+v, want %d members, %d guests, %d billed, late %t, at %s", day.Format(time.DateOnly), s, members, guests, billed, late, at)
		}
		o.days++
		o.seatDays += billed
		o.cost += 7.99 * float64(billed) / float64(time.Date(day.Year(), day.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day())
	}
	return o
}

// People join and leave in the middle of cycles, some a minute before and some a minute after the snapshot. Guests overflow and become
// members, and the server is down for a week. The test computes every figure a second time from its own notes.
func TestB7BillsOfAYearAreRight(t *testing.T) {
	t.Parallel()
	k := &year{
		kit: start(t), seats: map[string]int{}, ids: map[string]directory.ID{},
		down: [2]time.Time{time.Date(2026, 10, 28, 3, 0, 0, 0, time.UTC), time.Date(2026, 11, 4, 3, 0, 0, 0, time.UTC)},
	}
	k.Clock.Advance(time.Date(2026, 1, 10, 15, 0, 0, 0, time.UTC).Sub(k.Clock.Now()))
	acme := k.NewTenant("acme", 0, func(o *directory.Overrides) { n := 3; o.IncludedGuests = &n })
	k.acme, k.okta = acme, k.NewIdP(acme, "acme-okta")
	k.live(k.steps(), time.Date(2027, 1, 12, 0, 0, 0, 0, time.UTC))

	all, err := k.Snapshots(bg, k.Op, acme, "2026-01-10", "2027-01-11")
	k.OK(err)
	byDay := map[directory.Day]directory.Snapshot{}
	var golden strings.Builder
	fmt.Fprintln(&golden, "day,members,guests,billed,late")
	for _, s := range all {
		byDay[s.Day] = s
		fmt.Fprintf(&golden, "%s,%d,%d,%d,%t\n", s.Day, s.Members, s.Guests, s.Billed, s.Late)
	}
	compareGolden(t, "testdata/year.csv", golden.String())

	want := k.owed(byDay)
	if len(all) != want.days+1 {
		t.Errorf("%d snapshots, want one for each of %d days and one of the next cycle", len(all), want.days)
	}
	bill, err := k.Bill(bg, k.Op, acme, "2026-01-10", "")
	k.OK(err)
	if bill.From != "2026-01-10" || bill.To != "2027-01-09" || bill.Days != 365 || bill.SeatDays != want.seatDays || bill.Late != 7 {
		t.Errorf("%+v, want %d seat days", bill, want.seatDays)
	}
	if got := float64(bill.Total) / 100; math.Abs(got-want.cost) > 0.0051 || bill.Currency != "USD" || bill.ProjectedTotal != bill.Total {
		t.Errorf("%s %s, want %.4f", bill.Total, bill.Currency, want.cost)
	}
	if math.Abs(bill.Usage-float64(want.seatDays)/365) > 1e-9 {
		t.Errorf("usage %f", bill.Usage)
	}
	if bill.Flat+bill.Base+bill.Added-bill.Credited-bill.Total > 2 {
		t.Errorf("the parts do not make the whole: %+v", bill)
	}

	// The ledger comes to the same days as the snapshots.
	lines, err := k.Ledger(bg, k.Op, acme, "2026-01-10", "2027-01-09")
	k.OK(err)
	sum := 0
	for _, l := range lines {
		sum += l.SeatDays
		if !l.ChargeDueBy.Equal(l.From.Add(48 * time.Hour)) {
			t.Errorf("%+v", l)
		}
	}
	if sum != bill.MemberDays+bill.GuestDays || len(lines) != len(k.notes) {
		t.Errorf("%d days in %d lines, want %d in %d", sum, len(lines), bill.MemberDays+bill.GuestDays, len(k.notes))
	}
}

func compareGolden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || got != string(want) {
		t.Errorf("%s differs (%v); if that is meant, run with -update:\n%s", path, err, got)
	}
}

func TestB7ClockJumpsDoNotChangeTheBill(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	okta := k.NewIdP(acme, "acme-okta")
	k.NewUser(okta, bridgetest.Person{Name: "ann"})
	take := func() []directory.Snapshot {
		out, err := k.TakeSnapshots(bg, directory.JobPrincipal("snapshot"), acme, directory.RunApply)
		k.OK(err)
		return out
	}
	k.Clock.Advance(3 * 24 * time.Hour)
	if got := take(); len(got) != 3 || !got[0].Late || got[2].Late && got[2].Taken.Sub(got[2].At) < time.Hour {
		t.Errorf("%+v", got)
	}
	k.Clock.Advance(-48 * time.Hour) // back: what was counted too early is counted when it comes, and only once
	if got, err := k.Snapshots(bg, k.Op, acme, "2026-05-01", "2026-05-31"); err != nil || len(got) != 0 {
		t.Errorf("what was counted too early is in the bill: %+v, %v", got, err)
	}
	k.NewUser(okta, bridgetest.Person{Name: "bob"})
	if got := take(); len(got) != 1 || got[0].Day != "2026-05-04" || got[0].Members != 1 {
		t.Errorf("%+v", got)
	}
	if got := take(); len(got) != 0 {
		t.Errorf("%+v", got)
	}
	next := directory.Day("2026-05-05")
	for range 7 * 4 {
		k.Clock.Advance(6 * time.Hour)
		for _, s := range take() {
			if s.Day != next || s.Members != 2 {
				t.Errorf("%+v, want the count of %s", s, next)
			}
			next = next.Add(1)
		}
	}
	if next != "2026-05-12" {
		t.Errorf("counted up to %s", next)
	}
	// Another zone, where it is a day later: the next date is counted once.
	k.Override(acme, func(o *directory.Overrides) {
		zone, at := "Pacific/Auckland", "00:30"
		o.SnapshotZone, o.SnapshotTime = &zone, &at
	})
	if got := take(); len(got) != 1 || got[0].Day != "2026-05-12" || got[0].Zone != "Pacific/Auckland" {
		t.Errorf("%+v", got)
	}
	_, err := k.EditTenant(bg, k.Op, acme, directory.Precondition{}, func(t directory.Tenant) (directory.Tenant, error) {
		zone := "Mars/Olympus"
		t.Overrides.SnapshotZone = &zone
		return t, nil
	})
	if e := k.Fails(err, directory.Invalid, ""); e.Field != "snapshot_zone" || !strings.Contains(e.Message, "Mars/Olympus") {
		t.Errorf("%+v", e)
	}
}

// A dry run writes nothing, and a store that a release without a ledger wrote gets its ledger with the first snapshot.
func TestB6LedgerIsRepaired(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	okta := k.NewIdP(acme, "acme-okta")
	ann := k.NewUser(okta, bridgetest.Person{Name: "ann"}).User
	bob := k.NewUser(okta, bridgetest.Person{Name: "bob"}).User
	k.ChangeUser(okta, bob.ID, bridgetest.SetActive(false))
	k.OK(k.Store.Update(context.Background(), acme, nil, func(store.Reader) (directory.Change, error) {
		return directory.Change{
			DropKVs: []directory.KVRef{{Kind: directory.SeatKV, Key: ann.ID.String()}},
			KVs:     []directory.KV{{Kind: directory.SeatKV, Key: bob.ID.String(), Value: directory.Document(`{"user":"` + bob.ID.String() + `","from":"2026-05-04T09:00:00Z"}`)}},
			Audit:   []directory.Audit{{Action: "test"}},
		}, nil
	}))
	k.Clock.Advance(24 * time.Hour)
	if got, err := k.TakeSnapshots(bg, directory.JobPrincipal("snapshot"), acme, directory.RunDry); err != nil || len(got) != 1 {
		t.Errorf("%v %v", got, err)
	}
	if got, err := k.Snapshots(bg, k.Op, acme, "", ""); err != nil || len(got) != 0 {
		t.Errorf("a dry run wrote %v %v", got, err)
	}
	// One stay too few and one too many hide each other in a count; a third user shows them.
	k.NewUser(okta, bridgetest.Person{Name: "cid"})
	k.ChangeUser(okta, ann.ID, bridgetest.SetActive(false))
	k.ChangeUser(okta, ann.ID, bridgetest.SetActive(true))
	got, err := k.TakeSnapshots(bg, directory.JobPrincipal("snapshot"), acme, directory.RunApply)
	k.OK(err)
	if len(got) != 1 {
		t.Errorf("%+v", got)
	}
	lines, err := k.Ledger(bg, k.Op, acme, "", "")
	k.OK(err)
	open := map[string]bool{}
	for _, l := range lines {
		if l.To.IsZero() {
			open[l.UserName] = true
		}
	}
	if len(open) != 2 || !open["ann"] || !open["cid"] {
		t.Errorf("open stays %v", open)
	}
}

func TestB2PlansGrowOrAllowOverage(t *testing.T) {
	t.Parallel()
	k := start(t)
	grow, over, most := directory.OnLimitGrow, directory.OnLimitOverage, 2
	acme := k.NewTenant("acme", 1, func(o *directory.Overrides) { o.OnLimit, o.SeatsMax = &grow, &most })
	okta := k.NewIdP(acme, "acme-okta")
	k.NewUser(okta, bridgetest.Person{Name: "ann"})
	after := k.LastEvent(acme)
	k.NewUser(okta, bridgetest.Person{Name: "bob"})
	if got := bridgetest.Kinds(k.EventsOf(acme, after)); got != "seats.grown user.created" {
		t.Errorf("events %s", got)
	}
	_, err := k.CreateUser(bg, okta, bridgetest.Person{Name: "cid"}.Draft)
	if e := k.Fails(err, directory.Refused, "B2"); !strings.Contains(e.Message, "2 of 2 seats in use") || !strings.Contains(e.Message, "up to 2") {
		t.Error(e.Message)
	}
	tenant, err := k.Tenant(bg, acme)
	k.OK(err)
	if tenant.Seats != 2 {
		t.Errorf("%d seats", tenant.Seats)
	}
	k.Override(acme, func(o *directory.Overrides) { o.OnLimit = &over })
	after = k.LastEvent(acme)
	k.NewUser(okta, bridgetest.Person{Name: "cid"})
	if got := bridgetest.Kinds(k.EventsOf(acme, after)); got != "seats.overage user.created" {
		t.Errorf("events %s", got)
	}
	report, err := k.Seats(bg, k.Op, acme)
	k.OK(err)
	if report.Occupied != 3 || report.Limit != 2 {
		t.Errorf("%+v", report)
	}
	alerts, err := k.Alerts(bg, k.Op, acme, bridge.OpenAlerts)
	k.OK(err)
	if len(alerts) != 1 || alerts[0].Text != "3 of 2 seats are in use" {
		t.Errorf("%+v", alerts)
	}
}

func TestB9SeatLimitIsAnnounced(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 10)
	okta := k.NewIdP(acme, "acme-okta")
	var last directory.ID
	for i := range 10 {
		last = k.NewUser(okta, bridgetest.Person{Name: fmt.Sprint("u", i)}).User.ID
	}
	k.ChangeUser(okta, last, bridgetest.SetActive(false))
	k.ChangeUser(okta, last, bridgetest.SetActive(true))
	var got []string
	for _, e := range k.EventsOf(acme, 0) {
		if e.Kind == directory.SeatsNotice {
			percent, _ := e.Data.Value("percent").(directory.Number)
			got = append(got, string(percent))
		}
	}
	// Back from 100 to 90 % is ten points, so the step to 100 is announced again.
	if strings.Join(got, " ") != "80 90 100 100" {
		t.Errorf("announced %v", got)
	}
	_, err := k.EditTenant(bg, k.Op, acme, directory.Precondition{}, func(t directory.Tenant) (directory.Tenant, error) {
		t.Seats = 1000
		return t, nil
	})
	k.OK(err)
	after := k.LastEvent(acme)
	_, err = k.EditTenant(bg, k.Op, acme, directory.Precondition{}, func(t directory.Tenant) (directory.Tenant, error) {
		t.Seats = 11
		return t, nil
	})
	k.OK(err)
	if got := bridgetest.Kinds(k.EventsOf(acme, after)); got != "tenant.updated seats.notice" {
		t.Errorf("events %s", got)
	}
}

// After every sequence of changes, the ledger counts each user once.
func TestB6LedgerAgreesWithUsers(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0, func(o *directory.Overrides) { n := 0; o.GuestMaxGroups = &n })
	okta := k.NewIdP(acme, "acme-okta", func(d *bridge.ConnectionDraft) {
		d.Mappings = []directory.GroupMapping{{DisplayName: "Contractors", Guest: true}}
	})
	var ids []directory.ID
	for i := range 6 {
		ids = append(ids, k.NewUser(okta, bridgetest.Person{Name: fmt.Sprint("u", i), External: fmt.Sprint("e", i)}).User.ID)
	}
	k.NewGroup(okta, "Contractors", bridgetest.Add(ids[0], ids[1]))
	k.ChangeUser(okta, ids[1], bridgetest.SetActive(false))
	k.OK(k.DeleteUser(bg, okta, ids[2], directory.Precondition{}))
	k.NewUser(okta, bridgetest.Person{Name: "u2", External: "e2"})
	_, _, err := k.SuspendUser(bg, k.Op, acme, ids[3], bridge.SuspendOrder{Mode: directory.Hold})
	k.OK(err)
	k.ChangeUser(okta, ids[3], bridgetest.SetActive(true))
	k.ChangeUser(okta, ids[4], bridgetest.SetActive(false))
	k.OK(k.RemoveUser(bg, k.Op, acme, ids[4], directory.Removal{}))
	lines, err := k.Ledger(bg, k.Op, acme, "", "")
	k.OK(err)
	open := map[directory.ID]directory.UserType{}
	for _, l := range lines {
		if l.To.IsZero() {
			if _, twice := open[l.User]; twice {
				t.Errorf("%s stays twice", l.UserName)
			}
			open[l.User] = l.Type
		}
	}
	want := map[directory.ID]directory.UserType{ids[0]: directory.Guest, ids[2]: directory.TeamMember, ids[5]: directory.TeamMember}
	if fmt.Sprint(open) != fmt.Sprint(want) {
		t.Errorf("open stays %v, want %v", open, want)
	}
}
