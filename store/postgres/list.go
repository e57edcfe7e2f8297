package postgres

import (
	"github.com/jackc/pgx/v5"

	"drawbridge/directory"
	"drawbridge/store/search"
)

// pieceOf reads the next records of a table.
func pieceOf[T any](r reader, sql string, scan func(pgx.Rows) (*T, error), args ...any) func(after directory.ID, limit int) ([]*T, error) {
	return func(after directory.ID, limit int) (all []*T, err error) {
		err = r.t.ask(sql, append([]any{r.t.pk, uuidOf(after), limit}, args...), func(rows pgx.Rows) error {
			v, err := scan(rows)
			all = append(all, v)
			return err
		})
		return all, err
	}
}

// knownOf reads records into known and gives those that exist.
func knownOf[T any](r reader, known map[directory.ID]*T, n func(ids []directory.ID) need) func(ids []directory.ID) (map[directory.ID]*T, error) {
	return func(ids []directory.ID) (map[directory.ID]*T, error) { return known, r.t.fetch(n(ids)) }
}

// Users yields the users that match q.
func (r reader) Users(q directory.Query, yield func(*directory.User, []directory.GroupRef) error) (directory.Page, error) {
	withGroups := search.Mentions(q.Where, "groups") || q.Sort != nil && q.Sort.Path.Name == "groups"
	t := &table[directory.User]{r: r, kind: directory.UserKind}
	t.piece = pieceOf(r, "select id, head, doc from usr where pk = $1 and id > $2 and ($4 or not gone) order by id limit $3", scanUser, q.Gone)
	t.byIDs = knownOf(r, r.t.known.users, func(ids []directory.ID) need { return need{users: ids} })
	t.id = func(u *directory.User) directory.ID { return u.ID }
	t.hidden = func(u *directory.User) bool { return u.Gone() && !q.Gone }
	t.find = func(l search.LookUp) ([]directory.ID, error) { return r.findUsers(l, q) }
	t.show = func(some []*directory.User) (func(*directory.User) directory.Record, error) {
		if !withGroups {
			return func(u *directory.User) directory.Record { return directory.UserRecord{User: u} }, nil
		}
		refs, err := r.refsOf(some)
		return func(u *directory.User) directory.Record {
			return directory.UserRecord{User: u, Groups: func() []any { return search.Groups(refs[u.ID]) }}
		}, err
	}
	t.give = func(some []*directory.User) error {
		var refs map[directory.ID][]directory.GroupRef
		if q.Groups {
			var err error
			if refs, err = r.refsOf(some); err != nil {
				return err
			}
		}
		for _, u := range some {
			if err := yield(u, refs[u.ID]); err != nil {
				return err
			}
		}
		return nil
	}
	t.count = func() (int, error) {
		if q.Gone {
			return r.t.head.usage.Visible() + r.t.head.usage.Gone, nil
		}
		return r.t.head.usage.Visible(), nil
	}
	page, err := t.run(q)
	return page, stopped(err)
}

// refsOf gives the groups of some users, with all groups above them, in one round trip.
func (r reader) refsOf(some []*directory.User) (map[directory.ID][]directory.GroupRef, error) {
	ids := make([]directory.ID, len(some))
	for i, u := range some {
		ids[i] = u.ID
	}
	if err := r.t.fetch(need{above: ids}); err != nil {
		return nil, err
	}
	refs := make(map[directory.ID][]directory.GroupRef, len(ids))
	for _, id := range ids {
		found, err := r.GroupRefs(id)
		if err != nil {
			return nil, err
		}
		refs[id] = found
		if !r.t.update { // a walk over all users must not keep all of them
			delete(r.t.known.of, id)
		}
	}
	return refs, nil
}

func (r reader) findUsers(l search.LookUp, q directory.Query) ([]directory.ID, error) {
	switch l.Index {
	case search.ByUnique:
		return r.lookup(byUserUnique, l.Value, nil)
	case search.ByExternalID:
		return r.lookup(byUserExternalID, l.Value, nil)
	case search.ByEmail:
		return r.lookup(byEmail, directory.Fold(l.Value), nil)
	case search.ByName:
		found, err := r.lookup(byUserName, directory.UserNameKey(l.Value), nil)
		if err != nil || !q.Gone {
			return found, err
		}
		more, err := r.lookup(byGoneName, directory.UserNameKey(l.Value), nil)
		return append(found, more...), err
	}
	id, ok := directory.ParseID(l.Value)
	if !ok {
		return nil, nil
	}
	if l.Index == search.ByMember {
		return r.usersBelow(id)
	}
	return []directory.ID{id}, nil
}

