package postgres

import (
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"drawbridge/directory"
	"drawbridge/store"
	"drawbridge/store/record"
)

// pair is a group and a user or group that may be its member.
type pair struct{ group, member directory.ID }

// place is the group of a membership, and its source.
type place struct{ group, source directory.ID }

// known is what a transaction knows about the data, including pending writes. An entry with a nil or empty value is known not to exist.
type known struct {
	users       map[directory.ID]*directory.User
	groups      map[directory.ID]*directory.Group
	resources   map[directory.ID]*directory.Resource
	tombstones  map[directory.ID]*directory.Tombstone
	kvs         map[directory.KVRef]*directory.KV
	terms       map[term][]entry
	memberships map[pair][]directory.Membership
	of          map[directory.ID][]directory.Membership // all memberships of a member
	fresh       map[directory.ID]bool                   // users and groups that are assumed to be new, until they are written
}

func newKnown() known {
	return known{
		users: map[directory.ID]*directory.User{}, groups: map[directory.ID]*directory.Group{}, resources: map[directory.ID]*directory.Resource{},
		tombstones: map[directory.ID]*directory.Tombstone{}, kvs: map[directory.KVRef]*directory.KV{}, terms: map[term][]entry{},
		memberships: map[pair][]directory.Membership{}, of: map[directory.ID][]directory.Membership{}, fresh: map[directory.ID]bool{},
	}
}

// clone gives maps of its own; what they hold is shared, and nothing changes it.
func (k *known) clone() known {
	return known{
		users: maps.Clone(k.users), groups: maps.Clone(k.groups), resources: maps.Clone(k.resources),
		tombstones: maps.Clone(k.tombstones), kvs: maps.Clone(k.kvs), terms: maps.Clone(k.terms),
		memberships: maps.Clone(k.memberships), of: maps.Clone(k.of), fresh: maps.Clone(k.fresh),
	}
}

// need is what must be read, all of it in one round trip.
type need struct {
	users, groups, resources, tombstones []directory.ID
	terms                                []term // with the records that they lead to
	builtIns, connections                bool
	kvs                                  []directory.KVRef
	memberships                          []pair
	of                                   []directory.ID // members: their memberships, and these groups
	above                                []directory.ID // members: the same, and all of these groups, up to the top
}

// wanted gives the reads for a Want.
func wanted(w *store.Want) (n need) {
	if w == nil {
		return n
	}
	n = need{users: w.Users, groups: w.Groups, builtIns: w.BuiltIns, connections: w.Connections, kvs: w.KVs, of: w.MembershipsOf}
	for _, name := range w.UserNames {
		value := short(directory.UserNameKey(name))
		n.terms = append(n.terms, term{byUserName, value}, term{byGoneName, value})
	}
	for _, external := range w.ExternalIDs {
		if value := short(external.Value); value != "" {
			n.terms = append(n.terms, term{byUserExternalID, value}, term{byGroupExternalID, value}, term{byTombExternalID, value})
		}
	}
	for _, name := range w.GroupNames {
		n.terms = append(n.terms, term{byDisplayName, short(directory.Fold(name))})
	}
	for _, m := range w.Memberships {
		n.memberships = append(n.memberships, pair{m.Group, m.Member})
	}
	return n
}

func (n *need) add(more need) {
	n.users, n.groups = append(n.users, more.users...), append(n.groups, more.groups...)
	n.resources, n.tombstones = append(n.resources, more.resources...), append(n.tombstones, more.tombstones...)
	n.terms, n.kvs = append(n.terms, more.terms...), append(n.kvs, more.kvs...)
	n.memberships, n.of, n.above = append(n.memberships, more.memberships...), append(n.of, more.of...), append(n.above, more.above...)
	n.builtIns, n.connections = n.builtIns || more.builtIns, n.connections || more.connections
}

// allTerms gives the terms, also those of built-in groups.
func (n *need) allTerms() []term {
	all := n.terms
	if n.builtIns {
		all = slices.Clip(all)
		for _, name := range directory.BuiltIns() {
			all = append(all, term{byBuiltIn, string(name)})
		}
	}
	return all
}

