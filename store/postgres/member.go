package postgres

import (
	"slices"

	"github.com/jackc/pgx/v5"

	"drawbridge/directory"
)

// maxRefs is how many groups are followed upwards from a member, or downwards from a group.
const maxRefs = 10_000

// memberPiece is how many memberships are read at a time.
const memberPiece = 1000

const membersSQL = "select grp, member, source, kind, display from member where pk = $1 and grp = $2 and (member, source) > ($3, $4) order by member, source limit $5"

// Members yields the memberships of a group, beginning after the member "after".
func (r reader) Members(group, after directory.ID, yield func(directory.Membership) error) error {
	source := directory.ID{}
	if !after.IsZero() {
		for i := range source {
			source[i] = 0xff // sorts after every source of the member
		}
	}
	for {
		var all []directory.Membership
		err := r.t.ask(membersSQL, []any{r.t.pk, uuidOf(group), uuidOf(after), uuidOf(source), memberPiece}, func(rows pgx.Rows) error {
			m, err := scanMembership(rows)
			all = append(all, m)
			return err
		})
		if err != nil {
			return err
		}
		for _, m := range all {
			if err := yield(m); err != nil {
				return stopped(err)
			}
		}
		if len(all) < memberPiece {
			return nil
		}
		after, source = all[len(all)-1].Member.ID, all[len(all)-1].Source
	}
}

const (
	membershipsSQL = "select m.grp, m.member, m.source, m.kind, m.display from unnest($2::uuid[], $3::uuid[])" + atPairs

	atPairs = " as w(grp, member) cross join lateral (select * from member where pk = $1 and grp = w.grp and member = w.member offset 0) m"

	// editSQL gives what an edit of groups reads, as rows of reach.go: the groups, those who become members or leave, and the memberships that
	// they have.
	editSQL = "select 'group', null::uuid, r.id, null::uuid, null::text, null::text, r.head, r.doc" + atIDs + groupAt +
		" union all select 'user', null, r.id, null, null, null, r.head, r.doc from unnest($3::uuid[]) as at(id) cross join lateral " + userAt +
		" union all select 'member', m.member, m.grp, m.source, m.kind, m.display, null, null from unnest($4::uuid[], $5::uuid[])" + atPairs
)

func (t *tx) queueMemberships(b *pgx.Batch, pairs []pair) {
	if len(pairs) == 0 {
		return
	}
	groups, members := sides(pairs)
	b.Queue(membershipsSQL, t.pk, groups, members).Query(eachRow(func(rows pgx.Rows) error {
		m, err := scanMembership(rows)
		if err == nil {
			t.knowMembership(m)
		}
		return err
	}, func() { t.membershipsRead(pairs) }))
}

// queueEdit asks for what an edit of groups reads.
func (t *tx) queueEdit(b *pgx.Batch, groups, users []directory.ID, pairs []pair) {
	of, members := sides(pairs)
	b.Queue(editSQL, t.pk, uuids(groups), uuids(users), of, members).Query(eachRow(func(rows pgx.Rows) error {
		row, err := scanUp(rows)
		if err != nil {
			return err
		}
		switch row.what {
		case "group":
			t.addGroup(row.group)
		case "user":
			t.addUser(row.user)
		case "member":
			t.knowMembership(row.membership)
		}
		return nil
	}, func() {
		absent(t.known.groups, groups)()
		absent(t.known.users, users)()
		t.membershipsRead(pairs)
	}))
}

// sides gives the groups and the members of pairs.
func sides(pairs []pair) (groups, members uuidArray) {
	groups, members = make(uuidArray, len(pairs)), make(uuidArray, len(pairs))
	for i, p := range pairs {
		groups[i], members[i] = uuidOf(p.group), uuidOf(p.member)
	}
	return groups, members
}

func (t *tx) knowMembership(m directory.Membership) {
	at := pair{m.Group, m.Member.ID}
	t.known.memberships[at] = append(t.known.memberships[at], m)
}

