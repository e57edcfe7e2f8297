package bridge

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
)

// membersChange is the result of the steps of a draft: the members that were added and removed.
type membersChange struct {
	join, leave []directory.Member
	guests      []directory.ID // guests among those who join
	ignored     string         // unknown members that were left out; "": none
}

// membersEdit applies the steps of a draft, one after the other, to the stored members. It reads only the members that they name.
type membersEdit struct {
	t     *tenantTx
	group *directory.Group
	fresh bool // the group is new: nothing is stored
	all   bool // every stored member was read

	known map[directory.ID]*candidate
	order []*candidate // members that a step added or removed, in order

	unknown      []string
	unknownCount int
	absent       bool                  // a removal named or selected no member
	above        map[directory.ID]bool // groups that contain the group, directly or through others; nil: not read yet
}

// candidate is a member that a step names, or that was read.
type candidate struct {
	directory.Member
	stored  bool // in the group before
	now     bool // in the group after the steps so far
	touched bool // in folding.order
	found   bool // Member is filled in: it was read from the group, or resolved
	user    directory.UserType
}

// editMembers computes what draft does to the membership of g. before is nil for a new group, which has no members yet.
func (t *tenantTx) editMembers(before, g *directory.Group, draft *directory.GroupDraft) (membersChange, error) {
	named := 0
	for _, step := range draft.Members {
		named += len(step.Members)
	}
	if len(draft.Members) == 0 {
		return membersChange{}, nil
	}
	f := &membersEdit{t: t, group: g, fresh: before == nil, known: make(map[directory.ID]*candidate, named), order: make([]*candidate, 0, named)}
	for _, step := range draft.Members {
		if err := f.step(step); err != nil {
			return membersChange{}, err
		}
	}
	if f.unknownCount > 0 {
		if !t.ignoresUnknownMembers() {
			return membersChange{}, f.unknownError()
		}
		draft.Deviations = append(slices.Clone(draft.Deviations), "members.unknown_ignored")
	}
	if f.absent {
		draft.Deviations = append(slices.Clone(draft.Deviations), NoEffect)
	}
	out := f.outcome()
	if f.unknownCount > 0 {
		out.ignored = "left out, because unknown_members is ignore: " + f.unknownNames()
	}
	return out, nil
}

// NoEffect is the deviation of a removal that names or selects a user who is not a member. It succeeds, because identity providers repeat
// removals, and it is visible.
const NoEffect = "operation.no_effect"

func (f *membersEdit) outcome() membersChange {
	joins, leaves := 0, 0
	for _, c := range f.order {
		switch {
		case c.now && !c.stored:
			joins++
		case !c.now && c.stored:
			leaves++
		}
	}
	out := membersChange{join: make([]directory.Member, 0, joins), leave: make([]directory.Member, 0, leaves)}
	for _, c := range f.order {
		switch {
		case c.now && !c.stored:
			out.join = append(out.join, c.Member)
			if c.Kind == directory.UserKind && c.user == directory.Guest {
				out.guests = append(out.guests, c.ID)
			}
		case !c.now && c.stored:
			out.leave = append(out.leave, c.Member)
		}
	}
	return out
}

func (f *membersEdit) step(e directory.MemberEdit) error {
	switch e.Op {
	case directory.AddMembers:
		for _, ref := range e.Members {
			if err := f.add(ref); err != nil {
				return err
			}
		}
		return nil
	case directory.RemoveMembers:
		for _, ref := range e.Members {
			id, ok := directory.ParseID(ref.Value)
			if !ok {
				f.absent = true
				continue
			}
			if err := f.remove(id); err != nil {
				return err
			}
		}
		return nil
	case directory.RemoveMembersWhere:
		return f.removeWhere(e.Where)
	case directory.ReplaceMembers:
		return f.replace(e.Members)
	}
	return &directory.Error{Code: directory.Internal, Message: "a change of members is of no known kind"}
}

