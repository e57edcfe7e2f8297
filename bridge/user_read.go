package bridge

import (
	"context"
	"slices"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// User gives one user of the tenant of p. An identity provider does not see users who are Gone. NotFound.
func (s *Service) User(ctx context.Context, p directory.Principal, id directory.ID) (UserResult, error) {
	var out UserResult
	err := s.readWanting(ctx, p, wantUser(id), func(r store.Reader) error {
		u, err := userSeenBy(r, p, id)
		if err != nil {
			return err
		}
		out.User = seenBy(p, u.Clone())
		out.Groups, err = groupRefs(r, id)
		return err
	})
	if err != nil {
		return UserResult{}, err
	}
	s.mention(p, id)
	return out, nil
}

// ListUsers gives the users of the tenant of p that match q. The arguments of yield are valid until it returns. yield must not
// wait for a network, because the records are read from one snapshot. An error of yield ends the list and is returned.
func (s *Service) ListUsers(ctx context.Context, p directory.Principal, q directory.Query, yield func(*directory.User, []directory.GroupRef) error) (directory.Page, error) {
	if txn.FromIdP(p) {
		q.Gone = false
	}
	var page directory.Page
	var only directory.ID
	asked := askedBy(p, q)
	err := s.readWanting(ctx, p, wantList(p.Connection.ID, &q), func(r store.Reader) error {
		var err error
		page, err = r.Users(asked, func(u *directory.User, groups []directory.GroupRef) error {
			only = u.ID
			switch {
			case yield == nil:
				return nil
			case u.Sent != nil:
				seen := seenBy(p, *u)
				return yield(&seen, groups)
			}
			return yield(u, groups)
		})
		return err
	})
	if err == nil && q.Where != nil && page.Total == 1 { // a look-up of one person, not a walk over all
		s.mention(p, only)
		err = s.noteFound(ctx, p, only, q.Where)
	}
	return page, err
}

// FindUser gives the id of the user whom an operator names by id or userName. Of users with one userName the live one is meant, and if there is
// none, the one whom the IdP deleted and who is kept in grace. NotFound; Conflict if several such users have the name.
func (s *Service) FindUser(ctx context.Context, p directory.Principal, tenant directory.TenantID, ref string) (directory.ID, error) {
	if id, ok := directory.ParseID(ref); ok { // the verb says whether there is such a user
		return id, nil
	}
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return directory.ID{}, err
	}
	var id directory.ID
	err = s.readWanting(ctx, p, &store.Want{UserNames: []string{ref}}, func(r store.Reader) error {
		u, err := findUser(r, ref)
		id = u.ID
		return err
	})
	return id, err
}

// findUser reads the user whom an operator names by id or userName, as FindUser says.
func findUser(r store.Reader, ref string) (directory.User, error) {
	if id, ok := directory.ParseID(ref); ok {
		return userOf(r, id)
	}
	u, ok, err := txn.Optional(r.UserByName(ref))
	if err != nil || ok {
		return u, err
	}
	gone, err := r.GoneByName(ref)
	switch {
	case err != nil:
		return directory.User{}, err
	case len(gone) == 0:
		return directory.User{}, &directory.Error{Code: directory.NotFound, Message: "there is no user with the id or userName " + ref}
	case len(gone) > 1:
		return directory.User{}, policy.NamesSeveral(ref, gone).Err()
	}
	return gone[0], nil
}

// userOf reads a user, also one whom an identity provider deleted.
func userOf(r store.Reader, id directory.ID) (directory.User, error) {
	u, ok, err := txn.Optional(r.User(id))
	if err != nil {
		return directory.User{}, err
	}
	if !ok {
		return directory.User{}, txn.NotFound("user", id)
	}
	return u, nil
}

// userSeenBy is userOf for p. For an identity provider, a deleted user does not exist.
func userSeenBy(r store.Reader, p directory.Principal, id directory.ID) (directory.User, error) {
	u, err := userOf(r, id)
	if err == nil && u.Gone() && txn.FromIdP(p) {
		return directory.User{}, txn.NotFound("user", id)
	}
	return u, err
}

func groupRefs(r store.Reader, id directory.ID) ([]directory.GroupRef, error) {
	refs, err := r.GroupRefs(id)
	return slices.Clone(refs), err
}
