package storetest

import (
	"fmt"
	"sync"

	"drawbridge/directory"
	"drawbridge/store"
)

// handoverTests are about importing and erasing whole tenants.
func handoverTests() []contractTest {
	const corp = directory.TenantID("corp")
	stage := func(f *fixture) store.Stage {
		f.Helper()
		s, err := f.store.Stage(f.ctx, corp)
		f.ok(err)
		return s
	}
	record := &directory.Tenant{ID: corp, Version: 7, Created: moment(0), Modified: moment(3), Name: "Corp", Status: directory.TenantActive}
	publish := func(f *fixture, s store.Stage, c directory.Change) error {
		return s.Publish(f.ctx, func(store.Reader) (directory.Change, error) { return audited(c), nil })
	}
	chained := func(n int) []directory.Audit {
		var out []directory.Audit
		var head directory.Hash
		for i := range n {
			line := directory.Audit{Seq: uint64(i + 1), Time: moment(i), Tenant: "other", Action: "test", Outcome: directory.Done, ChainStart: i == 0}
			line.Hash = line.Sum(head)
			head = line.Hash
			out = append(out, line)
		}
		return out
	}
	return []contractTest{
		{"a staged tenant is invisible until it is published", func(f *fixture) {
			s := stage(f)
			user, group := f.user("ada"), f.group("Staff")
			f.ok(s.Put(f.ctx, directory.Change{Users: []directory.User{user}, Groups: []directory.Group{group}}))
			f.ok(s.Put(f.ctx, directory.Change{Join: []directory.Membership{{Group: group.ID, Member: member(user.ID)}}}))
			f.ok(s.Put(f.ctx, directory.Change{KVs: []directory.KV{{Kind: "test", Key: "a", Value: directory.Document(`{}`)}}}))
			lines := chained(3)
			f.ok(s.Record(f.ctx, lines[:2], []directory.Event{{Seq: 40, Time: moment(1), Tenant: "other", Kind: directory.UserCreated}}))
			f.ok(s.Record(f.ctx, lines[2:], []directory.Event{{Seq: 41, Time: moment(2), Tenant: "other", Kind: directory.UserUpdated}}))
			all, err := f.store.Tenants(f.ctx)
			f.ok(err)
			f.same("tenants before", len(all), 2)
			f.view(corp, func(r store.Reader) {
				_, err := r.Tenant()
				f.code(err, directory.NotFound)
				_, err = r.User(user.ID)
				f.code(err, directory.NotFound)
			})
			f.ok(publish(f, s, directory.Change{Tenant: record, Connections: []directory.Connection{{ID: "corp-okta", Tenant: corp, Version: 1}}}))
			f.ok(s.Drop(f.ctx))
			f.view(corp, func(r store.Reader) {
				got, err := r.UserByName("ADA")
				f.ok(err)
				f.same("user", got.ID, user.ID)
				of, err := r.Group(group.ID)
				f.ok(err)
				f.same("members", of.Members, 1)
				usage, err := r.Usage()
				f.ok(err)
				f.same("users", usage.Users[directory.TeamMember][directory.Active], 1)
				trail, last, err := r.Audit(0, 10)
				f.ok(err)
				f.same("lines", last, uint64(4))
				var chain directory.Chain
				for i := range trail {
					f.same("chain", chain.Follow(&trail[i]), "")
				}
				feed, last, err := r.Events(0, 10)
				f.ok(err)
				f.same("events", []uint64{feed[0].Seq, feed[1].Seq, last}, []uint64{40, 41, 41})
				_, err = r.KV("test", "a")
				f.ok(err)
			})
			f.change(corp, directory.Change{Users: []directory.User{f.user("bob")}})
			_, err = f.store.Stage(f.ctx, corp)
			f.code(err, directory.Conflict, "tenant")
		}},
		{"Put and Record refuse inconsistent data", func(f *fixture) {
			s := stage(f)
			user, group := f.user("ada"), f.group("Staff")
			f.ok(s.Put(f.ctx, directory.Change{Users: []directory.User{user}, Groups: []directory.Group{group}}))
			f.code(s.Put(f.ctx, directory.Change{Users: []directory.User{user}}), directory.Conflict, "id")
			f.code(s.Put(f.ctx, directory.Change{Users: []directory.User{f.user("ADA")}}), directory.Conflict, "userName")
			f.code(s.Put(f.ctx, directory.Change{Groups: []directory.Group{f.group("staff")}}), directory.Conflict, "displayName")
			f.code(s.Put(f.ctx, directory.Change{Join: []directory.Membership{{Group: group.ID, Member: member(f.id())}}}), directory.Invalid, "members")
			f.code(s.Put(f.ctx, audited(directory.Change{})), directory.Internal)
			f.code(s.Put(f.ctx, directory.Change{Tenant: record}), directory.Internal)
			f.code(s.Record(f.ctx, chained(2)[1:], nil), directory.Invalid)
			f.ok(s.Record(f.ctx, chained(2), nil))
			f.code(s.Record(f.ctx, chained(2), nil), directory.Invalid)
			f.code(publish(f, s, directory.Change{}), directory.Internal)
			f.change(beta, directory.Change{Connections: []directory.Connection{{ID: "taken", Tenant: beta, Version: 1}}})
			taken := directory.Change{Tenant: record, Connections: []directory.Connection{{ID: "taken", Tenant: corp, Version: 1}}}
			f.code(publish(f, s, taken), directory.Conflict, "connection")
			f.view(corp, func(r store.Reader) {
				_, err := r.Tenant()
				f.code(err, directory.NotFound)
			})
			f.ok(publish(f, s, directory.Change{Tenant: record})) // it is still staged
		}},
		{"a slug is staged once at a time, without the leftovers of an earlier stage", func(f *fixture) {
			s := stage(f)
			_, err := f.store.Stage(f.ctx, corp)
			f.code(err, directory.Conflict, "tenant")
			user := f.user("ada")
			f.ok(s.Put(f.ctx, directory.Change{Users: []directory.User{user}}))
			f.sweep() // it must not remove what is being staged
			f.code(s.Put(f.ctx, directory.Change{Users: []directory.User{user}}), directory.Conflict, "id")
			f.ok(s.Drop(f.ctx))
			f.code(s.Put(f.ctx, directory.Change{Users: []directory.User{user}}), directory.Internal)
			s = stage(f)
			f.ok(s.Put(f.ctx, directory.Change{Users: []directory.User{user}}))
			f.change(corp, directory.Change{Tenant: &directory.Tenant{ID: corp, Version: 1, Created: moment(9)}}) // another caller was faster
			f.code(publish(f, s, directory.Change{Tenant: record}), directory.Conflict, "tenant")
			f.ok(s.Drop(f.ctx))
			f.sweep()
			f.view(corp, func(r store.Reader) {
				_, err := r.User(user.ID)
				f.code(err, directory.NotFound)
			})
		}},
		{"Publish claims, and a taken claim leaves the tenant staged", func(f *fixture) {
			s := stage(f)
			f.change(acme, directory.Change{Claims: []directory.Claim{{Key: "company", At: moment(10), Until: moment(20)}}})
			claim := func(at int) directory.Change {
				return directory.Change{Tenant: record, Claims: []directory.Claim{{Key: "company", At: moment(at), Until: moment(at + 10)}}}
			}
			f.code(publish(f, s, claim(15)), directory.Conflict, "claim")
			f.view(corp, func(r store.Reader) {
				_, err := r.Tenant()
				f.code(err, directory.NotFound)
			})
			f.ok(publish(f, s, claim(20)))
			got, err := f.store.Claimed(f.ctx, "company")
			f.ok(err)
			f.same("tenant of the claim", got.Tenant, corp)
		}},
		{"after Erase only its Change exists", func(f *fixture) {
			var many []directory.User
			for i := range 300 {
				many = append(many, f.user(fmt.Sprintf("u%d", i)))
			}
			f.change(acme, directory.Change{
				Users: many, Connections: []directory.Connection{{ID: "okta", Tenant: acme, Version: 1}},
				Tokens:          []directory.Token{{ID: "t", Tenant: acme, Connection: "okta", Hash: [32]byte{3}}, {ID: "k", Tenant: acme, Hash: [32]byte{4}}},
				SupportSessions: []directory.SupportSession{{ID: f.id(), Tenant: acme}},
			})
			f.ok(f.store.Touch(f.ctx, []directory.Use{{Tenant: acme, Connection: "okta", Token: "t", Last: moment(1)}}))
			_, _, _, err := f.store.Credential(f.ctx, [32]byte{3}, "okta")
			f.ok(err)
			shell := &directory.Tenant{ID: acme, Version: 9, Created: moment(0), Status: "gone"}
			var others sync.WaitGroup
			others.Go(func() { // during the writes of others
				for i := range 20 {
					f.change(beta, directory.Change{Users: []directory.User{makeUser(numbered(uint64(9000+i)), fmt.Sprintf("b%d", i))}})
				}
			})
			f.ok(f.store.Erase(f.ctx, acme, func(store.Reader) (directory.Change, error) { return audited(directory.Change{Tenant: shell}), nil }))
			others.Wait()
			look := func() {
				f.view(acme, func(r store.Reader) {
					got, err := r.Tenant()
					f.ok(err)
					f.same("record", string(got.Status), "gone")
					_, err = r.User(many[0].ID)
					f.code(err, directory.NotFound)
					usage, err := r.Usage()
					f.ok(err)
					f.same("usage", usage, directory.Usage{})
					_, last, err := r.Audit(0, 0)
					f.ok(err)
					f.same("lines", last, uint64(1))
					entries, err := r.SupportSessions()
					f.ok(err)
					f.same("entries", len(entries), 0)
				})
			}
			look()
			for _, hash := range []byte{3, 4} {
				_, err := f.store.Token(f.ctx, [32]byte{hash})
				f.code(err, directory.NotFound)
			}
			token, connection, _, err := f.store.Credential(f.ctx, [32]byte{3}, "okta")
			f.ok(err)
			f.same("token", token, directory.Token{})
			f.same("connection", connection, directory.Connection{})
			uses, err := f.store.Uses(f.ctx, "okta")
			f.ok(err)
			f.same("uses", len(uses), 0)
			f.sweep()
			look()
			names, _ := usersOf(f, beta, directory.Query{Count: 100})
			f.same("users of another tenant", len(names), 20)
		}},
	}
}
