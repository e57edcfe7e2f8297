package pull

import (
	"slices"

	"drawbridge/bridge"
	"drawbridge/directory"
)

// heldUser is the key under which the brake holds the removal of a user.
func (p *planner) heldUser(u *directory.User, action directory.RemovalAction) string {
	return bridge.HeldKey(p.c.ID, directory.HeldRemoval{Action: action, Subject: directory.Subject{Kind: string(directory.UserKind), ID: u.ID.String()}})
}

// removals are the parts of the plan that remove access and are not held yet. The brake judges them.
func (p *plan) removals() []directory.HeldRemoval {
	var out []directory.HeldRemoval
	for _, c := range p.leave {
		if c.weight > 0 {
			out = append(out, c.removal())
		}
	}
	for _, all := range [][]*groupChange{p.groups, p.drop} {
		for _, c := range all {
			if c.weight > 0 {
				out = append(out, c.removal())
			}
		}
	}
	return out
}

func (c *userChange) removal() directory.HeldRemoval {
	item := directory.HeldRemoval{Action: directory.RemoveSuspend, Count: c.weight, Subject: directory.Subject{Kind: string(directory.UserKind), ID: c.user.ID.String(), Name: c.user.UserName}}
	if c.delete {
		item.Action = directory.RemoveDelete
	}
	return item
}

func (c *groupChange) removal() directory.HeldRemoval {
	item := directory.HeldRemoval{Action: c.remove, Count: c.weight, Subject: directory.Subject{Kind: string(directory.GroupKind), ID: c.group.ID.String(), Name: c.group.DisplayName}}
	if c.remove == directory.RemoveFromGroup {
		item.Members = c.leave
	}
	return item
}

// planHeld leaves out removals that the brake holds already, and finds held ones that are no longer needed.
func (p *planner) planHeld() {
	wanted := map[string]bool{}
	note := func(item directory.HeldRemoval) bool {
		key := bridge.HeldKey(p.c.ID, item)
		wanted[key] = true
		return p.managed.Held[key]
	}
	p.out.leave = slices.DeleteFunc(p.out.leave, func(c *userChange) bool { return c.weight > 0 && note(c.removal()) && p.wait() })
	drop := func(all []*groupChange) []*groupChange {
		return slices.DeleteFunc(all, func(c *groupChange) bool {
			if c.weight == 0 || !note(c.removal()) {
				return false
			}
			c.leave, c.weight, c.item.Left = nil, 0, 0
			p.wait()
			return c.remove == directory.RemoveGroup || len(c.join) == 0 && !c.renamed
		})
	}
	p.out.groups, p.out.drop = drop(p.out.groups), drop(p.out.drop)
	for key := range p.managed.Held {
		if !wanted[key] {
			p.out.held = append(p.out.held, key)
		}
	}
	slices.Sort(p.out.held)
}

func (p *planner) wait() bool {
	p.out.count.Held++
	return true
}
