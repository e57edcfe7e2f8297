package webhooks

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// entry is an event or an audit line by its number and time.
type entry struct {
	seq uint64
	at  time.Time
}

// entries reads at most limit of what a webhook gets, after a number and in order, and the number of the last one that there is.
func entries(r store.Reader, w *directory.Webhook, after uint64, limit int) (out []entry, last uint64, err error) {
	if w.Audit() {
		lines, last, err := r.Audit(after, limit)
		for i := range lines {
			out = append(out, entry{lines[i].Seq, lines[i].Time})
		}
		return out, last, err
	}
	events, last, err := r.Events(after, limit)
	for i := range events {
		out = append(out, entry{events[i].Seq, events[i].Time})
	}
	return out, last, err
}

// read puts the next events or audit lines into a batch. They are copied, because the View ends.
func (b *Batch) read(r store.Reader, w *directory.Webhook, limit int) error {
	if w.Audit() {
		lines, last, err := r.Audit(b.Delivery.Cursor, limit)
		b.Lines, b.Last = directory.CloneAudit(lines), last
		return err
	}
	events, last, err := r.Events(b.Delivery.Cursor, limit)
	b.Events, b.Last = make([]directory.Event, len(events)), last
	for i := range events {
		e := events[i]
		e.Data = slices.Clone(e.Data)
		b.Events[i] = e
	}
	return err
}

// fromArchive replaces the lines of a batch by those of the archive, if the next one is there. Without it nothing is sent: a line must not be
// passed over because the archive is away.
func (s *Service) fromArchive(ctx context.Context, b *Batch, tenant directory.TenantID, limit int) {
	next := b.Delivery.Cursor + 1
	if s.archived == nil || next > b.Last || len(b.Lines) > 0 && b.Lines[0].Seq == next {
		return
	}
	lines, err := s.archived(ctx, tenant, b.Delivery.Cursor, limit)
	switch {
	case err != nil:
		b.Lines, b.Blocked = nil, fmt.Sprintf("audit line %d is in the archive, and cannot be read: %s", next, messageOf(err))
	case len(lines) > 0:
		b.Lines = lines
	}
}

func messageOf(err error) string {
	var e *directory.Error
	if errors.As(err, &e) {
		return e.Message
	}
	return err.Error()
}

// lastOf is the number of the last event or audit line of a tenant.
func lastOf(format directory.WebhookFormat, one *store.Summary) uint64 {
	if format == directory.SignedAudit {
		return one.LastAudit
	}
	return one.LastEvent
}

// lastOfInstallation is the number of the last audit line of the installation.
func (s *Service) lastOfInstallation(ctx context.Context) (last uint64, err error) {
	err = s.txn.View(ctx, directory.Provider, func(r store.Reader) error {
		_, last, err = r.Audit(0, 0)
		return err
	})
	return last, err
}

// progressOfInstallation says how far the audit lines of the installation were delivered.
func (s *Service) progressOfInstallation(ctx context.Context, w *directory.Webhook) (out Progress, err error) {
	err = s.txn.View(ctx, directory.Provider, func(r store.Reader) error {
		stored, _, err := txn.Get[directory.Delivery](r, directory.DeliveryKV, w.ID.String())
		if err != nil {
			return err
		}
		_, last, err := r.Audit(0, 0)
		out = Progress{Tenant: directory.Provider, Delivery: policy.WebhookDelivery(w, directory.Provider, stored), Last: last}
		return err
	})
	return out, err
}

// LastLines gives the number of the last audit line of each active tenant and of the installation. No store wakes who waits for audit lines.
func (s *Service) LastLines(ctx context.Context) (map[directory.TenantID]uint64, error) {
	last, err := s.lastOfInstallation(ctx)
	if err != nil {
		return nil, err
	}
	out := map[directory.TenantID]uint64{directory.Provider: last}
	err = s.store.Summaries(ctx, nil, func(one *store.Summary) error {
		if one.Tenant.Status == directory.TenantActive {
			out[one.Tenant.ID] = one.LastAudit
		}
		return nil
	})
	return out, err
}

// served reports whether what happens in a tenant is sent: it is active, or the installation.
func served(r store.Reader, tenant directory.TenantID) (bool, error) {
	if tenant == directory.Provider {
		return true, nil
	}
	found, there, err := txn.Optional(r.Tenant())
	return there && found.Status == directory.TenantActive, err
}
