package bridge

import (
	"context"
	"slices"
	"strings"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/store"
)

// GroupMember is a member of a group as an operator sees one.
type GroupMember struct {
	Member  directory.Member // Display is always set: the displayed name, or the userName
	User    *directory.User  // nil for a group
	Sources []MemberSource   // why the member is in the group (G4); at least one
}

// MemberSource is why a user is in a group: a group of the identity provider whose mapping grants the membership, or, if Group is
// zero, the membership itself.
type MemberSource struct {
	Group       directory.ID
	DisplayName string
	Connection  directory.ConnectionID
	ByAttribute bool // a role or an entitlement that Connection maps (C13); Group is zero
}

// MemberQuery says which members of a group to list.
type MemberQuery struct {
	Q     string       // a part of the name, in any case
	After directory.ID // begin after this member; zero: with the first
	Count int
}

// memberBatch is how many members are read at once.
const memberBatch = 500

// GroupMembers gives members of a group in the order of their ids, each with its sources (G4, G5). more reports whether others follow.
// NotFound.
func (s *Service) GroupMembers(ctx context.Context, p directory.Principal, tenant directory.TenantID, group directory.ID, q MemberQuery) (out []GroupMember, more bool, err error) {
	p, err = txn.ForOperator(p, tenant)
	if err != nil {
		return nil, false, err
	}
	err = s.read(ctx, p, func(r store.Reader) error {
		out, more = nil, false
		g, err := groupOf(r, p, group)
		if err != nil {
			return err
		}
		after, folded := q.After, directory.Fold(strings.TrimSpace(q.Q))
		for {
			batch, last, err := membersAfter(r, &g, after)
			if err != nil {
				return err
			}
			for i := range batch {
				m := &batch[i]
				if folded != "" && !strings.Contains(directory.Fold(m.Member.Display), folded) && (m.User == nil || !strings.Contains(directory.Fold(m.User.UserName), folded)) {
					continue
				}
				if len(out) == q.Count {
					more = true
					return nil
				}
				out = append(out, *m)
			}
			if last.IsZero() {
				return nil
			}
			after = last
		}
	})
	return out, more, err
}

// membersAfter reads a batch of members. last is zero if no other follows.
func membersAfter(r store.Reader, g *directory.Group, after directory.ID) (batch []GroupMember, last directory.ID, err error) {
	if g.BuiltIn == directory.TeamMembers {
		return teamAfter(r, after)
	}
	var memberships []directory.Membership
	distinct := 0
	err = r.Members(g.ID, after, func(m directory.Membership) error {
		if n := len(memberships); n == 0 || memberships[n-1].Member.ID != m.Member.ID {
			if distinct == memberBatch {
				last = memberships[n-1].Member.ID
				return store.ErrStop
			}
			distinct++
		}
		m.Member.Display = strings.Clone(m.Member.Display)
		memberships = append(memberships, m)
		return nil
	})
	if err != nil {
		return nil, last, err
	}
	batch, err = described(r, memberships)
	return batch, last, err
}

// teamAfter reads a batch of Team Members, which has no stored membership (G2).
func teamAfter(r store.Reader, after directory.ID) (batch []GroupMember, last directory.ID, err error) {
	q := directory.Query{Count: memberBatch, Where: directory.Compare{
		Path: directory.Path{Schema: directory.OwnSchema, Name: "type"}, Op: directory.Equal, Type: directory.Text, Value: directory.TeamMember.String(),
	}}
	if !after.IsZero() {
		q.After = &directory.Mark{ID: after}
	}
	page, err := r.Users(q, func(u *directory.User, _ []directory.GroupRef) error {
		clone := u.Clone()
		batch = append(batch, GroupMember{Member: directory.Member{ID: u.ID, Kind: directory.UserKind, Display: shownName(&clone)}, User: &clone, Sources: []MemberSource{{}}})
		return nil
	})
	if page.Last != nil {
		last = page.Last.ID
	}
	return batch, last, err
}

// described adds names and sources to memberships, in which those of one member are adjacent.
func described(r store.Reader, memberships []directory.Membership) ([]GroupMember, error) {
	var userIDs, groupIDs []directory.ID
	for _, m := range memberships {
		if m.Member.Kind == directory.UserKind {
			userIDs = append(userIDs, m.Member.ID)
		} else {
			groupIDs = append(groupIDs, m.Member.ID)
		}
		if !m.Source.IsZero() && !m.ByAttribute() && !slices.Contains(groupIDs, m.Source) {
			groupIDs = append(groupIDs, m.Source)
		}
	}
	users, err := r.UsersByID(slices.Compact(userIDs))
	if err != nil {
		return nil, err
	}
	groups, err := r.GroupsByID(groupIDs)
	if err != nil {
		return nil, err
	}
	var out []GroupMember
	for _, m := range memberships {
		if n := len(out); n == 0 || out[n-1].Member.ID != m.Member.ID {
			member := GroupMember{Member: m.Member}
			if u, ok := users[m.Member.ID]; ok {
				clone := u.Clone()
				member.User, member.Member.Display = &clone, shownName(&clone)
			} else if g, ok := groups[m.Member.ID]; ok {
				member.Member.Display = strings.Clone(g.DisplayName)
			}
			out = append(out, member)
		}
		source := MemberSource{Group: m.Source}
		if m.ByAttribute() {
			source = MemberSource{ByAttribute: true}
			if u, ok := users[m.Source]; ok {
				source.Connection = directory.ConnectionID(strings.Clone(string(u.Connection)))
			}
		} else if g, ok := groups[m.Source]; ok {
			source.DisplayName, source.Connection = strings.Clone(g.DisplayName), directory.ConnectionID(strings.Clone(string(g.Connection)))
		}
		last := &out[len(out)-1]
		last.Sources = append(last.Sources, source)
	}
	return out, nil
}

// shownName is the displayed name, or the userName.
func shownName(u *directory.User) string {
	if name := u.DisplayName(); name != "" {
		return oneLine(name)
	}
	return u.UserName
}
