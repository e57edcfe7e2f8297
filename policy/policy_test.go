package policy_test

import (
	"bytes"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
	"pgregory.net/rapid"

	"drawbridge/directory"
	"drawbridge/policy"
)

var now = time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)

// cases reads the cases of one file of testdata. An unknown key is an error, so that none is skipped in silence.
func cases[T any](t *testing.T, file string) []T {
	t.Helper()
	text, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var out []T
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(&out); err != nil {
		t.Fatal(err)
	}
	if len(out) == 0 {
		t.Fatal("no cases")
	}
	return out
}

func stateNamed(t *testing.T, name string) directory.State {
	t.Helper()
	var s directory.State
	if err := s.UnmarshalText([]byte(name)); err != nil {
		t.Fatalf("%q: %v", name, err)
	}
	return s
}

func actor(kind string) directory.Actor {
	if kind == "operator" {
		return directory.Actor{Kind: directory.ByOperator, ID: "op-1", Name: "Olga"}
	}
	return directory.Actor{Kind: directory.ByIdP, ID: "acme-okta", Name: "okta"}
}

// world is a State with nothing in it but an unlimited plan.
func world(by string) policy.State {
	s := policy.State{Now: now, Plan: directory.Plan{Title: "Test"}, Settings: policy.DefaultSettings(), Actor: actor(by)}
	if by == "idp" {
		s.Connection = "acme-okta"
	}
	return s
}

func checkRefusal(t *testing.T, no *policy.Refusal, rule directory.Rule, message string) {
	t.Helper()
	if no == nil {
		t.Fatalf("nothing is refused, want %s %q", rule, message)
	}
	if no.Rule != rule || !strings.Contains(no.Message, message) {
		t.Errorf("refused by %s: %q; want %s: %q", no.Rule, no.Message, rule, message)
	}
	if no.Err() == nil || no.Code == "" {
		t.Error("the refusal is not an error")
	}
}

// lifecycleCase is a case of testdata/lifecycle.yaml.
type lifecycleCase struct {
	Name  string
	Given struct {
		State       string
		Said        string
		SaidAgain   bool   `yaml:"said_again"`
		SuspendedBy string `yaml:"suspended_by"`
		Mode        string
		Setting     string
		Others      int
		Seats       int
	}
	Asked struct {
		By     string
		Do     string
		Active *bool
		Mode   string
	}
	Then struct {
		State       string
		Said        string
		SuspendedBy string `yaml:"suspended_by"`
		Events      []directory.EventKind
		Because     []directory.Rule
		Refuse      directory.Rule
		Message     string
		Why         string
		Held        bool
		Unchanged   bool
	}
}

