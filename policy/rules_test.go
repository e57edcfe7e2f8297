package policy_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"drawbridge/directory"
	"drawbridge/policy"
)

// operators reads "role status" of each, where the status is active unless it is given.
func operators(t *testing.T, texts []string) []directory.Operator {
	t.Helper()
	var all []directory.Operator
	for _, text := range texts {
		role, status, _ := strings.Cut(text, " ")
		if status == "" {
			status = string(directory.OperatorActive)
		}
		o := directory.Operator{Role: directory.Role(role), Status: directory.OperatorStatus(status)}
		if err := policy.CheckRole(o.Role); err != nil {
			t.Fatal(err)
		}
		all = append(all, o)
	}
	return all
}

func TestO8KeepOperatorsCases(t *testing.T) {
	t.Parallel()
	type testCase struct {
		Name          string
		Before, After []string
		Then          string
		Warns         []string
	}
	for _, c := range cases[testCase](t, "operators.yaml") {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			after := operators(t, c.After)
			no := policy.KeepOperators(operators(t, c.Before), after)
			if c.Then != "" {
				checkRefusal(t, no, "O8", c.Then)
				return
			}
			if no != nil {
				t.Fatalf("refused: %+v", no)
			}
			warnings := policy.OperatorWarnings(after)
			if len(warnings) != len(c.Warns) {
				t.Fatalf("warnings: %q", warnings)
			}
			for i, want := range c.Warns {
				if !strings.Contains(warnings[i], want) {
					t.Errorf("warning %q, want %q", warnings[i], want)
				}
			}
		})
	}
}

func TestC10DisconnectCases(t *testing.T) {
	t.Parallel()
	type testCase struct {
		Name  string
		Given struct{ State, Said, By, Mode string }
		Asked directory.Disconnect
		Then  struct {
			State, Said, Mode string
			Events            []directory.EventKind
			Because           []directory.Rule
		}
	}
	for _, c := range cases[testCase](t, "disconnect.yaml") {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			if err := policy.CheckDisconnect(c.Asked); err != nil {
				t.Fatal(err)
			}
			before := directory.User{Connection: "acme-okta", State: stateNamed(t, c.Given.State), Statement: directory.Statement(c.Given.Said)}
			if c.Given.By != "" {
				before.Suspension = &directory.Suspension{At: now.Add(-time.Hour), By: actor(c.Given.By), Mode: directory.SuspensionMode(c.Given.Mode)}
			}
			s := world("operator")
			decide := s.Finalise
			if c.Asked == directory.Terminate {
				decide = s.Terminate
			}
			d := decide(before)
			if d.Refuse != nil || d.User.Connection != "" || d.Why == "" {
				t.Errorf("%+v", d)
			}
			if d.User.State.String() != c.Then.State || string(d.User.Statement) != c.Then.Said {
				t.Errorf("%s, said %s", d.User.State, d.User.Statement)
			}
			if c.Then.Mode != "" && d.User.Suspension.Mode != directory.SuspensionMode(c.Then.Mode) {
				t.Errorf("suspension %+v", d.User.Suspension)
			}
			if !slices.Equal(d.Events, c.Then.Events) || !slices.Equal(d.Because, c.Then.Because) {
				t.Errorf("events %v because %v", d.Events, d.Because)
			}
		})
	}
	if err := policy.CheckDisconnect("burn"); directory.CodeOf(err) != directory.Invalid {
		t.Errorf("an unknown mode: %v", err)
	}
}

func TestL6RecoveryCases(t *testing.T) {
	t.Parallel()
	type testCase struct {
		Name, Given, Asked string
		Then               struct {
			State, Refuse string
			Events        []directory.EventKind
		}
	}
	for _, c := range cases[testCase](t, "recovery.yaml") {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			s := world("operator")
			decide := s.Recover
			if c.Asked == "recovered" {
				decide = s.Recovered
			}
			d := decide(directory.User{State: stateNamed(t, c.Given)})
			if c.Then.Refuse != "" {
				checkRefusal(t, d.Refuse, "L6", c.Then.Refuse)
				return
			}
			if d.Refuse != nil || d.User.State.String() != c.Then.State || !slices.Equal(d.Events, c.Then.Events) {
				t.Errorf("%+v", d)
			}
		})
	}
}

