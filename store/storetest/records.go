package storetest

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/google/go-cmp/cmp"

	"drawbridge/directory"
	"drawbridge/store"
)

func registryTests() []contractTest {
	return []contractTest{
		{"tenants are ordered by slug", func(f *fixture) {
			f.change("aaa", directory.Change{Tenant: &directory.Tenant{ID: "aaa", Version: 1}})
			all, err := f.store.Tenants(f.ctx)
			f.ok(err)
			var slugs []directory.TenantID
			for _, t := range all {
				slugs = append(slugs, t.ID)
			}
			f.same("slugs", slugs, []directory.TenantID{"aaa", acme, beta})
		}},
		{"a tenant comes back as it was", func(f *fixture) {
			days, mode := 30, directory.Hold
			want := directory.Tenant{
				ID: acme, Version: 2, Created: moment(0), Modified: moment(3), Name: "Acme", Website: "https://acme.example",
				Address: directory.Address{Country: "CH", Lines: "1 Road"}, DataRegion: "eu", Status: directory.TenantActive, Plan: "business", Seats: 7,
				Overrides: directory.Overrides{ManualSuspension: &mode, TombstoneDays: &days},
				Schemas:   []directory.CustomSchema{{ResourceType: "Device", Endpoint: "/Devices", Definition: directory.Document(`{"id":"urn:x"}`)}},
			}
			f.change(acme, directory.Change{Tenant: &want})
			f.view(acme, func(r store.Reader) {
				got, err := r.Tenant()
				f.ok(err)
				f.same("tenants", got, want)
			})
		}},
		{"connections and tokens come back as they were", func(f *fixture) {
			_, err := f.store.Token(f.ctx, [32]byte{9})
			f.code(err, directory.NotFound)
			_, err = f.store.Connection(f.ctx, "okta")
			f.code(err, directory.NotFound)
			refuse := directory.Refuse
			okta := directory.Connection{
				ID: "okta", Tenant: acme, Type: directory.Okta, Version: 1, UnknownPaths: &refuse,
				Mappings: []directory.GroupMapping{{DisplayName: "Admins", Grants: directory.Administrators}},
			}
			entra := directory.Connection{ID: "entra", Tenant: acme, Type: directory.Entra, Version: 1}
			second := directory.Token{ID: "a", Kind: directory.BearerToken, Tenant: acme, Connection: "okta", Hash: [32]byte{9}, Created: moment(2), Expires: moment(99)}
			first := directory.Token{ID: "b", Kind: directory.BasicSecret, Tenant: acme, Connection: "okta", Hash: [32]byte{8}, Created: moment(1), Revoked: moment(3)}
			f.change(acme, directory.Change{Connections: []directory.Connection{okta, entra}, Tokens: []directory.Token{second, first}})
			connection, err := f.store.Connection(f.ctx, "okta")
			f.ok(err)
			f.same("connections", connection, okta)
			token, err := f.store.Token(f.ctx, [32]byte{8})
			f.ok(err)
			f.same("tokens", token, first)
			f.view(acme, func(r store.Reader) {
				all, err := r.Connections()
				f.ok(err)
				f.same("connections", all, []directory.Connection{entra, okta})
				tokens, err := r.Tokens("okta")
				f.ok(err)
				f.same("tokens", tokens, []directory.Token{first, second})
				tokens, err = r.Tokens("entra")
				f.ok(err)
				f.same("tokens", len(tokens), 0)
			})
			second.Hash = [32]byte{7} // another secret: the old one is invalid
			f.change(acme, directory.Change{Tokens: []directory.Token{second}})
			_, err = f.store.Token(f.ctx, [32]byte{9})
			f.code(err, directory.NotFound)
			_, err = f.store.Token(f.ctx, [32]byte{7})
			f.ok(err)
		}},
		{"a connection is removed with its credentials", func(f *fixture) {
			okta := directory.Connection{ID: "okta", Tenant: acme, Version: 1}
			other := directory.Connection{ID: "okta2", Tenant: acme, Version: 1} // its name begins with the name of the other
			f.change(acme, directory.Change{Connections: []directory.Connection{okta, other}, Tokens: []directory.Token{
				{ID: "a", Tenant: acme, Connection: "okta", Hash: [32]byte{9}},
				{ID: "b", Tenant: acme, Connection: "okta", Hash: [32]byte{8}},
				{ID: "c", Tenant: acme, Connection: "okta2", Hash: [32]byte{7}},
			}})
			f.ok(f.store.Touch(f.ctx, []directory.Use{{Tenant: acme, Connection: "okta", Token: "a", Last: moment(1)}, {Tenant: acme, Connection: "okta2", Token: "c", Last: moment(1)}}))
			_, _, _, err := f.store.Credential(f.ctx, [32]byte{9}, "okta") // now it may be cached
			f.ok(err)
			f.change(acme, directory.Change{RemoveConnections: []directory.ConnectionID{"okta"}})
			for _, hash := range []byte{9, 8} {
				_, err := f.store.Token(f.ctx, [32]byte{hash})
				f.code(err, directory.NotFound)
			}
			token, connection, _, err := f.store.Credential(f.ctx, [32]byte{9}, "okta")
			f.ok(err)
			f.same("token of a connection that is gone", token, directory.Token{})
			f.same("connection that is gone", connection, directory.Connection{})
			uses, err := f.store.Uses(f.ctx, "okta")
			f.ok(err)
			f.same("uses of a connection that is gone", len(uses), 0)
			uses, err = f.store.Uses(f.ctx, "okta2")
			f.ok(err)
			f.same("uses of another one", len(uses), 1)
			f.view(acme, func(r store.Reader) {
				all, err := r.Connections()
				f.ok(err)
				f.same("connections", all, []directory.Connection{other})
				tokens, err := r.Tokens("okta2")
				f.ok(err)
				f.same("tokens", len(tokens), 1)
			})
			f.change(acme, directory.Change{Connections: []directory.Connection{okta}}) // the slug is free
		}},
		{"a credential is as it was last written", func(f *fixture) {
			okta := directory.Connection{ID: "okta", Tenant: acme, Version: 1}
			token := directory.Token{ID: "a", Tenant: acme, Connection: "okta", Hash: [32]byte{9}}
			show := func(hash byte, id directory.ConnectionID) (directory.Token, directory.Connection, directory.Tenant) {
				f.Helper()
				t, c, tenant, err := f.store.Credential(f.ctx, [32]byte{hash}, id)
				f.ok(err)
				return t, c, tenant
			}
			got, connection, tenant := show(9, "okta")
			f.same("token before it is there", got, directory.Token{})
			f.same("connection before it is there", connection, directory.Connection{})
			f.same("tenant of nothing", tenant, directory.Tenant{})
			f.change(acme, directory.Change{Connections: []directory.Connection{okta}, Tokens: []directory.Token{token}})
			for range 2 { // from the store, and from its cache
				got, connection, tenant = show(9, "okta")
				f.same("token", got, token)
				f.same("connection", connection, okta)
				f.same("tenant", tenant.ID, acme)
			}
			got, connection, tenant = show(1, "okta")
			f.same("token with another hash", got, directory.Token{})
			f.same("connection with another hash", connection, okta)
			f.same("tenant with another hash", tenant.ID, acme)
			got, connection, _ = show(9, "entra")
			f.same("token at another connection", got, token)
			f.same("another connection", connection, directory.Connection{})

			token.Revoked, okta.Paused, tenant.Version = moment(1), true, 9
			f.change(acme, directory.Change{Tokens: []directory.Token{token}})
			got, _, _ = show(9, "okta")
			f.same("revoked token", got, token)
			f.change(acme, directory.Change{Connections: []directory.Connection{okta}})
			_, connection, _ = show(9, "okta")
			f.same("paused connection", connection, okta)
			f.change(acme, directory.Change{Tenant: &tenant})
			_, _, tenant = show(9, "okta")
			f.same("version of the tenant", tenant.Version, uint64(9))
			token.Hash = [32]byte{7} // another secret: the old one is invalid
			f.change(acme, directory.Change{Tokens: []directory.Token{token}})
			got, _, _ = show(9, "okta")
			f.same("token with the old secret", got, directory.Token{})
		}},
		{"a revoked credential is never seen as valid again", func(f *fixture) {
			token := directory.Token{ID: "a", Tenant: acme, Connection: "okta", Hash: [32]byte{9}}
			f.change(acme, directory.Change{Connections: []directory.Connection{{ID: "okta", Tenant: acme, Version: 1}}})
			var written atomic.Int64 // number of token writes whose Update has returned
			stop := make(chan struct{})
			var readers sync.WaitGroup
			stale := make(chan string, 8)
			for range cap(stale) {
				readers.Go(func() {
					for {
						select {
						case <-stop:
							return
						default:
						}
						least := written.Load()
						got, _, _, err := f.store.Credential(f.ctx, token.Hash, "okta")
						if err != nil || least > 0 && got.Revoked.Before(moment(int(least))) {
							stale <- fmt.Sprintf("write %d had returned, and it was as of %v (%v)", least, got.Revoked, err)
							return
						}
					}
				})
			}
			for n := range 200 {
				token.Revoked = moment(n + 1)
				f.change(acme, directory.Change{Tokens: []directory.Token{token}})
				written.Store(int64(n + 1))
			}
			close(stop)
			readers.Wait()
			close(stale)
			for text := range stale {
				f.Error(text)
			}
		}},
		{"Touch keeps the newest use of a credential", func(f *fixture) {
			one := directory.Use{Tenant: acme, Connection: "okta", Token: "a", Last: moment(5), Success: moment(5), Address: "192.0.2.1", UserAgent: "Okta"}
			two := directory.Use{Tenant: acme, Connection: "okta", Token: "b", Last: moment(5)}
			f.ok(f.store.Touch(f.ctx, nil))
			f.ok(f.store.Touch(f.ctx, []directory.Use{one, two, {Connection: "okta-2", Token: "a", Last: moment(1)}}))
			older := one
			older.Last, older.Address = moment(4), "192.0.2.9"
			f.ok(f.store.Touch(f.ctx, []directory.Use{older}))
			uses, err := f.store.Uses(f.ctx, "okta")
			f.ok(err)
			f.same("uses", uses, []directory.Use{one, two})
			failed := one
			failed.Last, failed.Success = moment(6), moment(0)
			f.ok(f.store.Touch(f.ctx, []directory.Use{failed}))
			uses, err = f.store.Uses(f.ctx, "okta")
			f.ok(err)
			f.same("last", uses[0].Last, moment(6))
			f.same("success", uses[0].Success, moment(5))
			f.same("last lines", f.auditSeq(acme), uint64(1))
		}},
		{"Touch takes a use back that was noted while the clock was ahead", func(f *fixture) {
			month := 30 * 24 * 3600
			ahead := directory.Use{Tenant: acme, Connection: "okta", Token: "a", Last: moment(month + 9), Success: moment(month + 5), Address: "192.0.2.1", Failed: moment(month + 9), FailingSince: moment(month + 7), Failures: 3}
			f.ok(f.store.Touch(f.ctx, []directory.Use{ahead}))
			f.ok(f.store.Touch(f.ctx, []directory.Use{{Tenant: acme, Connection: "okta", Token: "a", Last: moment(20)}}))
			uses, err := f.store.Uses(f.ctx, "okta")
			f.ok(err)
			want := ahead
			want.Last, want.Success, want.Failed, want.FailingSince = moment(20), moment(16), moment(20), moment(18)
			f.same("uses", uses, []directory.Use{want})
		}},
	}
}

