package postgres

import (
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"drawbridge/directory"
	"drawbridge/store/record"
)

// pending is what a transaction will write and has not sent yet. It has only the names of records; their newest form is in known.
type pending struct {
	users, groups, resources, tombstones map[directory.ID]bool
	kvs                                  map[directory.KVRef]bool
	entries                              map[term]map[entry]move
	members                              map[directory.ID]map[place]*directory.Membership // by member; nil: taken out
	audit                                []directory.Audit
	events                               []directory.Event
	rare                                 pgx.Batch // statements for everything that is rarely written
}

func newPending() pending {
	return pending{
		users: map[directory.ID]bool{}, groups: map[directory.ID]bool{}, resources: map[directory.ID]bool{}, tombstones: map[directory.ID]bool{},
		kvs: map[directory.KVRef]bool{}, entries: map[term]map[entry]move{}, members: map[directory.ID]map[place]*directory.Membership{},
	}
}

// also adds a statement to what is pending.
func (t *tx) also(sql string, args ...any) { t.pending.rare.Queue(sql, args...) }

// move is what becomes of an entry of an index.
type move bool

const (
	entryAdded   move = true
	entryRemoved move = false
)

// addKey and dropKey change the entries of an index.
func (t *tx) addKey(k key)  { t.moveKey(k, entryAdded) }
func (t *tx) dropKey(k key) { t.moveKey(k, entryRemoved) }

func (t *tx) moveKey(k key, how move) {
	if t.pending.entries[k.term] == nil {
		t.pending.entries[k.term] = map[entry]move{}
	}
	t.pending.entries[k.term][k.entry] = how
	if _, ok := t.known.terms[k.term]; ok {
		t.moveEntry(k.term, k.entry, how)
	}
}

// moveEntry changes the known entries of a term. They stay in the order of their IDs.
func (t *tx) moveEntry(at term, e entry, how move) {
	without := slices.DeleteFunc(slices.Clone(t.known.terms[at]), func(other entry) bool { return other == e })
	if how == entryAdded {
		i, _ := slices.BinarySearchFunc(without, e, func(a, b entry) int { return compareIDs(a.id, b.id) })
		without = slices.Insert(without, i, e)
	}
	t.known.terms[at] = without
}

// moveMember adds a membership, or removes it if m is nil.
func (t *tx) moveMember(member directory.ID, at place, m *directory.Membership) {
	if t.pending.members[member] == nil {
		t.pending.members[member] = map[place]*directory.Membership{}
	}
	t.pending.members[member][at] = m
	if all, ok := t.known.of[member]; ok {
		t.known.of[member] = moved(all, at, m)
	}
	p := pair{at.group, member}
	if all, ok := t.known.memberships[p]; ok {
		t.known.memberships[p] = moved(all, at, m)
	}
}

// moved is a list of memberships of one member with m at its place, or without it if m is nil, in order.
func moved(all []directory.Membership, at place, m *directory.Membership) []directory.Membership {
	all = slices.DeleteFunc(slices.Clone(all), func(other directory.Membership) bool {
		return other.Group == at.group && other.Source == at.source
	})
	if m == nil {
		return all
	}
	i, _ := slices.BinarySearchFunc(all, *m, func(a, b directory.Membership) int {
		if order := compareIDs(a.Group, b.Group); order != 0 {
			return order
		}
		return compareIDs(a.Source, b.Source)
	})
	return slices.Insert(all, i, *m)
}

// flushInto queues the pending writes.
func (t *tx) flushInto(b *pgx.Batch) error {
	lines := t.pending.lines()
	if err := t.flushRecords(b); err != nil {
		return err
	}
	if len(lines.audit) > 0 {
		b.Queue(auditSQL, t.pk, lines.auditSeqs, lines.audit)
	}
	if len(lines.events) > 0 {
		b.Queue(eventsSQL, t.pk, lines.eventSeqs, lines.events)
	}
	return nil
}

// flushRecords queues the pending writes without audit lines and events, and forgets all: a few statements for what is written, and one for each
// row that is removed.
func (t *tx) flushRecords(b *pgx.Batch) error {
	p := &t.pending
	t.flushKeys(b)
	t.flushUsers(b)
	t.flushGroups(b)
	t.flushResources(b)
	if err := t.flushTombstones(b); err != nil {
		return err
	}
	t.flushKVs(b)
	t.flushMembers(b)
	b.QueuedQueries = append(b.QueuedQueries, p.rare.QueuedQueries...)
	t.pending = newPending()
	return nil
}