func TestB10IdleCases(t *testing.T) {
	t.Parallel()
	type testCase struct {
		Name, Asked         string
		Days, Created, Last int
		Reported            []int
		Heard               int
		Suspended, Local    bool
		Then                struct {
			Since int
			Idle  bool
		}
	}
	may := func(day int) directory.Day {
		if day == 0 {
			return ""
		}
		return directory.DayOf(time.Date(2026, 5, day, 0, 0, 0, 0, time.UTC))
	}
	for _, c := range cases[testCase](t, "idle.yaml") {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			created := time.Date(2026, 5, c.Created, 8, 0, 0, 0, time.UTC)
			u := directory.User{State: directory.Active, Connection: "acme-okta", Created: created, AcceptedAt: created}
			if c.Suspended {
				u.State = directory.Suspended
			}
			if c.Local {
				u.Connection = ""
			}
			var span directory.Span
			if len(c.Reported) == 2 {
				span = directory.Span{Since: may(c.Reported[0]), Last: may(c.Reported[1])}
			}
			since, idle := policy.Idle(&u, may(c.Last), span, c.Days)
			if c.Asked == "mentioned" {
				since, idle = policy.Unmentioned(&u, may(c.Last), span, may(c.Heard), c.Days)
			}
			if since != may(c.Then.Since) || idle != c.Then.Idle {
				t.Errorf("since %q, idle %v", since, idle)
			}
		})
	}
}

// eventOf makes an event of acme with data as the cases write it.
func eventOf(t *testing.T, kind, about string, data map[string]any) *directory.Event {
	t.Helper()
	e := &directory.Event{Tenant: "acme", Time: now, Kind: directory.EventKind(kind), Subject: directory.Subject{ID: about}, Actor: actor("operator")}
	if !slices.Contains(directory.EventKinds(), e.Kind) {
		t.Fatalf("there is no kind of event %q", kind)
	}
	if data != nil {
		text, err := json.Marshal(data)
		if err != nil {
			t.Fatal(err)
		}
		e.Data = directory.Document(text)
	}
	return e
}

func TestAlertCases(t *testing.T) {
	t.Parallel()
	type testCase struct {
		Name, Event, About string
		Data               map[string]any
		Then               struct{ Raises, Clears, Text string }
	}
	for _, c := range cases[testCase](t, "alert.yaml") {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			a, raises, clears := policy.Alert(eventOf(t, c.Event, c.About, c.Data))
			if raises != (c.Then.Raises != "") || a.Key != c.Then.Raises || clears != c.Then.Clears {
				t.Errorf("raises %q (%v), clears %q", a.Key, raises, clears)
			}
			if !strings.Contains(a.Text, c.Then.Text) {
				t.Errorf("text %q, want %q", a.Text, c.Then.Text)
			}
		})
	}
}

func TestNoticeCases(t *testing.T) {
	t.Parallel()
	type testCase struct {
		Name, Event string
		Kinds       []string
		Tenants     []directory.TenantID
		Data        map[string]any
		Then        struct {
			Wanted bool
			AtOnce bool `yaml:"at_once"`
		}
	}
	for _, c := range cases[testCase](t, "notice.yaml") {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			for _, kind := range c.Kinds {
				if !policy.KnownKind(kind) {
					t.Errorf("%q means no kind", kind)
				}
			}
			wanted, canWait := policy.Notice(&directory.Recipient{Kinds: c.Kinds, Tenants: c.Tenants}, eventOf(t, c.Event, "x", c.Data))
			if wanted != c.Then.Wanted || wanted && canWait == c.Then.AtOnce {
				t.Errorf("wanted %v, can wait %v", wanted, canWait)
			}
		})
	}
	if policy.KnownKind("user.exploded") || policy.KnownKind("users.*") {
		t.Error("an unknown kind is known")
	}
}

