package storetest

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drawbridge/directory"
	"drawbridge/store"
)

const (
	acme = directory.TenantID("acme")
	beta = directory.TenantID("beta")
)

// fixture is a store with two tenants, and helpers for tests.
type fixture struct {
	*testing.T
	ctx   context.Context
	store store.Store
	last  atomic.Uint64
}

func newFixture(t *testing.T, s store.Store) *fixture {
	f := &fixture{T: t, ctx: t.Context(), store: s}
	for _, id := range []directory.TenantID{acme, beta} {
		f.change(id, directory.Change{Tenant: &directory.Tenant{
			ID: id, Version: 1, Created: moment(0), Modified: moment(0), Name: "The " + string(id), Status: directory.TenantActive,
		}})
	}
	return f
}

// moment is a time: a number of seconds after the beginning of the test.
func moment(seconds int) time.Time {
	return time.Date(2026, 3, 1, 12, 0, 0, 123456000, time.UTC).Add(time.Duration(seconds) * time.Second)
}

// id returns a new ID that is after all earlier ones.
func (f *fixture) id() directory.ID { return numbered(f.last.Add(1)) }

func numbered(n uint64) directory.ID {
	id := directory.ID{0x01, 0x95, 0, 0, 0, 0, 0x70, 0, 0x80}
	binary.BigEndian.PutUint32(id[10:], uint32(n>>16))
	binary.BigEndian.PutUint16(id[14:], uint16(n))
	return id
}

// user makes a user that is not stored yet.
func (f *fixture) user(name string) directory.User { return makeUser(f.id(), name) }

func makeUser(id directory.ID, name string) directory.User {
	u := directory.User{
		ID: id, Version: 1, Created: moment(1), Modified: moment(2), UserName: name,
		ExternalID: "ext-" + name, Emails: []string{name + "@Example.com"},
		State: directory.Active, Connection: "acme-okta", Statement: directory.SaidActive, StatedAt: moment(1),
	}
	u.Document = userDocument(&u, name)
	return u
}

// userDocument makes the document that belongs to the fields of u.
func userDocument(u *directory.User, title string) directory.Document {
	emails := make([]any, 0, len(u.Emails))
	for i, address := range u.Emails {
		emails = append(emails, directory.Attributes{{Name: "value", Value: address}, {Name: "type", Value: "work"}, {Name: "primary", Value: i == 0}})
	}
	a := directory.Attributes{
		{Name: "schemas", Value: []any{"urn:ietf:params:scim:schemas:core:2.0:User"}},
		{Name: "userName", Value: u.UserName},
		{Name: "externalId", Value: u.ExternalID},
		{Name: "name", Value: directory.Attributes{{Name: "familyName", Value: "Family " + title}, {Name: "givenName", Value: "Given"}}},
		{Name: "title", Value: title},
		{Name: "emails", Value: emails},
	}
	if u.ExternalID == "" {
		a.Delete("externalId")
	}
	if title == "" {
		a.Delete("title")
	}
	return a.Document()
}

func gone(u directory.User) directory.User {
	u.State, u.Statement = directory.Suspended, directory.SaidDeleted
	u.Suspension = &directory.Suspension{At: moment(9), By: directory.Actor{Kind: directory.ByIdP, ID: "acme-okta"}, Reason: "left"}
	return u
}

func (f *fixture) group(name string) directory.Group { return makeGroup(f.id(), name) }

func makeGroup(id directory.ID, name string) directory.Group {
	g := directory.Group{
		ID: id, Version: 1, Created: moment(1), Modified: moment(2), DisplayName: name, ExternalID: "ext-" + name, Connection: "acme-okta",
	}
	g.Document = directory.Attributes{
		{Name: "schemas", Value: []any{"urn:ietf:params:scim:schemas:core:2.0:Group"}},
		{Name: "displayName", Value: name},
		{Name: "externalId", Value: g.ExternalID},
	}.Document()
	return g
}

func member(id directory.ID) directory.Member {
	return directory.Member{ID: id, Kind: directory.UserKind}
}

