package bridge

import (
	"bytes"
	"context"
	"slices"
	"strings"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/store"
)

// Role is a built-in group that a user is in, with every source that grants it (G4).
type Role struct {
	Name    directory.BuiltIn
	Sources []RoleSource
}

// RoleSource is why a user is in a built-in group: an operator put the user there (the zero RoleSource), or the user is a member of a
// group that a connection maps to it, or has a role or an entitlement that it maps (C13).
type RoleSource struct {
	Group       directory.ID
	DisplayName string
	Connection  directory.ConnectionID
	ByAttribute bool // Group is zero
}

// ByHand reports whether an operator put the user into the built-in group.
func (s RoleSource) ByHand() bool { return s.Group.IsZero() && !s.ByAttribute }

func (s RoleSource) byAttribute() bool { return s.ByAttribute }

// Roles gives the roles of a user, in the order of directory.BuiltIns, without Team Members, which every member is in. NotFound.
func (s *Service) Roles(ctx context.Context, p directory.Principal, tenant directory.TenantID, user directory.ID) ([]Role, error) {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return nil, err
	}
	var out []Role
	err = s.read(ctx, p, func(r store.Reader) error {
		if _, err := userOf(r, user); err != nil {
			return err
		}
		out, err = rolesOf(r, user)
		return err
	})
	return out, err
}

// RolesOf gives the roles of many users, as Roles does. Users without a role, and those who do not exist, are missing in the result. It
// reads the built-in groups and not each user. NotFound.
func (s *Service) RolesOf(ctx context.Context, p directory.Principal, tenant directory.TenantID, users []directory.ID) (map[directory.ID][]Role, error) {
	p, err := txn.ForOperator(p, tenant)
	if err != nil || len(users) == 0 {
		return nil, err
	}
	wanted := make(map[directory.ID]bool, len(users))
	first, last := users[0], users[0]
	for _, id := range users {
		wanted[id] = true
		if bytes.Compare(id[:], first[:]) < 0 {
			first = id
		}
		if bytes.Compare(id[:], last[:]) > 0 {
			last = id
		}
	}
	out := map[directory.ID][]Role{}
	err = s.read(ctx, p, func(r store.Reader) error {
		if _, err := r.Tenant(); err != nil {
			return err
		}
		clear(out)
		for _, name := range directory.BuiltIns() {
			g, ok, err := txn.Optional(r.BuiltIn(name))
			if err != nil {
				return err
			}
			if !ok || name == directory.TeamMembers {
				continue
			}
			err = r.Members(g.ID, before(first), func(m directory.Membership) error {
				id := m.Member.ID
				if bytes.Compare(id[:], last[:]) > 0 {
					return store.ErrStop
				}
				if !wanted[id] {
					return nil
				}
				roles := out[id]
				if n := len(roles); n == 0 || roles[n-1].Name != name {
					roles = append(roles, Role{Name: name})
				}
				of := &roles[len(roles)-1]
				if m.ByAttribute() {
					of.Sources = append(of.Sources, RoleSource{ByAttribute: true})
				} else {
					of.Sources = append(of.Sources, RoleSource{Group: m.Source})
				}
				out[id] = roles
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nameSources(r, out)
	})
	return out, err
}

// before is the ID right before id.
func before(id directory.ID) directory.ID {
	for i := len(id) - 1; i >= 0; i-- {
		if id[i]--; id[i] != 0xff {
			return id
		}
	}
	return directory.ID{}
}

// nameSources adds the names of the groups that grant roles, and their connections.
func nameSources(r store.Reader, roles map[directory.ID][]Role) error {
	var ids, users []directory.ID
	each := func(do func(*RoleSource)) {
		for _, of := range roles {
			for i := range of {
				for j := range of[i].Sources {
					if source := &of[i].Sources[j]; !source.ByHand() && !source.ByAttribute {
						do(source)
					}
				}
			}
		}
	}
	seen := map[directory.ID]bool{}
	each(func(s *RoleSource) {
		if !seen[s.Group] {
			seen[s.Group] = true
			ids = append(ids, s.Group)
		}
	})
	groups, err := r.GroupsByID(ids)
	if err != nil {
		return err
	}
	for id, of := range roles {
		if slices.ContainsFunc(of, func(r Role) bool { return slices.ContainsFunc(r.Sources, RoleSource.byAttribute) }) {
			users = append(users, id)
		}
	}
	found, err := r.UsersByID(users)
	if err != nil {
		return err
	}
	for _, id := range users {
		u := found[id]
		for i := range roles[id] {
			for j := range roles[id][i].Sources {
				if source := &roles[id][i].Sources[j]; source.ByAttribute {
					source.Connection = directory.ConnectionID(strings.Clone(string(u.Connection)))
				}
			}
		}
	}
	each(func(s *RoleSource) {
		if g, ok := groups[s.Group]; ok {
			s.DisplayName, s.Connection = strings.Clone(g.DisplayName), directory.ConnectionID(strings.Clone(string(g.Connection)))
		}
	})
	return nil
}

// rolesOf reads the roles of a user.
func rolesOf(r store.Reader, user directory.ID) ([]Role, error) {
	var out []Role
	for _, name := range directory.BuiltIns() {
		g, ok, err := txn.Optional(r.BuiltIn(name))
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		of, err := r.Memberships(g.ID, user)
		if err != nil {
			return nil, err
		}
		if len(of) == 0 {
			continue
		}
		role := Role{Name: name, Sources: make([]RoleSource, 0, len(of))}
		for _, m := range of {
			source, err := roleSource(r, &m)
			if err != nil {
				return nil, err
			}
			role.Sources = append(role.Sources, source)
		}
		out = append(out, role)
	}
	return out, nil
}

// roleSource reads what grants a membership; zero: an operator granted it.
func roleSource(r store.Reader, m *directory.Membership) (RoleSource, error) {
	group := m.Source
	switch {
	case group.IsZero():
		return RoleSource{}, nil
	case m.ByAttribute():
		u, _, err := txn.Optional(r.User(m.Member.ID))
		return RoleSource{ByAttribute: true, Connection: directory.ConnectionID(strings.Clone(string(u.Connection)))}, err
	}
	source := RoleSource{Group: group}
	g, ok, err := txn.Optional(r.Group(group))
	if err != nil || !ok {
		return source, err
	}
	source.DisplayName, source.Connection = g.DisplayName, g.Connection
	return source, nil
}

// UnmatchedMappings are the mappings of a connection that match none of its groups now (G4), such as after a group was renamed. NotFound.
func (s *Service) UnmatchedMappings(ctx context.Context, p directory.Principal, id directory.ConnectionID) ([]directory.GroupMapping, error) {
	p, err := s.operatorOf(ctx, p, id)
	if err != nil {
		return nil, err
	}
	var out []directory.GroupMapping
	err = s.read(ctx, p, func(r store.Reader) error {
		c, err := r.Connection(id)
		if err != nil {
			return err
		}
		for _, m := range c.Mappings {
			matched, err := matches(r, id, m)
			if err != nil {
				return err
			}
			if !matched {
				out = append(out, m)
			}
		}
		return nil
	})
	return out, err
}

// matches reports whether a mapping names a group of its connection.
func matches(r store.Reader, id directory.ConnectionID, m directory.GroupMapping) (bool, error) {
	if m.ExternalID != "" {
		all, err := r.GroupsByExternalID(id, m.ExternalID)
		return len(all) > 0, err
	}
	g, found, err := txn.Optional(r.GroupByName(m.DisplayName))
	return found && g.Connection == id, err
}
