package bolt

import "drawbridge/directory"

// byKeys reads the records with these keys; one that does not exist is missing in the result.
func byKeys[K comparable, V any](keys []K, read func(K) (V, error)) (map[K]V, error) {
	found := make(map[K]V, len(keys))
	for _, key := range keys {
		v, err := read(key)
		switch {
		case err == nil:
			found[key] = v
		case directory.CodeOf(err) != directory.NotFound:
			return nil, err
		}
	}
	return found, nil
}

// UsersByID returns the users with these ids.
func (r *reader) UsersByID(ids []directory.ID) (map[directory.ID]directory.User, error) {
	return byKeys(ids, r.User)
}

// GroupsByID returns the groups with these ids.
func (r *reader) GroupsByID(ids []directory.ID) (map[directory.ID]directory.Group, error) {
	return byKeys(ids, r.Group)
}

// KVsByKey returns the values of a kind with these keys.
func (r *reader) KVsByKey(kind directory.KVKind, keys []string) (map[string]directory.KV, error) {
	return byKeys(keys, func(key string) (directory.KV, error) { return r.KV(kind, key) })
}

// MembershipsByMember returns the memberships of many users or groups.
func (r *reader) MembershipsByMember(ids []directory.ID) (map[directory.ID][]directory.Membership, error) {
	found := make(map[directory.ID][]directory.Membership, len(ids))
	for _, id := range ids {
		all, err := r.MembershipsOf(id)
		if err != nil {
			return nil, err
		}
		if len(all) > 0 {
			found[id] = all
		}
	}
	return found, nil
}
