package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"drawbridge/directory"
	"drawbridge/store"
)

func viewTests() []contractTest {
	return []contractTest{
		{"an unknown tenant is empty", func(f *fixture) {
			f.view("nobody", func(r store.Reader) {
				_, err := r.Tenant()
				f.code(err, directory.NotFound)
				_, err = r.User(f.id())
				f.code(err, directory.NotFound)
				_, err = r.UserByName("x")
				f.code(err, directory.NotFound)
				_, err = r.Group(f.id())
				f.code(err, directory.NotFound)
				_, err = r.BuiltIn(directory.Owners)
				f.code(err, directory.NotFound)
				_, err = r.Resource("Device", f.id())
				f.code(err, directory.NotFound)
				_, err = r.Tombstone(f.id())
				f.code(err, directory.NotFound)
				_, err = r.Connection("acme-okta")
				f.code(err, directory.NotFound)
				page, err := r.Users(directory.Query{Count: 10}, nil)
				f.ok(err)
				f.same("pages", page, directory.Page{})
				page, err = r.Groups(directory.Query{Count: 10, BuiltIn: true}, nil)
				f.ok(err)
				f.same("pages", page, directory.Page{})
				refs, err := r.GroupRefs(f.id())
				f.ok(err)
				usage, err := r.Usage()
				f.ok(err)
				f.same("usages", usage, directory.Usage{})
				lines, last, err := r.Audit(0, 10)
				f.ok(err)
				if len(refs)+len(lines) != 0 || last != 0 {
					f.Error("an unknown tenant has something")
				}
			})
		}},
		{"the provider always exists", func(f *fixture) {
			f.view(directory.Provider, func(r store.Reader) {
				_, err := r.Tenant()
				f.ok(err)
			})
			f.change(directory.Provider, directory.Change{Events: []directory.Event{{Kind: directory.TenantCreated}}})
			f.same("last lines", f.auditSeq(directory.Provider), uint64(1))
		}},
		{"a snapshot does not change", func(f *fixture) {
			f.view(acme, func(r store.Reader) {
				done := make(chan error)
				go func() { done <- f.try(acme, directory.Change{Users: []directory.User{f.user("anna")}}) }()
				f.ok(<-done)
				_, err := r.UserByName("anna")
				f.code(err, directory.NotFound)
			})
			f.view(acme, func(r store.Reader) {
				_, err := r.UserByName("anna")
				f.ok(err)
			})
		}},
		{"the error of fn comes back as it is", func(f *fixture) {
			mine := errors.New("mine")
			err := f.store.View(f.ctx, acme, nil, func(store.Reader) error { return mine })
			f.same("errors are mine", err == mine, true) //nolint:errorlint // as it is
		}},
		{"an ended context is Unavailable", func(f *fixture) {
			ctx, cancel := context.WithCancel(f.ctx)
			cancel()
			f.code(f.store.View(ctx, acme, nil, func(store.Reader) error { return nil }), directory.Unavailable)
		}},
		{"a tenant never shows records of another", func(f *fixture) {
			u, g := f.user("anna"), f.group("staff")
			f.change(acme, directory.Change{
				Users: []directory.User{u}, Groups: []directory.Group{g},
				Join:        []directory.Membership{{Group: g.ID, Member: member(u.ID)}},
				Connections: []directory.Connection{{ID: "acme-okta", Tenant: acme}},
				Tokens:      []directory.Token{{ID: "t1", Tenant: acme, Connection: "acme-okta", Hash: [32]byte{1}}},
				Resources:   []directory.Resource{{ID: f.id(), Kind: "Device", ExternalID: "d"}},
				Tombstones:  []directory.Tombstone{{ID: f.id(), Connection: "acme-okta", ExternalID: "old"}},
			})
			f.view(beta, func(r store.Reader) {
				_, err := r.User(u.ID)
				f.code(err, directory.NotFound)
				_, err = r.UserByName("anna")
				f.code(err, directory.NotFound)
				_, err = r.Group(g.ID)
				f.code(err, directory.NotFound)
				_, err = r.Connection("acme-okta")
				f.code(err, directory.NotFound)
				byExternalID, err := r.UsersByExternalID("acme-okta", u.ExternalID)
				f.ok(err)
				connections, err := r.Connections()
				f.ok(err)
				tokens, err := r.Tokens("acme-okta")
				f.ok(err)
				memberships, err := r.MembershipsOf(u.ID)
				f.ok(err)
				buried, err := r.TombstonesByExternalID("acme-okta", "old")
				f.ok(err)
				page, err := r.Users(directory.Query{Count: 10, Gone: true}, nil)
				f.ok(err)
				things, err := r.Resources("Device", directory.Query{}, nil)
				f.ok(err)
				usage, err := r.Usage()
				f.ok(err)
				f.same("usages", usage, directory.Usage{})
				if n := len(byExternalID) + len(connections) + len(tokens) + len(memberships) + len(buried) + page.Total + things.Total; n != 0 {
					f.Errorf("the other tenant shows %d things", n)
				}
			})
		}},
	}
}

