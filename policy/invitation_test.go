package policy_test

import (
	"slices"
	"testing"
	"time"

	"drawbridge/directory"
	"drawbridge/policy"
)

// invitationCase is a case of testdata/invitation.yaml.
type invitationCase struct {
	Name  string
	Given struct {
		State      string
		Onboarding directory.Onboarding
		Domains    []string
		Managed    bool
		To         string
		Accepted   bool
		Seats      int
		Others     int
	}
	Asked struct{ Do, By string }
	Then  struct {
		State   string
		Events  []directory.EventKind
		Charged bool
		Refuse  directory.Rule
		Message string
	}
}

func TestInvitationCases(t *testing.T) {
	t.Parallel()
	for _, c := range cases[invitationCase](t, "invitation.yaml") {
		t.Run(c.Name, func(t *testing.T) {
			by := c.Asked.By
			if by == "" {
				by = "operator"
			}
			s := world(by)
			if c.Given.Onboarding != "" {
				s.Settings.Onboarding = c.Given.Onboarding
			}
			s.Settings.ConfirmDomains, s.Purchased = c.Given.Domains, c.Given.Seats
			s.Usage.Users[directory.TeamMember][directory.Active] = c.Given.Others
			before := directory.User{UserName: "ann", Statement: directory.SaidNothing}
			if c.Given.Managed {
				before.Connection = "acme-okta"
			}
			if c.Given.To != "" || c.Given.Accepted {
				s.Invitation = &directory.UserInvitation{To: c.Given.To}
				if c.Given.Accepted {
					s.Invitation.Accepted = now.Add(-time.Hour)
				}
			}
			if c.Given.State != "" {
				before.State = stateNamed(t, c.Given.State)
				if before.State == directory.Suspended {
					before.Suspension = &directory.Suspension{At: now.Add(-time.Hour), By: actor("operator")}
				}
				s.Usage.Add(&before, 1)
			}
			yes := true
			var d policy.Decision
			switch c.Asked.Do {
			case "create":
				d = s.NewUser(before, nil)
			case "accept":
				d = s.Accept(before)
			case "confirm":
				d = s.Confirm(before)
			case "release":
				d = s.Release(before)
			case "write":
				d = s.Write(before, before, &yes)
			default:
				t.Fatalf("unknown: %s", c.Asked.Do)
			}
			if c.Then.Refuse != "" {
				checkRefusal(t, d.Refuse, c.Then.Refuse, c.Then.Message)
				return
			}
			if d.Refuse != nil {
				t.Fatalf("refused: %+v", d.Refuse)
			}
			if d.User.State.String() != c.Then.State || !slices.Equal(d.Events, c.Then.Events) || d.User.AcceptedAt.Equal(now) != c.Then.Charged {
				t.Errorf("%s, events %v, charged from %s", d.User.State, d.Events, d.User.AcceptedAt)
			}
			if d.User.State != directory.Suspended && d.User.Suspension != nil {
				t.Errorf("the suspension stays: %+v", d.User.Suspension)
			}
		})
	}
}

// A user gets at most five mails a day, even if the clock goes back.
func TestInvitationsAreAtMostFiveADay(t *testing.T) {
	t.Parallel()
	ago := func(hours ...int) (all []time.Time) {
		for _, h := range hours {
			all = append(all, now.Add(-time.Duration(h)*time.Hour))
		}
		return all
	}
	for name, c := range map[string]struct {
		sent []time.Time
		wait time.Duration
		left int
	}{
		"the first":                           {nil, 0, 0},
		"the fifth":                           {ago(4, 3, 2, 1), 0, 4},
		"the sixth":                           {ago(5, 4, 3, 2, 1), 19 * time.Hour, 5},
		"a day later":                         {ago(24, 4, 3, 2, 1), 0, 4},
		"in no order":                         {ago(1, 5, 2, 4, 3), 19 * time.Hour, 5},
		"a mail that waited is no longer due": {append(ago(5, 4, 3, 2), now.Add(time.Hour)), 0, 4},
		"a clock a year ahead":                {ago(-9000, -9000, -9000, -9000, -9000), 0, 0},
	} {
		due, left := policy.InvitationDue(c.sent, now)
		if due.Sub(now) != c.wait || len(left) != c.left {
			t.Errorf("%s: in %s, %d count", name, due.Sub(now), len(left))
		}
	}
}

func TestInvitationAddressIsChosen(t *testing.T) {
	t.Parallel()
	emails := func(json string) directory.Document { return directory.Document(`{"emails":` + json + `}`) }
	for _, c := range []struct {
		user directory.User
		want string
	}{
		{directory.User{UserName: "ada@acme.example"}, "ada@acme.example"},
		{directory.User{UserName: "ada", Emails: []string{"a@b.example"}}, "a@b.example"},
		{directory.User{UserName: "ada", Emails: []string{"a@b.example", "c@d.example"}, Document: emails(`[{"value":"a@b.example"},{"value":"c@d.example","primary":true}]`)}, "c@d.example"},
		{directory.User{UserName: "ada@acme.example", Emails: []string{"a@b, c@d"}}, "ada@acme.example"},
		{directory.User{UserName: "ada@acme.example", Emails: []string{"a@b.example\r\nBcc: x@y.example"}}, "ada@acme.example"},
		{directory.User{UserName: "ada"}, ""},
		{directory.User{UserName: "ada\u202e@acme.example"}, ""},
	} {
		got, no := policy.InvitationAddress(&c.user)
		if got != c.want || (no == nil) != (c.want != "") {
			t.Errorf("%+v: %q, %+v", c.user, got, no)
		}
	}
}
