package bolt

import (
	"bytes"
	"math"
	"slices"

	"drawbridge/directory"
	"drawbridge/store/record"
	"drawbridge/store/search"
)

// table describes one kind of record to run.
type table struct {
	r       *reader
	kind    directory.Kind
	part    part
	hidden  byte                                          // records with one of these flags are left out
	look    func(key, record []byte) error                // decodes a record into shown, for a moment
	shown   directory.Record                              // the record that look decoded last
	foreign func() bool                                   // reports whether an index named a record of another kind; nil: none does
	give    func(key, record []byte) error                // decodes a record completely and yields it
	count   func() (int, error)                           // number of records, for a query without a condition
	scan    func(after directory.ID, visit visitor) error // visits all records by ID
}

// visitor reads one record; goOn is false when it needs no more.
type visitor func(key, record []byte) (goOn bool, err error)

// run answers a query from an index if there is a suitable one, or else from all records.
func (t *table) run(q directory.Query) (directory.Page, error) {
	if q.Where != nil {
		if lookUps, ok := search.Plan(t.kind, t.r.unique(t.kind), &q); ok {
			ids, err := t.r.candidates(&q, t.kind, lookUps)
			if err != nil {
				return directory.Page{}, err
			}
			t.scan = t.these(ids)
		}
	}
	p := t.place(&q)
	if q.Where == nil {
		total, err := t.count()
		if err != nil {
			return directory.Page{}, err
		}
		p.total = total
	}
	if q.Count <= 0 && p.total >= 0 {
		return directory.Page{Total: p.total, Version: t.version()}, nil
	}
	order := t.byID
	if q.Sort != nil {
		order = t.sorted
	}
	page, err := order(&q, p)
	if err != nil {
		return directory.Page{}, err
	}
	page.Version = t.version()
	return page, nil
}

// place is where a page begins, and what is known about the whole result.
type place struct {
	mark  *directory.Mark // begin after this record; nil: at the beginning
	skip  int             // leave out this many matches after it
	total int             // matches in all; -1: not known
}

// place finds the beginning of a page. If nothing has changed since an earlier page, it begins where that page ended, so that
// reading a whole list costs linear time.
func (t *table) place(q *directory.Query) place {
	start := max(q.Start, 1)
	p := place{mark: q.After, total: -1}
	if q.After == nil {
		p.skip = start - 1
	}
	known := q.Known
	if known == nil || known.Version == 0 || known.Version != t.version() {
		return p
	}
	p.total = known.Total
	if q.After == nil && known.Next > 0 && known.Next <= start {
		p.mark, p.skip = &known.Mark, start-known.Next
	}
	return p
}

// version changes with every change of users, groups and resources of the tenant: each has an audit line. Inside an update it is
// 0, because the update may never be committed.
func (t *table) version() uint64 {
	if b := t.r.part(audit); b != nil && t.r.writer == nil {
		return b.Sequence()
	}
	return 0
}

// byID returns a page by ID.
func (t *table) byID(q *directory.Query, p place) (page directory.Page, err error) {
	var after directory.ID
	if p.mark != nil {
		after = p.mark.ID
	}
	from := after
	if p.total < 0 {
		from = directory.ID{} // all matches must be counted
	}
	matches, more := 0, false
	var last directory.Mark
	err = t.scan(from, func(key, record []byte) (bool, error) {
		ok, err := t.matches(q, key, record)
		if !ok || err != nil {
			return true, err
		}
		matches++
		switch {
		case bytes.Compare(key, after[:]) <= 0:
		case p.skip > 0:
			p.skip--
		case page.Given < q.Count:
			page.Given++
			last = directory.Mark{ID: directory.ID(key)}
			return true, t.give(key, record)
		default:
			more = true
			return p.total < 0, nil
		}
		return true, nil
	})
	if page.Total = p.total; p.total < 0 {
		page.Total = matches
	}
	if more && page.Given > 0 {
		page.Last = &last
	}
	return page, err
}

