package storetest

import (
	"fmt"
	"slices"
	"strings"

	"drawbridge/directory"
	"drawbridge/store"
)

// Names whose order by bytes differs from their order in any language, and from the order of their UTF-16.
func oddNames() []string {
	return []string{"Z", "a", "z", "é", "e\u0301", "ß", "ss", "Ä", "ä", "\u0130", "漢", "\uffee", "\U00010400", "\U0001f600", "~", "-", "a-b", "a b", "ab", "a.b"}
}

func orderTests() []contractTest {
	return []contractTest{
		{"KVs are ordered by the bytes of their keys", func(f *fixture) {
			var c directory.Change
			for _, name := range oddNames() {
				c.KVs = append(c.KVs, directory.KV{Kind: "k", Key: name, Value: directory.Document(`{}`)})
			}
			f.change(acme, c)
			want := slices.Sorted(slices.Values(oddNames()))
			f.view(acme, func(r store.Reader) {
				var got []string
				f.ok(r.KVs("k", "", "", func(m directory.KV) error { got = append(got, strings.Clone(m.Key)); return nil }))
				f.same("keys", got, want)
				for i, from := range want {
					got = nil
					f.ok(r.KVs("k", from, "", func(m directory.KV) error { got = append(got, strings.Clone(m.Key)); return nil }))
					f.same("keys from "+from, got, want[i:])
				}
			})
		}},
		{"records are ordered by the bytes of their IDs", func(f *fixture) {
			var ids []directory.ID
			for _, first := range []byte{0x00, 0x01, 0x7f, 0x80, 0x81, 0xff} {
				for _, last := range []byte{0x00, 0x7f, 0x80, 0xff} {
					ids = append(ids, directory.ID{0: first, 7: 1, 15: last})
				}
			}
			slices.SortFunc(ids, func(a, b directory.ID) int { return slices.Compare(a[:], b[:]) })
			g := f.group("g")
			c := directory.Change{Groups: []directory.Group{g}}
			for _, i := range []int{5, 23, 0, 17, 11, 2, 8, 14, 20, 1, 22, 3, 4, 6, 7, 9, 10, 12, 13, 15, 16, 18, 19, 21} {
				c.Users = append(c.Users, makeUser(ids[i], ids[i].String()))
				c.Join = append(c.Join, directory.Membership{Group: g.ID, Member: member(ids[i])})
			}
			f.change(acme, c)
			f.view(acme, func(r store.Reader) {
				var users, members []directory.ID
				_, err := r.Users(directory.Query{Count: 100}, func(u *directory.User, _ []directory.GroupRef) error { users = append(users, u.ID); return nil })
				f.ok(err)
				f.same("users", users, ids)
				f.ok(r.Members(g.ID, directory.ID{}, func(m directory.Membership) error { members = append(members, m.Member.ID); return nil }))
				f.same("members", members, ids)
			})
		}},
		{"a sort by an attribute is by the bytes of its key, in both directions", func(f *fixture) {
			var c directory.Change
			titles := map[string]string{} // by userName
			for i, title := range oddNames() {
				u := f.user(fmt.Sprint("u", i))
				u.Document = userDocument(&u, title)
				c.Users = append(c.Users, u)
				titles[u.UserName] = title
			}
			f.change(acme, c)
			titlesOf := func(q directory.Query) (got []string, page directory.Page) {
				names, page := usersOf(f, acme, q)
				for _, name := range names {
					got = append(got, titles[name])
				}
				return got, page
			}
			for _, descending := range []bool{false, true} {
				q := directory.Query{Count: 100, Sort: &directory.Sort{Path: directory.Path{Name: "title"}, CaseExact: true, Descending: descending}}
				want := slices.Sorted(slices.Values(oddNames()))
				if descending {
					slices.Reverse(want)
				}
				got, _ := titlesOf(q)
				f.same("titles", got, want)
				q.Count = 7 // page by page
				got = nil
				for {
					some, page := titlesOf(q)
					got = append(got, some...)
					if page.Last == nil {
						break
					}
					q.After = page.Last
				}
				f.same("titles by pages", got, want)
			}
		}},
		{"userNames are found by their key, and by nothing else", func(f *fixture) {
			for _, name := range oddNames() {
				if name == "Ä" || name == "Z" || name == "e\u0301" {
					continue // it has the key of another one
				}
				f.change(acme, directory.Change{Users: []directory.User{f.user(name)}})
			}
			f.view(acme, func(r store.Reader) {
				for name, want := range map[string]string{"É": "é", "Ä": "ä", "ẞ": "ß", "SS": "ss", "𐐨": "\U00010400", "Z": "z", "e\u0301": "é", "E\u0301": "é"} {
					u, err := r.UserByName(name)
					f.ok(err)
					f.same(name, u.UserName, want)
				}
				for _, name := range []string{"e", "o", "\u0131x", "漢字", "a_b", "a%"} {
					_, err := r.UserByName(name)
					f.code(err, directory.NotFound)
				}
			})
		}},
	}
}
