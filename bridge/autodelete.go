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
	err = userBatches(r, directory.Query{Where: where, Gone: true}, func(users []directory.User) error {
		some, err := deletionsOf(r, state, users)
		out = append(out, some...)
		return err
	})
	return out, err
}

// deletionsOf returns which of some users auto-delete will delete, and when.
func deletionsOf(r store.Reader, state policy.State, users []directory.User) ([]Deletion, error) {
	users = slices.DeleteFunc(slices.Clone(users), func(u directory.User) bool {
		ok, _ := state.AutoDelete(&u)
		return !ok
	})
	if len(users) == 0 {
		return nil, nil
	}
	only, err := onlyOwner(r)
	if err != nil {
		return nil, err
	}
	notices, err := txn.GetAll[directory.DeletionNotice](r, directory.DeletionKV, kvKeys(users))
	if err != nil {
		return nil, err
	}
	var out []Deletion
	for i := range users {
		u := &users[i]
		if u.ID == only {
			continue
		}
		due, step := state.DeletionDue(u, notices[u.ID.String()])
		out = append(out, Deletion{User: u.ID, UserName: u.UserName, Suspended: u.Suspension.At, Due: due, Step: step})
	}
	return out, nil
}

// onlyOwner returns the member of Owners if there is exactly one, else the zero ID. Auto-delete leaves a suspended Owner alone if the
// tenant would have no Owner left who can come back (G3).
func onlyOwner(r store.Reader) (directory.ID, error) {
	owners, ok, err := txn.Optional(r.BuiltIn(directory.Owners))
	if err != nil || !ok {
		return directory.ID{}, err
	}
	var only directory.ID
	err = r.Members(owners.ID, directory.ID{}, func(m directory.Membership) error {
		if !only.IsZero() && only != m.Member.ID {
			only = directory.ID{}
			return store.ErrStop
		}
		only = m.Member.ID
		return nil
	})
	return only, err
}

// announced is the maximum number of notices in one transaction.
const announced = 200

// AutoDelete announces and deletes the users that are due (D5), and returns both lists. Each deletion is a
// transaction of its own, so that ten thousand of them do not block other writes. With RunDry nothing is written. NotFound.
func (s *Service) AutoDelete(ctx context.Context, p directory.Principal, tenant directory.TenantID, how directory.Run) (notices, deleted []Deletion, err error) {
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
	if how.Dry() {
		return notices, due, nil
	}
	for part := range slices.Chunk(notices, announced) {
		if err := s.announce(ctx, p, part); err != nil {
			return nil, nil, err
		}
	}
	for _, d := range due {
		err := s.autoDelete(ctx, p, tenant, d.User, brakeJudges)
		switch directory.CodeOf(err) {
		case "":
			deleted = append(deleted, d)
		case directory.NotFound, directory.Refused, directory.Conflict: // gone or changed meanwhile, or held by the brake, which the audit trail says
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
		if err := t.load(); err != nil {
			return err
		}
		found, due, err := t.stillDue(part)
		if err != nil {
			return err
		}
		for _, d := range due {
			if d.Step == 0 {
				continue
			}
			u := found[d.User]
			notice := directory.DeletionNotice{Suspended: u.Suspension.At, Step: d.Step, At: t.Now}
			if err := t.Set(directory.DeletionKV, u.ID.String(), notice); err != nil {
				return err
			}
			data := append(userData(&u), directory.Attribute{Name: "days", Value: txn.Number(policy.DaysLeft(d.Due, t.Now))},
				directory.Attribute{Name: "due", Value: d.Due.UTC().Format(time.RFC3339)})
			line := t.Line(directory.ActionUserDeletionNotice, userSubject(&u))
			line.Rule, line.After = "D5", txn.Document(data)
			t.Audit(line)
			t.Event(directory.UserDeletionNotice, userSubject(&u), data)
		}
		return nil
	})
}

// stillDue reads users whom auto-delete was going to delete, and returns for which of them that still holds.
func (t *tenantTx) stillDue(part []Deletion) (found map[directory.ID]directory.User, due []Deletion, err error) {
	ids := make([]directory.ID, len(part))
	for i := range part {
		ids[i] = part[i].User
	}
	if found, err = t.Reader.UsersByID(ids); err != nil {
		return nil, nil, err
	}
	users := make([]directory.User, 0, len(found))
	for _, id := range ids {
		if u, ok := found[id]; ok {
			users = append(users, u)
		}
	}
	due, err = deletionsOf(t.Reader, t.state, users)
	return found, due, err
}

// brakeSays is the decision of the brake about a removal.
type brakeSays int

const (
	brakeJudges   brakeSays = iota
	brakeReleased           // an operator released what the brake held
)

// autoDelete deletes one user for good if it is still due.
func (s *Service) autoDelete(ctx context.Context, p directory.Principal, tenant directory.TenantID, id directory.ID, brake brakeSays) error {
	p.Tenant = tenant
	return s.write(ctx, p, func(t *tenantTx) error {
		if err := t.keepsUser(); err != nil {
			return err
		}
		u, err := t.openUser(id)
		if err != nil {
			return err
		}
		due, err := deletionsOf(t.Reader, t.state, []directory.User{u})
		if err != nil {
			return err
		}
		if len(due) == 0 || t.Now.Before(due[0].Due) {
			return txn.NotFound("user that is due", id)
		}
		t.released = brake == brakeReleased
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
