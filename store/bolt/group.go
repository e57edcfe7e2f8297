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

func (w *writer) oldGroup(id directory.ID) (*directory.Group, error) {
	record := w.reader.get(groups, id[:])
	if record == nil {
		return nil, nil
	}
	g := new(directory.Group)
	if err := decodeGroup(g, id[:], record, transact); err != nil {
		return nil, w.reader.damaged("group", id, err)
	}
	return g, nil
}

// putGroup writes a group; delta is the change of its number of members.
func (w *writer) putGroup(g *directory.Group, delta int) error {
	old, err := w.oldGroup(g.ID)
	if err != nil {
		return err
	}
	now := *g
	now.Members = delta
	if old != nil {
		now.Members += old.Members
	}
	if err := w.countGroup(old, &now); err != nil {
		return err
	}
	if err := w.reindex(groupKeys(old), groupKeys(&now)); err != nil {
		return err
	}
	return w.put(groups, g.ID[:], encodeGroup(&now))
}

func (w *writer) removeGroup(id directory.ID, deltas map[directory.ID]int) error {
	old, err := w.oldGroup(id)
	if err != nil || old == nil {
		return err
	}
	if err := w.countGroup(old, nil); err != nil {
		return err
	}
	if err := w.reindex(groupKeys(old), nil); err != nil {
		return err
	}
	if err := w.remove(groups, id[:]); err != nil {
		return err
	}
	if err := w.removeMembers(id); err != nil {
		return err
	}
	delete(deltas, id)
	return w.leaveAll(id, deltas)
}

func (w *writer) countGroup(old, now *directory.Group) error {
	n := 0
	if old != nil && old.BuiltIn == "" {
		n--
	}
	if now != nil && now.BuiltIn == "" {
		n++
	}
	if n == 0 {
		return nil
	}
	c, err := w.changedCounts()
	if err != nil {
		return err
	}
	c.Groups += n
	return nil
}
