package pull_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"drawbridge/bridge"
	"drawbridge/directory"
	"drawbridge/google/googletest"
	"drawbridge/pull"
	"drawbridge/store"
)

// model is what a company did at Google, and every fact that justifies a loss of access.
type model struct {
	b      *bench
	slug   directory.ConnectionID
	tenant directory.TenantID
	people []string // ids of all people, including deleted ones
	teams  []string
	out    map[string]bool // people who were inactive or deleted since the last run that saw everything
	left   map[string]bool // "group/member" that ended since then, and "group" that was deleted
	names  int
}

// Whatever is edited at Google, and whatever fails while it is read, no person who should have access loses it. After a time without
// changes, the company is as it is at Google.
func TestNoUserLosesAccess(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	key := b.account.NewKey("acme-project")
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		b.account.Clear()
		m := &model{b: b, tenant: directory.TenantID(fmt.Sprintf("t%d", n)), out: map[string]bool{}, left: map[string]bool{}}
		m.slug = directory.ConnectionID(m.tenant + "-google")
		b.account.Add(admin, "Ad", "Min", nil)
		b.NewTenant(string(m.tenant), 1000)
		nested := rapid.SampledFrom([]directory.NestedGroups{directory.KeepNested, directory.FlattenNested}).Draw(rt, "nested")
		_, _, err := b.CreateConnection(t.Context(), b.Op, bridge.ConnectionDraft{
			ID: m.slug, Tenant: m.tenant, Type: directory.GoogleDirectory, Google: &directory.GooglePull{Admin: admin, Nested: nested},
			Credential: bridge.PullCredential{Text: key},
		})
		if err != nil {
			rt.Fatal(err)
		}
		for range rapid.IntRange(3, 25).Draw(rt, "steps") {
			m.step(rt)
		}
		b.account.SetFault(nil)
		b.account.Settle()
		for range 3 { // two runs find who is missing, and a third one what depended on that
			b.Clock.Advance(11 * time.Minute)
			m.sync(rt, true)
		}
		m.equal(rt, nested == directory.FlattenNested)
	})
	t.Logf("%d random runs of a company", n)
}

func (m *model) step(rt *rapid.T) {
	a := m.b.account
	person := func() string {
		live := slices.Sorted(maps.Keys(a.People()))
		return rapid.SampledFrom(live).Draw(rt, "person")
	}
	team := func() string {
		all := slices.Sorted(maps.Keys(a.Groups()))
		if len(all) == 0 {
			return ""
		}
		return rapid.SampledFrom(all).Draw(rt, "team")
	}
	lag := rapid.SampledFrom([]int{0, 0, 1, 3}).Draw(rt, "lag")
	switch rapid.SampledFrom([]string{"add", "add", "set", "suspend", "activate", "archive", "delete", "purge", "restore", "group", "join", "join", "leave", "drop", "rename", "nest", "fault", "sync", "sync", "sync"}).Draw(rt, "step") {
	case "add":
		m.names++
		m.people = append(m.people, a.Add(fmt.Sprintf("p%d@acme.example", m.names), "P", fmt.Sprint(m.names), nil))
	case "set":
		m.names++
		a.Set(person(), googletest.Person{"name": map[string]any{"fullName": fmt.Sprint("Name ", m.names), "givenName": "N"}})
	case "rename":
		m.names++
		if id := person(); !m.admin(id) {
			a.Set(id, googletest.Person{"primaryEmail": fmt.Sprintf("r%d@acme.example", m.names)})
		}
	case "suspend", "archive":
		if id := person(); !m.admin(id) {
			m.out[id] = true
			a.SetLate(lag, id, googletest.Person{"suspended": true})
		}
	case "activate":
		a.SetLate(lag, person(), googletest.Person{"suspended": false, "archived": false})
	case "delete", "purge":
		if id := person(); !m.admin(id) {
			m.out[id] = true
			for g := range a.Groups() {
				m.left[g+"/"+id] = true
			}
			a.DeleteLate(lag, id)
			if rapid.Bool().Draw(rt, "for good") {
				a.Purge(id)
			}
		}
	case "restore":
		if len(m.people) > 0 {
			a.Restore(rapid.SampledFrom(m.people).Draw(rt, "whom"))
		}
	case "group":
		m.names++
		m.teams = append(m.teams, a.AddGroup(fmt.Sprintf("g%d@acme.example", m.names), rapid.SampledFrom([]string{"Team", "Crew", "Staff"}).Draw(rt, "name")))
	case "join":
		if g := team(); g != "" {
			a.Join(g, person())
		}
	case "nest":
		if g, inner := team(), team(); g != inner {
			a.Join(g, inner)
		}
	case "leave":
		if g := team(); g != "" {
			id := person()
			m.left["*"] = m.left["*"] || len(a.Groups()[g].Members) > 0 && m.nested()
			m.left[g+"/"+id] = true
			a.Leave(g, id)
		}
	case "drop":
		if g := team(); g != "" {
			m.left[g] = true
			m.left["*"] = m.left["*"] || m.nested()
			a.DeleteGroup(g)
		}
	case "fault":
		m.fault(rt)
	case "sync":
		m.b.Clock.Advance(time.Duration(rapid.SampledFrom([]int{1, 11}).Draw(rt, "minutes")) * time.Minute)
		m.sync(rt, false)
	}
}

