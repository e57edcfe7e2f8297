package postgres

import (
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"drawbridge/directory"
)

const (
	ofIDs = "unnest($2::uuid[]) as at(id)"

	// From members upwards: each member, and each group above it, with the groups that contain it. UNION ends every circle.
	upFrom   = "with recursive up(member, grp) as (select m.member, m.grp from "
	upward   = groupsOf + "at.id offset 0) m union select m.member, m.grp from up" + groupsOf + "up.grp offset 0) m) "
	groupsOf = " cross join lateral (select member, grp from member where pk = $1 and member = "

	// Both are one statement, so that the groups above are looked for once: memberships first, then groups.
	upSQL = "select 'member', u.member, m.grp, m.source, m.kind, m.display, null::bytea, null::bytea from (select distinct member from up) u" +
		" cross join lateral (select * from member where pk = $1 and member = u.member offset 0) m" +
		" union all select 'group', null, r.id, null, null, null, r.head, r.doc from (select distinct grp from up) at(id) cross join lateral " + groupAt

	// One step upwards, which costs PostgreSQL less than to follow all steps. For EXISTS, PostgreSQL might read all memberships of a tenant.
	directFrom = "m as materialized (select m.* from "
	directSQL  = " cross join lateral (select * from member where pk = $1 and member = at.id offset 0) m)" +
		" select 'member', m.member, m.grp, m.source, m.kind, m.display, null::bytea, null::bytea from m" +
		" union all select case when (select true from member n where n.pk = $1 and n.member = r.id limit 1) then 'nested' else 'group' end," +
		" null, r.id, null, null, null, r.head, r.doc from (select distinct grp from m) at(id) cross join lateral " + groupAt

	usersFrom = " union all select 'user', null, r.id, null, null, null, r.head, r.doc from "

	ofSQL         = "with " + directFrom + ofIDs + directSQL
	usersAndOfSQL = ofSQL + usersFrom + ofIDs + " cross join lateral " + userAt
	aboveSQL      = upFrom + ofIDs + upward + upSQL

	// stateFrom adds the number of the last Change: see recheck.
	stateFrom = " union all select 'state', null, null, null, l.change::text, null, null, null from lane l where l.pk = $1"

	// lookUpSQL gives the entries of terms, the users that they lead to, and the memberships of these.
	lookUpSQL = "with k as materialized (select k.*" + atKeys + "), at as materialized (select distinct id from k), " + directFrom + "at" + directSQL +
		usersFrom + "at cross join lateral " + userAt + " union all select 'term', null, k.id, null, k.kind, k.scope, k.value, null from k"
)

// queueUsersAndOf asks for users and for the memberships of members, with the groups. Users and members are often the same, and then it is one
// statement.
func (t *tx) queueUsersAndOf(b *pgx.Batch, users, members []directory.ID) {
	if len(users) == 0 || !slices.Equal(users, members) {
		t.queueUsers(b, users)
		t.queueOf(b, ofSQL, members)
		return
	}
	t.queueUp(b, func() []directory.ID {
		absent(t.known.users, users)()
		return members
	}, t.rechecked(usersAndOfSQL, usersAndOfSQL+stateFrom), uuids(members))
}

// queueOf asks for the memberships of members, and for the groups, by ofSQL or aboveSQL.
func (t *tx) queueOf(b *pgx.Batch, sql string, members []directory.ID) {
	if len(members) > 0 {
		t.queueUp(b, func() []directory.ID { return members }, sql, uuids(members))
	}
}

// queueLookUp asks for the entries of terms, for the users that they lead to, and for their memberships: a caller that looks up a user nearly
// always asks for the groups, too.
func (t *tx) queueLookUp(b *pgx.Batch, terms []term) {
	kinds, values := columns(terms)
	t.queueUp(b, func() (ids []directory.ID) {
		t.entriesRead(terms)
		for _, at := range terms {
			for _, e := range t.known.terms[at] {
				ids = append(ids, e.id)
			}
		}
		return ids
	}, t.rechecked(lookUpSQL, lookUpSQL+stateFrom), kinds, values)
}

// queueUp asks for the memberships of members, which can be named when the rows are there, and for the groups.
func (t *tx) queueUp(b *pgx.Batch, members func() []directory.ID, sql string, args ...any) {
	args = append([]any{t.pk}, args...)
	fresh := map[directory.ID][]directory.Membership{}
	var groups, nested []directory.ID
	b.Queue(sql, args...).Query(eachRow(func(rows pgx.Rows) error {
		row, err := scanUp(rows)
		if err != nil {
			return err
		}
		switch row.what {
		case "state":
			t.recheck.change = row.change
		case "term":
			t.known.terms[row.term] = append(t.known.terms[row.term], row.entry)
		case "user":
			t.addUser(row.user)
		case "nested":
			nested = append(nested, row.group.ID)
			t.addGroup(row.group)
		case "group":
			t.addGroup(row.group)
		case "member":
			m := row.membership
			fresh[m.Member.ID] = append(fresh[m.Member.ID], m)
			groups = append(groups, m.Group)
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

// up is a row of the statements here. What it has depends on the first column.
type up struct {
	what       string
	change     int64
	term       term
	entry      entry
	user       *directory.User
	group      *directory.Group // "nested": it is a member of others, which were not followed
	membership directory.Membership
}

func scanUp(rows pgx.Rows) (row up, err error) {
	var at, member, source pgtype.UUID
	var kind, text *string
	var head, doc []byte
	if err := rows.Scan(&row.what, &member, &at, &source, &kind, &text, &head, &doc); err != nil {
		return row, err
	}
	id := directory.ID(at.Bytes)
	switch row.what {
	case "state":
		row.change, err = strconv.ParseInt(*kind, 10, 64)
	case "term":
		row.term, row.entry = term{index(*kind), string(head)}, entry{*text, id}
	case "user":
		row.user, err = readUser(id, head, doc)
	case "nested", "group":
		row.group, err = readGroup(id, head, doc)
	case "member":
		m := &row.membership
		m.Group, m.Member.ID, m.Source = id, member.Bytes, source.Bytes
		m.Member.Kind, m.Member.Display = directory.Kind(*kind), *text
	}
	return row, err
}
