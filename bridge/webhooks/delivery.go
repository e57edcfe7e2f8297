package webhooks

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"drawbridge/bridge/sharing"
	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// recentAttempts is how many attempts are kept for a webhook and tenant.
const recentAttempts = 25

// by is who writes what deliveries came to.
func by(tenant directory.TenantID) directory.Principal {
	p := directory.JobPrincipal("webhooks")
	p.Tenant = tenant
	return p
}

// Batch is the next events of a tenant for a webhook.
type Batch struct {
	Delivery directory.Delivery
	Begun    bool              // Begin has stored the delivery
	Served   bool              // otherwise no events of the tenant are sent
	Events   []directory.Event // after Delivery.Cursor, in order, also of kinds that the webhook does not get
	Lines    []directory.Audit // instead of Events, if the webhook gets audit lines
	Last     uint64            // the number of the last event or line that there is
	Blocked  string            // why the next line cannot be read from the archive; "": it can
}

// Next reads at most limit events after those that were delivered; none if nothing is to be sent now.
func (s *Service) Next(ctx context.Context, w *directory.Webhook, tenant directory.TenantID, limit int) (Batch, error) {
	var out Batch
	err := s.store.View(ctx, tenant, nil, func(r store.Reader) error {
		out = Batch{}
		if on, err := served(r, tenant); err != nil || !on {
			return err
		}
		out.Served = true
		stored, ok, err := txn.Get[directory.Delivery](r, directory.DeliveryKV, w.ID.String())
		if err != nil {
			return err
		}
		out.Delivery = policy.WebhookDelivery(w, tenant, stored)
		out.Begun = ok && stored.Attached == out.Delivery.Attached && stored.Resumes == out.Delivery.Resumes
		if !w.Live() || !out.Delivery.Parked.IsZero() || policy.WebhookWaits(out.Delivery.Next, s.instant()) {
			return nil // nothing is sent now
		}
		return out.read(r, w, limit)
	})
	if err == nil && w.Audit() && out.Last > 0 {
		s.fromArchive(ctx, &out, tenant, limit)
	}
	return out, err
}

// Begin stores the first state of a delivery, and records in the tenant that its events go to the webhook, or go there again after it was
// resumed. Another process may have done so meanwhile.
func (s *Service) Begin(ctx context.Context, w *directory.Webhook, tenant directory.TenantID) error {
	p := by(tenant)
	return s.write(ctx, p, func(t *txn.Tx) error {
		stored, known, err := txn.Get[directory.Delivery](t.Reader, directory.DeliveryKV, w.ID.String())
		if err != nil {
			return err
		}
		d := policy.WebhookDelivery(w, tenant, stored)
		again := known && stored.Attached == d.Attached
		if again && stored.Resumes == d.Resumes {
			return nil
		}
		if again && stored.Parked.IsZero() {
			return put(t, w, d)
		}
		action, kind := directory.ActionWebhookAttach, directory.WebhookAttached
		if again {
			action, kind = directory.ActionWebhookResume, directory.WebhookResumed
		}
		line := t.Line(action, subject(w))
		data := directory.Attributes{{Name: "after", Value: txn.Number(int(d.Cursor))}}
		who := w.Tenants[tenant].By
		if again {
			who = w.ResumedBy
		}
		if who.Kind != "" {
			line.Actor = who
		}
		line.After = txn.Document(data)
		t.Audit(line)
		t.Event(kind, subject(w), data)
		return put(t, w, d)
	})
}

// put puts the delivery into the Change.
func put(t *txn.Tx, w *directory.Webhook, d directory.Delivery) error {
	d.Version++
	if n := len(d.Recent); n > recentAttempts {
		d.Recent = slices.Clone(d.Recent[n-recentAttempts:])
	}
	return t.Set(directory.DeliveryKV, w.ID.String(), d)
}

// moved is the error for a delivery that was changed since it was read, by an operator or by another process.
func moved() error {
	return &directory.Error{Code: directory.Stale, Message: "the delivery was changed meanwhile: it is read again"}
}

// current reads the stored delivery, if it is still the one of version.
func current(r store.Reader, w *directory.Webhook, version uint64) error {
	stored, ok, err := txn.Get[directory.Delivery](r, directory.DeliveryKV, w.ID.String())
	if err == nil && (!ok || stored.Version != version) {
		err = moved()
	}
	return err
}

