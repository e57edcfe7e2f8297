package postgres_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"drawbridge/directory"
	"drawbridge/store"
	"drawbridge/store/postgres/pgtest"
)

// acme is a tenant with a connection and three built-in groups, as the bridge makes it.
const acme = directory.TenantID("acme")

func person(n int) directory.User {
	name := fmt.Sprintf("u%d@acme.example", n)
	id := directory.ID{1, 0x95, 0, 0, 0, 0, 0x70}
	id[12], id[13], id[14], id[15] = byte(n>>24), byte(n>>16), byte(n>>8), byte(n)
	return directory.User{
		ID: id, Version: 1, Created: time.Unix(1, 0).UTC(), Modified: time.Unix(1, 0).UTC(), UserName: name, ExternalID: "x" + name, Emails: []string{name},
		State: directory.Active, Connection: "okta", Statement: directory.SaidActive, Document: directory.Document(`{"userName":"` + name + `"}`),
	}
}

func line() []directory.Audit {
	return []directory.Audit{{Time: time.Unix(2, 0).UTC(), Tenant: acme, Action: "test", Outcome: directory.Done}}
}

// furnish creates the tenant with an empty group.
func furnish(t testing.TB, s store.Store) (group directory.ID) {
	t.Helper()
	group = directory.ID{9}
	c := directory.Change{
		Tenant:      &directory.Tenant{ID: acme, Version: 1, Created: time.Unix(1, 0)},
		Connections: []directory.Connection{{ID: "okta", Tenant: acme}},
		Tokens:      []directory.Token{{ID: "t", Tenant: acme, Connection: "okta", Hash: [32]byte{1}}},
		Groups:      []directory.Group{{ID: group, Version: 1, DisplayName: "staff"}},
		Audit:       line(),
	}
	for i, name := range directory.BuiltIns() {
		c.Groups = append(c.Groups, directory.Group{ID: directory.ID{8, byte(i + 1)}, DisplayName: name.Title(), BuiltIn: name})
	}
	must(t, s.Update(t.Context(), acme, nil, func(store.Reader) (directory.Change, error) { return c, nil }))
	return group
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// create writes a user with everything that the bridge reads and writes for it.
func create(t testing.TB, s store.Store, n int) error {
	u := person(n)
	external := store.ExternalID{Connection: "okta", Value: u.ExternalID}
	want := &store.Want{UserNames: []string{u.UserName}, ExternalIDs: []store.ExternalID{external}, KVs: []directory.KVRef{{Kind: directory.BrakeKV, Key: "okta"}}}
	return s.Update(t.Context(), acme, want, func(r store.Reader) (directory.Change, error) {
		if _, err := r.Tenant(); err != nil {
			return directory.Change{}, err
		}
		if _, err := r.UserByName(u.UserName); directory.CodeOf(err) != directory.NotFound {
			return directory.Change{}, &directory.Error{Code: directory.Conflict, Field: "userName", Err: err}
		}
		for _, err := range []error{
			second(r.Usage()), second(r.GoneByName(u.UserName)), second(r.UsersByExternalID("okta", u.ExternalID)),
			second(r.TombstonesByExternalID("okta", u.ExternalID)), second(r.Connection("okta")),
		} {
			if err != nil {
				return directory.Change{}, err
			}
		}
		if _, err := r.KV(directory.BrakeKV, "okta"); err != nil && directory.CodeOf(err) != directory.NotFound {
			return directory.Change{}, err
		}
		return directory.Change{
			Users: []directory.User{u}, Audit: line(), Events: []directory.Event{{Kind: directory.UserCreated, Tenant: acme}},
			KVs: []directory.KV{{Kind: directory.BrakeKV, Key: "okta", Value: directory.Document(`{"n":1}`)}},
		}, nil
	})
}

func second[T any](_ T, err error) error { return err }

// TestTransactionsNeedFewRoundTrips counts round trips: the reads that are known in advance are one, and the writes are another.
func TestTransactionsNeedFewRoundTrips(t *testing.T) {
	t.Parallel()
	proxy := pgtest.NewProxy(t, server.Cluster(t))
	s := open(t, proxy.URL(server.Database(t))+"&pool_max_conns=1")
	group := furnish(t, s)
	next := 0
	operations := []struct {
		name string
		most int
		do   func() error
	}{
		{"create a user", 2, func() error { next++; return create(t, s, next) }},
		{"patch a user", 2, func() error {
			id := person(1).ID
			want := &store.Want{Users: []directory.ID{id}, MembershipsOf: []directory.ID{id}}
			return s.Update(t.Context(), acme, want, func(r store.Reader) (directory.Change, error) {
				u, err := r.User(id)
				if err == nil {
					_, err = r.GroupRefs(id)
				}
				u.Version++
				return directory.Change{Users: []directory.User{u}, Audit: line(), Events: make([]directory.Event, 1)}, err
			})
		}},
		{"patch a group: add a member", 2, func() error {
			next++
			member := person(next % 3).ID
			want := &store.Want{Groups: []directory.ID{group}, Users: []directory.ID{member}, Memberships: []store.GroupMember{{Group: group, Member: member}}}
			return s.Update(t.Context(), acme, want, func(r store.Reader) (directory.Change, error) {
				g, err := r.Group(group)
				if err == nil {
					_, err = r.Memberships(group, member)
				}
				if err == nil {
					_, err = r.UsersByID([]directory.ID{member})
				}
				g.Version++
				return directory.Change{Groups: []directory.Group{g}, Join: []directory.Membership{{Group: group, Member: directory.Member{ID: member}}}, Audit: line()}, err
			})
		}},
		{"get a user", 1, func() error {
			id := person(1).ID
			return s.View(t.Context(), acme, &store.Want{Users: []directory.ID{id}, MembershipsOf: []directory.ID{id}}, func(r store.Reader) error {
				return firstOf(second(r.User(id)), second(r.GroupRefs(id)))
			})
		}},
		{"may this person sign in", 2, func() error {
			name := person(1).UserName
			return s.View(t.Context(), acme, &store.Want{UserNames: []string{name}, BuiltIns: true}, func(r store.Reader) error {
				u, err := r.UserByName(name)
				if err != nil {
					return err
				}
				return firstOf(second(r.MembershipsOf(u.ID)), second(r.GroupRefs(u.ID)), second(r.BuiltIn(directory.Owners)))
			})
		}},
		{"let a request in", 1, func() error {
			_, _, _, err := s.Credential(t.Context(), [32]byte{1}, "okta")
			return err
		}},
	}
	for _, op := range operations {
		for range 3 { // statements are prepared once for each connection
			must(t, op.do())
		}
		// A snapshot ends after its answer, so a measurement can contain the end of the one before it. The least of several is exact.
		least := math.MaxInt
		for range 8 {
			time.Sleep(20 * time.Millisecond)
			proxy.Counts()
			must(t, op.do())
			least = min(least, proxy.Counts().Trips)
		}
		if least > op.most {
			t.Errorf("%s takes %d round trips, and %d are allowed", op.name, least, op.most)
		}
	}
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
