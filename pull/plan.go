package pull

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"drawbridge/bridge"
	"drawbridge/directory"
	"drawbridge/google"
)

// confirmAfter is how long a person must be missing before they count as gone: longer than one run, because Google's lists lag after
// changes.
const confirmAfter = 10 * time.Minute

// plan is what a run will do. It is computed from values, before anything is written.
type plan struct {
	leave   []*userChange // users who lose access; they are done first
	edit    []*userChange
	create  []*userChange
	groups  []*groupChange
	drop    []*groupChange // groups that are gone
	state   directory.PullState
	held    []string // keys of held removals that are no longer needed
	count   Counts
	skipped []Item
}

// userChange is a person whose record differs from Google's.
type userChange struct {
	id     string // Google's
	user   *directory.User
	draft  directory.UserDraft
	delete bool
	weight int // what the brake counts
	item   Item
}

// groupChange is a group whose record differs from Google's.
type groupChange struct {
	id      string // Google's
	group   *directory.Group
	draft   directory.GroupDraft
	renamed bool
	made    bool     // in this run
	join    []string // Google's ids of users and groups
	leave   []directory.ID
	weight  int
	remove  directory.RemovalAction // as the brake holds it; "": the brake does not count it
	item    Item
}

// planner compares a snapshot with what is managed.
type planner struct {
	now     time.Time
	c       directory.Connection
	snap    *snapshot
	managed *bridge.Managed
	gone    map[string]bool // missing users and groups that Google was asked about: true if it does not have them
	names   map[string]directory.User
	teams   map[string]directory.Group
	render  renderer
	named   func(directory.UserDraft) string // the userName that a draft gets by the mapping of the connection

	users    map[string]*directory.User // by Google's id; live ones before Gone ones
	known    map[string]int             // groups: the index in managed
	external map[directory.ID]string    // Google's ids of the records
	out      plan
	titles   map[string]string // display names of groups by Google's id
	hidden   map[string]bool   // nested groups that cannot be read: true if two runs said so
	doubt    map[string]bool   // groups from which no member is taken out in this run, because a group in them could not be read
}

// index finds the records of the connection by Google's ids.
func (p *planner) index() {
	p.users, p.known, p.external = map[string]*directory.User{}, map[string]int{}, map[directory.ID]string{}
	p.hidden, p.doubt = map[string]bool{}, map[string]bool{}
	for i := range p.managed.Users {
		u := &p.managed.Users[i]
		p.external[u.ID] = u.ExternalID
		if old := p.users[u.ExternalID]; u.ExternalID != "" && (old == nil || old.Gone() && !u.Gone()) {
			p.users[u.ExternalID] = u
		}
	}
	for i := range p.managed.Groups {
		g := &p.managed.Groups[i]
		p.external[g.ID] = g.ExternalID
		if g.ExternalID != "" {
			p.known[g.ExternalID] = i
		}
	}
}