// candidate gives the candidate with this id. The first call looks it up in the group.
func (f *membersEdit) candidate(id directory.ID) (*candidate, error) {
	if c, known := f.known[id]; known {
		return c, nil
	}
	c := &candidate{Member: directory.Member{ID: id}}
	if !f.fresh && !f.all {
		of, err := f.t.Reader.Memberships(f.group.ID, id)
		if err != nil {
			return nil, err
		}
		if len(of) > 0 {
			c.Member, c.stored, c.now, c.found = of[0].Member, true, true, true
		}
	}
	f.known[id] = c
	return c, nil
}

func (f *membersEdit) join(c *candidate) {
	f.touch(c)
	c.now = true
}

func (f *membersEdit) leave(c *candidate) {
	f.touch(c)
	c.now = false
}

// touch notes that a step named c.
func (f *membersEdit) touch(c *candidate) {
	if !c.touched {
		c.touched = true
		f.order = append(f.order, c)
	}
}

func (f *membersEdit) add(ref directory.MemberRef) error {
	id, ok := directory.ParseID(ref.Value)
	if !ok {
		return f.refuseUnknown(ref.Value)
	}
	c, err := f.candidate(id)
	if err != nil || c.now {
		return err
	}
	if !c.found {
		if err := f.resolve(c, ref); err != nil {
			return err
		}
		if !c.found {
			return f.refuseUnknown(ref.Value)
		}
	}
	f.join(c)
	return nil
}

func (f *membersEdit) remove(id directory.ID) error {
	c, err := f.candidate(id)
	if err != nil {
		return err
	}
	if f.absent = f.absent || !c.now; c.now {
		f.leave(c)
	}
	return nil
}

// resolve finds the user or, if there is none, the group with the id of a new member. c.found says whether one exists.
func (f *membersEdit) resolve(c *candidate, ref directory.MemberRef) error {
	u, ok, err := txn.Optional(f.t.Reader.User(c.ID))
	if err != nil || ok && u.Gone() {
		return err
	}
	c.Display = directory.Truncate(ref.Display, 256)
	if ok {
		c.Kind, c.user, c.found = directory.UserKind, u.Type, true
		return nil
	}
	if c.ID == f.group.ID {
		return &directory.Error{Code: directory.Invalid, Field: "members", Message: "a group cannot be a member of itself"}
	}
	g, ok, err := txn.Optional(f.t.Reader.Group(c.ID))
	if err != nil || !ok || g.BuiltIn != "" {
		return err
	}
	if err := f.refuseCycle(c.ID); err != nil {
		return err
	}
	c.Kind, c.found = directory.GroupKind, true
	return nil
}

// refuseCycle refuses a group as a member that already contains this group, at any distance.
func (f *membersEdit) refuseCycle(child directory.ID) error {
	if f.above == nil {
		f.above = map[directory.ID]bool{}
		if !f.fresh {
			if err := f.ancestors(f.group.ID); err != nil {
				return err
			}
		}
	}
	if f.above[child] {
		return &directory.Error{Code: directory.Invalid, Field: "members", Message: fmt.Sprintf("group %s holds this group already: groups cannot be members of each other in a circle", child)}
	}
	return nil
}

func (f *membersEdit) ancestors(from directory.ID) error {
	next := []directory.ID{from}
	for len(next) > 0 {
		id := next[len(next)-1]
		next = next[:len(next)-1]
		of, err := f.t.Reader.MembershipsOf(id)
		if err != nil {
			return err
		}
		for _, m := range of {
			if !f.above[m.Group] {
				f.above[m.Group] = true
				next = append(next, m.Group)
			}
		}
	}
	return nil
}

// readAll reads every stored member, once.
func (f *membersEdit) readAll() error {
	if f.fresh || f.all {
		return nil
	}
	f.all = true
	return f.t.Reader.Members(f.group.ID, directory.ID{}, func(m directory.Membership) error {
		if f.known[m.Member.ID] == nil {
			f.known[m.Member.ID] = &candidate{Member: m.Member, stored: true, now: true, found: true}
		}
		return nil
	})
}

