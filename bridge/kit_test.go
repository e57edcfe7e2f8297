package bridge_test

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"drawbridge/bridge"
	"drawbridge/bridge/bridgetest"
	"drawbridge/bridge/credential"
	"drawbridge/bridge/operators"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
	"drawbridge/store/storetest"
)

// kit is a Service on a real store, with a clock that the test moves.
type kit struct {
	*bridgetest.Services
	t     testing.TB
	store store.Store
	clock *clock
	op    directory.Principal
}

type clock struct {
	mu   sync.Mutex
	time time.Time
	ids  uint64
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.time
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.time = c.time.Add(d)
}

func (c *clock) NewID() directory.ID {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ids++
	var id directory.ID
	binary.BigEndian.PutUint64(id[8:], c.ids)
	id[0], id[6] = 1, 0x70
	return id
}

func start(t testing.TB, changes ...func(*bridgetest.Config)) *kit {
	t.Helper()
	db := bridgetest.Bolt(t)
	c := &clock{time: time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)}
	cfg := bridgetest.Config{
		Store: storetest.Twice(t, db), Now: c.Now, NewID: c.NewID, Random: rand.Reader, Plans: policy.ShippedPlans(), Defaults: policy.DefaultSettings(),
	}
	for _, change := range changes {
		change(&cfg)
	}
	s, err := bridgetest.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	k := &kit{Services: s, t: t, store: db, clock: c}
	k.op = operators.Local("op-1", "Olga", "req-op")
	return k
}

func (k *kit) tenant(id string, seats int, edits ...func(*directory.Overrides)) directory.TenantID {
	k.t.Helper()
	return k.tenantOn("business", id, seats, edits...)
}

func (k *kit) tenantOn(plan, id string, seats int, edits ...func(*directory.Overrides)) directory.TenantID {
	k.t.Helper()
	tenant, err := k.CreateTenant(bg, k.op, bridge.TenantDraft{ID: directory.TenantID(id), Name: strings.ToUpper(id), Plan: plan, Seats: seats})
	k.ok(err)
	if len(edits) > 0 {
		k.override(tenant.ID, edits...)
	}
	return tenant.ID
}

func (k *kit) override(tenant directory.TenantID, edits ...func(*directory.Overrides)) {
	k.t.Helper()
	_, err := k.EditTenant(bg, k.op, tenant, directory.Precondition{}, func(t directory.Tenant) (directory.Tenant, error) {
		for _, edit := range edits {
			edit(&t.Overrides)
		}
		return t, nil
	})
	k.ok(err)
}

// toStarter pauses the only connection of a tenant and puts the tenant on a plan without SCIM (B5).
func (k *kit) toStarter(tenant directory.TenantID, connection directory.ConnectionID) {
	k.t.Helper()
	_, err := k.EditConnection(bg, k.op, connection, directory.Precondition{}, func(c directory.Connection) (directory.Connection, error) { c.Paused = true; return c, nil })
	k.ok(err)
	_, err = k.EditTenant(bg, k.op, tenant, directory.Precondition{}, func(t directory.Tenant) (directory.Tenant, error) { t.Plan = "starter"; return t, nil })
	k.ok(err)
}

// idp makes a connection and signs in with its token.
func (k *kit) idp(tenant directory.TenantID, id string, edits ...func(*bridge.ConnectionDraft)) directory.Principal {
	k.t.Helper()
	d := bridge.ConnectionDraft{ID: directory.ConnectionID(id), Tenant: tenant, Type: directory.Okta}
	for _, edit := range edits {
		edit(&d)
	}
	c, secret, err := k.CreateConnection(bg, k.op, d)
	k.ok(err)
	p, err := k.Authenticate(bg, c.ID, bridge.Credential{Secret: secret.Text}, credential.Client{Request: "req-1"})
	k.ok(err)
	return p
}

func (k *kit) ok(err error) {
	k.t.Helper()
	if err != nil {
		k.t.Fatalf("unexpected error: %v", err)
	}
}

// fails checks the code and the rule of an error and gives it.
func (k *kit) fails(err error, code directory.Code, rule directory.Rule) directory.Error {
	k.t.Helper()
	var e *directory.Error
	if !errors.As(err, &e) {
		k.t.Fatalf("error is %v, want %s %s", err, code, rule)
	}
	if e.Code != code || e.Rule != rule {
		k.t.Fatalf("error is %s %s (%s), want %s %s", e.Code, e.Rule, e.Message, code, rule)
	}
	return *e
}

// person is what a test wants a user to be.
type person struct {
	name     string
	external string
	title    string
	userType string
	active   *bool
}

func (p person) edit(*directory.User) (directory.UserDraft, error) {
	a := directory.Attributes{
		{Name: "schemas", Value: []any{"urn:ietf:params:scim:schemas:core:2.0:User"}},
		{Name: "userName", Value: p.name},
	}
	for _, optional := range [][2]string{{"externalId", p.external}, {"title", p.title}, {"userType", p.userType}} {
		if optional[1] != "" {
			a = append(a, directory.Attribute{Name: optional[0], Value: optional[1]})
		}
	}
	return directory.UserDraft{UserName: p.name, ExternalID: p.external, UserType: p.userType, Active: p.active, Document: a.Document()}, nil
}

