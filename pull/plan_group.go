package pull

import (
	"fmt"
	"slices"

	"drawbridge/directory"
)

// absentGroups gives the ids of groups that are not read.
func (p *planner) absentGroups() []string {
	var out []string
	for id := range p.known {
		if p.snap.groups[id] == nil {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

// plausibleGroups voids a run with an empty list of groups if Google still has some of the known ones.
func (p *planner) plausibleGroups() error {
	if len(p.snap.groups) > 0 || !p.snap.all {
		return nil
	}
	there := 0
	for id := range p.known {
		if !p.gone[id] {
			there++
		}
	}
	if there == 0 {
		return nil
	}
	return void("Google gave no groups, and has %d of those that are known: an empty list removes none; the word none in the setting google.groups ends the reading of groups", there)
}

// planGroups compares the groups and their members.
func (p *planner) planGroups() {
	members := p.memberships()
	for _, id := range p.snap.teams {
		g := p.snap.groups[id]
		if g.huge {
			p.skip(Item{Action: "group.skip", Kind: "Group", ExternalID: id, Name: g.Email, Detail: fmt.Sprintf(
				"the group has more than %d members, so it is left as it is: name the groups that are needed in the setting google.groups", mostMembers)})
			continue
		}
		draft, err := p.render.group(&g.Group, p.titles[id])
		if err != nil {
			p.skip(Item{Action: "group.skip", Kind: "Group", ExternalID: id, Name: g.Email, Detail: "Google's values cannot be written: " + err.Error()})
			continue
		}
		p.out.count.Groups++
		p.planGroup(id, draft, members[id])
	}
}

func (p *planner) planGroup(id string, draft directory.GroupDraft, wanted []string) {
	c := &groupChange{id: id, draft: draft, item: Item{Kind: "Group", ExternalID: id, Name: draft.DisplayName}}
	at, known := p.known[id]
	if !known {
		c.join = wanted
		c.item.Action, c.item.Joined = "group.create", len(wanted)
		if g, ok := p.teams[directory.Fold(draft.DisplayName)]; ok && (g.Connection == "" || g.Connection == p.c.ID) && g.BuiltIn == "" && (g.ExternalID == "" || g.ExternalID == id) {
			c.group, c.renamed, c.item.Action = &g, true, "group.adopt"
		}
		p.out.groups = append(p.out.groups, c)
		return
	}
	c.group = &p.managed.Groups[at]
	is := map[directory.ID]bool{}
	for _, m := range p.managed.Members[at] {
		is[m.ID] = true
	}
	stays := 0
	for _, member := range wanted {
		if own, ok := p.ours(member); ok && is[own] {
			delete(is, own)
			stays++
			continue
		}
		if p.waits(member) {
			continue
		}
		c.join = append(c.join, member)
	}
	for _, m := range p.managed.Members[at] {
		if is[m.ID] && !p.keeps(m) {
			c.leave = append(c.leave, m.ID)
		}
	}
	if p.doubt[id] {
		c.leave = nil
	}
	if (len(wanted) == 0 || p.snap.groups[id].short) && len(c.leave) > 0 && !p.confirmed("members/"+id) {
		c.leave = nil // an empty or short list removes members only after a second run has seen it, too
	}
	c.renamed = !sameDocument(c.group.Document, draft.Document) || c.group.DisplayName != draft.DisplayName
	if !c.renamed && len(c.join)+len(c.leave) == 0 {
		p.out.count.GroupsUnchanged++
		return
	}
	p.weigh(c, stays)
	c.item.Action, c.item.Joined, c.item.Left = "group.update", len(c.join), len(c.leave)
	p.out.groups = append(p.out.groups, c)
}

// weigh is how many removals of a group count for the brake: of members of a mapped group, or of a group that is emptied.
func (p *planner) weigh(c *groupChange, stays int) {
	if len(c.leave) == 0 {
		return
	}
	c.remove = directory.RemoveFromGroup
	switch {
	case stays+len(c.join) == 0:
		c.remove, c.weight = directory.RemoveAll, len(c.leave)
	case p.mapped(c.group):
		c.weight = len(c.leave)
	}
}

// mapped reports whether a mapping of the connection names the group (G4).
func (p *planner) mapped(g *directory.Group) bool {
	return slices.ContainsFunc(p.c.Mappings, func(m directory.GroupMapping) bool {
		return m.ExternalID != "" && m.ExternalID == g.ExternalID || m.DisplayName != "" && directory.Fold(m.DisplayName) == directory.Fold(g.DisplayName)
	})
}

// ours is the id of the record of a member; false if there is none yet.
func (p *planner) ours(member string) (directory.ID, bool) {
	if u := p.users[member]; u != nil && !u.Gone() {
		return u.ID, true
	}
	if at, ok := p.known[member]; ok {
		return p.managed.Groups[at].ID, true
	}
	return directory.ID{}, false
}

// waits reports whether a member has no record because the write was refused in the last run, with the same values. The group waits, too.
func (p *planner) waits(member string) bool {
	_, ours := p.ours(member)
	_, refused := p.managed.State.Refused["user/"+member]
	return !ours && refused
}

// keeps reports whether a member stays although the snapshot does not name it: a person who is only missing in Google's list, and a member
// that another connection or an operator put there.
func (p *planner) keeps(m directory.Member) bool {
	id, ours := p.external[m.ID]
	switch {
	case !ours:
		return true
	case m.Kind == directory.UserKind:
		return p.snap.users[id] == nil && !p.snap.deleted[id] && !p.gone[id]
	}
	return p.snap.groups[id] == nil && !p.gone[id]
}

// planAbsentGroups plans the removal of groups that Google no longer has, or that are no longer read.
func (p *planner) planAbsentGroups() {
	for _, id := range p.absentGroups() {
		at := p.known[id]
		selected := p.snap.all && !p.gone[id]
		if selected { // Google has the group, but not in its list
			p.out.count.Unlisted++
			continue
		}
		if !p.confirmed("group/" + id) {
			continue
		}
		g := &p.managed.Groups[at]
		why := "Google does not have the group any more"
		if !p.gone[id] {
			why = "the setting google.groups does not name the group any more"
		}
		p.out.drop = append(p.out.drop, &groupChange{
			id: id, group: g, weight: g.Members, remove: directory.RemoveGroup,
			item: Item{Action: "group.delete", Kind: "Group", ExternalID: id, Name: g.DisplayName, Left: g.Members, Detail: why},
		})
	}
}
