package overview

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/store"
)

// mostSearched is how many people one search over all tenants reads before it returns what it has.
const mostSearched = 100_000

// PeopleQuery asks for people in all tenants of a scope.
type PeopleQuery struct {
	Where directory.Expr
	Gone  bool // includes people whom the identity provider deleted
	// LookUp says that an index answers Where, so that a search of all tenants at once costs one look-up for each.
	LookUp bool
	After  *PersonMark
	Count  int
}

// PersonMark is where a page of people ended: after this user, or before the first user of the tenant if the ID is zero.
type PersonMark struct {
	Tenant directory.TenantID
	ID     directory.ID
}

// FoundPerson is a person with the tenant.
type FoundPerson struct {
	Tenant directory.Tenant
	User   directory.User
	Groups []directory.GroupRef
}

// FindPeople gives people in the scope of p, by tenant and by ID. next is not nil if there may be more: a page may end, even empty, because
// enough people were read.
func (s *Service) FindPeople(ctx context.Context, p directory.Principal, q PeopleQuery) (found []FoundPerson, next *PersonMark, err error) {
	ids, err := s.scopeOf(ctx, p)
	if err != nil {
		return nil, nil, err
	}
	at := PersonMark{}
	if q.After != nil {
		at = *q.After
		from, _ := slices.BinarySearchFunc(ids, at.Tenant, cmp.Compare)
		ids = ids[from:]
	}
	searched := 0
	for i, id := range ids {
		if err := ctx.Err(); err != nil {
			return nil, nil, &directory.Error{Code: directory.Unavailable, Message: "the search was given up", Err: err}
		}
		if len(found) == q.Count || searched >= mostSearched {
			return found, &PersonMark{Tenant: id}, nil
		}
		in := directory.Query{Where: q.Where, Gone: q.Gone, Groups: true, Count: q.Count - len(found)}
		if id == at.Tenant && !at.ID.IsZero() {
			in.After = &directory.Mark{ID: at.ID}
		}
		here, page, people, err := s.peopleIn(ctx, id, in)
		if txn.IsNotFound(err) { // deleted meanwhile
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		if found = append(found, here...); !q.LookUp {
			searched += people
		}
		if page.Last != nil {
			return found, &PersonMark{Tenant: ids[i], ID: page.Last.ID}, nil
		}
	}
	return found, nil, nil
}

// peopleIn gives the people of one tenant, and how many the tenant has.
func (s *Service) peopleIn(ctx context.Context, id directory.TenantID, q directory.Query) (found []FoundPerson, page directory.Page, people int, err error) {
	err = s.store.View(ctx, id, nil, func(r store.Reader) error {
		tenant, err := r.Tenant()
		if err != nil {
			return err
		}
		usage, err := r.Usage()
		if err != nil {
			return err
		}
		people = usage.Gone
		for _, states := range usage.Users {
			for _, n := range states {
				people += n
			}
		}
		tenant = tenant.Clone()
		found = nil
		page, err = r.Users(q, func(u *directory.User, groups []directory.GroupRef) error {
			person := FoundPerson{Tenant: tenant, User: u.Clone()}
			for _, g := range groups {
				g.DisplayName = strings.Clone(g.DisplayName)
				person.Groups = append(person.Groups, g)
			}
			found = append(found, person)
			return nil
		})
		return err
	})
	return found, page, people, err
}