// sorted returns a page in the order of an attribute. It reads all records and keeps only those of the page and before it.
func (t *table) sorted(q *directory.Query, p place) (page directory.Page, err error) {
	const all = math.MaxInt / 4
	first := search.First{N: min(p.skip, all) + min(max(q.Count, 0), all) + 1, Order: *q.Sort}
	err = t.scan(directory.ID{}, func(key, record []byte) (bool, error) {
		ok, err := t.matches(q, key, record)
		if !ok || err != nil {
			return true, err
		}
		page.Total++
		if q.Where == nil { // then matches has not decoded it
			if err := t.look(key, record); err != nil {
				return false, t.r.damaged(string(t.kind), directory.ID(key), err)
			}
		}
		m := directory.Mark{ID: directory.ID(key), Key: q.Sort.Key(t.shown)}
		if p.mark == nil || q.Sort.Before(*p.mark, m) {
			first.Add(m)
		}
		return true, nil
	})
	if err != nil {
		return directory.Page{}, err
	}
	var last directory.Mark
	for i, m := range first.Sorted() {
		if i < p.skip {
			continue
		}
		if page.Given == q.Count {
			if page.Given > 0 {
				page.Last = &last
			}
			break
		}
		if err := t.give(m.ID[:], t.r.get(t.part, m.ID[:])); err != nil {
			return directory.Page{}, err
		}
		page.Given++
		last = m
	}
	return page, nil
}

func (t *table) matches(q *directory.Query, key, record []byte) (bool, error) {
	if flags(record)&t.hidden != 0 {
		if _, err := unseal(key, record); err != nil { // a damaged record must not hide itself
			return false, t.r.damaged(string(t.kind), directory.ID(key), err)
		}
		return false, nil
	}
	if q.Where == nil {
		return true, nil
	}
	if err := t.look(key, record); err != nil {
		return false, t.r.damaged(string(t.kind), directory.ID(key), err)
	}
	if t.foreign != nil && t.foreign() {
		return false, nil
	}
	return directory.Match(q.Where, t.shown), nil
}

// all scans a whole bucket.
func (t *table) all(after directory.ID, visit visitor) error {
	b := t.r.part(t.part)
	if b == nil {
		return nil
	}
	c := b.Cursor()
	k, v := c.Seek(after[:])
	if bytes.Equal(k, after[:]) {
		k, v = c.Next()
	}
	for ; k != nil; k, v = c.Next() {
		if len(k) != idLength {
			return damaged(t.r.tenant, string(t.kind), "key", errMisplaced("length"))
		}
		if goOn, err := visit(k, v); err != nil || !goOn {
			return err
		}
	}
	return nil
}

// these scans the records that an index named.
func (t *table) these(ids []directory.ID) func(after directory.ID, visit visitor) error {
	return func(after directory.ID, visit visitor) error {
		first, found := slices.BinarySearchFunc(ids, after, compareIDs)
		if found {
			first++
		}
		for i := range ids[first:] {
			id := &ids[first+i]
			record := t.r.get(t.part, id[:])
			if record == nil {
				return t.r.damaged(string(t.kind), *id, errNoRecord())
			}
			if goOn, err := visit(id[:], record); err != nil || !goOn {
				return err
			}
		}
		return nil
	}
}

// Users yields the users that match q.
func (r *reader) Users(q directory.Query, yield func(*directory.User, []directory.GroupRef) error) (directory.Page, error) {
	up := newUpward(r)
	row := &userRow{}
	if search.Mentions(q.Where, "groups") || q.Sort != nil && q.Sort.Path.Name == "groups" {
		row.groups = func() []any {
			refs, err := up.refs(row.user.ID)
			row.err = err
			return search.Groups(refs)
		}
	}
	t := &table{r: r, kind: directory.UserKind, part: users, hidden: record.FlagGone, shown: row}
	if q.Gone {
		t.hidden = 0
	}
	t.scan = t.all
	t.look = func(key, record []byte) error {
		if row.err != nil {
			return row.err
		}
		return decodeUser(&row.user, key, record, transact)
	}
	t.give = func(key, record []byte) error {
		u := new(directory.User)
		if err := decodeUser(u, key, record, forever); err != nil {
			return r.damaged("user", directory.ID(key), err)
		}
		var refs []directory.GroupRef
		if q.Groups {
			var err error
			if refs, err = up.refs(u.ID); err != nil {
				return err
			}
		}
		return yield(u, refs)
	}
	t.count = func() (int, error) {
		c, err := r.Usage()
		if q.Gone {
			return c.Visible() + c.Gone, err
		}
		return c.Visible(), err
	}
	page, err := t.run(q)
	if err == nil {
		err = row.err
	}
	return page, stopped(err)
}