func (t *tx) flushKeys(b *pgx.Batch) {
	for _, how := range []move{entryRemoved, entryAdded} {
		var kinds, scopes []string
		var values bytesArray
		var ids []directory.ID
		for at, moves := range t.pending.entries {
			for e, is := range moves {
				if is == how {
					kinds, values = append(kinds, string(at.index)), append(values, []byte(at.value))
					scopes, ids = append(scopes, e.scope), append(ids, e.id)
				}
			}
		}
		if len(ids) == 0 {
			continue
		}
		if how == entryAdded {
			b.Queue("insert into key (pk, kind, value, scope, id) select $1, * from unnest($2::text[], $3::bytea[], $4::text[], $5::uuid[]) on conflict do nothing",
				t.pk, kinds, values, scopes, uuids(ids))
			continue
		}
		for i := range ids { // a row is a statement: a join may read all keys of the tenant, as in fetch.go
			b.Queue("delete from key where pk = $1 and kind = $2 and value = $3 and scope = $4 and id = $5", t.pk, kinds[i], values[i], scopes[i], uuidOf(ids[i]))
		}
	}
}

// documents are the columns of records that have a document.
type documents struct {
	ids     uuidArray
	flags   []bool
	kinds   []string
	heads   bytesArray
	docs    bytesArray
	removed []pgtype.UUID
}

func (d *documents) put(id directory.ID, head, doc []byte) {
	if doc == nil {
		doc = []byte{}
	}
	d.ids, d.heads, d.docs = append(d.ids, uuidOf(id)), append(d.heads, head), append(d.docs, doc)
}

const (
	newUsersSQL  = "insert into usr (pk, id, gone, head, doc) select $1, * from unnest($2::uuid[], $3::bool[], $4::bytea[], $5::bytea[])"
	putUsersSQL  = newUsersSQL + " on conflict (pk, id) do update set gone = excluded.gone, head = excluded.head, doc = excluded.doc"
	newGroupsSQL = "insert into grp (pk, id, builtin, head, doc) select $1, * from unnest($2::uuid[], $3::bool[], $4::bytea[], $5::bytea[])"
	putGroupsSQL = newGroupsSQL + " on conflict (pk, id) do update set builtin = excluded.builtin, head = excluded.head, doc = excluded.doc"
)

// queue writes records with a flag.
func (d *documents) queue(b *pgx.Batch, sql string, pk int64) {
	if len(d.ids) > 0 {
		b.Queue(sql, pk, d.ids, d.flags, d.heads, d.docs)
	}
}

func (t *tx) flushUsers(b *pgx.Batch) {
	var fresh, put documents
	var removed []pgtype.UUID
	for id := range t.pending.users {
		u := t.known.users[id]
		if u == nil {
			removed = append(removed, uuidOf(id))
			continue
		}
		d := &put
		if t.known.fresh[id] {
			delete(t.known.fresh, id)
			d = &fresh
		}
		d.put(id, record.AppendUser(nil, u), u.Document)
		d.flags = append(d.flags, u.Gone())
	}
	for _, id := range removed {
		b.Queue("delete from usr where pk = $1 and id = $2", t.pk, id)
	}
	fresh.queue(b, newUsersSQL, t.pk)
	put.queue(b, putUsersSQL, t.pk)
}

func (t *tx) flushGroups(b *pgx.Batch) {
	var fresh, put documents
	var removed []pgtype.UUID
	for id := range t.pending.groups {
		g := t.known.groups[id]
		if g == nil {
			removed = append(removed, uuidOf(id))
			continue
		}
		d := &put
		if t.known.fresh[id] {
			delete(t.known.fresh, id)
			d = &fresh
		}
		d.put(id, record.AppendGroup(nil, g), g.Document)
		d.flags = append(d.flags, g.BuiltIn != "")
	}
	for _, id := range removed {
		b.Queue("delete from grp where pk = $1 and id = $2", t.pk, id)
	}
	fresh.queue(b, newGroupsSQL, t.pk)
	put.queue(b, putGroupsSQL, t.pk)
}

func (t *tx) flushResources(b *pgx.Batch) {
	var d documents
	for id := range t.pending.resources {
		if v := t.known.resources[id]; v != nil {
			d.put(id, record.AppendResource(nil, v), v.Document)
			d.kinds = append(d.kinds, string(v.Kind))
		} else {
			d.removed = append(d.removed, uuidOf(id))
		}
	}
	for _, id := range d.removed {
		b.Queue("delete from res where pk = $1 and id = $2", t.pk, id)
	}
	if len(d.ids) > 0 {
		b.Queue("insert into res (pk, id, kind, head, doc) select $1, * from unnest($2::uuid[], $3::text[], $4::bytea[], $5::bytea[]) on conflict (pk, id) do update set kind = excluded.kind, head = excluded.head, doc = excluded.doc",
			t.pk, d.ids, d.kinds, d.heads, d.docs)
	}
}

