package server

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"drawbridge/directory"
)

// The model: what a client expects to read if all of its writes succeeded. It knows no rule of the store, only of the protocol.
type model struct {
	t      testing.TB
	c      *client
	draw   *rapid.T
	names  int
	users  map[string]*modelUser
	groups map[string]*modelGroup
	gone   []string // paths of what was deleted
}

type modelUser struct {
	name, title string
	active      bool
	tag         string
}

type modelGroup struct {
	name    string
	members map[string]bool
	tag     string
}

// attempt is a test as a kit knows it whose failures are those of one conversation, so that it is made shorter and repeated.
type attempt struct {
	testing.TB
	one *rapid.T
}

func (a attempt) Helper()                         { a.one.Helper() }
func (a attempt) Failed() bool                    { return a.one.Failed() }
func (a attempt) Error(args ...any)               { a.one.Error(args...) }
func (a attempt) Errorf(text string, args ...any) { a.one.Errorf(text, args...) }
func (a attempt) Fatal(args ...any)               { a.one.Fatal(args...) }
func (a attempt) Fatalf(text string, args ...any) { a.one.Fatalf(text, args...) }

// TestServerAgreesWithTheModel plays random valid conversations against the server and the model, and compares every answer. On a failure
// it prints the shortest conversation that fails.
func TestServerAgreesWithTheModel(t *testing.T) {
	t.Parallel()
	k := newKit(t, func(cfg *Config) { cfg.Limits = Limits{MaxPage: 5, PageSize: 3, Rate: 1e9, Burst: 1e9} })
	tenants := 0
	rapid.Check(t, func(draw *rapid.T) {
		k.t = attempt{t, draw}
		tenants++ // each conversation has a tenant of its own
		name := fmt.Sprintf("acme-%d", tenants)
		m := &model{t: k.t, c: k.connect(name, name+"-gen", directory.Generic), draw: draw, users: map[string]*modelUser{}, groups: map[string]*modelGroup{}}
		for range m.below(12) {
			m.createUser()
		}
		draw.Repeat(map[string]func(*rapid.T){
			"create user": m.action(m.createUser), "create what is taken": m.action(m.createTaken), "read user": m.action(m.readUser),
			"put user": m.action(m.putUser), "patch user": m.action(m.patchUser), "patch user too": m.action(m.patchUser),
			"stale write": m.action(m.staleWrite), "delete user": m.action(m.deleteUser), "create group": m.action(m.createGroup),
			"add members": m.action(m.addMembers), "add more members": m.action(m.addMembers), "remove members": m.action(m.removeMembers),
			"put group": m.action(m.putGroup), "read group": m.action(m.readGroup), "delete group": m.action(m.deleteGroup),
			"look up": m.action(m.lookUp), "walk": m.action(m.walk), "read what is gone": m.action(m.readGone), "bulk": m.action(m.bulk),
		})
	})
}

// action is a step of a conversation.
func (m *model) action(step func()) func(*rapid.T) {
	return func(draw *rapid.T) {
		m.draw = draw
		step()
	}
}

// below draws a number from 0 to n-1.
func (m *model) below(n int) int { return rapid.IntRange(0, n-1).Draw(m.draw, "number") }

func pick[V any](m *model, from map[string]V) (string, V, bool) {
	var none V
	if len(from) == 0 {
		return "", none, false
	}
	key := rapid.SampledFrom(slices.Sorted(maps.Keys(from))).Draw(m.draw, "one of them")
	return key, from[key], true
}

func (m *model) name() string {
	m.names++
	return fmt.Sprintf("n%d@example.test", m.names)
}

func (m *model) title() string { return []string{"Dr", "Prof", "Ms"}[m.below(3)] }

// sameUser compares an answer with the model and gives its version.
func (m *model) sameUser(a *answer, id string, u *modelUser) string {
	m.t.Helper()
	a.has("id", id).has("userName", u.name).has("active", u.active)
	title := any(nil)
	if u.title != "" {
		title = u.title
	}
	a.has("title", title)
	groups := a.column("groups", "value")
	var want []string
	for group, g := range m.groups {
		if g.members[id] {
			want = append(want, group)
		}
	}
	slices.Sort(groups)
	slices.Sort(want)
	if !slices.Equal(groups, want) {
		m.t.Fatalf("the groups of %s are %v, want %v", id, groups, want)
	}
	return a.header.Get("ETag")
}

func (m *model) sameGroup(a *answer, id string, g *modelGroup) string {
	m.t.Helper()
	a.has("id", id).has("displayName", g.name)
	members := a.column("members", "value")
	slices.Sort(members)
	if want := slices.Sorted(maps.Keys(g.members)); !slices.Equal(members, want) {
		m.t.Fatalf("the members of %s are %v, want %v", id, members, want)
	}
	return a.header.Get("ETag")
}

// moved checks that the version moved exactly if something changed.
func (m *model) moved(was, is string, changed bool) {
	m.t.Helper()
	if is == "" || (was != is) != changed {
		m.t.Fatalf("the version went from %s to %s, changed: %v", was, is, changed)
	}
}

