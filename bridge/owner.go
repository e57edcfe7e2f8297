package bridge

import (
	"slices"

	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// keepOwner refuses a change that would remove the last active Owner (G3). after nil: the user is deleted. Users who are not in
// Owners cost one look-up.
func (t *tenantTx) keepOwner(before, after *directory.User, action directory.Action) error {
	if !policy.CanOwn(before) || after != nil && policy.CanOwn(after) {
		return nil
	}
	owners, ok, err := t.builtIn(directory.Owners)
	if err != nil || !ok {
		return err
	}
	of, err := t.Reader.Memberships(owners.ID, before.ID)
	if err != nil || len(of) == 0 {
		return err
	}
	left, err := t.activeOwner(owners.ID, func(id directory.ID) bool { return id != before.ID && !t.endsOwner(id) })
	if err != nil {
		return err
	}
	return t.Refuse(policy.KeepOwner(1, left), action, userSubject(before))
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