func nested(id directory.ID) directory.Member {
	return directory.Member{ID: id, Kind: directory.GroupKind}
}

// audited adds the audit line that every change needs.
func audited(c directory.Change) directory.Change {
	c.Audit = append(c.Audit, directory.Audit{
		Time: moment(5), Actor: directory.Actor{Kind: directory.BySystem, ID: "test"}, Action: "test.change", Outcome: directory.Done,
	})
	return c
}

// try writes a change and returns the error.
func (f *fixture) try(tenant directory.TenantID, c directory.Change) error {
	c = audited(c)
	return f.store.Update(f.ctx, tenant, nil, func(store.Reader) (directory.Change, error) { return c, nil })
}

// change writes a change that must succeed.
func (f *fixture) change(tenant directory.TenantID, c directory.Change) {
	f.Helper()
	if err := f.try(tenant, c); err != nil {
		f.Fatalf("Update: %v", err)
	}
}

// view runs fn on a snapshot; an error fails the test.
func (f *fixture) view(tenant directory.TenantID, fn func(r store.Reader)) {
	f.Helper()
	err := f.store.View(f.ctx, tenant, nil, func(r store.Reader) error {
		fn(r)
		return nil
	})
	if err != nil {
		f.Fatalf("View: %v", err)
	}
}

// code checks the code of an error, and its field if one is given.
func (f *fixture) code(err error, want directory.Code, field ...string) {
	f.Helper()
	if got := directory.CodeOf(err); got != want {
		f.Fatalf("the code is %q, want %q: %v", got, want, err)
	}
	var e *directory.Error
	if len(field) > 0 && errors.As(err, &e) && e.Field != field[0] {
		f.Fatalf("the field is %q, want %q: %v", e.Field, field[0], err)
	}
}

// ok fails the test on an error.
func (f *fixture) ok(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

// same compares, times as instants.
func (f *fixture) same(what string, got, want any) {
	f.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		f.Fatalf("%s differ (-want +got):\n%s", what, diff)
	}
}

// usersOf returns the user names of a page.
func usersOf(f *fixture, tenant directory.TenantID, q directory.Query) (names []string, page directory.Page) {
	f.Helper()
	f.view(tenant, func(r store.Reader) {
		var err error
		page, err = r.Users(q, func(u *directory.User, _ []directory.GroupRef) error {
			names = append(names, u.UserName)
			return nil
		})
		f.ok(err)
	})
	if page.Given != len(names) {
		f.Fatalf("Given is %d, and %d records were given", page.Given, len(names))
	}
	return names, page
}

// auditSeq returns the number of the last audit line.
func (f *fixture) auditSeq(tenant directory.TenantID) (last uint64) {
	f.view(tenant, func(r store.Reader) {
		var err error
		_, last, err = r.Audit(0, 0)
		f.ok(err)
	})
	return last
}

// mail returns a mail of the outbox.
func (f *fixture) mail(id directory.ID) (m directory.Mail, err error) {
	err = f.store.View(f.ctx, directory.Provider, nil, func(r store.Reader) error {
		m, err = r.Mail(id)
		return err
	})
	return m, err
}

// sweep frees all space that erased tenants take up, if the store needs that.
func (f *fixture) sweep() {
	f.Helper()
	sweeper, ok := store.As[store.Sweeper](f.store)
	for more := ok; more; {
		var err error
		more, err = sweeper.Sweep(f.ctx)
		f.ok(err)
	}
}

// archived is a Change that removes the audit lines up to a number, as lines that are in the archive.
func (f *fixture) archived(tenant directory.TenantID, upTo uint64) directory.Change {
	f.Helper()
	mark := directory.ArchiveMark{Last: upTo, Start: 1}
	f.view(tenant, func(r store.Reader) {
		lines, _, err := r.Audit(upTo-1, 1)
		f.ok(err)
		mark.Head = lines[0].Hash
	})
	value, err := json.Marshal(mark)
	f.ok(err)
	return directory.Change{ForgetAudit: upTo, KVs: []directory.KV{{Kind: directory.ArchiveKV, Key: directory.ArchivedAudit, Value: value}}}
}
