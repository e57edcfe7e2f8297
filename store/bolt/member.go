package bolt

import (
	"bytes"
	"errors"
	"slices"

	"drawbridge/directory"
)

// Members yields the memberships of a group, beginning after the member "after".
func (r *reader) Members(group, after directory.ID, yield func(directory.Membership) error) error {
	b := r.part(members)
	if b == nil {
		return nil
	}
	from := group[:]
	if !after.IsZero() {
		from = append(memberKey(group, after, directory.ID{}), bytes.Repeat([]byte{0xff}, idLength+1)...)
	}
	c := b.Cursor()
	for k, v := c.Seek(from); bytes.HasPrefix(k, group[:]); k, v = c.Next() {
		m, err := r.membership(k, v)
		if err != nil {
			return err
		}
		if err := yield(m); err != nil {
			return stopped(err)
		}
	}
	return nil
}

// Memberships returns the memberships of member in group.
func (r *reader) Memberships(group, member directory.ID) ([]directory.Membership, error) {
	if r.firstMembership(group, member) == nil { // the usual case before a member is added
		return nil, nil
	}
	var all []directory.Membership
	prefix := memberKey(group, member, directory.ID{})
	c := r.part(members).Cursor()
	for k, v := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, v = c.Next() {
		m, err := r.membership(k, v)
		if err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	return all, nil
}

// MembershipsOf returns every membership of a user or group, by group.
func (r *reader) MembershipsOf(member directory.ID) ([]directory.Membership, error) {
	var all []directory.Membership
	err := r.groupsOf(member, func(group, source directory.ID) error {
		key := memberKey(group, member, source)
		record := r.get(members, key)
		if record == nil {
			return r.damaged("membership of", member, errNoRecord())
		}
		m, err := r.membership(key, record)
		all = append(all, m)
		return err
	})
	return all, err
}

// groupsOf yields the group and the source of each membership of member. yield must not call groupsOf: they share a cursor.
func (r *reader) groupsOf(member directory.ID, yield func(group, source directory.ID) error) error {
	c := r.cursor(memberOf)
	if c == nil {
		return nil
	}
	for k, _ := c.Seek(member[:]); bytes.HasPrefix(k, member[:]); k, _ = c.Next() {
		_, group, source, ok := splitMemberKey(k)
		if !ok {
			return r.damaged("membership of", member, errors.New("its key has a wrong length"))
		}
		if err := yield(group, source); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) membership(key, record []byte) (directory.Membership, error) {
	group, member, source, ok := splitMemberKey(key)
	if !ok {
		return directory.Membership{}, r.damaged("membership in group", directory.ID(key[:idLength]), errors.New("its key has a wrong length"))
	}
	m := directory.Membership{Group: group, Member: directory.Member{ID: member}, Source: source}
	if err := decodeMember(&m.Member, key, record); err != nil {
		return directory.Membership{}, r.damaged("membership in group "+group.String()+" of", member, err)
	}
	return m, nil
}

// distinctMembers returns the members of a group, each once, by ID.
func (r *reader) distinctMembers(group directory.ID) ([]directory.Member, error) {
	var all []directory.Member
	err := r.Members(group, directory.ID{}, func(m directory.Membership) error {
		if len(all) == 0 || all[len(all)-1].ID != m.Member.ID {
			all = append(all, m.Member)
		}
		return nil
	})
	return all, err
}

// maxRefs bounds how many groups are followed upwards from a member, or downwards from a group.
const maxRefs = 10_000

// GroupRefs returns the groups of a member: direct ones first, then nested ones, nearest first. Built-in groups are left out and
// not followed.
func (r *reader) GroupRefs(member directory.ID) ([]directory.GroupRef, error) {
	return newUpward(r).refs(member)
}

// upward follows memberships to groups. It caches the groups that it has read, so a page of users reads each group once.
type upward struct {
	r     *reader
	known map[directory.ID]groupName // made at the first use
}

type groupName struct {
	display string
	builtIn bool
}

func newUpward(r *reader) *upward { return &upward{r: r} }

func (u *upward) refs(member directory.ID) ([]directory.GroupRef, error) {
	var found []directory.GroupRef
	var seen map[directory.ID]bool // made at the first use: most users are in few groups
	add := func(of directory.ID, indirect bool) error {
		return u.r.groupsOf(of, func(group, _ directory.ID) error {
			if group == member || seen[group] || len(found) >= maxRefs {
				return nil
			}
			name, err := u.name(group)
			if err != nil || name.builtIn {
				return err
			}
			if seen == nil {
				seen = make(map[directory.ID]bool)
			}
			seen[group] = true
			found = append(found, directory.GroupRef{ID: group, DisplayName: name.display, Indirect: indirect})
			return nil
		})
	}
	if err := add(member, false); err != nil {
		return nil, err
	}
	for i := 0; i < len(found); i++ {
		if err := add(found[i].ID, true); err != nil {
			return nil, err
		}
	}
	return found, nil
}

func (u *upward) name(group directory.ID) (groupName, error) {
	if name, ok := u.known[group]; ok {
		return name, nil
	}
	record := u.r.get(groups, group[:])
	if record == nil {
		return groupName{}, u.r.damaged("group", group, errNoRecord())
	}
	var g directory.Group
	if err := decodeGroup(&g, group[:], record, forever); err != nil {
		return groupName{}, u.r.damaged("group", group, err)
	}
	name := groupName{g.DisplayName, g.BuiltIn != ""}
	if u.known == nil {
		u.known = make(map[directory.ID]groupName)
	}
	u.known[group] = name
	return name, nil
}

// usersBelow returns every user of a group, direct members and those of nested groups.
func (r *reader) usersBelow(group directory.ID) ([]directory.ID, error) {
	var found []directory.ID
	seen := map[directory.ID]bool{group: true}
	for todo := []directory.ID{group}; len(todo) > 0; todo = todo[1:] {
		err := r.Members(todo[0], directory.ID{}, func(m directory.Membership) error {
			if m.Member.Kind != directory.GroupKind {
				found = append(found, m.Member.ID)
			} else if !seen[m.Member.ID] && len(seen) < maxRefs {
				seen[m.Member.ID] = true
				todo = append(todo, m.Member.ID)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

// firstMembership returns the key of the first membership of member in group, from any source; nil if there is none.
func (r *reader) firstMembership(group, member directory.ID) []byte {
	var space [2 * idLength]byte
	prefix := append(append(space[:0], group[:]...), member[:]...)
	if !r.gap.spans(prefix) {
		end, _ := r.seek(members, prefix)
		r.gap = keyGap{known: true, before: [2 * idLength]byte(prefix), end: end}
	}
	if !bytes.HasPrefix(r.gap.end, prefix) {
		return nil
	}
	return r.gap.end
}

// keyGap is a range between two keys of the bucket members that has no keys, as the last lookup found it. New members are nearly
// always added after the existing ones, so one lookup answers for all members that a change adds. Code that writes to the bucket
// must keep it true: join fills it, drop forgets it, and nothing else writes there.
type keyGap struct {
	known  bool
	before [2 * idLength]byte // group and member: keys with this beginning are before the gap
	end    []byte             // first key after the gap; nil: there is none in the bucket
}

// spans reports whether the first key from prefix on is the one at the end of the gap. prefix is a group and a member.
func (g *keyGap) spans(prefix []byte) bool {
	return g.known && bytes.Compare(g.before[:], prefix) < 0 && (g.end == nil || bytes.Compare(prefix, g.end) <= 0)
}

// fill records a key that was added.
func (g *keyGap) fill(key []byte) {
	if prefix := key[:2*idLength]; g.spans(prefix) {
		copy(g.before[:], prefix)
	}
}

// writeDeltas writes the groups of which only the number of members has changed.
func (w *writer) writeDeltas(deltas map[directory.ID]int) error {
	for id, delta := range deltas {
		old, err := w.oldGroup(id)
		if err != nil {
			return err
		}
		if old == nil || delta == 0 {
			continue
		}
		old.Members += delta
		if err := w.put(groups, id[:], encodeGroup(old)); err != nil {
			return err
		}
	}
	return nil
}

// join adds memberships in key order, which is the order of the pages.
func (w *writer) join(list []directory.Membership, deltas map[directory.ID]int) error {
	if !slices.IsSortedFunc(list, compareMemberships) {
		list = slices.Clone(list)
		slices.SortStableFunc(list, compareMemberships)
	}
	var key []byte // the bucket copies it
	for i := range list {
		m := &list[i]
		key = appendMemberKey(key[:0], m.Group, m.Member.ID, m.Source)
		first := w.reader.firstMembership(m.Group, m.Member.ID)
		if bytes.Equal(first, key) || first != nil && w.reader.get(members, key) != nil {
			continue
		}
		if first == nil {
			deltas[m.Group]++
		}
		if err := w.put(members, key, encodeMember(key, m.Member)); err != nil {
			return err
		}
		w.reader.gap.fill(key)
		key = appendMemberKey(key[:0], m.Member.ID, m.Group, m.Source)
		if err := w.put(memberOf, key, nil); err != nil {
			return err
		}
	}
	return nil
}

func compareMemberships(a, b directory.Membership) int {
	if order := compareIDs(a.Group, b.Group); order != 0 {
		return order
	}
	return compareIDs(a.Member.ID, b.Member.ID)
}

func (w *writer) leave(list []directory.Membership, deltas map[directory.ID]int) error {
	for _, m := range slices.SortedStableFunc(slices.Values(list), compareMemberships) {
		if err := w.drop(m.Group, m.Member.ID, m.Source, deltas); err != nil {
			return err
		}
	}
	return nil
}

// drop removes one membership, in both directions.
func (w *writer) drop(group, member, source directory.ID, deltas map[directory.ID]int) error {
	key := memberKey(group, member, source)
	if w.reader.get(members, key) == nil {
		return nil
	}
	w.reader.gap = keyGap{} // it may have ended at this key
	if err := w.remove(members, key); err != nil {
		return err
	}
	if err := w.remove(memberOf, memberKey(member, group, source)); err != nil {
		return err
	}
	if w.reader.firstMembership(group, member) == nil {
		deltas[group]--
	}
	return nil
}

// leaveAll removes a user or group from every group.
func (w *writer) leaveAll(member directory.ID, deltas map[directory.ID]int) error {
	var out []directory.Membership // collected first: a cursor must not see deletions
	err := w.reader.groupsOf(member, func(group, source directory.ID) error {
		out = append(out, directory.Membership{Group: group, Member: directory.Member{ID: member}, Source: source})
		return nil
	})
	if err != nil {
		return err
	}
	return w.leave(out, deltas)
}

// removeMembers removes all members of a group that is removed.
func (w *writer) removeMembers(group directory.ID) error {
	var out []directory.Membership
	err := w.reader.Members(group, directory.ID{}, func(m directory.Membership) error {
		out = append(out, m)
		return nil
	})
	if err != nil {
		return err
	}
	return w.leave(out, make(map[directory.ID]int))
}
