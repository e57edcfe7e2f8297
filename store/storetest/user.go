package storetest

import (
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"drawbridge/directory"
	"drawbridge/store"
)

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
		{"what a connection sent comes back, and is found under the name that it sent", func(f *fixture) {
			a, b, other, left := f.user("a"), f.user("b"), f.user("c"), gone(f.user("d"))
			sent := func(u *directory.User, name string) {
				u.Sent = directory.Document(`{"userName":"` + name + `","emails":[{"value":"` + name + `@sent.example"}],"title":"Sent"}`)
				u.Unique = directory.SentKeys(u)
			}
			sent(&a, "Old-A")
			sent(&left, "old-d")
			other.Connection = "acme-entra"
			sent(&other, "old-a") // of another connection
			b.Sent = nil
			f.change(acme, directory.Change{Users: []directory.User{a, b, other, left}})
			f.view(acme, func(r store.Reader) {
				got, err := r.User(a.ID)
				f.ok(err)
				f.same("users", got, a)
			})
			find := func(where directory.Expr, gone bool) []string {
				names, _ := usersOf(f, acme, directory.Query{Count: 9, Gone: gone, Where: where})
				return names
			}
			equal := func(p directory.Path, value string) directory.Compare {
				return directory.Compare{Path: p, Op: directory.Equal, Type: directory.Text, Value: value}
			}
			okta := directory.SentUserName("acme-okta")
			name, title := directory.Path{Name: "userName"}.Seen("acme-okta"), directory.Path{Name: "title"}.Seen("acme-okta")
			f.same("names", find(equal(okta, "old-a"), false), []string{"a"})
			f.same("names", find(equal(okta, "a"), false), []string(nil))
			f.same("names", find(equal(okta, "b"), false), []string(nil))
			f.same("names", find(equal(okta, "old-d"), false), []string(nil))
			f.same("names", find(equal(okta, "old-d"), true), []string{"d"})
			f.same("names", find(equal(directory.SentUserName("acme-entra"), "old-a"), false), []string{"c"})
			f.same("names", find(equal(name, "old-a"), false), []string{"a"})
			f.same("names", find(equal(name, "b"), false), []string{"b"})
			f.same("names", find(equal(name, "c"), false), []string{"c"})
			f.same("names", find(equal(title, "sent"), false), []string{"a"})
			twin := f.user("e")
			sent(&twin, "OLD-A")
			f.code(f.try(acme, directory.Change{Users: []directory.User{twin}}), directory.Conflict)
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
