package storetest

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"drawbridge/directory"
	"drawbridge/store"
)

// model is a simple store: maps, and a scan of everything for every question.
type model struct {
	users  map[directory.ID]directory.User
	groups map[directory.ID]directory.Group
	joins  map[[3]directory.ID]directory.Membership // group, member, source
	audit  uint64
	events uint64
}

func newModel() *model {
	return &model{
		users: make(map[directory.ID]directory.User), groups: make(map[directory.ID]directory.Group),
		joins: make(map[[3]directory.ID]directory.Membership), audit: 1,
	}
}

// apply makes the change, or returns the field that conflicts.
func (m *model) apply(c *directory.Change) (conflict string) {
	users, groups := cloneMap(m.users), cloneMap(m.groups)
	for _, id := range c.RemoveUsers {
		delete(users, id)
	}
	for _, id := range c.RemoveGroups {
		delete(groups, id)
	}
	for _, u := range c.Users {
		users[u.ID] = u
	}
	for _, g := range c.Groups {
		groups[g.ID] = g
	}
	names := make(map[string]bool)
	for _, u := range users {
		if name := directory.UserNameKey(u.UserName); !u.Gone() && names[name] {
			return "userName"
		} else if !u.Gone() {
			names[name] = true
		}
		for _, key := range u.Unique {
			if !u.Gone() && names[string(key)] {
				conflict = "code"
			} else if !u.Gone() {
				names[string(key)] = true
			}
		}
	}
	if conflict != "" {
		return conflict
	}
	names = make(map[string]bool)
	for _, g := range groups {
		name := directory.Fold(g.DisplayName)
		if names[name] {
			return "displayName"
		}
		names[name] = true
	}
	m.users, m.groups = users, groups
	for key := range m.joins {
		if slices.Contains(c.RemoveGroups, key[0]) || slices.Contains(c.RemoveGroups, key[1]) || slices.Contains(c.RemoveUsers, key[1]) {
			delete(m.joins, key)
		}
	}
	for _, v := range c.Leave {
		delete(m.joins, [3]directory.ID{v.Group, v.Member.ID, v.Source})
	}
	for _, v := range c.Join {
		key := [3]directory.ID{v.Group, v.Member.ID, v.Source}
		if _, there := m.joins[key]; !there {
			m.joins[key] = v
		}
	}
	m.audit += uint64(len(c.Audit))
	m.events += uint64(len(c.Events))
	return ""
}

func cloneMap[V any](in map[directory.ID]V) map[directory.ID]V {
	out := make(map[directory.ID]V, len(in))
	for k, v := range in {
		out[k] = v
	}
	return out
}

func sortedIDs[V any](in map[directory.ID]V) []directory.ID {
	ids := make([]directory.ID, 0, len(in))
	for id := range in {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, compareIDs)
	return ids
}

func compareIDs(a, b directory.ID) int { return bytes.Compare(a[:], b[:]) }

func (m *model) members(group directory.ID) []directory.ID {
	found := make(map[directory.ID]bool)
	for key := range m.joins {
		if key[0] == group {
			found[key[1]] = true
		}
	}
	return sortedIDs(found)
}

func (m *model) refs(member directory.ID) (refs []directory.GroupRef) {
	seen := map[directory.ID]bool{member: true}
	add := func(of directory.ID, indirect bool) {
		for _, id := range sortedIDs(m.groups) {
			if !seen[id] && slices.Contains(m.members(id), of) {
				seen[id] = true
				refs = append(refs, directory.GroupRef{ID: id, DisplayName: m.groups[id].DisplayName, Indirect: indirect})
			}
		}
	}
	add(member, false)
	for i := 0; i < len(refs); i++ {
		add(refs[i].ID, true)
	}
	return refs
}

func (m *model) userRecord(id directory.ID) directory.Record {
	u := m.users[id]
	return directory.UserRecord{User: &u, Groups: func() (values []any) {
		for _, ref := range m.refs(id) {
			values = append(values, directory.Attributes{{Name: "value", Value: ref.ID.String()}, {Name: "display", Value: ref.DisplayName}})
		}
		return values
	}}
}

