package bridge

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"drawbridge/directory"
	"drawbridge/policy"
)

// membersChange is what the steps of a draft come to: who is in the group that was not, and the other way round.
type membersChange struct {
	join, leave []directory.Member
	types       []directory.UserType // of those who join, one for each
}

// folding does the steps of a draft one after the other on top of what is stored, reading no more members than they name.
type folding struct {
	t     *turn
	group *directory.Group
	fresh bool                     // the group is new: nothing is stored
	known map[directory.ID]*folded // who was looked up
	order []*folded                // who was touched, in order
	all   bool                     // every stored member was read

	unknown      []string
	unknownCount int
	above        map[directory.ID]bool // groups in which the group stands, at any distance; nil: not read yet
}

// folded is what is known of one member while the steps are done.
type folded struct {
	member   directory.Member   // as stored, else as a step names them
	userType directory.UserType // of a user who is not stored
	stored   bool               // in the group before the first step
	resolved bool               // it was looked up whom the id names
	touched  bool               // by a step
	now      bool               // in the group after the steps so far
}

// fold works out what draft does to the membership of g.
func (t *turn) fold(g *directory.Group, fresh bool, draft *directory.GroupDraft) (membersChange, error) {
	if len(draft.Members) == 0 {
		return membersChange{}, nil
	}
	f := &folding{t: t, group: g, fresh: fresh, known: map[directory.ID]*folded{}}
	for _, step := range draft.Members {
		if err := f.step(step); err != nil {
			return membersChange{}, err
		}
	}
	if f.unknownCount > 0 {
		if !t.ignoresUnknownMembers() {
			return membersChange{}, f.unknownError()
		}
		draft.Deviations = append(draft.Deviations[:len(draft.Deviations):len(draft.Deviations)], "members.unknown_ignored")
	}
	var out membersChange
	for _, m := range f.order {
		switch {
		case m.now && !m.stored:
			out.join = append(out.join, m.member)
			out.types = append(out.types, m.userType)
		case !m.now && m.stored:
			out.leave = append(out.leave, m.member)
		}
	}
	return out, nil
}

