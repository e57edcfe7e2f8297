package bridge_test

import (
	"context"
	"sync/atomic"
	"testing"

	"drawbridge/bridge"
	"drawbridge/bridge/bridgetest"
	"drawbridge/directory"
	"drawbridge/store"
)

// Of 1,300 Owners, only the first and the last are active. Reading in batches must find both.
func TestBatchesMissNoUser(t *testing.T) {
	t.Parallel()
	k, days := start(t), 30
	acme := k.NewTenant("acme", 0, func(o *directory.Overrides) { o.AutoDeleteDays = &days })
	ids := k.Crowd(acme, 1300)
	first, last := ids[0], ids[len(ids)-1]
	owners := k.BuiltIn(acme, directory.Owners)
	k.OK(k.Store.Update(bg, acme, nil, func(r store.Reader) (directory.Change, error) {
		c := directory.Change{Audit: make([]directory.Audit, 1)}
		users, err := r.UsersByID(ids)
		for _, id := range ids {
			c.Join = append(c.Join, directory.Membership{Group: owners.ID, Member: directory.Member{ID: id, Kind: directory.UserKind}})
			if u := users[id]; id != first && id != last {
				u.State, u.Suspension = directory.Suspended, &directory.Suspension{At: k.Clock.Now(), By: directory.Actor{Kind: directory.ByOperator}}
				c.Users = append(c.Users, u.Clone())
			}
		}
		return c, err
	}))
	due, err := k.AutoDeletions(bg, k.Op, acme)
	k.OK(err)
	seen := map[directory.ID]bool{}
	for _, d := range due {
		seen[d.User] = true
	}
	if len(due) != len(ids)-2 || len(seen) != len(due) || seen[first] || seen[last] {
		t.Errorf("auto-delete will delete %d users, %d of them different", len(due), len(seen))
	}
	suspend := func(id directory.ID) error {
		_, _, err := k.SuspendUser(bg, k.Op, acme, id, bridge.SuspendOrder{})
		return err
	}
	k.OK(suspend(first))
	if err := suspend(last); directory.CodeOf(err) != directory.Refused {
		t.Errorf("the last active Owner: %v", err)
	}
}

// readCounter counts the single reads of memberships and built-in groups.
type readCounter struct {
	store.Store
	reads *atomic.Int64
}

func (c readCounter) View(ctx context.Context, tenant directory.TenantID, want *store.Want, fn func(store.Reader) error) error {
	return c.Store.View(ctx, tenant, want, func(r store.Reader) error { return fn(countedReader{r, c.reads}) })
}

type countedReader struct {
	store.Reader
	reads *atomic.Int64
}

func (r countedReader) BuiltIn(name directory.BuiltIn) (directory.Group, error) {
	r.reads.Add(1)
	return r.Reader.BuiltIn(name)
}

func (r countedReader) Memberships(group, member directory.ID) ([]directory.Membership, error) {
	r.reads.Add(1)
	return r.Reader.Memberships(group, member)
}

func (r countedReader) MembershipsOf(member directory.ID) ([]directory.Membership, error) {
	r.reads.Add(1)
	return r.Reader.MembershipsOf(member)
}

// The list of people for an application does not read the memberships of each of them.
func TestPeopleAreReadWithoutAReadForEach(t *testing.T) {
	t.Parallel()
	var reads atomic.Int64
	k := start(t, func(c *bridgetest.Config) { c.Store = readCounter{c.Store, &reads} })
	acme := k.NewTenant("acme", 0)
	ids := k.Crowd(acme, 100)
	k.OK(k.JoinBuiltIn(bg, k.Op, acme, directory.Owners, ids[7]))
	app := k.NewApplication(acme)
	before := reads.Load()
	people, _, err := k.People(bg, app, directory.ID{}, 100)
	k.OK(err)
	if n := reads.Load() - before; len(people) != len(ids) || n > 10 {
		t.Errorf("%d people with %d reads of their memberships", len(people), n)
	}
	for i := range people {
		if g := people[i].Groups; (people[i].User.ID == ids[7]) != (len(g) == 2 && g[0].BuiltIn == directory.Owners) || len(g) == 0 {
			t.Errorf("%s is in %+v", people[i].User.UserName, g)
		}
	}
}
