package storetest

import (
	"errors"
	"fmt"
	"time"

	"drawbridge/directory"
	"drawbridge/store"
)

func queryTests() []contractTest {
	return []contractTest{
		{"the error of yield ends it", func(f *fixture) {
			f.change(acme, directory.Change{Users: []directory.User{f.user("a"), f.user("b")}})
			mine, n := errors.New("mine"), 0
			f.view(acme, func(r store.Reader) {
				_, err := r.Users(directory.Query{Count: 9}, func(*directory.User, []directory.GroupRef) error {
					n++
					return mine
				})
				f.same("errors are mine", errors.Is(err, mine), true)
				f.same("calls", n, 1)
			})
		}},
		{"users that are Gone are hidden unless asked for", func(f *fixture) {
			f.change(acme, directory.Change{Users: []directory.User{f.user("a"), gone(f.user("b")), f.user("c")}})
			names, page := usersOf(f, acme, directory.Query{Count: 9})
			f.same("names", names, []string{"a", "c"})
			f.same("total", page.Total, 2)
			names, page = usersOf(f, acme, directory.Query{Count: 9, Gone: true})
			f.same("names", names, []string{"a", "b", "c"})
			f.same("total", page.Total, 3)
			where := directory.Compare{Path: directory.Path{Name: "userName"}, Op: directory.Equal, Value: "b"}
			names, _ = usersOf(f, acme, directory.Query{Count: 9, Where: where})
			f.same("names", len(names), 0)
			names, _ = usersOf(f, acme, directory.Query{Count: 9, Where: where, Gone: true})
			f.same("names", names, []string{"b"})
		}},
		{"what SCIM does not know about users is found and sorted", func(f *fixture) {
			at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
			held, yields, guest := f.user("held"), f.user("yields"), f.user("guest")
			held.State, held.Suspension = directory.Suspended, &directory.Suspension{At: at, Mode: directory.Hold}
			yields.State, yields.Suspension = directory.Suspended, &directory.Suspension{At: at, Mode: directory.Yield}
			guest.Type, guest.Connection, guest.Statement = directory.Guest, "acme-entra", directory.SaidInactive
			f.change(acme, directory.Change{Users: []directory.User{held, yields, guest, f.user("plain")}})
			for name, test := range map[string]struct {
				value string
				want  []string
			}{
				"suspension": {"hold", []string{"held"}},
				"state":      {"suspended", []string{"held", "yields"}},
				"type":       {"guest", []string{"guest"}},
				"connection": {"acme-entra", []string{"guest"}},
				"statement":  {"inactive", []string{"guest"}},
			} {
				path := directory.Path{Schema: directory.OwnSchema, Name: name}
				names, _ := usersOf(f, acme, directory.Query{Count: 9, Where: directory.Compare{Path: path, Op: directory.Equal, Type: directory.Text, Value: test.value}})
				f.same("names by "+name, names, test.want)
			}
			by := directory.Sort{Path: directory.Path{Schema: directory.OwnSchema, Name: "state"}, Type: directory.Text}
			names, _ := usersOf(f, acme, directory.Query{Count: 9, Sort: &by})
			f.same("names", names, []string{"guest", "plain", "held", "yields"})
		}},
		{"built-in groups are hidden unless asked for", func(f *fixture) {
			owners := f.group("Owners")
			owners.BuiltIn = directory.Owners
			f.change(acme, directory.Change{Groups: []directory.Group{owners, f.group("owners"), f.group("x")}})
			where := directory.Compare{Path: directory.Path{Name: "displayName"}, Op: directory.Equal, Value: "owners"}
			f.view(acme, func(r store.Reader) {
				for _, test := range []struct {
					q    directory.Query
					want int
				}{
					{directory.Query{Count: 9}, 2},
					{directory.Query{Count: 9, BuiltIn: true}, 3},
					{directory.Query{Count: 9, Where: where}, 1},
					{directory.Query{Count: 9, Where: where, BuiltIn: true}, 2},
				} {
					ids, page := runQuery(f, r, directory.GroupKind, test.q)
					f.same("groups", len(ids), test.want)
					f.same("total", page.Total, test.want)
				}
			})
		}},
		{"built-in groups come first where the order says so, and pages go on in it", func(f *fixture) {
			team, owners := f.group("Team Members"), f.group("Owners")
			team.BuiltIn, owners.BuiltIn = directory.TeamMembers, directory.Owners
			f.change(acme, directory.Change{Groups: []directory.Group{f.group("zebra"), team, f.group("1 first"), f.group("Ant"), owners}})
			by := directory.Sort{Path: directory.Path{Schema: directory.OwnSchema, Name: "builtIn"}, Type: directory.Text}
			f.view(acme, func(r store.Reader) {
				var names []string
				q := directory.Query{Count: 2, BuiltIn: true, Sort: &by}
				for {
					page, err := r.Groups(q, func(g *directory.Group, _ []directory.Member) error {
						names = append(names, g.DisplayName)
						return nil
					})
					f.ok(err)
					if q.After = page.Last; page.Last == nil {
						break
					}
				}
				f.same("names", names, []string{"Owners", "Team Members", "1 first", "Ant", "zebra"})
			})
		}},
		{"a count of 0 returns only the total", func(f *fixture) {
			f.change(acme, directory.Change{Users: []directory.User{f.user("a"), f.user("b")}})
			for _, where := range []directory.Expr{nil, directory.Present{Path: directory.Path{Name: "title"}}} {
				_, page := usersOf(f, acme, directory.Query{Where: where})
				f.same("pages", page, directory.Page{Total: 2, Version: page.Version})
				_, page = usersOf(f, acme, directory.Query{Where: where, Sort: &directory.Sort{Path: directory.Path{Name: "title"}}})
				f.same("pages", page, directory.Page{Total: 2, Version: page.Version})
			}
		}},
		{"unassigned values come last, first when descending, equal ones by ID", func(f *fixture) {
			var users []directory.User
			for i, title := range []string{"b", "", "A", "B", ""} {
				u := f.user(fmt.Sprint(i))
				u.Document = userDocument(&u, title)
				users = append(users, u)
			}
			f.change(acme, directory.Change{Users: users})
			by := directory.Sort{Path: directory.Path{Name: "title"}}
			names, _ := usersOf(f, acme, directory.Query{Count: 9, Sort: &by})
			f.same("names", names, []string{"2", "0", "3", "1", "4"})
			by.Descending = true
			names, _ = usersOf(f, acme, directory.Query{Count: 9, Sort: &by})
			f.same("names", names, []string{"1", "4", "0", "3", "2"})
			by.Descending, by.CaseExact = false, true
			names, _ = usersOf(f, acme, directory.Query{Count: 9, Sort: &by})
			f.same("names", names, []string{"2", "3", "0", "1", "4"})
		}},
		{"numbers, booleans and instants are sorted by value", func(f *fixture) {
			var users []directory.User
			for i, values := range [][3]string{
				{`10`, `true`, `"2026-01-01T00:00:00Z"`},
				{`-2.5`, `false`, `"2026-01-01T00:30:00+01:00"`},
				{`9`, `true`, `"1960-01-01T00:00:00Z"`},
				{`9007199254740993`, `false`, `"2030-01-01T00:00:00Z"`},
				{`9007199254740992`, `true`, `"2025-12-31T23:59:59.5Z"`},
			} {
				u := f.user(fmt.Sprint(i))
				u.Document = directory.Document(`{"n":` + values[0] + `,"b":` + values[1] + `,"at":` + values[2] + `}`)
				users = append(users, u)
			}
			f.change(acme, directory.Change{Users: users})
			for _, test := range []struct {
				name string
				as   directory.ValueType
				want []string
			}{
				{"n", directory.Numeric, []string{"1", "2", "0", "4", "3"}},
				{"b", directory.Boolean, []string{"1", "3", "0", "2", "4"}},
				{"at", directory.Instant, []string{"2", "1", "4", "0", "3"}},
			} {
				names, _ := usersOf(f, acme, directory.Query{Count: 9, Sort: &directory.Sort{Path: directory.Path{Name: test.name}, Type: test.as}})
				f.same("by "+test.name, names, test.want)
			}
		}},
		{"a multi-valued attribute is sorted by its primary value", func(f *fixture) {
			a, b := f.user("a"), f.user("b")
			a.Document = directory.Document(`{"emails":[{"value":"a"},{"value":"z","primary":true}]}`)
			b.Document = directory.Document(`{"emails":[{"value":"m"},{"value":"a"}]}`)
			f.change(acme, directory.Change{Users: []directory.User{a, b}})
			names, _ := usersOf(f, acme, directory.Query{Count: 9, Sort: &directory.Sort{Path: directory.Path{Name: "emails", Sub: "value"}}})
			f.same("names", names, []string{"b", "a"})
		}},
	}
}

