package policy

import (
	"fmt"
	"slices"
	"time"

	"drawbridge/directory"
)

// Bounds of deliveries to webhooks (E3).
const (
	// WebhookRetryTime is how long the delivery of an event is tried.
	WebhookRetryTime = 72 * time.Hour
	// longestWebhookWait is the maximum wait between two attempts, also if a receiver asks for more.
	longestWebhookWait = 8 * time.Hour
	// MaxWebhooks is how many webhooks an installation has at most.
	MaxWebhooks = 200
	// LongestOverlap is how long an old secret may sign in addition to a new one.
	LongestOverlap = 7 * 24 * time.Hour
)

// WebhookAnswer is what an attempt came to.
type WebhookAnswer struct {
	Status     int           // of HTTP; 0: there was no answer
	Error      string        // what failed, in words; "": the event was taken
	RetryAfter time.Duration // how long the receiver asks to wait; 0: it does not ask
}

// Gone reports whether the receiver wants no more events.
func (a *WebhookAnswer) Gone() bool { return a.Status == 410 }

// WebhookDelay is how long to wait after the failed attempt numbered n, beginning with 1. jitter, from 0 to 1, spreads the attempts over
// ±20 %. A receiver may ask for more time, up to eight hours.
func WebhookDelay(n int, jitter float64, retryAfter time.Duration) time.Duration {
	delays := []time.Duration{
		5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour,
	}
	delay := longestWebhookWait
	if n >= 1 && n <= len(delays) {
		delay = delays[n-1]
	}
	return max(jittered(delay, jitter), min(retryAfter, longestWebhookWait))
}

// WebhookWaits reports whether the time of the next attempt is in the future. A time that is further away than the longest wait was noted
// while the clock was ahead, and does not count.
func WebhookWaits(until, now time.Time) bool {
	return ahead(until, now, longestWebhookWait)
}

// WebhookFailed notes a failed attempt to deliver the next event, and decides when to try again, or to give up.
func WebhookFailed(d directory.Delivery, a WebhookAnswer, jitter float64, now time.Time) directory.Delivery {
	d.Attempts++
	d.Error = a.Error
	if d.FailingSince.IsZero() || d.FailingSince.After(now) {
		d.FailingSince = now
	}
	if a.Gone() || now.Sub(d.FailingSince) >= WebhookRetryTime {
		d.Parked, d.Next = now, time.Time{}
		return d
	}
	d.Next = now.Add(WebhookDelay(d.Attempts, jitter, a.RetryAfter))
	if last := d.FailingSince.Add(WebhookRetryTime); d.Next.After(last) {
		d.Next = last
	}
	return d
}

// WebhookPassed moves a delivery to the position after the event numbered seq, and clears its failures.
func WebhookPassed(d directory.Delivery, seq uint64) directory.Delivery {
	d.Cursor = seq
	d.FailingSince, d.Attempts, d.Next, d.Parked, d.Error = time.Time{}, 0, time.Time{}, time.Time{}, ""
	return d
}

// WebhookDelivery is the present delivery of a tenant's events to a webhook: the stored state, unless it belongs to an earlier attachment,
// without failures from before the webhook was resumed.
func WebhookDelivery(w *directory.Webhook, tenant directory.TenantID, stored directory.Delivery) directory.Delivery {
	at := w.Tenants[tenant]
	if stored.Version == 0 || stored.Attached != at.Version {
		return directory.Delivery{Attached: at.Version, Resumes: w.Resumes, Cursor: at.From, Version: stored.Version}
	}
	if stored.Resumes != w.Resumes {
		stored = WebhookPassed(stored, stored.Cursor)
		stored.Resumes = w.Resumes
	}
	return stored
}

// ChannelPause is the least time between two messages to a channel about one tenant. Events of this time go into the next message.
const ChannelPause = 5 * time.Minute

// WebhookWants reports whether a webhook gets an event. A channel gets what a recipient of mail would get.
func WebhookWants(w *directory.Webhook, e *directory.Event) bool {
	if w.Channel() {
		wanted, _ := Notice(&directory.Recipient{Kinds: w.Events}, e)
		return wanted
	}
	return len(w.Events) == 0 || slices.ContainsFunc(w.Events, func(pattern string) bool { return matchesKind(pattern, e.Kind) })
}

// CheckWebhookFormat refuses a format that there is not.
func CheckWebhookFormat(f directory.WebhookFormat) error {
	if slices.Contains([]directory.WebhookFormat{directory.SignedEvents, directory.SignedAudit, directory.Slack, directory.Teams, directory.PlainJSON}, f) {
		return nil
	}
	return &directory.Error{Code: directory.Invalid, Field: "format", Rule: "C11", Message: fmt.Sprintf("there is no format %q: audit is that of audit lines, and slack, teams and json are those of channels", directory.Truncate(string(f), 40))}
}

// CheckWebhookEvents refuses patterns that match no kind of event.
func CheckWebhookEvents(format directory.WebhookFormat, patterns []string) error {
	if format == directory.SignedAudit && len(patterns) > 0 {
		return &directory.Error{Code: directory.Invalid, Field: "events", Rule: "E3", Message: "a webhook of audit lines gets all of them, so that the hash of each line follows from the one before it"}
	}
	if len(patterns) > 100 {
		return &directory.Error{Code: directory.Invalid, Field: "events", Rule: "E3", Message: "a webhook names at most 100 kinds of event"}
	}
	for _, pattern := range patterns {
		if len(pattern) > 100 || pattern == directory.AlertPattern && format == directory.SignedEvents || !KnownKind(pattern) {
			return &directory.Error{Code: directory.Invalid, Field: "events", Rule: "E3", Message: fmt.Sprintf(
				"there is no kind of event %q: docs/events.md lists them, and user.* means all that begin so", directory.Truncate(pattern, 100))}
		}
	}
	return nil
}

// WebhookScope is the scope that an operator needs to manage a webhook.
func WebhookScope(w *directory.Webhook) directory.Scope {
	out := directory.Scope{All: w.All}
	if !w.All {
		for tenant := range w.Tenants {
			out.Tenants = append(out.Tenants, tenant)
		}
	}
	return out
}

// SeesWebhook reports whether a webhook exists for p: it gets events of a tenant in the scope.
func SeesWebhook(p directory.Principal, w *directory.Webhook) bool {
	return seesIntegration(p, WebhookScope(w))
}

// ManageWebhook refuses to change a webhook that gets events of a tenant outside the scope of p (O10), or audit lines that p may not read (O1).
func ManageWebhook(p directory.Principal, w *directory.Webhook) error {
	if err := manageIntegration(p, WebhookScope(w), "webhook "+w.Name+" gets events"); err != nil {
		return err
	}
	return ReadsAudit(p, w)
}

// ReadsAudit refuses a webhook of audit lines to who may not read them: it would read them for its owner.
func ReadsAudit(p directory.Principal, w *directory.Webhook) error {
	if !w.Audit() || p.Actor.Kind == directory.BySystem {
		return nil
	}
	if err := AllowList(p.Access, directory.TenantRecord); err != nil {
		return err
	}
	if w.Attached(directory.Provider) {
		return AllowList(p.Access, directory.ProviderRecord)
	}
	return nil
}

// SeesDelivery reports whether a list may show p the deliveries of a tenant, or those of the installation.
func SeesDelivery(p directory.Principal, tenant directory.TenantID) bool {
	return Sees(p, tenant) || tenant == directory.Provider && p.Access.Scope.All
}