// Save stores the position of a delivery, and gives it with its new version. Stale if it was changed since it was read.
func (s *Service) Save(ctx context.Context, w *directory.Webhook, tenant directory.TenantID, d directory.Delivery) (directory.Delivery, error) {
	err := s.txn.Run(ctx, by(tenant), func(t *txn.Tx) error {
		if err := current(t.Reader, w, d.Version); err != nil {
			return err
		}
		return put(t, w, d)
	})
	d.Version++
	return d, err
}

// ParkAll stores that a webhook is parked for all its tenants, for the reason of a delivery that was given up.
func (s *Service) ParkAll(ctx context.Context, w *directory.Webhook, d directory.Delivery) error {
	_, err := s.change(ctx, by(directory.Provider), w.Name, directory.ActionWebhookPark, func(t *txn.Tx, now *directory.Webhook) error {
		if now.ID != w.ID || now.Resumes != d.Resumes {
			return moved()
		}
		if now.Parked.IsZero() {
			now.Parked, now.Reason = t.Now, d.Error
		}
		return nil
	})
	return err
}

// Park stores that a delivery was given up, with an alert in the tenant.
func (s *Service) Park(ctx context.Context, w *directory.Webhook, tenant directory.TenantID, d directory.Delivery) error {
	return s.write(ctx, by(tenant), func(t *txn.Tx) error {
		if err := current(t.Reader, w, d.Version); err != nil {
			return err
		}
		data := directory.Attributes{
			{Name: "reason", Value: d.Error},
			{Name: "after", Value: txn.Number(int(d.Cursor))},
			{Name: "attempts", Value: txn.Number(d.Attempts)},
		}
		line := t.Line(directory.ActionWebhookPark, subject(w))
		line.Rule, line.Reason, line.After = "E3", d.Error, txn.Document(data)
		t.Audit(line)
		t.Event(directory.WebhookParked, subject(w), data)
		return put(t, w, d)
	})
}

// Tidy removes the deliveries of webhooks that were deleted or detached, and records that in their tenants.
func (s *Service) Tidy(ctx context.Context, all []directory.Webhook) error {
	attached := make(map[string]*directory.Webhook, len(all))
	for i := range all {
		attached[all[i].ID.String()] = &all[i]
	}
	type orphan struct {
		tenant directory.TenantID
		key    string
	}
	var orphans []orphan
	err := s.store.TenantKVs(ctx, directory.DeliveryKV, nil, func(tenant directory.TenantID, kv directory.KV) error {
		if w := attached[kv.Key]; w == nil || !w.Attached(tenant) {
			orphans = append(orphans, orphan{tenant, strings.Clone(kv.Key)})
		}
		return nil
	})
	if err == nil {
		err = s.txn.View(ctx, directory.Provider, func(r store.Reader) error {
			return txn.Each(r, directory.DeliveryKV, "", "", func(key string, _ *directory.Delivery) error {
				if w := attached[key]; w == nil || !w.Attached(directory.Provider) {
					orphans = append(orphans, orphan{directory.Provider, strings.Clone(key)})
				}
				return nil
			})
		})
	}
	for _, o := range orphans {
		if err != nil || ctx.Err() != nil {
			break
		}
		err = s.drop(ctx, o.tenant, o.key)
	}
	return err
}

// drop removes the delivery of a webhook from a tenant, and records there who detached it.
func (s *Service) drop(ctx context.Context, tenant directory.TenantID, key string) error {
	note, known, err := sharing.Find(ctx, s.txn, key, tenant)
	if err != nil {
		return err
	}
	err = s.write(ctx, by(tenant), func(t *txn.Tx) error {
		if on, err := served(t.Reader, tenant); err != nil || !on {
			return err
		}
		if _, ok, err := txn.Get[directory.Delivery](t.Reader, directory.DeliveryKV, key); err != nil || !ok {
			return err
		}
		gone := directory.Subject{Kind: "webhook", ID: key, Name: note.Name}
		line := t.Line(directory.ActionWebhookDetach, gone)
		if known {
			line.Actor = note.By
		}
		t.Audit(line)
		t.Event(directory.WebhookDetached, gone, nil)
		t.Unset(directory.DeliveryKV, key)
		return nil
	})
	if directory.IsTenantGone(err) {
		return nil
	}
	return err
}