func pagingTests() []contractTest {
	const many = 100
	people := func(f *fixture) (all []directory.User) {
		for i := range many {
			all = append(all, f.user(fmt.Sprintf("u%03d", i)))
		}
		f.change(acme, directory.Change{Users: all})
		return all
	}
	title := directory.Expr(directory.Present{Path: directory.Path{Name: "title"}})
	queries := map[string]directory.Query{
		"all":    {Count: 7},
		"filter": {Count: 7, Where: title},
		"sort":   {Count: 7, Sort: &directory.Sort{Path: directory.Path{Name: "userName"}, Descending: true}},
		"both":   {Count: 7, Where: title, Sort: &directory.Sort{Path: directory.Path{Name: "name", Sub: "familyName"}}},
	}
	// told returns what a client knows after reading a page.
	told := func(q directory.Query, page directory.Page) *directory.Known {
		known := &directory.Known{Version: page.Version, Total: page.Total}
		if page.Last != nil {
			known.Next, known.Mark = max(q.Start, 1)+page.Given, *page.Last
		}
		return known
	}
	tests := []contractTest{
		{"a page is positional, independent of earlier reads", func(f *fixture) {
			all := people(f)
			q := directory.Query{Count: 10}
			names, page := usersOf(f, acme, q)
			known := told(q, page)
			f.change(acme, directory.Change{RemoveUsers: []directory.ID{all[0].ID}})
			next, _ := usersOf(f, acme, directory.Query{Start: 11, Count: 1})
			f.same("names", []string{names[9], next[0]}, []string{"u009", "u011"})
			next, page = usersOf(f, acme, directory.Query{Start: 11, Count: 1, Known: known})
			f.same("names", next, []string{"u011"})
			f.same("total", page.Total, many-1)
		}},
		{"Query.Known changes no answer", func(f *fixture) {
			all := people(f)
			other := f.user("other")
			f.change(beta, directory.Change{Users: []directory.User{other}})
			starts := []int{1, 50, 31, 90, 12, 55, 56, 96, 101, 200}
			for name, q := range queries {
				check := func(known *directory.Known) {
					for _, start := range starts {
						q.Start, q.Known = start, nil
						want, wanted := usersOf(f, acme, q)
						q.Known = known
						got, page := usersOf(f, acme, q)
						f.same(name, got, want)
						f.same(name, page, wanted)
					}
				}
				var known []*directory.Known
				for _, start := range starts {
					q.Start, q.Known = start, nil
					_, page := usersOf(f, acme, q)
					known = append(known, told(q, page))
				}
				for _, k := range known {
					check(k)
				}
				f.change(acme, directory.Change{Users: []directory.User{f.user("new " + name)}})
				for _, k := range known {
					check(k)
				}
			}
			f.change(acme, directory.Change{RemoveUsers: []directory.ID{all[0].ID}})
		}},
		{"the version of a page changes with every change", func(f *fixture) {
			people(f)
			_, page := usersOf(f, acme, directory.Query{Count: 1})
			if page.Version == 0 {
				return // the store reports no version
			}
			_, again := usersOf(f, acme, directory.Query{Count: 0})
			f.same("version", again.Version, page.Version)
			u := f.user("new")
			f.change(acme, directory.Change{Users: []directory.User{u}})
			_, after := usersOf(f, acme, directory.Query{Count: 1})
			if after.Version == page.Version {
				f.Errorf("the version did not change")
			}
		}},
	}
	for name, q := range queries {
		tests = append(tests, contractTest{name + ": pages by Query.After see every user while some are removed", func(f *fixture) {
			all := people(f)
			byName := make(map[string]directory.ID)
			for i := range all {
				byName[all[i].UserName] = all[i].ID
			}
			var met []string
			for n := 0; ; n++ {
				names, page := usersOf(f, acme, q)
				met = append(met, names...)
				if page.Last == nil {
					break
				}
				q.After, q.Known = page.Last, &directory.Known{Version: page.Version, Total: page.Total}
				if n%2 == 0 { // remove users that were seen
					f.change(acme, directory.Change{RemoveUsers: []directory.ID{byName[met[len(met)-1]], byName[met[len(met)-4]]}})
				}
			}
			seen := make(map[string]bool)
			for _, name := range met {
				if seen[name] {
					f.Errorf("%s was seen twice", name)
				}
				seen[name] = true
			}
			if len(seen) != many {
				f.Errorf("%d of %d were seen", len(seen), many)
			}
		}})
	}
	return tests
}
