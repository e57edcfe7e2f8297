package bridge

import (
	"context"
	"strings"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
)

// PersonEdit is an operator's manual change of a person. A nil field stays unchanged; an empty text removes the value.
type PersonEdit struct {
	UserName, Email, GivenName, FamilyName, DisplayName, ExternalID *string
}

// EditPerson changes a user whom no connection manages, or whom the IdP deleted, on behalf of an operator. NotFound, Stale, Refused L9, Conflict with Field
// userName, Invalid.
func (s *Service) EditPerson(ctx context.Context, p directory.Principal, tenant directory.TenantID, id directory.ID, e PersonEdit) (UserResult, error) {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return UserResult{}, err
	}
	return s.writeUser(ctx, p, wantEdit(p, id), func(t *tenantTx) (UserResult, error) {
		before, err := t.openUser(id)
		if err != nil {
			return UserResult{}, err
		}
		idp, err := t.idpOf(before.Connection)
		if err != nil {
			return UserResult{}, err
		}
		if err := t.Refuse(policy.EditUserByPerson(&before, policy.IdPTitle(idp)), directory.ActionUserUpdate, userSubject(&before)); err != nil {
			return UserResult{}, err
		}
		return t.editUser(id, directory.Precondition{}, e.writeTo)
	})
}

// writeTo writes the edit into a user.
func (e *PersonEdit) writeTo(before *directory.User) (directory.UserDraft, error) {
	d := UserForm{UserName: before.UserName}
	for _, f := range []struct{ from, to *string }{
		{e.UserName, &d.UserName},
		{e.Email, &d.Email},
		{e.GivenName, &d.GivenName},
		{e.FamilyName, &d.FamilyName},
		{e.DisplayName, &d.DisplayName},
		{e.ExternalID, &d.ExternalID},
	} {
		if f.from != nil {
			*f.to = strings.TrimSpace(*f.from)
		}
	}
	out, err := d.writeTo(before, nil)
	if err != nil {
		return out, err
	}
	a := txn.Decoded(out.Document)
	if e.UserName != nil {
		out.UserName = d.UserName
		a.Set("userName", d.UserName)
	}
	removed := func(value *string) bool { return value != nil && strings.TrimSpace(*value) == "" }
	if removed(e.DisplayName) {
		a.Delete("displayName")
	}
	if removed(e.ExternalID) {
		a.Delete("externalId")
		out.ExternalID = ""
	}
	if removed(e.Email) {
		a.Delete("emails")
		out.Emails = nil
	}
	if removed(e.GivenName) {
		removeName(&a, "givenName")
	}
	if removed(e.FamilyName) {
		removeName(&a, "familyName")
	}
	out.Document = a.Document()
	return out, nil
}

// removeName removes a part of a name, and the whole name with its last part.
func removeName(a *directory.Attributes, part string) {
	value, _ := a.Get("name")
	name, _ := value.(directory.Attributes)
	if len(name) == 0 {
		return
	}
	name.Delete(part)
	name.Delete("formatted")
	if len(name) == 0 {
		a.Delete("name")
		return
	}
	a.Set("name", name)
}

// LocalGroup is a group as an operator describes it.
type LocalGroup struct {
	DisplayName string
	ExternalID  string
}

// MakeGroup makes a group that no connection manages (G1). Refused B5 on a plan without groups, Conflict with Field displayName, Invalid.
func (s *Service) MakeGroup(ctx context.Context, p directory.Principal, tenant directory.TenantID, g LocalGroup) (GroupResult, error) {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return GroupResult{}, err
	}
	return s.CreateGroup(ctx, p, func(*directory.Group) (directory.GroupDraft, error) {
		return g.draft(directory.Attributes{{Name: "schemas", Value: []any{groupSchema}}}), nil
	})
}

const groupSchema = "urn:ietf:params:scim:schemas:core:2.0:Group"

func (g LocalGroup) draft(a directory.Attributes) directory.GroupDraft {
	a.Set("displayName", g.DisplayName)
	if g.ExternalID != "" {
		a.Set("externalId", g.ExternalID)
	} else {
		a.Delete("externalId")
	}
	return directory.GroupDraft{DisplayName: g.DisplayName, ExternalID: g.ExternalID, Document: a.Document()}
}

// EditLocalGroup changes name and externalId of a group that no connection manages. NotFound, Stale, Refused G1 or L9, Conflict with
// Field displayName, Invalid, and the errors of edit.
func (s *Service) EditLocalGroup(ctx context.Context, p directory.Principal, tenant directory.TenantID, id directory.ID, edit func(LocalGroup) LocalGroup) (GroupResult, error) {
	return s.writeLocalGroup(ctx, p, tenant, id, func(before *directory.Group) (directory.GroupDraft, error) {
		after := edit(LocalGroup{DisplayName: before.DisplayName, ExternalID: before.ExternalID})
		return after.draft(txn.Decoded(before.Document)), nil
	})
}

// JoinGroup puts a user into a group that no connection manages. A user who is in it stays. NotFound, Refused G1 or L9, Refused B4 for a
// guest in too many groups.
func (s *Service) JoinGroup(ctx context.Context, p directory.Principal, tenant directory.TenantID, group, user directory.ID) (GroupResult, error) {
	return s.moveMember(ctx, p, tenant, group, directory.MemberEdit{Op: directory.AddMembers, Members: []directory.MemberRef{{Value: user.String()}}})
}

// LeaveGroup takes a user out of a group that no connection manages. A user who is not in it stays out. The errors are those of JoinGroup.
func (s *Service) LeaveGroup(ctx context.Context, p directory.Principal, tenant directory.TenantID, group, user directory.ID) (GroupResult, error) {
	return s.moveMember(ctx, p, tenant, group, directory.MemberEdit{Op: directory.RemoveMembers, Members: []directory.MemberRef{{Value: user.String()}}})
}

func (s *Service) moveMember(ctx context.Context, p directory.Principal, tenant directory.TenantID, group directory.ID, e directory.MemberEdit) (GroupResult, error) {
	return s.writeLocalGroup(ctx, p, tenant, group, func(before *directory.Group) (directory.GroupDraft, error) {
		return directory.GroupDraft{DisplayName: before.DisplayName, ExternalID: before.ExternalID, Document: before.Document, Members: []directory.MemberEdit{e}}, nil
	})
}

func (s *Service) writeLocalGroup(ctx context.Context, p directory.Principal, tenant directory.TenantID, id directory.ID, edit directory.GroupEdit) (GroupResult, error) {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return GroupResult{}, err
	}
	return s.writeGroup(ctx, p, wantGroup(p, id, edit), func(t *tenantTx) (GroupResult, error) {
		if err := t.load(); err != nil {
			return GroupResult{}, err
		}
		before, err := groupOf(t.Reader, t.Principal, id)
		if err != nil {
			return GroupResult{}, err
		}
		if err := p.If.Check(before.Version); err != nil {
			return GroupResult{}, err
		}
		idp, err := t.idpOf(before.Connection)
		if err != nil {
			return GroupResult{}, err
		}
		if err := t.Refuse(policy.EditByPerson(before.Connection, "group", policy.IdPTitle(idp)), directory.ActionGroupUpdate, groupSubject(&before)); err != nil {
			return GroupResult{}, err
		}
		return t.editGroup(id, p.If, edit)
	})
}