func userTests() []contractTest {
	return []contractTest{
		{"a user comes back as it was", func(f *fixture) {
			want := directory.User{
				ID: f.id(), Version: 3, Created: moment(1), Modified: moment(2), UserName: "Anna", ExternalID: "X",
				Emails: []string{"a@example.com", "B@example.com"}, Type: directory.Guest, State: directory.Suspended,
				Connection: "acme-okta", Statement: directory.SaidInactive, StatedAt: moment(3),
				Suspension: &directory.Suspension{At: moment(4), By: directory.Actor{Kind: directory.ByOperator, ID: "o", Name: "Op"}, Mode: directory.Hold, Reason: "why"},
				AcceptedAt: moment(5), Document: directory.Document(`{"userName":"Anna","externalId":"X"}`),
			}
			least := directory.User{ID: f.id(), UserName: "b"}
			f.change(acme, directory.Change{Users: []directory.User{want, least}})
			f.view(acme, func(r store.Reader) {
				got, err := r.User(want.ID)
				f.ok(err)
				f.same("users", got, want)
				got, err = r.User(least.ID)
				f.ok(err)
				if diff := cmp.Diff(least, got, cmpopts.EquateEmpty()); diff != "" {
					f.Error(diff)
				}
				got, err = r.UserByName("aNNA")
				f.ok(err)
				f.same("users", got, want)
				_, err = r.User(f.id())
				f.code(err, directory.NotFound)
			})
		}},
		{"users are found by externalId", func(f *fixture) {
			a, b, other := f.user("a"), gone(f.user("b")), f.user("c")
			b.ExternalID, other.ExternalID = a.ExternalID, a.ExternalID
			other.Connection = "acme-entra"
			none := f.user("d")
			none.ExternalID = ""
			f.change(acme, directory.Change{Users: []directory.User{b, a, other, none}})
			find := func(connection directory.ConnectionID, externalID string) (ids []directory.ID) {
				f.view(acme, func(r store.Reader) {
					found, err := r.UsersByExternalID(connection, externalID)
					f.ok(err)
					for i := range found {
						ids = append(ids, found[i].ID)
					}
				})
				return ids
			}
			f.same("ids", find("acme-okta", "ext-a"), []directory.ID{a.ID, b.ID})
			f.same("ids", find("acme-entra", "ext-a"), []directory.ID{other.ID})
			f.same("ids", find("acme-okta", "EXT-A"), []directory.ID(nil))
			f.same("ids", find("acme-okta", ""), []directory.ID(nil))
			a.ExternalID = "moved"
			f.change(acme, directory.Change{Users: []directory.User{a}, RemoveUsers: []directory.ID{b.ID}})
			f.same("ids", find("acme-okta", "ext-a"), []directory.ID(nil))
			f.same("ids", find("acme-okta", "moved"), []directory.ID{a.ID})
		}},
		{"the counts follow every change", func(f *fixture) {
			a, b := f.user("a"), f.user("b")
			b.Type = directory.Guest
			f.change(acme, directory.Change{Users: []directory.User{a, b}})
			usage := func() (u directory.Usage) {
				f.view(acme, func(r store.Reader) {
					var err error
					u, err = r.Usage()
					f.ok(err)
				})
				return u
			}
			want := directory.Usage{}
			want.Users[directory.TeamMember][directory.Active] = 1
			want.Users[directory.Guest][directory.Active] = 1
			f.same("usages", usage(), want)
			f.change(acme, directory.Change{Users: []directory.User{gone(a)}, RemoveUsers: []directory.ID{b.ID, f.id()}})
			f.same("usages", usage(), directory.Usage{Gone: 1})
			f.change(acme, directory.Change{Users: []directory.User{a}, Resources: []directory.Resource{{ID: f.id(), Kind: "Device"}}})
			want = directory.Usage{Resources: map[directory.Kind]int{"Device": 1}}
			want.Users[directory.TeamMember][directory.Active] = 1
			f.same("usages", usage(), want)
		}},
	}
}