// Progress is how far the events of one tenant were delivered.
type Progress struct {
	Tenant   directory.TenantID
	Name     string // of the tenant; "" for the installation
	Delivery directory.Delivery
	Last     uint64 // the number of the last event that there is
}

// Backlog is how many events wait, of any kind.
func (p Progress) Backlog() uint64 { return p.Last - min(p.Last, p.Delivery.Cursor) }

// Progress says how far events were delivered to a webhook, for the tenants in the scope, by slug. NotFound.
func (s *Service) Progress(ctx context.Context, p directory.Principal, name string) ([]Progress, error) {
	w, err := s.webhook(ctx, p, name)
	if err != nil {
		return nil, err
	}
	all, err := s.progress(ctx, []directory.Webhook{w})
	return visible(p, all[w.ID]), err
}

// visible leaves out the tenants outside the scope.
func visible(p directory.Principal, all []Progress) []Progress {
	return slices.DeleteFunc(all, func(one Progress) bool { return !policy.SeesDelivery(p, one.Tenant) })
}

// progress gives the progress of webhooks, by id and tenant.
func (s *Service) progress(ctx context.Context, hooks []directory.Webhook) (map[directory.ID][]Progress, error) {
	byKey := make(map[string]*directory.Webhook, len(hooks))
	for i := range hooks {
		byKey[hooks[i].ID.String()] = &hooks[i]
	}
	stored := map[string]directory.Delivery{}
	err := s.store.TenantKVs(ctx, directory.DeliveryKV, nil, func(tenant directory.TenantID, kv directory.KV) error {
		if byKey[kv.Key] == nil {
			return nil
		}
		d, err := txn.Value[directory.Delivery](kv)
		stored[kv.Key+string(tenant)] = d
		return err
	})
	if err != nil {
		return nil, err
	}
	out := make(map[directory.ID][]Progress, len(hooks))
	for i := range hooks {
		w := &hooks[i]
		if !w.Attached(directory.Provider) {
			continue
		}
		own, err := s.progressOfInstallation(ctx, w)
		if err != nil {
			return nil, err
		}
		out[w.ID] = append(out[w.ID], own)
	}
	err = s.store.Summaries(ctx, nil, func(one *store.Summary) error {
		if one.Tenant.Status != directory.TenantActive {
			return nil
		}
		id := one.Tenant.ID
		for i := range hooks {
			if w := &hooks[i]; w.Attached(id) {
				d := policy.WebhookDelivery(w, id, stored[w.ID.String()+string(id)])
				out[w.ID] = append(out[w.ID], Progress{Tenant: id, Name: strings.Clone(one.Tenant.Name), Delivery: d, Last: lastOf(w.Format, one)})
			}
		}
		return nil
	})
	return out, err
}

// Position says where a replay begins: at the event numbered From, or with the first event at or after Since.
type Position struct {
	From  uint64
	Since time.Time
}

// Replay moves a delivery back: the events from a position on are delivered again. NotFound, Invalid, Forbidden O10; Expired for an event
// that is not kept any more.
func (s *Service) Replay(ctx context.Context, p directory.Principal, name string, tenant directory.TenantID, at Position) (Progress, error) {
	if (at.From == 0) == at.Since.IsZero() {
		return Progress{}, &directory.Error{Code: directory.Invalid, Field: "from", Message: "say the number of an event from which it begins, or a time since when"}
	}
	return s.moveCursor(ctx, p, name, tenant, step{directory.ActionWebhookReplay, func(r store.Reader, w *directory.Webhook, d directory.Delivery) (directory.Delivery, error) {
		first, last, err := entries(r, w, 0, 1)
		if err != nil {
			return d, err
		}
		oldest := last + 1
		if len(first) > 0 {
			oldest = first[0].seq
		}
		from := at.From
		if from == 0 {
			if from, err = since(r, w, span{oldest, last}, at.Since); err != nil {
				return d, err
			}
		}
		switch {
		case w.Audit() && from < oldest: // it is in the archive
		case from < oldest:
			return d, &directory.Error{Code: directory.Expired, Field: "from", Rule: "E2", Message: fmt.Sprintf("event %d is not kept any more; the oldest event is %d", from, oldest)}
		case from > last+1:
			return d, &directory.Error{Code: directory.Invalid, Field: "from", Rule: "E2", Message: fmt.Sprintf("the last event is %d", last)}
		}
		return policy.WebhookPassed(d, from-1), nil
	}})
}

