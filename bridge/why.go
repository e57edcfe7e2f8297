package bridge

import (
	"context"
	"fmt"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// Why says why a user is in their state (L8).
type Why struct {
	User       directory.User
	Said       []policy.Said
	Won        *directory.Audit // the last line about the user in which a rule decided something; nil: no recent one
	Next       string           // what the next sync will do, in sentences
	Syncs      []Forecast       // what each write of each connection would do; Next is made from it
	Attributes []TriedAttribute // where the attributes that the mapping of the connection sets came from (C13)
	Looks      int              // how many lines of the audit trail were looked through for Won
}

// whyLines is how far back the audit trail is read for the rule that won.
const whyLines = 20000

// WhyUser answers L8. NotFound.
func (s *Service) WhyUser(ctx context.Context, p directory.Principal, tenant directory.TenantID, id directory.ID) (Why, error) {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return Why{}, err
	}
	var out Why
	err = s.read(ctx, p, func(r store.Reader) error {
		found, err := r.Tenant()
		if err != nil {
			return err
		}
		u, err := userSeenBy(r, p, id)
		if err != nil {
			return err
		}
		state, err := s.stateOf(&found, directory.Usage{}, s.instant())
		if err != nil {
			return err
		}
		if i, known, err := txn.Get[directory.UserInvitation](r, directory.InvitationKV, id.String()); err != nil {
			return err
		} else if known {
			state.Invitation = &i
		}
		out = Why{User: u.Clone()}
		out.Said = state.Why(&u)
		if out.Attributes, err = mappedAttributes(r, state.Settings, &u); err != nil {
			return err
		}
		if out.Syncs, err = s.forecasts(r, &u); err != nil {
			return err
		}
		out.Next = policy.NextSync(&u, out.Syncs)
		_, last, err := r.Audit(0, 0)
		if err != nil {
			return err
		}
		out.Looks = int(min(last, whyLines))
		for after := last - uint64(out.Looks); after < last; {
			lines, _, err := r.Audit(after, 1000)
			if err != nil || len(lines) == 0 {
				return err
			}
			for i := range lines {
				if l := &lines[i]; l.Subject.ID == id.String() && l.Rule != "" {
					won := *l
					won.Before, won.After = append(directory.Document{}, l.Before...), append(directory.Document{}, l.After...)
					out.Won = &won
				}
			}
			after = lines[len(lines)-1].Seq
		}
		return nil
	})
	return out, err
}

// RecoverUser marks a user for recovery by the application (L6). NotFound, Conflict.
func (s *Service) RecoverUser(ctx context.Context, p directory.Principal, tenant directory.TenantID, id directory.ID) (UserResult, error) {
	return s.recovery(ctx, p, tenant, id, func(t *tenantTx, before *directory.User) (UserResult, error) {
		return t.applyUserDecision(directory.ActionUserRecover, before, t.state.Recover(*before), nil, Changed)
	})
}

// EndRecovery ends the recovery of a user (L6). NotFound, Conflict.
func (s *Service) EndRecovery(ctx context.Context, p directory.Principal, tenant directory.TenantID, id directory.ID) (UserResult, error) {
	return s.recovery(ctx, p, tenant, id, func(t *tenantTx, before *directory.User) (UserResult, error) {
		return t.applyUserDecision(directory.ActionUserRecovered, before, t.state.Recovered(*before), nil, Changed)
	})
}

func (s *Service) recovery(ctx context.Context, p directory.Principal, tenant directory.TenantID, id directory.ID, do func(*tenantTx, *directory.User) (UserResult, error)) (UserResult, error) {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return UserResult{}, err
	}
	return s.writeUser(ctx, p, wantEdit(p, id), func(t *tenantTx) (UserResult, error) {
		before, err := t.openUser(id)
		if err != nil {
			return UserResult{}, err
		}
		return do(t, &before)
	})
}

