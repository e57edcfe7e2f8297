package record_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"drawbridge/bridge/bridgetest"
	"drawbridge/directory"
	"drawbridge/store"
)

// seqs gives the numbers of the events that are kept.
func (k *kit) seqs(tenant directory.TenantID) (first, last uint64, gap bool) {
	k.T.Helper()
	for after := uint64(0); ; {
		page, err := k.Events(bg, k.Op, tenant, after, 0)
		k.OK(err)
		events, end := page.Events, page.Last
		if len(events) == 0 {
			return first, end, gap
		}
		for i := range events {
			if first == 0 {
				first = events[i].Seq
			} else if events[i].Seq != last+1 {
				gap = true
			}
			last = events[i].Seq
		}
		after = last
	}
}

func TestTrimDeletesEventsOlderThanEventDays(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme, other := k.NewTenant("acme", 0), k.NewTenant("other", 0)
	okta := k.NewIdP(acme, "acme-okta")
	for _, name := range []string{"a", "b", "c"} {
		k.NewUser(okta, bridgetest.Person{Name: name + "@acme.example"})
	}
	old := k.LastEvent(acme)
	k.Clock.Advance(29 * bridgetest.Day)
	k.NewUser(okta, bridgetest.Person{Name: "d@acme.example"})
	young := k.LastEvent(acme)

	trimmed, err := k.Trim(bg, k.Op, acme, directory.RunApply) // nothing is old enough
	k.OK(err)
	if trimmed.Events != 0 {
		t.Errorf("%d events of 29 days were forgotten", trimmed.Events)
	}
	k.Clock.Advance(bridgetest.Day + time.Second)
	wouldBe, err := k.Trim(bg, k.Op, acme, directory.RunDry)
	k.OK(err)
	if first, _, _ := k.seqs(acme); first != 1 || wouldBe.Events != int(old) {
		t.Errorf("a preview says %d, want %d, and the first event is %d", wouldBe.Events, old, first)
	}
	trimmed, err = k.Trim(bg, k.Op, acme, directory.RunApply)
	k.OK(err)
	first, last, gap := k.seqs(acme)
	if trimmed.Events != int(old) || first != old+1 || last != young || gap {
		t.Errorf("%d forgotten, %d to %d kept (gap %t); want %d forgotten, %d to %d kept", trimmed.Events, first, last, gap, old, old+1, young)
	}
	if lines := k.AuditOf(acme); !strings.Contains(string(lines[len(lines)-1].After), `"up_to":`) || lines[len(lines)-1].Action != "events.trim" {
		t.Errorf("no audit line: %+v", lines[len(lines)-1])
	}
	if first, _, _ := k.seqs(other); first != 1 {
		t.Error("another tenant lost events")
	}

	k.Clock.Advance(400 * bridgetest.Day) // the last one always stays, and the numbers go on
	trimmed, err = k.Trim(bg, k.Op, acme, directory.RunApply)
	k.OK(err)
	if first, last, _ := k.seqs(acme); first != young || last != young {
		t.Errorf("%d to %d are kept, want %d; %+v", first, last, young, trimmed)
	}
	k.NewUser(okta, bridgetest.Person{Name: "e@acme.example"})
	if first, last, gap := k.seqs(acme); first != young || last <= young || gap {
		t.Errorf("%d to %d are kept (gap %t)", first, last, gap)
	}
}

// A tenant may keep its events longer than the others, but never shorter than 30 days, which every reader may rely on.
func TestTrimObeysTheTenantsOwnEventDays(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme, other := k.NewTenant("acme", 0), k.NewTenant("other", 0)
	days := 29
	_, err := k.EditTenant(bg, k.Op, acme, directory.Precondition{}, func(x directory.Tenant) (directory.Tenant, error) {
		x.Overrides.EventDays = &days
		return x, nil
	})
	k.Fails(err, directory.Invalid, "")
	days = 90
	k.Override(acme, func(o *directory.Overrides) { o.EventDays = &days })
	k.Clock.Advance(60 * bridgetest.Day)
	for _, tenant := range []directory.TenantID{acme, other} {
		k.NewUser(k.NewIdP(tenant, string(tenant)+"-okta"), bridgetest.Person{Name: "a@x.example"})
	}
	trimmed, err := k.TrimAll(bg, k.Op, directory.RunApply)
	k.OK(err)
	if trimmed[1].Events != 0 || trimmed[2].Events == 0 {
		t.Errorf("after 60 days %+v were forgotten, and acme keeps 90", trimmed)
	}
	k.Clock.Advance(31 * bridgetest.Day)
	k.NewUser(k.NewIdP(acme, "acme-entra"), bridgetest.Person{Name: "b@x.example"})
	if trimmed, err := k.Trim(bg, k.Op, acme, directory.RunApply); err != nil || trimmed.Events == 0 {
		t.Errorf("after 91 days %+v were forgotten, %v", trimmed, err)
	}
}