// span is the range of numbers that the store has.
type span struct{ first, last uint64 }

// since finds the number of the first event at or after a time, by bisection. The times of events may go back a little, as clocks do.
func since(r store.Reader, w *directory.Webhook, all span, at time.Time) (uint64, error) {
	low, high := all.first, all.last+1
	for low < high {
		middle := low + (high-low)/2
		events, _, err := entries(r, w, middle-1, 1)
		if err != nil {
			return 0, err
		}
		if len(events) > 0 && events[0].at.Before(at) {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low, nil
}

// Skip skips the event that fails, which must be the one numbered seq, and continues with the next one. NotFound, Forbidden O10;
// Conflict if another event is next.
func (s *Service) Skip(ctx context.Context, p directory.Principal, name string, tenant directory.TenantID, seq uint64) (Progress, error) {
	return s.moveCursor(ctx, p, name, tenant, step{directory.ActionWebhookSkip, func(r store.Reader, w *directory.Webhook, d directory.Delivery) (directory.Delivery, error) {
		if d.FailingSince.IsZero() {
			return d, &directory.Error{Code: directory.Conflict, Field: "seq", Message: "no event of this company fails, so there is nothing to skip"}
		}
		if next := d.Recent; len(next) == 0 || next[len(next)-1].Seq != seq {
			return d, &directory.Error{Code: directory.Conflict, Field: "seq", Message: fmt.Sprintf("event %d is not the one that fails: look at the deliveries of the webhook (drawbridge webhook deliveries %s)", seq, name)}
		}
		if _, last, err := entries(r, w, 0, 0); err != nil || seq > last {
			return d, err
		}
		return policy.WebhookPassed(d, max(d.Cursor, seq)), nil
	}})
}

// A step is one way to move a delivery, and the action that its audit line names.
type step struct {
	action directory.Action
	to     func(store.Reader, *directory.Webhook, directory.Delivery) (directory.Delivery, error)
}

// moveCursor changes the position of a delivery, with an audit line in the record of the tenant.
func (s *Service) moveCursor(ctx context.Context, p directory.Principal, name string, tenant directory.TenantID, by step) (out Progress, err error) {
	w, err := s.Own(ctx, p, name)
	if err != nil {
		return out, err
	}
	if !policy.SeesDelivery(p, tenant) || !w.Attached(tenant) {
		return out, &directory.Error{Code: directory.NotFound, Field: "tenant", Message: fmt.Sprintf("webhook %s gets no events of a tenant %q", w.Name, tenant)}
	}
	if p, err = txn.ForOperator(p, tenant); err != nil {
		return out, err
	}
	err = s.write(ctx, p, func(t *txn.Tx) error {
		now, err := t.Reader.Tenant()
		if err != nil && tenant != directory.Provider {
			return err
		}
		stored, _, err := txn.Get[directory.Delivery](t.Reader, directory.DeliveryKV, w.ID.String())
		if err != nil {
			return err
		}
		before := policy.WebhookDelivery(&w, tenant, stored)
		after, err := by.to(t.Reader, &w, before)
		if err != nil {
			return err
		}
		line := t.Line(by.action, subject(&w))
		line.Before = txn.Document(directory.Attributes{{Name: "after", Value: txn.Number(int(before.Cursor))}})
		line.After = txn.Document(directory.Attributes{{Name: "after", Value: txn.Number(int(after.Cursor))}})
		t.Audit(line)
		if !before.Parked.IsZero() {
			t.Event(directory.WebhookResumed, subject(&w), nil)
		}
		_, last, err := entries(t.Reader, &w, 0, 0)
		if err != nil {
			return err
		}
		out = Progress{Tenant: tenant, Name: strings.Clone(now.Name), Delivery: after, Last: last}
		return put(t, &w, after)
	})
	return out, err
}
