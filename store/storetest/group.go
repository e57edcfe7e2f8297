package storetest

import (
	"drawbridge/directory"
	"drawbridge/store"
)

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