// membershipsRead puts the memberships of pairs in the order of their sources, and adds those that are pending.
func (t *tx) membershipsRead(pairs []pair) {
	absent(t.known.memberships, pairs)()
	for _, p := range pairs {
		slices.SortFunc(t.known.memberships[p], byGroupAndSource)
		for at, m := range t.pending.members[p.member] {
			if at.group == p.group {
				t.known.memberships[p] = moved(t.known.memberships[p], at, m)
			}
		}
	}
}

// Memberships gives the memberships of member in group, one for each source.
func (r reader) Memberships(group, member directory.ID) ([]directory.Membership, error) {
	at := pair{group, member}
	if all, ok := r.t.known.of[member]; ok {
		var found []directory.Membership
		for _, m := range all {
			if m.Group == group {
				found = append(found, m)
			}
		}
		return found, nil
	}
	if found, ok := r.t.known.memberships[at]; ok {
		return found, nil
	}
	if !r.t.update { // a caller that asks about one group of a member asks about the next one, too
		if err := r.t.fetch(need{above: []directory.ID{member}}); err != nil {
			return nil, err
		}
		return r.Memberships(group, member)
	}
	err := r.t.fetch(need{memberships: []pair{at}})
	return r.t.known.memberships[at], err
}

// MembershipsOf gives every membership of a user or group, in the order of the groups.
func (r reader) MembershipsOf(member directory.ID) ([]directory.Membership, error) {
	if _, ok := r.t.known.of[member]; !ok {
		if err := r.t.fetch(need{above: []directory.ID{member}}); err != nil {
			return nil, err
		}
	}
	return r.t.known.of[member], nil
}

// MembershipsByMember gives the memberships of many users or groups, with all groups above them, in one round trip.
func (r reader) MembershipsByMember(members []directory.ID) (map[directory.ID][]directory.Membership, error) {
	if err := r.t.fetch(need{above: members}); err != nil {
		return nil, err
	}
	out := make(map[directory.ID][]directory.Membership, len(members))
	for _, id := range members {
		if all := r.t.known.of[id]; len(all) > 0 {
			out[id] = all
		}
	}
	return out, nil
}

// GroupRefs gives the groups of a member: direct ones first, nested ones after them, nearest first. Built-in groups are left out and not
// followed. All groups above the member are read in one round trip.
func (r reader) GroupRefs(member directory.ID) ([]directory.GroupRef, error) {
	var found []directory.GroupRef
	seen := map[directory.ID]bool{member: true}
	add := func(of directory.ID, indirect bool) error {
		all, err := r.MembershipsOf(of)
		if err != nil {
			return err
		}
		for _, m := range all {
			if seen[m.Group] || len(found) >= maxRefs {
				continue
			}
			g, err := r.Group(m.Group)
			if err != nil {
				return err
			}
			if g.BuiltIn != "" {
				continue
			}
			seen[m.Group] = true
			found = append(found, directory.GroupRef{ID: m.Group, DisplayName: g.DisplayName, Indirect: indirect})
		}
		return nil
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

// distinctMembers gives the members of a group, each once, in the order of their IDs.
func (r reader) distinctMembers(group directory.ID) ([]directory.Member, error) {
	var all []directory.Member
	err := r.Members(group, directory.ID{}, func(m directory.Membership) error {
		if len(all) == 0 || all[len(all)-1].ID != m.Member.ID {
			all = append(all, m.Member)
		}
		return nil
	})
	return all, err
}

// usersBelow gives every user of a group, directly or through nested groups.
func (r reader) usersBelow(group directory.ID) (ids []directory.ID, err error) {
	const sql = `with recursive down(grp) as (select $2::uuid union
 select m.member from down cross join lateral (select member from member where pk = $1 and grp = down.grp and kind = 'Group' offset 0) m)
 select distinct m.member from (select grp from down limit $3) d cross join lateral (select member from member where pk = $1 and grp = d.grp and kind <> 'Group' offset 0) m`
	err = r.t.ask(sql, []any{r.t.pk, uuidOf(group), maxRefs}, func(rows pgx.Rows) error {
		id, err := scanID(rows)
		ids = append(ids, id)
		return err
	})
	return ids, err
}

func scanID(rows pgx.Rows) (id directory.ID, err error) {
	err = rows.Scan((*[16]byte)(&id))
	return id, err
}