func (f *folding) step(e directory.MemberEdit) error {
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
			if id, ok := directory.ParseID(ref.Value); ok {
				if err := f.remove(id); err != nil {
					return err
				}
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

// find gives what is known of id, reading its membership when it is first asked for.
func (f *folding) find(id directory.ID) (*folded, error) {
	if m := f.known[id]; m != nil {
		return m, nil
	}
	m := &folded{member: directory.Member{ID: id}}
	if !f.fresh && !f.all {
		of, err := f.t.r.Memberships(f.group.ID, id)
		if err != nil {
			return nil, err
		}
		if len(of) > 0 {
			m.member, m.stored, m.now = of[0].Member, true, true
		}
	}
	f.known[id] = m
	return m, nil
}

func (f *folding) set(m *folded, in bool) {
	if !m.touched {
		m.touched = true
		f.order = append(f.order, m)
	}
	m.now = in
}

func (f *folding) add(ref directory.MemberRef) error {
	id, ok := directory.ParseID(ref.Value)
	if !ok {
		f.noSuch(ref.Value)
		return nil
	}
	m, err := f.find(id)
	if err != nil || m.now {
		return err
	}
	if !m.stored && !m.resolved {
		if m.resolved, err = f.resolve(m, ref); err != nil {
			return err
		}
		if !m.resolved {
			f.noSuch(ref.Value)
			return nil
		}
	}
	f.set(m, true)
	return nil
}

func (f *folding) remove(id directory.ID) error {
	m, err := f.find(id)
	if err == nil && m.now {
		f.set(m, false)
	}
	return err
}

// resolve finds out whom a new member's id names: a user, else a group.
func (f *folding) resolve(m *folded, ref directory.MemberRef) (bool, error) {
	id := m.member.ID
	m.member.Kind, m.member.Display = directory.UserKind, cut(ref.Display, 256)
	u, ok, err := absent(f.t.r.User(id))
	if err != nil {
		return false, err
	}
	if ok {
		m.userType = u.Type
		return !u.Gone(), nil
	}
	if id == f.group.ID {
		return false, &directory.Error{Code: directory.Invalid, Field: "members", Message: "a group cannot be a member of itself"}
	}
	g, ok, err := absent(f.t.r.Group(id))
	if err != nil || !ok || g.BuiltIn != "" {
		return false, err
	}
	if err := f.noCircle(id); err != nil {
		return false, err
	}
	m.member.Kind = directory.GroupKind
	return true, nil
}

// noCircle refuses a group as a member that holds this group already, at whatever distance.
func (f *folding) noCircle(child directory.ID) error {
	if f.above == nil {
		f.above = map[directory.ID]bool{}
		if !f.fresh {
			if err := f.climb(f.group.ID); err != nil {
				return err
			}
		}
	}
	if f.above[child] {
		return &directory.Error{Code: directory.Invalid, Field: "members", Message: fmt.Sprintf("group %s holds this group already: groups cannot be members of each other in a circle", child)}
	}
	return nil
}

func (f *folding) climb(from directory.ID) error {
	next := []directory.ID{from}
	for len(next) > 0 {
		id := next[len(next)-1]
		next = next[:len(next)-1]
		of, err := f.t.r.MembershipsOf(id)
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
func (f *folding) readAll() error {
	if f.fresh || f.all {
		return nil
	}
	f.all = true
	return f.t.r.Members(f.group.ID, directory.ID{}, func(m directory.Membership) bool {
		if f.known[m.Member.ID] == nil {
			f.known[m.Member.ID] = &folded{member: m.Member, stored: true, now: true}
		}
		return true
	})
}

func (f *folding) replace(refs []directory.MemberRef) error {
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
	for _, m := range f.everybody() {
		if !wanted[m.member.ID] {
			f.set(m, false)
		}
	}
	return nil
}

// everybody gives who is in the group after the steps so far, in a settled order, after readAll.
func (f *folding) everybody() []*folded {
	out := make([]*folded, 0, len(f.known))
	for _, m := range f.known {
		if m.now {
			out = append(out, m)
		}
	}
	slices.SortFunc(out, func(x, y *folded) int { return bytes.Compare(x.member.ID[:], y.member.ID[:]) })
	return out
}

func (f *folding) removeWhere(where directory.Expr) error {
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
	for _, m := range f.everybody() {
		if directory.Match(where, directory.Element{Value: memberValue(m.member)}) {
			f.set(m, false)
		}
	}
	return nil
}

// byValue gives the ids that a condition names if it says nothing but which members it means, so that a removal need not
// look at the others.
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

func (f *folding) noSuch(value string) {
	f.unknownCount++
	if len(f.unknown) < 5 {
		f.unknown = append(f.unknown, fmt.Sprintf("%q", cut(value, 64)))
	}
}

func (f *folding) unknownError() error {
	more := ""
	if n := f.unknownCount - len(f.unknown); n > 0 {
		more = fmt.Sprintf(" and %d more", n)
	}
	return &directory.Error{Code: directory.Invalid, Field: "members", Message: fmt.Sprintf(
		"members name users or groups that do not exist: %s%s; provision them first, then add them", strings.Join(f.unknown, ", "), more)}
}

func (t *turn) ignoresUnknownMembers() bool {
	mode := t.p.Connection.UnknownMembers
	return mode != nil && *mode == directory.Ignore
}

// guestsJoin refuses guests who would be in too many groups (B4).
func (t *turn) guestsJoin(c membersChange, action string) error {
	if t.state.Settings.GuestMaxGroups <= 0 {
		return nil
	}
	for i, m := range c.join {
		if c.types[i] != directory.Guest || m.Kind != directory.UserKind {
			continue
		}
		if err := t.guestGroups(&directory.User{ID: m.ID}, 1, action); err != nil {
			return err
		}
	}
	return nil
}

// guestGroups refuses if u, a guest, would be in too many groups with more of them than are stored (B4).
func (t *turn) guestGroups(u *directory.User, more int, action string) error {
	if t.state.Settings.GuestMaxGroups <= 0 {
		return nil
	}
	of, err := t.r.MembershipsOf(u.ID)
	if err != nil {
		return err
	}
	n := more
	for _, m := range of {
		builtIn, err := t.isBuiltIn(m.Group)
		if err != nil {
			return err
		}
		if !builtIn {
			n++
		}
	}
	return t.refuse(policy.GuestGroups(t.state.Settings, u.ID, n), action, directory.Subject{Kind: string(directory.UserKind), ID: u.ID.String(), Name: u.UserName})
}

// leaveAll takes a user out of every group; the versions of the groups move.
func (t *turn) leaveAll(u *directory.User) error {
	of, err := t.r.MembershipsOf(u.ID)
	if err != nil {
		return err
	}
	for _, m := range of {
		t.change.Leave = append(t.change.Leave, m)
		if err := t.removedFrom(m.Group, u.ID); err != nil {
			return err
		}
	}
	return nil
}

// removedFrom notes that member is no longer in a group.
func (t *turn) removedFrom(group, member directory.ID) error {
	g, ok, err := absent(t.r.Group(group))
	if err != nil || !ok {
		return err
	}
	w := t.work(g)
	if !slices.Contains(w.removed, member) {
		w.removed = append(w.removed, member)
	}
	return nil
}

// cut shortens text to at most n bytes without cutting a character.
func cut(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for n > 0 && text[n]&0xC0 == 0x80 {
		n--
	}
	return text[:n]
}
