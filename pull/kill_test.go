package pull_test

import (
	"fmt"
	"testing"
	"time"

	"drawbridge/bridge"
	"drawbridge/directory"
	"drawbridge/google/googletest"
	"drawbridge/pull"
	"drawbridge/store/storetest"
)

// TestKillInARunChangesNothingTwice kills the process at every commit of the runs that follow changes of every kind, before and after the
// commit. Another process continues the runs. In the end the company is as it is at Google, everything was announced once, and the brake
// held what it holds without a kill.
func TestKillInARunChangesNothingTwice(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	key := b.account.NewKey("acme-project")
	tenants := 0
	for _, held := range []bool{false, true} {
		commits := -1
		for n := 0; n != commits; n++ {
			for _, after := range []bool{false, true} {
				tenants++
				s := newStaff(b, key, fmt.Sprintf("t%d", tenants), held)
				life := &storetest.Life{}
				life.EndAt(storetest.End{Commit: n, After: after})
				dying := b.process(life)
				for range 3 {
					if s.run(dying); life.Ended() {
						break
					}
				}
				if !life.Ended() {
					commits = n + 1
				}
				s.finish(t, held)
			}
		}
		t.Logf("held: %t: killed at %d commits", held, commits-1)
	}
}

// staff is a company that changes at Google after its first run.
type staff struct {
	*bench
	tenant directory.TenantID
	slug   directory.ConnectionID
	event  uint64 // the last one before the change
	out    []string
}

// newStaff makes a company of ten people, in which everything changes that a run follows. held: the brake holds the removals.
func newStaff(b *bench, key []byte, name string, held bool) *staff {
	b.T.Helper()
	s := &staff{bench: b, tenant: directory.TenantID(name), slug: directory.ConnectionID(name + "-google")}
	a := b.account
	a.Clear()
	a.Add(admin, "Ad", "Min", nil)
	b.NewTenant(name, 100)
	if held {
		hold := directory.BrakeHold
		b.Override(s.tenant, func(o *directory.Overrides) { o.Brake = &hold })
	}
	_, _, err := b.CreateConnection(b.T.Context(), b.Op, bridge.ConnectionDraft{
		ID: s.slug, Tenant: s.tenant, Type: directory.GoogleDirectory, Google: &directory.GooglePull{Admin: admin}, Credential: bridge.PullCredential{Text: key},
	})
	b.OK(err)
	ids := b.fill(12)
	team, crew := a.AddGroup("team@acme.example", "Team"), a.AddGroup("crew@acme.example", "Crew")
	for _, id := range ids[:4] {
		a.Join(team, id)
	}
	a.Join(crew, ids[7])
	s.run(b.pull)
	s.event = b.LastEvent(s.tenant)

	one, two := a.Add("new1@acme.example", "New", "One", nil), a.Add("new2@acme.example", "New", "Two", nil)
	a.Set(ids[2], googletest.Person{"primaryEmail": "renamed@acme.example"})
	a.Set(ids[3], googletest.Person{"name": map[string]any{"fullName": "Another Name"}})
	a.Leave(team, ids[3])
	a.Join(team, one)
	squad := a.AddGroup("squad@acme.example", "Squad")
	a.Join(squad, two)
	a.Join(squad, team)
	a.DeleteGroup(crew)
	s.out = []string{ids[0], ids[1]}
	if held { // more than five
		s.out = append(s.out, ids[4:9]...)
	}
	for i, id := range s.out {
		if i%2 == 0 {
			a.Set(id, googletest.Person{"suspended": true})
		} else {
			a.Delete(id)
		}
	}
	return s
}

// run runs the connection at its next time. A process that was killed gives no result.
func (s *staff) run(by *pull.Service) {
	s.T.Helper()
	s.Clock.Advance(11 * time.Minute)
	_, _ = by.Sync(s.T.Context(), s.Op, s.slug, directory.RunApply)
}

// finish runs the connection in a process that is not killed, and checks the result.
func (s *staff) finish(t *testing.T, held bool) {
	t.Helper()
	for range 3 {
		s.Clock.Advance(11 * time.Minute)
		out, err := s.pull.Sync(t.Context(), s.Op, s.slug, directory.RunApply)
		s.OK(err)
		if out.Outcome != pull.Complete {
			t.Fatalf("the run is %s: %s", out.Outcome, out.Reason)
		}
	}
	told := map[string]int{}
	for _, e := range s.EventsOf(s.tenant, s.event) {
		switch e.Kind {
		case directory.UserCreated, directory.GroupCreated, directory.GroupDeleted, directory.UserSuspended:
			if told[string(e.Kind)+" "+e.Subject.ID]++; told[string(e.Kind)+" "+e.Subject.ID] > 1 {
				t.Errorf("%s of %s was told twice", e.Kind, e.Subject.Name)
			}
		}
	}
	items, err := s.HeldRemovals().List(t.Context(), s.Op, s.tenant, s.slug)
	s.OK(err)
	m := &model{b: s.bench, slug: s.slug, tenant: s.tenant}
	if !held {
		if len(items) > 0 {
			t.Errorf("the brake holds %d removals", len(items))
		}
		m.equal(t, false)
		return
	}
	if len(items) != len(s.out)+1 { // and the group
		t.Errorf("the brake holds %d removals, want %d", len(items), len(s.out)+1)
	}
	users, _ := m.store(t)
	for _, id := range s.out {
		if u := users[id]; !u.Active() {
			t.Errorf("%s has lost access, and the brake holds that", u.UserName)
		}
	}
}