func TestLifecycleCases(t *testing.T) {
	t.Parallel()
	for _, c := range cases[lifecycleCase](t, "lifecycle.yaml") {
		t.Run(c.Name, func(t *testing.T) {
			s := world(c.Asked.By)
			s.Purchased = c.Given.Seats
			s.Usage.Users[directory.TeamMember][directory.Active] = c.Given.Others
			if c.Given.Setting != "" {
				s.Settings.ManualSuspension = directory.SuspensionMode(c.Given.Setting)
			}
			before := directory.User{UserName: "ann", Connection: "acme-okta", Statement: directory.SaidNothing, StatedAt: now.Add(-3 * time.Hour)}
			if c.Given.State != "" {
				before.State, before.Statement = stateNamed(t, c.Given.State), directory.Statement(c.Given.Said)
				if before.State == directory.Suspended {
					before.Suspension = &directory.Suspension{At: now.Add(-2 * time.Hour), By: actor(c.Given.SuspendedBy), Mode: directory.SuspensionMode(c.Given.Mode)}
				}
				if c.Given.SaidAgain {
					before.StatedAt = now.Add(-time.Hour)
				}
				s.Usage.Add(&before, 1)
			}
			var d policy.Decision
			switch c.Asked.Do {
			case "create":
				d = s.NewUser(before, c.Asked.Active)
			case "write":
				d = s.Write(before, before, c.Asked.Active)
			case "suspend":
				d = s.Suspend(before, directory.SuspensionMode(c.Asked.Mode), "")
			case "release":
				d = s.Release(before)
			case "unmanage":
				d = s.Unmanage(before)
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
			u := d.User
			if u.State.String() != c.Then.State || string(u.Statement) != c.Then.Said {
				t.Errorf("%s, said %s", u.State, u.Statement)
			}
			if (u.Suspension != nil) != (u.State == directory.Suspended) {
				t.Errorf("state %s with suspension %+v", u.State, u.Suspension)
			}
			if by := c.Then.SuspendedBy; by != "" && u.Suspension.By != actor(by) {
				t.Errorf("suspended by %+v", u.Suspension.By)
			}
			if !slices.Equal(d.Events, c.Then.Events) || !slices.Equal(d.Because, c.Then.Because) || d.Held != c.Then.Held {
				t.Errorf("events %v because %v held %v", d.Events, d.Because, d.Held)
			}
			if !strings.Contains(d.Why, c.Then.Why) {
				t.Errorf("why: %q", d.Why)
			}
			same := u.State == before.State && u.Statement == before.Statement && u.StatedAt.Equal(before.StatedAt) && u.Suspension == before.Suspension
			if same != c.Then.Unchanged {
				t.Errorf("unchanged is %v", same)
			}
		})
	}
}

// short makes an id of a short name.
func short(name string) directory.ID {
	var id directory.ID
	copy(id[:], name)
	return id
}

// rehireCase is a case of testdata/rehire.yaml.
type rehireCase struct {
	Name  string
	Given struct {
		Users []struct {
			ID, Name, External, Connection, Is string
			Minutes                            int
		}
		Tombstones []struct {
			ID, External string
			Days         int
		}
		Rehire directory.RehireMode
		Replay directory.ReplayMode
	}
	Asked struct {
		Name, External string
		Same           bool
	}
	Then struct {
		New               bool
		Restores          string
		RestoresTombstone string `yaml:"restores_tombstone"`
		Shares            string
		Replays           string
		Conflict          string
		Rule              directory.Rule
		Message           string
	}
}

// match is what the store has that may be the person who comes, and the name of each of them in the case.
func (c rehireCase) match(mine directory.ConnectionID) (m policy.Match, names map[directory.ID]string) {
	m = policy.Match{ExternalID: c.Asked.External, Same: func(*directory.User) bool { return c.Asked.Same }}
	names = map[directory.ID]string{}
	for _, g := range c.Given.Users {
		u := directory.User{
			ID: short(g.ID), UserName: g.Name, ExternalID: g.External, Connection: "acme-okta",
			State: directory.Active, Statement: directory.SaidActive, Created: now.Add(-time.Duration(g.Minutes) * time.Minute),
		}
		names[u.ID] = g.ID
		switch g.Connection {
		case "":
		case "none":
			u.Connection = ""
		default:
			u.Connection = directory.ConnectionID(g.Connection)
		}
		by := actor("idp")
		switch g.Is {
		case "inactive":
			u.State, u.Statement = directory.Suspended, directory.SaidInactive
		case "gone":
			u.State, u.Statement = directory.Suspended, directory.SaidDeleted
		case "held":
			u.State, by = directory.Suspended, actor("operator")
		}
		if u.State == directory.Suspended {
			u.Suspension = &directory.Suspension{At: now.Add(-time.Hour), By: by}
		}
		if u.Connection == mine && u.ExternalID != "" && u.ExternalID == c.Asked.External {
			m.ByExternalID = append(m.ByExternalID, u)
		}
		if u.UserName != c.Asked.Name {
			continue
		}
		if u.Gone() {
			m.GoneByName = append(m.GoneByName, u)
		} else {
			m.ByName = &u
		}
	}
	if m.ByName != nil {
		m.GoneByName = nil
	}
	for _, g := range c.Given.Tombstones {
		m.Tombstones = append(m.Tombstones, directory.Tombstone{ID: short(g.ID), Kind: directory.UserKind, Connection: mine, ExternalID: g.External, Deleted: now.AddDate(0, 0, -g.Days)})
		names[short(g.ID)] = g.ID
	}
	return m, names
}

func TestRehireCases(t *testing.T) {
	t.Parallel()
	for _, c := range cases[rehireCase](t, "rehire.yaml") {
		t.Run(c.Name, func(t *testing.T) {
			s := world("idp")
			if c.Given.Rehire != "" {
				s.Settings.Rehire = c.Given.Rehire
			}
			if c.Given.Replay != "" {
				s.Settings.Replay = c.Given.Replay
			}
			m, names := c.match(s.Connection)
			re := s.Rehire(m)
			switch {
			case c.Then.Conflict != "":
				want := c.Then.Message
				for id, name := range names {
					want = strings.ReplaceAll(want, "user "+name, "user "+id.String())
				}
				checkRefusal(t, re.Refuse, c.Then.Rule, want)
				if re.Refuse.Field != c.Then.Conflict || re.Refuse.Code != directory.Conflict {
					t.Errorf("%+v", re.Refuse)
				}
			case re.Refuse != nil:
				t.Errorf("refused: %+v", re.Refuse)
			case c.Then.New:
				if re.User != nil || re.Tombstone != nil || (re.Shares != nil) != (c.Then.Shares != "") || re.Shares != nil && names[re.Shares.ID] != c.Then.Shares {
					t.Errorf("%+v", re)
				}
			case c.Then.RestoresTombstone != "":
				if re.Tombstone == nil || names[re.Tombstone.ID] != c.Then.RestoresTombstone {
					t.Errorf("%+v", re)
				}
			default:
				if re.User == nil || names[re.User.ID] != c.Then.Restores+c.Then.Replays || re.Replay != (c.Then.Replays != "") {
					t.Errorf("%+v", re)
				}
			}
		})
	}
}

func TestSeatCases(t *testing.T) {
	t.Parallel()
	type testCase struct {
		Name  string
		Given struct {
			Members, Guests map[string]int
			Included, Seats int
			MaxMembers      int `yaml:"max_members"`
		}
		Asked struct {
			Add   string
			Seats *int
		}
		Then struct {
			Occupied, Billable, Limit int
			Refuse                    directory.Rule
			Message                   string
		}
	}
	for _, c := range cases[testCase](t, "seat.yaml") {
		t.Run(c.Name, func(t *testing.T) {
			s := world("idp")
			s.Settings.IncludedGuests, s.Purchased, s.Plan.MaxMembers = c.Given.Included, c.Given.Seats, c.Given.MaxMembers
			for name, n := range c.Given.Members {
				s.Usage.Users[directory.TeamMember][stateNamed(t, name)] = n
			}
			for name, n := range c.Given.Guests {
				s.Usage.Users[directory.Guest][stateNamed(t, name)] = n
			}
			if n := s.Seats(); n.Occupied != c.Then.Occupied || n.Billable != c.Then.Billable || n.Limit != c.Then.Limit {
				t.Errorf("%+v", n)
			}
			var no *policy.Refusal
			if c.Asked.Add != "" {
				state, kind, _ := strings.Cut(c.Asked.Add, " ")
				u := directory.User{State: stateNamed(t, state)}
				if kind == "guest" {
					u.Type = directory.Guest
				}
				no = s.TakeSeat(nil, &u)
			}
			if c.Asked.Seats != nil {
				then := s
				then.Purchased = *c.Asked.Seats
				no = policy.ChangeLimit(s, then)
			}
			if c.Then.Refuse != "" {
				checkRefusal(t, no, c.Then.Refuse, c.Then.Message)
			} else if no != nil {
				t.Errorf("refused: %+v", no)
			}
		})
	}
}

func TestDeletionCases(t *testing.T) {
	t.Parallel()
	type testCase struct {
		Name  string
		Given struct {
			State, Said string
			Managed     bool
			OnDelete    directory.OnDelete `yaml:"on_delete"`
		}
		Asked struct {
			By, Reason string
			Force      bool
		}
		Then struct {
			Removed, Gone, Forced bool
			Because               []directory.Rule
			Refuse                *directory.Rule
			Message               string
		}
	}
	for _, c := range cases[testCase](t, "deletion.yaml") {
		t.Run(c.Name, func(t *testing.T) {
			u := directory.User{State: stateNamed(t, c.Given.State), Statement: directory.Statement(c.Given.Said)}
			if c.Given.Managed {
				u.Connection = "acme-okta"
			}
			if c.Asked.By == "idp" {
				s := world("idp")
				if c.Given.OnDelete != "" {
					s.Settings.OnDelete = c.Given.OnDelete
				}
				d, removed := s.DeleteByIdP(u)
				if removed != c.Then.Removed || d.User.Gone() != c.Then.Gone || !slices.Equal(d.Because, c.Then.Because) || d.Refuse != nil {
					t.Errorf("%+v removed %v", d, removed)
				}
				return
			}
			forced, no := policy.DeleteByPerson(&u, directory.Removal{Force: c.Asked.Force, Reason: c.Asked.Reason}, policy.IdPTitle(directory.Okta))
			if c.Then.Refuse != nil {
				checkRefusal(t, no, *c.Then.Refuse, c.Then.Message)
			} else if no != nil || forced != c.Then.Forced || !c.Then.Removed {
				t.Errorf("forced %v, refused %+v", forced, no)
			}
		})
	}
}

func TestGroupMappingCases(t *testing.T) {
	t.Parallel()
	type mapping struct {
		DisplayName string `yaml:"display_name"`
		ExternalID  string `yaml:"external_id"`
		Grants      directory.BuiltIn
		Guest       bool
	}
	type testCase struct {
		Name  string
		Given []mapping
		Asked struct {
			DisplayName string `yaml:"display_name"`
			ExternalID  string `yaml:"external_id"`
		}
		Then struct {
			Grants []directory.BuiltIn
			Guest  bool
		}
	}
	for _, c := range cases[testCase](t, "group.yaml") {
		t.Run(c.Name, func(t *testing.T) {
			var mappings []directory.GroupMapping
			for _, m := range c.Given {
				mappings = append(mappings, directory.GroupMapping(m))
			}
			if err := policy.CheckMappings(mappings); err != nil {
				t.Error(err)
			}
			got := policy.Grants(mappings, c.Asked.DisplayName, c.Asked.ExternalID)
			if !got.Equal(policy.Grant{BuiltIns: c.Then.Grants, Guest: c.Then.Guest}) {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestGuestCases(t *testing.T) {
	t.Parallel()
	type testCase struct {
		Name  string
		Given []string
		Ours  []string
		Asked struct {
			Name     string
			Emails   []string
			UserType string `yaml:"user_type"`
			Mapped   bool
		}
		Then string
	}
	for _, c := range cases[testCase](t, "guest.yaml") {
		t.Run(c.Name, func(t *testing.T) {
			s := directory.Settings{GuestUserTypes: c.Given, MemberDomains: c.Ours}
			p := policy.Person{UserName: c.Asked.Name, Emails: c.Asked.Emails, UserType: c.Asked.UserType, Mapped: c.Asked.Mapped}
			if got := policy.TypeOf(s, p); got.String() != c.Then {
				t.Errorf("%s", got)
			}
		})
	}
}

func TestManageCases(t *testing.T) {
	t.Parallel()
	type testCase struct {
		Name  string
		Given directory.ConnectionID
		Asked directory.ConnectionID
		Then  string
	}
	for _, c := range cases[testCase](t, "manage.yaml") {
		t.Run(c.Name, func(t *testing.T) {
			adopts, no := policy.Manage(c.Asked, c.Given, "user", short("u1"))
			got := "allowed"
			if adopts {
				got = "adopts"
			}
			if no != nil {
				got = "refused"
				checkRefusal(t, no, "L9", string(c.Given))
			}
			if got != c.Then {
				t.Errorf("%s", got)
			}
		})
	}
}

func TestEditByAnOperatorCases(t *testing.T) {
	t.Parallel()
	type testCase struct {
		Name    string
		Owner   directory.ConnectionID
		Then    string
		Message string
	}
	for _, c := range cases[testCase](t, "byhand.yaml") {
		t.Run(c.Name, func(t *testing.T) {
			no := policy.EditByPerson(c.Owner, "user", "Okta")
			if (no != nil) != (c.Then == "refused") {
				t.Fatalf("%v, want %s", no, c.Then)
			}
			if no != nil {
				checkRefusal(t, no, "L9", c.Message)
			}
		})
	}
}

func TestG3KeepOwner(t *testing.T) {
	t.Parallel()
	if policy.KeepOwner(0, 0) != nil || policy.KeepOwner(1, 1) != nil || policy.KeepOwner(2, 1) != nil {
		t.Error("refused without need")
	}
	checkRefusal(t, policy.KeepOwner(1, 0), "G3", "without an active Owner")
}

func TestB5ShippedPlans(t *testing.T) {
	t.Parallel()
	starter, ok := policy.FindPlan(policy.ShippedPlans(), "starter")
	if !ok || starter.MaxMembers != 10 || starter.IncludedGuests != 5 || starter.FlatPrice != 19.95 {
		t.Errorf("%+v", starter)
	}
	checkRefusal(t, policy.UseSCIM(starter), "B5", "Teams Starter Pack")
	checkRefusal(t, policy.CreateGroup(starter), "B5", "Teams Starter Pack")
	business, ok := policy.FindPlan(policy.ShippedPlans(), "business")
	if !ok || policy.UseSCIM(business) != nil || policy.CreateGroup(business) != nil || business.IncludedGuests != 20 || business.PricePerSeat != 7.99 {
		t.Errorf("%+v", business)
	}
	for _, p := range policy.ShippedPlans() {
		if p.GuestMaxGroups != 1 {
			t.Errorf("%s allows guests %d groups", p.Name, p.GuestMaxGroups)
		}
	}
	if _, ok := policy.FindPlan(policy.ShippedPlans(), "gold"); ok {
		t.Error("a plan that is none")
	}
}

func TestSettingsAreDefaultsThenPlanThenTenant(t *testing.T) {
	t.Parallel()
	defaults := policy.DefaultSettings()
	plan := directory.Plan{IncludedGuests: 20, GuestMaxGroups: 3}
	if got := policy.Resolve(defaults, plan, directory.Overrides{}); got.IncludedGuests != 20 || got.GuestMaxGroups != 3 || got.TombstoneDays != 30 || got.Rehire != directory.RehireRestore {
		t.Errorf("%+v", got)
	}
	guests, hold, none := 0, directory.Hold, []string{}
	own := directory.Overrides{IncludedGuests: &guests, ManualSuspension: &hold, GuestUserTypes: &none}
	if got := policy.Resolve(defaults, plan, own); got.IncludedGuests != 0 || got.GuestMaxGroups != 3 || got.ManualSuspension != directory.Hold || len(got.GuestUserTypes) != 0 {
		t.Errorf("%+v", got)
	}
	if err := policy.CheckOverrides(own); err != nil {
		t.Error(err)
	}
	odd := directory.RehireMode("maybe")
	if err := policy.CheckOverrides(directory.Overrides{Rehire: &odd}); directory.CodeOf(err) != directory.Invalid {
		t.Error(err)
	}
}

func TestEverySettingHasItsSource(t *testing.T) {
	t.Parallel()
	domains, days := []string{"acme.test"}, 30
	own := directory.Overrides{MemberDomains: &domains, AutoDeleteDays: &days}
	want := map[string]string{"member_domains": "tenant", "auto_delete_days": "tenant", "included_seats": "plan", "brake": "default", "snapshot_zone": "default"}
	got := map[string]string{}
	for _, s := range policy.Sources(policy.DefaultSettings(), directory.Plan{}, own) {
		if s.Name == "" || got[s.Name] != "" {
			t.Errorf("%+v", s)
		}
		got[s.Name] = s.Source
		if s.Name == "auto_delete_days" && s.Value != 30 {
			t.Errorf("%+v", s)
		}
	}
	for name, source := range want {
		if got[name] != source {
			t.Errorf("%s is from %q", name, got[name])
		}
	}
	settings, overrides := reflect.TypeFor[directory.Settings](), reflect.TypeFor[directory.Overrides]()
	for f := range settings.Fields() {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); got[name] == "" {
			t.Errorf("%s has no source", f.Name)
		}
	}
	for f := range overrides.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if s, ok := settings.FieldByName(f.Name); !ok || s.Tag.Get("json") != name {
			t.Errorf("%s of Overrides has no setting of the same name", f.Name)
		}
	}
}

// TestInvariants plays random requests of IdPs and operators against a small tenant and checks the invariants: no decision exceeds the seat
// limit, a repeated request changes nothing, a refusal leaves everything unchanged, and no user whose IdP says active is deleted without
// force.
func TestInvariants(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.IntRange(1, 4).Draw(t, "limit")
		hold := rapid.SampledFrom([]directory.SuspensionMode{directory.Yield, directory.Hold}).Draw(t, "setting")
		clock := now
		users := map[directory.ID]directory.User{}
		var usage directory.Usage
		next := byte(0)

		state := func(by string) policy.State {
			clock = clock.Add(time.Second)
			s := world(by)
			s.Now, s.Purchased, s.Usage, s.Settings.ManualSuspension, s.Settings.IncludedGuests = clock, limit, usage, hold, 1
			return s
		}
		put := func(before *directory.User, after directory.User) {
			if before != nil {
				usage.Add(before, -1)
			}
			usage.Add(&after, 1)
			users[after.ID] = after
		}
		pick := func() (directory.User, bool) {
			if len(users) == 0 {
				return directory.User{}, false
			}
			var ids []directory.ID
			for id := range users {
				ids = append(ids, id)
			}
			slices.SortFunc(ids, func(x, y directory.ID) int { return bytes.Compare(x[:], y[:]) })
			return users[rapid.SampledFrom(ids).Draw(t, "user")], true
		}
		wish := func() *bool {
			return rapid.SampledFrom([]*bool{nil, new(bool), ptr(true)}).Draw(t, "active")
		}
		settled := func(ask func(policy.State, directory.User) policy.Decision, by string, before directory.User) {
			d := ask(state(by), before)
			if d.Refuse != nil {
				return
			}
			put(&before, d.User)
			again := ask(state(by), d.User)
			if again.Refuse != nil || again.User.State != d.User.State || again.User.Statement != d.User.Statement ||
				again.User.Type != d.User.Type || again.User.Suspension != d.User.Suspension {
				t.Fatalf("the same wish twice: %+v, then %+v (%+v)", d.User, again.User, again.Refuse)
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"create": func(t *rapid.T) {
				next++
				u := directory.User{
					ID: directory.ID{next}, Connection: "acme-okta", Statement: directory.SaidNothing,
					Type: rapid.SampledFrom([]directory.UserType{directory.TeamMember, directory.Guest}).Draw(t, "type"),
				}
				if d := state("idp").NewUser(u, wish()); d.Refuse == nil {
					put(nil, d.User)
				}
			},
			"write": func(t *rapid.T) {
				before, ok := pick()
				if !ok || before.Gone() {
					t.Skip()
				}
				active, by := wish(), rapid.SampledFrom([]string{"idp", "operator"}).Draw(t, "by")
				kind := rapid.SampledFrom([]directory.UserType{directory.TeamMember, directory.Guest}).Draw(t, "type")
				settled(func(s policy.State, u directory.User) policy.Decision {
					after := u
					after.Type = kind
					return s.Write(u, after, active)
				}, by, before)
			},
			"suspend": func(t *rapid.T) {
				before, ok := pick()
				if !ok {
					t.Skip()
				}
				mode := rapid.SampledFrom([]directory.SuspensionMode{"", directory.Yield, directory.Hold}).Draw(t, "mode")
				settled(func(s policy.State, u directory.User) policy.Decision { return s.Suspend(u, mode, "") }, "operator", before)
			},
			"release": func(t *rapid.T) {
				before, ok := pick()
				if !ok {
					t.Skip()
				}
				settled(func(s policy.State, u directory.User) policy.Decision { return s.Release(u) }, "operator", before)
			},
			"delete": func(t *rapid.T) {
				before, ok := pick()
				if !ok || before.Gone() {
					t.Skip()
				}
				d, _ := state("idp").DeleteByIdP(before)
				put(&before, d.User)
			},
			"rehire": func(t *rapid.T) {
				before, ok := pick()
				if !ok {
					t.Skip()
				}
				re := state("idp").Rehire(policy.Match{ExternalID: "e", ByExternalID: []directory.User{before}})
				if re.User == nil {
					return
				}
				if before.Active() {
					t.Fatal("a live user was revived")
				}
				if d := state("idp").Restore(re.User, *re.User, wish()); d.Refuse == nil {
					put(&before, d.User)
				}
			},
			"remove": func(t *rapid.T) {
				before, ok := pick()
				if !ok {
					t.Skip()
				}
				if _, no := policy.DeleteByPerson(&before, directory.Removal{}, "Okta"); no != nil {
					return
				}
				if before.Statement == directory.SaidActive || before.Active() {
					t.Fatalf("deleted %+v", before)
				}
				usage.Add(&before, -1)
				delete(users, before.ID)
			},
			"": func(t *rapid.T) {
				if n := policy.Count(usage, 1); n.Occupied > limit {
					t.Fatalf("%d of %d seats", n.Occupied, limit)
				}
				for _, u := range users {
					if (u.Suspension != nil) != (u.State == directory.Suspended) {
						t.Fatalf("state %s with suspension %+v", u.State, u.Suspension)
					}
					if usage.Users[u.Type][u.State] < 0 {
						t.Fatal("counts are wrong")
					}
				}
			},
		})
	})
}

func ptr[T any](v T) *T { return &v }

// Lengths are characters, as the documents of the APIs say, so a name may be as long in Arabic as in English.
func TestTextIsMeasuredInCharacters(t *testing.T) {
	t.Parallel()
	for text, fine := range map[string]bool{strings.Repeat("x", 20): true, strings.Repeat("x", 21): false, strings.Repeat("ن", 20): true, strings.Repeat("ن", 21): false} {
		if err := policy.CheckText("name", text, 1, 20); (err == nil) != fine {
			t.Errorf("%d characters: %v", utf8.RuneCountInString(text), err)
		}
	}
}

func FuzzCheckText(f *testing.F) {
	for _, seed := range []string{"", "Ann", "a\x00", "\u202e", "日本", "a\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if policy.CheckText("name", text, 1, 100) != nil {
			return
		}
		if utf8.RuneCountInString(text) > 100 || strings.TrimSpace(text) == "" || strings.ContainsAny(text, "\x00\r\n\u202a\u202e\u2066") {
			t.Errorf("%q passed", text)
		}
	})
}

func TestE4OnlyActiveUsersSignIn(t *testing.T) {
	t.Parallel()
	for _, state := range directory.AllStates() {
		u := directory.User{State: state}
		allowed, why := policy.SignIn(&u)
		if allowed != (state == directory.Active) || why == "" {
			t.Errorf("%s: %t, %q", state, allowed, why)
		}
		if allowed && !u.Active() {
			t.Errorf("%s may sign in, and SCIM reads active: false", state)
		}
	}
}