func TestO2MailRespectsRights(t *testing.T) {
	t.Parallel()
	operator := func(change func(*directory.Operator)) *directory.Operator {
		o := &directory.Operator{Role: directory.RoleOwner, Status: directory.OperatorActive, Scope: directory.Scope{Tenants: []directory.TenantID{"acme"}}}
		change(o)
		return o
	}
	for _, c := range []struct {
		name   string
		o      *directory.Operator
		all    directory.ProviderSettings
		tenant directory.TenantID
		want   bool
	}{
		{"an Owner in scope", operator(func(*directory.Operator) {}), directory.ProviderSettings{}, "acme", true},
		{"an Owner out of scope", operator(func(*directory.Operator) {}), directory.ProviderSettings{}, "birch", false},
		{"an Owner about the installation", operator(func(*directory.Operator) {}), directory.ProviderSettings{}, directory.Provider, true},
		{"a suspended Owner", operator(func(o *directory.Operator) { o.Status = directory.OperatorSuspended }), directory.ProviderSettings{}, "acme", false},
		{"a required second factor is missing", operator(func(*directory.Operator) {}), directory.ProviderSettings{RequireMFA: true}, "acme", false},
		{"the second factor is the issuer's", operator(func(o *directory.Operator) { o.Subject = "issuer|ada" }), directory.ProviderSettings{RequireMFA: true}, "acme", true},
		{"a technician has no default", operator(func(o *directory.Operator) { o.Role = directory.RoleTechnician }), directory.ProviderSettings{}, "acme", false},
		{"a technician who chose alerts", operator(func(o *directory.Operator) {
			o.Role, o.Subscription = directory.RoleTechnician, &directory.Subscription{Kinds: []string{directory.AlertPattern}}
		}), directory.ProviderSettings{}, "acme", true},
		{"the role Help desk may not read the record", operator(func(o *directory.Operator) {
			o.Role, o.Subscription = directory.RoleHelpDesk, &directory.Subscription{Kinds: []string{directory.AlertPattern}}
		}), directory.ProviderSettings{}, "acme", false},
		{"a subscription of other tenants", operator(func(o *directory.Operator) {
			o.Subscription = &directory.Subscription{Kinds: []string{directory.AlertPattern}, Tenants: []directory.TenantID{"birch"}}
		}), directory.ProviderSettings{}, "acme", false},
	} {
		if got := policy.Receives(c.o, c.all, c.tenant); got != c.want {
			t.Errorf("%s: told is %v", c.name, got)
		}
	}
}

func TestSubscriptionsStayInScope(t *testing.T) {
	t.Parallel()
	o := &directory.Operator{Role: directory.RoleTechnician, Status: directory.OperatorActive, Scope: directory.Scope{Tenants: []directory.TenantID{"acme"}}}
	for name, c := range map[string]struct {
		s     directory.Subscription
		field string
	}{
		"alerts of one's tenants": {directory.Subscription{Kinds: []string{directory.AlertPattern}, Tenants: []directory.TenantID{"acme"}}, ""},
		"nothing":                 {directory.Subscription{}, ""},
		"an unknown kind":         {directory.Subscription{Kinds: []string{"user.exploded"}}, "kinds"},
		"a foreign tenant":        {directory.Subscription{Kinds: []string{directory.AlertPattern}, Tenants: []directory.TenantID{"birch"}}, "tenants"},
		"too many kinds":          {directory.Subscription{Kinds: make([]string, 101)}, "kinds"},
	} {
		err := policy.CheckSubscription(o, &c.s)
		var no *directory.Error
		if errors.As(err, &no) != (c.field != "") || no != nil && no.Field != c.field {
			t.Errorf("%s: %v", name, err)
		}
	}
	o.Role = directory.RoleHelpDesk
	if err := policy.CheckSubscription(o, &directory.Subscription{Kinds: []string{directory.AlertPattern}}); directory.CodeOf(err) != directory.Invalid {
		t.Errorf("an operator with the role Help desk subscribes: %v", err)
	}

	after := &directory.Operator{Status: directory.OperatorActive, Scope: o.Scope, Subscription: &directory.Subscription{
		Kinds: []string{directory.AlertPattern}, Tenants: []directory.TenantID{"acme", "birch"},
	}}
	if kept := policy.KeepSubscription(after); !slices.Equal(kept.Tenants, []directory.TenantID{"acme"}) {
		t.Errorf("a tenant that left the scope: %+v", kept)
	}
	after.Scope = directory.Scope{}
	if kept := policy.KeepSubscription(after); kept == nil || len(kept.Kinds) != 0 {
		t.Errorf("the last tenant left the scope: %+v", kept)
	}
	after.Status = directory.OperatorSuspended
	if kept := policy.KeepSubscription(after); kept != nil {
		t.Errorf("a suspended operator keeps %+v", kept)
	}
}

