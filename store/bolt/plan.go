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
	rankExternalID
	rankEmail
	rankMember
)

// rank says how well the indexes of a kind answer e.
func rank(kind directory.Kind, e directory.Expr) int {
	switch e := e.(type) {
	case directory.And: // the best of its terms
		best := rankNone
		for _, term := range e {
			if r := rank(kind, term); r != rankNone && (best == rankNone || r < best) {
				best = r
			}
		}
		return best
	case directory.Or: // all of its terms, or none
		worst := rankNone
		for _, term := range e {
			r := rank(kind, term)
			if r == rankNone {
				return rankNone
			}
			worst = max(worst, r)
		}
		return worst
	case directory.Compare:
		return rankCompare(kind, e)
	case directory.Any:
		if inner, ok := equalValue(e); ok {
			return rankCompare(kind, inner)
		}
	}
	return rankNone
}

func rankCompare(kind directory.Kind, c directory.Compare) int {
	value, ok := c.Value.(string)
	if !ok || c.Op != directory.Equal || c.Type != directory.Text || c.Path.Schema != "" {
		return rankNone
	}
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
func (r *reader) candidates(q *directory.Query, kind directory.Kind, e directory.Expr) ([]directory.ID, error) {
	switch e := e.(type) {
	case directory.And:
		best := rank(kind, e)
		for _, term := range e {
			if rank(kind, term) == best {
				return r.candidates(q, kind, term)
			}
		}
	case directory.Or:
		var all []directory.ID
		for _, term := range e {
			some, err := r.candidates(q, kind, term)
			if err != nil {
				return nil, err
			}
			all = append(all, some...)
		}
		return ordered(all), nil
	case directory.Compare:
		found, err := r.equal(q, kind, e)
		return ordered(found), err
	case directory.Any:
		inner, _ := equalValue(e)
		return r.candidates(q, kind, inner)
	}
	return nil, internal("no index answers %T", e)
}

func ordered(ids []directory.ID) []directory.ID {
	slices.SortFunc(ids, compareIDs)
	return slices.Compact(ids)
}

// equal asks the index of one attribute.
func (r *reader) equal(q *directory.Query, kind directory.Kind, c directory.Compare) ([]directory.ID, error) {
	value, _ := c.Value.(string)
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
