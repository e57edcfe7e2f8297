package targets

import (
	"context"
	"math"
	"slices"
	"strings"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// Sides is what a target should have of a tenant, and what was sent to it. Both were read at one instant.
type Sides struct {
	Target directory.Target // as it is now, with its sealed credential
	Tenant directory.TenantID
	Scope  []directory.ID // groups: only these and their members are sent; none: everybody, and all groups
	State  directory.TargetState
	Users  map[directory.ID]directory.User // the people of the scope, suspended ones too
	Groups map[directory.ID]directory.Group
	// Members are the people of the scope who are in a group of the scope, directly or by way of a nested group, by the id of the group.
	Members map[directory.ID][]directory.ID

	UserLinks  map[directory.ID]directory.TargetLink
	GroupLinks map[directory.ID]directory.TargetLink
	Sent       map[directory.ID]map[string]bool // the members that were sent, by the id of the group; the keys are ids in the application

	Brake directory.BrakeMode
	Last  uint64 // the number of the last event
}

// Sides reads both sides of a target. NotFound if it was deleted or detached, or if the tenant is not served.
func (s *Service) Sides(ctx context.Context, at Where) (*Sides, error) {
	t, err := s.named(ctx, at.Target)
	if err != nil {
		return nil, err
	}
	tenant := at.Tenant
	share, attached := t.Share(tenant)
	if !attached {
		return nil, notAttached(at)
	}
	var out *Sides
	err = s.txn.View(ctx, tenant, func(r store.Reader) error {
		found, err := r.Tenant()
		if err != nil {
			return err
		}
		if found.Status != directory.TenantActive {
			return policy.NoTenant(tenant)
		}
		out = &Sides{Target: t, Tenant: tenant, Scope: share.Groups, Brake: policy.Resolve(s.cfg.Defaults, directory.Plan{}, found.Overrides).Brake}
		stored, _, err := txn.Get[directory.TargetState](r, directory.TargetStateKV, t.ID.String())
		if err != nil {
			return err
		}
		state, _, gone := policy.AttachedState(&t, tenant, stored)
		if gone { // what an earlier attachment left is removed first
			return notAttached(at)
		}
		out.State = state
		if _, out.Last, err = r.Events(0, 0); err != nil {
			return err
		}
		if err := out.readTruth(r); err != nil {
			return err
		}
		return out.readLinks(r)
	})
	return out, err
}

// readTruth reads the people and groups of the scope.
func (s *Sides) readTruth(r store.Reader) error {
	groups := map[directory.ID]directory.Group{}
	direct := map[directory.ID][]directory.Member{}
	if !s.noGroups() || len(s.Scope) > 0 {
		_, err := r.Groups(directory.Query{Count: math.MaxInt, Members: true}, func(g *directory.Group, members []directory.Member) error {
			groups[g.ID] = g.Clone()
			list := make([]directory.Member, len(members))
			for i, m := range members {
				list[i] = directory.Member{ID: m.ID, Kind: m.Kind}
			}
			direct[g.ID] = list
			return nil
		})
		if err != nil {
			return err
		}
	}
	named := map[directory.ID]bool{}
	inScope := map[directory.ID]bool{}
	for _, id := range s.Scope {
		named[id] = true
		for _, user := range people(id, direct) {
			inScope[user] = true
		}
	}
	s.Users = map[directory.ID]directory.User{}
	_, err := r.Users(directory.Query{Count: math.MaxInt}, func(u *directory.User, _ []directory.GroupRef) error {
		if (len(named) == 0 || inScope[u.ID]) && wantsType(s.Target.People, u.Type) {
			s.Users[u.ID] = u.Clone()
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.Groups, s.Members = map[directory.ID]directory.Group{}, map[directory.ID][]directory.ID{}
	if s.noGroups() {
		return nil
	}
	for id := range groups {
		if len(named) > 0 && !named[id] {
			continue
		}
		s.Groups[id] = groups[id]
		s.Members[id] = slices.DeleteFunc(people(id, direct), func(user directory.ID) bool {
			_, there := s.Users[user]
			return !there
		})
	}
	return nil
}

// noGroups reports whether the target gets people and no groups.
func (s *Sides) noGroups() bool {
	return s.Target.NoGroups || !s.Target.Profile.Groups()
}

func wantsType(which directory.TargetPeople, t directory.UserType) bool {
	switch which {
	case directory.MembersSent:
		return t == directory.TeamMember
	case directory.GuestsSent:
		return t == directory.Guest
	}
	return true
}

// people gives the people in a group, directly or by way of nested groups, in the order of their ids.
func people(group directory.ID, direct map[directory.ID][]directory.Member) []directory.ID {
	seen := map[directory.ID]bool{group: true}
	var out []directory.ID
	for todo := []directory.ID{group}; len(todo) > 0; {
		next := todo[0]
		todo = todo[1:]
		for _, m := range direct[next] {
			if seen[m.ID] {
				continue
			}
			seen[m.ID] = true
			if m.Kind == directory.GroupKind {
				todo = append(todo, m.ID)
			} else {
				out = append(out, m.ID)
			}
		}
	}
	slices.SortFunc(out, func(a, b directory.ID) int { return slices.Compare(a[:], b[:]) })
	return out
}

// span gives the range of the keys of a target.
func span(target directory.ID) (from, to string) { return target.String() + "/", target.String() + "0" }

// parseLink reads the key of a link.
func parseLink(key string) (kind directory.Kind, local directory.ID, ok bool) {
	parts := strings.Split(key, "/")
	if len(parts) != 3 || parts[1] != string(directory.UserKind) && parts[1] != string(directory.GroupKind) {
		return "", local, false
	}
	local, ok = directory.ParseID(parts[2])
	return directory.Kind(strings.Clone(parts[1])), local, ok
}

// readLinks reads what was sent.
func (s *Sides) readLinks(r store.Reader) error {
	s.UserLinks, s.GroupLinks, s.Sent = map[directory.ID]directory.TargetLink{}, map[directory.ID]directory.TargetLink{}, map[directory.ID]map[string]bool{}
	from, to := span(s.Target.ID)
	err := txn.Each(r, directory.LinkKV, from, to, func(key string, l *directory.TargetLink) error {
		kind, id, ok := parseLink(key)
		switch {
		case !ok:
		case kind == directory.UserKind:
			s.UserLinks[id] = *l
		default:
			s.GroupLinks[id] = *l
		}
		return nil
	})
	if err != nil {
		return err
	}
	return r.KVs(directory.SentMemberKV, from, to, func(kv directory.KV) error {
		parts := strings.SplitN(kv.Key, "/", 3)
		group, ok := directory.ParseID(parts[1])
		if !ok || len(parts) != 3 {
			return nil
		}
		if s.Sent[group] == nil {
			s.Sent[group] = map[string]bool{}
		}
		s.Sent[group][strings.Clone(parts[2])] = true
		return nil
	})
}

// Foreign gives the records of an application that other tenants have there by the same target, each as its kind and its id in the
// application. Such a record is never adopted.
func (s *Service) Foreign(ctx context.Context, t *directory.Target, tenant directory.TenantID) (map[string]bool, error) {
	var others []directory.TenantID
	for other := range t.Tenants {
		if other != tenant {
			others = append(others, other)
		}
	}
	out := map[string]bool{}
	if t.All != nil {
		others = nil // every tenant
	} else if len(others) == 0 {
		return out, nil
	}
	slices.Sort(others)
	prefix, _ := span(t.ID)
	err := s.store.TenantKVs(ctx, directory.LinkKV, others, func(other directory.TenantID, kv directory.KV) error {
		kind, _, ok := parseLink(kv.Key)
		if !ok || other == tenant || !strings.HasPrefix(kv.Key, prefix) {
			return nil
		}
		l, err := txn.Value[directory.TargetLink](kv)
		if l.Remote != "" {
			out[string(kind)+l.Remote] = true
		}
		return err
	})
	return out, err
}
