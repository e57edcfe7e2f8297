package bolt_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"drawbridge/directory"
	"drawbridge/store"
	"drawbridge/store/bolt"
)

const memberPeople, memberSources = 20, 3

// memberKey is a membership, and where it comes from.
type memberKey struct{ group, member, source directory.ID }

// members is a map of the memberships that a store should have. Only decisions use it, and they run one after the other.
type members struct {
	groups []directory.Group
	model  map[memberKey]bool
	random *rand.Rand
}

func sourceID(n int) directory.ID {
	if n == 0 {
		return directory.ID{}
	}
	return benchID(1<<50 + n)
}

// sees compares the memberships of a member in a group with the map.
func (m *members) sees(r store.Reader, group, member directory.ID) error {
	var want, got []directory.ID
	for k := range m.model {
		if k.group == group && k.member == member {
			want = append(want, k.source)
		}
	}
	of, err := r.Memberships(group, member)
	for _, s := range of {
		got = append(got, s.Source)
	}
	slices.SortFunc(want, func(a, b directory.ID) int { return slices.Compare(a[:], b[:]) })
	if err == nil && !slices.Equal(got, want) {
		err = fmt.Errorf("memberships of %s in %s come from %v, want %v", member, group, got, want)
	}
	return err
}

// decide looks at some members, and adds or removes some.
func (m *members) decide(r store.Reader) (directory.Change, error) {
	for range m.random.IntN(6) {
		if err := m.sees(r, m.groups[m.random.IntN(len(m.groups))].ID, benchID(m.random.IntN(memberPeople))); err != nil {
			return directory.Change{}, err
		}
	}
	change := directory.Change{Audit: make([]directory.Audit, 1)}
	touched := map[memberKey]bool{}
	for range 1 + m.random.IntN(4) {
		from := m.random.IntN(memberPeople)
		group := m.groups[m.random.IntN(len(m.groups))].ID
		joins := m.random.IntN(3) == 0
		for i := range 1 + m.random.IntN(6) { // one member from all sources, then the next one
			k := memberKey{group: group, member: benchID((from + i/memberSources) % memberPeople), source: sourceID(i % memberSources)}
			if touched[k] {
				continue
			}
			touched[k] = true
			joined := directory.Membership{Group: k.group, Member: directory.Member{ID: k.member, Kind: directory.UserKind}, Source: k.source}
			if joins {
				change.Join, m.model[k] = append(change.Join, joined), true
			} else {
				change.Leave = append(change.Leave, joined)
				delete(m.model, k)
			}
		}
	}
	return change, nil
}

// compare compares all memberships and the counts of the groups with the map.
func (m *members) compare(t *testing.T, s *bolt.Store) {
	t.Helper()
	counted := map[directory.ID]map[directory.ID]bool{}
	for k := range m.model {
		if counted[k.group] == nil {
			counted[k.group] = map[directory.ID]bool{}
		}
		counted[k.group][k.member] = true
	}
	must(t, s.View(t.Context(), benchTenant, nil, func(r store.Reader) error {
		for _, g := range m.groups {
			for n := range memberPeople {
				must(t, m.sees(r, g.ID, benchID(n)))
			}
			stored, err := r.Group(g.ID)
			must(t, err)
			if want := len(counted[g.ID]); stored.Members != want {
				t.Errorf("group %s counts %d members, want %d", g.ID, stored.Members, want)
			}
		}
		return nil
	}))
}

// TestMembershipsInOneBatchAgreeWithAMap adds and removes members at random, in many changes of one commit, with several sources for the
// same member. The state that each change sees, and the final state, must agree with a map.
func TestMembershipsInOneBatchAgreeWithAMap(t *testing.T) {
	t.Parallel()
	s, err := bolt.Open(filepath.Join(t.TempDir(), "store.db"), small())
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	fill(t, s)
	groups := make([]directory.Group, 3)
	for i := range groups {
		name := fmt.Sprint("group ", i)
		groups[i] = directory.Group{ID: benchID(1<<40 + i), Version: 1, DisplayName: name, Document: directory.Document(`{}`)}
	}
	must(t, s.Update(t.Context(), benchTenant, nil, func(store.Reader) (directory.Change, error) {
		return directory.Change{Groups: groups, Audit: make([]directory.Audit, 1)}, nil
	}))

	m := &members{groups: groups, model: map[memberKey]bool{}, random: rand.New(rand.NewPCG(1, 2))}
	for range 50 {
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				if err := s.Update(t.Context(), benchTenant, nil, m.decide); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
	}

	m.compare(t, s)
	noFindings(t, s)
}