func updateTests() []contractTest {
	return []contractTest{
		{"the error of decide comes back as it is", func(f *fixture) {
			mine := errors.New("mine")
			err := f.store.Update(f.ctx, acme, nil, func(store.Reader) (directory.Change, error) {
				return audited(directory.Change{Users: []directory.User{makeUser(numbered(7), "anna")}}), mine
			})
			f.same("errors are mine", err == mine, true) //nolint:errorlint // as it is
			f.same("last lines", f.auditSeq(acme), uint64(1))
		}},
		{"a panic of decide is Internal and does not affect others", func(f *fixture) {
			err := f.store.Update(f.ctx, acme, nil, func(store.Reader) (directory.Change, error) { panic("ouch") })
			f.code(err, directory.Internal)
			f.change(acme, directory.Change{Users: []directory.User{f.user("anna")}})
		}},
		{"an empty change writes nothing", func(f *fixture) {
			f.ok(f.store.Update(f.ctx, acme, nil, func(store.Reader) (directory.Change, error) { return directory.Change{}, nil }))
			f.same("last lines", f.auditSeq(acme), uint64(1))
		}},
		{"a change without an audit line is Internal", func(f *fixture) {
			u := f.user("anna")
			err := f.store.Update(f.ctx, acme, nil, func(store.Reader) (directory.Change, error) {
				return directory.Change{Users: []directory.User{u}}, nil
			})
			f.code(err, directory.Internal)
			names, _ := usersOf(f, acme, directory.Query{Count: 10})
			f.same("names", len(names), 0)
		}},
		{"a change that only records days needs no audit line, and any other part of it does", func(f *fixture) {
			seen := directory.KV{Kind: directory.ActivityKV, Key: "anna", Value: directory.Document(`"2030-01-01"`)}
			put := func(c directory.Change) error {
				return f.store.Update(f.ctx, acme, nil, func(store.Reader) (directory.Change, error) { return c, nil })
			}
			f.ok(put(directory.Change{KVs: []directory.KV{seen}}))
			f.view(acme, func(r store.Reader) {
				got, err := r.KV(seen.Kind, seen.Key)
				f.ok(err)
				f.same("state", string(got.Value), string(seen.Value))
			})
			f.code(put(directory.Change{KVs: []directory.KV{seen}, Users: []directory.User{f.user("anna")}}), directory.Internal)
			f.code(put(directory.Change{KVs: []directory.KV{seen, {Kind: directory.AlertKV, Key: "x", Value: directory.Document(`{}`)}}}), directory.Internal)
			f.code(put(directory.Change{KVs: []directory.KV{seen}, Mails: []directory.Mail{{ID: f.id(), To: "a@b.test", Kind: directory.TestMail, Due: moment(1)}}}), directory.Internal)
			f.code(put(directory.Change{DropKVs: []directory.KVRef{{Kind: seen.Kind, Key: seen.Key}}}), directory.Internal)
			link := directory.KV{Kind: directory.LinkKV, Key: "x", Value: directory.Document(`{}`)}
			f.ok(put(directory.Change{KVs: []directory.KV{link}}))
			f.ok(put(directory.Change{KVs: []directory.KV{seen}, DropKVs: []directory.KVRef{{Kind: link.Kind, Key: link.Key}}}))
			f.code(put(directory.Change{DropKVs: []directory.KVRef{{Kind: link.Kind, Key: link.Key}, {Kind: seen.Kind, Key: seen.Key}}}), directory.Internal)
		}},
		{"a tenant that does not exist takes no change", func(f *fixture) {
			if err := f.try("nobody", directory.Change{Users: []directory.User{f.user("anna")}}); err == nil {
				f.Error("it was taken")
			}
		}},
		{"each decide sees what the one before it wrote", func(f *fixture) {
			for n := range 5 {
				f.ok(f.store.Update(f.ctx, acme, nil, func(r store.Reader) (directory.Change, error) {
					page, err := r.Users(directory.Query{}, nil)
					if err != nil || page.Total != n {
						f.Errorf("decide sees %d users, want %d: %v", page.Total, n, err)
					}
					usage, err := r.Usage()
					if err != nil || usage.Users[directory.TeamMember][directory.Active] != n {
						f.Errorf("decide counts %+v, want %d: %v", usage, n, err)
					}
					return audited(directory.Change{Users: []directory.User{makeUser(numbered(uint64(100+n)), string(rune('a'+n)))}}), nil
				}))
			}
		}},
		{"nothing is done when the context has ended before", func(f *fixture) {
			ctx, cancel := context.WithCancel(f.ctx)
			cancel()
			var ran atomic.Bool
			err := f.store.Update(ctx, acme, nil, func(store.Reader) (directory.Change, error) {
				ran.Store(true)
				return audited(directory.Change{}), nil
			})
			f.code(err, directory.Unavailable)
			f.same("decide ran", ran.Load(), false)
			f.same("last lines", f.auditSeq(acme), uint64(1))
		}},
		{"nothing is done when the context ends while the update waits", func(f *fixture) {
			entered, leave := make(chan struct{}), make(chan struct{})
			first := make(chan error, 1)
			var once atomic.Bool
			go func() {
				first <- f.store.Update(f.ctx, acme, nil, func(store.Reader) (directory.Change, error) {
					if once.CompareAndSwap(false, true) {
						close(entered)
						<-leave
					}
					return audited(directory.Change{}), nil
				})
			}()
			<-entered
			ctx, cancel := context.WithCancel(f.ctx)
			second := make(chan error, 1)
			var ran atomic.Bool
			go func() {
				second <- f.store.Update(ctx, acme, nil, func(store.Reader) (directory.Change, error) {
					ran.Store(true)
					return audited(directory.Change{}), nil
				})
			}()
			cancel()
			f.code(<-second, directory.Unavailable)
			close(leave)
			f.ok(<-first)
			f.change(acme, directory.Change{})
			f.same("decide ran", ran.Load(), false)
			f.same("last lines", f.auditSeq(acme), uint64(3))
		}},
		{"the store does not keep the caller's memory", func(f *fixture) {
			u := f.user("anna")
			want := string(u.Document)
			f.change(acme, directory.Change{Users: []directory.User{u}})
			clear(u.Document)
			u.Emails[0] = "other@example.com"
			f.view(acme, func(r store.Reader) {
				got, err := r.User(u.ID)
				f.ok(err)
				f.same("documents", string(got.Document), want)
				f.same("emails", got.Emails, []string{"anna@Example.com"})
			})
		}},
		{"a record that was read may be written again", func(f *fixture) {
			u := f.user("anna")
			f.change(acme, directory.Change{Users: []directory.User{u}})
			for range 3 {
				f.ok(f.store.Update(f.ctx, acme, nil, func(r store.Reader) (directory.Change, error) {
					u, err := r.UserByName("ANNA")
					u.Version++
					return audited(directory.Change{Users: []directory.User{u}}), err
				}))
			}
			f.view(acme, func(r store.Reader) {
				got, err := r.User(u.ID)
				f.ok(err)
				want := u
				want.Version = 4
				f.same("users", got, want)
			})
		}},
		{"after Close every call is Unavailable", func(f *fixture) {
			f.change(acme, directory.Change{Users: []directory.User{f.user("anna")}})
			f.ok(f.store.Close())
			f.ok(f.store.Close())
			f.code(f.try(acme, directory.Change{}), directory.Unavailable)
			f.code(f.store.View(f.ctx, acme, nil, func(store.Reader) error { return nil }), directory.Unavailable)
			_, err := f.store.Tenants(f.ctx)
			f.code(err, directory.Unavailable)
			_, err = f.store.Token(f.ctx, [32]byte{1})
			f.code(err, directory.Unavailable)
			_, err = f.store.Connection(f.ctx, "acme-okta")
			f.code(err, directory.Unavailable)
			_, err = f.store.Uses(f.ctx, "acme-okta")
			f.code(err, directory.Unavailable)
			f.code(f.store.Touch(f.ctx, []directory.Use{{Token: "t"}}), directory.Unavailable)
		}},
		{"Close finishes accepted work", func(f *fixture) {
			var wrote, refused atomic.Int32
			done := make(chan struct{})
			const callers = 50
			for n := range callers {
				go func() {
					switch err := f.try(acme, directory.Change{Users: []directory.User{makeUser(numbered(uint64(1000+n)), fmt.Sprint("u", n))}}); directory.CodeOf(err) {
					case "":
						wrote.Add(1)
					case directory.Unavailable:
						refused.Add(1)
					default:
						f.Errorf("Update: %v", err)
					}
					done <- struct{}{}
				}()
			}
			f.ok(f.store.Close())
			for range callers {
				<-done
			}
			f.same("answers", wrote.Load()+refused.Load(), int32(callers))
		}},
	}
}