func (t *tx) flushTombstones(b *pgx.Batch) error {
	var ids, removed uuidArray
	var bodies bytesArray
	for id := range t.pending.tombstones {
		v := t.known.tombstones[id]
		if v == nil {
			removed = append(removed, uuidOf(id))
			continue
		}
		body, err := marshal(v)
		if err != nil {
			return err
		}
		ids, bodies = append(ids, uuidOf(id)), append(bodies, body)
	}
	for _, id := range removed {
		b.Queue("delete from tomb where pk = $1 and id = $2", t.pk, id)
	}
	if len(ids) > 0 {
		b.Queue("insert into tomb (pk, id, body) select $1, * from unnest($2::uuid[], $3::bytea[]) on conflict (pk, id) do update set body = excluded.body", t.pk, ids, bodies)
	}
	return nil
}

func (t *tx) flushKVs(b *pgx.Batch) {
	var kinds, keys, goneKinds, goneKeys []string
	var values bytesArray
	for ref := range t.pending.kvs {
		if m := t.known.kvs[ref]; m != nil {
			value := []byte(m.Value)
			if value == nil {
				value = []byte{}
			}
			kinds, keys, values = append(kinds, string(ref.Kind)), append(keys, ref.Key), append(values, value)
		} else {
			goneKinds, goneKeys = append(goneKinds, string(ref.Kind)), append(goneKeys, ref.Key)
		}
	}
	for i := range goneKinds {
		b.Queue("delete from memo where pk = $1 and kind = $2 and key = $3", t.pk, goneKinds[i], goneKeys[i])
	}
	if len(kinds) > 0 {
		b.Queue("insert into memo (pk, kind, key, value) select $1, * from unnest($2::text[], $3::text[], $4::bytea[]) on conflict (pk, kind, key) do update set value = excluded.value", t.pk, kinds, keys, values)
	}
}

func (t *tx) flushMembers(b *pgx.Batch) {
	var in, out struct {
		groups, members, sources []directory.ID
		kinds, displays          []string
	}
	for member, moves := range t.pending.members {
		for at, m := range moves {
			if m == nil {
				out.groups, out.members, out.sources = append(out.groups, at.group), append(out.members, member), append(out.sources, at.source)
				continue
			}
			in.groups, in.members, in.sources = append(in.groups, at.group), append(in.members, member), append(in.sources, at.source)
			in.kinds, in.displays = append(in.kinds, string(m.Member.Kind)), append(in.displays, m.Member.Display)
		}
	}
	for i := range out.groups {
		b.Queue("delete from member where pk = $1 and grp = $2 and member = $3 and source = $4", t.pk, uuidOf(out.groups[i]), uuidOf(out.members[i]), uuidOf(out.sources[i]))
	}
	if len(in.groups) > 0 {
		b.Queue("insert into member (pk, grp, member, source, kind, display) select $1, * from unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[]) on conflict (pk, grp, member, source) do update set kind = excluded.kind, display = excluded.display",
			t.pk, uuids(in.groups), uuids(in.members), uuids(in.sources), in.kinds, in.displays)
	}
}

// lines are audit lines and events as they are stored.
type lines struct {
	auditSeqs, eventSeqs []int64
	audit, events        bytesArray
}

func (p *pending) lines() (l lines) {
	for i := range p.audit {
		a := &p.audit[i]
		l.auditSeqs, l.audit = append(l.auditSeqs, int64(a.Seq)), append(l.audit, record.AppendAudit(nil, a))
	}
	for i := range p.events {
		e := &p.events[i]
		l.eventSeqs, l.events = append(l.eventSeqs, int64(e.Seq)), append(l.events, record.AppendEvent(nil, e))
	}
	return l
}

const (
	auditSQL  = "insert into audit (pk, seq, body) select $1, * from unnest($2::bigint[], $3::bytea[])"
	eventsSQL = "insert into event (pk, seq, body) select $1, * from unnest($2::bigint[], $3::bytea[])"

	// endSQL writes what nearly every update ends with: its lines, its batch, and the row of the tenant. One statement costs less than four.
	endSQL = `with audited as (insert into audit (pk, seq, body) select $1, * from unnest($9::bigint[], $10::bytea[])),
 told as (insert into event (pk, seq, body) select $1, * from unnest($11::bigint[], $12::bytea[])),
 named as (insert into batch (id) values ($13))
 update lane set change = $2, event_seq = $3, event_first = $4, noticed = $5, audit_seq = $6, audit_head = $7, usage = $8 where pk = $1`
)

// finish queues all that is pending, and the end of an update that is looked up under batch (see resolve).
func (t *tx) finish(b *pgx.Batch, batch pgtype.UUID) error {
	l := t.pending.lines()
	if err := t.flushRecords(b); err != nil {
		return err
	}
	h := &t.head
	h.change++
	b.Queue(endSQL, t.pk, h.change, h.eventSeq, h.forgotten, h.noticed, h.auditSeq, h.chainHead[:], record.AppendUsage(nil, &h.usage),
		l.auditSeqs, l.audit, l.eventSeqs, l.events, batch)
	return nil
}
