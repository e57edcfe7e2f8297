package sharing

import (
	"context"
	"strings"
	"time"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/store"
)

// restTime is how long a note stays at least. A server that has just lost the lead may still attach what it read before.
const restTime = time.Hour

// Note stores, within a transaction of the installation, that its principal detached an integration from tenants.
func Note(t *txn.Tx, integration directory.ID, name string, tenants ...directory.TenantID) error {
	for _, tenant := range tenants {
		note := directory.Detachment{At: t.Now, By: t.Principal.Actor, Name: name}
		if err := t.Set(directory.DetachmentKV, directory.DetachmentKey(integration.String(), tenant), note); err != nil {
			return err
		}
	}
	return nil
}

// Find gives the note about an integration, by its id, and a tenant. ok is false if there is none.
func Find(ctx context.Context, r *txn.Runner, integration string, tenant directory.TenantID) (note directory.Detachment, ok bool, err error) {
	err = r.View(ctx, directory.Provider, func(reader store.Reader) error {
		note, ok, err = txn.Get[directory.Detachment](reader, directory.DetachmentKV, directory.DetachmentKey(integration, tenant))
		if err != nil || ok {
			return err
		}
		note, ok, err = txn.Get[directory.Detachment](reader, directory.DetachmentKV, directory.DetachmentKey(integration, directory.AllTenants))
		return err
	})
	return note, ok, err
}

// Forget removes the notes that no tenant needs any more: nothing is kept there for the integration.
func Forget(ctx context.Context, r *txn.Runner, p directory.Principal) error {
	old := r.Instant().Add(-restTime)
	var keys []string
	err := r.View(ctx, directory.Provider, func(reader store.Reader) error {
		keys = nil
		return txn.Each(reader, directory.DetachmentKV, "", "", func(key string, note *directory.Detachment) error {
			if note.At.Before(old) {
				keys = append(keys, strings.Clone(key))
			}
			return nil
		})
	})
	if err != nil || len(keys) == 0 {
		return err
	}
	needed := map[string]bool{}
	keep := func(tenant directory.TenantID, integration string) {
		needed[directory.DetachmentKey(integration, tenant)], needed[directory.DetachmentKey(integration, directory.AllTenants)] = true, true
	}
	for _, kind := range []directory.KVKind{directory.DeliveryKV, directory.TargetStateKV, directory.ProjectStateKV} {
		err := r.Store().TenantKVs(ctx, kind, nil, func(tenant directory.TenantID, kv directory.KV) error {
			keep(tenant, kv.Key)
			return nil
		})
		if err != nil {
			return err
		}
	}
	err = r.View(ctx, directory.Provider, func(reader store.Reader) error {
		return reader.KVs(directory.DeliveryKV, "", "", func(kv directory.KV) error {
			keep(directory.Provider, kv.Key)
			return nil
		})
	})
	if err != nil {
		return err
	}
	p.Tenant = directory.Provider
	return r.Run(ctx, p, func(t *txn.Tx) error {
		for _, key := range keys {
			note, ok, err := txn.Get[directory.Detachment](t.Reader, directory.DetachmentKV, key)
			if err != nil {
				return err
			}
			if ok && !needed[key] && note.At.Before(old) {
				t.Unset(directory.DetachmentKV, key)
			}
		}
		return nil
	})
}
