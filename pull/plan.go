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
}

// index finds the records of the connection by Google's ids.
func (p *planner) index() {
	p.users, p.known, p.external = map[string]*directory.User{}, map[string]int{}, map[directory.ID]string{}
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

// absentGroups gives the ids of groups that are not read.
func (p *planner) absentGroups() []string {
	var out []string
	for id := range p.known {
		if p.snap.groups[id] == nil {
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

// plausibleGroups voids a run with an empty list of groups if Google still has some of the known ones.
func (p *planner) plausibleGroups() error {
	if len(p.snap.groups) > 0 || !p.snap.all {
		return nil
	}
	there := 0
	for id := range p.known {
		if !p.gone[id] {
			there++
		}
	}
	if there == 0 {
		return nil
	}
	return void("Google gave no groups, and has %d of those that are known: an empty list removes none; the word none in the setting google.groups ends the reading of groups", there)
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

// planGroups compares the groups and their members.
func (p *planner) planGroups() {
	members := p.memberships()
	for _, id := range p.snap.teams {
		g := p.snap.groups[id]
		if g.huge {
			p.skip(Item{Action: "group.skip", Kind: "Group", ExternalID: id, Name: g.Email, Detail: fmt.Sprintf(
				"the group has more than %d members, so it is left as it is: name the groups that are needed in the setting google.groups", mostMembers)})
			continue
		}
		draft, err := p.render.group(&g.Group, p.titles[id])
		if err != nil {
			p.skip(Item{Action: "group.skip", Kind: "Group", ExternalID: id, Name: g.Email, Detail: "Google's values cannot be written: " + err.Error()})
			continue
		}
		p.out.count.Groups++
		p.planGroup(id, draft, members[id])
	}
}

func (p *planner) planGroup(id string, draft directory.GroupDraft, wanted []string) {
	c := &groupChange{id: id, draft: draft, item: Item{Kind: "Group", ExternalID: id, Name: draft.DisplayName}}
	at, known := p.known[id]
	if !known {
		c.join = wanted
		c.item.Action, c.item.Joined = "group.create", len(wanted)
		if g, ok := p.teams[directory.Fold(draft.DisplayName)]; ok && (g.Connection == "" || g.Connection == p.c.ID) && g.BuiltIn == "" && (g.ExternalID == "" || g.ExternalID == id) {
			c.group, c.renamed, c.item.Action = &g, true, "group.adopt"
		}
		p.out.groups = append(p.out.groups, c)
		return
	}
	c.group = &p.managed.Groups[at]
	is := map[directory.ID]bool{}
	for _, m := range p.managed.Members[at] {
		is[m.ID] = true
	}
	stays := 0
	for _, member := range wanted {
		if own, ok := p.ours(member); ok && is[own] {
			delete(is, own)
			stays++
			continue
		}
		if p.waits(member) {
			continue
		}
		c.join = append(c.join, member)
	}
	for _, m := range p.managed.Members[at] {
		if is[m.ID] && !p.keeps(m) {
			c.leave = append(c.leave, m.ID)
		}
	}
	if len(wanted) == 0 && len(c.leave) > 0 && !p.confirmed("members/"+id) {
		c.leave = nil // an empty list removes members only after a second run has seen it, too
	}
	c.renamed = !sameDocument(c.group.Document, draft.Document) || c.group.DisplayName != draft.DisplayName
	if !c.renamed && len(c.join)+len(c.leave) == 0 {
		p.out.count.GroupsUnchanged++
		return
	}
	p.weigh(c, stays)
	c.item.Action, c.item.Joined, c.item.Left = "group.update", len(c.join), len(c.leave)
	p.out.groups = append(p.out.groups, c)
}

// weigh is how many removals of a group count for the brake: of members of a mapped group, or of a group that is emptied.
func (p *planner) weigh(c *groupChange, stays int) {
	if len(c.leave) == 0 {
		return
	}
	c.remove = directory.RemoveFromGroup
	switch {
	case stays+len(c.join) == 0:
		c.remove, c.weight = directory.RemoveAll, len(c.leave)
	case p.mapped(c.group):
		c.weight = len(c.leave)
	}
}

// mapped reports whether a mapping of the connection names the group (G4).
func (p *planner) mapped(g *directory.Group) bool {
	return slices.ContainsFunc(p.c.Mappings, func(m directory.GroupMapping) bool {
		return m.ExternalID != "" && m.ExternalID == g.ExternalID || m.DisplayName != "" && directory.Fold(m.DisplayName) == directory.Fold(g.DisplayName)
	})
}

// ours is the id of the record of a member; false if there is none yet.
func (p *planner) ours(member string) (directory.ID, bool) {
	if u := p.users[member]; u != nil && !u.Gone() {
		return u.ID, true
	}
	if at, ok := p.known[member]; ok {
		return p.managed.Groups[at].ID, true
	}
	return directory.ID{}, false
}

// waits reports whether a member has no record because the write was refused in the last run, with the same values. The group waits, too.
func (p *planner) waits(member string) bool {
	_, ours := p.ours(member)
	_, refused := p.managed.State.Refused["user/"+member]
	return !ours && refused
}

// keeps reports whether a member stays although the snapshot does not name it: a person who is only missing in Google's list, and a member
// that another connection or an operator put there.
func (p *planner) keeps(m directory.Member) bool {
	id, ours := p.external[m.ID]
	switch {
	case !ours:
		return true
	case m.Kind == directory.UserKind:
		return p.snap.users[id] == nil && !p.snap.deleted[id] && !p.gone[id]
	}
	return p.snap.groups[id] == nil && !p.gone[id]
}

// planAbsentGroups plans the removal of groups that Google no longer has, or that are no longer read.
func (p *planner) planAbsentGroups() {
	for _, id := range p.absentGroups() {
		at := p.known[id]
		selected := p.snap.all && !p.gone[id]
		if selected { // Google has the group, but not in its list
			p.out.count.Unlisted++
			continue
		}
		if !p.confirmed("group/" + id) {
			continue
		}
		g := &p.managed.Groups[at]
		why := "Google does not have the group any more"
		if !p.gone[id] {
			why = "the setting google.groups does not name the group any more"
		}
		p.out.drop = append(p.out.drop, &groupChange{
			id: id, group: g, weight: g.Members, remove: directory.RemoveGroup,
			item: Item{Action: "group.delete", Kind: "Group", ExternalID: id, Name: g.DisplayName, Left: g.Members, Detail: why},
		})
	}
}

func (p *planner) skip(item Item) {
	p.out.count.Skipped++
	p.out.skipped = append(p.out.skipped, item)
}

// heldUser is the key under which the brake holds the removal of a user.
func (p *planner) heldUser(u *directory.User, action directory.RemovalAction) string {
	return bridge.HeldKey(p.c.ID, directory.HeldRemoval{Action: action, Subject: directory.Subject{Kind: string(directory.UserKind), ID: u.ID.String()}})
}

// removals are the parts of the plan that remove access and are not held yet. The brake judges them.
func (p *plan) removals() []directory.HeldRemoval {
	var out []directory.HeldRemoval
	for _, c := range p.leave {
		if c.weight > 0 {
			out = append(out, c.held())
		}
	}
	for _, all := range [][]*groupChange{p.groups, p.drop} {
		for _, c := range all {
			if c.weight > 0 {
				out = append(out, c.held())
			}
		}
	}
	return out
}

func (c *userChange) held() directory.HeldRemoval {
	item := directory.HeldRemoval{Action: directory.RemoveSuspend, Count: c.weight, Subject: directory.Subject{Kind: string(directory.UserKind), ID: c.user.ID.String(), Name: c.user.UserName}}
	if c.delete {
		item.Action = directory.RemoveDelete
	}
	return item
}

func (c *groupChange) held() directory.HeldRemoval {
	item := directory.HeldRemoval{Action: c.remove, Count: c.weight, Subject: directory.Subject{Kind: string(directory.GroupKind), ID: c.group.ID.String(), Name: c.group.DisplayName}}
	if c.remove == directory.RemoveFromGroup {
		item.Members = c.leave
	}
	return item
}

// planHeld leaves out removals that the brake holds already, and finds held ones that are no longer needed.
func (p *planner) planHeld() {
	wanted := map[string]bool{}
	note := func(item directory.HeldRemoval) bool {
		key := bridge.HeldKey(p.c.ID, item)
		wanted[key] = true
		return p.managed.Held[key]
	}
	p.out.leave = slices.DeleteFunc(p.out.leave, func(c *userChange) bool { return c.weight > 0 && note(c.held()) && p.wait() })
	drop := func(all []*groupChange) []*groupChange {
		return slices.DeleteFunc(all, func(c *groupChange) bool {
			if c.weight == 0 || !note(c.held()) {
				return false
			}
			c.leave, c.weight, c.item.Left = nil, 0, 0
			p.wait()
			return c.remove == directory.RemoveGroup || len(c.join) == 0 && !c.renamed
		})
	}
	p.out.groups, p.out.drop = drop(p.out.groups), drop(p.out.drop)
	for key := range p.managed.Held {
		if !wanted[key] {
			p.out.held = append(p.out.held, key)
		}
	}
	slices.Sort(p.out.held)
}

func (p *planner) wait() bool {
	p.out.count.Held++
	return true
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