func (m *model) groupRecord(id directory.ID) directory.Record {
	g := m.groups[id]
	return directory.GroupRecord{Group: &g, Members: func() (values []any) {
		for _, member := range m.members(id) {
			kind := directory.UserKind
			if _, ok := m.groups[member]; ok {
				kind = directory.GroupKind
			}
			values = append(values, directory.Attributes{{Name: "value", Value: member.String()}, {Name: "type", Value: string(kind)}})
		}
		return values
	}}
}

// query answers by scanning everything.
func (m *model) query(kind directory.Kind, q directory.Query) (ids []directory.ID, total int) {
	record := m.userRecord
	if kind == directory.GroupKind {
		record = m.groupRecord
		ids = sortedIDs(m.groups)
	} else {
		ids = slices.DeleteFunc(sortedIDs(m.users), func(id directory.ID) bool {
			u := m.users[id]
			return u.Gone() && !q.Gone
		})
	}
	ids = slices.DeleteFunc(ids, func(id directory.ID) bool { return !directory.Match(q.Where, record(id)) })
	if q.Sort != nil {
		slices.SortStableFunc(ids, func(a, b directory.ID) int {
			order := compareTexts(record(a), record(b), q.Sort)
			if q.Sort.Descending {
				return -order
			}
			return order
		})
	}
	total = len(ids)
	ids = ids[min(max(q.Start-1, 0), total):]
	return ids[:min(q.Count, len(ids))], total
}

func compareTexts(a, b directory.Record, s *directory.Sort) int {
	text := func(r directory.Record) (string, bool) {
		v := r.Attribute(s.Path.Schema, s.Path.Name)
		if object, ok := v.(directory.Attributes); ok {
			v, _ = object.Get(s.Path.Sub)
		}
		t, _ := v.(string)
		if !s.CaseExact {
			t = directory.FoldAs(s.Path, t, directory.Equal)
		}
		return t, t != ""
	}
	x, okX := text(a)
	y, okY := text(b)
	switch {
	case okX && okY:
		return strings.Compare(x, y)
	case okX:
		return -1
	case okY:
		return 1
	}
	return 0
}

func (m *model) usage() (c directory.Usage) {
	for _, u := range m.users {
		c.Add(&u, 1)
	}
	c.Groups = len(m.groups)
	return c
}

func modelTests() []contractTest {
	return []contractTest{{"random changes agree with a scan", func(f *fixture) {
		rapid.Check(f.T, func(t *rapid.T) {
			tenant := directory.TenantID(fmt.Sprintf("t%d", f.last.Add(1)))
			f.change(tenant, directory.Change{Tenant: &directory.Tenant{ID: tenant, Version: 1}})
			m, w := newModel(), &world{t: t}
			for range rapid.IntRange(1, 12).Draw(t, "changes") {
				c := audited(w.change(m))
				err := f.store.Update(f.ctx, tenant, nil, func(store.Reader) (directory.Change, error) { return c, nil })
				if field := m.apply(&c); (field != "") != (directory.CodeOf(err) == directory.Conflict) || field == "" && err != nil {
					t.Fatalf("conflict is %q, the store says %v", field, err)
				}
			}
			var panicked any // rapid panics to end a run; a store would make an error of it
			err := f.store.View(f.ctx, tenant, nil, func(r store.Reader) error {
				defer func() { panicked = recover() }()
				compareWithModel(t, r, m)
				for range 8 {
					w.query(r, m)
				}
				return nil
			})
			if panicked != nil {
				panic(panicked)
			}
			if err != nil {
				t.Fatal(err)
			}
		})
	}}}
}

// world generates changes and queries over few names, so that they collide often.
type world struct {
	t    *rapid.T
	next uint64
}

func (w *world) pick(what string, from []string) string {
	return rapid.SampledFrom(from).Draw(w.t, what)
}

func someNames() []string {
	return []string{"anna", "ANNA", "bob", "Carl", "dora", "éva", "ÉVA", "k", "\u212a"}
}

