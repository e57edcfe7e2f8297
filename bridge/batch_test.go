package bridge_test

import (
	"testing"

	"drawbridge/directory"
	"drawbridge/store"
)

// What is read in batches misses nobody at their edges: the Owners are 1,300, of whom only the first and the last are active.
func TestReadsInBatches(t *testing.T) {
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
		_, _, err := k.SuspendUser(bg, k.Op, acme, id, "", "")
		return err
	}
	k.OK(suspend(first))
	if err := suspend(last); directory.CodeOf(err) != directory.Refused {
		t.Errorf("the last active Owner: %v", err)
	}
}
