package postgres

import (
	"math"
	"slices"

	"drawbridge/directory"
	"drawbridge/store/search"
)

// listPiece is how many records a list reads at a time.
const listPiece = 1000

// table describes a kind of record for lists.
type table[T any] struct {
	r      reader
	kind   directory.Kind
	piece  func(after directory.ID, limit int) ([]*T, error)     // the next records in the order of their IDs
	byIDs  func(ids []directory.ID) (map[directory.ID]*T, error) // reads the records that exist
	find   func(search.LookUp) ([]directory.ID, error)           // what an index names
	id     func(*T) directory.ID
	hidden func(*T) bool
	show   func([]*T) (func(*T) directory.Record, error) // prepares these records for a condition
	give   func([]*T) error                              // yields records
	count  func() (int, error)                           // the number of records without a condition
}

// startAt is where a page begins, and what is known about the whole result.
type startAt struct {
	mark  *directory.Mark // after this record; nil: at the beginning
	skip  int             // leave out so many matches after it
	total int             // matches in all; -1: not known
}

// run answers a query: from indexes if they can answer it, else by reading each record.
func (t *table[T]) run(q directory.Query) (directory.Page, error) {
	give := t.give
	t.give = func(some []*T) error {
		t.r.t.yielded = t.r.t.yielded || len(some) > 0
		return give(some)
	}
	if err := t.narrow(&q); err != nil {
		return directory.Page{}, err
	}
	p := t.place(&q)
	if q.Where == nil {
		var err error
		if p.total, err = t.count(); err != nil {
			return directory.Page{}, err
		}
	}
	if q.Count <= 0 && p.total >= 0 {
		return directory.Page{Total: p.total, Version: t.version()}, nil
	}
	order := t.inOrder
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

// narrow lets the list read only the records from indexes, if they can answer the condition.
func (t *table[T]) narrow(q *directory.Query) error {
	if q.Where == nil {
		return nil
	}
	var unique []directory.UniqueAttribute
	if tenant := t.r.t.head.tenant; tenant != nil {
		unique = directory.UniqueAttributes(tenant.Schemas, t.kind)
	}
	lookUps, ok := search.Plan(t.kind, unique, q)
	if !ok {
		return nil
	}
	var ids []directory.ID
	for _, l := range lookUps {
		some, err := t.find(l)
		if err != nil {
			return err
		}
		ids = append(ids, some...)
	}
	slices.SortFunc(ids, compareIDs)
	ids = slices.Compact(ids)
	t.piece = func(after directory.ID, limit int) ([]*T, error) {
		i, found := slices.BinarySearchFunc(ids, after, compareIDs)
		if found {
			i++
		}
		var all []*T
		for i < len(ids) && len(all) < limit {
			some := ids[i:min(i+limit-len(all), len(ids))]
			i += len(some)
			records, err := t.byIDs(some)
			if err != nil {
				return nil, err
			}
			for _, id := range some {
				if v := records[id]; v != nil { // a membership may outlive its member
					all = append(all, v)
				}
			}
		}
		return all, nil
	}
	return nil
}

// visit passes all matches after an ID to fn, piece by piece, until fn needs no more. fn gets one match and may keep it for the end of
// the piece, when end is called.
func (t *table[T]) visit(q *directory.Query, after directory.ID, limit int, fn func(*T, directory.Record) (bool, error), end func() error) error {
	for {
		some, err := t.piece(after, limit)
		if err != nil {
			return err
		}
		record, err := t.show(some)
		if err != nil {
			return err
		}
		goOn := len(some) == limit
		for _, v := range some {
			after = t.id(v)
			if t.hidden(v) {
				continue
			}
			r := record(v)
			if q.Where != nil && !directory.Match(q.Where, r) {
				continue
			}
			more, err := fn(v, r)
			if err != nil {
				return err
			}
			if !more {
				goOn = false
				break
			}
		}
		if err := end(); err != nil || !goOn {
			return err
		}
		limit = listPiece
	}
}

// inOrder gives a page in the order of the IDs.
func (t *table[T]) inOrder(q *directory.Query, p startAt) (page directory.Page, err error) {
	var after directory.ID
	if p.mark != nil {
		after = p.mark.ID
	}
	from, limit := after, listPiece
	if p.total < 0 {
		from = directory.ID{} // everything must be counted
	} else {
		limit = max(1, min(p.skip+q.Count+1, listPiece))
	}
	matches, more := 0, false
	var last directory.Mark
	var out []*T
	err = t.visit(q, from, limit, func(v *T, _ directory.Record) (bool, error) {
		matches++
		id := t.id(v)
		switch {
		case compareIDs(id, after) <= 0:
		case p.skip > 0:
			p.skip--
		case page.Given < q.Count:
			page.Given++
			last = directory.Mark{ID: id}
			out = append(out, v)
		default:
			more = true
			return p.total < 0, nil
		}
		return true, nil
	}, func() error {
		some := out
		out = nil
		return t.give(some)
	})
	if page.Total = p.total; p.total < 0 {
		page.Total = matches
	}
	if more && page.Given > 0 {
		page.Last = &last
	}
	return page, err
}

// sorted gives a page in the order of an attribute. It reads all records and keeps only those of the page and before it.
func (t *table[T]) sorted(q *directory.Query, p startAt) (page directory.Page, err error) {
	const all = math.MaxInt / 4
	first := search.First{N: min(p.skip, all) + min(max(q.Count, 0), all) + 1, Order: *q.Sort}
	err = t.visit(q, directory.ID{}, listPiece, func(v *T, r directory.Record) (bool, error) {
		page.Total++
		m := directory.Mark{ID: t.id(v), Key: q.Sort.Key(r)}
		if p.mark == nil || q.Sort.Before(*p.mark, m) {
			first.Add(m)
		}
		return true, nil
	}, func() error { return nil })
	if err != nil {
		return directory.Page{}, err
	}
	var last directory.Mark
	marks := first.Sorted()
	marks = marks[min(p.skip, len(marks)):]
	if len(marks) > q.Count {
		marks = marks[:max(q.Count, 0)]
		if len(marks) > 0 {
			page.Last = &last
		}
	}
	for some := range slices.Chunk(marks, listPiece) {
		ids := make([]directory.ID, len(some))
		for i, m := range some {
			ids[i] = m.ID
		}
		records, err := t.byIDs(ids)
		if err != nil {
			return directory.Page{}, err
		}
		out := make([]*T, len(ids))
		for i, id := range ids {
			out[i] = records[id]
		}
		page.Given += len(out)
		last = some[len(some)-1]
		if err := t.give(out); err != nil {
			return directory.Page{}, err
		}
	}
	return page, nil
}

// place finds the beginning of a page. While nothing has changed, it begins at the place from an earlier page.
func (t *table[T]) place(q *directory.Query) startAt {
	start := max(q.Start, 1)
	p := startAt{mark: q.After, total: -1}
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

// version is the number of the last change of the tenant. Inside an update it is 0, because the update may never be committed.
func (t *table[T]) version() uint64 {
	if t.r.t.update || t.r.t.pk == noData {
		return 0
	}
	return uint64(t.r.t.head.change)
}