// unknown gives the requested keys about which nothing is known, each once.
func unknown[K comparable, V any](known map[K]V, asked []K) []K {
	var out []K
	var seen map[K]bool
	for _, k := range asked {
		if _, ok := known[k]; ok || seen[k] {
			continue
		}
		if len(asked) > 1 {
			if seen == nil {
				seen = make(map[K]bool, len(asked))
			}
			seen[k] = true
		}
		out = append(out, k)
	}
	return out
}

// fetch makes everything known that n names.
func (t *tx) fetch(n need) error {
	return t.readFailed(t.fetchWith(&pgx.Batch{}, n))
}

// fetchWith is fetch together with the queries that are in b already.
func (t *tx) fetchWith(b *pgx.Batch, n need) error {
	t.queue(b, n)
	return t.send(holdable(b))
}

// queue asks for everything that n names and that is not known.
func (t *tx) queue(b *pgx.Batch, n need) {
	if t.pk == noData {
		n = need{}
	}
	terms := unknown(t.known.terms, n.allTerms())
	users, groups := unknown(t.known.users, n.users), unknown(t.known.groups, n.groups)
	memberships := unknown(t.known.memberships, n.memberships)
	if len(groups) > 0 && len(memberships) > 0 && len(n.of) == 0 {
		t.queueEdit(b, groups, users, memberships)
	} else {
		t.queueUsersAndOf(b, users, unknown(t.known.of, n.of))
		t.queueGroups(b, groups)
		t.queueMemberships(b, memberships)
	}
	t.queueResources(b, unknown(t.known.resources, n.resources))
	t.queueTombstones(b, unknown(t.known.tombstones, n.tombstones))
	t.queueTerms(b, terms)
	t.queueKVs(b, unknown(t.known.kvs, n.kvs))
	t.queueOf(b, aboveSQL, unknown(t.known.of, n.above))
}

// has reports whether everything that n names is known.
func (t *tx) has(n need) bool {
	k := &t.known
	return (!n.connections || !t.head.short) && hasAll(k.users, n.users) && hasAll(k.groups, n.groups) && hasAll(k.resources, n.resources) && hasAll(k.tombstones, n.tombstones) &&
		hasAll(k.terms, n.allTerms()) && hasAll(k.kvs, n.kvs) && hasAll(k.memberships, n.memberships) && hasAll(k.of, n.of) && hasAll(k.of, n.above)
}

func hasAll[K comparable, V any](known map[K]V, asked []K) bool {
	return !slices.ContainsFunc(asked, func(k K) bool { _, ok := known[k]; return !ok })
}

// eachRow adds the rows of a query to known, one by one, and then calls end.
func eachRow(row func(pgx.Rows) error, end func()) func(pgx.Rows) error {
	return func(rows pgx.Rows) error {
		for rows.Next() {
			if err := row(rows); err != nil {
				return err
			}
		}
		end()
		return rows.Err()
	}
}

// absent notes that requested records that were not found do not exist.
func absent[K comparable, V any](known map[K]V, asked []K) func() {
	return func() {
		var none V
		for _, k := range asked {
			if _, ok := known[k]; !ok {
				known[k] = none
			}
		}
	}
}

// Queries for several rows look each row up by itself: LATERAL with OFFSET 0 is not merged into the query around it, so PostgreSQL
// cannot choose to read all rows of a tenant and join them, or compare them with a list. It would choose that while its statistics are
// older than the data, and it keeps the plan of a prepared statement until the next ANALYZE.
const (
	atIDs        = " from unnest($2::uuid[]) as at(id) cross join lateral "
	usersSQL     = "select r.id, r.head, r.doc" + atIDs + userAt
	groupsSQL    = "select r.id, r.head, r.doc" + atIDs + groupAt
	resourcesSQL = "select r.id, r.head, r.doc" + atIDs + resourceAt
	tombsSQL     = "select r.body" + atIDs + tombAt

	userAt     = "(select id, head, doc from usr where pk = $1 and id = at.id offset 0) r"
	groupAt    = "(select id, head, doc from grp where pk = $1 and id = at.id offset 0) r"
	resourceAt = "(select id, head, doc from res where pk = $1 and id = at.id offset 0) r"
	tombAt     = "(select body from tomb where pk = $1 and id = at.id offset 0) r"
)

func (t *tx) queueUsers(b *pgx.Batch, ids []directory.ID) {
	if len(ids) > 0 {
		b.Queue(usersSQL, t.pk, uuids(ids)).Query(eachRow(t.knowUser, absent(t.known.users, ids)))
	}
}

