package bridge

import (
	"context"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
)

// ReleaseManagement takes a user, a group or a custom resource from the connection that manages it, so that the next one
// that writes it adopts it (L9). What nobody manages stays as it is. NotFound, Refused G3 if a mapped group granted the
// last Owner, Conflict for a user whom the IdP deleted.
func (s *Service) ReleaseManagement(ctx context.Context, p directory.Principal, tenant directory.TenantID, kind directory.Kind, id directory.ID) error {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return err
	}
	return s.write(ctx, p, func(t *tenantTx) error {
		switch kind {
		case directory.UserKind:
			return t.releaseUser(id)
		case directory.GroupKind:
			return t.releaseGroup(id)
		}
		return t.releaseResource(kind, id)
	})
}

func (t *tenantTx) releaseUser(id directory.ID) error {
	before, err := t.open(id)
	if err != nil || before.Connection == "" {
		return err
	}
	if before.Gone() {
		return t.Refuse(&policy.Refusal{
			Code: directory.Conflict, Rule: "L9", Field: "state",
			Message: "the identity provider has deleted this user: release the suspension or delete the user instead",
		}, "user.unmanage", userSubject(&before))
	}
	after := before
	after.Connection, after.Statement, after.StatedAt = "", directory.SaidNothing, t.Now
	d := policy.Decision{
		User: after, Events: []directory.EventKind{directory.UserReleased}, Because: []directory.Rule{"L9"},
		Why: "no longer managed by connection " + string(before.Connection),
	}
	_, err = t.settle("user.unmanage", &before, d, nil, Changed)
	return err
}

func (t *tenantTx) releaseGroup(id directory.ID) error {
	before, _, err := t.openGroup(id, t.Principal.If, "group.unmanage")
	if err != nil || before.Connection == "" {
		return err
	}
	after := before
	after.Connection = ""
	_, err = t.settleGroup("group.unmanage", &before, after, &directory.GroupDraft{
		DisplayName: before.DisplayName, ExternalID: before.ExternalID, Document: before.Document,
	})
	return err
}

func (t *tenantTx) releaseResource(kind directory.Kind, id directory.ID) error {
	before, _, err := t.openResource(kind, id, directory.Precondition{}, "unmanage")
	if err != nil || before.Connection == "" {
		return err
	}
	after := before
	after.Connection = ""
	_, err = t.settleResource(&before, after, &directory.ResourceDraft{ExternalID: before.ExternalID, Document: before.Document})
	return err
}
