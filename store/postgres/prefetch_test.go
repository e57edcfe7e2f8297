package postgres_test

import (
	"context"
	"testing"

	"drawbridge/directory"
	"drawbridge/store"
	"drawbridge/store/postgres/pgtest"
)

// admit checks the credential of acme.
func admit(ctx context.Context, t testing.TB, s store.Store) directory.Token {
	t.Helper()
	token, _, tenant, err := s.Credential(ctx, [32]byte{1}, "okta")
	must(t, err)
	if tenant.ID != acme {
		t.Fatalf("admitted to %q", tenant.ID)
	}
	return token
}

// TestRequestReadsWithItsCredential counts the round trips of a credential and a read.
func TestRequestReadsWithItsCredential(t *testing.T) {
	t.Parallel()
	proxy := pgtest.NewProxy(t, server.Cluster(t))
	s := open(t, proxy.URL(server.Database(t))+"&pool_max_conns=1")
	group := furnish(t, s)
	write(t, s, person(1))
	must(t, s.Update(t.Context(), acme, nil, func(store.Reader) (directory.Change, error) {
		return directory.Change{Join: []directory.Membership{{Group: group, Member: directory.Member{ID: person(1).ID}}}, Audit: line()}, nil
	}))
	request := func() {
		ctx := store.WithPrefetch(t.Context(), wantPerson(1))
		admit(ctx, t, s)
		must(t, s.View(ctx, acme, wantPerson(1), func(r store.Reader) error {
			refs, err := r.GroupRefs(person(1).ID)
			if err == nil && len(refs) != 1 {
				t.Errorf("the user is in %d groups", len(refs))
			}
			return firstOf(err, second(r.User(person(1).ID)))
		}))
	}
	for range 3 { // a credential that was good before, and prepared statements
		request()
	}
	proxy.Counts()
	request()
	if trips := proxy.Counts().Trips; trips > 1 {
		t.Errorf("a credential and a user took %d round trips", trips)
	}
}

// TestPrefetchServesOneView changes what was read with the credential. Only the first View may show it, and none after an Update of the
// same request.
func TestPrefetchServesOneView(t *testing.T) {
	t.Parallel()
	s := open(t, server.Database(t))
	furnish(t, s)
	write(t, s, person(1))
	admit(t.Context(), t, s)
	version := func(ctx context.Context) uint64 {
		u, err := get(ctx, s, 1)
		must(t, err)
		return u.Version
	}

	read := store.WithPrefetch(t.Context(), wantPerson(1))
	admit(read, t, s)
	write(t, s, titled(1, 2, "new"))
	if first, next := version(read), version(read); first > 2 || next != 2 {
		t.Errorf("two Views saw versions %d and %d", first, next)
	}

	changes := store.WithPrefetch(t.Context(), wantPerson(1))
	admit(changes, t, s)
	must(t, s.Update(changes, acme, nil, func(store.Reader) (directory.Change, error) {
		return directory.Change{Users: []directory.User{titled(1, 3, "newer")}, Audit: line()}, nil
	}))
	if now := version(changes); now != 3 {
		t.Errorf("after its own Update a request saw version %d", now)
	}

	other := store.WithPrefetch(t.Context(), wantPerson(2))
	admit(other, t, s)
	if now := version(other); now != 3 {
		t.Errorf("a View of another user than expected saw version %d", now)
	}
}

// TestPrefetchSeesARevokedToken revokes a token on another server.
func TestPrefetchSeesARevokedToken(t *testing.T) {
	t.Parallel()
	url := server.Database(t)
	one, two := open(t, url), open(t, url)
	furnish(t, one)
	write(t, one, person(1))
	admit(t.Context(), t, two)
	must(t, one.Update(t.Context(), acme, nil, func(store.Reader) (directory.Change, error) {
		return directory.Change{Tokens: []directory.Token{{ID: "t", Tenant: acme, Connection: "okta", Hash: [32]byte{1}, Revoked: person(1).Created}}, Audit: line()}, nil
	}))
	if token := admit(store.WithPrefetch(t.Context(), wantPerson(1)), t, two); token.Revoked.IsZero() {
		t.Error("the token is not revoked on the other server")
	}
}

// TestNestedGroupsAreFoundWithAndWithoutAWant puts a user into a group that is a member of others.
func TestNestedGroupsAreFoundWithAndWithoutAWant(t *testing.T) {
	t.Parallel()
	s := open(t, server.Database(t))
	direct := furnish(t, s)
	above, top := directory.ID{10}, directory.ID{11}
	c := directory.Change{Users: []directory.User{person(1)}, Audit: line()}
	for i, id := range []directory.ID{above, top} {
		c.Groups = append(c.Groups, directory.Group{ID: id, Version: 1, DisplayName: []string{"above", "top"}[i]})
	}
	c.Join = []directory.Membership{
		{Group: direct, Member: directory.Member{ID: person(1).ID, Kind: directory.UserKind}},
		{Group: above, Member: directory.Member{ID: direct, Kind: directory.GroupKind}},
		{Group: top, Member: directory.Member{ID: above, Kind: directory.GroupKind}},
	}
	must(t, s.Update(t.Context(), acme, nil, func(store.Reader) (directory.Change, error) { return c, nil }))
	for name, want := range map[string]*store.Want{"named": wantPerson(1), "by name": {UserNames: []string{person(1).UserName}}, "not named": nil} {
		must(t, s.View(t.Context(), acme, want, func(r store.Reader) error {
			refs, err := r.GroupRefs(person(1).ID)
			if len(refs) != 3 || refs[0].ID != direct || refs[0].Indirect || !refs[1].Indirect || refs[2].ID != top {
				t.Errorf("%s: the user is in %v", name, refs)
			}
			return err
		}))
	}
}