func groupTests() []contractTest {
	count := func(f *fixture, id directory.ID) (n int) {
		f.Helper()
		f.view(acme, func(r store.Reader) {
			g, err := r.Group(id)
			f.ok(err)
			n = g.Members
		})
		return n
	}
	return []contractTest{
		{"a group comes back as it was", func(f *fixture) {
			want := f.group("Staff")
			f.change(acme, directory.Change{Groups: []directory.Group{want}})
			f.view(acme, func(r store.Reader) {
				got, err := r.GroupByName("STAFF")
				f.ok(err)
				f.same("groups", got, want)
				list, err := r.GroupsByExternalID("acme-okta", "ext-Staff")
				f.ok(err)
				f.same("groups", list, []directory.Group{want})
				list, err = r.GroupsByExternalID("acme-entra", "ext-Staff")
				f.ok(err)
				f.same("groups", len(list), 0)
			})
		}},
		{"the store counts members and ignores the caller's count", func(f *fixture) {
			g, a, b := f.group("g"), f.user("a"), f.user("b")
			g.Members = 99
			f.change(acme, directory.Change{
				Groups: []directory.Group{g}, Users: []directory.User{a, b},
				Join: []directory.Membership{{Group: g.ID, Member: member(a.ID)}},
			})
			f.same("members", count(f, g.ID), 1)
			f.change(acme, directory.Change{Join: []directory.Membership{{Group: g.ID, Member: member(a.ID)}, {Group: g.ID, Member: member(b.ID)}}})
			f.same("members", count(f, g.ID), 2)
			f.change(acme, directory.Change{Groups: []directory.Group{g}, Leave: []directory.Membership{{Group: g.ID, Member: member(a.ID)}, {Group: g.ID, Member: member(f.id())}}})
			f.same("members", count(f, g.ID), 1)
		}},
		{"an existing membership is unchanged", func(f *fixture) {
			g, a := f.group("g"), f.user("a")
			first := directory.Membership{Group: g.ID, Member: directory.Member{ID: a.ID, Kind: directory.UserKind, Display: "Anna"}}
			f.change(acme, directory.Change{Groups: []directory.Group{g}, Users: []directory.User{a}, Join: []directory.Membership{first}})
			f.change(acme, directory.Change{Join: []directory.Membership{{Group: g.ID, Member: member(a.ID)}}})
			f.view(acme, func(r store.Reader) {
				got, err := r.Memberships(g.ID, a.ID)
				f.ok(err)
				f.same("memberships", got, []directory.Membership{first})
			})
		}},
		{"a member from several sources leaves with the last", func(f *fixture) {
			g, a, s1, s2 := f.group("g"), f.user("a"), f.id(), f.id()
			g.BuiltIn = directory.Owners
			from := func(source directory.ID) directory.Membership {
				return directory.Membership{Group: g.ID, Member: member(a.ID), Source: source}
			}
			f.change(acme, directory.Change{
				Groups: []directory.Group{g}, Users: []directory.User{a},
				Join: []directory.Membership{from(s2), from(s1), from(directory.ID{})},
			})
			f.same("members", count(f, g.ID), 1)
			f.view(acme, func(r store.Reader) {
				got, err := r.Memberships(g.ID, a.ID)
				f.ok(err)
				f.same("memberships", got, []directory.Membership{from(directory.ID{}), from(s1), from(s2)})
				all, err := r.MembershipsOf(a.ID)
				f.ok(err)
				f.same("memberships", len(all), 3)
				_, err = r.Groups(directory.Query{Count: 9, BuiltIn: true, Members: true}, func(_ *directory.Group, members []directory.Member) error {
					f.same("members", members, []directory.Member{member(a.ID)})
					return nil
				})
				f.ok(err)
			})
			f.change(acme, directory.Change{Leave: []directory.Membership{from(s1), from(directory.ID{})}})
			f.same("members", count(f, g.ID), 1)
			f.change(acme, directory.Change{Leave: []directory.Membership{from(s2)}})
			f.same("members", count(f, g.ID), 0)
		}},
		{"members are ordered by ID, and listed from any one on", func(f *fixture) {
			g := f.group("g")
			c := directory.Change{Groups: []directory.Group{g}}
			var want []directory.ID
			for range 20 {
				u := f.user("")
				u.UserName = u.ID.String()
				c.Users = append(c.Users, u)
				want = append(want, u.ID)
			}
			for i := range want {
				c.Join = append(c.Join, directory.Membership{Group: g.ID, Member: member(want[(i*7)%len(want)])})
			}
			f.change(acme, c)
			read := func(after directory.ID, limit int) (ids []directory.ID) {
				f.view(acme, func(r store.Reader) {
					f.ok(r.Members(g.ID, after, func(m directory.Membership) error {
						if ids = append(ids, m.Member.ID); len(ids) == limit {
							return store.ErrStop
						}
						return nil
					}))
				})
				return ids
			}
			f.same("members", read(directory.ID{}, 99), want)
			f.same("members", read(want[4], 99), want[5:])
			f.same("members", read(want[4], 3), want[5:8])
			f.same("members", read(want[19], 3), []directory.ID(nil))
		}},
		{"removing a record removes its memberships in both directions", func(f *fixture) {
			outer, inner, u := f.group("outer"), f.group("inner"), f.user("a")
			f.change(acme, directory.Change{Groups: []directory.Group{outer, inner}, Users: []directory.User{u}, Join: []directory.Membership{
				{Group: outer.ID, Member: nested(inner.ID)}, {Group: inner.ID, Member: member(u.ID)}, {Group: outer.ID, Member: member(u.ID)},
			}})
			f.same("members", count(f, outer.ID), 2)
			f.change(acme, directory.Change{RemoveGroups: []directory.ID{inner.ID}})
			f.same("members", count(f, outer.ID), 1)
			f.view(acme, func(r store.Reader) {
				all, err := r.MembershipsOf(u.ID)
				f.ok(err)
				f.same("memberships", all, []directory.Membership{{Group: outer.ID, Member: member(u.ID)}})
				all, err = r.MembershipsOf(inner.ID)
				f.ok(err)
				f.same("memberships", len(all), 0)
			})
			f.change(acme, directory.Change{RemoveUsers: []directory.ID{u.ID}})
			f.same("members", count(f, outer.ID), 0)
		}},
		{"the groups of a user are direct and nested ones, without built-in ones and circles", func(f *fixture) {
			direct, above, top, owners, u := f.group("direct"), f.group("above"), f.group("top"), f.group("owners"), f.user("a")
			owners.BuiltIn = directory.Owners
			f.change(acme, directory.Change{Groups: []directory.Group{direct, above, top, owners}, Users: []directory.User{u}, Join: []directory.Membership{
				{Group: direct.ID, Member: member(u.ID)},
				{Group: owners.ID, Member: member(u.ID)},
				{Group: above.ID, Member: nested(direct.ID)},
				{Group: top.ID, Member: nested(above.ID)},
				{Group: direct.ID, Member: nested(top.ID)},
			}})
			want := []directory.GroupRef{{ID: direct.ID, DisplayName: "direct"}, {ID: above.ID, DisplayName: "above", Indirect: true}, {ID: top.ID, DisplayName: "top", Indirect: true}}
			f.view(acme, func(r store.Reader) {
				refs, err := r.GroupRefs(u.ID)
				f.ok(err)
				f.same("groups", refs, want)
				_, err = r.Users(directory.Query{Count: 1, Groups: true}, func(_ *directory.User, refs []directory.GroupRef) error {
					f.same("groups", refs, want)
					return nil
				})
				f.ok(err)
				refs, err = r.GroupRefs(top.ID)
				f.ok(err)
				f.same("groups", refs, []directory.GroupRef{{ID: direct.ID, DisplayName: "direct"}, {ID: above.ID, DisplayName: "above", Indirect: true}})
			})
		}},
		{"a membership needs its group", func(f *fixture) {
			if err := f.try(acme, directory.Change{Join: []directory.Membership{{Group: f.id(), Member: member(f.id())}}}); err == nil {
				f.Error("it was taken")
			}
		}},
	}
}

