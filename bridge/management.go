package bridge

import (
	"context"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
)

// ReleaseManagement releases a user, a group or a custom resource from the connection that manages it, so that the next connection
// that writes it adopts it (L9). A record without a managing connection stays unchanged. NotFound, Refused G3 if a mapped group granted the
// last Owner.
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
	before, err := t.openUser(id)
	if err != nil || before.Connection == "" {
		return err
	}
	_, err = t.applyUserDecision("user.unmanage", &before, t.state.Unmanage(before), nil, Changed)
	return err
}

func (t *tenantTx) releaseGroup(id directory.ID) error {
	before, _, err := t.openGroup(id, t.Principal.If, "group.unmanage")
	if err != nil || before.Connection == "" {
		return err
	}
	after := before
	after.Connection = ""
	_, err = t.applyGroupDraft("group.unmanage", &before, after, &directory.GroupDraft{
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
	_, err = t.applyResourceDraft(&before, after, &directory.ResourceDraft{ExternalID: before.ExternalID, Document: before.Document})
	return err
}
