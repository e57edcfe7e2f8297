package postgres

import (
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"drawbridge/directory"
	"drawbridge/store/record"
)

const (
	ofIDs   = "unnest($2::uuid[]) as at(id)"
	ofTerms = "(select distinct k.id" + atKeys + ") at"

	// From members upwards: each member, and each group above it, with the groups that contain it. UNION ends every circle.
	upFrom   = "with recursive up(member, grp) as (select m.member, m.grp from "
	upward   = groupsOf + "at.id offset 0) m union select m.member, m.grp from up" + groupsOf + "up.grp offset 0) m) "
	groupsOf = " cross join lateral (select member, grp from member where pk = $1 and member = "

	// Both are one statement, so that the groups above are looked for once: memberships first, then groups.
	upSQL = "select u.member, m.grp, m.source, m.kind, m.display, null::bytea, null::bytea, false from (select distinct member from up) u" +
		" cross join lateral (select * from member where pk = $1 and member = u.member offset 0) m" +
		" union all select null, r.id, null, null, null, r.head, r.doc, false from (select distinct grp from up) at(id) cross join lateral " + groupAt

	// One step upwards, which costs PostgreSQL less than to follow all steps. The last column says whether a group is a member of another; for EXISTS,
	// PostgreSQL might read all memberships of a tenant.
	directFrom = "with m as materialized (select m.* from "
	directSQL  = " cross join lateral (select * from member where pk = $1 and member = at.id offset 0) m)" +
		" select m.member, m.grp, m.source, m.kind, m.display, null::bytea, null::bytea, false from m" +
		" union all select null, r.id, null, null, null, r.head, r.doc, (select true from member n where n.pk = $1 and n.member = r.id limit 1) is not null" +
		" from (select distinct grp from m) at(id) cross join lateral " + groupAt
)

// reach says how far memberships are followed.
type reach int

const (
	directly reach = iota // a group that is a member of another stays unknown
	toTheTop
)

// sql gives the statement that follows the memberships of members that from names.
func (r reach) sql(from string) string {
	if r == directly {
		return directFrom + from + directSQL
	}
	return upFrom + from + upward + upSQL
}

// queueOf asks for the memberships of members, and for these groups.
func (t *tx) queueOf(b *pgx.Batch, r reach, members []directory.ID) {
	if len(members) > 0 {
		t.queueUp(b, r.sql(ofIDs), func() []directory.ID { return members }, uuids(members))
	}
}

// queueOfTerms is queueOf for the users of terms.
func (t *tx) queueOfTerms(b *pgx.Batch, terms []term) {
	kinds, values := columns(terms)
	t.queueUp(b, directly.sql(ofTerms), func() (ids []directory.ID) {
		for _, at := range terms {
			for _, e := range t.known.terms[at] {
				ids = append(ids, e.id)
			}
		}
		return ids
	}, kinds, values)
}

// queueUp asks for the memberships of members, which can be named when the answer is there, and for the groups.
func (t *tx) queueUp(b *pgx.Batch, sql string, members func() []directory.ID, args ...any) {
	args = append([]any{t.pk}, args...)
	fresh := map[directory.ID][]directory.Membership{}
	var groups, nested []directory.ID
	b.Queue(sql, args...).Query(eachRow(func(rows pgx.Rows) error {
		m, g, isMember, err := scanUp(rows)
		switch {
		case err != nil:
			return err
		case g == nil:
			fresh[m.Member.ID] = append(fresh[m.Member.ID], m)
			groups = append(groups, m.Group)
			return nil
		case isMember:
			nested = append(nested, g.ID)
		}
		if _, ok := t.known.groups[g.ID]; !ok {
			t.known.groups[g.ID] = g
		}
		return nil
	}, func() {
		for _, id := range append(groups, members()...) {
			if _, ok := fresh[id]; !ok && !slices.Contains(nested, id) {
				fresh[id] = nil
			}
		}
		for id, all := range fresh {
			if _, ok := t.known.of[id]; ok {
				continue
			}
			slices.SortFunc(all, byGroupAndSource)
			for at, m := range t.pending.members[id] {
				all = moved(all, at, m)
			}
			t.known.of[id] = all
		}
	}))
}

func byGroupAndSource(a, b directory.Membership) int {
	if c := compareIDs(a.Group, b.Group); c != 0 {
		return c
	}
	return compareIDs(a.Source, b.Source)
}

// scanUp reads a row of upSQL or directSQL: a membership, or a group and whether it is a member of another.
func scanUp(rows pgx.Rows) (m directory.Membership, g *directory.Group, isMember bool, err error) {
	var member, source pgtype.UUID
	var kind, display *string
	var head, doc []byte
	if err := rows.Scan(&member, (*[16]byte)(&m.Group), &source, &kind, &display, &head, &doc, &isMember); err != nil {
		return m, nil, false, err
	}
	if member.Valid {
		m.Member.ID, m.Source = member.Bytes, source.Bytes
		m.Member.Kind, m.Member.Display = directory.Kind(*kind), *display
		return m, nil, false, nil
	}
	g = &directory.Group{ID: m.Group, Document: doc}
	d := record.NewReader(string(head))
	if err := d.ReadGroup(g); err != nil {
		return m, nil, false, damaged("group "+g.ID.String(), err)
	}
	return m, g, isMember, nil
}