func (f *membersEdit) replace(refs []directory.MemberRef) error {
	if err := f.readAll(); err != nil {
		return err
	}
	wanted := make(map[directory.ID]bool, len(refs))
	for _, ref := range refs {
		if id, ok := directory.ParseID(ref.Value); ok {
			wanted[id] = true
		}
		if err := f.add(ref); err != nil {
			return err
		}
	}
	for _, c := range f.allMembers() {
		if !wanted[c.ID] {
			f.leave(c)
		}
	}
	return nil
}

// allMembers gives the members of the group after the steps so far, in a fixed order, after readAll.
func (f *membersEdit) allMembers() []*candidate {
	out := make([]*candidate, 0, len(f.known))
	for _, c := range f.known {
		if c.now {
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(x, y *candidate) int { return bytes.Compare(x.ID[:], y.ID[:]) })
	return out
}

func (f *membersEdit) removeWhere(where directory.Expr) error {
	if named, ok := byValue(where); ok {
		for _, id := range named {
			if err := f.remove(id); err != nil {
				return err
			}
		}
		return nil
	}
	if err := f.readAll(); err != nil {
		return err
	}
	selected := 0
	for _, c := range f.allMembers() {
		if directory.Match(where, directory.Element{Value: memberValue(c.Member)}) {
			f.leave(c)
			selected++
		}
	}
	f.absent = f.absent || selected == 0
	return nil
}

// byValue gives the ids in a condition that only compares ids, so that a removal need not read the other members.
func byValue(where directory.Expr) (ids []directory.ID, ok bool) {
	switch where := where.(type) {
	case directory.Compare:
		text, isText := where.Value.(string)
		if where.Op != directory.Equal || !strings.EqualFold(where.Path.Name, "value") || where.Path.Schema != "" || where.Path.Sub != "" || !isText {
			return nil, false
		}
		if id, ok := directory.ParseID(text); ok {
			return []directory.ID{id}, true
		}
		return nil, true
	case directory.Or:
		for _, term := range where {
			some, ok := byValue(term)
			if !ok {
				return nil, false
			}
			ids = append(ids, some...)
		}
		return ids, true
	}
	return nil, false
}

func memberValue(m directory.Member) directory.Attributes {
	out := directory.Attributes{{Name: "value", Value: m.ID.String()}, {Name: "type", Value: string(m.Kind)}}
	if m.Display != "" {
		out = append(out, directory.Attribute{Name: "display", Value: m.Display})
	}
	return out
}

// mostUnknown is how many unknown members are looked up before the write is refused, so that a list of 40,000 invented ids does not keep
// other writes waiting.
const mostUnknown = 100

// refuseUnknown notes a member that does not exist. It fails when there are too many, unless they are ignored.
func (f *membersEdit) refuseUnknown(value string) error {
	f.unknownCount++
	if len(f.unknown) < 5 {
		f.unknown = append(f.unknown, fmt.Sprintf("%q", directory.Truncate(value, 64)))
	}
	if f.unknownCount >= mostUnknown && !f.t.ignoresUnknownMembers() {
		return f.unknownError()
	}
	return nil
}

// unknownNames names the first of the members that do not exist, and says how many more there are.
func (f *membersEdit) unknownNames() string {
	names := strings.Join(f.unknown, ", ")
	switch n := f.unknownCount - len(f.unknown); {
	case f.unknownCount == mostUnknown && !f.t.ignoresUnknownMembers():
		names += fmt.Sprintf(" and at least %d more", n)
	case n > 0:
		names += fmt.Sprintf(" and %d more", n)
	}
	return names
}

func (f *membersEdit) unknownError() error {
	return &directory.Error{Code: directory.Invalid, Field: "members", Message: fmt.Sprintf(
		"members name users or groups that do not exist: %s; provision them first, then add them", f.unknownNames())}
}

func (t *tenantTx) ignoresUnknownMembers() bool {
	mode := t.Principal.Connection.UnknownMembers
	return mode != nil && *mode == directory.Ignore
}

// guestsJoin refuses guests who would then be in too many groups (B4).
func (t *tenantTx) guestsJoin(c membersChange, action directory.Action) error {
	for _, id := range c.guests {
		u, err := t.Reader.User(id)
		if err != nil {
			return err
		}
		if err := t.guestGroups(&u, action); err != nil {
			return err
		}
	}
	return nil
}

// guestGroups refuses if u, a guest, would be in too many groups, or in a built-in group that guests are never in, after the write (B4).
func (t *tenantTx) guestGroups(u *directory.User, action directory.Action) error {
	groups, err := t.groupsAfter(u.ID)
	if err != nil {
		return err
	}
	for _, name := range directory.BuiltIns() {
		g, ok, err := t.builtIn(name)
		if err != nil {
			return err
		}
		if ok && groups[g.ID] {
			if err := t.Refuse(policy.GuestIn(u, name), action, userSubject(u)); err != nil {
				return err
			}
		}
	}
	return t.Refuse(policy.GuestGroups(t.state.Settings, u.ID, len(groups)), action, userSubject(u))
}

// groupsAfter gives the groups that a user is directly in, with what the Change has so far.
func (t *tenantTx) groupsAfter(user directory.ID) (map[directory.ID]bool, error) {
	of, err := t.Reader.MembershipsOf(user)
	if err != nil {
		return nil, err
	}
	type grant struct{ group, source directory.ID }
	grants := make(map[grant]bool, len(of))
	for _, m := range of {
		grants[grant{m.Group, m.Source}] = true
	}
	t.moves.index(&t.Change)
	for _, m := range t.moves.left[user] {
		delete(grants, grant{m.Group, m.Source})
	}
	for _, m := range t.moves.joined[user] {
		grants[grant{m.Group, m.Source}] = true
	}
	groups := make(map[directory.ID]bool, len(grants))
	for g := range grants {
		groups[g.group] = true
	}
	return groups, nil
}

// moves finds the memberships of a Change by member, so that a group of 10,000 guests is searched once and not once for each guest.
type moves struct {
	joins, leaves int // how many memberships of the Change are in the maps
	joined, left  map[directory.ID][]directory.Membership
}

func (m *moves) index(c *directory.Change) {
	if m.joined == nil {
		m.joined, m.left = map[directory.ID][]directory.Membership{}, map[directory.ID][]directory.Membership{}
	}
	for ; m.joins < len(c.Join); m.joins++ {
		one := c.Join[m.joins]
		m.joined[one.Member.ID] = append(m.joined[one.Member.ID], one)
	}
	for ; m.leaves < len(c.Leave); m.leaves++ {
		one := c.Leave[m.leaves]
		m.left[one.Member.ID] = append(m.left[one.Member.ID], one)
	}
}

// leaveAll removes a user from every group, which changes the versions of the groups.
func (t *tenantTx) leaveAll(u *directory.User) error {
	of, err := t.Reader.MembershipsOf(u.ID)
	if err != nil {
		return err
	}
	for _, m := range of {
		t.Change.Leave = append(t.Change.Leave, m)
		if err := t.removedFrom(m.Group, u.ID); err != nil {
			return err
		}
	}
	return nil
}

// removedFrom notes that member is no longer in a group.
func (t *tenantTx) removedFrom(group, member directory.ID) error {
	g, ok, err := txn.Optional(t.Reader.Group(group))
	if err != nil || !ok {
		return err
	}
	w := t.editOf(g)
	if !slices.Contains(w.removed, member) {
		w.removed = append(w.removed, member)
	}
	return nil
}
