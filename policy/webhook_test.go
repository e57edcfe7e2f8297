package policy_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"drawbridge/directory"
	"drawbridge/policy"
)

// The pauses between attempts grow to eight hours, spread over ±20 %. A receiver can ask for a longer pause, up to eight hours.
func TestE3RetriesWaitLonger(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		n     int
		part  float64
		after time.Duration
		want  time.Duration
	}{
		{1, 0.5, 0, 5 * time.Second},
		{1, 0, 0, 4 * time.Second},
		{1, 1, 0, 6 * time.Second},
		{1, 7, 0, 6 * time.Second},
		{2, 0.5, 0, 30 * time.Second},
		{8, 0.5, 0, 4 * time.Hour},
		{9, 0.5, 0, 8 * time.Hour},
		{1000000, 0.5, 0, 8 * time.Hour},
		{0, 0.5, 0, 8 * time.Hour},
		{1, 0.5, time.Second, 5 * time.Second},
		{1, 0.5, time.Hour, time.Hour},
		{1, 0.5, 1000 * time.Hour, 8 * time.Hour},
	} {
		if got := policy.WebhookDelay(c.n, c.part, c.after); got != c.want {
			t.Errorf("attempt %d, %v, %s: %s, want %s", c.n, c.part, c.after, got, c.want)
		}
	}
}

// An event is tried for 72 hours, with the last attempt at their end. Then, or at once after 410, the webhook is parked.
func TestE3WebhookIsParked(t *testing.T) {
	t.Parallel()
	begin := time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)
	now, d := begin, directory.Delivery{Cursor: 6}
	for d.Parked.IsZero() {
		d = policy.WebhookFailed(d, policy.WebhookAnswer{Status: 500, Error: "no"}, 1, now)
		if d.Parked.IsZero() && !d.Next.After(now) {
			t.Fatalf("after attempt %d the next one is at %s", d.Attempts, d.Next)
		}
		if d.Parked.IsZero() {
			now = d.Next
		}
	}
	if d.Parked.Sub(begin) != policy.WebhookRetryTime || d.Cursor != 6 || d.Attempts < 15 || d.Attempts > 30 {
		t.Errorf("%+v", d)
	}
	if d := policy.WebhookFailed(directory.Delivery{}, policy.WebhookAnswer{Status: 410, Error: "no"}, 0, begin); d.Parked.IsZero() {
		t.Errorf("after 410: %+v", d)
	}
	// A clock that was ahead is put right: the 72 hours begin again.
	if d := policy.WebhookFailed(directory.Delivery{FailingSince: begin.Add(bigStep)}, policy.WebhookAnswer{Error: "no"}, 0, begin); !d.FailingSince.Equal(begin) || !d.Parked.IsZero() {
		t.Errorf("after a step of the clock: %+v", d)
	}
}

// A wait that is longer than the longest possible one was recorded while the clock was ahead.
func TestE3ImpossibleWaitEnds(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for until, want := range map[time.Duration]bool{-time.Hour: false, 0: false, time.Second: true, 9 * time.Hour: true, 10 * time.Hour: false, bigStep: false} {
		if got := policy.WebhookWaits(now.Add(until), now); got != want {
			t.Errorf("%s: %v", until, got)
		}
	}
}

const bigStep = 1000 * time.Hour