func (t *tx) queueGroups(b *pgx.Batch, ids []directory.ID) {
	if len(ids) > 0 {
		b.Queue(groupsSQL, t.pk, uuids(ids)).Query(eachRow(t.knowGroup, absent(t.known.groups, ids)))
	}
}

func (t *tx) queueResources(b *pgx.Batch, ids []directory.ID) {
	if len(ids) > 0 {
		b.Queue(resourcesSQL, t.pk, uuids(ids)).Query(eachRow(t.knowResource, absent(t.known.resources, ids)))
	}
}

func (t *tx) queueTombstones(b *pgx.Batch, ids []directory.ID) {
	if len(ids) > 0 {
		b.Queue(tombsSQL, t.pk, uuids(ids)).Query(eachRow(t.knowTombstone, absent(t.known.tombstones, ids)))
	}
}

// knowUser adds a row to known, unless a newer form is there.
func (t *tx) knowUser(rows pgx.Rows) error {
	u, err := scanUser(rows)
	if err == nil {
		t.addUser(u)
	}
	return err
}

func (t *tx) addUser(u *directory.User) {
	if _, ok := t.known.users[u.ID]; !ok {
		t.known.users[u.ID] = u
	}
}

func (t *tx) knowGroup(rows pgx.Rows) error {
	g, err := scanGroup(rows)
	if err == nil {
		t.addGroup(g)
	}
	return err
}

func (t *tx) addGroup(g *directory.Group) {
	if _, ok := t.known.groups[g.ID]; !ok {
		t.known.groups[g.ID] = g
	}
}

func (t *tx) knowResource(rows pgx.Rows) error {
	v, err := scanResource(rows)
	if err != nil {
		return err
	}
	if _, ok := t.known.resources[v.ID]; !ok {
		t.known.resources[v.ID] = v
	}
	return nil
}

func (t *tx) knowTombstone(rows pgx.Rows) error {
	v, err := scanJSON[directory.Tombstone](rows, "tombstone")
	if err != nil {
		return err
	}
	if _, ok := t.known.tombstones[v.ID]; !ok {
		t.known.tombstones[v.ID] = v
	}
	return nil
}

const (
	atKeys = " from unnest($2::text[], $3::bytea[]) as w(kind, value)" +
		" cross join lateral (select kind, value, scope, id from key where pk = $1 and kind = w.kind and value = w.value offset 0) k"
	termsSQL = "select k.kind, k.value, k.scope, k.id" + atKeys

	// The records of terms, by their table.
	atTerms        = " from (select distinct k.id" + atKeys + ") at cross join lateral "
	usersAtSQL     = "select r.id, r.head, r.doc" + atTerms + userAt
	groupsAtSQL    = "select r.id, r.head, r.doc" + atTerms + groupAt
	resourcesAtSQL = "select r.id, r.head, r.doc" + atTerms + resourceAt
	tombsAtSQL     = "select r.body" + atTerms + tombAt
)

// queueTerms asks for entries and for their records.
func (t *tx) queueTerms(b *pgx.Batch, terms []term) {
	if len(terms) == 0 {
		return
	}
	users := only(terms, []index{byUserName, byGoneName, byUserExternalID, byEmail, byUserUnique})
	if !t.update && len(only(users, []index{byUserName, byUserExternalID})) > 0 {
		t.queueLookUp(b, terms)
		users = nil
	} else {
		t.queueEntries(b, terms)
	}
	for _, part := range []struct {
		sql  string
		know func(pgx.Rows) error
		all  []term
	}{
		{usersAtSQL, t.knowUser, users},
		{groupsAtSQL, t.knowGroup, only(terms, []index{byDisplayName, byBuiltIn, byGroupExternalID, byGroupUnique})},
		{resourcesAtSQL, t.knowResource, only(terms, []index{byResourceID, byResourceUnique})},
		{tombsAtSQL, t.knowTombstone, only(terms, []index{byTombExternalID})},
	} {
		if len(part.all) > 0 {
			kinds, values := columns(part.all)
			b.Queue(part.sql, t.pk, kinds, values).Query(eachRow(part.know, func() {}))
		}
	}
}

