package observe

import (
	"bytes"
	"context"
	"crypto/sha256"

	"drawbridge/directory"
	"drawbridge/store"
)

// roll reads the members of a group in the order of their ids, a piece at a time. Members may be added and removed meanwhile.
type roll struct {
	store  store.Store
	tenant directory.TenantID
	group  directory.ID

	page  []directory.Member
	after directory.ID // the last one of the page before
	ended bool
}

// head gives the next member without taking it; nil: there is none.
func (r *roll) head(ctx context.Context) (*directory.Member, error) {
	if len(r.page) == 0 && !r.ended {
		err := r.store.View(ctx, r.tenant, nil, func(reader store.Reader) error {
			r.page = r.page[:0]
			return reader.Members(r.group, r.after, func(m directory.Membership) error {
				if len(r.page) == members {
					return store.ErrStop
				}
				r.page = append(r.page, m.Member)
				return nil
			})
		})
		if err != nil {
			return nil, err
		}
		if r.ended = len(r.page) < members; len(r.page) > 0 {
			r.after = r.page[len(r.page)-1].ID
		}
	}
	if len(r.page) == 0 {
		return nil, nil //nolint:nilnil // the end
	}
	return &r.page[0], nil
}

func (r *roll) skip() { r.page = r.page[1:] }

// eachMember yields the added and removed members of a group, by id. Its memory does not grow with the group.
func (s *Service) eachMember(ctx context.Context, copies Copies, c *directory.Connection, group directory.ID, yield func(directory.MemberOp, *directory.Member) error) error {
	here := &roll{store: s.cfg.Store, tenant: c.Tenant, group: group}
	there := &roll{store: copies.Store, tenant: c.Observing.Copy, group: group}
	for {
		is, err := here.head(ctx)
		if err != nil {
			return err
		}
		to, err := there.head(ctx)
		if err != nil {
			return err
		}
		which := 0
		switch {
		case is == nil && to == nil:
			return nil
		case is == nil:
			which = 1
		case to == nil:
			which = -1
		default:
			which = bytes.Compare(is.ID[:], to.ID[:])
		}
		if which <= 0 {
			here.skip()
		}
		if which >= 0 {
			there.skip()
		}
		switch {
		case which < 0:
			err = yield(directory.RemoveMembers, is)
		case which > 0:
			err = yield(directory.AddMembers, to)
		}
		if err != nil {
			return err
		}
	}
}

// countMembers counts the added and removed members of a group, and identifies them by a digest.
func (s *Service) countMembers(ctx context.Context, copies Copies, c *directory.Connection, group directory.ID) (digest [sha256.Size]byte, joins, leaves int, err error) {
	h := sha256.New()
	err = s.eachMember(ctx, copies, c, group, func(op directory.MemberOp, m *directory.Member) error {
		if op == directory.AddMembers {
			joins++
		} else {
			leaves++
		}
		h.Write([]byte{byte(op)})
		h.Write(m.ID[:])
		return nil
	})
	h.Sum(digest[:0])
	return digest, joins, leaves, err
}

// ref is a member as an identity provider names one.
func ref(m *directory.Member) directory.MemberRef {
	return directory.MemberRef{Value: m.ID.String(), Type: string(m.Kind), Display: m.Display}
}
