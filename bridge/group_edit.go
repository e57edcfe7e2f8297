package bridge

import (
	"slices"
	"time"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
)

// groupEdit is what a write does to one group.
type groupEdit struct {
	before         *directory.Group // nil: new
	after          directory.Group
	action         directory.Action
	reason         string // of the audit line
	deviations     []string
	added, removed []directory.ID
	versioned      bool

	// For a built-in group, in which a member may have memberships from several sources (G4): how many memberships each touched
	// member had, and how many are added or removed. The added and removed members follow from it at the end.
	touched []directory.ID
	had     map[directory.ID]int
	moves   map[directory.ID]int
}

// editOf gives the pending edit of g, which is new if the write has not touched g yet.
func (t *tenantTx) editOf(g directory.Group) *groupEdit {
	for _, w := range t.groups {
		if w.after.ID == g.ID {
			return w
		}
	}
	before := g
	w := &groupEdit{before: &before, after: g, action: directory.ActionGroupMembers}
	t.groups = append(t.groups, w)
	return w
}

// countMembership notes that a member of a built-in group gets (1) or loses (-1) one of the memberships in it.
func (w *groupEdit) countMembership(id directory.ID, had, by int) {
	if w.had == nil {
		w.had, w.moves = map[directory.ID]int{}, map[directory.ID]int{}
	}
	if _, known := w.had[id]; !known {
		w.touched = append(w.touched, id)
		w.had[id] = had
	}
	w.moves[id] += by
}

// resolveMembers computes who was added and who was removed.
func (w *groupEdit) resolveMembers() {
	for _, id := range w.touched {
		was, is := w.had[id] > 0, w.had[id]+w.moves[id] > 0
		switch {
		case is && !was:
			w.added = append(w.added, id)
		case was && !is:
			w.removed = append(w.removed, id)
		}
	}
	w.touched = nil
}

// setVersion gives the group its version, once.
func (w *groupEdit) setVersion(now time.Time) {
	if w.versioned {
		return
	}
	w.versioned = true
	w.after.Version++
	w.after.Members += len(w.added) - len(w.removed)
	w.after.Modified = now
	if w.before != nil {
		w.after.Modified = txn.Later(now, w.before.Modified)
	}
}

// putGroup puts the group of w into the Change, with its audit line and events.
func (t *tenantTx) putGroup(w *groupEdit) error {
	w.setVersion(t.Now)
	g := &w.after
	var err error
	if g.Unique, err = t.unique(directory.GroupKind, directory.GroupRecord{Group: g}); err != nil {
		return err
	}
	t.Change.Groups = append(t.Change.Groups, *g)
	subject := groupSubject(g)

	line := t.Line(w.action, subject)
	line.Deviations, line.Reason = w.deviations, w.reason
	var was, is directory.Attributes
	var changed []string
	if w.before == nil {
		is = txn.Decoded(g.Document)
		if g.Connection != "" {
			is = append(is, directory.Attribute{Name: "connection", Value: string(g.Connection)})
		}
	} else {
		old, recent := txn.Differing(w.before.Document, g.Document)
		if w.before.Connection != g.Connection {
			old.Set("connection", string(w.before.Connection))
			recent.Set("connection", string(g.Connection))
		}
		was, is, changed = txn.Diff(old, recent)
	}
	if len(changed) == 0 && w.before != nil {
		line.Action = directory.ActionGroupMembers
	}
	added, removed := w.added, w.removed
	is = appendIDs(is, "added", added)
	is = appendIDs(is, "removed", removed)
	names, err := t.protectedNames(w)
	if err != nil {
		return err
	}
	is = append(is, names...)
	line.Before, line.After = txn.Document(was), txn.Document(is)
	t.Audit(line)

	adopted := w.before != nil && w.before.Connection == "" && g.Connection != ""
	switch {
	case w.before == nil:
		t.Event(directory.GroupCreated, subject, groupData(g))
	case adopted:
		t.Event(directory.GroupAdopted, subject, append(groupData(g),
			directory.Attribute{Name: "connection", Value: string(g.Connection)}, directory.Attribute{Name: "changed", Value: []any{"connection"}}))
	}
	if adopted {
		changed = slices.DeleteFunc(changed, func(name string) bool { return name == "connection" })
	}
	if w.before != nil && len(changed) > 0 {
		t.Event(directory.GroupUpdated, subject, append(groupData(g), directory.Attribute{Name: "changed", Value: txn.Texts(changed)}))
	}
	kind := directory.GroupMembersChanged
	if g.BuiltIn.Protected() {
		kind = directory.ProtectedChanged
	}
	for len(added)+len(removed) > 0 {
		var some, gone []directory.ID
		some, added = split(added, eventIDs)
		gone, removed = split(removed, eventIDs-len(some))
		data := append(groupData(g), directory.Attribute{Name: "changed", Value: []any{"members"}})
		data = append(data, directory.Attribute{Name: "added", Value: txn.IDList(some)}, directory.Attribute{Name: "removed", Value: txn.IDList(gone)})
		t.Event(kind, subject, append(data, names...))
	}
	return nil
}

// mostNames is the maximum number of people that an alert about a protected group names.
const mostNames = 20

// protectedNames names the people who came into Owners or Administrators, or left them (G6), for the audit line, the event, and the alert
// and the mail that are made from it.
func (t *tenantTx) protectedNames(w *groupEdit) (directory.Attributes, error) {
	if !w.after.BuiltIn.Protected() {
		return nil, nil
	}
	var out directory.Attributes
	for _, side := range []struct {
		name string
		ids  []directory.ID
	}{{"addedNames", w.added}, {"removedNames", w.removed}} {
		var names []string
		for _, id := range side.ids[:min(mostNames, len(side.ids))] {
			u, ok, err := txn.Optional(t.Reader.User(id))
			if err != nil {
				return nil, err
			}
			if ok {
				names = append(names, oneLine(u.UserName))
			}
		}
		if len(names) > 0 {
			out = append(out, directory.Attribute{Name: side.name, Value: txn.Texts(names)})
		}
	}
	return out, nil
}

// eventIDs is the maximum number of ids in one event or one audit line. A larger change becomes several events.
const eventIDs = 1000

func split(all []directory.ID, n int) (some, rest []directory.ID) {
	n = min(n, len(all))
	return all[:n], all[n:]
}

// appendIDs names the added or removed members in an audit line: all of a small change, or the first of a large one and the total.
func appendIDs(a directory.Attributes, name string, all []directory.ID) directory.Attributes {
	if len(all) == 0 {
		return a
	}
	some, rest := split(all, eventIDs)
	a = append(a, directory.Attribute{Name: name, Value: txn.IDList(some)})
	if len(rest) > 0 {
		a = append(a, directory.Attribute{Name: name + "_count", Value: txn.Number(len(all))})
	}
	return a
}
