package server

import (
	"net/http"
	"slices"
	"strings"

	"drawbridge/directory"
	"drawbridge/scim"
	"drawbridge/scim/filter"
)

const searchSchema = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"

// list is GET on a resource type.
func (s *server) list(c *call, p directory.Principal) (reply, error) {
	return s.query(c, p, []*scim.ResourceType{c.kind})
}

// search is POST /{type}/.search (RFC 7644 §3.4.3): a query whose parameters are in the body and so in no log.
func (s *server) search(c *call, p directory.Principal) (reply, error) {
	if err := c.searchRequest(); err != nil {
		return reply{}, err
	}
	return s.list(c, p)
}

// listRoot is GET on the base URL: a query over all types (RFC 7644 §3.4.2.1).
func (s *server) listRoot(c *call, p directory.Principal) (reply, error) {
	return s.query(c, p, c.catalog.Types)
}

func (s *server) searchRoot(c *call, p directory.Principal) (reply, error) {
	if err := c.searchRequest(); err != nil {
		return reply{}, err
	}
	return s.listRoot(c, p)
}

// query answers a query over one or several types of resource: the resources of one type after those of another, unless an
// order was asked for that goes across them.
func (s *server) query(c *call, p directory.Principal, kinds []*scim.ResourceType) (reply, error) {
	in := &c.params
	count, err := s.count(in)
	if err != nil {
		return reply{}, err
	}
	parts, err := s.parts(c, kinds)
	if err != nil {
		return reply{}, err
	}
	bound := binding(p.Connection.ID, kinds, in)
	key := walkOf(p, bound, count)
	start := max(in.start, 1)
	walk := pager{start: start, skip: start - 1, left: count, waiting: -1}
	switch {
	case in.cursor != "":
		at, err := s.cursors.read(in.cursor, bound, len(parts), s.now())
		if err != nil {
			return reply{}, err
		}
		walk.from = &at
	case in.cursorSet:
		walk.from = &place{}
	default:
		if walk.from, walk.known, err = s.resume(c, p, key, start); err != nil {
			return reply{}, err
		}
	}
	if scans(c.catalog, parts) || large(c.catalog, parts, count) {
		again, done, err := c.compute(p)
		if err != nil {
			return reply{}, err
		}
		defer done()
		p = again
	}
	out := s.page(c)
	if merges(parts) {
		err = s.merged(c, p, parts, &walk, out)
	} else {
		err = s.oneByOne(c, p, parts, &walk, out)
	}
	if err != nil {
		s.release(out.buffer)
		return reply{}, err
	}
	if count == 0 {
		walk.next = nil
	}
	if in.cursorSet {
		next := ""
		if walk.next != nil {
			next = s.cursors.write(*walk.next, bound, s.now())
		}
		return out.finish(walk.total, 0, next), nil
	}
	if err := s.remember(c, p, key, out.given, &walk); err != nil {
		s.release(out.buffer)
		return reply{}, err
	}
	return out.finish(walk.reach(walk.start, out.given), walk.start, ""), nil
}

// oneByOne puts the resources of one type after those of another.
func (s *server) oneByOne(c *call, p directory.Principal, parts []part, walk *pager, out *page) error {
	for i := range parts {
		part := &parts[i]
		walk.aim(i, &part.query)
		got, err := s.collection(c.catalog, part.kind).list(c, p, part, out)
		if err != nil {
			return err
		}
		walk.took(i, got)
	}
	return nil
}

// pager walks over the types of a query, from a place or by position.
type pager struct {
	start   int    // the position of the first resource of the page, from 1
	from    *place // where to begin: a cursor, or the end of the page before; nil: by position
	skip    int    // resources to pass over, by position
	left    int    // resources still to be given
	total   int
	waiting int    // if the page ended exactly with a type: the next type, from which on a match is on the next page; otherwise -1
	next    *place // where the next page begins
	more    bool   // some type has more than was asked for

	known    []directory.Known // what the previous page reported about each type
	reported []directory.Known // what this page reports
}