// nested reports whether a group is in another one. Then the end of one membership may end another.
func (m *model) nested() bool {
	for _, g := range m.b.account.Groups() {
		for _, x := range g.Members {
			if x.Type == "GROUP" {
				return true
			}
		}
	}
	return false
}

func (m *model) admin(id string) bool { return m.b.account.People()[id]["primaryEmail"] == admin }

// fault puts something on some requests, from now on.
func (m *model) fault(rt *rapid.T) {
	kind := rapid.SampledFrom([]string{"users", "deleted", "user", "groups", "group", "members", "token", "none"}).Draw(rt, "kind")
	fault := rapid.SampledFrom([]*googletest.Fault{
		googletest.Unavailable(), googletest.Quota("quotaExceeded"),
		{Status: 429, Reason: "rateLimitExceeded", Message: "slow down", RetryAfter: time.Second},
		{Empty: true},
		{Cut: true},
		{Skip: true},
		{Duplicate: true},
		{Expire: true},
		{Body: "{}"},
		{Status: 400, Reason: "badRequest", Message: "Bad Request"},
		{Status: 401, Reason: "authError", Message: "Invalid Credentials"},
		{Status: 403, Reason: "forbidden", Message: "Not Authorized to access this resource/api"},
		{Status: 404, Reason: "notFound", Message: "Resource Not Found: groupKey"},
	}).Draw(rt, "fault")
	if fault.Status == 404 && kind != "members" { // an answer about one person or group is a fact
		kind = "none"
	}
	every := rapid.IntRange(1, 3).Draw(rt, "every")
	m.b.account.SetFault(func(c googletest.Call) *googletest.Fault {
		if c.Kind == kind && c.N%every == 0 {
			return fault
		}
		return nil
	})
	if kind == "none" {
		m.b.account.SetFault(nil)
	}
}

// sync runs the connection and checks that no user lost access without a reason.
func (m *model) sync(rt *rapid.T, quiet bool) {
	_, before := m.store(rt)
	out, err := m.b.pull.Sync(m.b.T.Context(), m.b.Op, m.slug, directory.RunApply)
	if err != nil || out.Outcome == pull.Stopped || quiet && out.Outcome != pull.Complete {
		rt.Fatalf("%v %+v", err, out)
	}
	users, groups := m.store(rt)
	for _, u := range users {
		if !u.Active() && !m.out[u.ExternalID] {
			rt.Fatalf("%s has lost access and never was inactive or deleted at Google", u.UserName)
		}
	}
	if m.left["*"] {
		return
	}
	m.kept(rt, before, groups)
	for id, g := range m.b.account.Groups() {
		members, known := groups[id]
		for _, x := range g.Members {
			u, there := users[x.ID]
			if !known || !there || u.Gone() || x.Type != "USER" || slices.Contains(members, x.ID) || m.left[id+"/"+x.ID] {
				continue
			}
			if out.Outcome == pull.Complete && quiet {
				rt.Fatalf("%s is not in %s", u.UserName, g.Email)
			}
		}
	}
}

// kept checks that no person lost a membership that Google has all the time.
func (m *model) kept(rt *rapid.T, before, after map[string][]string) {
	for id, g := range m.b.account.Groups() {
		for _, x := range g.Members {
			if x.Type == "USER" && slices.Contains(before[id], x.ID) && !slices.Contains(after[id], x.ID) && !m.left[id] && !m.left[id+"/"+x.ID] {
				rt.Fatalf("%s lost the membership in %s, which Google has", x.Email, g.Email)
			}
		}
	}
}

