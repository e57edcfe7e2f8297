package bridgetest

import (
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"drawbridge/bridge"
	"drawbridge/bridge/credential"
	"drawbridge/bridge/operators"
	"drawbridge/bridge/record"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
	"drawbridge/store/storetest"
)

// Kit is the services on a real store, with a clock that the test moves.
type Kit struct {
	*Services
	T     testing.TB
	Store store.Store // without the checks that the services' own store makes
	Clock *Clock
	Op    directory.Principal // the local operator

	cfg Config
}

// Start makes a Kit. The changes are made to its Config.
func Start(t testing.TB, changes ...func(*Config)) *Kit {
	t.Helper()
	db := Bolt(t)
	c := NewClock(time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC))
	cfg := Config{
		Store: storetest.Checked(t, db), Now: c.Now, NewID: c.NewID, Random: rand.Reader, Plans: policy.ShippedPlans(), Defaults: policy.DefaultSettings(),
	}
	for _, change := range changes {
		change(&cfg)
	}
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return &Kit{Services: s, T: t, Store: db, Clock: c, Op: operators.Local("op-1", "Olga", "req-op"), cfg: cfg}
}

// Process makes the services and the store of another process on the store of the Kit, which works until life ends.
func (k *Kit) Process(life *storetest.Life) (*Services, store.Store) {
	k.T.Helper()
	cfg := k.cfg
	cfg.Store = storetest.Mortal(cfg.Store, life)
	s, err := New(cfg)
	k.OK(err)
	return s, cfg.Store
}

// NewTenant makes a tenant on the plan business.
func (k *Kit) NewTenant(id string, seats int, edits ...func(*directory.Overrides)) directory.TenantID {
	k.T.Helper()
	return k.NewTenantOn("business", id, seats, edits...)
}

// NewTenantOn makes a tenant on a plan.
func (k *Kit) NewTenantOn(plan, id string, seats int, edits ...func(*directory.Overrides)) directory.TenantID {
	k.T.Helper()
	tenant, err := k.CreateTenant(k.T.Context(), k.Op, bridge.TenantDraft{ID: directory.TenantID(id), Name: strings.ToUpper(id), Plan: plan, Seats: seats})
	k.OK(err)
	if len(edits) > 0 {
		k.Override(tenant.ID, edits...)
	}
	return tenant.ID
}

// Override changes the settings of a tenant.
func (k *Kit) Override(tenant directory.TenantID, edits ...func(*directory.Overrides)) {
	k.T.Helper()
	_, err := k.EditTenant(k.T.Context(), k.Op, tenant, directory.Precondition{}, func(t directory.Tenant) (directory.Tenant, error) {
		for _, edit := range edits {
			edit(&t.Overrides)
		}
		return t, nil
	})
	k.OK(err)
}

// NewIdP makes a connection and authenticates with its token.
func (k *Kit) NewIdP(tenant directory.TenantID, id string, edits ...func(*bridge.ConnectionDraft)) directory.Principal {
	k.T.Helper()
	d := bridge.ConnectionDraft{ID: directory.ConnectionID(id), Tenant: tenant, Type: directory.Okta}
	for _, edit := range edits {
		edit(&d)
	}
	c, secret, err := k.CreateConnection(k.T.Context(), k.Op, d)
	k.OK(err)
	p, err := k.Authenticate(k.T.Context(), c.ID, bridge.Credential{Secret: secret.Text}, credential.Client{Request: "req-1"})
	k.OK(err)
	return p
}

// OK ends the test if err is not nil.
func (k *Kit) OK(err error) {
	k.T.Helper()
	if err != nil {
		k.T.Fatalf("unexpected error: %v", err)
	}
}

// Fails checks the code and the rule of an error and gives it.
func (k *Kit) Fails(err error, code directory.Code, rule directory.Rule) directory.Error {
	k.T.Helper()
	var e *directory.Error
	if !errors.As(err, &e) {
		k.T.Fatalf("error is %v, want %s %s", err, code, rule)
	}
	if e.Code != code || e.Rule != rule {
		k.T.Fatalf("error is %s %s (%s), want %s %s", e.Code, e.Rule, e.Message, code, rule)
	}
	return *e
}

// NewUser makes a user as p.
func (k *Kit) NewUser(p directory.Principal, who Person) bridge.UserResult {
	k.T.Helper()
	out, err := k.CreateUser(k.T.Context(), p, who.Draft)
	k.OK(err)
	return out
}

// ChangeUser edits a user as p.
func (k *Kit) ChangeUser(p directory.Principal, id directory.ID, edit directory.UserEdit) bridge.UserResult {
	k.T.Helper()
	out, err := k.EditUser(k.T.Context(), p, id, directory.Precondition{}, edit)
	k.OK(err)
	return out
}

// NewGroup makes a group as p.
func (k *Kit) NewGroup(p directory.Principal, name string, steps ...directory.MemberEdit) directory.Group {
	k.T.Helper()
	out, err := k.CreateGroup(k.T.Context(), p, Team(name, steps...))
	k.OK(err)
	return out.Group
}

