package bridge

import (
	"errors"

	"drawbridge/directory"
	"drawbridge/store"
)

// readBatch is how many records of a list are collected before more is read about them, because the yield of a list must not read.
const readBatch = 500

// userBatches yields the users that match q, by ID, in batches. This yield may read.
func userBatches(r store.Reader, q directory.Query, yield func([]directory.User) error) error {
	q.Count = readBatch
	batch := make([]directory.User, 0, readBatch)
	for {
		batch = batch[:0]
		page, err := r.Users(q, func(u *directory.User, _ []directory.GroupRef) error {
			batch = append(batch, *u)
			return nil
		})
		if err != nil {
			return err
		}
		if len(batch) > 0 {
			if err := yield(batch); err != nil {
				return err
			}
		}
		if page.Last == nil {
			return nil
		}
		q.After, q.Known = page.Last, &directory.Known{Version: page.Version, Total: page.Total}
	}
}

// memberUsers yields the users who are direct members of a group, each once, by ID. This yield may read, and store.ErrStop ends the list.
func memberUsers(r store.Reader, group directory.ID, yield func(*directory.User) error) error {
	var last directory.ID
	for {
		var ids []directory.ID
		n := 0
		err := r.Members(group, last, func(m directory.Membership) error {
			if m.Member.ID == last { // by another source
				return nil
			}
			if n == readBatch {
				return store.ErrStop
			}
			n, last = n+1, m.Member.ID
			if m.Member.Kind == directory.UserKind {
				ids = append(ids, last)
			}
			return nil
		})
		if err != nil {
			return err
		}
		users, err := r.UsersByID(ids)
		if err != nil {
			return err
		}
		for _, id := range ids {
			u, ok := users[id]
			if !ok {
				continue
			}
			if err := yield(&u); errors.Is(err, store.ErrStop) {
				return nil
			} else if err != nil {
				return err
			}
		}
		if n < readBatch {
			return nil
		}
	}
}

// kvKeys are the keys under which records about users are kept.
func kvKeys(users []directory.User) []string {
	keys := make([]string, len(users))
	for i := range users {
		keys[i] = users[i].ID.String()
	}
	return keys
}