func (m *model) createUser() {
	u := &modelUser{name: m.name(), active: true}
	a := m.c.do("POST", "/Users", userBody(u.name)).is(201)
	m.users[a.id()] = u
	u.tag = m.sameUser(a, a.id(), u)
}

func (m *model) createTaken() {
	if _, u, ok := pick(m, m.users); ok && u.active {
		m.c.do("POST", "/Users", userBody(strings.ToUpper(u.name))).fails(409, "uniqueness")
	}
	if _, g, ok := pick(m, m.groups); ok {
		m.c.do("POST", "/Groups", groupBody(g.name)).fails(409, "uniqueness")
	}
}

func (m *model) readUser() {
	if id, u, ok := pick(m, m.users); ok {
		m.moved(u.tag, m.sameUser(m.c.do("GET", "/Users/"+id, "").is(200), id, u), false)
		m.c.do("GET", "/Users/"+id, "", "If-None-Match", u.tag).is(304)
	}
}

func (m *model) putUser() {
	id, u, ok := pick(m, m.users)
	if !ok {
		return
	}
	title := ""
	if m.below(2) == 0 {
		title = m.title()
	}
	body := userBody(u.name)
	if title != "" {
		body = userBody(u.name, `,"title":"`+title+`"`)
	}
	changed := u.title != title
	u.title = title
	tag := m.sameUser(m.c.do("PUT", "/Users/"+id, body, "If-Match", u.tag).is(200), id, u)
	m.moved(u.tag, tag, changed)
	u.tag = tag
}

func (m *model) patchUser() {
	id, u, ok := pick(m, m.users)
	if !ok {
		return
	}
	active, title := m.below(4) > 0, m.title()
	operations := []string{fmt.Sprintf(`{"op":"replace","path":"active","value":%v}`, active)}
	changed := u.active != active
	if m.below(2) == 0 {
		operations = append(operations, `{"op":"add","value":{"title":"`+title+`"}}`)
		changed = changed || u.title != title
		u.title = title
	} else if m.below(2) == 0 {
		operations = append(operations, `{"op":"remove","path":"title"}`)
		changed = changed || u.title != ""
		u.title = ""
	}
	u.active = active
	tag := m.sameUser(m.c.do("PATCH", "/Users/"+id, patchBody(operations...)).is(200), id, u)
	m.moved(u.tag, tag, changed)
	u.tag = tag
}

func (m *model) staleWrite() {
	if id, _, ok := pick(m, m.users); ok {
		m.c.do("PATCH", "/Users/"+id, patchBody(`{"op":"add","path":"title","value":"never"}`), "If-Match", `W/"9999"`).is(412)
		m.c.do("PATCH", "/Users/"+id, patchBody(`{"op":"add","path":"title","value":"never"},{"op":"add","path":"nonsense","value":1}`)).fails(400, "invalidPath")
	}
}

func (m *model) deleteUser() {
	id, u, ok := pick(m, m.users)
	if !ok || m.below(2) == 0 {
		return
	}
	m.c.do("DELETE", "/Users/"+id, "", "If-Match", u.tag).is(204)
	delete(m.users, id)
	m.gone = append(m.gone, "/Users/"+id)
	for group, g := range m.groups {
		if g.members[id] {
			// Whether a deleted user stays a member is the server's choice (111); look what it chose.
			list, _ := m.c.do("GET", "/Groups/"+group, "").is(200).at("members").([]any)
			if len(list) < len(g.members) {
				delete(g.members, id)
			}
			g.tag = m.c.do("GET", "/Groups/"+group, "").header.Get("ETag")
		}
	}
}

func (m *model) createGroup() {
	g := &modelGroup{name: m.name(), members: map[string]bool{}}
	var ids []string
	for range m.below(3) {
		if id, _, ok := pick(m, m.users); ok && !g.members[id] {
			g.members[id] = true
			ids = append(ids, id)
		}
	}
	a := m.c.do("POST", "/Groups", groupBody(g.name, ids...)).is(201)
	m.groups[a.id()] = g
	g.tag = m.sameGroup(a, a.id(), g)
	m.refresh(ids...)
}

// refresh reads the versions of users again: whether they move with their groups is the server's choice.
func (m *model) refresh(ids ...string) {
	for _, id := range ids {
		if u := m.users[id]; u != nil {
			u.tag = m.sameUser(m.c.do("GET", "/Users/"+id, "").is(200), id, u)
		}
	}
}

func (m *model) addMembers() {
	id, g, ok := pick(m, m.groups)
	user, _, some := pick(m, m.users)
	if !ok || !some {
		return
	}
	changed := !g.members[user]
	g.members[user] = true
	a := m.c.do("PATCH", "/Groups/"+id, patchBody(`{"op":"Add","path":"members","value":[{"value":"`+user+`"},{"value":"`+user+`"}]}`)).is(204)
	m.moved(g.tag, a.header.Get("ETag"), changed)
	g.tag = m.sameGroup(m.c.do("GET", "/Groups/"+id, "").is(200), id, g)
	m.refresh(user)
}