// The state of an earlier attachment, or from before a webhook was resumed, does not count.
func TestE3OldDeliveryStateDoesNotCount(t *testing.T) {
	t.Parallel()
	now := time.Now()
	w := directory.Webhook{Version: 9, Resumes: 2, Tenants: map[directory.TenantID]directory.Attachment{"acme": {From: 40, Version: 7}}}
	for name, c := range map[string]struct {
		tenant directory.TenantID
		stored directory.Delivery
		want   directory.Delivery
	}{
		"nothing stored":     {"acme", directory.Delivery{}, directory.Delivery{Attached: 7, Resumes: 2, Cursor: 40}},
		"another attachment": {"acme", directory.Delivery{Attached: 3, Version: 5, Cursor: 20}, directory.Delivery{Attached: 7, Resumes: 2, Cursor: 40, Version: 5}},
		"it goes on":         {"acme", directory.Delivery{Attached: 7, Resumes: 2, Version: 5, Cursor: 50, Attempts: 3, FailingSince: now}, directory.Delivery{Attached: 7, Resumes: 2, Version: 5, Cursor: 50, Attempts: 3, FailingSince: now}},
		"it was resumed":     {"acme", directory.Delivery{Attached: 7, Resumes: 1, Version: 5, Cursor: 50, Attempts: 3, FailingSince: now, Parked: now}, directory.Delivery{Attached: 7, Resumes: 2, Version: 5, Cursor: 50}},
		"a new tenant":       {"later", directory.Delivery{}, directory.Delivery{Resumes: 2}},
	} {
		got := policy.WebhookDelivery(&w, c.tenant, c.stored)
		if got.Attached != c.want.Attached || got.Cursor != c.want.Cursor || got.Version != c.want.Version || got.Resumes != c.want.Resumes || got.Attempts != c.want.Attempts || !got.FailingSince.Equal(c.want.FailingSince) || !got.Parked.Equal(c.want.Parked) {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

func TestC11AChannelGetsWhatMailWouldTell(t *testing.T) {
	t.Parallel()
	for format, good := range map[directory.WebhookFormat]bool{directory.SignedEvents: true, directory.Slack: true, directory.Teams: true, directory.PlainJSON: true, "irc": false} {
		if err := policy.CheckWebhookFormat(format); (err == nil) != good {
			t.Errorf("%q: %v", format, err)
		}
	}
	if err := policy.CheckWebhookEvents(directory.Slack, []string{directory.AlertPattern, "user.*"}); err != nil {
		t.Error(err)
	}
	channel := &directory.Webhook{Format: directory.Slack}
	for kind, want := range map[directory.EventKind]bool{directory.UserCreated: false, directory.TokenCreated: true, directory.SeatRefused: true} {
		e := &directory.Event{Kind: kind, Subject: directory.Subject{Kind: "User", ID: "1", Name: "anna"}}
		if got := policy.WebhookWants(channel, e); got != want {
			t.Errorf("%s: %v", kind, got)
		}
		if text := policy.NoticeText(e); text != "User anna" {
			t.Errorf("%s: %q", kind, text)
		}
	}
}

func TestE3PatternsSelectEvents(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		patterns []string
		kind     directory.EventKind
		want     bool
	}{
		{nil, directory.UserCreated, true},
		{[]string{"user.*"}, directory.UserCreated, true},
		{[]string{"user.*"}, directory.GroupCreated, false},
		{[]string{"group.created", "seat.refused"}, directory.SeatRefused, true},
		{[]string{"*"}, directory.SeatRefused, true},
	} {
		if got := policy.WebhookWants(&directory.Webhook{Events: c.patterns}, &directory.Event{Kind: c.kind}); got != c.want {
			t.Errorf("%v, %s: %v", c.patterns, c.kind, got)
		}
	}
	for pattern, good := range map[string]bool{"user.*": true, "*": true, "user.created": true, "alert": false, "users.*": false, "": false, "user.creates": false} {
		if err := policy.CheckWebhookEvents(directory.SignedEvents, []string{pattern}); (err == nil) != good {
			t.Errorf("%q: %v", pattern, err)
		}
	}
}

// An operator sees a webhook that gets events of a company in the scope, and can change one if all of its companies are in the scope.
func TestO10WebhooksFollowTheScope(t *testing.T) {
	t.Parallel()
	operator := func(scope directory.Scope) directory.Principal {
		return directory.Principal{Actor: directory.Actor{Kind: directory.ByOperator, ID: "op"}, Access: directory.Access{Scope: scope}}
	}
	of := func(tenants ...directory.TenantID) *directory.Webhook {
		w := &directory.Webhook{Name: "hook", Tenants: map[directory.TenantID]directory.Attachment{}}
		for _, id := range tenants {
			w.Tenants[id] = directory.Attachment{}
		}
		return w
	}
	all := of("acme")
	all.All = true
	system := directory.Principal{Actor: directory.Actor{Kind: directory.BySystem}}
	acme, everything := operator(directory.Scope{Tenants: []directory.TenantID{"acme"}}), operator(directory.Scope{All: true})
	for _, c := range []struct {
		name          string
		p             directory.Principal
		w             *directory.Webhook
		sees, manages bool
	}{
		{"its company", acme, of("acme"), true, true},
		{"another company too", acme, of("acme", "globex"), true, false},
		{"only another company", acme, of("globex"), false, false},
		{"all companies", acme, all, true, false},
		{"all companies, to an operator without any", operator(directory.Scope{}), all, false, false},
		{"no company, to an operator without any", operator(directory.Scope{}), of(), false, true},
		{"all companies, to an operator of all", everything, all, true, true},
		{"a company, to an operator of all", everything, of("globex"), true, true},
		{"the server itself", system, all, true, true},
	} {
		if got := policy.SeesWebhook(c.p, c.w); got != c.sees {
			t.Errorf("%s: sees %v, want %v", c.name, got, c.sees)
		}
		err := policy.ManageWebhook(c.p, c.w)
		if (err == nil) != c.manages || err != nil && directory.CodeOf(err) != directory.Forbidden {
			t.Errorf("%s: manage gives %v", c.name, err)
		}
	}
	if got := policy.WebhookScope(of("acme")); got.All || !slices.Equal(got.Tenants, []directory.TenantID{"acme"}) {
		t.Errorf("the scope of one company: %+v", got)
	}
	if got := policy.WebhookScope(all); !got.All || len(got.Tenants) > 0 {
		t.Errorf("the scope of all companies: %+v", got)
	}
}

// After a delivered event, the next one begins without failures.
func TestE3SuccessResetsTheFailures(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)
	d := directory.Delivery{Cursor: 6, Attached: 2, Resumes: 3, Version: 4, FailingSince: at, Attempts: 5, Next: at, Parked: at, Error: "no"}
	got := policy.WebhookPassed(d, 7)
	if want := (directory.Delivery{Cursor: 7, Attached: 2, Resumes: 3, Version: 4}); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// A webhook names a bounded number of kinds (E3).
func TestE3WebhooksNameAtMostAHundredKinds(t *testing.T) {
	t.Parallel()
	for n, fine := range map[int]bool{100: true, 101: false} {
		if err := policy.CheckWebhookEvents("", slices.Repeat([]string{"user.*"}, n)); (err == nil) != fine {
			t.Errorf("%d: %v", n, err)
		}
	}
	if policy.CheckWebhookEvents(directory.SignedAudit, nil) != nil || directory.CodeOf(policy.CheckWebhookEvents(directory.SignedAudit, []string{"user.*"})) != directory.Invalid {
		t.Error("a webhook of audit lines gets all of them")
	}
}

func TestAuditLinesAreForWhoMayReadThem(t *testing.T) {
	t.Parallel()
	own := &directory.Webhook{Format: directory.SignedAudit, Tenants: map[directory.TenantID]directory.Attachment{"acme": {}}}
	home := &directory.Webhook{Format: directory.SignedAudit, Tenants: map[directory.TenantID]directory.Attachment{directory.Provider: {}}}
	events := &directory.Webhook{Tenants: map[directory.TenantID]directory.Attachment{"acme": {}}}
	for role, want := range map[directory.Role][3]bool{
		directory.RoleOwner: {true, true, true}, directory.RoleTechnician: {true, false, true}, directory.RoleReadOnly: {true, false, true}, directory.RoleHelpDesk: {false, false, true},
	} {
		p := directory.Principal{Actor: directory.Actor{Kind: directory.ByOperator}, Access: directory.Access{Role: role, Scope: directory.Scope{All: true}}}
		for i, w := range []*directory.Webhook{own, home, events} {
			if err := policy.ReadsAudit(p, w); (err == nil) != want[i] {
				t.Errorf("%s, webhook %d: %v", role, i, err)
			}
		}
	}
	all := directory.Principal{Access: directory.Access{Scope: directory.Scope{All: true}}}
	some := directory.Principal{Access: directory.Access{Scope: directory.Scope{Tenants: []directory.TenantID{"acme"}}}}
	for _, c := range []struct {
		p      directory.Principal
		tenant directory.TenantID
		want   bool
	}{{all, "acme", true}, {all, directory.Provider, true}, {some, "acme", true}, {some, "birch", false}, {some, directory.Provider, false}} {
		if policy.SeesDelivery(c.p, c.tenant) != c.want {
			t.Errorf("%v sees %q: %v", c.p.Access.Scope, c.tenant, !c.want)
		}
	}
}
