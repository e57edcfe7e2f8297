package bridge

import (
	"slices"

	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// keepOwner refuses a change that would remove the last active Owner (G3). after nil: the user is deleted. Users who are not in
// Owners cost their memberships, which a write of a user reads in any case.
func (t *tenantTx) keepOwner(before, after *directory.User, action directory.Action) error {
	if !policy.CanOwn(before) || after != nil && policy.CanOwn(after) {
		return nil
	}
	owners, is, err := t.builtInOf(before.ID, directory.Owners)
	if err != nil || !is {
		return err
	}
	left, err := t.activeOwner(owners, func(id directory.ID) bool { return id != before.ID && !t.endsOwner(id) })
	if err != nil {
		return err
	}
	return t.Refuse(policy.KeepOwner(1, left), action, userSubject(before))
}

// builtInOf gives the built-in group of a name if a user is in it.
func (t *tenantTx) builtInOf(user directory.ID, name directory.BuiltIn) (id directory.ID, is bool, err error) {
	of, err := t.Reader.MembershipsOf(user)
	if err != nil {
		return id, false, err
	}
	for _, m := range of {
		if m.Group == id { // another source of the same membership
			continue
		}
		id = m.Group
		g, err := t.Reader.Group(id)
		if err != nil || g.BuiltIn == name {
			return id, err == nil, err
		}
	}
	return id, false, nil
}

// endsOwner reports whether this write has already decided that a user can no longer be an Owner.
func (t *tenantTx) endsOwner(id directory.ID) bool {
	return slices.Contains(t.Change.RemoveUsers, id) ||
		slices.ContainsFunc(t.Change.Users, func(u directory.User) bool { return u.ID == id && !policy.CanOwn(&u) })
}

// activeOwner is 1 if one of the given members of Owners is an active Owner, else 0.
func (t *tenantTx) activeOwner(owners directory.ID, pass func(directory.ID) bool) (int, error) {
	found := 0
	err := memberUsers(t.Reader, owners, func(u *directory.User) error {
		if pass(u.ID) && policy.CanOwn(u) {
			found = 1
			return store.ErrStop
		}
		return nil
	})
	return found, err
}
