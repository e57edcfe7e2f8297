package storetest

import (
	"fmt"

	"drawbridge/directory"
	"drawbridge/store"
)

func summaryTests() []contractTest {
	read := func(f *fixture, tenants ...directory.TenantID) (all []store.Summary) {
		f.ok(f.store.Summaries(f.ctx, tenants, func(s *store.Summary) error {
			all = append(all, *s)
			return nil
		}))
		return all
	}
	return []contractTest{
		{"a summary has what a View of its tenant reads", func(f *fixture) {
			owners := makeGroup(f.id(), "Owners")
			owners.BuiltIn, owners.ExternalID, owners.Connection = directory.Owners, "", ""
			okta, entra := directory.Connection{ID: "acme-okta", Tenant: acme, Version: 1}, directory.Connection{ID: "acme-entra", Tenant: acme, Version: 1}
			noticed := uint64(1)
			f.change(acme, directory.Change{
				Users: []directory.User{f.user("anna"), f.user("ben"), gone(f.user("cleo"))}, Groups: []directory.Group{f.group("g"), owners},
				Connections: []directory.Connection{okta, entra},
				Tokens: []directory.Token{
					{ID: "late", Tenant: acme, Connection: okta.ID, Hash: [32]byte{2}, Created: moment(20)},
					{ID: "early", Tenant: acme, Connection: okta.ID, Hash: [32]byte{1}, Created: moment(10)},
				},
				Events: []directory.Event{{Kind: directory.UserCreated}, {Kind: directory.UserCreated}},
			})
			f.change(acme, directory.Change{Noticed: &noticed})
			use := directory.Use{Tenant: acme, Connection: okta.ID, Token: "late", Last: moment(30)}
			f.ok(f.store.Touch(f.ctx, []directory.Use{use}))
			all := read(f)
			f.same("tenants", len(all), 2)
			s := all[0]
			f.view(acme, func(r store.Reader) {
				tenant, err := r.Tenant()
				f.ok(err)
				f.same("tenant", s.Tenant, tenant)
				usage, err := r.Usage()
				f.ok(err)
				f.same("usage", s.Usage, usage)
				_, last, err := r.Audit(0, 0)
				f.ok(err)
				f.same("audit", s.LastAudit, last)
			})
			f.same("events", s.LastEvent, uint64(2))
			f.same("noticed", s.Noticed, &noticed)
			f.same("built-in groups", s.BuiltIns, map[directory.BuiltIn]directory.ID{directory.Owners: owners.ID})
			f.same("connections", len(s.Connections), 2)
			f.same("first", s.Connections[0].Connection, entra)
			f.same("second", s.Connections[1].Connection, okta)
			f.same("tokens", s.Connections[1].Tokens[0].ID+s.Connections[1].Tokens[1].ID, directory.TokenID("earlylate"))
			f.same("uses", s.Connections[1].Uses, []directory.Use{use})
			f.same("other tenant", all[1].Tenant.ID, beta)
			f.same("its last event", all[1].LastEvent, uint64(0))
			f.same("its notices", all[1].Noticed == nil, true)
		}},
		{"summaries are of the tenants that are asked for, by slug", func(f *fixture) {
			f.same("one", len(read(f, beta)), 1)
			both := read(f, beta, "nobody", acme, beta)
			f.same("both", len(both), 2)
			f.same("the first", both[0].Tenant.ID, acme)
			f.same("the installation", len(read(f, directory.Provider)), 1)
			n := 0
			f.ok(f.store.Summaries(f.ctx, nil, func(*store.Summary) error { n++; return store.ErrStop }))
			f.same("stopped", n, 1)
			mine := fmt.Errorf("mine")
			err := f.store.Summaries(f.ctx, nil, func(*store.Summary) error { return mine })
			f.same("the error", err == mine, true) //nolint:errorlint // as it is
		}},
		{"KVs of many tenants come by tenant and key", func(f *fixture) {
			kv := func(kind directory.KVKind, key string) directory.KV {
				return directory.KV{Kind: kind, Key: key, Value: directory.Document(`{}`)}
			}
			f.change(beta, directory.Change{KVs: []directory.KV{kv("a", "2"), kv("a", "1"), kv("b", "1")}})
			f.change(acme, directory.Change{KVs: []directory.KV{kv("a", "3")}})
			list := func(most int, tenants ...directory.TenantID) (text string) {
				n := 0
				f.ok(f.store.TenantKVs(f.ctx, "a", tenants, func(tenant directory.TenantID, m directory.KV) error {
					text += fmt.Sprintf("%s/%s/%s ", tenant, m.Kind, m.Key)
					if n++; n == most {
						return store.ErrStop
					}
					return nil
				}))
				return text
			}
			f.same("all", list(9), "acme/a/3 beta/a/1 beta/a/2 ")
			f.same("one", list(9, beta), "beta/a/1 beta/a/2 ")
			f.same("stopped", list(1), "acme/a/3 ")
		}},
		{"tenants with events that were not announced are named, by slug", func(f *fixture) {
			unannounced := func(want ...directory.TenantID) {
				f.Helper()
				all, err := f.store.Unannounced(f.ctx)
				f.ok(err)
				f.same("tenants", fmt.Sprint(all), fmt.Sprint(want))
			}
			unannounced()
			event := directory.Change{Events: []directory.Event{{Kind: directory.UserCreated}, {Kind: directory.UserCreated}}}
			f.change(beta, event)
			f.change(acme, event)
			f.change(directory.Provider, event)
			unannounced(directory.Provider, acme, beta)
			one, two := uint64(1), uint64(2)
			f.change(acme, directory.Change{Noticed: &one})
			f.change(beta, directory.Change{Noticed: &two})
			unannounced(directory.Provider, acme)
			f.change(acme, directory.Change{Noticed: &two})
			f.change(directory.Provider, directory.Change{Noticed: &two})
			unannounced()
			f.change(beta, event)
			unannounced(beta)
		}},
		{"records are read in batches", func(f *fixture) {
			a, b := f.user("anna"), gone(f.user("ben"))
			g, owners := f.group("g"), makeGroup(f.id(), "Owners")
			owners.BuiltIn = directory.Owners
			missing := f.id()
			f.change(acme, directory.Change{
				Users: []directory.User{a, b}, Groups: []directory.Group{g, owners},
				Join: []directory.Membership{
					{Group: owners.ID, Member: member(a.ID), Source: g.ID}, {Group: g.ID, Member: member(a.ID)}, {Group: g.ID, Member: member(b.ID)},
				},
				KVs: []directory.KV{{Kind: "k", Key: "1", Value: directory.Document(`1`)}, {Kind: "k", Key: "2", Value: directory.Document(`2`)}},
			})
			f.view(acme, func(r store.Reader) {
				users, err := r.UsersByID([]directory.ID{b.ID, missing, a.ID, a.ID})
				f.ok(err)
				f.same("users", len(users), 2)
				f.same("names", users[a.ID].UserName+users[b.ID].UserName, "annaben")
				groups, err := r.GroupsByID([]directory.ID{owners.ID, missing, g.ID})
				f.ok(err)
				f.same("groups", len(groups), 2)
				f.same("names", groups[g.ID].DisplayName+groups[owners.ID].DisplayName, "gOwners")
				kvs, err := r.KVsByKey("k", []string{"2", "3", "1"})
				f.ok(err)
				f.same("state", len(kvs), 2)
				f.same("values", string(kvs["1"].Value)+string(kvs["2"].Value), "12")
				memberships, err := r.MembershipsByMember([]directory.ID{b.ID, missing, a.ID, owners.ID})
				f.ok(err)
				f.same("members", len(memberships), 2)
				for _, id := range []directory.ID{a.ID, b.ID} {
					of, err := r.MembershipsOf(id)
					f.ok(err)
					f.same("memberships", memberships[id], of)
				}
				f.same("memberships of anna", len(memberships[a.ID]), 2)
				none, err := r.UsersByID(nil)
				f.ok(err)
				f.same("none", len(none), 0)
				noMemberships, err := r.MembershipsByMember(nil)
				f.ok(err)
				f.same("none", len(noMemberships), 0)
			})
			f.view(beta, func(r store.Reader) {
				users, err := r.UsersByID([]directory.ID{a.ID})
				f.ok(err)
				f.same("users of another tenant", len(users), 0)
				memberships, err := r.MembershipsByMember([]directory.ID{a.ID})
				f.ok(err)
				f.same("memberships of another tenant", len(memberships), 0)
			})
		}},
		{"ErrStop ends a list without an error", func(f *fixture) {
			a, b, g := f.user("anna"), f.user("ben"), f.group("g")
			f.change(acme, directory.Change{
				Users: []directory.User{a, b}, Groups: []directory.Group{g, f.group("h")}, Resources: []directory.Resource{{ID: f.id(), Kind: "Door", Version: 1, Document: directory.Document(`{}`)}, {ID: f.id(), Kind: "Door", Version: 1, Document: directory.Document(`{}`)}},
				Join: []directory.Membership{{Group: g.ID, Member: member(a.ID)}, {Group: g.ID, Member: member(b.ID)}},
			})
			q := directory.Query{Count: 10}
			f.view(acme, func(r store.Reader) {
				n := 0
				stop := func() error { n++; return fmt.Errorf("wrapped: %w", store.ErrStop) }
				page, err := r.Users(q, func(*directory.User, []directory.GroupRef) error { return stop() })
				f.ok(err)
				f.same("page", page, directory.Page{})
				_, err = r.Groups(q, func(*directory.Group, []directory.Member) error { return stop() })
				f.ok(err)
				_, err = r.Resources("Door", q, func(*directory.Resource) error { return stop() })
				f.ok(err)
				f.ok(r.Members(g.ID, directory.ID{}, func(directory.Membership) error { return stop() }))
				f.same("yields", n, 4)
				mine := fmt.Errorf("mine")
				err = r.Members(g.ID, directory.ID{}, func(directory.Membership) error { return mine })
				f.same("the error", err == mine, true) //nolint:errorlint // as it is
			})
		}},
	}
}
