package bridge

import (
	"context"
	"fmt"
	"strings"
	"time"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// requestLife is how long a deletion request waits for a decision.
const requestLife = 14 * 24 * time.Hour

// RequestDeletion files a request to delete a user for good, for an Owner to decide (D3). A reason is required. NotFound,
// Invalid, Conflict if one is waiting already.
func (s *Service) RequestDeletion(ctx context.Context, p directory.Principal, tenant directory.TenantID, user directory.ID, reason string) (directory.DeletionRequest, error) {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return directory.DeletionRequest{}, err
	}
	if err := policy.CheckText("reason", reason, 1, 500); err != nil {
		return directory.DeletionRequest{}, err
	}
	var out directory.DeletionRequest
	err = s.write(ctx, p, func(t *tenantTx) error {
		u, err := t.openUser(user)
		if err != nil {
			return err
		}
		all, err := t.Reader.DeletionRequests()
		if err != nil {
			return err
		}
		for i := range all {
			if all[i].User == user && all[i].StatusAt(t.Now) == directory.RequestPending {
				return &directory.Error{Code: directory.Conflict, Field: "user", Rule: "D3", Message: "a request to delete this user is waiting already"}
			}
		}
		out = directory.DeletionRequest{
			ID: t.NewID(), Tenant: tenant, User: user, UserName: u.UserName, Reason: strings.TrimSpace(reason), By: p.Actor,
			Created: t.Now, Expires: t.Now.Add(requestLife), Status: directory.RequestPending,
		}
		t.Change.Requests = append(t.Change.Requests, out)
		line := t.Line(directory.ActionDeletionRequest, userSubject(&u))
		line.Rule, line.Reason = "D3", out.Reason
		t.Audit(line)
		t.Event(directory.DeletionRequested, userSubject(&u), directory.Attributes{{Name: "request", Value: out.ID.String()}, {Name: "reason", Value: out.Reason}})
		return nil
	})
	return out, err
}

// DeletionRequests lists the requests of a tenant, each with its status as of now. NotFound.
func (s *Service) DeletionRequests(ctx context.Context, p directory.Principal, tenant directory.TenantID) ([]directory.DeletionRequest, error) {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return nil, err
	}
	var out []directory.DeletionRequest
	now := s.instant()
	err = s.read(ctx, p, func(r store.Reader) error {
		if _, err := r.Tenant(); err != nil {
			return err
		}
		all, err := r.DeletionRequests()
		for i := range all {
			all[i].Status = all[i].StatusAt(now)
			out = append(out, all[i])
		}
		return err
	})
	return out, err
}

// DeletionDecision is what an Owner decides about a request to delete a user.
type DeletionDecision struct {
	Approve bool // false: it is rejected
	Force   bool // overrules D2, with the reason of the request
	Answer  string
}

// DecideDeletion approves a request, which deletes the user in the same transaction, or rejects it (D3). D1 and D2 apply as to every
// deletion by a person; if they refuse it, the request stays pending. NotFound, Conflict for a request that is decided or expired, Invalid.
func (s *Service) DecideDeletion(ctx context.Context, p directory.Principal, tenant directory.TenantID, id directory.ID, d DeletionDecision) (directory.DeletionRequest, error) {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return directory.DeletionRequest{}, err
	}
	if err := policy.CheckText("answer", d.Answer, 0, 500); err != nil {
		return directory.DeletionRequest{}, err
	}
	var out directory.DeletionRequest
	err = s.write(ctx, p, func(t *tenantTx) error {
		all, err := t.Reader.DeletionRequests()
		if err != nil {
			return err
		}
		out = directory.DeletionRequest{}
		for i := range all {
			if all[i].ID == id {
				out = all[i]
			}
		}
		if out.ID.IsZero() {
			return txn.NotFound("deletion request", id)
		}
		if status := out.StatusAt(t.Now); status != directory.RequestPending {
			return &directory.Error{Code: directory.Conflict, Field: "status", Rule: "D3", Message: fmt.Sprintf("this request is %s: file a new one if need be", status)}
		}
		out.Status, out.Decided, out.At, out.Answer = directory.RequestRejected, p.Actor, t.Now, d.Answer
		action := directory.ActionDeletionRejected
		subject := directory.Subject{Kind: "User", ID: out.User.String(), Name: out.UserName}
		if d.Approve {
			out.Status, action = directory.RequestApproved, directory.ActionDeletionApproved
			u, err := t.openUser(out.User)
			if err != nil {
				return err
			}
			subject = userSubject(&u)
			t.approved = id
			if err := t.removeUserByPerson(&u, directory.Removal{Force: d.Force, Reason: out.Reason}); err != nil {
				return err
			}
		}
		t.Change.Requests = append(t.Change.Requests, out)
		line := t.Line(action, subject)
		line.Rule, line.Reason = "D3", d.Answer
		t.Audit(line)
		t.Event(directory.DeletionDecided, subject, directory.Attributes{{Name: "request", Value: id.String()}, {Name: "status", Value: string(out.Status)}})
		return nil
	})
	return out, err
}

// endRequests ends the requests to delete a user who is deleted for good without them (D3).
func (t *tenantTx) endRequests(u *directory.User) error {
	all, err := t.Reader.DeletionRequests()
	if err != nil {
		return err
	}
	for i := range all {
		r := all[i]
		if r.User != u.ID || r.ID == t.approved || r.StatusAt(t.Now) != directory.RequestPending {
			continue
		}
		r.Status, r.Decided, r.At, r.Answer = directory.RequestObsolete, t.Principal.Actor, t.Now, "the user was deleted for good without this request"
		t.Change.Requests = append(t.Change.Requests, r)
		line := t.Line(directory.ActionDeletionObsolete, userSubject(u))
		line.Rule, line.Reason = "D3", r.Answer
		t.Audit(line)
		t.Event(directory.DeletionDecided, userSubject(u), directory.Attributes{{Name: "request", Value: r.ID.String()}, {Name: "status", Value: string(r.Status)}})
	}
	return nil
}
