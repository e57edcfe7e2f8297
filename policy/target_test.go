package policy_test

import (
	"testing"
	"time"

	"drawbridge/directory"
	"drawbridge/policy"
)

// The pauses grow to an hour, spread over ±20 %, and an application can ask for more, up to an hour (C16).
func TestC16TargetDelay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		n     int
		part  float64
		after time.Duration
		want  time.Duration
	}{
		{1, 0.5, 0, 10 * time.Second},
		{1, 0, 0, 8 * time.Second},
		{1, 7, 0, 12 * time.Second},
		{5, 0.5, 0, 30 * time.Minute},
		{6, 0.5, 0, time.Hour},
		{0, 0.5, 0, time.Hour},
		{1, 0.5, 10 * time.Minute, 10 * time.Minute},
		{1, 0.5, 100 * time.Hour, time.Hour},
	} {
		if got := policy.TargetDelay(c.n, c.part, c.after); got != c.want {
			t.Errorf("attempt %d, %v, %s: %s, want %s", c.n, c.part, c.after, got, c.want)
		}
	}
	now := time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)
	for wait, want := range map[time.Duration]bool{-time.Second: false, time.Minute: true, time.Hour: true, 2 * time.Hour: false} {
		if got := policy.TargetWaits(now.Add(wait), now); got != want {
			t.Errorf("waits %s: %v", wait, got)
		}
	}
}

// A person who is refused is parked until they change or the target is resumed; one whom the application fails at waits (C16).
func TestC16Link(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)
	parked := policy.LinkFailed(directory.TargetLink{Remote: "1"}, policy.TargetFailure{Message: "no", Final: true}, "a", 0.5, now)
	if parked.Parked != now || parked.Error != "no" || parked.Remote != "1" {
		t.Errorf("parked %+v", parked)
	}
	later := now.Add(1000 * time.Hour)
	if policy.LinkDue(&parked, "a", 0, later) || !policy.LinkDue(&parked, "b", 0, later) || !policy.LinkDue(&parked, "a", 1, later) {
		t.Error("a parked person is due with another wish or after a resume, and never else")
	}
	waits := policy.LinkFailed(parked, policy.TargetFailure{Message: "later"}, "b", 0.5, now)
	if waits.Tries != 1 || !waits.Parked.IsZero() || policy.LinkDue(&waits, "b", 0, now) || !policy.LinkDue(&waits, "b", 0, now.Add(time.Minute)) {
		t.Errorf("waits %+v", waits)
	}
	if passed := policy.LinkPassed(waits); passed.Remote != "1" || passed.Tries != 0 || passed.Error != "" || passed.Wanted != "" || !passed.Next.IsZero() {
		t.Errorf("passed %+v", passed)
	}
}

// A target that fails as a whole for ten minutes, or for two in five, is quarantined, and not before (C16).
func TestC16Quarantine(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)
	var s directory.TargetState
	s = policy.TargetFailed(s, policy.TargetFailure{Message: "down"}, 0.5, now)
	if s.FailingSince != now || s.Next != now.Add(10*time.Second) || policy.TargetQuarantine(&s, now.Add(time.Hour)) != "" {
		t.Errorf("one failure: %+v", s)
	}
	s = policy.TargetFailed(s, policy.TargetFailure{Message: "still down"}, 0.5, now.Add(10*time.Minute))
	if got := policy.TargetQuarantine(&s, now.Add(10*time.Minute)); got != "still down" || policy.TargetQuarantine(&s, now.Add(9*time.Minute)) != "" {
		t.Errorf("after ten minutes: %q", got)
	}
	if passed := policy.TargetPassed(s); !passed.FailingSince.IsZero() || passed.Attempts != 0 || !passed.Next.IsZero() || passed.Error != "" {
		t.Errorf("passed %+v", passed)
	}
	for _, c := range []struct {
		done, failed int
		want         bool
	}{{0, 4, false}, {0, 5, true}, {7, 5, true}, {8, 5, false}, {100, 5, false}} {
		s := policy.TargetTried(directory.TargetState{Since: now.Add(-time.Hour), Done: 1000}, c.done, c.failed, now)
		if got := policy.TargetQuarantine(&s, now) != ""; got != c.want {
			t.Errorf("%d done, %d failed: %v", c.done, c.failed, got)
		}
	}
	s.Quarantined = now
	if resumed := policy.ResumedTarget(&directory.Target{Resumes: 1}, s); !resumed.Quarantined.IsZero() || resumed.Resumes != 1 {
		t.Errorf("resumed %+v", resumed)
	}
	if same := policy.ResumedTarget(&directory.Target{}, s); same.Quarantined.IsZero() {
		t.Error("a quarantine ended without a resume")
	}
}

// An operator sees a target that is attached to a company in the scope, and manages one whose companies are all in it. Stored state counts
// only for the attachment that it is of (C11).
func TestC11Target(t *testing.T) {
	t.Parallel()
	target := directory.Target{Name: "crm", Resumes: 1, Tenants: map[directory.TenantID]directory.TargetShare{"acme": {Version: 3}, "birch": {Version: 1}}}
	if got := policy.TargetScope(&target); got.All || len(got.Tenants) != 2 {
		t.Errorf("scope %+v", got)
	}
	if got := policy.TargetScope(&directory.Target{All: &directory.TargetShare{}}); !got.All || len(got.Tenants) > 0 {
		t.Errorf("the scope of a target of all companies is %+v", got)
	}
	for _, c := range []struct {
		scope        directory.Scope
		sees, manage bool
	}{
		{directory.Scope{All: true}, true, true},
		{directory.Scope{Tenants: []directory.TenantID{"acme", "birch"}}, true, true},
		{directory.Scope{Tenants: []directory.TenantID{"acme"}}, true, false},
		{directory.Scope{Tenants: []directory.TenantID{"cedar"}}, false, false},
		{directory.Scope{}, false, false},
	} {
		p := directory.Principal{Access: directory.Access{Scope: c.scope}}
		if sees, manage := policy.SeesTarget(p, &target), policy.ManageTarget(p, &target) == nil; sees != c.sees || manage != c.manage {
			t.Errorf("%+v: sees %v, manages %v", c.scope, sees, manage)
		}
	}
	for _, c := range []struct {
		tenant      directory.TenantID
		stored      directory.TargetState
		begun, gone bool
	}{
		{"acme", directory.TargetState{}, false, false},
		{"acme", directory.TargetState{Version: 1, Attached: 3, Attempts: 2}, true, false},
		{"acme", directory.TargetState{Version: 1, Attached: 2}, false, true},
		{"acme", directory.TargetState{Version: 1, Attached: 3, Detached: true}, false, true},
		{"cedar", directory.TargetState{Version: 1, Attached: 3}, false, true},
	} {
		state, begun, gone := policy.AttachedState(&target, c.tenant, c.stored)
		if begun != c.begun || gone != c.gone || state.Attempts != 0 {
			t.Errorf("%s %+v: %+v %v %v", c.tenant, c.stored, state, begun, gone)
		}
	}
}