// patch changes one thing and leaves the rest.
func patch(change func(*directory.UserDraft)) directory.UserEdit {
	return func(before *directory.User) (directory.UserDraft, error) {
		d := directory.UserDraft{
			UserName: before.UserName, ExternalID: before.ExternalID, Emails: before.Emails, Document: before.Document,
		}
		d.UserType, _ = before.Document.Value("userType").(string)
		change(&d)
		return d, nil
	}
}

func active(v bool) directory.UserEdit {
	return patch(func(d *directory.UserDraft) { d.Active = &v })
}

func title(text string) directory.UserEdit {
	return patch(func(d *directory.UserDraft) {
		a, _ := d.Document.Attributes()
		a.Set("title", text)
		d.Document = a.Document()
	})
}

func yes() *bool { v := true; return &v }
func no() *bool  { v := false; return &v }

func (k *kit) create(p directory.Principal, who person) bridge.UserResult {
	k.t.Helper()
	out, err := k.CreateUser(bg, p, who.edit)
	k.ok(err)
	return out
}

func (k *kit) edit(p directory.Principal, id directory.ID, edit directory.UserEdit) bridge.UserResult {
	k.t.Helper()
	out, err := k.EditUser(bg, p, id, directory.Precondition{}, edit)
	k.ok(err)
	return out
}

// team is what a test wants of a group.
func team(name string, steps ...directory.MemberEdit) directory.GroupEdit {
	return func(*directory.Group) (directory.GroupDraft, error) {
		a := directory.Attributes{{Name: "schemas", Value: []any{"urn:ietf:params:scim:schemas:core:2.0:Group"}}, {Name: "displayName", Value: name}}
		return directory.GroupDraft{DisplayName: name, Document: a.Document(), Members: steps}, nil
	}
}

// steps changes only the membership.
func steps(all ...directory.MemberEdit) directory.GroupEdit {
	return func(before *directory.Group) (directory.GroupDraft, error) {
		return directory.GroupDraft{DisplayName: before.DisplayName, ExternalID: before.ExternalID, Document: before.Document, Members: all}, nil
	}
}

func step(op directory.MemberOp, who ...directory.ID) directory.MemberEdit {
	e := directory.MemberEdit{Op: op}
	for _, id := range who {
		e.Members = append(e.Members, directory.MemberRef{Value: id.String()})
	}
	return e
}

func add(who ...directory.ID) directory.MemberEdit    { return step(directory.AddMembers, who...) }
func remove(who ...directory.ID) directory.MemberEdit { return step(directory.RemoveMembers, who...) }

func replace(who ...directory.ID) directory.MemberEdit { return step(directory.ReplaceMembers, who...) }

func (k *kit) group(p directory.Principal, name string, steps ...directory.MemberEdit) directory.Group {
	k.t.Helper()
	out, err := k.CreateGroup(bg, p, team(name, steps...))
	k.ok(err)
	return out.Group
}

func (k *kit) members(p directory.Principal, id directory.ID) []directory.ID {
	k.t.Helper()
	out, err := k.Group(bg, p, id, true)
	k.ok(err)
	var found []directory.ID
	for _, m := range out.Members {
		found = append(found, m.ID)
	}
	if out.Group.Members != len(found) {
		k.t.Errorf("group %s counts %d members and has %d", out.Group.DisplayName, out.Group.Members, len(found))
	}
	return found
}

func (k *kit) builtIn(tenant directory.TenantID, name directory.BuiltIn) directory.Group {
	k.t.Helper()
	var out directory.Group
	k.ok(k.store.View(bg, tenant, nil, func(r store.Reader) error {
		var err error
		out, err = r.BuiltIn(name)
		return err
	}))
	return out
}

// kinds are the kinds of all events of a tenant behind after.
func (k *kit) events(tenant directory.TenantID, after uint64) []directory.Event {
	k.t.Helper()
	page, err := k.Events(bg, k.op, tenant, after, 0)
	k.ok(err)
	return page.Events
}

func (k *kit) lastEvent(tenant directory.TenantID) uint64 {
	k.t.Helper()
	page, err := k.Events(bg, k.op, tenant, 0, 1)
	k.ok(err)
	return page.Last
}

func kinds(events []directory.Event) string {
	var out []string
	for _, e := range events {
		out = append(out, string(e.Kind))
	}
	return strings.Join(out, " ")
}

func (k *kit) audit(tenant directory.TenantID) []directory.Audit {
	k.t.Helper()
	var out []directory.Audit
	for {
		after := uint64(0)
		if len(out) > 0 {
			after = out[len(out)-1].Seq
		}
		lines, _, err := k.AuditLines(bg, k.op, tenant, after, 0)
		k.ok(err)
		if len(lines) == 0 {
			return out
		}
		out = append(out, lines...)
	}
}

var bg = context.Background()
