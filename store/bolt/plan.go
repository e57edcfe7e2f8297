package bolt

import (
	"slices"

	"drawbridge/directory"
)

// An index answers a condition if it names all records that can meet it; each is looked at once more by directory.Match.
// The smaller the rank, the fewer records an index names. 0: no index answers.
const (
	rankNone = iota
	rankID
	rankName
	rankUnique
	rankExternalID
	rankEmail
	rankMember
)

// indexed is what the indexes of a kind know.
type indexed struct {
	kind   directory.Kind
	unique []directory.UniqueAttribute // of the tenant's own schemas
}

// indexed gives what the indexes of a kind know in this tenant.
func (r *reader) indexed(kind directory.Kind) indexed {
	in := indexed{kind: kind}
	if t, err := r.Tenant(); err == nil {
		in.unique = directory.UniqueAttributes(t.Schemas, kind)
	}
	return in
}

// key gives the index entry under which records stand that meet c; ok is false if no index of unique values answers.
func (in *indexed) key(c *directory.Compare) (key directory.UniqueKey, ok bool) {
	for i := range in.unique {
		if a := &in.unique[i]; a.Path == c.Path && a.CaseExact == c.CaseExact && a.Type == c.Type {
			key = a.Key(c.Value)
			return key, key != ""
		}
	}
	return "", false
}

// rank says how well the indexes of a kind answer e.
func (in *indexed) rank(e directory.Expr) int {
	switch e := e.(type) {
	case directory.And: // the best of its terms
		best := rankNone
		for _, term := range e {
			if r := in.rank(term); r != rankNone && (best == rankNone || r < best) {
				best = r
			}
		}
		return best
	case directory.Or: // all of its terms, or none
		worst := rankNone
		for _, term := range e {
			r := in.rank(term)
			if r == rankNone {
				return rankNone
			}
			worst = max(worst, r)
		}
		return worst
	case directory.Compare:
		return in.rankCompare(&e)
	case directory.Any:
		if inner, ok := equalValue(e); ok {
			return in.rankCompare(&inner)
		}
	}
	return rankNone
}

func (in *indexed) rankCompare(c *directory.Compare) int {
	value, ok := c.Value.(string)
	if !ok || c.Op != directory.Equal || c.Type != directory.Text {
		return rankNone
	}
	if _, unique := in.key(c); unique {
		return rankUnique
	}
	if c.Path.Schema != "" {
		return rankNone
	}
	kind := in.kind
	whole := c.Path.Sub == ""
	ofValue := whole || c.Path.Sub == "value"
	switch name := c.Path.Name; {
	case name == "id" && whole:
		return rankID
	case name == "externalId" && whole && c.CaseExact && value != "":
		return rankExternalID
	case kind == directory.UserKind && name == "userName" && whole:
		return rankName
	case kind == directory.UserKind && name == "emails" && ofValue:
		return rankEmail
	case kind == directory.UserKind && name == "groups" && ofValue:
		return rankMember
	case kind == directory.GroupKind && name == "displayName" && whole:
		return rankName
	case kind == directory.GroupKind && name == "members" && ofValue:
		return rankMember
	}
	return rankNone
}

// equalValue gives the term of emails[value eq "x" and …] that an index can answer.
func equalValue(e directory.Any) (directory.Compare, bool) {
	switch where := e.Where.(type) {
	case directory.Compare:
		if where.Path.Name == "value" && where.Path.Sub == "" && where.Path.Schema == "" && e.Path.Sub == "" {
			where.Path = directory.Path{Schema: e.Path.Schema, Name: e.Path.Name, Sub: "value"}
			return where, where.Op == directory.Equal
		}
	case directory.And:
		for _, term := range where {
			if inner, ok := equalValue(directory.Any{Path: e.Path, Where: term}); ok {
				return inner, true
			}
		}
	}
	return directory.Compare{}, false
}