// MembersOf gives the members of a group, and checks the count that the group keeps.
func (k *Kit) MembersOf(p directory.Principal, id directory.ID) []directory.ID {
	k.T.Helper()
	out, err := k.Group(k.T.Context(), p, id, bridge.WithMembers)
	k.OK(err)
	var found []directory.ID
	for _, m := range out.Members {
		found = append(found, m.ID)
	}
	if out.Group.Members != len(found) {
		k.T.Errorf("group %s counts %d members and has %d", out.Group.DisplayName, out.Group.Members, len(found))
	}
	return found
}

// BuiltIn reads a built-in group.
func (k *Kit) BuiltIn(tenant directory.TenantID, name directory.BuiltIn) directory.Group {
	k.T.Helper()
	var out directory.Group
	k.OK(k.Store.View(k.T.Context(), tenant, nil, func(r store.Reader) error {
		var err error
		out, err = r.BuiltIn(name)
		return err
	}))
	return out
}

// EventsOf gives the events of a tenant after the one numbered after.
func (k *Kit) EventsOf(tenant directory.TenantID, after uint64) []directory.Event {
	k.T.Helper()
	page, err := k.Events(k.T.Context(), k.Op, tenant, after, 0)
	k.OK(err)
	return page.Events
}

// LastEvent is the number of the last event of a tenant.
func (k *Kit) LastEvent(tenant directory.TenantID) uint64 {
	k.T.Helper()
	page, err := k.Events(k.T.Context(), k.Op, tenant, 0, 1)
	k.OK(err)
	return page.Last
}

// AuditOf gives the whole audit trail of a tenant.
func (k *Kit) AuditOf(tenant directory.TenantID) []directory.Audit {
	k.T.Helper()
	var out []directory.Audit
	for {
		after := uint64(0)
		if len(out) > 0 {
			after = out[len(out)-1].Seq
		}
		lines, _, err := k.AuditLines(k.T.Context(), k.Op, tenant, after, 0)
		k.OK(err)
		if len(lines) == 0 {
			return out
		}
		out = append(out, lines...)
	}
}

// Kinds are the kinds of events, with spaces between them.
func Kinds(events []directory.Event) string {
	var out []string
	for _, e := range events {
		out = append(out, string(e.Kind))
	}
	return strings.Join(out, " ")
}

// Bearer is the credential of a bearer token.
func Bearer(secret string) bridge.Credential { return bridge.Credential{Secret: secret} }

// NewApplication makes the key of an application and authenticates with it.
func (k *Kit) NewApplication(tenant directory.TenantID) directory.Application {
	k.T.Helper()
	secret, err := k.CreateAppKey(k.T.Context(), k.Op, tenant, record.AppKeyOptions{Name: "Portal"})
	k.OK(err)
	app, err := k.AuthenticateApplication(k.T.Context(), secret.Text, credential.Client{Address: "203.0.113.9", UserAgent: "portal/1", Request: "r"})
	k.OK(err)
	return app
}

// Crowd writes many people at once: active members with two addresses each. No connection manages them.
func (k *Kit) Crowd(tenant directory.TenantID, n int) []directory.ID {
	k.T.Helper()
	return k.CrowdOf(tenant, "", n)
}

// CrowdOf is Crowd for people whom a connection manages, and has said to be active.
func (k *Kit) CrowdOf(tenant directory.TenantID, connection directory.ConnectionID, n int) []directory.ID {
	k.T.Helper()
	var ids []directory.ID
	for first := 0; first < n; first += 1000 {
		change := directory.Change{Audit: make([]directory.Audit, 1)}
		for i := first; i < min(first+1000, n); i++ {
			name := fmt.Sprintf("u%d", i)
			u := directory.User{
				ID: k.Clock.NewID(), Version: 1, Created: k.Clock.Now(), Modified: k.Clock.Now(), UserName: name + "@acme.example", Type: directory.TeamMember, State: directory.Active,
				Emails: []string{name + "@acme.example", name + "@home.example"}, AcceptedAt: k.Clock.Now(),
			}
			if u.Connection = connection; connection != "" {
				u.ExternalID, u.Statement, u.StatedAt = name, directory.SaidActive, k.Clock.Now()
			}
			u.Document = directory.Document(fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":%q,"emails":[{"value":%q},{"value":%q}]}`, u.UserName, u.Emails[0], u.Emails[1]))
			change.Users, ids = append(change.Users, u), append(ids, u.ID)
		}
		k.OK(k.Store.Update(k.T.Context(), tenant, nil, func(store.Reader) (directory.Change, error) { return change, nil }))
	}
	return ids
}

// NewUsers makes n users as p.
func (k *Kit) NewUsers(p directory.Principal, n int) []directory.ID {
	k.T.Helper()
	var out []directory.ID
	for i := range n {
		out = append(out, k.NewUser(p, Person{Name: fmt.Sprintf("user%d@%s.test", i, p.Tenant)}).User.ID)
	}
	return out
}
