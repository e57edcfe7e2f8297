package googletest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// Person is a user of the account: the JSON of the Directory API.
type Person map[string]any

// Clone copies the top level.
func (p Person) Clone() Person { return maps.Clone(p) }

func (p Person) text(name string) string {
	text, _ := p[name].(string)
	return text
}

// Group is a group of the account.
type Group struct {
	ID, Email, Name, Description string
	Members                      []Member
}

// Member is a direct member of a group.
type Member struct{ ID, Email, Type string }

// state is what a listing shows.
type state struct {
	people  map[string]Person
	deleted map[string]Person
	groups  map[string]Group
}

func (s *state) clone() *state {
	return &state{people: maps.Clone(s.people), deleted: maps.Clone(s.deleted), groups: maps.Clone(s.groups)}
}

// Account is a Google Workspace account. Its methods may be called while it serves.
type Account struct {
	mu         sync.Mutex
	now        func() time.Time
	tokenClock func() time.Time // of the token endpoint
	next       int
	state      *state
	shown      *state // the older state that listings show while they lag; nil: the present one
	lag        int    // listings of users that still show it
	admin      string
	keys       map[string]key
	scopes     []string
	tokens     map[string]grant
	pages      map[string]cursor
	calls      []Call
	fault      func(Call) *Fault
	quota      int           // requests a minute; 0: no limit
	used       []time.Time   // within the last minute
	pageAge    time.Duration // how long a page token lives
}

// Customer is the id of the account.
const Customer = "C01test23"

// New makes an empty account with one super administrator.
func New(now func() time.Time, admin string) *Account {
	a := &Account{
		now: now, tokenClock: now, admin: admin, keys: map[string]key{}, tokens: map[string]grant{}, pages: map[string]cursor{}, pageAge: 72 * time.Hour,
		state: &state{people: map[string]Person{}, deleted: map[string]Person{}, groups: map[string]Group{}},
		scopes: []string{
			"https://www.googleapis.com/auth/admin.directory.user.readonly", "https://www.googleapis.com/auth/admin.directory.group.readonly",
			"https://www.googleapis.com/auth/admin.directory.group.member.readonly",
		},
	}
	return a
}

// change changes the account. Listings show the old state as long as they lag.
func (a *Account) change(lag int, do func(*state)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if lag > 0 && a.shown == nil {
		a.shown, a.lag = a.state, lag
		a.state = a.state.clone()
	}
	do(a.state)
}

// listed is the state that a listing which begins now shows.
func (a *Account) listed() *state {
	if a.shown == nil {
		return a.state
	}
	return a.shown
}

// countListing counts a listing that showed the old state. After the last one, listings show the present state.
func (a *Account) countListing() {
	if a.shown == nil {
		return
	}
	if a.lag--; a.lag <= 0 {
		a.shown = nil
	}
}

// Add adds a person and gives the id. A nil field gets a sensible value.
func (a *Account) Add(email, given, family string, more Person) string {
	var id string
	a.change(0, func(s *state) {
		a.next++
		id = fmt.Sprintf("1%020d", a.next)
		p := Person{
			"kind": "admin#directory#user", "id": id, "primaryEmail": email, "customerId": Customer, "suspended": false, "archived": false, "orgUnitPath": "/",
			"name":   map[string]any{"givenName": given, "familyName": family, "fullName": given + " " + family},
			"emails": []any{map[string]any{"address": email, "primary": true}}, "creationTime": "2026-01-01T00:00:00.000Z",
		}
		maps.Copy(p, more)
		s.people[id] = p
	})
	return id
}

// Set changes fields of a person. A rename keeps the old address as an alias, as Google does.
func (a *Account) Set(id string, fields Person) {
	a.change(0, func(s *state) { s.set(id, fields) })
}

// SetLate is Set with a lag: the next listings do not show it yet.
func (a *Account) SetLate(lag int, id string, fields Person) {
	a.change(lag, func(s *state) { s.set(id, fields) })
}

func (s *state) set(id string, fields Person) {
	p, ok := s.people[id]
	if !ok {
		return
	}
	p = p.Clone()
	old := p.text("primaryEmail")
	maps.Copy(p, fields)
	if renamed := p.text("primaryEmail"); renamed != old && renamed != "" {
		p["aliases"] = []any{old}
		p["emails"] = []any{map[string]any{"address": renamed, "primary": true}, map[string]any{"address": old}}
	}
	s.people[id] = p
}

