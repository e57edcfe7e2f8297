package push

import (
	"context"
	"time"

	"drawbridge/bridge/webhooks"
	"drawbridge/directory"
	"drawbridge/policy"
)

// sizeOf is how many events are read at a time.
func sizeOf(w *directory.Webhook) int {
	if w.Channel() { // they become one message
		return digestSize
	}
	return batchSize
}

// outcome says when to look at a tenant again: at once, at a time, or after the next event.
type outcome struct {
	again bool
	due   time.Time
	slow  bool // events of the tenant probably change nothing
}

// round delivers one batch of a tenant's events to a webhook.
type round struct {
	e      *endpoint
	s      *Service
	w      *directory.Webhook
	tenant directory.TenantID
	lane   *lane

	d     directory.Delivery
	dirty bool // d has more than the store
	saved time.Time
}

func (r *round) do(ctx context.Context) outcome {
	if gap, gone := r.w.Gap(r.tenant); gone {
		return r.gap(ctx, gap)
	}
	batch, err := r.s.cfg.Webhooks.Next(ctx, r.w, r.tenant, sizeOf(r.w))
	switch {
	case err != nil:
		return r.storeFailed(ctx, err)
	case !batch.Served:
		return outcome{}
	case !batch.Begun:
		if err := r.s.cfg.Webhooks.Begin(ctx, r.w, r.tenant); err != nil {
			return r.storeFailed(ctx, err)
		}
		return outcome{again: true}
	case !r.w.Live() || !batch.Delivery.Parked.IsZero():
		return outcome{slow: true}
	case policy.WebhookWaits(batch.Delivery.Next, r.s.cfg.Now()):
		return outcome{due: batch.Delivery.Next, slow: true}
	}
	r.d, r.saved = batch.Delivery, r.s.cfg.Now()
	return r.batch(ctx, &batch)
}

// gap tells the receiver what it did not get of a tenant whose data was deleted. It is tried until the receiver takes it or the webhook is
// deleted; nothing of the attempts is kept, because the tenant is gone.
func (r *round) gap(ctx context.Context, gap directory.MissedEvents) outcome {
	if !r.w.Live() {
		return outcome{slow: true}
	}
	now := r.s.cfg.Now()
	m, err := gapMessage(gap.Tenant, gap.From, gap.To, now)
	if err != nil || ctx.Err() != nil || !r.s.cfg.Leads() {
		return outcome{due: now.Add(storeRetry)}
	}
	_, answer := r.s.send(ctx, r.w, m, r.lane.gaps+1)
	r.s.cfg.Metrics.attempt(r.w.Name, &answer)
	r.e.note(&answer)
	if answer.Error != "" {
		r.lane.gaps++
		return outcome{due: r.s.cfg.Now().Add(policy.WebhookDelay(r.lane.gaps, r.s.cfg.Jitter(), answer.RetryAfter)), slow: true}
	}
	if err := r.s.cfg.Webhooks.GapTold(ctx, r.w, r.tenant); err != nil {
		return r.storeFailed(ctx, err)
	}
	return outcome{}
}

// storeFailed is the outcome of errors of the store, after which the round is tried again.
func (r *round) storeFailed(ctx context.Context, err error) outcome {
	if directory.CodeOf(err) == directory.Stale { // an operator or another process changed it
		return outcome{again: true}
	}
	if ctx.Err() == nil && !directory.IsTenantGone(err) {
		r.s.cfg.Logger.WarnContext(ctx, "the deliveries to a webhook cannot be read or written; it is tried again", "webhook", r.w.Name, "tenant", r.tenant, "error", err)
	}
	return outcome{due: r.s.cfg.Now().Add(storeRetry)}
}

func (r *round) batch(ctx context.Context, b *webhooks.Batch) outcome {
	if r.lane.version == r.d.Version {
		r.d.Cursor = max(r.d.Cursor, r.lane.passed)
	}
	switch {
	case r.w.Channel():
		return r.notices(ctx, b)
	case r.w.Audit():
		return r.lines(ctx, b)
	}
	for i := range b.Events {
		e := &b.Events[i]
		if e.Seq <= r.d.Cursor {
			continue
		}
		if e.Seq > r.d.Cursor+1 {
			m, err := gapMessage(r.tenant, r.d.Cursor+1, e.Seq-1, r.s.cfg.Now())
			if done, next := r.deliver(ctx, m, err); !done {
				return next
			}
		}
		if !policy.WebhookWants(r.w, e) {
			r.d.Cursor = e.Seq
			continue
		}
		m, err := eventMessage(e)
		if done, next := r.deliver(ctx, m, err); !done {
			return next
		}
	}
	return r.end(ctx, b)
}

// lines sends the audit lines of a batch.
func (r *round) lines(ctx context.Context, b *webhooks.Batch) outcome {
	if b.Blocked != "" {
		return r.failed(ctx, policy.WebhookAnswer{Error: b.Blocked}, r.s.cfg.Now().UTC())
	}
	for i := range b.Lines {
		a := &b.Lines[i]
		if a.Seq <= r.d.Cursor {
			continue
		}
		m, err := lineMessage(a)
		if done, next := r.deliver(ctx, m, err); !done {
			return next
		}
	}
	return r.end(ctx, b)
}