func (m *model) removeMembers() {
	id, g, ok := pick(m, m.groups)
	user, _, some := pick(m, m.users)
	if !ok || !some {
		return
	}
	changed := g.members[user]
	delete(g.members, user)
	operation := `{"op":"remove","path":"members[value eq \"` + user + `\"]"}`
	if m.below(2) == 0 {
		operation = `{"op":"Remove","path":"members","value":[{"value":"` + user + `"}]}`
	}
	a := m.c.do("PATCH", "/Groups/"+id, patchBody(operation))
	if a.status != 204 && (a.status != 400 || changed) {
		a.is(204)
	}
	if a.status == 204 {
		m.moved(g.tag, a.header.Get("ETag"), changed)
	}
	g.tag = m.sameGroup(m.c.do("GET", "/Groups/"+id, "").is(200), id, g)
	m.refresh(user)
}

func (m *model) putGroup() {
	id, g, ok := pick(m, m.groups)
	if !ok {
		return
	}
	before := slices.Collect(maps.Keys(g.members))
	g.members = map[string]bool{}
	var ids []string
	for range m.below(3) {
		if user, _, some := pick(m, m.users); some && !g.members[user] {
			g.members[user] = true
			ids = append(ids, user)
		}
	}
	slices.Sort(before)
	changed := !slices.Equal(before, slices.Sorted(maps.Keys(g.members)))
	tag := m.sameGroup(m.c.do("PUT", "/Groups/"+id, groupBody(g.name, ids...)).is(200), id, g)
	m.moved(g.tag, tag, changed)
	g.tag = tag
	m.refresh(append(before, ids...)...)
}

func (m *model) readGroup() {
	if id, g, ok := pick(m, m.groups); ok {
		m.moved(g.tag, m.sameGroup(m.c.do("GET", "/Groups/"+id, "").is(200), id, g), false)
	}
}

func (m *model) deleteGroup() {
	if id, g, ok := pick(m, m.groups); ok && m.below(2) == 0 {
		m.c.do("DELETE", "/Groups/"+id, "").is(204)
		delete(m.groups, id)
		m.gone = append(m.gone, "/Groups/"+id)
		m.refresh(slices.Collect(maps.Keys(g.members))...)
	}
}

func (m *model) lookUp() {
	if id, u, ok := pick(m, m.users); ok {
		m.c.do("GET", `/Users?filter=userName+eq+"`+strings.ToUpper(u.name)+`"`, "").is(200).has("totalResults", 1).has("Resources.0.id", id)
		m.c.do("GET", fmt.Sprintf(`/Users?filter=active+eq+%v&count=0`, u.active), "").is(200).has("totalResults", m.count(func(x *modelUser) bool { return x.active == u.active }))
	}
	m.c.do("GET", `/Users?filter=title+eq+"dr"&count=0`, "").is(200).has("totalResults", m.count(func(x *modelUser) bool { return x.title == "Dr" }))
}

func (m *model) count(fits func(*modelUser) bool) int {
	n := 0
	for _, u := range m.users {
		if fits(u) {
			n++
		}
	}
	return n
}

func (m *model) walk() {
	var byIndex, byCursor []string
	for start := 1; ; {
		a := m.c.do("GET", fmt.Sprintf("/Users?startIndex=%d&count=4", start), "").is(200).has("totalResults", len(m.users))
		list := a.column("Resources", "id")
		byIndex = append(byIndex, list...)
		if start += len(list); len(list) == 0 {
			break
		}
	}
	for cursor, more := "", true; more; {
		a := m.c.do("GET", "/Users?count=5&cursor="+cursor, "").is(200).has("totalResults", len(m.users))
		byCursor = append(byCursor, a.column("Resources", "id")...)
		cursor, more = a.at("nextCursor").(string)
	}
	want := slices.Sorted(maps.Keys(m.users))
	if !slices.Equal(byIndex, want) || !slices.Equal(byCursor, want) {
		m.t.Fatalf("walks gave %d by index and %d by cursor, want %d", len(byIndex), len(byCursor), len(want))
	}
}

func (m *model) readGone() {
	if len(m.gone) > 0 {
		path := m.gone[m.below(len(m.gone))]
		m.c.do("GET", path, "").is(404)
		m.c.do("DELETE", path, "").is(404)
	}
}

func (m *model) bulk() {
	u, g := &modelUser{name: m.name(), active: true}, &modelGroup{name: m.name(), members: map[string]bool{}}
	a := m.c.do("POST", "/Bulk", bulkBody(postGroup("g", g.name, "bulkId:u"), postUser("u", u.name), `{"method":"DELETE","path":"/Users/none"}`)).is(200)
	a.has("Operations.0.status", "201").has("Operations.1.status", "201").has("Operations.2.status", "404")
	created := func(i int) string {
		location, _ := a.at(fmt.Sprintf("Operations.%d.location", i)).(string)
		return location[strings.LastIndex(location, "/")+1:]
	}
	g.members[created(1)] = true
	m.users[created(1)], m.groups[created(0)] = u, g
	g.tag = m.sameGroup(m.c.do("GET", "/Groups/"+created(0), "").is(200), created(0), g)
	u.tag = m.sameUser(m.c.do("GET", "/Users/"+created(1), "").is(200), created(1), u)
}
