package policy_test

import (
	"slices"
	"strings"
	"testing"

	"drawbridge/directory"
	"drawbridge/policy"
)

func TestNextSyncPredictsEachWrite(t *testing.T) {
	t.Parallel()
	suspended := directory.User{State: directory.Suspended, Connection: "acme-okta", Statement: directory.SaidActive}
	active := directory.User{State: directory.Active, Connection: "acme-okta", Statement: directory.SaidActive}
	gone := directory.User{State: directory.Suspended, Connection: "acme-okta", Statement: directory.SaidDeleted}
	full := &directory.Error{Code: directory.Refused, Rule: "B2", Message: "20 of 20 seats in use"}
	okta := func(outcomes ...policy.Outcome) []policy.Forecast {
		return []policy.Forecast{{Connection: "acme-okta", Outcomes: outcomes}}
	}
	for _, c := range []struct {
		name      string
		u         directory.User
		forecasts []policy.Forecast
		want      []string
	}{
		{"no connection", suspended, nil, []string{"has no connection"}},
		{"a paused connection", suspended, []policy.Forecast{{Connection: "acme-okta", Blocked: &directory.Error{Message: "an operator has paused this connection"}}}, []string{"changes nothing now", "paused"}},
		{
			"a suspension that yields", suspended, okta(policy.Outcome{Write: policy.WriteActive, After: &active}, policy.Outcome{Write: policy.WriteOther, After: &suspended}),
			[]string{"states active: true ends the suspension: the user is active then"},
		},
		{"a suspension that holds", suspended, okta(policy.Outcome{Write: policy.WriteActive, After: &suspended}), []string{"the suspension holds: a write that states active: true leaves the user suspended until an operator"}},
		{"no seat", suspended, okta(policy.Outcome{Write: policy.WriteActive, Refuse: full}), []string{"is refused, and changes nothing (B2): 20 of 20"}},
		{
			"a live user", active, okta(policy.Outcome{Write: policy.WriteInactive, After: &suspended}, policy.Outcome{Write: policy.WriteDelete, After: &gone}, policy.Outcome{Write: policy.WriteCreate, Refuse: full}),
			[]string{"active: false suspends the user at once", "a DELETE suspends the user and keeps the record in grace"},
		},
		{"a deletion for good", active, okta(policy.Outcome{Write: policy.WriteDelete}), []string{"a DELETE deletes the user for good"}},
		{"a deleted user", gone, okta(policy.Outcome{Write: policy.WriteCreate, After: &active}), []string{"a POST of the user ends the suspension"}},
		{"a deleted user of another name", gone, okta(policy.Outcome{Write: policy.WriteCreate, After: &gone, Created: true}), []string{"makes another user with a new id"}},
		{"a deleted user whose externalId another one has", gone, okta(policy.Outcome{Write: policy.WriteCreate, After: &gone, Revived: &directory.User{UserName: "bob@acme.test"}}), []string{"a POST of the user brings back another user, bob@acme.test"}},
		{
			"observe mode", suspended,
			[]policy.Forecast{{Connection: "acme-okta", Blocked: &directory.Error{Rule: "C9", Message: "it is in observe mode"}}},
			[]string{"changes nothing now, because it is in observe mode"},
		},
		{
			"a directory that is read", suspended,
			[]policy.Forecast{{Connection: "acme-okta", Pulled: true, Outcomes: []policy.Outcome{{Write: policy.WriteActive, After: &active}, {Write: policy.WriteCreate, Refuse: full}}}},
			[]string{"\"acme-okta\": a run that finds the user active after one that found the user inactive ends the suspension: the user is active then."},
		},
		{
			"a directory that is read, of a user of another connection", suspended,
			[]policy.Forecast{{Connection: "acme-google", Pulled: true, Outcomes: []policy.Outcome{{Write: policy.WriteActive, After: &active}}}},
			[]string{"\"acme-google\": a run that finds the user active ends the suspension"},
		},
		{
			"a live user of a directory that is read", active,
			[]policy.Forecast{{Connection: "acme-okta", Pulled: true, Outcomes: []policy.Outcome{
				{Write: policy.WriteInactive, After: &suspended}, {Write: policy.WriteDelete, After: &gone}, {Write: policy.WriteOther, Refuse: &directory.Error{Code: directory.Invalid, Message: "it is damaged"}},
			}}},
			[]string{
				"a run that finds the user inactive suspends the user at once", "a run that finds the user deleted suspends the user and keeps the record in grace",
				"a run that finds other attributes is refused, and changes nothing: it is damaged",
			},
		},
		{
			"a deleted user of a directory that is read", gone,
			[]policy.Forecast{{Connection: "acme-okta", Pulled: true, Outcomes: []policy.Outcome{{Write: policy.WriteCreate, After: &active}}}},
			[]string{"a run that finds the user again ends the suspension"},
		},
		{"nothing changes", active, okta(policy.Outcome{Write: policy.WriteActive, After: &active}), []string{"No write of connection", "changes the state"}},
		{"no connection manages the user", directory.User{State: directory.Suspended}, okta(policy.Outcome{Write: policy.WriteActive, After: &active}), []string{"No connection manages this user", "adopts the user (L9)", "ends the suspension"}},
	} {
		got := policy.NextSync(&c.u, c.forecasts)
		for _, want := range c.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s: %q, want %q", c.name, got, want)
			}
		}
	}
}

// A forecast has one outcome for each kind of write, in the order of SyncWrites.
func TestForecastHasEveryKindOfWrite(t *testing.T) {
	t.Parallel()
	all := policy.SyncWrites()
	for i, w := range all {
		if w == "" || slices.Contains(all[:i], w) {
			t.Errorf("%q comes twice, or is empty", w)
		}
	}
	var f policy.Forecast
	for _, w := range all {
		f.Outcomes = append(f.Outcomes, policy.Outcome{Write: w})
	}
	for _, w := range all {
		if o, ok := f.Outcome(w); !ok || o.Write != w {
			t.Errorf("%s: %+v, %v", w, o, ok)
		}
	}
	if len(all) != 5 {
		t.Errorf("%d kinds of write", len(all))
	}
}
