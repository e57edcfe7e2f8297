package storetest

import (
	"fmt"

	"drawbridge/directory"
	"drawbridge/store"
)

func largeTests() []contractTest {
	return []contractTest{{"a hundred thousand users, and a group of all of them", func(f *fixture) {
		const all, piece = 100_000, 2_000
		g := f.group("everybody")
		f.change(acme, directory.Change{Groups: []directory.Group{g}})
		id := func(n int) directory.ID { return numbered(uint64(1_000_000 + n)) }
		name := func(n int) string { return fmt.Sprintf("u%06d", n) }
		for first := 0; first < all; first += piece {
			var c directory.Change
			for n := first; n < first+piece; n++ {
				u := directory.User{
					ID: id(n), Version: 1, Created: moment(1), Modified: moment(2), UserName: name(n), ExternalID: "x" + name(n), State: directory.Active, Connection: "acme-okta",
					Document: directory.Document(fmt.Sprintf(`{"userName":%q,"title":"t%d"}`, name(n), n%10)),
				}
				c.Users = append(c.Users, u)
				c.Join = append(c.Join, directory.Membership{Group: g.ID, Member: member(u.ID)})
			}
			f.change(acme, c)
		}
		f.view(acme, func(r store.Reader) {
			usage, err := r.Usage()
			f.ok(err)
			f.same("users", usage.Visible(), all)
			group, err := r.Group(g.ID)
			f.ok(err)
			f.same("members", group.Members, all)
			for _, n := range []int{0, 1, 49_999, all - 1} {
				u, err := r.UserByName(name(n))
				f.ok(err)
				f.same("by name", u.ID, id(n))
				list, err := r.UsersByExternalID("acme-okta", "x"+name(n))
				f.ok(err)
				f.same("by externalId", len(list), 1)
				found, err := r.Memberships(g.ID, id(n))
				f.ok(err)
				f.same("memberships", len(found), 1)
			}
		})
		f.view(acme, func(r store.Reader) { // a list of everything, while nothing else is kept
			n := 0
			page, err := r.Users(directory.Query{Count: all}, func(u *directory.User, _ []directory.GroupRef) error {
				if u.ID != id(n) {
					return fmt.Errorf("user %d is %s", n, u.UserName)
				}
				n++
				return nil
			})
			f.ok(err)
			f.same("page", page, directory.Page{Total: all, Given: all, Version: page.Version})
			n = 0
			f.ok(r.Members(g.ID, id(49_999), func(m directory.Membership) error { n++; return nil }))
			f.same("members after the middle", n, 50_000)
		})
		names, page := usersOf(f, acme, directory.Query{Start: 70_001, Count: 3})
		f.same("a page in the middle", names, []string{name(70_000), name(70_001), name(70_002)})
		f.same("total", page.Total, all)
		where := directory.Compare{Path: directory.Path{Name: "title"}, Op: directory.Equal, Value: "t7"}
		names, page = usersOf(f, acme, directory.Query{Where: where, Count: 2})
		f.same("a filter without an index", names, []string{name(7), name(17)})
		f.same("its total", page.Total, all/10)
		var leave []directory.Membership
		for n := range piece {
			leave = append(leave, directory.Membership{Group: g.ID, Member: member(id(n))})
		}
		f.change(acme, directory.Change{Leave: leave})
		f.view(acme, func(r store.Reader) {
			group, err := r.Group(g.ID)
			f.ok(err)
			f.same("members after some left", group.Members, all-piece)
		})
	}}}
}