func (w *world) user(id directory.ID) directory.User {
	u := makeUser(id, w.pick("userName", someNames()))
	u.ExternalID = w.pick("externalId", []string{"", "1", "2", "x\x01"})
	u.Connection = directory.ConnectionID(w.pick("connection", []string{"", "okta", "entra"}))
	u.Emails = rapid.SliceOfN(rapid.SampledFrom([]string{"a@x.example", "A@X.example", "b@y.example"}), 0, 2).Draw(w.t, "emails")
	u.Type = directory.UserType(rapid.IntRange(0, directory.UserTypes-1).Draw(w.t, "type"))
	u.State = directory.State(rapid.IntRange(0, directory.States-1).Draw(w.t, "state"))
	if rapid.IntRange(0, 3).Draw(w.t, "gone") == 0 {
		u = gone(u)
	}
	u.Document = userDocument(&u, w.pick("title", []string{"", "Engineer", "engineer", "Boss"}))
	if code := w.pick("code", []string{"", "", "1", "2", "3"}); code != "" {
		u.Unique = []directory.UniqueKey{directory.UniqueKey("User code=" + code)}
	}
	return u
}

// some picks an existing ID or a new one.
func (w *world) some(what string, ids []directory.ID) directory.ID {
	if n := rapid.IntRange(0, len(ids)+1).Draw(w.t, what); n < len(ids) {
		return ids[n]
	}
	w.next++
	return numbered(w.next)
}

func (w *world) change(m *model) (c directory.Change) {
	users, groups := sortedIDs(m.users), sortedIDs(m.groups)
	used := make(map[directory.ID]bool)
	for range rapid.IntRange(0, 3).Draw(w.t, "users") {
		if id := w.some("user", users); !used[id] && m.groups[id].ID.IsZero() {
			used[id] = true
			c.Users = append(c.Users, w.user(id))
		}
	}
	for range rapid.IntRange(0, 2).Draw(w.t, "groups") {
		if id := w.some("group", groups); !used[id] && m.users[id].ID.IsZero() {
			used[id] = true
			c.Groups = append(c.Groups, makeGroup(id, w.pick("displayName", someNames())))
		}
	}
	if rapid.IntRange(0, 2).Draw(w.t, "remove") == 0 {
		if id := w.some("removed user", users); !used[id] {
			c.RemoveUsers = append(c.RemoveUsers, id)
		}
		if id := w.some("removed group", groups); !used[id] && !slices.Contains(c.RemoveUsers, id) {
			c.RemoveGroups = append(c.RemoveGroups, id)
		}
	}
	// Memberships refer to the state after the change.
	after := newModel()
	after.users, after.groups = cloneMap(m.users), cloneMap(m.groups)
	if after.apply(&c) != "" {
		return c
	}
	users, groups = sortedIDs(after.users), sortedIDs(after.groups)
	for range rapid.IntRange(0, 6).Draw(w.t, "members") {
		if len(groups) == 0 || len(users) == 0 {
			break
		}
		v := directory.Membership{Group: rapid.SampledFrom(groups).Draw(w.t, "in"), Member: member(rapid.SampledFrom(users).Draw(w.t, "member"))}
		if rapid.IntRange(0, 3).Draw(w.t, "nested") == 0 {
			v.Member = nested(rapid.SampledFrom(groups).Draw(w.t, "member group"))
		}
		if rapid.IntRange(0, 4).Draw(w.t, "sourced") == 0 {
			v.Source = numbered(1 << 40)
		}
		if rapid.IntRange(0, 3).Draw(w.t, "leave") == 0 {
			c.Leave = append(c.Leave, v)
		} else {
			c.Join = append(c.Join, v)
		}
	}
	c.Events = make([]directory.Event, rapid.IntRange(0, 2).Draw(w.t, "events"))
	return c
}