// ConvertUser makes a guest a member, which needs a seat, or a member a guest, who is in fewer groups and not in Team Members
// (L7, B4). It sets or removes userType, which decides the type. The connection that manages the user may change it with
// the next write; the Notice says so. NotFound, Refused B2, B4 and G4, Conflict.
func (s *Service) ConvertUser(ctx context.Context, p directory.Principal, tenant directory.TenantID, id directory.ID, to directory.UserType) (UserResult, Notice, error) {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return UserResult{}, "", err
	}
	var notice Notice
	out, err := s.writeUser(ctx, p, wantEdit(p, id), func(t *tenantTx) (UserResult, error) {
		var out UserResult
		out, notice, err = t.convert(id, to)
		return out, err
	})
	return out, notice, err
}

func (t *tenantTx) convert(id directory.ID, to directory.UserType) (UserResult, Notice, error) {
	before, err := t.openUser(id)
	if err != nil {
		return UserResult{}, "", err
	}
	notice := Notice("No connection manages this user: the type stays.")
	if before.Connection != "" {
		notice = Notice(fmt.Sprintf("Connection %q manages this user: the type stays until it sends another userType, replaces the whole record, or moves the user into or out of a group that is mapped to guests.", before.Connection))
	}
	if before.Type == to {
		out, err := t.userResult(before, Unchanged)
		return out, notice, err
	}
	after := before
	if err := t.typeIsMapped(&before); err != nil {
		return UserResult{}, "", err
	}
	document := txn.Decoded(before.Document)
	if to == directory.Guest {
		if len(t.state.Settings.GuestUserTypes) == 0 {
			return UserResult{}, "", &directory.Error{Code: directory.Conflict, Field: "guest_user_types", Rule: "B4", Message: "no userType makes a guest here: set guest_user_types of the tenant first"}
		}
		document.Set("userType", t.state.Settings.GuestUserTypes[0])
	} else {
		mapped, err := t.guestByMapping(before.ID, directory.ID{})
		if err != nil {
			return UserResult{}, "", err
		}
		if mapped {
			return UserResult{}, "", t.Refuse(&policy.Refusal{
				Code: directory.Refused, Rule: "G4", Field: "type",
				Message: "the user is a guest by a group that is mapped to guests: take the user out of that group, or end the mapping",
			}, directory.ActionUserConvert, userSubject(&before))
		}
		if policy.Foreign(t.state.Settings.MemberDomains, personOf(&before, "")) {
			return UserResult{}, "", t.Refuse(&policy.Refusal{
				Code: directory.Refused, Rule: "B4", Field: "type",
				Message: "the user is a guest by an e-mail address that is in none of the member_domains of the tenant: give the user an address that is, or add its domain there",
			}, directory.ActionUserConvert, userSubject(&before))
		}
		document.Delete("userType")
	}
	after.Document, after.Type = document.Document(), to
	if before.Sent != nil { // the next PATCH is applied to what was sent
		sent := txn.Decoded(before.Sent)
		if text, ok := document.Get("userType"); ok {
			sent.Set("userType", text)
		} else {
			sent.Delete("userType")
		}
		after.Sent = sent.Document()
	}
	d := t.state.Write(before, after, nil)
	d.Because = append([]directory.Rule{"L7"}, d.Because...)
	out, err := t.applyUserDecision(directory.ActionUserConvert, &before, d, nil, Changed)
	return out, notice, err
}

// Settings gives every setting of a tenant with where its value comes from. NotFound.
func (s *Service) Settings(ctx context.Context, p directory.Principal, tenant directory.TenantID) ([]policy.Setting, error) {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return nil, err
	}
	var out []policy.Setting
	err = s.read(ctx, p, func(r store.Reader) error {
		t, err := r.Tenant()
		if err != nil {
			return err
		}
		plan, _ := policy.FindPlan(s.plans, t.Plan)
		out = policy.Sources(s.defaults, plan, t.Overrides)
		return nil
	})
	return out, err
}