// fataler is a test that can fail.
type fataler interface {
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// store reads what the company has here, by Google's ids.
func (m *model) store(rt fataler) (map[string]directory.User, map[string][]string) {
	users, groups := map[string]directory.User{}, map[string][]string{}
	ids := map[directory.ID]string{}
	var all []directory.Group
	err := m.b.Store.View(m.b.T.Context(), m.tenant, nil, func(r store.Reader) error {
		_, err := r.Users(directory.Query{Count: 1000, Gone: true}, func(u *directory.User, _ []directory.GroupRef) error {
			if old, twice := users[u.ExternalID]; twice && !old.Gone() && !u.Gone() {
				return fmt.Errorf("two live users are %s", u.ExternalID)
			}
			users[u.ExternalID], ids[u.ID] = u.Clone(), u.ExternalID
			return nil
		})
		if err != nil {
			return err
		}
		_, err = r.Groups(directory.Query{Count: 1000}, func(g *directory.Group, _ []directory.Member) error {
			all, ids[g.ID] = append(all, g.Clone()), g.ExternalID
			return nil
		})
		for _, g := range all {
			groups[g.ExternalID] = []string{}
			if err := r.Members(g.ID, directory.ID{}, func(x directory.Membership) error {
				groups[g.ExternalID] = append(groups[g.ExternalID], ids[x.Member.ID])
				return nil
			}); err != nil {
				return err
			}
		}
		return err
	})
	if err != nil {
		rt.Fatal(err)
	}
	return users, groups
}

// equal compares the company here with the one at Google.
func (m *model) equal(rt fataler, flatten bool) {
	users, groups := m.store(rt)
	people, teams := m.b.account.People(), m.b.account.Groups()
	for id, p := range people {
		u, ok := users[id]
		active := p["suspended"] != true && p["archived"] != true
		if !ok || u.Gone() || u.Active() != active || u.UserName != p["primaryEmail"] {
			rt.Fatalf("%s is %+v, want active %t", p["primaryEmail"], u, active)
		}
		if name, _ := p["name"].(map[string]any); !strings.Contains(string(u.Document), fmt.Sprintf("%q", name["fullName"])) {
			rt.Fatalf("%s has not the name %v: %s", u.UserName, name, u.Document)
		}
	}
	for id, u := range users {
		if _, there := people[id]; !there && !u.Gone() {
			rt.Fatalf("%s is not at Google any more, and %s here", u.UserName, u.State)
		}
	}
	if len(groups) != len(teams) {
		rt.Fatalf("%d groups, want %d", len(groups), len(teams))
	}
	circle := m.circle()
	for id := range teams {
		want := m.members(id, flatten)
		got := slices.Sorted(slices.Values(groups[id]))
		if circle && !flatten { // one membership of a circle is left out
			got = slices.DeleteFunc(got, func(x string) bool { _, is := teams[x]; return is })
			want = slices.DeleteFunc(want, func(x string) bool { _, is := teams[x]; return is })
		}
		if !slices.Equal(got, want) {
			rt.Fatalf("group %s has %v, want %v", teams[id].Email, got, want)
		}
	}
}

// members are the members that a group must have.
func (m *model) members(id string, flatten bool) []string {
	teams := m.b.account.Groups()
	set, seen := map[string]bool{}, map[string]bool{id: true}
	next := []string{id}
	for len(next) > 0 {
		g := teams[next[0]]
		next = next[1:]
		for _, x := range g.Members {
			switch {
			case x.Type == "USER", x.Type == "GROUP" && !flatten:
				set[x.ID] = true
			case x.Type == "GROUP" && !seen[x.ID]:
				seen[x.ID] = true
				next = append(next, x.ID)
			}
		}
	}
	return slices.Sorted(maps.Keys(set))
}

// circle reports whether groups hold each other.
func (m *model) circle() bool {
	teams := m.b.account.Groups()
	for id := range teams {
		seen, next := map[string]bool{}, []string{id}
		for len(next) > 0 {
			g := teams[next[0]]
			next = next[1:]
			for _, x := range g.Members {
				if x.ID == id {
					return true
				}
				if x.Type == "GROUP" && !seen[x.ID] {
					seen[x.ID] = true
					next = append(next, x.ID)
				}
			}
		}
	}
	return false
}
