package policy_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"drawbridge/directory"
	"drawbridge/policy"
)

// A user who returns from a tombstone begins as a new one does, or is suspended at once if the identity provider says so (L5).
func TestL5TombstonesReturn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		active *bool
		state  directory.State
		said   directory.Statement
	}{
		{"without a statement", nil, directory.Active, directory.SaidActive},
		{"active", ptr(true), directory.Active, directory.SaidActive},
		{"inactive", ptr(false), directory.Suspended, directory.SaidInactive},
	} {
		d := world("idp").Restore(nil, directory.User{UserName: "ann", Connection: "acme-okta", Statement: directory.SaidNothing}, c.active)
		if d.Refuse != nil || d.User.State != c.state || d.User.Statement != c.said || !slices.Equal(d.Events, []directory.EventKind{directory.UserRestored}) || !slices.Contains(d.Because, "L5") {
			t.Errorf("%s: %+v", c.name, d)
		}
	}
}

// A rehire that makes a guest of a member announces that, too (L5, B4).
func TestL5ARehireMayChangeTheType(t *testing.T) {
	t.Parallel()
	before := directory.User{UserName: "ann", Connection: "acme-okta", State: directory.Suspended, Statement: directory.SaidInactive, Suspension: &directory.Suspension{At: now.Add(-time.Hour), By: actor("idp")}}
	after := before
	after.Type = directory.Guest
	if d := world("idp").Restore(&before, after, ptr(true)); d.Refuse != nil || !slices.Equal(d.Events, []directory.EventKind{directory.UserRestored, directory.UserConverted}) {
		t.Errorf("%+v", d)
	}
}

// A suspension is later than the last statement of the identity provider, also if the clock went back, so that the next statement counts
// (L3, L4).
func TestL3SuspensionsAreLaterThanStatements(t *testing.T) {
	t.Parallel()
	before := directory.User{UserName: "ann", Connection: "acme-okta", State: directory.Active, Statement: directory.SaidActive, StatedAt: now.Add(time.Hour)}
	d := world("operator").Suspend(before, directory.Hold, "")
	if d.Refuse != nil || !d.User.Suspension.At.After(before.StatedAt) {
		t.Fatalf("%+v", d.User.Suspension)
	}
	again := world("idp").Write(d.User, d.User, ptr(true))
	if !again.Held || again.User.State != directory.Suspended || again.User.StatedAt.Before(d.User.Suspension.At) || !slices.Equal(again.Events, []directory.EventKind{directory.UserHeld}) {
		t.Errorf("active: true with a clock that went back: %+v", again)
	}
}

// The person or the connection that suspended a user is named in the reason: a person by name or id, a connection by its slug (L4).
func TestL4ReasonsNameTheActor(t *testing.T) {
	t.Parallel()
	for want, by := range map[string]directory.Actor{
		"operator Olga":          {Kind: directory.ByOperator, ID: "op-1", Name: "Olga"},
		"operator op-1":          {Kind: directory.ByOperator, ID: "op-1"},
		`connection "acme-okta"`: {Kind: directory.ByIdP, ID: "acme-okta", Name: "okta"},
		"job auto-delete":        {Kind: "job", ID: "auto-delete"},
	} {
		u := directory.User{Connection: "acme-okta", State: directory.Suspended, Suspension: &directory.Suspension{At: now, By: by, Reason: "left"}}
		said := world("operator").Why(&u)
		if len(said) != 1 || !strings.HasPrefix(said[0].Text, want+" suspended the user") {
			t.Errorf("%s: %+v", want, said)
		}
	}
}

// A suspension skips neither the invitation nor the confirmation, but a statement of a connection confirms (L1, L2).
func TestL2ReturnsWhereTheUserWas(t *testing.T) {
	t.Parallel()
	accepted := &directory.UserInvitation{Accepted: now.Add(-time.Hour)}
	for _, c := range []struct {
		name       string
		by         string
		invitation *directory.UserInvitation
		want       directory.State
	}{
		{"never invited", "operator", nil, directory.Active},
		{"invited", "operator", &directory.UserInvitation{}, directory.Invited},
		{"accepted", "operator", accepted, directory.AwaitingConfirmation},
		{"accepted, and a connection states it", "idp", accepted, directory.Active},
	} {
		s := world(c.by)
		s.Invitation = c.invitation
		before := directory.User{Connection: "acme-okta", State: directory.Suspended, Statement: directory.SaidInactive, Suspension: &directory.Suspension{At: now.Add(-time.Minute), By: actor(c.by)}}
		d := s.Release(before)
		if c.by == "idp" {
			d = s.Write(before, before, ptr(true))
		}
		if d.Refuse != nil || d.User.State != c.want {
			t.Errorf("%s: %s, %+v", c.name, d.User.State, d.Refuse)
		}
	}
}

// The application learns why a user may not sign in, and nothing that is not stored (E4).
func TestE4SaysWhyAUserMayNotSignIn(t *testing.T) {
	t.Parallel()
	suspended := func(by directory.ActorKind) directory.User {
		return directory.User{State: directory.Suspended, Suspension: &directory.Suspension{By: directory.Actor{Kind: by}}}
	}
	gone := suspended(directory.ByIdP)
	gone.Statement = directory.SaidDeleted
	for want, u := range map[string]directory.User{
		"suspended by an operator":                   {State: directory.Suspended, Suspension: &directory.Suspension{By: actor("operator")}},
		"suspended by the identity provider":         suspended(directory.ByIdP),
		"the identity provider has deleted the user": gone,
		"suspended":         suspended(directory.BySystem),
		"in no known state": {State: 99},
	} {
		if allowed, why := policy.SignIn(&u); allowed || why != want {
			t.Errorf("%t, %q, want %q", allowed, why, want)
		}
	}
}
