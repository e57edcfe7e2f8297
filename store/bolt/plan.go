package bolt

import (
	"slices"

	"drawbridge/directory"
	"drawbridge/store/search"
)

// unique lists the attributes of the tenant's own schemas that have an index.
func (r *reader) unique(kind directory.Kind) []directory.UniqueAttribute {
	t, err := r.Tenant()
	if err != nil {
		return nil
	}
	return directory.UniqueAttributes(t.Schemas, kind)
}

// candidates returns the IDs of all records that the look-ups find, in order.
func (r *reader) candidates(q *directory.Query, kind directory.Kind, lookUps []search.LookUp) ([]directory.ID, error) {
	var all []directory.ID
	for _, l := range lookUps {
		some, err := r.find(q, kind, l)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	slices.SortFunc(all, compareIDs)
	return slices.Compact(all), nil
}

// find reads one index.
func (r *reader) find(q *directory.Query, kind directory.Kind, l search.LookUp) ([]directory.ID, error) {
	switch l.Index {
	case search.ByUnique:
		return r.lookup(uniqueIndex(kind), l.Value, nil), nil
	case search.ByExternalID:
		return r.lookup(externalIDIndex(kind), l.Value, nil), nil
	case search.ByEmail:
		return r.lookup(byEmail, directory.Fold(l.Value), nil), nil
	case search.ByName:
		return r.named(q, kind, l.Value), nil
	}
	id, ok := directory.ParseID(l.Value)
	if !ok {
		return nil, nil
	}
	if l.Index == search.ByMember {
		return r.related(kind, id)
	}
	if r.get(partOf(kind), id[:]) == nil {
		return nil, nil
	}
	return []directory.ID{id}, nil
}

// named finds users or groups by their name.
func (r *reader) named(q *directory.Query, kind directory.Kind, name string) []directory.ID {
	if kind == directory.UserKind {
		name = r.store.nameKey(name)
		found := r.lookup(byUserName, name, nil)
		if q.Gone {
			found = append(found, r.lookup(byGoneName, name, nil)...)
		}
		return found
	}
	found := r.lookup(byDisplayName, directory.Fold(name), nil)
	if q.BuiltIn {
		found = append(found, r.builtIns()...)
	}
	return found
}

// related finds the users of a group, or the groups of a member.
func (r *reader) related(kind directory.Kind, id directory.ID) ([]directory.ID, error) {
	if kind == directory.UserKind {
		below, err := r.usersBelow(id)
		// A membership may name a member that never was a user of this tenant.
		return slices.DeleteFunc(below, func(id directory.ID) bool { return r.get(users, id[:]) == nil }), err
	}
	var found []directory.ID
	err := r.groupsOf(id, func(group, _ directory.ID) error {
		found = append(found, group)
		return nil
	})
	return found, err
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

// builtIns returns the IDs of the built-in groups.
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
