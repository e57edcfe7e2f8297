package policy_test

import (
	"slices"
	"testing"
	"time"

	"drawbridge/directory"
	"drawbridge/policy"
)

func TestB4ForeignAddressesMakeGuests(t *testing.T) {
	t.Parallel()
	ours := []string{"acme.example"}
	for name, c := range map[string]struct {
		domains []string
		person  policy.Person
		want    bool
	}{
		"no domains are set":             {nil, policy.Person{UserName: "ada@other.example"}, false},
		"the userName is ours":           {ours, policy.Person{UserName: "ada@acme.example"}, false},
		"the userName is foreign":        {ours, policy.Person{UserName: "ada@other.example"}, true},
		"the userName is no address":     {ours, policy.Person{UserName: "ada"}, false},
		"one of the addresses is ours":   {ours, policy.Person{UserName: "ada@other.example", Emails: []string{"a@other.example", "a@acme.example"}}, false},
		"no address is ours":             {ours, policy.Person{UserName: "ada@acme.example", Emails: []string{"a@other.example"}}, true},
		"a guest by a mapped group":      {ours, policy.Person{UserName: "ada@acme.example", Mapped: true}, false},
		"a subdomain is another domain":  {ours, policy.Person{UserName: "ada@it.acme.example"}, true},
		"addresses count, not userNames": {ours, policy.Person{UserName: "ada@other.example", Emails: []string{"a@acme.example"}}, false},
	} {
		if got := policy.Foreign(c.domains, c.person); got != c.want {
			t.Errorf("%s: foreign is %t", name, got)
		}
	}
}

func TestB4GuestsAreInNoBuiltInGroupButSecurity(t *testing.T) {
	t.Parallel()
	guest, member := &directory.User{Type: directory.Guest}, &directory.User{Type: directory.TeamMember}
	checkRefusal(t, policy.GuestIn(guest, directory.Owners), "B4", "guests are never in")
	if no := policy.GuestIn(guest, directory.Security); no != nil {
		t.Errorf("a guest in Security: %+v", no)
	}
	if no := policy.GuestIn(member, directory.Owners); no != nil {
		t.Errorf("a member in Owners: %+v", no)
	}
}

func TestB5PlanWithoutSCIMRefusesConnections(t *testing.T) {
	t.Parallel()
	with, without := directory.Plan{Title: "Business", SCIM: true}, directory.Plan{Title: "Free"}
	served := []directory.Connection{{ID: "acme-okta"}, {ID: "acme-entra", Paused: true}, {ID: "acme-old", Ending: &directory.Ending{}}}
	if no := policy.Connect(with); no != nil {
		t.Errorf("a plan with SCIM: %+v", no)
	}
	checkRefusal(t, policy.Connect(without), "B5", "does not include SCIM")
	checkRefusal(t, policy.KeepSCIM(without, served), "B5", "connection acme-okta would")
	if no := policy.KeepSCIM(with, served); no != nil {
		t.Errorf("a plan with SCIM: %+v", no)
	}
	if no := policy.KeepSCIM(without, served[1:]); no != nil {
		t.Errorf("connections that are not served: %+v", no)
	}
}