func uniqueTests() []contractTest {
	// refused writes c, which must conflict, and checks that nothing was written.
	refused := func(f *fixture, tenant directory.TenantID, c directory.Change, field string) {
		f.Helper()
		before := f.auditSeq(tenant)
		c.Events = append(c.Events, directory.Event{Kind: directory.UserCreated})
		f.code(f.try(tenant, c), directory.Conflict, field)
		f.same("last lines", f.auditSeq(tenant), before)
	}
	return []contractTest{
		{"userName is unique without regard to case", func(f *fixture) {
			f.change(acme, directory.Change{Users: []directory.User{f.user("Straße")}})
			other := f.user("bob")
			refused(f, acme, directory.Change{Users: []directory.User{other, f.user("STRAßE")}}, "userName")
			f.view(acme, func(r store.Reader) {
				_, err := r.User(other.ID)
				f.code(err, directory.NotFound)
			})
			f.change(beta, directory.Change{Users: []directory.User{f.user("straße")}})
		}},
		{"userName is unique within one change", func(f *fixture) {
			refused(f, acme, directory.Change{Users: []directory.User{f.user("anna"), f.user("ANNA")}}, "userName")
		}},
		{"a rename to a taken userName is refused", func(f *fixture) {
			anna, bob := f.user("anna"), f.user("bob")
			f.change(acme, directory.Change{Users: []directory.User{anna, bob}})
			bob.UserName = "Anna"
			refused(f, acme, directory.Change{Users: []directory.User{bob}}, "userName")
		}},
		{"two users may swap names", func(f *fixture) {
			anna, bob := f.user("anna"), f.user("bob")
			f.change(acme, directory.Change{Users: []directory.User{anna, bob}})
			anna.UserName, bob.UserName = "bob", "anna"
			f.change(acme, directory.Change{Users: []directory.User{anna, bob}})
			f.view(acme, func(r store.Reader) {
				u, err := r.UserByName("bob")
				f.ok(err)
				f.same("ids", u.ID, anna.ID)
			})
		}},
		{"a name is free when its user is removed in the same change", func(f *fixture) {
			old, young := f.user("anna"), f.user("anna")
			f.change(acme, directory.Change{Users: []directory.User{old}})
			f.change(acme, directory.Change{RemoveUsers: []directory.ID{old.ID}, Users: []directory.User{young}})
			f.view(acme, func(r store.Reader) {
				u, err := r.UserByName("anna")
				f.ok(err)
				f.same("ids", u.ID, young.ID)
			})
		}},
		{"a Gone user frees its name, and needs it free to come back", func(f *fixture) {
			old, young := f.user("anna"), f.user("anna")
			f.change(acme, directory.Change{Users: []directory.User{gone(old)}})
			f.change(acme, directory.Change{Users: []directory.User{young}})
			refused(f, acme, directory.Change{Users: []directory.User{old}}, "userName")
			f.change(acme, directory.Change{Users: []directory.User{gone(young)}})
			f.view(acme, func(r store.Reader) {
				both, err := r.GoneByName("ANNA")
				f.ok(err)
				f.same("users", len(both), 2)
				f.same("the youngest", both[0].ID, young.ID)
				_, err = r.UserByName("anna")
				f.code(err, directory.NotFound)
			})
		}},
		{"displayName is unique among groups, without built-in ones", func(f *fixture) {
			f.change(acme, directory.Change{Groups: []directory.Group{f.group("Owners")}})
			refused(f, acme, directory.Change{Groups: []directory.Group{f.group("OWNERS")}}, "displayName")
			builtIn := f.group("Owners")
			builtIn.BuiltIn = directory.Owners
			f.change(acme, directory.Change{Groups: []directory.Group{builtIn}})
			f.view(acme, func(r store.Reader) {
				g, err := r.GroupByName("owners")
				f.ok(err)
				f.same("built in", g.BuiltIn, directory.BuiltIn(""))
				g, err = r.BuiltIn(directory.Owners)
				f.ok(err)
				f.same("ids", g.ID, builtIn.ID)
			})
		}},
		{"unique keys of a tenant's own attributes are unique for each kind", func(f *fixture) {
			badge := func(value string) []directory.UniqueKey { return []directory.UniqueKey{directory.UniqueKey(value)} }
			const field = "urn:example:badge:badgeNumber"
			anna, bob := f.user("anna"), f.user("bob")
			anna.Unique, bob.Unique = badge("User "+field+"=1"), badge("User "+field+"=1")
			refused(f, acme, directory.Change{Users: []directory.User{anna, bob}}, field)
			f.change(acme, directory.Change{Users: []directory.User{anna}})
			refused(f, acme, directory.Change{Users: []directory.User{bob}}, field)
			f.change(beta, directory.Change{Users: []directory.User{bob}})
			bob.Unique = append(bob.Unique, "User "+field+"=2")
			refused(f, acme, directory.Change{Users: []directory.User{bob}}, field)
			f.change(acme, directory.Change{Users: []directory.User{gone(anna)}})
			f.change(acme, directory.Change{Users: []directory.User{bob}})
			refused(f, acme, directory.Change{Users: []directory.User{anna}}, field)
			f.view(acme, func(r store.Reader) {
				u, err := r.User(bob.ID)
				f.ok(err)
				f.same("keys", u.Unique, bob.Unique)
			})
			f.change(acme, directory.Change{RemoveUsers: []directory.ID{bob.ID}, Users: []directory.User{anna}})

			ops, dev := f.group("ops"), f.group("dev")
			ops.Unique, dev.Unique = badge("Group x=1"), badge("Group x=1")
			refused(f, acme, directory.Change{Groups: []directory.Group{ops, dev}}, "x")
			f.change(acme, directory.Change{Groups: []directory.Group{ops}})
			refused(f, acme, directory.Change{Groups: []directory.Group{dev}}, "x")
			f.change(acme, directory.Change{Groups: []directory.Group{dev}, RemoveGroups: []directory.ID{ops.ID}})

			one := directory.Resource{ID: f.id(), Kind: "Device", Unique: badge("Device serial=a"), Document: directory.Document(`{"serial":"A"}`)}
			two := one
			two.ID = f.id()
			refused(f, acme, directory.Change{Resources: []directory.Resource{one, two}}, "serial")
			f.change(acme, directory.Change{Resources: []directory.Resource{one}})
			refused(f, acme, directory.Change{Resources: []directory.Resource{two}}, "serial")
			f.change(acme, directory.Change{Resources: []directory.Resource{two}, RemoveResources: []directory.ID{one.ID}})
			f.view(acme, func(r store.Reader) {
				v, err := r.Resource("Device", two.ID)
				f.ok(err)
				f.same("resources", v, two)
			})
		}},
		{"a userName is unique, found and sorted in its prepared form", func(f *fixture) {
			cafe, mira := f.user("café"), f.user(" Ｍira ")
			f.change(acme, directory.Change{Users: []directory.User{cafe, mira}})
			for name, owner := range map[string]directory.User{"cafe\u0301": cafe, "ＣＡＦÉ": cafe, "mira": mira, "mi\u00adra": mira, "\u3000MIRA": mira} {
				refused(f, acme, directory.Change{Users: []directory.User{f.user(name)}}, "userName")
				f.view(acme, func(r store.Reader) {
					u, err := r.UserByName(name)
					f.ok(err)
					f.same("users", u.UserName, owner.UserName)
				})
				path := directory.Path{Name: "userName"}
				for _, op := range []directory.Op{directory.Equal, directory.StartsWith} {
					text := name
					if op.Partial() { // an outer space belongs to the part that is searched for
						text = strings.TrimSpace(name)
					}
					where := directory.Compare{Path: path, Op: op, Value: directory.FoldAs(path, text, op)}
					names, _ := usersOf(f, acme, directory.Query{Where: where, Count: 9})
					f.same("names", names, []string{owner.UserName})
				}
			}
			names, _ := usersOf(f, acme, directory.Query{Sort: &directory.Sort{Path: directory.Path{Name: "userName"}}, Count: 9})
			f.same("names", names, []string{cafe.UserName, mira.UserName})
			f.change(acme, directory.Change{Users: []directory.User{gone(cafe)}})
			f.view(acme, func(r store.Reader) {
				all, err := r.GoneByName("CAFE\u0301")
				f.ok(err)
				f.same("gone", len(all), 1)
			})
			f.change(acme, directory.Change{Users: []directory.User{f.user("cafe\u0301")}})
		}},
		{"a unique attribute is looked up by its index", func(f *fixture) {
			attribute := directory.UniqueAttribute{Kind: directory.UserKind, Path: directory.Path{Schema: "urn:x", Name: "code"}}
			f.change(acme, directory.Change{Tenant: &directory.Tenant{ID: acme, Version: 2, Created: moment(0), Schemas: []directory.CustomSchema{{ResourceType: "User", Unique: []directory.UniqueAttribute{attribute}}}}})
			anna, bob := f.user("anna"), f.user("bob")
			anna.Document = directory.Document(`{"userName":"anna","urn:x":{"code":"Zürich"}}`)
			anna.Unique = []directory.UniqueKey{attribute.Key("Zürich")}
			f.change(acme, directory.Change{Users: []directory.User{anna, bob, f.user("carl")}})
			where := directory.Compare{Path: attribute.Path, Op: directory.Equal, Value: directory.Fold("ZÜRICH")}
			for _, q := range []directory.Query{{Where: where, Count: 9}, {Where: where, Count: 9, Gone: true}, {Where: directory.And{where, directory.Present{Path: directory.Path{Name: "userName"}}}, Count: 9}} {
				names, page := usersOf(f, acme, q)
				f.same("names", names, []string{"anna"})
				f.same("total", page.Total, 1)
			}
			where.Value = "basel"
			names, _ := usersOf(f, acme, directory.Query{Where: where, Count: 9})
			f.same("names", len(names), 0)
		}},
		{"the slug of a connection is unique in the installation", func(f *fixture) {
			f.change(acme, directory.Change{Connections: []directory.Connection{{ID: "okta", Tenant: acme}}})
			refused(f, beta, directory.Change{Connections: []directory.Connection{{ID: "okta", Tenant: beta}}}, "connection")
			f.change(acme, directory.Change{Connections: []directory.Connection{{ID: "okta", Tenant: acme, Paused: true}}})
		}},
		{"the hash of a token is unique in the installation", func(f *fixture) {
			f.change(acme, directory.Change{Tokens: []directory.Token{{ID: "a", Tenant: acme, Connection: "x", Hash: [32]byte{1}}}})
			refused(f, beta, directory.Change{Tokens: []directory.Token{{ID: "a", Tenant: beta, Connection: "y", Hash: [32]byte{1}}}}, "token")
			f.change(acme, directory.Change{Tokens: []directory.Token{{ID: "a", Tenant: acme, Connection: "x", Hash: [32]byte{1}, Revoked: moment(3)}}})
		}},
		{"a tenant is created once", func(f *fixture) {
			refused(f, acme, directory.Change{Tenant: &directory.Tenant{ID: acme, Version: 1, Created: moment(77)}}, "tenant")
			f.change(acme, directory.Change{Tenant: &directory.Tenant{ID: acme, Version: 2, Created: moment(0), Name: "New"}})
		}},
		{"very long names are distinguished", func(f *fixture) {
			long := strings.Repeat("é", 3000)
			a, b := f.user(long+"a"), f.user(long+"b")
			f.change(acme, directory.Change{Users: []directory.User{a, b}})
			refused(f, acme, directory.Change{Users: []directory.User{f.user(long + "A")}}, "userName")
			f.view(acme, func(r store.Reader) {
				u, err := r.UserByName(long + "B")
				f.ok(err)
				f.same("ids", u.ID, b.ID)
			})
		}},
	}
}
