package bridge

import (
	"context"
	"slices"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
)

// JoinBuiltIn puts a user into a built-in group (G1). A user who is already in it stays. NotFound, Refused G2.
func (s *Service) JoinBuiltIn(ctx context.Context, p directory.Principal, tenant directory.TenantID, name directory.BuiltIn, user directory.ID) error {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return err
	}
	return s.write(ctx, p, func(t *tenantTx) error {
		u, g, err := t.openBuiltIn(name, user)
		if err != nil {
			return err
		}
		if u.Gone() {
			return txn.NotFound("user", user)
		}
		implicit, no := policy.JoinBuiltIn(name, &u)
		if implicit || no != nil {
			return t.Refuse(no, directory.ActionGroupMembers, groupSubject(&g))
		}
		return t.grant(g, directory.Member{ID: user, Kind: directory.UserKind}, directory.ID{})
	})
}

// LeaveBuiltIn removes a user from a built-in group (G1). A user who is not in it is no error. NotFound, Refused G2 or G3,
// Conflict if a mapped group grants the membership (G4).
func (s *Service) LeaveBuiltIn(ctx context.Context, p directory.Principal, tenant directory.TenantID, name directory.BuiltIn, user directory.ID) error {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return err
	}
	return s.write(ctx, p, func(t *tenantTx) error {
		u, g, err := t.openBuiltIn(name, user)
		if err != nil {
			return err
		}
		if err := t.Refuse(policy.LeaveBuiltIn(name), directory.ActionGroupMembers, groupSubject(&g)); err != nil {
			return err
		}
		of, err := t.Reader.Memberships(g.ID, user)
		if err != nil {
			return err
		}
		for _, m := range of {
			if m.Source.IsZero() {
				continue
			}
			if m.ByAttribute() {
				return t.Refuse(policy.GrantedByAttribute(&u, &g), directory.ActionGroupMembers, groupSubject(&g))
			}
			source, ok, err := txn.Optional(t.Reader.Group(m.Source))
			if err != nil {
				return err
			}
			if ok {
				return t.Refuse(policy.Granted(&u, &g, &source), directory.ActionGroupMembers, groupSubject(&g))
			}
		}
		if len(of) == 0 {
			return nil
		}
		return t.ungrant(g, of[0].Member, directory.ID{})
	})
}

func (t *tenantTx) openBuiltIn(name directory.BuiltIn, user directory.ID) (directory.User, directory.Group, error) {
	if !slices.Contains(directory.BuiltIns(), name) {
		return directory.User{}, directory.Group{}, &directory.Error{
			Code: directory.Invalid, Field: "group",
			Message: "there is no such built-in group: owners, administrators, team_members, security or provision_managers",
		}
	}
	u, err := t.openUser(user)
	if err != nil {
		return u, directory.Group{}, err
	}
	g, ok, err := t.builtIn(name)
	if err == nil && !ok {
		err = &directory.Error{Code: directory.NotFound, Message: "the tenant has no group " + name.Title()}
	}
	return u, g, err
}

// builtIn gives a built-in group; ok is false where the tenant has none, as the installation itself.
func (t *tenantTx) builtIn(name directory.BuiltIn) (g directory.Group, ok bool, err error) {
	if g, ok := t.builtIns[name]; ok {
		return g, !g.ID.IsZero(), nil
	}
	g, ok, err = txn.Optional(t.Reader.BuiltIn(name))
	if err != nil {
		return g, false, err
	}
	if t.builtIns == nil {
		t.builtIns = map[directory.BuiltIn]directory.Group{}
	}
	t.builtIns[name] = g
	return g, ok, nil
}

// grant puts a member into the built-in group g with source as its source.
func (t *tenantTx) grant(g directory.Group, m directory.Member, source directory.ID) error {
	of, err := t.Reader.Memberships(g.ID, m.ID)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(of, func(m directory.Membership) bool { return m.Source == source }) {
		return nil
	}
	t.Change.Join = append(t.Change.Join, directory.Membership{Group: g.ID, Member: m, Source: source})
	t.editOf(g).countMembership(m.ID, len(of), 1)
	u, ok, err := t.userAfter(m.ID)
	if err != nil || !ok || u.Type != directory.Guest {
		return err
	}
	return t.guestGroups(&u, directory.ActionGroupMembers)
}

// userAfter gives a user with what the Change has of the user so far.
func (t *tenantTx) userAfter(id directory.ID) (directory.User, bool, error) {
	if t.retyped[id] {
		for i := len(t.Change.Users) - 1; i >= 0; i-- {
			if t.Change.Users[i].ID == id {
				return t.Change.Users[i], true, nil
			}
		}
	}
	return txn.Optional(t.Reader.User(id))
}

// ungrant removes the membership of m in the built-in group g that came from source.
func (t *tenantTx) ungrant(g directory.Group, m directory.Member, source directory.ID) error {
	of, err := t.Reader.Memberships(g.ID, m.ID)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(of, func(m directory.Membership) bool { return m.Source == source }) {
		return nil
	}
	t.Change.Leave = append(t.Change.Leave, directory.Membership{Group: g.ID, Member: m, Source: source})
	t.editOf(g).countMembership(m.ID, len(of), -1)
	return nil
}
