package policy_test

import (
	"strings"
	"testing"

	"drawbridge/directory"
	"drawbridge/policy"
)

func alertEvent(kind directory.EventKind, data string) *directory.Event {
	return &directory.Event{Kind: kind, Subject: directory.Subject{Kind: "thing", ID: "id-1", Name: "crm"}, Data: directory.Document(data), Time: now}
}

// Webhooks and targets raise alerts, and the events that end them clear these (C11, E3, C16).
func TestWebhooksAndTargetsRaiseAlerts(t *testing.T) {
	t.Parallel()
	for kind, want := range map[directory.EventKind]string{
		directory.WebhookParked:     "webhook crm: full; they wait until an operator resumes it",
		directory.TargetQuarantined: "no longer reach the application crm: full",
		directory.TargetAlerted:     "removed from the application crm: 30 within an hour, where 10 are usual",
		directory.TargetHeld:        "removed from the application crm: 30 within an hour, where 10 are usual at most; they wait for an operator",
	} {
		e := alertEvent(kind, `{"reason":"full","removals":30,"limit":10}`)
		a, raises, clears := policy.Alert(e)
		if !raises || clears != "" || !strings.Contains(a.Text, want) || !strings.HasSuffix(a.Key, "/id-1") || a.Times != 1 {
			t.Errorf("%s: %+v, %t, %q", kind, a, raises, clears)
		}
		if policy.NoticeText(e) != a.Text {
			t.Errorf("%s: the notice says %q", kind, policy.NoticeText(e))
		}
	}
	for kind, want := range map[directory.EventKind]directory.AlertKind{
		directory.WebhookResumed: directory.WebhookAlert, directory.WebhookDetached: directory.WebhookAlert,
		directory.TargetRecovered: directory.TargetAlert, directory.TargetReleased: directory.TargetAlert, directory.TargetDetached: directory.TargetAlert,
	} {
		if _, raises, clears := policy.Alert(alertEvent(kind, `{}`)); raises || clears != string(want)+"/id-1" {
			t.Errorf("%s: %t, %q", kind, raises, clears)
		}
	}
}

// The alert of a protected group names who came and who left, as far as the event does.
func TestProtectedGroupsNameWhoCame(t *testing.T) {
	t.Parallel()
	for data, want := range map[string]string{
		`{"builtIn":"owners","displayName":"Owners","added":["1"],"addedNames":["ann"]}`:                 "Owners: ann added",
		`{"builtIn":"owners","displayName":"Owners","added":["1","2","3"],"addedNames":["ann"]}`:         "Owners: ann and 2 more added",
		`{"builtIn":"owners","displayName":"Owners","removed":["1","2"]}`:                                "Owners: 2 removed",
		`{"builtIn":"owners","displayName":"Owners","added":["1"],"addedNames":["ann"],"removed":["2"]}`: "Owners: ann added; 1 removed",
	} {
		if a, raises, _ := policy.Alert(alertEvent(directory.ProtectedChanged, data)); !raises || a.Text != want {
			t.Errorf("%s: %q, want %q", data, a.Text, want)
		}
	}
}

// A notice without an alert names its subject, by name or by id, and the reason.
func TestNoticesNameTheSubject(t *testing.T) {
	t.Parallel()
	e := alertEvent(directory.UserSuspended, `{"reason":"left"}`)
	if got := policy.NoticeText(e); got != "thing crm: left" {
		t.Error(got)
	}
	e.Subject.Name, e.Data = "", nil
	if got := policy.NoticeText(e); got != "thing id-1" {
		t.Error(got)
	}
}

// Each identity provider is named as administrators know it.
func TestProvidersAreNamed(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, kind := range directory.ConnectionTypes() {
		title := policy.IdPTitle(kind)
		if known := title != "the identity provider"; known == (kind == directory.Generic) || known && seen[title] && kind != directory.Google && kind != directory.GoogleDirectory {
			t.Errorf("%s is %s", kind, title)
		}
		seen[title] = true
	}
}

// The zero refusal is no error, and an unknown role is named with those that there are (O3).
func TestRefusalsAndRoles(t *testing.T) {
	t.Parallel()
	if err := (*policy.Refusal)(nil).Err(); err != nil {
		t.Error(err)
	}
	for _, role := range directory.Roles() {
		if err := policy.CheckRole(role); err != nil {
			t.Error(err)
		}
		if err := policy.CheckRole("king"); directory.CodeOf(err) != directory.Invalid || !strings.Contains(err.Error(), string(role)) {
			t.Error(err)
		}
	}
}
