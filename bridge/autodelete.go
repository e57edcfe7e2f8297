package bridge

import (
	"context"
	"slices"
	"time"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// Deletion is a user whom auto-delete will delete (D5), or has announced or deleted.
type Deletion struct {
	User      directory.ID
	UserName  string
	Suspended time.Time
	Due       time.Time
	Step      int // the notice that is due or was given now: 7 or 1 days before; 0: none
}

// AutoDeletions previews auto-delete: every user whom it will delete if nothing changes, the next ones first (D5). Empty where
// the tenant has it off. NotFound.
func (s *Service) AutoDeletions(ctx context.Context, p directory.Principal, tenant directory.TenantID) ([]Deletion, error) {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return nil, err
	}
	var out []Deletion
	err = s.read(ctx, p, func(r store.Reader) error {
		out, err = s.deletions(r)
		return err
	})
	slices.SortFunc(out, func(a, b Deletion) int { return a.Due.Compare(b.Due) })
	return out, err
}

// deletions looks for the users whom auto-delete will delete.
func (s *Service) deletions(r store.Reader) ([]Deletion, error) {
	tenant, err := r.Tenant()
	if err != nil {
		return nil, err
	}
	state, err := s.stateOf(&tenant, directory.Usage{}, s.instant())
	if err != nil || state.Settings.AutoDeleteDays == 0 || tenant.Status != directory.TenantActive {
		return nil, err
	}
	var out []Deletion
	where := directory.Compare{Path: directory.Path{Name: "active"}, Op: directory.Equal, Type: directory.Boolean, Value: false}
	_, err = r.Users(directory.Query{Where: where, Count: int(^uint(0) >> 1), Gone: true}, func(u *directory.User, _ []directory.GroupRef) error {
		d, ok, err := s.deletion(r, state, u)
		if ok {
			out = append(out, d)
		}
		return err
	})
	return out, err
}

// deletion says when u is deleted, and whether at all.
func (s *Service) deletion(r store.Reader, state policy.State, u *directory.User) (Deletion, bool, error) {
	if ok, _ := state.AutoDelete(u); !ok {
		return Deletion{}, false, nil
	}
	owner, err := isOwner(r, u.ID)
	if err != nil || owner {
		return Deletion{}, false, err
	}
	notice, _, err := txn.Get[directory.DeletionNotice](r, directory.DeletionKV, u.ID.String())
	if err != nil {
		return Deletion{}, false, err
	}
	due, step := state.DeletionDue(u, notice)
	return Deletion{User: u.ID, UserName: u.UserName, Suspended: u.Suspension.At, Due: due, Step: step}, true, nil
}

// isOwner reports whether a user is in the group Owners, by whatever way. A suspended Owner is not deleted by a clock: the
// tenant might be left without anybody who can come back (G3).
func isOwner(r store.Reader, id directory.ID) (bool, error) {
	owners, ok, err := txn.Optional(r.BuiltIn(directory.Owners))
	if err != nil || !ok {
		return false, err
	}
	of, err := r.Memberships(owners.ID, id)
	if err != nil || len(of) == 0 {
		return false, err
	}
	alone := true
	err = r.Members(owners.ID, directory.ID{}, func(m directory.Membership) error {
		if alone = m.Member.ID == id; !alone {
			return store.ErrStop
		}
		return nil
	})
	return alone, err
}

// announced bounds how many notices one transaction holds.
const announced = 200

// AutoDelete announces and deletes what is due (D5): it gives who was announced and who was deleted. Each deletion is a
// transaction of its own, so that ten thousand of them stand in nobody's way. dry: nothing is written. NotFound.
func (s *Service) AutoDelete(ctx context.Context, p directory.Principal, tenant directory.TenantID, dry bool) (notices, deleted []Deletion, err error) {
	all, err := s.AutoDeletions(ctx, p, tenant)
	if err != nil {
		return nil, nil, err
	}
	p, err = txn.ForOperator(p, tenant)
	if err != nil {
		return nil, nil, err
	}
	now := s.instant()
	var due []Deletion
	for _, d := range all {
		if !now.Before(d.Due) {
			due = append(due, d)
		} else if d.Step > 0 {
			notices = append(notices, d)
		}
	}
	if dry {
		return notices, due, nil
	}
	for part := range slices.Chunk(notices, announced) {
		if err := s.announce(ctx, p, part); err != nil {
			return nil, nil, err
		}
	}
	for _, d := range due {
		err := s.autoDelete(ctx, p, tenant, d.User, false)
		switch directory.CodeOf(err) {
		case "":
			deleted = append(deleted, d)
		case directory.NotFound, directory.Refused, directory.Conflict: // gone or changed meanwhile, or held by the brake; the record has it
		default:
			return notices, deleted, err
		}
	}
	return notices, deleted, nil
}

// announce tells that users will be deleted.
func (s *Service) announce(ctx context.Context, p directory.Principal, part []Deletion) error {
	return s.write(ctx, p, func(t *tenantTx) error {
		if err := t.keepsUser(); err != nil {
			return err
		}
		for _, wanted := range part {
			if err := t.load(); err != nil {
				return err
			}
			u, ok, err := txn.Optional(t.Reader.User(wanted.User))
			if err != nil {
				return err
			}
			if !ok {
				continue
			}
			d, ok, err := t.s.deletion(t.Reader, t.state, &u)
			if err != nil {
				return err
			}
			if !ok || d.Step == 0 {
				continue
			}
			notice := directory.DeletionNotice{Suspended: u.Suspension.At, Step: d.Step, At: t.Now}
			if err := t.Set(directory.DeletionKV, u.ID.String(), notice); err != nil {
				return err
			}
			data := append(userData(&u), directory.Attribute{Name: "days", Value: txn.Number(policy.DaysLeft(d.Due, t.Now))},
				directory.Attribute{Name: "due", Value: d.Due.UTC().Format(time.RFC3339)})
			line := t.Line("user.deletion_notice", userSubject(&u))
			line.Rule, line.After = "D5", txn.Document(data)
			t.Audit(line)
			t.Event(directory.UserDeletionNotice, userSubject(&u), data)
		}
		return nil
	})
}

// autoDelete deletes one user for good if it is still due. released: an operator has released what the brake held.
func (s *Service) autoDelete(ctx context.Context, p directory.Principal, tenant directory.TenantID, id directory.ID, released bool) error {
	p.Tenant = tenant
	return s.write(ctx, p, func(t *tenantTx) error {
		if err := t.keepsUser(); err != nil {
			return err
		}
		u, err := t.openUser(id)
		if err != nil {
			return err
		}
		d, ok, err := s.deletion(t.Reader, t.state, &u)
		if err != nil {
			return err
		}
		if !ok || t.Now.Before(d.Due) {
			return txn.NotFound("user that is due", id)
		}
		t.released = released
		t.noteRemoval(&u, directory.RemoveForGood)
		t.Unset(directory.DeletionKV, id.String())
		return t.removeUser(&u, []directory.Rule{"D5"}, "suspended since "+u.Suspension.At.UTC().Format(time.DateOnly))
	})
}

// keepsUser reports NotFound for a tenant that was handed over since the job began: nothing of it is deleted in its grace time (T6).
func (t *tenantTx) keepsUser() error {
	tenant, err := t.Reader.Tenant()
	if err == nil && tenant.Status != directory.TenantActive {
		err = &directory.Error{Code: directory.NotFound, Message: "the tenant " + string(tenant.ID) + " is not served any more"}
	}
	return err
}