// userRow is the user that a scan has just decoded. It aliases the file.
type userRow struct {
	user   directory.User
	groups func() []any
	err    error // of groups
}

func (r *userRow) Attribute(schema, name string) any {
	return directory.UserRecord{User: &r.user, Groups: r.groups}.Attribute(schema, name)
}

// Groups yields the groups that match q.
func (r *reader) Groups(q directory.Query, yield func(*directory.Group, []directory.Member) error) (directory.Page, error) {
	row := &groupRow{}
	if search.Mentions(q.Where, "members") || q.Sort != nil && q.Sort.Path.Name == "members" {
		row.members = func() []any {
			list, err := r.distinctMembers(row.group.ID)
			row.err = err
			return search.Members(list)
		}
	}
	t := &table{r: r, kind: directory.GroupKind, part: groups, hidden: record.FlagBuiltIn, shown: row}
	if q.BuiltIn {
		t.hidden = 0
	}
	t.scan = t.all
	t.look = func(key, record []byte) error {
		if row.err != nil {
			return row.err
		}
		return decodeGroup(&row.group, key, record, transact)
	}
	t.give = func(key, record []byte) error {
		g := new(directory.Group)
		if err := decodeGroup(g, key, record, forever); err != nil {
			return r.damaged("group", directory.ID(key), err)
		}
		var list []directory.Member
		if q.Members {
			var err error
			if list, err = r.distinctMembers(g.ID); err != nil {
				return err
			}
		}
		return yield(g, list)
	}
	t.count = func() (int, error) {
		c, err := r.Usage()
		if q.BuiltIn {
			return c.Groups + len(r.builtIns()), err
		}
		return c.Groups, err
	}
	page, err := t.run(q)
	if err == nil {
		err = row.err
	}
	return page, stopped(err)
}

// groupRow is the group that a scan has just decoded. It aliases the file.
type groupRow struct {
	group   directory.Group
	members func() []any
	err     error // of members
}

func (r *groupRow) Attribute(schema, name string) any {
	return directory.GroupRecord{Group: &r.group, Members: r.members}.Attribute(schema, name)
}

// Resources yields the resources of a kind that match q.
func (r *reader) Resources(kind directory.Kind, q directory.Query, yield func(*directory.Resource) error) (directory.Page, error) {
	row := &resourceRow{}
	t := &table{r: r, kind: kind, part: resources, shown: row}
	t.scan = t.these(r.lookup(byKind, string(kind), nil))
	t.look = func(key, record []byte) error {
		return decodeResource(&row.resource, key, record, transact)
	}
	t.foreign = func() bool { return row.resource.Kind != kind }
	t.give = func(key, record []byte) error {
		v := new(directory.Resource)
		if err := decodeResource(v, key, record, forever); err != nil {
			return r.damaged("resource", directory.ID(key), err)
		}
		return yield(v)
	}
	t.count = func() (int, error) {
		c, err := r.Usage()
		return c.Resources[kind], err
	}
	page, err := t.run(q)
	return page, stopped(err)
}

// resourceRow is the resource that a scan has just decoded. It aliases the file.
type resourceRow struct{ resource directory.Resource }

func (r *resourceRow) Attribute(schema, name string) any {
	return directory.ResourceRecord{Resource: &r.resource}.Attribute(schema, name)
}
