package bridge

import (
	"slices"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
)

// grants gives what the mappings of its connection grant to the members of g after this write (G4).
func (t *tenantTx) grants(g *directory.Group) (policy.Grant, error) {
	if g.Connection == "" || g.BuiltIn != "" {
		return policy.Grant{}, nil
	}
	mappings, known := t.mappings[g.Connection]
	if !known {
		c, _, err := txn.Optional(t.Reader.Connection(g.Connection))
		if err != nil {
			return policy.Grant{}, err
		}
		mappings = c.Mappings
	}
	return policy.Grants(mappings, g.DisplayName, g.ExternalID), nil
}

// regrant updates the grants of g after a change: was is what g granted before, is what it grants now, c the members who were added and
// removed. Only users who are directly in g count.
func (t *tenantTx) regrant(g *directory.Group, was, is policy.Grant, c membersChange, action directory.Action) error {
	if was.Empty() && is.Empty() {
		return nil
	}
	var before, after []directory.Member // users, read only when the grant itself changed
	users := func(all []directory.Member) []directory.Member {
		return slices.DeleteFunc(slices.Clone(all), func(m directory.Member) bool { return m.Kind != directory.UserKind })
	}
	join, leave := users(c.join), users(c.leave)
	if !was.Equal(is) {
		gone := map[directory.ID]bool{}
		for _, m := range leave {
			gone[m.ID] = true
		}
		err := t.Reader.Members(g.ID, directory.ID{}, func(m directory.Membership) error {
			if m.Member.Kind == directory.UserKind {
				before = append(before, m.Member)
				if !gone[m.Member.ID] {
					after = append(after, m.Member)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		after = append(after, join...)
	}
	// choose gives who gets and who loses a grant.
	choose := func(had, has bool) (gets, loses []directory.Member) {
		switch {
		case had && has:
			return join, leave
		case has:
			return after, nil
		case had:
			return nil, before
		}
		return nil, nil
	}
	// Members come first: they may get what guests may not (B4), and it frees no seat, so a refusal has the numbers from before the
	// request. Guests come last, so that their check sees every grant.
	guests, members := choose(was.Guest, is.Guest)
	for _, m := range members {
		if err := t.retype(m.ID, outside(g), action); err != nil {
			return err
		}
	}
	for _, name := range directory.BuiltIns() {
		gets, loses := choose(slices.Contains(was.BuiltIns, name), slices.Contains(is.BuiltIns, name))
		if len(gets)+len(loses) == 0 {
			continue
		}
		if err := t.regrantBuiltIn(name, g.ID, gets, loses); err != nil {
			return err
		}
	}
	for _, m := range guests {
		if err := t.retype(m.ID, inside(g), action); err != nil {
			return err
		}
	}
	return nil
}

func (t *tenantTx) regrantBuiltIn(name directory.BuiltIn, source directory.ID, gets, loses []directory.Member) error {
	b, ok, err := t.builtIn(name)
	if err != nil || !ok {
		return err
	}
	for _, m := range loses {
		if err := t.ungrant(b, directory.Member{ID: m.ID, Kind: directory.UserKind}, source); err != nil {
			return err
		}
	}
	for _, m := range gets {
		if err := t.grant(b, directory.Member{ID: m.ID, Kind: directory.UserKind}, source); err != nil {
			return err
		}
	}
	return nil
}

// keepOwners refuses a change of the group Owners that leaves it without an active one (G3). w is resolved.
func (t *tenantTx) keepOwners(w *groupEdit) error {
	if len(w.removed) == 0 {
		return nil
	}
	for _, id := range w.added {
		u, ok, err := txn.Optional(t.Reader.User(id))
		if err != nil {
			return err
		}
		if ok && policy.CanOwn(&u) {
			return nil
		}
	}
	gone := make(map[directory.ID]bool, len(w.removed))
	for _, id := range w.removed {
		gone[id] = true
	}
	after, err := t.activeOwner(w.after.ID, func(id directory.ID) bool { return !gone[id] })
	if err != nil || after > 0 {
		return err
	}
	before, err := t.activeOwner(w.after.ID, func(directory.ID) bool { return true })
	if err != nil {
		return err
	}
	return t.Refuse(policy.KeepOwner(before, after), w.action, groupSubject(&w.after))
}

// belonging says whether a mapped group holds a user after this write.
type belonging struct {
	group *directory.Group
	holds bool
}

func inside(g *directory.Group) belonging  { return belonging{g, true} }
func outside(g *directory.Group) belonging { return belonging{g, false} }

// retype makes a user a guest or a member according to the mapped groups (B4, G4, L7). of is what this write does in one of them.
func (t *tenantTx) retype(id directory.ID, of belonging, action directory.Action) error {
	if t.retyped[id] { // by another group in the same change of mappings: that decision covered all groups
		return nil
	}
	before, ok, err := txn.Optional(t.Reader.User(id))
	if err != nil || !ok {
		return err
	}
	mapped := of.holds
	if !mapped {
		if mapped, err = t.guestByMapping(id, of.group.ID); err != nil {
			return err
		}
	}
	after := before
	person := personOf(&before, userType(&before))
	person.Mapped = mapped
	after.Type = policy.TypeOf(t.state.Settings, person)
	if after.Type == before.Type {
		return nil
	}
	d := t.state.Write(before, after, nil)
	if err := t.Refuse(d.Refuse, action, userSubject(&before)); err != nil {
		return err
	}
	if after.Type == directory.Guest {
		if err := t.guestGroups(&after, action); err != nil {
			return err
		}
	}
	d.Why = "as the mapping of group " + of.group.DisplayName + " says"
	if err := t.putUser(directory.ActionUserConvert, &before, &after, &d, nil); err != nil {
		return err
	}
	if t.retyped == nil {
		t.retyped = map[directory.ID]bool{}
	}
	t.retyped[id] = true
	return nil
}

// guestByMapping reports whether a mapped group, other than except, makes the user a guest.
func (t *tenantTx) guestByMapping(user, except directory.ID) (bool, error) {
	of, err := t.Reader.MembershipsOf(user)
	if err != nil {
		return false, err
	}
	for _, m := range of {
		if m.Group == except {
			continue
		}
		g, ok, err := txn.Optional(t.Reader.Group(m.Group))
		if err != nil {
			return false, err
		}
		if !ok {
			continue
		}
		grant, err := t.grants(&g)
		if err != nil {
			return false, err
		}
		if grant.Guest {
			return true, nil
		}
	}
	return false, nil
}