// aim sets where the query of type i begins and its limit.
func (w *pager) aim(i int, q *directory.Query) {
	q.Count = w.left
	if i < len(w.known) {
		q.Known = &w.known[i]
	}
	switch {
	case w.from == nil:
		q.Start = w.skip + 1
	case i < w.from.kind:
		q.Count = 0
	case i == w.from.kind:
		q.After = w.from.after
	}
}

// took notes what the query of type i gave.
func (w *pager) took(i int, got directory.Page) {
	report := directory.Known{Version: got.Version, Total: got.Total}
	if w.from == nil && got.Last != nil && got.Given > 0 {
		report.Next, report.Mark = w.skip+1+got.Given, *got.Last
	}
	w.reported = append(w.reported, report)
	w.total += got.Total
	w.left -= got.Given
	w.skip = max(w.skip-got.Total, 0)
	if w.from != nil && i < w.from.kind || w.next != nil {
		return
	}
	switch {
	case w.waiting >= 0 && got.Total > 0:
		w.next = &place{kind: i}
	case got.Last != nil && got.Given > 0:
		w.next, w.left = &place{kind: i, after: got.Last}, 0
	case w.left == 0 && w.waiting < 0:
		w.waiting = i + 1
	}
}

// reach is totalResults of a page by startIndex. It is never less than the position of the next record, because a client would otherwise
// end a walk during deletions before it has read all users.
func (w *pager) reach(start, given int) int {
	if given == 0 {
		return w.total
	}
	last := start - 1 + given
	if w.next != nil {
		last++
	}
	return max(w.total, last)
}

// count is how many resources the client gets at most.
func (s *server) count(in *params) (int, error) {
	switch {
	case in.countBad && in.cursorSet:
		return 0, &scim.Error{Status: http.StatusBadRequest, Type: "invalidCount", Detail: "count must be an integer"}
	case in.countBad:
		return 0, scim.InvalidValue("count must be an integer")
	case in.count < 0:
		return s.limits.PageSize, nil
	}
	return min(in.count, s.limits.MaxPage), nil
}

// part is the part of a query for one type of resource.
type part struct {
	kind  *scim.ResourceType
	query directory.Query
	view  *scim.Projection
}

// parts reads filter, order and projection for each type. Types that the filter excludes are left out.
func (s *server) parts(c *call, kinds []*scim.ResourceType) ([]part, error) {
	in := &c.params
	if in.filterSet && in.filter == "" {
		return nil, scim.InvalidFilter("the filter is empty; leave the parameter out to list all")
	}
	within := s.limits.filter()
	parts := make([]part, 0, len(kinds))
	for _, t := range kinds {
		p := part{kind: t}
		var err error
		if in.filter != "" {
			if len(kinds) == 1 {
				p.query.Where, err = within.Parse(t, in.filter, &c.quirks)
			} else {
				p.query.Where, err = within.ParseAny(c.catalog, t, in.filter, &c.quirks)
			}
			if err != nil {
				return nil, err
			}
			p.query.Where = filter.Locate(p.query.Where, t, c.base)
		}
		if p.view, err = c.projection(t); err != nil {
			return nil, err
		}
		if len(kinds) == 1 || !filter.Never(p.query.Where) {
			parts = append(parts, p)
		}
	}
	if in.sortBy == "" {
		return parts, nil
	}
	if len(kinds) > 1 {
		if !slices.ContainsFunc(kinds, func(t *scim.ResourceType) bool { return sortable(t, in.sortBy) }) {
			return nil, scim.InvalidPath("sortBy must name an attribute")
		}
		return arrange(parts, in)
	}
	var err error
	parts[0].query.Sort, err = order(kinds[0], in)
	return parts, err
}