func compareWithModel(t *rapid.T, r store.Reader, m *model) {
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	same := func(what string, got, want any) {
		if diff := gocmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("%s differ (-want +got):\n%s", what, diff)
		}
	}
	usage, err := r.Usage()
	must(err)
	same("usages", usage, m.usage())
	_, last, err := r.Audit(0, 0)
	must(err)
	same("last lines", last, m.audit)
	_, last, err = r.Events(0, 0)
	must(err)
	same("last events", last, m.events)
	for id, want := range m.users {
		got, err := r.User(id)
		must(err)
		same("users", got, want)
		refs, err := r.GroupRefs(id)
		must(err)
		same("groups of a user", refs, m.refs(id))
		if !want.Gone() {
			got, err = r.UserByName(strings.ToUpper(want.UserName))
			must(err)
			same("users by name", got.ID, id)
			continue
		}
		list, err := r.GoneByName(want.UserName)
		must(err)
		if !slices.ContainsFunc(list, func(u directory.User) bool { return u.ID == id }) {
			t.Fatalf("user %s is not among those that are gone", id)
		}
	}
	for id, want := range m.groups {
		got, err := r.Group(id)
		must(err)
		want.Members = len(m.members(id))
		same("groups", got, want)
		var ids []directory.ID
		must(r.Members(id, directory.ID{}, func(v directory.Membership) error {
			ids = append(ids, v.Member.ID)
			return nil
		}))
		same("members", slices.Compact(ids), m.members(id))
	}
	n := 0
	everybody := sortedIDs(m.users)
	for _, id := range append(everybody, sortedIDs(m.groups)...) {
		list, err := r.MembershipsOf(id)
		must(err)
		n += len(list)
	}
	same("memberships", n, len(m.joins))
}

// query generates a query and compares the answers.
func (w *world) query(r store.Reader, m *model) {
	kind := rapid.SampledFrom([]directory.Kind{directory.UserKind, directory.GroupKind}).Draw(w.t, "kind")
	q := directory.Query{
		Where: w.expr(m, kind, 2), Gone: rapid.Bool().Draw(w.t, "with gone"),
		Start: rapid.IntRange(0, 5).Draw(w.t, "start"), Count: rapid.IntRange(0, 5).Draw(w.t, "count"),
	}
	if rapid.Bool().Draw(w.t, "sorted") {
		q.Sort = &directory.Sort{
			Path:      rapid.SampledFrom([]directory.Path{{Name: "title"}, {Name: "userName"}, {Name: "displayName"}, {Name: "name", Sub: "familyName"}, {Name: "externalId"}}).Draw(w.t, "sort by"),
			CaseExact: rapid.Bool().Draw(w.t, "case exact"), Descending: rapid.Bool().Draw(w.t, "descending"),
		}
	}
	want, total := m.query(kind, q)
	if q.Sort != nil && q.Sort.Descending { // equal keys are ordered by ID in either direction
		whole := q
		whole.Start, whole.Count = 0, total
		all, _ := m.query(kind, whole)
		record := m.userRecord
		if kind == directory.GroupKind {
			record = m.groupRecord
		}
		slices.SortStableFunc(all, func(a, b directory.ID) int {
			return cmp.Or(-compareTexts(record(a), record(b), q.Sort), compareIDs(a, b))
		})
		want = all[min(max(q.Start-1, 0), total):]
		want = want[:min(q.Count, len(want))]
	}
	got, page := runQuery(w.t, r, kind, q)
	if diff := gocmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" || page.Total != total {
		w.t.Fatalf("%+v of %s gives %d of %d, want %d of %d\n%s", q, kind, len(got), page.Total, len(want), total, diff)
	}
	more := max(q.Start, 1)-1+len(want) < total
	if (page.Last != nil) != (more && len(want) > 0) {
		w.t.Fatalf("%+v of %s: more follow is %v, and the mark is %v", q, kind, more, page.Last)
	}
	if page.Last != nil { // continue at the mark: the rest must come
		rest := q
		rest.Start, rest.After, rest.Count = 0, page.Last, total
		whole := q
		whole.Start, whole.Count = max(q.Start, 1)+len(want), total
		want, _ := runQuery(w.t, r, kind, whole)
		got, again := runQuery(w.t, r, kind, rest)
		if diff := gocmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" || again.Total != total {
			w.t.Fatalf("after the mark of %+v (total %d, want %d):\n%s", q, again.Total, total, diff)
		}
	}
}