// candidates gives the IDs of all records that can meet e, in order; rank must not be rankNone.
func (r *reader) candidates(q *directory.Query, in *indexed, e directory.Expr) ([]directory.ID, error) {
	switch e := e.(type) {
	case directory.And:
		best := in.rank(e)
		for _, term := range e {
			if in.rank(term) == best {
				return r.candidates(q, in, term)
			}
		}
	case directory.Or:
		var all []directory.ID
		for _, term := range e {
			some, err := r.candidates(q, in, term)
			if err != nil {
				return nil, err
			}
			all = append(all, some...)
		}
		return ordered(all), nil
	case directory.Compare:
		found, err := r.equal(q, in, &e)
		return ordered(found), err
	case directory.Any:
		inner, _ := equalValue(e)
		return r.candidates(q, in, inner)
	}
	return nil, internal("no index answers %T", e)
}

func ordered(ids []directory.ID) []directory.ID {
	slices.SortFunc(ids, compareIDs)
	return slices.Compact(ids)
}

// equal asks the index of one attribute.
func (r *reader) equal(q *directory.Query, in *indexed, c *directory.Compare) ([]directory.ID, error) {
	kind := in.kind
	value, _ := c.Value.(string)
	if key, unique := in.key(c); unique {
		return r.lookup(uniqueIndex(kind), string(key), nil), nil
	}
	switch c.Path.Name {
	case "id":
		id, ok := directory.ParseID(value)
		if !ok || r.get(partOf(kind), id[:]) == nil {
			return nil, nil
		}
		return []directory.ID{id}, nil
	case "externalId":
		return r.lookup(externalIDIndex(kind), value, nil), nil
	case "userName":
		found := r.lookup(byUserName, directory.Fold(value), nil)
		if q.Gone {
			found = append(found, r.lookup(byGoneName, directory.Fold(value), nil)...)
		}
		return found, nil
	case "emails":
		return r.lookup(byEmail, directory.Fold(value), nil), nil
	case "displayName":
		found := r.lookup(byDisplayName, directory.Fold(value), nil)
		if q.BuiltIn {
			found = append(found, r.builtIns()...)
		}
		return found, nil
	case "groups":
		group, ok := directory.ParseID(value)
		if !ok {
			return nil, nil
		}
		below, err := r.usersBelow(group)
		// A membership may outlive its member, if that never was a user of this tenant.
		return slices.DeleteFunc(below, func(id directory.ID) bool { return r.get(users, id[:]) == nil }), err
	case "members":
		member, ok := directory.ParseID(value)
		if !ok {
			return nil, nil
		}
		var found []directory.ID
		err := r.groupsOf(member, func(group, _ directory.ID) error {
			found = append(found, group)
			return nil
		})
		return found, err
	}
	return nil, internal("no index of %q", c.Path.Name)
}

func uniqueIndex(kind directory.Kind) byte {
	switch kind {
	case directory.UserKind:
		return byUserUnique
	case directory.GroupKind:
		return byGroupUnique
	}
	return byResourceUnique
}

// builtIns gives the IDs of the built-in groups.
func (r *reader) builtIns() []directory.ID {
	var found []directory.ID
	for _, name := range directory.BuiltIns() {
		found = append(found, r.lookup(byBuiltIn, string(name), nil)...)
	}
	return found
}

func partOf(kind directory.Kind) part {
	switch kind {
	case directory.UserKind:
		return users
	case directory.GroupKind:
		return groups
	}
	return resources
}

func externalIDIndex(kind directory.Kind) byte {
	switch kind {
	case directory.UserKind:
		return byUserExternalID
	case directory.GroupKind:
		return byGroupExternalID
	}
	return byResourceID
}

// mentions reports whether e looks at the attribute, so that what is costly to make is made for it only.
func mentions(e directory.Expr, name string) bool {
	switch e := e.(type) {
	case directory.And:
		return slices.ContainsFunc(e, func(term directory.Expr) bool { return mentions(term, name) })
	case directory.Or:
		return slices.ContainsFunc(e, func(term directory.Expr) bool { return mentions(term, name) })
	case directory.Not:
		return mentions(e.Expr, name)
	case directory.Compare:
		return e.Path.Name == name
	case directory.Present:
		return e.Path.Name == name
	case directory.Any:
		return e.Path.Name == name
	}
	return false
}
