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

// TestMembershipsInOneBatchAgreeWithAMap adds and removes members at random, in many changes of one commit, with several sources for the
// same member. The state that each change sees, and the final state, must agree with a map.
func TestMembershipsInOneBatchAgreeWithAMap(t *testing.T) {
	s, err := bolt.Open(filepath.Join(t.TempDir(), "store.db"), small())
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	fill(t, s)
	const people, sources = 20, 3
	groups := make([]directory.Group, 3)
	for i := range groups {
		name := fmt.Sprint("group ", i)
		groups[i] = directory.Group{ID: benchID(1<<40 + i), Version: 1, DisplayName: name, Document: directory.Document(`{}`)}
	}
	must(t, s.Update(t.Context(), benchTenant, nil, func(store.Reader) (directory.Change, error) {
		return directory.Change{Groups: groups, Audit: make([]directory.Audit, 1)}, nil
	}))

	type key struct{ group, member, source directory.ID }
	model := map[key]bool{} // only decides use it, and they run one after the other
	random := rand.New(rand.NewPCG(1, 2))
	sourceID := func(n int) directory.ID {
		if n == 0 {
			return directory.ID{}
		}
		return benchID(1<<50 + n)
	}
	sees := func(r store.Reader, group, member directory.ID) error {
		var want, got []directory.ID
		for k := range model {
			if k.group == group && k.member == member {
				want = append(want, k.source)
			}
		}
		of, err := r.Memberships(group, member)
		for _, m := range of {
			got = append(got, m.Source)
		}
		slices.SortFunc(want, func(a, b directory.ID) int { return slices.Compare(a[:], b[:]) })
		if err == nil && !slices.Equal(got, want) {
			err = fmt.Errorf("memberships of %s in %s come from %v, want %v", member, group, got, want)
		}
		return err
	}
	decide := func(r store.Reader) (directory.Change, error) {
		for range random.IntN(6) {
			if err := sees(r, groups[random.IntN(len(groups))].ID, benchID(random.IntN(people))); err != nil {
				return directory.Change{}, err
			}
		}
		change := directory.Change{Audit: make([]directory.Audit, 1)}
		touched := map[key]bool{}
		for range 1 + random.IntN(4) {
			from := random.IntN(people)
			group := groups[random.IntN(len(groups))].ID
			joins := random.IntN(3) == 0
			for i := range 1 + random.IntN(6) { // one member from all sources, then the next one
				k := key{group: group, member: benchID((from + i/sources) % people), source: sourceID(i % sources)}
				if touched[k] {
					continue
				}
				touched[k] = true
				m := directory.Membership{Group: k.group, Member: directory.Member{ID: k.member, Kind: directory.UserKind}, Source: k.source}
				if joins {
					change.Join, model[k] = append(change.Join, m), true
				} else {
					change.Leave = append(change.Leave, m)
					delete(model, k)
				}
			}
		}
		return change, nil
	}
	for range 50 {
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				if err := s.Update(t.Context(), benchTenant, nil, decide); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
	}

	members := map[directory.ID]map[directory.ID]bool{}
	for k := range model {
		if members[k.group] == nil {
			members[k.group] = map[directory.ID]bool{}
		}
		members[k.group][k.member] = true
	}
	must(t, s.View(t.Context(), benchTenant, nil, func(r store.Reader) error {
		for _, g := range groups {
			for m := range people {
				must(t, sees(r, g.ID, benchID(m)))
			}
			stored, err := r.Group(g.ID)
			must(t, err)
			if want := len(members[g.ID]); stored.Members != want {
				t.Errorf("group %s counts %d members, want %d", g.ID, stored.Members, want)
			}
		}
		return nil
	}))
	noFindings(t, s)
}