func TestG1BuiltInGroupsAreProtected(t *testing.T) {
	t.Parallel()
	guest := &directory.User{ID: short("ann"), UserName: "ann", Type: directory.Guest}
	member := &directory.User{ID: short("bo"), UserName: "bo"}
	checkRefusal(t, policy.Protected(&directory.Group{BuiltIn: directory.Owners}), "G1", "Owners is a built-in group")
	if no := policy.Protected(&directory.Group{DisplayName: "Design"}); no != nil {
		t.Errorf("a custom group is protected: %+v", no)
	}
	if _, no := policy.JoinBuiltIn(directory.TeamMembers, guest); no == nil {
		t.Error("a guest joins Team Members")
	} else {
		checkRefusal(t, no, "G2", "guests are never in Team Members")
	}
	if implicit, no := policy.JoinBuiltIn(directory.TeamMembers, member); !implicit || no != nil {
		t.Errorf("a member is in Team Members anyway: %v %+v", implicit, no)
	}
	if implicit, no := policy.JoinBuiltIn(directory.Security, member); implicit || no != nil {
		t.Errorf("a member joins Security: %v %+v", implicit, no)
	}
	checkRefusal(t, policy.LeaveBuiltIn(directory.TeamMembers), "G2", "every member is in Team Members")
	if no := policy.LeaveBuiltIn(directory.Security); no != nil {
		t.Errorf("a member leaves Security: %+v", no)
	}
	checkRefusal(t, policy.Granted(member, &directory.Group{DisplayName: "Owners"}, &directory.Group{DisplayName: "it-admins", Connection: "acme-okta"}), "G4", `by way of the group "it-admins"`)
	if no := policy.GroupNameTaken(&directory.Group{ID: short("g")}); no.Code != directory.Conflict || no.Field != "displayName" {
		t.Errorf("%+v", no)
	}
	if !(policy.Grant{}).Empty() || (policy.Grant{Guest: true}).Empty() || (policy.Grant{BuiltIns: []directory.BuiltIn{directory.Owners}}).Empty() {
		t.Error("only a grant of nothing is empty")
	}
	limited := directory.Settings{GuestMaxGroups: 1}
	checkRefusal(t, policy.GuestGroups(limited, guest.ID, 2), "B4", "would be in 2 groups")
	if policy.GuestGroups(limited, guest.ID, 1) != nil || policy.GuestGroups(directory.Settings{}, guest.ID, 9) != nil {
		t.Error("a guest within the limit is refused")
	}
}

func TestT6HandedOverTenantsAreNotServed(t *testing.T) {
	t.Parallel()
	checkRefusal(t, policy.NotServed(), "T6", "no longer served")
	checkRefusal(t, policy.Frozen(&directory.Tenant{ID: "acme", Status: directory.TenantUnlinked}), "T6", "take it back first")
	checkRefusal(t, policy.Frozen(&directory.Tenant{ID: "acme", Status: directory.TenantGone}), "T6", "only its slug is left")
	for days, want := range map[int]time.Duration{0: 7 * 24 * time.Hour, 7: 7 * 24 * time.Hour, 30: 30 * 24 * time.Hour} {
		if got := policy.HandoverGrace(directory.Settings{TombstoneDays: days}); got != want {
			t.Errorf("tombstone_days %d: data is kept for %s", days, got)
		}
	}
	if no := policy.SameRegion("eu", "eu"); no != nil {
		t.Errorf("the same region is refused: %+v", no)
	}
	checkRefusal(t, policy.SameRegion("eu", ""), "T2", "is none, and that of this installation is eu")
}

func TestE2RetentionKeepsAtLeast30DaysOfEvents(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		days, age int
		want      bool
	}{{30, 29, false}, {30, 31, true}, {5, 29, false}, {90, 60, false}, {90, 91, true}} {
		e := directory.Event{Time: now.AddDate(0, 0, -c.age)}
		if got := policy.Outdated(&e, directory.Settings{EventDays: c.days}, now); got != c.want {
			t.Errorf("event_days %d, an event of %d days: %v", c.days, c.age, got)
		}
	}
}

func TestD6TombstonesAreReducedAfterTheirGrace(t *testing.T) {
	t.Parallel()
	s := directory.Settings{TombstoneDays: 30}
	u := directory.User{ID: short("ann"), UserName: "Ann@Acme.example", ExternalID: "00u1", Connection: "acme-okta", Created: now.AddDate(-1, 0, 0)}
	stone := policy.TombstoneOf(&u, now.AddDate(0, 0, -29), actor("operator"))
	if stone.UserName != "ann@acme.example" || stone.ExternalID != "00u1" || stone.Connection != "acme-okta" || stone.By != actor("operator") {
		t.Errorf("%+v", stone)
	}
	if _, ok := policy.Reduce(&stone, s, now); ok {
		t.Error("a tombstone in its grace is reduced")
	}
	reduced, ok := policy.Reduce(&stone, s, now.AddDate(0, 0, 2))
	if want := (directory.Tombstone{ID: u.ID, Created: u.Created, Deleted: stone.Deleted}); !ok || reduced != want {
		t.Errorf("%+v, %v", reduced, ok)
	}
	if _, ok := policy.Reduce(&reduced, s, now.AddDate(1, 0, 0)); ok {
		t.Error("a tombstone is reduced twice")
	}
}

