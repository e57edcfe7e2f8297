package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"drawbridge/directory"
	"drawbridge/store"
	"drawbridge/store/move"
)

// RunMove moves an installation with records of every kind from one kind of store into another.
func RunMove(t *testing.T, openFrom, openTo Open) {
	prepare := func(t *testing.T) (f *fixture, to store.Store) {
		t.Helper()
		from := openFrom(t)
		t.Cleanup(func() { _ = from.Close() })
		f = newFixture(t, contract(t, from))
		f.fill()
		to = openTo(t)
		t.Cleanup(func() {
			if err := to.Close(); err != nil {
				t.Errorf("Close: %v", err)
			}
		})
		return f, to
	}
	options := move.Options{Secrets: []string{"cursor", "none"}}
	t.Run("everything arrives as it was", func(t *testing.T) {
		t.Parallel()
		f, to := prepare(t)
		done, err := move.Copy(t.Context(), f.store, to, options)
		f.ok(err)
		f.same("tenants", len(done), 3)
		for _, part := range done[0].Content.Parts {
			if part.Number+done[2].Content.Counts()[part.Name] == 0 {
				t.Errorf("the test has no %s", part.Name)
			}
		}
		secret, err := to.Secret(t.Context(), "cursor", nil)
		f.ok(err)
		f.same("secret", string(secret), "key of cursors")
		// The new store continues where the old one ended.
		moved := &fixture{T: t, ctx: t.Context(), store: to}
		moved.last.Store(1 << 32)
		before := f.auditSeq(acme)
		moved.change(acme, directory.Change{Users: []directory.User{moved.user("new")}})
		f.same("last line", moved.auditSeq(acme), before+1)
		_, err = move.Read(t.Context(), to, acme) // it follows the audit trail
		f.ok(err)
		_, err = move.Copy(t.Context(), f.store, to, options)
		f.code(err, directory.Conflict, "tenant")
	})
	t.Run("a move that was interrupted continues", func(t *testing.T) {
		t.Parallel()
		f, to := prepare(t)
		ctx, cancel := context.WithCancel(t.Context())
		stopped := options
		stopped.Done = func(move.Tenant) { cancel() }
		_, err := move.Copy(ctx, f.store, to, stopped)
		f.code(err, directory.Unavailable)
		done, err := move.Copy(t.Context(), f.store, to, options)
		f.ok(err)
		f.same("copied", fmt.Sprint(done[0].Copied, done[1].Copied, done[2].Copied), "false true true")
		done, err = move.Copy(t.Context(), f.store, to, options)
		f.ok(err)
		f.same("copied", fmt.Sprint(done[0].Copied, done[1].Copied, done[2].Copied), "false false false")
	})
	t.Run("a store with something else is left alone", func(t *testing.T) {
		t.Parallel()
		f, to := prepare(t)
		other := &fixture{T: t, ctx: t.Context(), store: to}
		other.change("zeta", directory.Change{Tenant: &directory.Tenant{ID: "zeta", Version: 1, Created: moment(0), Status: directory.TenantActive}})
		_, err := move.Copy(t.Context(), f.store, to, options)
		f.code(err, directory.Conflict, "tenant")
		all, err := to.Tenants(t.Context())
		f.ok(err)
		f.same("tenants", len(all), 1)
	})
}