// arrange orders the resources of several types by an attribute. If only one type has it, those of the others come after, or
// before if the order is descending (RFC 7644 §3.4.2.3). If several have it, the parts of all get an order, to be merged;
// an attribute that a type lacks is unassigned in all of its resources.
func arrange(parts []part, in *params) ([]part, error) {
	var having, lacking []part
	for _, p := range parts {
		if !sortable(p.kind, in.sortBy) {
			lacking = append(lacking, p)
			continue
		}
		var err error
		if p.query.Sort, err = order(p.kind, in); err != nil {
			return nil, err
		}
		having = append(having, p)
	}
	switch {
	case len(having) > 1:
		for i := range lacking {
			lacking[i].query.Sort = having[0].query.Sort
		}
		return append(having, lacking...), nil
	case len(having) == 0 || !having[0].query.Sort.Descending:
		return append(having, lacking...), nil
	}
	return append(lacking, having...), nil
}

// merges reports whether the parts must be merged into one order.
func merges(parts []part) bool {
	return len(parts) > 1 && !slices.ContainsFunc(parts, func(p part) bool { return p.query.Sort == nil })
}

// sortable reports whether resources of type t have the attribute.
func sortable(t *scim.ResourceType, attribute string) bool {
	target, ok := t.Resolve(attribute)
	return ok && target.Attribute != nil
}

// order reads sortBy and sortOrder (RFC 7644 §3.4.2.3).
func order(t *scim.ResourceType, in *params) (*directory.Sort, error) {
	target, ok := t.Resolve(in.sortBy)
	a := target.Leaf()
	if !ok || a == nil || a.Returned == scim.ReturnedNever {
		return nil, scim.InvalidPath("sortBy must name an attribute of " + t.Name)
	}
	if a.Type == scim.Complex && a.SubAttribute("value") == nil {
		return nil, scim.InvalidPath("sortBy must name a sub-attribute of " + a.Name)
	}
	s := &directory.Sort{Path: a.Path(), Type: a.ValueType(), CaseExact: a.CaseExact}
	if s.Path == (directory.Path{Name: "meta", Sub: "location"}) { // locations differ in their IDs only
		s.Path = directory.Path{Name: "id"}
	}
	switch {
	case in.sortOrder == "" || strings.EqualFold(in.sortOrder, "ascending"):
	case strings.EqualFold(in.sortOrder, "descending"):
		s.Descending = true
	default:
		return nil, scim.InvalidValue("sortOrder must be ascending or descending")
	}
	return s, nil
}

// binding identifies a query for its next pages: the connection, the types, the filter and the order.
func binding(connection directory.ConnectionID, kinds []*scim.ResourceType, in *params) []byte {
	b := make([]byte, 0, 64+len(in.filter))
	b = append(b, connection...)
	for _, t := range kinds {
		b = append(b, t.Endpoint...)
	}
	for _, part := range [...]string{in.filter, in.sortBy, in.sortOrder} {
		b = append(append(b, 0), part...)
	}
	return b
}

// searchRequest reads a SearchRequest into the parameters of c; those of the URL mean nothing then.
func (c *call) searchRequest() error {
	if err := scim.CheckMessage(c.body, searchSchema, &c.quirks); err != nil {
		return err
	}
	known := paramNames()
	scim.NoteNames(c.body, &c.quirks, append(known[:], "schemas")...)
	in := params{count: -1}
	for _, at := range c.body {
		name := knownParam(at.Name)
		if name == "" {
			continue
		}
		switch value := at.Value.(type) {
		case nil:
			continue
		case string:
			if name == "count" || name == "startIndex" {
				c.quirks.Add(scim.QuirkStringNumber)
			}
			if err := in.set(name, value, value, &c.quirks); err != nil {
				return err
			}
			continue
		case directory.Number:
			if name == "count" || name == "startIndex" {
				if err := in.set(name, string(value), string(value), &c.quirks); err != nil {
					return err
				}
				continue
			}
		case []any:
			if name == "attributes" || name == "excludedAttributes" {
				for _, element := range value {
					text, ok := element.(string)
					if !ok {
						return scim.InvalidValue(name + " must be a list of attribute names")
					}
					if err := in.set(name, text, text, &c.quirks); err != nil {
						return err
					}
				}
				continue
			}
		}
		return scim.InvalidValue(name + " has a value of the wrong type")
	}
	c.params = in
	return nil
}