func TestD2GroupsOfAConnectionAreDeletedThereFirst(t *testing.T) {
	t.Parallel()
	okta := &directory.Group{Connection: "acme-okta"}
	if forced, no := policy.DeleteGroupByPerson(&directory.Group{}, directory.Removal{}, directory.Okta); forced || no != nil {
		t.Errorf("a local group: %v %+v", forced, no)
	}
	_, no := policy.DeleteGroupByPerson(okta, directory.Removal{}, directory.Okta)
	checkRefusal(t, no, "D2", "delete it in Okta first")
	_, no = policy.DeleteGroupByPerson(okta, directory.Removal{}, directory.OneLogin)
	checkRefusal(t, no, "D2", "never says that a group is gone")
	if _, no = policy.DeleteGroupByPerson(okta, directory.Removal{Force: true}, directory.Okta); no == nil || no.Field != "reason" {
		t.Errorf("force without a reason: %+v", no)
	}
	if forced, no := policy.DeleteGroupByPerson(okta, directory.Removal{Force: true, Reason: "merged"}, directory.Okta); !forced || no != nil {
		t.Errorf("force with a reason: %v %+v", forced, no)
	}
}

func TestD3OnlyOwnersDeleteForGood(t *testing.T) {
	t.Parallel()
	for _, role := range directory.Roles() {
		for _, needs := range []directory.Right{directory.UserDelete, directory.GroupDelete} {
			no := policy.DeleteForGood(directory.Access{Role: role}, needs)
			if (no == nil) != (role == directory.RoleOwner) {
				t.Errorf("%s: %+v", role, no)
			}
		}
	}
	for _, role := range directory.Roles() {
		if no := policy.ShowLink(directory.Access{Role: role}); (no == nil) != (role == directory.RoleOwner) {
			t.Errorf("%s sees the link of another operator: %+v", role, no)
		}
	}
}

func TestG3OnlyLiveUsersOwn(t *testing.T) {
	t.Parallel()
	for _, state := range directory.AllStates() {
		u := directory.User{State: state}
		if want := state == directory.Active || state == directory.Recovery; policy.CanOwn(&u) != want {
			t.Errorf("a user who is %s owns: %v", state, !want)
		}
	}
	if policy.CanOwn(&directory.User{State: directory.Suspended, Statement: directory.SaidDeleted}) {
		t.Error("a deleted user owns")
	}
}

