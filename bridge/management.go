package bridge

import (
	"context"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
)

// manages reports whether the write may change a record that owner manages (L9). It asks policy.Manage, unless an operator hands the
// records of owner over.
func (t *tenantTx) manages(owner directory.ConnectionID, what string, id directory.ID) (adopts bool, no *policy.Refusal) {
	if owner != "" && owner == t.Principal.Takes {
		return true, nil
	}
	return policy.Manage(t.Principal.Connection.ID, owner, what, id)
}

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
	_, err = t.applyUserDecision(directory.ActionUserUnmanage, &before, t.state.Unmanage(before), nil, Changed)
	return err
}

func (t *tenantTx) releaseGroup(id directory.ID) error {
	before, _, err := t.openGroup(id, t.Principal.If, directory.ActionGroupUnmanage)
	if err != nil || before.Connection == "" {
		return err
	}
	after := before
	after.Connection = ""
	_, err = t.applyGroupDraft(directory.ActionGroupUnmanage, &before, after, &directory.GroupDraft{
		DisplayName: before.DisplayName, ExternalID: before.ExternalID, Document: before.Document,
	})
	return err
}

func (t *tenantTx) releaseResource(kind directory.Kind, id directory.ID) error {
	before, _, err := t.openResource(kind, id, directory.Precondition{}, directory.ResourceUnmanage)
	if err != nil || before.Connection == "" {
		return err
	}
	after := before
	after.Connection = ""
	_, err = t.applyResourceDraft(&before, after, &directory.ResourceDraft{ExternalID: before.ExternalID, Document: before.Document})
	return err
}

// ReleaseIdentity is ReleaseManagement of a user or a group, and removes the externalId, which is the identity provider's name for the
// record. Then a connection that finds records by their names can adopt it.
func (s *Service) ReleaseIdentity(ctx context.Context, p directory.Principal, tenant directory.TenantID, kind directory.Kind, id directory.ID) error {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return err
	}
	return s.write(ctx, p, func(t *tenantTx) error {
		if kind == directory.GroupKind {
			return t.releaseGroupIdentity(id)
		}
		return t.releaseUserIdentity(id)
	})
}

func (t *tenantTx) releaseUserIdentity(id directory.ID) error {
	before, err := t.openUser(id)
	if err != nil || before.Connection == "" {
		return err
	}
	d := t.state.Unmanage(before)
	d.User.ExternalID, d.User.Document = "", withoutExternalID(before.Document)
	_, err = t.applyUserDecision(directory.ActionUserUnmanage, &before, d, nil, Changed)
	return err
}

func (t *tenantTx) releaseGroupIdentity(id directory.ID) error {
	before, _, err := t.openGroup(id, t.Principal.If, directory.ActionGroupUnmanage)
	if err != nil || before.Connection == "" {
		return err
	}
	after := before
	after.Connection = ""
	_, err = t.applyGroupDraft(directory.ActionGroupUnmanage, &before, after, &directory.GroupDraft{
		DisplayName: before.DisplayName, Document: withoutExternalID(before.Document),
	})
	return err
}

func withoutExternalID(d directory.Document) directory.Document {
	a := txn.Decoded(d)
	if _, there := a.Get("externalId"); !there {
		return d
	}
	a.Delete("externalId")
	return a.Document()
}