func runQuery(t rapid.TB, r store.Reader, kind directory.Kind, q directory.Query) (ids []directory.ID, page directory.Page) {
	t.Helper()
	var err error
	if kind == directory.UserKind {
		page, err = r.Users(q, func(u *directory.User, _ []directory.GroupRef) error {
			ids = append(ids, u.ID)
			return nil
		})
	} else {
		page, err = r.Groups(q, func(g *directory.Group, _ []directory.Member) error {
			ids = append(ids, g.ID)
			return nil
		})
	}
	if err != nil {
		t.Fatal(err)
	}
	if page.Given != len(ids) {
		t.Fatalf("Given is %d, and %d records were given", page.Given, len(ids))
	}
	return ids, page
}

func (w *world) expr(m *model, kind directory.Kind, depth int) directory.Expr {
	choice := rapid.IntRange(0, 9).Draw(w.t, "expr")
	if depth == 0 && choice < 5 {
		choice = 5
	}
	switch choice {
	case 0:
		return nil
	case 1, 2:
		return directory.And{w.term(m, kind, depth-1), w.term(m, kind, depth-1)}
	case 3:
		return directory.Or{w.term(m, kind, depth-1), w.term(m, kind, depth-1)}
	case 4:
		return directory.Not{Expr: w.term(m, kind, depth-1)}
	}
	return w.compare(m, kind)
}

// term is an expr that is not nil.
func (w *world) term(m *model, kind directory.Kind, depth int) directory.Expr {
	if e := w.expr(m, kind, depth); e != nil {
		return e
	}
	return directory.Present{Path: directory.Path{Name: "title"}}
}

func (w *world) compare(m *model, kind directory.Kind) directory.Expr {
	equal := func(path directory.Path, value string, exact bool) directory.Expr {
		if !exact {
			value = directory.FoldAs(path, value, directory.Equal)
		}
		return directory.Compare{Path: path, Op: directory.Equal, CaseExact: exact, Value: value}
	}
	everybody := append(sortedIDs(m.users), sortedIDs(m.groups)...)
	id := w.some("about", everybody).String()
	address := w.pick("address", []string{"a@x.example", "b@y.example"})
	name := w.pick("name", someNames())
	list := directory.Path{Name: "members"}
	if kind == directory.UserKind {
		list = directory.Path{Name: "groups"}
	}
	value := directory.Path{Name: list.Name, Sub: "value"}
	return rapid.SampledFrom([]directory.Expr{
		equal(directory.Path{Name: "userName"}, name, false),
		equal(directory.Path{Name: "userName"}, name, true),
		equal(directory.Path{Name: "displayName"}, name, false),
		equal(directory.Path{Name: "externalId"}, w.pick("value", []string{"1", "2", "ext-anna"}), true),
		equal(directory.Path{Name: "externalId"}, "EXT-ANNA", false),
		equal(directory.Path{Name: "emails", Sub: "value"}, address, false),
		equal(directory.Path{Name: "emails"}, address, false),
		directory.Any{Path: directory.Path{Name: "emails"}, Where: directory.And{
			directory.Compare{Path: directory.Path{Name: "primary"}, Op: directory.Equal, Type: directory.Boolean, Value: true},
			equal(directory.Path{Name: "value"}, address, false),
		}},
		equal(directory.Path{Name: "id"}, id, true),
		equal(directory.Path{Name: "id"}, "nonsense", true),
		equal(list, id, true),
		equal(value, id, false),
		directory.Any{Path: list, Where: equal(directory.Path{Name: "value"}, id, true)},
		directory.Compare{Path: directory.Path{Name: "title"}, Op: directory.Contains, Value: "gin"},
		directory.Compare{Path: directory.Path{Name: "userName"}, Op: directory.StartsWith, Value: "a"},
		directory.Compare{Path: directory.Path{Name: "title"}, Op: directory.Equal},
		directory.Compare{Path: directory.Path{Name: "meta", Sub: "created"}, Op: directory.Greater, Type: directory.Instant, Value: time.Time{}},
		directory.Compare{Path: directory.Path{Name: "active"}, Op: directory.Equal, Type: directory.Boolean, Value: true},
		directory.Present{Path: list},
	}).Draw(w.t, "compare")
}
