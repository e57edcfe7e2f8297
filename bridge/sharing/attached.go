package sharing

import (
	"context"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/store"
)

// Integration names an integration of the installation.
type Integration struct {
	Kind string // webhook, channel, target or project
	Name string
}

// Attached gives the integrations that are attached to a tenant, also those of all tenants, by kind and name.
func Attached(ctx context.Context, r *txn.Runner, tenant directory.TenantID) (out []Integration, err error) {
	err = r.View(ctx, directory.Provider, func(reader store.Reader) error {
		out = nil
		err := txn.Each(reader, directory.WebhookKV, "", "", func(_ string, w *directory.Webhook) error {
			if w.Attached(tenant) {
				kind := "webhook"
				if w.Channel() {
					kind = "channel"
				}
				out = append(out, Integration{kind, w.Name})
			}
			return nil
		})
		if err != nil {
			return err
		}
		err = txn.Each(reader, directory.TargetKV, "", "", func(_ string, t *directory.Target) error {
			if _, attached := t.Share(tenant); attached {
				out = append(out, Integration{"target", t.Name})
			}
			return nil
		})
		if err != nil {
			return err
		}
		return txn.Each(reader, directory.ProjectKV, "", "", func(_ string, g *directory.GoogleProject) error {
			if _, attached := g.Tenants[tenant]; attached {
				out = append(out, Integration{"project", g.Name})
			}
			return nil
		})
	})
	return out, err
}