func TestO6TheInstallationOrTheOperatorRequiresAFactor(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ own, all, want bool }{{false, false, false}, {true, false, true}, {false, true, true}, {true, true, true}} {
		if got := policy.NeedsFactor(&directory.Operator{MFARequired: c.own}, directory.ProviderSettings{RequireMFA: c.all}); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

func TestC7HealthBecomesStale(t *testing.T) {
	t.Parallel()
	use := directory.Use{Last: now.Add(-time.Hour)}
	for _, c := range []struct {
		name    string
		checked time.Duration // before now
		last    time.Duration
		want    string
	}{
		{"checked a minute ago", time.Minute, time.Hour, ""},
		{"not checked for ten minutes", 10 * time.Minute, time.Hour, "job health"},
		{"the last request is in the future", time.Minute, -10 * time.Minute, "earlier than the last request"},
		{"the last check is in the future", -10 * time.Minute, time.Hour, "earlier than the last check"},
	} {
		use.Last = now.Add(-c.last)
		since, why := policy.HealthStale(use, now.Add(-c.checked), now)
		if since.IsZero() != (c.want == "") || !strings.Contains(why, c.want) {
			t.Errorf("%s: %s since %s", c.name, why, since)
		}
	}
}

func TestL2ConfirmersAreActiveAndInARole(t *testing.T) {
	t.Parallel()
	if got := policy.Confirmers(); !slices.Contains(got, directory.Owners) || slices.Contains(got, directory.Security) || len(got) != 3 {
		t.Errorf("%v", got)
	}
	if policy.CanConfirm(&directory.User{State: directory.Suspended}) || !policy.CanConfirm(&directory.User{State: directory.Active}) {
		t.Error("only an active user confirms others")
	}
	s := world("operator")
	s.Settings.InviteTTLDays = 5
	if got := s.InvitationExpiry(now); !got.Equal(now.AddDate(0, 0, 5)) {
		t.Errorf("the link lives until %s", got)
	}
	s.Settings.InviteTTLDays = 0
	if got := s.InvitationExpiry(now); !got.IsZero() {
		t.Errorf("the link ends at %s", got)
	}
}

func TestB7LateSnapshotsAreMarked(t *testing.T) {
	t.Parallel()
	if policy.SnapshotIsLate(now, now.Add(59*time.Minute)) || !policy.SnapshotIsLate(now, now.Add(61*time.Minute)) {
		t.Error("a snapshot is late after an hour")
	}
	s := directory.Settings{IncludedSeats: 2, IncludedGuests: 5}
	for _, c := range []struct{ members, guests, want int }{{1, 0, 0}, {3, 5, 1}, {3, 7, 3}} {
		if got := policy.Billed(s, c.members, c.guests); got != c.want {
			t.Errorf("%d members, %d guests: %d billed", c.members, c.guests, got)
		}
	}
}

func TestL8WhyNamesEveryStatement(t *testing.T) {
	t.Parallel()
	s := world("operator")
	u := &directory.User{
		State: directory.Suspended, Connection: "acme-okta", Statement: directory.SaidActive, StatedAt: now.Add(-time.Hour), AcceptedAt: now.AddDate(0, -1, 0),
		Suspension: &directory.Suspension{At: now, By: actor("operator"), Mode: directory.Hold, Reason: "left the company"},
	}
	said := s.Why(u)
	var what []string
	for _, one := range said {
		what = append(what, one.What)
	}
	if !slices.Equal(what, []string{"active", "suspended", "accepted"}) {
		t.Errorf("%v", what)
	}
	if text := said[1].Text; !strings.Contains(text, "Olga") || !strings.Contains(text, "left the company") || !strings.Contains(text, "holds until") {
		t.Errorf("the suspension: %q", text)
	}
	invited := &directory.User{State: directory.Invited}
	for want, invitation := range map[string]directory.UserInvitation{
		"works until": {Hash: directory.Hash{1}, To: "ann@acme.example", By: actor("operator"), At: now, Expires: now.AddDate(0, 0, 5)},
		"expired on":  {Hash: directory.Hash{1}, To: "ann@acme.example", By: actor("operator"), At: now.AddDate(0, 0, -9), Expires: now.AddDate(0, 0, -4)},
	} {
		s.Invitation = &invitation
		if said := s.Why(invited); len(said) != 1 || !strings.Contains(said[0].Text, want) {
			t.Errorf("%+v, want %q", said, want)
		}
	}
}

func TestT6HandoverNeedsAnOwnerOfTheTenant(t *testing.T) {
	t.Parallel()
	if no := policy.Unlink(policy.OwnOwner); no != nil {
		t.Errorf("a tenant with an Owner of its own: %+v", no)
	}
	checkRefusal(t, policy.Unlink(policy.OnlyOperators), "T6", "the only active Owners are operators")
	checkRefusal(t, policy.Unlink(policy.NoOwner), "T6", "has no active Owner")
}

func TestE6AuditLinesStayInTheStoreFor30DaysAtLeast(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 31, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		days, age int
		want      bool
	}{{365, 364, false}, {365, 366, true}, {1, 29, false}, {1, 31, true}, {0, 31, true}, {30, 30, false}} {
		line := directory.Audit{Time: now.AddDate(0, 0, -c.age)}
		if got := policy.AuditOutdated(&line, directory.Settings{AuditDays: c.days}, now); got != c.want {
			t.Errorf("audit_days %d, a line of %d days: %v", c.days, c.age, got)
		}
	}
}

func TestB9TheAlertOfSeatsSaysTheNumbers(t *testing.T) {
	t.Parallel()
	if got := policy.SeatsText(5, 5); got != "5 of 5 seats are in use" {
		t.Error(got)
	}
	if got := policy.SeatsText("12", "10"); got != "12 of 10 seats are in use" {
		t.Error(got)
	}
}