// absentUsers gives the ids of live users who are in no list.
func (p *planner) absentUsers() []string {
	var out []string
	for id, u := range p.users {
		if !u.Gone() && p.snap.users[id] == nil && !p.snap.deleted[id] {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

// plausible voids a run with an empty snapshot if the connection manages something.
func (p *planner) plausible() error {
	live := 0
	for _, u := range p.users {
		if !u.Gone() {
			live++
		}
	}
	if len(p.snap.users) == 0 && live > 0 {
		what := "Google gave no users"
		if p.c.Google.Query != "" {
			what = fmt.Sprintf("no user matches the setting google.query, %q", p.c.Google.Query)
		}
		return void("%s, and %d are known: an empty list takes access away from no one", what, live)
	}
	return nil
}

// make makes the plan.
func (p *planner) make() *plan {
	p.out.state = directory.PullState{Directory: p.snap.customer, Missing: map[string]time.Time{}, Refused: map[string]string{}}
	p.planUsers()
	p.planAbsent()
	p.planGroups()
	p.planAbsentGroups()
	p.planHeld()
	return &p.out
}

func (p *planner) planUsers() {
	for _, id := range p.snap.order {
		g := p.snap.users[id]
		if active(g) {
			p.out.count.Active++
		} else {
			p.out.count.Inactive++
		}
		draft, err := p.render.user(g)
		if err != nil {
			p.skip(Item{Action: "user.skip", Kind: "User", ExternalID: id, Name: g.PrimaryEmail, Detail: "Google's values cannot be written: " + err.Error()})
			if u := p.users[id]; u != nil && !u.Gone() && !active(g) && u.Statement != directory.SaidInactive {
				p.deactivate(u, "Google: "+inactive(g))
			}
			continue
		}
		p.planUser(id, g, draft)
	}
}

func (p *planner) planUser(id string, g *google.User, draft directory.UserDraft) {
	yes := active(g)
	c := &userChange{id: id, user: p.users[id], draft: draft, item: Item{Kind: "User", ExternalID: id, Name: g.PrimaryEmail}}
	if c.user == nil || c.user.Gone() {
		c.draft.Active = &yes
		if u, ok := p.names[directory.UserNameKey(p.named(draft))]; ok && c.user == nil && p.adopts(&u, id) {
			c.user, c.item.Action = &u, "user.adopt"
			p.out.edit = append(p.out.edit, c)
			return
		}
		c.user, c.item.Action = nil, "user.create"
		p.out.create = append(p.out.create, c)
		return
	}
	said := c.user.Statement == directory.SaidActive
	switch {
	case yes != said || c.user.Statement == directory.SaidNothing:
		c.draft.Active = &yes
	default:
		c.draft.Active = nil
	}
	if yes && p.managed.Held[p.heldUser(c.user, directory.RemoveSuspend)] {
		c.draft.Active = &yes // it is active again: the held suspension is withdrawn
	}
	c.draft.UserType = userType(&draft)
	same := sameDocument(c.user.Document, draft.Document)
	switch {
	case same && c.draft.Active == nil:
		p.out.count.Unchanged++
	case !yes && c.draft.Active != nil:
		p.deactivate(c.user, "Google: "+inactive(g))
		if c.draft.Active = nil; !same {
			c.item.Action = "user.update"
			p.out.edit = append(p.out.edit, c)
		}
	default:
		c.item.Action = "user.update"
		if c.draft.Active != nil && c.user.State == directory.Suspended {
			c.item.Action = "user.reactivate"
		}
		p.out.edit = append(p.out.edit, c)
	}
}

// adopts reports whether a user with the address of a person is taken over: one whom no connection manages, or who was moved here (C14), and who
// was never another person of an identity provider.
func (p *planner) adopts(u *directory.User, id string) bool {
	return (u.Connection == "" || u.Connection == p.c.ID) && (u.ExternalID == "" || u.ExternalID == id)
}

func userType(d *directory.UserDraft) string {
	text, _ := d.Document.Value("userType").(string)
	return text
}

// planAbsent plans the removal of users whom Google deleted, or no longer has.
func (p *planner) planAbsent() {
	for _, id := range slices.Sorted(maps.Keys(p.snap.deleted)) {
		if u := p.users[id]; u != nil && !u.Gone() {
			p.remove(u, "Google deleted the user")
		}
	}
	for _, id := range p.absentUsers() {
		u := p.users[id]
		if !p.gone[id] {
			if p.c.Google.Query == "" { // Google has the user, but not in its list, so nothing changes
				p.out.count.Unlisted++
				continue
			}
			if p.confirmed("user/" + id) {
				p.outOfScope(u)
			}
			continue
		}
		if p.confirmed("user/" + id) {
			p.remove(u, "Google does not have the user any more")
		}
	}
	p.nameUnmatched()
}

// nameUnmatched names the users who were moved here (C14) and whom Google does not have: without an id of Google, no run can find or remove
// them.
func (p *planner) nameUnmatched() {
	found := map[directory.ID]bool{}
	for _, c := range p.out.edit {
		found[c.user.ID] = true
	}
	for i := range p.managed.Users {
		u := &p.managed.Users[i]
		if u.ExternalID == "" && !u.Gone() && !found[u.ID] {
			p.skip(Item{Action: "user.skip", Kind: "User", ID: u.ID.String(), Name: u.UserName, Detail: "the connection manages the user, and Google has no user with this address: suspend the user, or move or release the management"})
		}
	}
}

// confirmed notes that a person or group is missing, and reports whether that has been so for long enough.
func (p *planner) confirmed(key string) bool {
	since, before := p.managed.State.Missing[key]
	if !before || since.After(p.now) { // the clock went back: wait again
		since = p.now
	}
	p.out.state.Missing[key] = since
	if before && p.now.Sub(since) >= confirmAfter {
		return true
	}
	p.out.count.Missing++
	return false
}

func (p *planner) remove(u *directory.User, why string) {
	c := &userChange{id: u.ExternalID, user: u, delete: true, item: Item{Action: "user.delete", Kind: "User", ExternalID: u.ExternalID, Name: u.UserName, Detail: why}}
	if u.State != directory.Suspended {
		c.weight = 1
	}
	p.out.leave = append(p.out.leave, c)
}

// outOfScope suspends a user who exists but no longer matches the query.
func (p *planner) outOfScope(u *directory.User) {
	if u.Statement == directory.SaidInactive {
		p.out.count.Unchanged++
		return
	}
	p.deactivate(u, "the setting google.query does not match the user any more")
}

// inactive says why a person is not active.
func inactive(g *google.User) string {
	if g.Suspended {
		return "suspended"
	}
	return "archived"
}

// deactivate plans active: false and nothing else, so that no other value of the person can keep it from happening.
func (p *planner) deactivate(u *directory.User, why string) {
	no := false
	c := &userChange{id: u.ExternalID, user: u, item: Item{Action: "user.suspend", Kind: "User", ExternalID: u.ExternalID, Name: u.UserName, Detail: why}}
	c.draft = directory.UserDraft{UserName: u.UserName, ExternalID: u.ExternalID, Emails: u.Emails, Document: u.Document, Active: &no}
	c.draft.UserType = userType(&c.draft)
	if u.State != directory.Suspended {
		c.weight = 1
	}
	p.out.leave = append(p.out.leave, c)
}

func (p *planner) skip(item Item) {
	p.out.count.Skipped++
	p.out.skipped = append(p.out.skipped, item)
}

// sameDocument reports whether two documents are equal.
func sameDocument(x, y directory.Document) bool {
	if string(x) == string(y) {
		return true
	}
	a, err := x.Attributes()
	if err != nil {
		return false
	}
	b, err := y.Attributes()
	return err == nil && directory.EqualValues(a, b)
}

// digest identifies a refused write, which is not tried again before it would succeed.
func digest(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}
