package webhooks

import (
	"context"
	"fmt"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// mostTenants is how many tenants a webhook can name. Use all tenants for more.
const mostTenants = 1000

// audience is the tenants whose events or audit lines a webhook gets.
type audience struct {
	format       directory.WebhookFormat
	tenants      []directory.TenantID
	all          bool // tenants is empty
	installation bool
}

// starts gives the tenants of a new webhook with their last events or audit lines before it is attached. NotFound
// for a tenant that is not served or not in the scope; Forbidden O10 for all tenants without all of them in the scope.
func (s *Service) starts(ctx context.Context, p directory.Principal, to audience) (map[directory.TenantID]uint64, error) {
	switch {
	case to.all && len(to.tenants) > 0:
		return nil, &directory.Error{Code: directory.Invalid, Field: "tenants", Message: "name tenants, or choose all of them"}
	case !to.all && len(to.tenants) == 0 && !to.installation:
		return nil, &directory.Error{Code: directory.Invalid, Field: "tenants", Message: "name the tenants whose events it gets, or choose all of them"}
	case len(to.tenants) > mostTenants:
		return nil, &directory.Error{Code: directory.Invalid, Field: "tenants", Message: fmt.Sprintf("a webhook names at most %d tenants: choose all of them", mostTenants)}
	case to.all && p.Actor.Kind != directory.BySystem && !p.Access.Scope.All:
		return nil, &directory.Error{Code: directory.Forbidden, Rule: "O10", Message: "a webhook for all companies needs an operator who has all of them"}
	}
	if to.installation {
		if err := installable(p, to.format); err != nil {
			return nil, err
		}
	}
	for _, id := range to.tenants {
		if !policy.Sees(p, id) {
			return nil, policy.NoTenant(id)
		}
	}
	out := map[directory.TenantID]uint64{}
	wanted := to.tenants
	if to.all {
		wanted = nil
	}
	if to.all || len(wanted) > 0 {
		err := s.store.Summaries(ctx, wanted, func(one *store.Summary) error {
			if one.Tenant.Status == directory.TenantActive || to.all && one.Tenant.Status != directory.TenantGone {
				out[one.Tenant.ID] = lastOf(to.format, one)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	if to.installation {
		last, err := s.lastOfInstallation(ctx)
		if err != nil {
			return nil, err
		}
		out[directory.Provider] = last
	}
	for _, id := range to.tenants {
		if _, ok := out[id]; !ok {
			return nil, policy.NoTenant(id)
		}
	}
	return out, nil
}

// attach gives the attachments of a webhook to these tenants. Existing attachments stay.
func attach(w *directory.Webhook, starts map[directory.TenantID]uint64, t *txn.Tx) map[directory.TenantID]directory.Attachment {
	out := make(map[directory.TenantID]directory.Attachment, len(starts))
	for id, from := range starts {
		at, there := w.Tenants[id]
		if !there && (!w.All || id == directory.Provider) { // a webhook for all tenants gets its events from the first one on
			at = directory.Attachment{From: from, At: t.Now, Version: w.Version, By: t.Principal.Actor}
		}
		out[id] = at
	}
	return out
}

// newStarts is starts for a change of the tenants; nil if it changes none.
func (s *Service) newStarts(ctx context.Context, p directory.Principal, w *directory.Webhook, e Edit) (map[directory.TenantID]uint64, error) {
	to := audience{format: w.Format, all: e.All != nil && *e.All, installation: w.Attached(directory.Provider) && (e.Installation == nil || *e.Installation)}
	switch {
	case e.Tenants == nil && (e.All == nil || to.all && w.All):
		return nil, nil //nolint:nilnil // nothing changes
	case e.Tenants != nil:
		to.tenants = *e.Tenants
	}
	return s.starts(ctx, p, to)
}

// installationChange is whether a webhook gets the audit lines of the installation from now on; nil: as before.
type installationChange struct {
	on   bool
	last uint64 // the number of the last line before
}

// installationEdit is what an edit changes about the audit lines of the installation. Invalid for a webhook of events, Forbidden O10 without all tenants in the scope.
func (s *Service) installationEdit(ctx context.Context, p directory.Principal, w *directory.Webhook, e Edit) (*installationChange, error) {
	if e.Installation == nil {
		return nil, nil //nolint:nilnil // nothing changes
	}
	out := &installationChange{on: *e.Installation}
	if !out.on {
		return out, nil
	}
	if err := installable(p, w.Format); err != nil {
		return nil, err
	}
	var err error
	out.last, err = s.lastOfInstallation(ctx)
	return out, err
}

func (h *installationChange) apply(w *directory.Webhook, t *txn.Tx) error {
	switch {
	case h == nil || h.on == w.Attached(directory.Provider):
		return nil
	case !h.on && !w.All && len(w.Tenants) == 1:
		return &directory.Error{Code: directory.Invalid, Field: "installation", Message: "the webhook would get no audit lines any more: name tenants, or delete it"}
	case !h.on:
		delete(w.Tenants, directory.Provider)
		return nil
	}
	if w.Tenants == nil {
		w.Tenants = map[directory.TenantID]directory.Attachment{}
	}
	w.Tenants[directory.Provider] = directory.Attachment{From: h.last, At: t.Now, Version: w.Version, By: t.Principal.Actor}
	return policy.ReadsAudit(t.Principal, w)
}

// installable refuses the audit lines of the installation for a webhook that cannot get them, or a caller who does not have all tenants.
func installable(p directory.Principal, format directory.WebhookFormat) error {
	if format != directory.SignedAudit {
		return &directory.Error{Code: directory.Invalid, Field: "installation", Message: "only a webhook of audit lines gets those of the installation"}
	}
	if p.Actor.Kind != directory.BySystem && !p.Access.Scope.All {
		return &directory.Error{Code: directory.Forbidden, Rule: "O10", Message: "the audit lines of the installation need an operator who has all companies"}
	}
	return nil
}
