package storetest

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"

	"drawbridge/directory"
	"drawbridge/store"
)

// LearnedWants returns a store whose Views and Updates want what earlier ones of the same tenant have read, which is mostly right and
// partly useless. WrongWants returns one whose Views and Updates want records that do not exist. No test may see a difference.
func LearnedWants(s store.Store) store.Store {
	return &wanting{Store: s, seen: map[directory.TenantID]*store.Want{}}
}

// WrongWants is described at LearnedWants.
func WrongWants(s store.Store) store.Store { return &wanting{Store: s} }

type wanting struct {
	store.Store

	mu   sync.Mutex
	seen map[directory.TenantID]*store.Want // nil: wants are wrong
}

// Unwrap returns the wrapped store.
func (s *wanting) Unwrap() store.Store { return s.Store }

// View passes a Want.
func (s *wanting) View(ctx context.Context, tenant directory.TenantID, _ *store.Want, fn func(store.Reader) error) error {
	return s.Store.View(ctx, tenant, s.want(tenant), func(r store.Reader) error { return fn(&learner{r, s, tenant}) })
}

// Update passes a Want.
func (s *wanting) Update(ctx context.Context, tenant directory.TenantID, _ *store.Want, decide store.Decide) error {
	return s.Store.Update(ctx, tenant, s.want(tenant), func(r store.Reader) (directory.Change, error) { return decide(&learner{r, s, tenant}) })
}

// learned is how much is remembered of each kind of read.
const learned = 50

func (s *wanting) want(tenant directory.TenantID) *store.Want {
	if s.seen == nil {
		return wrongWant()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.seen[tenant]
	if w == nil {
		return nil
	}
	copied := *w
	copied.Users, copied.UserNames, copied.ExternalIDs = slices.Clone(w.Users), slices.Clone(w.UserNames), slices.Clone(w.ExternalIDs)
	copied.Groups, copied.GroupNames, copied.Memberships = slices.Clone(w.Groups), slices.Clone(w.GroupNames), slices.Clone(w.Memberships)
	copied.MembershipsOf, copied.KVs = slices.Clone(w.MembershipsOf), slices.Clone(w.KVs)
	return &copied
}

func wrongWant() *store.Want {
	id := numbered(1<<40 + rand.Uint64N(1000)) //nolint:gosec // any id that no test uses
	return &store.Want{
		Users: []directory.ID{id, {}}, UserNames: []string{"", "no such user", "ä\x00"}, ExternalIDs: []store.ExternalID{{}, {Connection: "none", Value: "none"}},
		Groups: []directory.ID{id, id}, GroupNames: []string{"no such group"}, BuiltIns: true, Memberships: []store.GroupMember{{Group: id, Member: id}},
		MembershipsOf: []directory.ID{id}, KVs: []directory.KVRef{{Kind: "none", Key: "none"}, {}},
	}
}

func (s *wanting) learn(tenant directory.TenantID, add func(*store.Want)) {
	if s.seen == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen[tenant] == nil {
		s.seen[tenant] = &store.Want{}
	}
	add(s.seen[tenant])
}

// remember appends a value, without the oldest ones if there are many.
func remember[T comparable](list []T, v T) []T {
	if slices.Contains(list, v) {
		return list
	}
	return append(list[max(0, len(list)-learned+1):], v)
}

// learner notes what is read.
type learner struct {
	store.Reader
	s      *wanting
	tenant directory.TenantID
}

func (r *learner) User(id directory.ID) (directory.User, error) {
	r.s.learn(r.tenant, func(w *store.Want) { w.Users = remember(w.Users, id) })
	return r.Reader.User(id)
}

func (r *learner) UsersByID(ids []directory.ID) (map[directory.ID]directory.User, error) {
	for _, id := range ids {
		r.s.learn(r.tenant, func(w *store.Want) { w.Users = remember(w.Users, id) })
	}
	return r.Reader.UsersByID(ids)
}

func (r *learner) UserByName(userName string) (directory.User, error) {
	r.s.learn(r.tenant, func(w *store.Want) { w.UserNames = remember(w.UserNames, userName) })
	return r.Reader.UserByName(userName)
}

func (r *learner) GoneByName(userName string) ([]directory.User, error) {
	r.s.learn(r.tenant, func(w *store.Want) { w.UserNames = remember(w.UserNames, userName) })
	return r.Reader.GoneByName(userName)
}

func (r *learner) external(connection directory.ConnectionID, value string) {
	r.s.learn(r.tenant, func(w *store.Want) {
		w.ExternalIDs = remember(w.ExternalIDs, store.ExternalID{Connection: connection, Value: value})
	})
}

func (r *learner) UsersByExternalID(connection directory.ConnectionID, externalID string) ([]directory.User, error) {
	r.external(connection, externalID)
	return r.Reader.UsersByExternalID(connection, externalID)
}

func (r *learner) GroupsByExternalID(connection directory.ConnectionID, externalID string) ([]directory.Group, error) {
	r.external(connection, externalID)
	return r.Reader.GroupsByExternalID(connection, externalID)
}

func (r *learner) TombstonesByExternalID(connection directory.ConnectionID, externalID string) ([]directory.Tombstone, error) {
	r.external(connection, externalID)
	return r.Reader.TombstonesByExternalID(connection, externalID)
}

func (r *learner) Group(id directory.ID) (directory.Group, error) {
	r.s.learn(r.tenant, func(w *store.Want) { w.Groups = remember(w.Groups, id) })
	return r.Reader.Group(id)
}

func (r *learner) GroupByName(displayName string) (directory.Group, error) {
	r.s.learn(r.tenant, func(w *store.Want) { w.GroupNames = remember(w.GroupNames, displayName) })
	return r.Reader.GroupByName(displayName)
}

func (r *learner) BuiltIn(name directory.BuiltIn) (directory.Group, error) {
	r.s.learn(r.tenant, func(w *store.Want) { w.BuiltIns = true })
	return r.Reader.BuiltIn(name)
}

func (r *learner) Memberships(group, member directory.ID) ([]directory.Membership, error) {
	r.s.learn(r.tenant, func(w *store.Want) {
		w.Memberships = remember(w.Memberships, store.GroupMember{Group: group, Member: member})
	})
	return r.Reader.Memberships(group, member)
}

func (r *learner) MembershipsOf(member directory.ID) ([]directory.Membership, error) {
	r.s.learn(r.tenant, func(w *store.Want) { w.MembershipsOf = remember(w.MembershipsOf, member) })
	return r.Reader.MembershipsOf(member)
}

func (r *learner) MembershipsByMember(members []directory.ID) (map[directory.ID][]directory.Membership, error) {
	for _, id := range members {
		r.s.learn(r.tenant, func(w *store.Want) { w.MembershipsOf = remember(w.MembershipsOf, id) })
	}
	return r.Reader.MembershipsByMember(members)
}

func (r *learner) GroupRefs(member directory.ID) ([]directory.GroupRef, error) {
	r.s.learn(r.tenant, func(w *store.Want) { w.MembershipsOf = remember(w.MembershipsOf, member) })
	return r.Reader.GroupRefs(member)
}

func (r *learner) KV(kind directory.KVKind, key string) (directory.KV, error) {
	r.s.learn(r.tenant, func(w *store.Want) { w.KVs = remember(w.KVs, directory.KVRef{Kind: kind, Key: key}) })
	return r.Reader.KV(kind, key)
}