// fill writes records of every kind that a store can keep.
func (f *fixture) fill() {
	f.Helper()
	ada, bob, left := f.user("ada"), f.user("bob"), gone(f.user("left"))
	ada.Unique = []directory.UniqueKey{"User code=1"}
	bob.Connection, bob.ExternalID = "", ""
	staff, all := f.group("Staff"), f.group("All")
	owners := f.group("")
	owners.BuiltIn, owners.DisplayName = directory.Owners, "Owners"
	now := uint64(2)
	f.change(acme, directory.Change{
		Users: []directory.User{ada, bob, left}, Groups: []directory.Group{staff, all, owners},
		Join: []directory.Membership{
			{Group: staff.ID, Member: member(ada.ID)},
			{Group: staff.ID, Member: directory.Member{ID: bob.ID, Kind: directory.UserKind, Display: "Bob"}},
			{Group: all.ID, Member: nested(staff.ID)},
			{Group: owners.ID, Member: member(ada.ID)},
			{Group: owners.ID, Member: member(ada.ID), Source: staff.ID},
		},
		Resources:       []directory.Resource{{ID: f.id(), Kind: "Device", Version: 1, Created: moment(1), Modified: moment(2), ExternalID: "x", Document: directory.Document(`{"n":1e2}`)}},
		Tombstones:      []directory.Tombstone{{ID: f.id(), Kind: directory.UserKind, Connection: "okta", ExternalID: "x", UserName: "old", Created: moment(1), Deleted: moment(2)}},
		KVs:             []directory.KV{{Kind: "seat", Key: "a", Value: directory.Document(`{"b":1,"a":2}`)}, {Kind: "seat.past", Key: "a", Value: directory.Document(`1`)}, {Kind: "zoo", Key: "ö", Value: directory.Document(`""`)}},
		SupportSessions: []directory.SupportSession{{ID: f.id(), Tenant: acme, Since: moment(1), Until: moment(2)}},
		Requests:        []directory.DeletionRequest{{ID: f.id(), Tenant: acme, User: ada.ID, Created: moment(1), Expires: moment(2), Status: directory.RequestPending}},
		Connections: []directory.Connection{
			{ID: "acme-okta", Tenant: acme, Version: 1, Created: moment(1)}, {ID: "acme-entra", Tenant: acme, Version: 1, Created: moment(1)},
		},
		Tokens: []directory.Token{{ID: "t", Tenant: acme, Connection: "acme-okta", Hash: [32]byte{3}, Created: moment(1)}, {ID: "k", Tenant: acme, Hash: [32]byte{4}}},
		Events: []directory.Event{{Time: moment(1), Tenant: acme, Kind: directory.UserCreated}, {Time: moment(2), Tenant: acme, Kind: directory.UserUpdated, Data: directory.Document(`{}`)}},
		Claims: []directory.Claim{{Key: "request 1", At: moment(1), Until: moment(99)}},
	})
	f.change(acme, directory.Change{ForgetEvents: 1, Noticed: &now, Mails: []directory.Mail{
		{ID: f.id(), Tenant: acme, To: "ops@example.test", Kind: directory.NoticeMail, Data: directory.Document(`{}`), Created: moment(0), Due: moment(1), Join: "acme"},
	}})
	f.change(acme, f.archived(acme, 2)) // a part of the trail is in the archive
	big := f.group("Big")
	many := directory.Change{Groups: []directory.Group{big}}
	for i := range 1100 { // more than one piece
		u := f.user(fmt.Sprintf("u%d", i))
		many.Users, many.Join = append(many.Users, u), append(many.Join, directory.Membership{Group: big.ID, Member: member(u.ID)})
		many.KVs = append(many.KVs, directory.KV{Kind: "seat", Key: fmt.Sprint(i), Value: directory.Document(`1`)})
		many.Tombstones = append(many.Tombstones, directory.Tombstone{ID: f.id(), Kind: directory.UserKind})
	}
	f.change(beta, many)
	operator := f.operator("ada@example.com")
	f.change(directory.Provider, directory.Change{
		Provider: &directory.ProviderSettings{Version: 1, RequireMFA: true}, Operators: []directory.Operator{operator},
		Sessions: []directory.Session{{ID: f.id(), Operator: operator.ID, Hash: [32]byte{1}, Created: moment(1), Expires: moment(9)}},
		APIKeys:  []directory.APIKey{{ID: f.id(), Operator: operator.ID, Hash: [32]byte{1}, Prefix: "abcd", Created: moment(2)}},
		Links:    []directory.Link{{ID: f.id(), Kind: directory.Invitation, Operator: operator.ID, Hash: [32]byte{1}, Created: moment(1), Expires: moment(2)}},
		KVs:      []directory.KV{{Kind: directory.ReceiptKV, Key: "acme", Value: directory.Document(`{}`)}},
	})
	f.ok(f.store.Touch(f.ctx, []directory.Use{
		{Tenant: acme, Connection: "acme-okta", Token: "t", Last: moment(5), Failures: 3}, {Tenant: acme, Token: "k", Last: moment(6)},
	}))
	_, err := f.store.Secret(f.ctx, "cursor", func() ([]byte, error) { return []byte("key of cursors"), nil })
	f.ok(err)
	_, err = f.store.Secret(f.ctx, "none", func() ([]byte, error) { return nil, errors.New("none") })
	f.Logf("no secret: %v", err)
}