// Delete deletes a person, who can be restored for 20 days.
func (a *Account) Delete(id string) { a.DeleteLate(0, id) }

// DeleteLate is Delete with a lag: the next listings do not show it yet.
func (a *Account) DeleteLate(lag int, id string) {
	a.change(lag, func(s *state) {
		p, ok := s.people[id]
		if !ok {
			return
		}
		p = p.Clone()
		p["deletionTime"] = a.now().UTC().Format(time.RFC3339)
		delete(s.people, id)
		s.deleted[id] = p
		s.leaveAll(id)
	})
}

// Purge removes a deleted person permanently, also from listings.
func (a *Account) Purge(id string) {
	a.change(0, func(s *state) { delete(s.deleted, id) })
}

// Restore brings a deleted person back. Google does not restore memberships.
func (a *Account) Restore(id string) {
	a.change(0, func(s *state) {
		if p, ok := s.deleted[id]; ok {
			p = p.Clone()
			delete(p, "deletionTime")
			delete(s.deleted, id)
			s.people[id] = p
		}
	})
}

func (s *state) leaveAll(id string) {
	for key, g := range s.groups {
		g.Members = slices.DeleteFunc(slices.Clone(g.Members), func(m Member) bool { return m.ID == id })
		s.groups[key] = g
	}
}

// AddGroup adds a group and gives the id.
func (a *Account) AddGroup(email, name string) string {
	var id string
	a.change(0, func(s *state) {
		a.next++
		id = fmt.Sprintf("g%012d", a.next)
		s.groups[id] = Group{ID: id, Email: email, Name: name}
	})
	return id
}

// EditGroup changes a group.
func (a *Account) EditGroup(id string, edit func(*Group)) {
	a.change(0, func(s *state) {
		if g, ok := s.groups[id]; ok {
			g.Members = slices.Clone(g.Members)
			edit(&g)
			s.groups[id] = g
		}
	})
}

// DeleteGroup removes a group, also from other groups.
func (a *Account) DeleteGroup(id string) {
	a.change(0, func(s *state) {
		delete(s.groups, id)
		s.leaveAll(id)
	})
}

// Join puts a person or a group of the account into a group.
func (a *Account) Join(group, member string) {
	a.change(0, func(s *state) {
		m := Member{ID: member, Type: "USER"}
		if g, ok := s.groups[member]; ok {
			m.Type, m.Email = "GROUP", g.Email
		} else if p, ok := s.people[member]; ok {
			m.Email = p.text("primaryEmail")
		} else {
			m.Type, m.Email = "EXTERNAL", member
		}
		g, ok := s.groups[group]
		if !ok || slices.ContainsFunc(g.Members, func(x Member) bool { return x.ID == member }) {
			return
		}
		g.Members = append(slices.Clone(g.Members), m)
		s.groups[group] = g
	})
}

// Leave takes a member out of a group.
func (a *Account) Leave(group, member string) {
	a.EditGroup(group, func(g *Group) {
		g.Members = slices.DeleteFunc(g.Members, func(m Member) bool { return m.ID == member })
	})
}

// People gives the live people by id.
func (a *Account) People() map[string]Person {
	a.mu.Lock()
	defer a.mu.Unlock()
	return maps.Clone(a.state.people)
}

// Groups gives the groups by id.
func (a *Account) Groups() map[string]Group {
	a.mu.Lock()
	defer a.mu.Unlock()
	return maps.Clone(a.state.groups)
}

// Settle lets listings show the present state at once.
func (a *Account) Settle() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.shown, a.lag = nil, 0
}

// sorted gives the people of a state that pass, by address.
func (s *state) sorted(from map[string]Person, pass func(Person) bool) []Person {
	var out []Person
	for _, p := range from {
		if pass(p) {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(x, y Person) int {
		if d := strings.Compare(x.text("primaryEmail"), y.text("primaryEmail")); d != 0 {
			return d
		}
		return strings.Compare(x.text("id"), y.text("id"))
	})
	return out
}

// Clear removes all people, groups, faults and lag. Keys stay.
func (a *Account) Clear() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.state = &state{people: map[string]Person{}, deleted: map[string]Person{}, groups: map[string]Group{}}
	a.shown, a.lag, a.fault, a.calls = nil, 0, nil, nil
	a.pages = map[string]cursor{}
}