// A setting below 30 days is not allowed, from any source.
func TestTrimKeepsThirtyDays(t *testing.T) {
	t.Parallel()
	k := start(t, func(c *bridgetest.Config) { c.Defaults.EventDays = 1 })
	acme := k.NewTenant("acme", 0)
	k.Clock.Advance(29 * bridgetest.Day)
	k.NewUser(k.NewIdP(acme, "acme-okta"), bridgetest.Person{Name: "a@acme.example"})
	trimmed, err := k.Trim(bg, k.Op, acme, directory.RunApply)
	k.OK(err)
	if trimmed.Events != 0 {
		t.Errorf("%d events of 29 days were forgotten", trimmed.Events)
	}
}

// Many old events are trimmed in small transactions, and the next run continues an interrupted one.
func TestTrimResumesAfterAnInterruption(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	for range 13 { // 1300 events
		err := k.Store.Update(bg, acme, nil, func(store.Reader) (directory.Change, error) {
			events := make([]directory.Event, 100)
			for i := range events {
				events[i] = directory.Event{Time: k.Clock.Now(), Tenant: acme, Kind: directory.UserUpdated}
			}
			return directory.Change{Events: events, Audit: []directory.Audit{{Time: k.Clock.Now(), Tenant: acme, Action: "test", Outcome: directory.Done}}}, nil
		})
		k.OK(err)
	}
	k.Clock.Advance(31 * bridgetest.Day)
	k.NewUser(k.NewIdP(acme, "acme-okta"), bridgetest.Person{Name: "a@acme.example"})
	ctx, cancel := context.WithCancel(bg)
	watch := &cancelAfter{Store: k.Store, cancel: cancel}
	s := start(t, func(c *bridgetest.Config) { c.Store, c.Now = watch, k.Clock.Now })
	done, err := s.Trim(ctx, s.Op, acme, directory.RunApply)
	if err == nil || done.Events == 0 || done.Events >= 1300 {
		t.Fatalf("it was not interrupted: %+v %v", done, err)
	}
	first, _, gap := k.seqs(acme)
	if first != uint64(done.Events)+1 || gap {
		t.Errorf("%d were forgotten, and the first one is %d (gap %t)", done.Events, first, gap)
	}
	rest, err := k.Trim(bg, k.Op, acme, directory.RunApply)
	k.OK(err)
	if sum := done.Events + rest.Events; sum < 1300 {
		t.Errorf("%d and %d are not all", done.Events, rest.Events)
	}
	if _, _, gap := k.seqs(acme); gap {
		t.Error("there is a gap")
	}
}

// cancelAfter ends a context when the first change was written.
type cancelAfter struct {
	store.Store
	cancel func()
}

func (c *cancelAfter) Update(ctx context.Context, tenant directory.TenantID, want *store.Want, decide store.Decide) error {
	err := c.Store.Update(ctx, tenant, want, decide)
	c.cancel()
	return err
}

func TestTrimReducesTombstones(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0, func(o *directory.Overrides) {
		remove := directory.OnDeleteRemove
		o.OnDelete = &remove
	})
	okta := k.NewIdP(acme, "acme-okta")
	made := k.NewUser(okta, bridgetest.Person{Name: "ada@acme.example", External: "x-1"})
	k.OK(k.DeleteUser(bg, okta, made.User.ID, directory.Precondition{}))
	stone := func() (s directory.Tombstone) {
		k.OK(k.Store.View(bg, acme, nil, func(r store.Reader) (err error) {
			s, err = r.Tombstone(made.User.ID)
			return err
		}))
		return s
	}
	before := stone()
	k.Clock.Advance(30*bridgetest.Day - time.Second)
	trimmed, err := k.Trim(bg, k.Op, acme, directory.RunApply)
	k.OK(err)
	if stone() != before || trimmed.Tombstones != 0 {
		t.Errorf("a tombstone in its grace was reduced to %+v", stone())
	}
	k.Clock.Advance(2 * time.Second)
	if trimmed, err = k.Trim(bg, k.Op, acme, directory.RunDry); err != nil || trimmed.Tombstones != 1 || stone() != before {
		t.Errorf("a preview: %+v, %v, %+v", trimmed, err, stone())
	}
	all, err := k.TrimAll(bg, k.Op, directory.RunApply)
	k.OK(err)
	if len(all) != 2 || all[1].Tenant != acme || all[1].Tombstones != 1 {
		t.Errorf("trimmed %+v", all)
	}
	if want := (directory.Tombstone{ID: before.ID, Created: before.Created, Deleted: before.Deleted}); stone() != want {
		t.Errorf("what stays is %+v, want %+v", stone(), want)
	}
	trimmed, err = k.Trim(bg, k.Op, acme, directory.RunApply)
	k.OK(err)
	if trimmed.Tombstones != 0 {
		t.Error("it was reduced twice")
	}
	again := k.NewUser(okta, bridgetest.Person{Name: "ada@acme.example", External: "x-1"})
	if again.User.ID == made.User.ID {
		t.Error("an id was given again")
	}
}

func TestTrimIsForOperators(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	_, err := k.Trim(bg, k.NewIdP(acme, "acme-okta"), acme, directory.RunApply)
	k.Fails(err, directory.Forbidden, "")
	_, err = k.Trim(bg, k.Op, "nobody", directory.RunApply)
	k.Fails(err, directory.NotFound, "")
}
