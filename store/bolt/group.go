package bolt

import (
	"drawbridge/directory"
)

// Group returns a group, built in or not.
func (r *reader) Group(id directory.ID) (directory.Group, error) {
	record := r.get(groups, id[:])
	if record == nil {
		return directory.Group{}, notFound("group")
	}
	var g directory.Group
	if err := decodeGroup(&g, id[:], record, forever); err != nil {
		return directory.Group{}, r.damaged("group", id, err)
	}
	return g, nil
}

// GroupByName returns the one group with this displayName that is not built in.
func (r *reader) GroupByName(displayName string) (directory.Group, error) {
	folded := directory.Fold(displayName)
	return r.oneGroup(byDisplayName, folded, func(g *directory.Group) bool {
		return g.BuiltIn == "" && directory.Fold(g.DisplayName) == folded
	})
}

// BuiltIn returns a built-in group.
func (r *reader) BuiltIn(name directory.BuiltIn) (directory.Group, error) {
	if name == "" {
		return directory.Group{}, notFound("group")
	}
	return r.oneGroup(byBuiltIn, string(name), func(g *directory.Group) bool { return g.BuiltIn == name })
}

func (r *reader) oneGroup(index byte, value string, indexed func(*directory.Group) bool) (directory.Group, error) {
	ids := r.lookup(index, value, nil)
	if len(ids) == 0 {
		return directory.Group{}, notFound("group")
	}
	g, err := r.Group(ids[0])
	if err != nil {
		return directory.Group{}, r.dangling("group", ids[0], err)
	}
	if !indexed(&g) {
		return directory.Group{}, r.damaged("group", g.ID, errMisplaced("name"))
	}
	return g, nil
}

// GroupsByExternalID returns groups that a connection manages.
func (r *reader) GroupsByExternalID(connection directory.ConnectionID, externalID string) ([]directory.Group, error) {
	if externalID == "" {
		return nil, nil
	}
	scope := string(connection)
	var all []directory.Group
	for _, id := range r.lookup(byGroupExternalID, externalID, &scope) {
		g, err := r.Group(id)
		if err != nil {
			return nil, r.dangling("group", id, err)
		}
		if g.Connection != connection || g.ExternalID != externalID {
			return nil, r.damaged("group", id, errMisplaced("externalId"))
		}
		all = append(all, g)
	}
	return all, nil
}