func (t *tx) queueEntries(b *pgx.Batch, terms []term) {
	kinds, values := columns(terms)
	b.Queue(termsSQL, t.pk, kinds, values).Query(eachRow(func(rows pgx.Rows) error {
		var kind, scope string
		var value []byte
		var id directory.ID
		if err := rows.Scan(&kind, &value, &scope, (*[16]byte)(&id)); err != nil {
			return err
		}
		at := term{index(kind), string(value)}
		t.known.terms[at] = append(t.known.terms[at], entry{scope, id})
		return nil
	}, func() { t.entriesRead(terms) }))
}

// entriesRead puts the entries of terms in the order of their IDs, and adds those that are pending.
func (t *tx) entriesRead(terms []term) {
	absent(t.known.terms, terms)()
	for _, at := range terms {
		slices.SortFunc(t.known.terms[at], func(a, b entry) int { return compareIDs(a.id, b.id) })
		for e, how := range t.pending.entries[at] {
			t.moveEntry(at, e, how)
		}
	}
}

func only(terms []term, of []index) (out []term) {
	for _, at := range terms {
		for _, i := range of {
			if at.index == i {
				out = append(out, at)
			}
		}
	}
	return out
}

func columns(terms []term) (kinds []string, values bytesArray) {
	for _, at := range terms {
		kinds, values = append(kinds, string(at.index)), append(values, []byte(at.value))
	}
	return kinds, values
}

const kvsSQL = "select m.kind, m.key, m.value from unnest($2::text[], $3::text[]) as w(kind, key)" +
	" cross join lateral (select kind, key, value from memo where pk = $1 and kind = w.kind and key = w.key offset 0) m"

func (t *tx) queueKVs(b *pgx.Batch, refs []directory.KVRef) {
	if len(refs) == 0 {
		return
	}
	var kinds, keys []string
	for _, ref := range refs {
		kinds, keys = append(kinds, string(ref.Kind)), append(keys, ref.Key)
	}
	b.Queue(kvsSQL, t.pk, kinds, keys).Query(eachRow(func(rows pgx.Rows) error {
		m, err := scanKV(rows)
		if err == nil {
			t.known.kvs[directory.KVRef{Kind: m.Kind, Key: m.Key}] = m
		}
		return err
	}, absent(t.known.kvs, refs)))
}

// scanUser reads a row of id, head and doc.
func scanUser(rows pgx.Rows) (*directory.User, error) {
	var id directory.ID
	var head, doc []byte
	if err := rows.Scan((*[16]byte)(&id), &head, &doc); err != nil {
		return nil, err
	}
	return readUser(id, head, doc)
}

func readUser(id directory.ID, head, doc []byte) (*directory.User, error) {
	u := &directory.User{ID: id, Document: doc}
	d := record.NewReader(string(head))
	if err := d.ReadUser(u); err != nil {
		return nil, damaged("user "+id.String(), err)
	}
	return u, nil
}

func scanGroup(rows pgx.Rows) (*directory.Group, error) {
	var id directory.ID
	var head, doc []byte
	if err := rows.Scan((*[16]byte)(&id), &head, &doc); err != nil {
		return nil, err
	}
	return readGroup(id, head, doc)
}

func readGroup(id directory.ID, head, doc []byte) (*directory.Group, error) {
	g := &directory.Group{ID: id, Document: doc}
	d := record.NewReader(string(head))
	if err := d.ReadGroup(g); err != nil {
		return nil, damaged("group "+id.String(), err)
	}
	return g, nil
}

func scanResource(rows pgx.Rows) (*directory.Resource, error) {
	v := new(directory.Resource)
	var head []byte
	if err := rows.Scan((*[16]byte)(&v.ID), &head, (*[]byte)(&v.Document)); err != nil {
		return nil, err
	}
	d := record.NewReader(string(head))
	if err := d.ReadResource(v); err != nil {
		return nil, damaged("resource "+v.ID.String(), err)
	}
	return v, nil
}

func scanKV(rows pgx.Rows) (*directory.KV, error) {
	m := new(directory.KV)
	err := rows.Scan((*string)(&m.Kind), &m.Key, (*[]byte)(&m.Value))
	return m, err
}

func scanMembership(rows pgx.Rows) (m directory.Membership, err error) {
	var kind string
	err = rows.Scan((*[16]byte)(&m.Group), (*[16]byte)(&m.Member.ID), (*[16]byte)(&m.Source), &kind, &m.Member.Display)
	m.Member.Kind = directory.Kind(kind)
	return m, err
}
