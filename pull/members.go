package pull

import (
	"slices"
	"strings"

	"drawbridge/directory"
	"drawbridge/google"
)

// memberships gives the new members of each group, by Google's ids: users of the snapshot, and its groups if nested groups stay. Members
// outside the company are left out and counted.
func (p *planner) memberships() map[string][]string {
	out := map[string][]string{}
	p.name()
	flatten := p.c.Google.Nested == directory.FlattenNested
	var banned map[[2]string]bool
	if !flatten {
		banned = p.circles()
	}
	for _, id := range p.snap.teams {
		g := p.snap.groups[id]
		if g.huge {
			continue
		}
		set := map[string]bool{}
		if flatten {
			p.flatten(g, set)
		} else {
			p.direct(g, set, banned)
		}
		if g.huge = g.huge || len(set) > mostMembers; g.huge {
			continue
		}
		all := make([]string, 0, len(set))
		for member := range set {
			all = append(all, member)
		}
		slices.Sort(all)
		p.out.count.Members += len(all)
		out[id] = all
	}
	return out
}

// person adds a member that is not a group to a set.
func (p *planner) person(m google.Member, set map[string]bool) {
	switch {
	case m.Type == google.CustomerMember:
		for id, u := range p.snap.users {
			if active(u) {
				set[id] = true
			}
		}
	case m.ID != "" && p.snap.users[m.ID] != nil:
		set[m.ID] = true
	default:
		p.out.count.Outside++
	}
}

func (p *planner) direct(g *group, set map[string]bool, banned map[[2]string]bool) {
	for _, m := range g.members {
		switch {
		case m.Type != google.GroupMember:
			p.person(m, set)
		case p.snap.groups[m.ID] == nil: // a group of another company, or a group that is not read
			p.out.count.Outside++
		case !banned[[2]string{g.ID, m.ID}]:
			set[m.ID] = true
		}
	}
}

// flatten adds the people of a group and of the groups in it. A circle ends where it began. A group is as large as the groups in it. While
// it is not certain that a group in it cannot be read, g is in doubt.
func (p *planner) flatten(g *group, set map[string]bool) {
	seen := map[string]bool{g.ID: true}
	next := []*group{g}
	for len(next) > 0 {
		at := next[len(next)-1]
		next = next[:len(next)-1]
		g.short = g.short || at.short
		for _, m := range at.members {
			if m.Type != google.GroupMember {
				p.person(m, set)
				continue
			}
			inner := p.snap.groups[m.ID]
			if inner == nil {
				inner = p.snap.nested[m.ID]
			}
			switch {
			case inner == nil:
				p.out.count.Outside++
			case inner.huge:
				g.huge = true
				return
			case inner.hidden:
				p.out.count.Outside++
				if !p.isHidden(m.ID) {
					p.doubt[g.ID] = true
				}
			case !seen[m.ID]:
				seen[m.ID] = true
				next = append(next, inner)
			}
		}
	}
}

// isHidden reports whether the members of a nested group could not be read in two runs. One answer of Google is not enough to take its
// people out of the groups around it.
func (p *planner) isHidden(id string) bool {
	if _, asked := p.hidden[id]; !asked {
		p.hidden[id] = p.confirmed("nested/" + id)
	}
	return p.hidden[id]
}

// circles finds memberships of groups in groups that close a circle. One membership of each circle is left out, always the same one.
func (p *planner) circles() map[[2]string]bool {
	banned := map[[2]string]bool{}
	const fresh, open, done = 0, 1, 2
	state := map[string]int{}
	inner := map[string][]string{}
	for id, g := range p.snap.groups {
		for _, m := range g.members {
			if m.Type == google.GroupMember && p.snap.groups[m.ID] != nil {
				inner[id] = append(inner[id], m.ID)
			}
		}
		slices.Sort(inner[id])
	}
	type frame struct {
		id string
		at int
	}
	for _, root := range slices.Sorted(slices.Values(p.snap.teams)) {
		if state[root] != fresh {
			continue
		}
		stack := []frame{{id: root}}
		state[root] = open
		for len(stack) > 0 {
			top := &stack[len(stack)-1]
			if top.at == len(inner[top.id]) {
				state[top.id] = done
				stack = stack[:len(stack)-1]
				continue
			}
			child := inner[top.id][top.at]
			top.at++
			switch state[child] {
			case open:
				banned[[2]string{top.id, child}] = true
				outer, in := p.snap.groups[top.id], p.snap.groups[child]
				p.skip(Item{Action: "group.circle", Kind: "Group", ExternalID: top.id, Name: outer.Email, Detail: "the groups " + outer.Email + " and " + in.Email +
					" hold each other in a circle, so the membership of " + in.Email + " is left out: take it out in Google Admin console > Directory > Groups"})
			case fresh:
				state[child] = open
				stack = append(stack, frame{id: child})
			}
		}
	}
	return banned
}

// name gives every group its display name: Google's name, with the address if two groups have the same name.
func (p *planner) name() {
	p.titles = map[string]string{}
	many := map[string]int{}
	for _, g := range p.snap.groups {
		many[directory.Fold(first(g.Name, g.Email))]++
	}
	for id, g := range p.snap.groups {
		title := first(g.Name, g.Email)
		if many[directory.Fold(title)] > 1 && !strings.EqualFold(title, g.Email) {
			title += " (" + g.Email + ")"
		}
		p.titles[id] = title
	}
}