func TestB7TimesOfDayAreParsed(t *testing.T) {
	t.Parallel()
	if hour, minute, err := policy.SnapshotTime("19:05"); err != nil || hour != 19 || minute != 5 {
		t.Errorf("%d:%d %v", hour, minute, err)
	}
	for _, text := range []string{"", "24:00", "19:60", "19", "19:00:00", "7pm"} {
		if _, _, err := policy.SnapshotTime(text); directory.CodeOf(err) != directory.Invalid {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestC8BrakeCountsRemovals(t *testing.T) {
	t.Parallel()
	if small, large := policy.BrakeLimit(1), policy.BrakeLimit(1_000_000); small < 1 || small >= large || policy.BrakeLimit(10_000_000) != large {
		t.Errorf("the limits are %d and %d", small, large)
	}
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	r := policy.CountRemovals(directory.Removals{}, 3, now)
	if len(r.Recent) != 3 {
		t.Errorf("%d removals", len(r.Recent))
	}
	if again := policy.CountRemovals(r, 1, now.Add(2*time.Hour)); len(again.Recent) != 1 {
		t.Errorf("removals of two hours ago count: %v", again.Recent)
	}
	if many := policy.CountRemovals(r, 1_000_000, now); len(many.Recent) > 64 || len(r.Recent) != 3 {
		t.Errorf("%d removals are kept, and %d of the value before", len(many.Recent), len(r.Recent))
	}
}

func TestO1RolesHaveTheirRights(t *testing.T) {
	t.Parallel()
	owner := directory.Access{Role: directory.RoleOwner}
	if err := policy.AllowList(owner, directory.ServerManage); err != nil {
		t.Error(err)
	}
	if err := policy.AllowList(directory.Access{Role: directory.RoleReadOnly}, directory.ServerManage); directory.CodeOf(err) != directory.Forbidden {
		t.Errorf("a reader manages the server: %v", err)
	}
	owner.EnrolOnly = true
	if err := policy.AllowList(owner, directory.ServerManage); directory.CodeOf(err) != directory.Forbidden {
		t.Errorf("without the second factor: %v", err)
	}
	if err := policy.AllowList(owner, directory.Self); err != nil {
		t.Errorf("the second factor cannot be enrolled: %v", err)
	}
	if policy.Rank(directory.RoleOwner) >= policy.Rank(directory.RoleReadOnly) || policy.Rank("king") <= policy.Rank(directory.RoleReadOnly) {
		t.Error("an Owner does not come first, or an unknown role not last")
	}
}

func TestO2OperatorsSeeTheirScope(t *testing.T) {
	t.Parallel()
	some := directory.Principal{Access: directory.Access{Role: directory.RoleAdmin, Scope: directory.Scope{Tenants: []directory.TenantID{"acme"}}}}
	if !policy.Sees(some, "acme") || policy.Sees(some, "beta") {
		t.Error("the scope does not decide")
	}
	if !policy.Sees(directory.Principal{Actor: directory.Actor{Kind: directory.BySystem}}, "beta") {
		t.Error("a job does not see a tenant")
	}
	seen, more := policy.SeenTenants(some, []directory.TenantID{"acme", "beta"})
	if !slices.Equal(seen, []directory.TenantID{"acme"}) || !more {
		t.Errorf("%v %t", seen, more)
	}
	if err := policy.NoTenant("beta"); directory.CodeOf(err) != directory.NotFound {
		t.Error(err)
	}
}

func TestO10AnOperatorCoversNoStrongerOne(t *testing.T) {
	t.Parallel()
	admin := directory.Access{Role: directory.RoleAdmin, Scope: directory.Scope{All: true}}
	if policy.Covers(admin, &directory.Operator{Role: directory.RoleOwner, Scope: directory.Scope{All: true}}) {
		t.Error("an administrator covers an Owner")
	}
	if !policy.Covers(admin, &directory.Operator{Role: directory.RoleReadOnly, Scope: directory.Scope{Tenants: []directory.TenantID{"acme"}}}) {
		t.Error("an administrator does not cover a reader of one tenant")
	}
	if policy.Covers(directory.Access{Role: directory.RoleAdmin, Scope: directory.Scope{Tenants: []directory.TenantID{"beta"}}}, &directory.Operator{Role: directory.RoleReadOnly, Scope: directory.Scope{All: true}}) {
		t.Error("an administrator of one tenant covers a reader of all")
	}
}

func TestL5GraceEnds(t *testing.T) {
	t.Parallel()
	deleted := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	stone, s := &directory.Tombstone{Deleted: deleted}, directory.Settings{TombstoneDays: 30}
	if !policy.InGrace(stone, s, deleted.AddDate(0, 0, 30).Add(-time.Second)) || policy.InGrace(stone, s, deleted.AddDate(0, 0, 30)) {
		t.Error("the grace does not end after 30 days")
	}
}

func TestL9ManagedUsersAreEditedAtTheirProvider(t *testing.T) {
	t.Parallel()
	if no := policy.EditUserByPerson(&directory.User{}, "Okta"); no != nil {
		t.Errorf("a user of no connection: %+v", no)
	}
	if no := policy.EditUserByPerson(&directory.User{Connection: "acme-okta"}, "Okta"); no == nil {
		t.Error("a managed user is edited")
	}
}

func TestTakenNamesAreRefused(t *testing.T) {
	t.Parallel()
	one, other := directory.User{ID: directory.ID{1}, UserName: "ada@acme.example"}, directory.User{ID: directory.ID{2}}
	if no := policy.NameTaken(&one); no.Code != directory.Conflict || no.Field != "userName" {
		t.Errorf("%+v", no)
	}
	checkRefusal(t, policy.ReleaseNameTaken(&one, &other), "L9", "userName ada@acme.example is taken by user "+other.ID.String())
	checkRefusal(t, policy.NamesSeveral("ada", []directory.User{one, other}), "", "2 users with the userName ada")
}

func TestTextsAreChecked(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"", "CH", "US"} {
		if err := policy.CheckCountry(code); err != nil {
			t.Errorf("%q: %v", code, err)
		}
	}
	for _, code := range []string{"ch", "XX", "CHE", "H ", "C", " C"} {
		if err := policy.CheckCountry(code); directory.CodeOf(err) != directory.Invalid {
			t.Errorf("%q: %v", code, err)
		}
	}
	if err := policy.CheckUserName("ada@acme.example"); err != nil {
		t.Error(err)
	}
	if err := policy.CheckUserName("a\x00b"); directory.CodeOf(err) != directory.Invalid {
		t.Error(err)
	}
}

func TestSubscriptionsFollowTheRole(t *testing.T) {
	t.Parallel()
	for role, want := range map[directory.Role]int{directory.RoleOwner: 2, directory.RoleAdminBilling: 2, directory.RoleAdmin: 1, directory.RoleReadOnly: 0} {
		if got := policy.SubscriptionOf(&directory.Operator{Role: role}); len(got.Kinds) != want {
			t.Errorf("%s: %v", role, got.Kinds)
		}
	}
	own := directory.Subscription{Kinds: []string{"user.created"}}
	if got := policy.SubscriptionOf(&directory.Operator{Role: directory.RoleOwner, Subscription: &own}); !slices.Equal(got.Kinds, own.Kinds) {
		t.Errorf("the operator's own choice is lost: %v", got.Kinds)
	}
}