// Groups yields the groups that match q.
func (r reader) Groups(q directory.Query, yield func(*directory.Group, []directory.Member) error) (directory.Page, error) {
	withMembers := search.Mentions(q.Where, "members") || q.Sort != nil && q.Sort.Path.Name == "members"
	t := &table[directory.Group]{r: r, kind: directory.GroupKind}
	t.piece = pieceOf(r, "select id, head, doc from grp where pk = $1 and id > $2 and ($4 or not builtin) order by id limit $3", scanGroup, q.BuiltIn)
	t.byIDs = knownOf(r, r.t.known.groups, func(ids []directory.ID) need { return need{groups: ids} })
	t.id = func(g *directory.Group) directory.ID { return g.ID }
	t.hidden = func(g *directory.Group) bool { return g.BuiltIn != "" && !q.BuiltIn }
	t.find = func(l search.LookUp) ([]directory.ID, error) { return r.findGroups(l, q) }
	t.show = func(some []*directory.Group) (func(*directory.Group) directory.Record, error) {
		members := make(map[directory.ID][]directory.Member)
		for _, g := range some {
			if !withMembers {
				break
			}
			list, err := r.distinctMembers(g.ID)
			if err != nil {
				return nil, err
			}
			members[g.ID] = list
		}
		return func(g *directory.Group) directory.Record {
			return directory.GroupRecord{Group: g, Members: func() []any { return search.Members(members[g.ID]) }}
		}, nil
	}
	t.give = func(some []*directory.Group) error {
		for _, g := range some {
			var list []directory.Member
			if q.Members {
				var err error
				if list, err = r.distinctMembers(g.ID); err != nil {
					return err
				}
			}
			if err := yield(g, list); err != nil {
				return err
			}
		}
		return nil
	}
	t.count = func() (int, error) {
		if !q.BuiltIn {
			return r.t.head.usage.Groups, nil
		}
		ids, err := r.builtIns()
		return r.t.head.usage.Groups + len(ids), err
	}
	page, err := t.run(q)
	return page, stopped(err)
}

// builtIns gives the IDs of the built-in groups.
func (r reader) builtIns() (ids []directory.ID, err error) {
	if err := r.t.fetch(need{builtIns: true}); err != nil {
		return nil, err
	}
	for _, name := range directory.BuiltIns() {
		found, err := r.lookup(byBuiltIn, string(name), nil)
		if err != nil {
			return nil, err
		}
		ids = append(ids, found...)
	}
	return ids, nil
}

func (r reader) findGroups(l search.LookUp, q directory.Query) ([]directory.ID, error) {
	switch l.Index {
	case search.ByUnique:
		return r.lookup(byGroupUnique, l.Value, nil)
	case search.ByExternalID:
		return r.lookup(byGroupExternalID, l.Value, nil)
	case search.ByName:
		found, err := r.lookup(byDisplayName, directory.Fold(l.Value), nil)
		if err != nil || !q.BuiltIn {
			return found, err
		}
		more, err := r.builtIns()
		return append(found, more...), err
	}
	id, ok := directory.ParseID(l.Value)
	if !ok {
		return nil, nil
	}
	if l.Index != search.ByMember {
		return []directory.ID{id}, nil
	}
	all, err := r.MembershipsOf(id)
	var found []directory.ID
	for _, m := range all {
		found = append(found, m.Group)
	}
	return found, err
}

// Resources yields the resources of a kind that match q.
func (r reader) Resources(kind directory.Kind, q directory.Query, yield func(*directory.Resource) error) (directory.Page, error) {
	t := &table[directory.Resource]{r: r, kind: kind}
	t.piece = pieceOf(r, "select id, head, doc from res where pk = $1 and id > $2 and kind = $4 order by id limit $3", scanResource, string(kind))
	t.byIDs = knownOf(r, r.t.known.resources, func(ids []directory.ID) need { return need{resources: ids} })
	t.id = func(v *directory.Resource) directory.ID { return v.ID }
	t.hidden = func(v *directory.Resource) bool { return v.Kind != kind }
	t.find = func(l search.LookUp) ([]directory.ID, error) {
		switch l.Index {
		case search.ByUnique:
			return r.lookup(byResourceUnique, l.Value, nil)
		case search.ByExternalID:
			return r.lookup(byResourceID, l.Value, nil)
		}
		id, ok := directory.ParseID(l.Value)
		if !ok {
			return nil, nil
		}
		return []directory.ID{id}, nil
	}
	t.show = func([]*directory.Resource) (func(*directory.Resource) directory.Record, error) {
		return func(v *directory.Resource) directory.Record { return directory.ResourceRecord{Resource: v} }, nil
	}
	t.give = func(some []*directory.Resource) error {
		for _, v := range some {
			if err := yield(v); err != nil {
				return err
			}
		}
		return nil
	}
	t.count = func() (int, error) { return r.t.head.usage.Resources[kind], nil }
	page, err := t.run(q)
	return page, stopped(err)
}
