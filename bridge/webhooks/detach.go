package webhooks

import (
	"context"
	"iter"
	"maps"
	"slices"
	"time"

	"drawbridge/bridge/sharing"
	"drawbridge/bridge/txn"
	"drawbridge/directory"
)

// noteDetached notes who detached a webhook from tenants; after nil: it is deleted.
func noteDetached(t *txn.Tx, before, after *directory.Webhook) error {
	if before.All && (after == nil || !after.All) {
		if err := sharing.Note(t, before.ID, before.Name, directory.AllTenants); err != nil {
			return err
		}
	}
	var gone []directory.TenantID
	for _, tenant := range slices.Sorted(maps.Keys(before.Tenants)) {
		if after == nil || !after.Attached(tenant) {
			gone = append(gone, tenant)
		}
	}
	return sharing.Note(t, before.ID, before.Name, gone...)
}

// Leave takes tenants that are gone out of all webhooks, and names the webhooks that had one. With RunDry nothing is written.
func (s *Service) Leave(ctx context.Context, gone map[directory.TenantID]sharing.Departure, how directory.Run) (names []string, err error) {
	all, err := s.All(ctx)
	if err != nil {
		return nil, err
	}
	kind := sharing.Kind[directory.Webhook]{
		KV: directory.WebhookKV, Detached: directory.ActionWebhookDetach, Updated: directory.WebhookUpdated, Subject: subject, Facts: facts, Write: s.write,
		Tenants: func(w *directory.Webhook) iter.Seq[directory.TenantID] { return maps.Keys(w.Tenants) },
		Detach: func(w *directory.Webhook, tenants []directory.TenantID, now time.Time) {
			for _, tenant := range tenants {
				delete(w.Tenants, tenant)
			}
			w.Version, w.Modified = w.Version+1, txn.Later(now, w.Modified)
		},
	}
	return kind.Leave(ctx, by(directory.Provider), all, gone, how)
}
