package webhooks

import (
	"context"
	"fmt"
	"slices"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// gapPiece is how many events are read at once to find one that a webhook gets.
const gapPiece = 500

// NoteGaps notes, before the data of a tenant is deleted, which of its events or audit lines webhooks did not get, so that their receivers
// are told. A second call does nothing. A channel is told nothing, because its messages are for people.
func (s *Service) NoteGaps(ctx context.Context, tenant directory.TenantID) error {
	all, err := s.All(ctx)
	if err != nil {
		return err
	}
	for i := range all {
		w := &all[i]
		if _, noted := w.Gap(tenant); noted || w.Channel() || !w.Attached(tenant) {
			continue
		}
		gap, err := s.missed(ctx, w, tenant)
		if err == nil && gap.To > 0 {
			err = s.noteGap(ctx, w, gap)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// missed gives what a webhook did not get of a tenant; the zero MissedEvents if there is nothing.
func (s *Service) missed(ctx context.Context, w *directory.Webhook, tenant directory.TenantID) (gap directory.MissedEvents, err error) {
	err = s.txn.View(ctx, tenant, func(r store.Reader) error {
		gap = directory.MissedEvents{}
		stored, _, err := txn.Get[directory.Delivery](r, directory.DeliveryKV, w.ID.String())
		if err != nil {
			return err
		}
		cursor := policy.WebhookDelivery(w, tenant, stored).Cursor
		if w.Audit() {
			_, last, err := r.Audit(0, 0)
			if last > cursor {
				gap = directory.MissedEvents{Tenant: tenant, From: cursor + 1, To: last}
			}
			return err
		}
		for after := cursor; ; {
			events, last, err := r.Events(after, gapPiece)
			if err != nil || len(events) == 0 {
				return err
			}
			if slices.ContainsFunc(events, func(e directory.Event) bool { return policy.WebhookWants(w, &e) }) {
				gap = directory.MissedEvents{Tenant: tenant, From: cursor + 1, To: last}
				return nil
			}
			after = events[len(events)-1].Seq
		}
	})
	return gap, err
}

func (s *Service) noteGap(ctx context.Context, w *directory.Webhook, gap directory.MissedEvents) error {
	return s.write(ctx, by(directory.Provider), func(t *txn.Tx) error {
		now, there, err := txn.Get[directory.Webhook](t.Reader, directory.WebhookKV, w.Name)
		if err != nil || !there || now.ID != w.ID {
			return err
		}
		if _, noted := now.Gap(gap.Tenant); noted {
			return nil
		}
		now.Gaps = append(slices.Clone(now.Gaps), gap)
		now.Version++
		now.Modified = txn.Later(t.Now, now.Modified)
		line := t.Line(directory.ActionWebhookGap, subject(&now))
		line.Rule, line.Reason = "E3", fmt.Sprintf("the data of company %s is deleted before they were delivered", gap.Tenant)
		line.After = gapFacts(gap)
		t.Audit(line)
		t.Event(directory.WebhookUpdated, subject(&now), facts(&now))
		return t.Set(directory.WebhookKV, now.Name, now)
	})
}

func gapFacts(gap directory.MissedEvents) directory.Document {
	return txn.Document(directory.Attributes{
		{Name: "tenant", Value: string(gap.Tenant)}, {Name: "from", Value: txn.Number(int(gap.From))}, {Name: "to", Value: txn.Number(int(gap.To))},
	})
}

// GapTold forgets a gap that the receiver was told of.
func (s *Service) GapTold(ctx context.Context, w *directory.Webhook, tenant directory.TenantID) error {
	return s.write(ctx, by(directory.Provider), func(t *txn.Tx) error {
		now, there, err := txn.Get[directory.Webhook](t.Reader, directory.WebhookKV, w.Name)
		if err != nil || !there || now.ID != w.ID {
			return err
		}
		gap, noted := now.Gap(tenant)
		if !noted {
			return nil
		}
		line := t.Line(directory.ActionWebhookGap, subject(&now))
		line.Rule, line.Reason, line.After = "E3", "the receiver was told what it did not get of company "+string(tenant), gapFacts(gap)
		t.Audit(line)
		now.Gaps = slices.DeleteFunc(slices.Clone(now.Gaps), func(g directory.MissedEvents) bool { return g.Tenant == tenant })
		now.Version++
		return t.Set(directory.WebhookKV, now.Name, now)
	})
}
