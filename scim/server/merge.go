package server

import (
	"slices"

	"drawbridge/directory"
)

// merged answers a query over several types that all have the attribute to sort by: one order over all of them, resources
// without a value last, or first in descending order (RFC 7644 §3.4.2.3). It reads only the positions of the resources that the
// page may need, and then reads the resources of the page completely. A resource that is deleted in
// between is left out of the page.
func (s *server) merged(c *call, p directory.Principal, parts []part, walk *pager, out *page) error {
	count := walk.left
	ahead := count
	if walk.from == nil {
		ahead += min(walk.skip, maxAhead)
	}
	var all []found
	for i := range parts {
		part := &parts[i]
		part.query.Count = ahead
		if i < len(walk.known) {
			part.query.Known = &walk.known[i]
		}
		if walk.from != nil {
			part.query.After = walk.from.after
		}
		got, err := s.marks(c, p, part, func(m directory.Mark) error { all = append(all, found{m, part}); return nil })
		if err != nil {
			return err
		}
		walk.total += got.Total
		walk.reported = append(walk.reported, directory.Known{Version: got.Version, Total: got.Total})
		walk.more = walk.more || got.Last != nil
	}
	order := parts[0].query.Sort
	slices.SortFunc(all, func(a, b found) int {
		if order.Before(a.mark, b.mark) {
			return -1
		}
		return 1 // no two are equal: an id is given once
	})
	if walk.from == nil {
		all = all[min(walk.skip, len(all)):]
	}
	shown := all[:min(count, len(all))]
	for i := range shown {
		if err := s.one(c, p, &shown[i], out); err != nil {
			return err
		}
	}
	if len(shown) > 0 && (walk.more || len(all) > len(shown)) {
		walk.next = &place{after: &shown[len(shown)-1].mark}
	}
	return nil
}

// maxAhead limits what a page by startIndex makes the server remember; a larger index is beyond the end of any tenant.
const maxAhead = 10_000_000

// found is a resource and its position in the order.
type found struct {
	mark directory.Mark
	part *part
}

// marks gives the positions of the matching resources of one type, in order.
func (s *server) marks(c *call, p directory.Principal, part *part, yield func(directory.Mark) error) (directory.Page, error) {
	q := part.query
	mark := func(id directory.ID, r directory.Record) error {
		return yield(directory.Mark{ID: id, Key: q.Sort.Key(r)})
	}
	switch part.kind {
	case c.catalog.User:
		return s.bridge.ListUsers(c.ctx, p, q, func(u *directory.User, _ []directory.GroupRef) error {
			return mark(u.ID, directory.UserRecord{User: u})
		})
	case c.catalog.Group:
		return s.bridge.ListGroups(c.ctx, p, q, func(g *directory.Group, _ []directory.Member) error {
			return mark(g.ID, directory.GroupRecord{Group: g})
		})
	}
	return s.bridge.ListResources(c.ctx, p, part.kind.Kind(), q, func(x *directory.Resource) error {
		return mark(x.ID, directory.ResourceRecord{Resource: x})
	})
}

// one puts one resource on the page.
func (s *server) one(c *call, p directory.Principal, f *found, out *page) error {
	q := directory.Query{Count: 1, Where: directory.Compare{Path: directory.Path{Name: "id"}, Op: directory.Equal, CaseExact: true, Value: f.mark.ID.String()}}
	_, err := s.collection(c.catalog, f.part.kind).list(c, p, &part{f.part.kind, q, f.part.view}, out)
	return err
}