func resourceTests() []contractTest {
	return []contractTest{
		{"custom resources are listed by kind", func(f *fixture) {
			a := directory.Resource{ID: f.id(), Kind: "Device", Version: 1, Created: moment(1), Modified: moment(2), ExternalID: "x", Connection: "c", Document: directory.Document(`{"serial":"1"}`)}
			b := directory.Resource{ID: f.id(), Kind: "Room", ExternalID: "x", Document: directory.Document(`{"serial":"1"}`)}
			f.change(acme, directory.Change{Resources: []directory.Resource{a, b}})
			f.view(acme, func(r store.Reader) {
				got, err := r.Resource("Device", a.ID)
				f.ok(err)
				f.same("resources", got, a)
				_, err = r.Resource("Room", a.ID)
				f.code(err, directory.NotFound)
				for _, where := range []directory.Expr{
					nil,
					directory.Compare{Path: directory.Path{Name: "serial"}, Op: directory.Equal, Value: "1"},
					directory.Compare{Path: directory.Path{Name: "externalId"}, Op: directory.Equal, CaseExact: true, Value: "x"},
					directory.Compare{Path: directory.Path{Name: "id"}, Op: directory.Equal, CaseExact: true, Value: a.ID.String()},
				} {
					page, err := r.Resources("Device", directory.Query{Where: where, Count: 10}, func(v *directory.Resource) error {
						f.same("resources", *v, a)
						return nil
					})
					f.ok(err)
					f.same("pages", page, directory.Page{Total: 1, Given: 1, Version: page.Version})
				}
			})
			f.change(acme, directory.Change{RemoveResources: []directory.ID{a.ID, f.id()}})
			f.view(acme, func(r store.Reader) {
				_, err := r.Resource("Device", a.ID)
				f.code(err, directory.NotFound)
				page, err := r.Resources("Device", directory.Query{Count: 10}, nil)
				f.ok(err)
				f.same("pages", page, directory.Page{Version: page.Version})
			})
		}},
		{"tombstones come back as they were, and are dropped", func(f *fixture) {
			a := directory.Tombstone{ID: f.id(), Kind: directory.UserKind, Connection: "okta", ExternalID: "x", UserName: "anna", Created: moment(1), Deleted: moment(2), By: directory.Actor{Kind: directory.ByIdP, ID: "okta"}}
			b := directory.Tombstone{ID: f.id(), Kind: directory.UserKind, Connection: "okta", ExternalID: "x"}
			f.change(acme, directory.Change{Tombstones: []directory.Tombstone{b, a}})
			find := func(connection directory.ConnectionID, externalID string) (found []directory.Tombstone) {
				f.view(acme, func(r store.Reader) {
					var err error
					found, err = r.TombstonesByExternalID(connection, externalID)
					f.ok(err)
				})
				return found
			}
			f.same("tombstones", find("okta", "x"), []directory.Tombstone{a, b})
			list := func(after directory.ID, limit int) (found []directory.Tombstone) {
				f.view(acme, func(r store.Reader) {
					var err error
					found, err = r.Tombstones(after, limit)
					f.ok(err)
				})
				return found
			}
			f.same("tombstones", list(directory.ID{}, 9), []directory.Tombstone{a, b})
			f.same("tombstones", list(directory.ID{}, 1), []directory.Tombstone{a})
			f.same("tombstones", list(a.ID, 9), []directory.Tombstone{b})
			f.same("tombstones", list(b.ID, 9), []directory.Tombstone(nil))
			f.same("tombstones", len(find("entra", "x"))+len(find("okta", "X")), 0)
			b.ExternalID = ""
			f.change(acme, directory.Change{Tombstones: []directory.Tombstone{b}, DropTombstones: []directory.ID{a.ID}})
			f.same("tombstones", len(find("okta", "x")), 0)
			f.view(acme, func(r store.Reader) {
				got, err := r.Tombstone(b.ID)
				f.ok(err)
				f.same("tombstones", got, b)
				_, err = r.Tombstone(a.ID)
				f.code(err, directory.NotFound)
			})
		}},
	}
}