// notices sends the events of a batch that a channel gets as one message.
func (r *round) notices(ctx context.Context, b *webhooks.Batch) outcome {
	n := digest{tenant: r.tenant}
	last := r.d.Cursor
	for i := range b.Events {
		e := &b.Events[i]
		if e.Seq <= last {
			continue
		}
		n.missed += e.Seq - last - 1
		if last = e.Seq; policy.WebhookWants(r.w, e) {
			n.events = append(n.events, e)
		}
	}
	if len(n.events) == 0 && n.missed == 0 {
		r.d.Cursor = last
		return r.end(ctx, b)
	}
	m, err := n.message(r.w.Format, last)
	if done, next := r.deliver(ctx, m, err); !done {
		return next
	}
	r.d.Next = r.s.cfg.Now().UTC().Add(policy.ChannelPause)
	if err := r.save(ctx); err != nil {
		return r.storeFailed(ctx, err)
	}
	return outcome{due: r.d.Next, slow: true}
}

// end stores what the batch came to.
func (r *round) end(ctx context.Context, b *webhooks.Batch) outcome {
	now := r.s.cfg.Now()
	more := b.Last > r.d.Cursor
	passed := r.d.Cursor > b.Delivery.Cursor && !r.dirty
	if passed && len(b.Events) < sizeOf(r.w) {
		if r.lane.version != r.d.Version {
			r.lane.passedSince = now
		}
		r.lane.passed, r.lane.version = r.d.Cursor, r.d.Version
		if now.Sub(r.lane.passedSince).Abs() < lazySave { // a clock that was ahead does not put it off for longer
			return outcome{again: more, due: r.lane.passedSince.Add(lazySave)}
		}
	}
	if r.dirty || passed {
		if err := r.save(ctx); err != nil {
			return r.storeFailed(ctx, err)
		}
	}
	return outcome{again: more}
}

// deliver sends one message. done reports whether the receiver accepted it; otherwise the round ends with next.
func (r *round) deliver(ctx context.Context, m message, err error) (done bool, next outcome) {
	if err != nil {
		return false, r.storeFailed(ctx, err)
	}
	if ctx.Err() != nil || !r.s.cfg.Leads() {
		return false, r.interrupted(ctx)
	}
	attempt, answer := r.s.send(ctx, r.w, m, r.d.Attempts+1)
	if answer.Error != "" && ctx.Err() != nil { // this process gave up the request, not the receiver
		return false, r.interrupted(ctx)
	}
	r.d.Recent = append(r.d.Recent, attempt)
	r.dirty = true
	r.s.cfg.Metrics.attempt(r.w.Name, &answer)
	r.e.note(&answer)
	now := r.s.cfg.Now().UTC()
	r.d.Sent = r.d.Sent.Join(directory.OnceAt(now))
	if answer.Error != "" {
		return false, r.failed(ctx, answer, now)
	}
	r.d = policy.WebhookPassed(r.d, m.seq)
	r.d.Delivered++
	r.d.Success, r.d.Taken = now, r.d.Taken.Join(directory.OnceAt(now))
	if now.Sub(r.saved) >= saveEvery {
		if err := r.save(ctx); err != nil {
			return false, r.storeFailed(ctx, err)
		}
	}
	return true, outcome{}
}

// interrupted stores what was delivered before the process was told to stop.
func (r *round) interrupted(ctx context.Context) outcome {
	if r.dirty {
		if err := r.save(ctx); err != nil {
			return r.storeFailed(ctx, err)
		}
	}
	return outcome{due: r.s.cfg.Now().Add(storeRetry)}
}

func (r *round) save(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTime)
	defer cancel()
	d, err := r.s.cfg.Webhooks.Save(ctx, r.w, r.tenant, r.d)
	if err == nil {
		r.d, r.dirty, r.saved = d, false, r.s.cfg.Now()
	}
	return err
}

// failed stores a failed attempt, and when it is tried again.
func (r *round) failed(ctx context.Context, answer policy.WebhookAnswer, now time.Time) outcome {
	r.d = policy.WebhookFailed(r.d, answer, r.s.cfg.Jitter(), now)
	log := r.s.cfg.Logger.With("webhook", r.w.Name, "host", webhooks.Host(r.w.URL), "tenant", r.tenant, "after", r.d.Cursor, "attempts", r.d.Attempts, "reason", r.d.Error)
	if r.d.Parked.IsZero() {
		if r.d.Attempts == 1 {
			log.InfoContext(ctx, "a webhook did not take an event; it is tried again", "next", r.d.Next)
		}
		if err := r.save(ctx); err != nil {
			return r.storeFailed(ctx, err)
		}
		return outcome{due: r.d.Next, slow: true}
	}
	whole, err := r.dead(ctx, answer)
	if err == nil && whole {
		err = r.s.cfg.Webhooks.ParkAll(ctx, r.w, r.d)
	}
	if err == nil {
		err = r.s.cfg.Webhooks.Park(ctx, r.w, r.tenant, r.d)
	}
	if err != nil {
		return r.storeFailed(ctx, err)
	}
	log.WarnContext(ctx, "deliveries to a webhook were given up; its events wait until an operator resumes it", "whole", whole)
	return outcome{slow: true}
}

// dead reports whether the webhook has accepted no event of any tenant since this one began to fail.
func (r *round) dead(ctx context.Context, answer policy.WebhookAnswer) (bool, error) {
	if answer.Gone() {
		return true, nil
	}
	all, err := r.s.cfg.Webhooks.Progress(ctx, directory.JobPrincipal("webhooks"), r.w.Name)
	return webhooks.Sum(r.w, all).Success.Before(r.d.FailingSince), err
}