func mailTests() []contractTest {
	mail := func(n byte, due int) directory.Mail {
		return directory.Mail{ID: directory.ID{9, n}, Tenant: acme, To: "ops@example.test", Kind: directory.NoticeMail, Data: directory.Document(`{"n":1}`), Created: moment(0), Due: moment(due)}
	}
	first := func(m directory.Mail) directory.Mail { m.Version = 1; return m }
	return []contractTest{
		{"mails are ordered by due time", func(f *fixture) {
			one, two, three := mail(1, 30), mail(2, 10), mail(3, 20)
			parked := mail(4, 5)
			parked.Parked = moment(6)
			f.change(acme, directory.Change{Mails: []directory.Mail{one, two}})
			f.change(directory.Provider, directory.Change{Mails: []directory.Mail{three, parked}})
			all, err := f.store.Mails(f.ctx, time.Time{}, 10)
			f.ok(err)
			f.same("all", all, []directory.Mail{first(two), first(three), first(one), first(parked)})
			due, err := f.store.Mails(f.ctx, moment(20), 10)
			f.ok(err)
			f.same("due", due, []directory.Mail{first(two), first(three)})
			due, err = f.store.Mails(f.ctx, moment(99), 1)
			f.ok(err)
			f.same("one", due, []directory.Mail{first(two)})
			f.change(acme, directory.Change{DropMails: []directory.ID{one.ID, {77}}})
			_, err = f.mail(one.ID)
			f.code(err, directory.NotFound)
		}},
		{"an attempt is recorded only on the version of the mail that was read", func(f *fixture) {
			m := mail(1, 10)
			f.change(acme, directory.Change{Mails: []directory.Mail{m}})
			read, err := f.mail(m.ID)
			f.ok(err)
			m.Data = directory.Document(`{"n":2}`)
			f.change(acme, directory.Change{Mails: []directory.Mail{m}})
			f.ok(f.store.Delivered(f.ctx, read))
			now, err := f.mail(m.ID)
			f.ok(err)
			f.same("what was added", now.Data, m.Data)
			read.Error = "away"
			f.ok(f.store.Retry(f.ctx, read))
			now.Due, now.Attempts, now.Error = moment(50), 1, "full"
			f.ok(f.store.Retry(f.ctx, now))
			now, err = f.mail(m.ID)
			f.ok(err)
			f.same("the attempt", []any{now.Error, now.Attempts, now.Due, now.Version}, []any{"full", 1, moment(50), uint64(3)})
			f.ok(f.store.Delivered(f.ctx, now))
			_, err = f.mail(m.ID)
			f.code(err, directory.NotFound)
			f.ok(f.store.Retry(f.ctx, now)) // it does not come back
			_, err = f.mail(m.ID)
			f.code(err, directory.NotFound)
		}},
		{"notices need no audit line, and are collected under a name", func(f *fixture) {
			f.change(acme, directory.Change{Events: make([]directory.Event, 3)})
			m := mail(1, 10)
			m.Join = "ops acme"
			seq := uint64(3)
			f.ok(f.store.Update(f.ctx, acme, nil, func(store.Reader) (directory.Change, error) {
				return directory.Change{Mails: []directory.Mail{m}, Noticed: &seq}, nil
			}))
			f.view(acme, func(r store.Reader) {
				got, known, err := r.Noticed()
				f.ok(err)
				f.same("noticed", []any{got, known}, []any{seq, true})
				found, err := r.Gathering("ops acme")
				f.ok(err)
				f.same("gathering", found, first(m))
				_, err = r.Gathering("ops beta")
				f.code(err, directory.NotFound)
			})
			f.view(beta, func(r store.Reader) {
				_, known, err := r.Noticed()
				f.ok(err)
				f.same("of another tenant", known, false)
			})
			twin := mail(2, 10)
			twin.Join = m.Join
			future := uint64(1 << 40)
			for _, bad := range []directory.Change{
				{Mails: []directory.Mail{twin}, Noticed: &seq}, {Mails: []directory.Mail{mail(5, 1)}}, {Noticed: &future}, {DropMails: []directory.ID{m.ID}, Noticed: &seq},
			} {
				err := f.store.Update(f.ctx, acme, nil, func(store.Reader) (directory.Change, error) { return bad, nil })
				f.code(err, directory.Internal)
			}
			gone := first(m)
			f.ok(f.store.Delivered(f.ctx, gone))
			f.change(acme, directory.Change{Mails: []directory.Mail{twin}}) // the name is free again
		}},
	}
}

func auditEventTests() []contractTest {
	return []contractTest{
		{"audit lines come back as they were, numbered", func(f *fixture) {
			line := directory.Audit{
				Seq: 77, Time: moment(1), Tenant: acme, Actor: directory.Actor{Kind: directory.ByOperator, ID: "o", Name: "Op"}, Action: "user.update",
				Subject: directory.Subject{Kind: "User", ID: "1", Name: "anna"}, Outcome: directory.WasDenied, Rule: "B2", Reason: "no seat",
				Before: directory.Document(`{"a":1}`), After: directory.Document(`{"a":2}`), Deviations: []string{"quirk"}, Request: "r", Address: "192.0.2.1",
			}
			f.ok(f.store.Update(f.ctx, acme, nil, func(store.Reader) (directory.Change, error) {
				return directory.Change{Audit: []directory.Audit{line, line}}, nil
			}))
			f.same("the caller's line", line.Seq, uint64(77))
			f.view(acme, func(r store.Reader) {
				got, last, err := r.Audit(1, 10)
				f.ok(err)
				two, three := line, line
				two.Seq, three.Seq = 2, 3
				first, _, err := r.Audit(0, 1)
				f.ok(err)
				two.Hash = two.Sum(first[0].Hash)
				three.Hash = three.Sum(two.Hash)
				f.same("lines", got, []directory.Audit{two, three})
				f.same("last", last, uint64(3))
			})
		}},
		{"credentials without a connection are listed apart", func(f *fixture) {
			key := directory.Token{ID: "k", Kind: directory.ApplicationKey, Tenant: acme, Name: "Portal", Hash: [32]byte{7}, Created: moment(1)}
			f.change(acme, directory.Change{Tokens: []directory.Token{key}})
			f.view(acme, func(r store.Reader) {
				got, err := r.Tokens("")
				f.ok(err)
				f.same("keys", got, []directory.Token{key})
			})
			f.view(beta, func(r store.Reader) {
				got, err := r.Tokens("")
				f.ok(err)
				f.same("keys of another tenant", len(got), 0)
			})
			found, err := f.store.Token(f.ctx, key.Hash)
			f.ok(err)
			f.same("found", found, key)
		}},
		{"audit lines are chained, tenant by tenant, within a batch and across", func(f *fixture) {
			for i := range 20 {
				for _, tenant := range []directory.TenantID{acme, beta, directory.Provider} {
					line := directory.Audit{Time: moment(i), Tenant: tenant, Action: "x", Outcome: directory.Done}
					f.ok(f.store.Update(f.ctx, tenant, nil, func(store.Reader) (directory.Change, error) {
						return directory.Change{Audit: []directory.Audit{line, line}}, nil
					}))
				}
			}
			heads := map[directory.Hash]bool{}
			for _, tenant := range []directory.TenantID{acme, beta, directory.Provider} {
				f.view(tenant, func(r store.Reader) {
					lines, last, err := r.Audit(0, 1000)
					f.ok(err)
					var chain directory.Chain
					for i := range lines {
						f.same("what is wrong", chain.Follow(&lines[i]), "")
					}
					f.same("the start", chain.Start, uint64(1))
					f.same("the end", chain.Last, last)
					heads[chain.Head] = true
				})
			}
			f.same("different heads", len(heads), 3)
		}},
		{"SearchAudit returns lines from the newest to the oldest", func(f *fixture) {
			var lines []directory.Audit
			for i := range 30 {
				lines = append(lines, directory.Audit{
					Time: moment(i), Tenant: acme, Actor: directory.Actor{Kind: directory.ByOperator, ID: fmt.Sprint("op-", i%2)},
					Action: []string{"user.create", "user.update", "token.create"}[i%3], Subject: directory.Subject{Kind: "User", ID: fmt.Sprint(i), Name: "Anna"},
					Outcome: []directory.Outcome{directory.Done, directory.WasDenied}[i%2],
				})
			}
			f.ok(f.store.Update(f.ctx, acme, nil, func(store.Reader) (directory.Change, error) {
				return directory.Change{Audit: lines}, nil
			}))
			base := f.auditSeq(acme) - 30
			f.view(acme, func(r store.Reader) {
				for _, q := range []directory.AuditQuery{
					{},
					{Actor: "OP-1"},
					{Action: "user.update"},
					{Action: "user.*"},
					{Outcome: directory.WasDenied, Action: "token."},
					{Subject: "17"},
					{Subject: "ann"},
					{From: moment(10), To: moment(20)},
					{Kind: directory.ByIdP},
					{Limit: 4},
					{Scan: 5, Actor: "op-0"},
				} {
					var want, got []string
					for i := len(lines) - 1; i >= 0; i-- {
						if q.Matches(&lines[i]) {
							want = append(want, lines[i].Subject.ID)
						}
					}
					for pages := 0; ; pages++ {
						page, next, err := r.SearchAudit(q)
						f.ok(err)
						if q.Limit > 0 && len(page) > q.Limit {
							f.Fatalf("%d lines, and at most %d were wanted", len(page), q.Limit)
						}
						for _, line := range page {
							if line.Seq > base {
								got = append(got, line.Subject.ID)
							}
						}
						if next == 0 {
							break
						}
						if q.Before != 0 && next >= q.Before || pages > 100 {
							f.Fatalf("the search does not move: %d after %d", next, q.Before)
						}
						q.Before = next
					}
					f.same("lines", got, want)
				}
			})
		}},
		{"events come back as they were, numbered per tenant", func(f *fixture) {
			event := directory.Event{
				Time: moment(1), Tenant: acme, Kind: directory.UserCreated, Subject: directory.Subject{Kind: "User", ID: "1", Name: "anna"},
				Actor: directory.Actor{Kind: directory.ByIdP, ID: "okta"}, Data: directory.Document(`{"x":1}`),
			}
			event.Txn, event.Verb, event.Version = "request-1", directory.VerbCreate, `W/"1"`
			for range 5 {
				f.change(acme, directory.Change{Events: []directory.Event{event, {Kind: directory.UserUpdated}}})
			}
			f.change(beta, directory.Change{Events: []directory.Event{event}})
			f.view(acme, func(r store.Reader) {
				got, last, err := r.Events(0, 1)
				f.ok(err)
				want := event
				want.Seq = 1
				f.same("events", got, []directory.Event{want})
				f.same("last", last, uint64(10))
				got, last, err = r.Events(4, 3)
				f.ok(err)
				f.same("numbers", []uint64{got[0].Seq, got[1].Seq, got[2].Seq, last}, []uint64{5, 6, 7, 10})
				got, _, err = r.Events(10, 3)
				f.ok(err)
				f.same("events", len(got), 0)
				got, _, err = r.Events(1<<63, 3)
				f.ok(err)
				f.same("events", len(got), 0)
			})
			f.view(beta, func(r store.Reader) {
				_, last, err := r.Events(0, 9)
				f.ok(err)
				f.same("last", last, uint64(1))
			})
		}},
		{"forgotten events leave no later gap, and no number is used again", func(f *fixture) {
			add := func(n int) {
				f.change(acme, directory.Change{Events: make([]directory.Event, n)})
			}
			kept := func(after uint64) (seqs []uint64, last uint64) {
				f.view(acme, func(r store.Reader) {
					got, end, err := r.Events(after, 100)
					f.ok(err)
					for i := range got {
						seqs = append(seqs, got[i].Seq)
					}
					last = end
				})
				return seqs, last
			}
			check := func(after uint64, want []uint64, wantLast uint64) {
				f.Helper()
				got, last := kept(after)
				f.same("numbers", got, want)
				f.same("the last number", last, wantLast)
			}
			f.change(acme, directory.Change{ForgetEvents: 5})
			check(0, nil, 0)
			add(6)
			f.change(acme, directory.Change{ForgetEvents: 2})
			check(0, []uint64{3, 4, 5, 6}, 6)
			check(1, []uint64{3, 4, 5, 6}, 6)
			check(3, []uint64{4, 5, 6}, 6)
			f.change(acme, directory.Change{ForgetEvents: 2}) // again: nothing happens
			f.change(acme, directory.Change{ForgetEvents: 1})
			check(0, []uint64{3, 4, 5, 6}, 6)
			f.change(acme, directory.Change{ForgetEvents: 99, Events: make([]directory.Event, 2)})
			check(0, []uint64{6, 7, 8}, 8)
			f.change(acme, directory.Change{ForgetEvents: 1 << 63})
			check(0, []uint64{8}, 8)
			add(1)
			check(0, []uint64{8, 9}, 9)
			check(9, nil, 9)
		}},
		{"events of another tenant are not forgotten", func(f *fixture) {
			for _, tenant := range []directory.TenantID{acme, beta} {
				f.change(tenant, directory.Change{Events: make([]directory.Event, 3)})
			}
			f.change(acme, directory.Change{ForgetEvents: 3})
			f.view(beta, func(r store.Reader) {
				got, _, err := r.Events(0, 10)
				f.ok(err)
				f.same("events", len(got), 3)
			})
		}},
		{"forgetting events needs an audit line", func(f *fixture) {
			f.change(acme, directory.Change{Events: make([]directory.Event, 3)})
			err := f.store.Update(f.ctx, acme, nil, func(store.Reader) (directory.Change, error) { return directory.Change{ForgetEvents: 1}, nil })
			f.code(err, directory.Internal)
		}},
	}
}
